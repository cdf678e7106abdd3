//! What is promised about every text that parses and about every change of it, each promise as a function that panics where it
//! does not hold. The properties try them on varied fixtures, the fuzzer on bytes of its own.

use super::{Model, comment_texts, way};
use samwire::syntax::{
    Change, Document, Fragment, FragmentEntry, Insertion, NodeId, NodeKind, Place, ScalarStyle, lower,
};
use samwire::text::Source;
use std::collections::BTreeMap;
use std::path::Path;

/// A byte order mark inside a text is content until an edit makes it the first character, so it is left out.
pub fn document(path: &Path, text: &str) -> Option<Document> {
    if text.char_indices().any(|(at, c)| at > 0 && c == '\u{feff}') {
        return None;
    }
    let source = Source::new(path, text.as_bytes().to_vec()).ok()?;
    Document::parse(source).ok()
}

/// The document that edits lead to. Braces whose first key is in quotes now count as JSON and may be none; a plan refuses
/// such a result, and here it promises nothing.
fn again(doc: &Document, path: &Path, text: &str) -> Option<Document> {
    let source = Source::new(path, text.as_bytes().to_vec()).expect("text stays text");
    let same = source.format() == doc.source().format();
    same.then(|| Document::parse(source).unwrap_or_else(|error| panic!("{error}\n{text}")))
}

/// The bytes outside of all scalars, tags and comments are punctuation and blanks.
pub fn check_gaps(doc: &Document) {
    let mut explained = vec![false; doc.source().text().len()];
    let mut explain = |range: std::ops::Range<usize>| explained[range].fill(true);
    for id in doc.ids() {
        let node = doc.node(id);
        let parts = [node.tag, node.anchor, (!node.is_collection()).then_some(node.span)];
        parts.into_iter().flatten().for_each(|span| explain(span.range()));
    }
    doc.comments().iter().for_each(|comment| explain(comment.span.range()));
    let body = doc.source().bom_len() as usize;
    let mut rest: String = String::new();
    for (at, c) in doc.source().text().char_indices().filter(|(at, _)| *at >= body) {
        rest.push(if explained[at] { ' ' } else { c });
    }
    // Directives and document markers stand on lines of their own.
    let rest: String =
        rest.split(['\n', '\r']).filter(|line| !line.starts_with('%')).collect::<Vec<_>>().join("\n");
    let rest = rest.replace("---", "").replace("...", "");
    assert!(rest.chars().all(|c| " \t\r\n-?:,[]{}".contains(c)), "unexplained: {rest:?}");
}

/// What the text of a scalar decodes to on its own.
pub fn check_scalars(doc: &Document) {
    for id in doc.ids() {
        let node = doc.node(id);
        let NodeKind::Scalar(style) = node.kind else { continue };
        let text = doc.source().slice(node.span);
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            assert!(text.starts_with(['|', '>']), "{text:?}");
            continue;
        }
        // On its own this could be a key or a block scalar.
        if style == ScalarStyle::Plain && (text.ends_with(':') || text.starts_with(['|', '>', '?', ':', '-']))
        {
            continue;
        }
        // Indented as a value of a mapping, so that continuation lines are deeper than their parent.
        let lines = text.replace("\r\n", "\n").replace('\r', "\n");
        let alone: String = lines.split('\n').map(|line| format!("  {line}\n")).collect();
        let again = document(Path::new("t.yaml"), &format!("k:\n{alone}"));
        let value =
            again.as_ref().and_then(|doc| doc.get(doc.root(), "k").map(|id| doc.node(id).value.clone()));
        assert_eq!(value.as_deref(), Some(node.value.as_str()), "{text:?}");
    }
}

pub fn check_spans(doc: &Document) {
    for id in doc.ids() {
        let node = doc.node(id);
        assert!(doc.source().text().get(node.span.range()).is_some());
        assert_eq!(doc.resolve(doc.resolve(id)), doc.resolve(id));
        if let Some(parent) = node.parent {
            assert!(doc.node(parent).span.contains(doc.full_span(id)));
            assert!(parent < id);
        }
        let mut end = node.span.start;
        for entry in &node.entries {
            for child in entry.key.into_iter().chain([entry.value]) {
                let span = doc.full_span(child);
                assert!(end <= span.start, "entries out of order");
                end = span.end;
            }
        }
    }
}

/// A route leads back to its node, where keys are scalars and none is there twice.
pub fn check_routes(doc: &Document) {
    let entries = doc.ids().flat_map(|id| doc.node(id).entries.clone());
    let simple = entries.filter_map(|entry| entry.key).all(|key| doc.node(key).is_scalar());
    if simple && doc.duplicates().is_empty() {
        for id in doc.ids().filter(|id| way(doc, *id).is_some()) {
            assert_eq!(doc.at(&doc.route(id)), Some(id), "{} leads elsewhere", doc.route(id));
        }
    }
}

/// Removes and inserts at one place, if that is allowed, and looks at what became of the rest.
pub fn check_change(doc: &Document, path: &Path, choice: usize) {
    let all: Vec<_> =
        doc.ids().flat_map(|id| (0..doc.node(id).entries.len()).map(move |i| (id, i))).collect();
    let Some(&(collection, index)) = all.get(choice % all.len().max(1)) else { return };
    let Some(way) = way(doc, collection) else { return };
    let mut changes = vec![Change::Remove { collection, index }];
    let mut expected = Model::document(doc);
    let new = Model::Scalar { tag: None, value: "new".into(), plain: true };
    let inserts = matches!(expected.descend(&way), Model::Sequence { .. });
    if inserts {
        let entries = Insertion::Items(vec![Fragment::scalar("new")]);
        changes.push(Change::Insert {
            collection,
            place: Place::Last,
            entries,
            blank_line_before: choice.is_multiple_of(2),
        });
    }
    expected.descend(&way).remove(index);
    let Ok(set) = lower(doc, &changes) else { return };
    let text = set.apply(doc.source().text()).expect("edits fit");
    let Some(after) = again(doc, path, &text) else { return };
    let mut found = Model::document(&after);
    if inserts {
        // It may have quotes, as its surroundings have.
        let last = doc.node(collection).entries.len() - 1;
        let inserted = found.descend(&way).remove(last);
        assert!(inserted.is_some_and(|inserted| inserted.reads_as(&new)), "{text}");
    }
    assert_eq!(found, expected, "{text}");
    let mut comments = comment_texts(&after);
    let owned = doc.owned_comments(collection, index);
    comments.extend(owned.iter().map(|c| doc.source().slice(doc.comments()[*c].span).trim_end().to_owned()));
    comments.sort();
    assert_eq!(comments, comment_texts(doc), "{text}");
}

/// Puts a copy of one node, and a new value, in a place of another.
pub fn check_writing(doc: &Document, path: &Path, from: usize, to: usize, kind: usize) {
    let values: Vec<_> = doc.ids().filter(|id| way(doc, *id).is_some_and(|way| !way.is_empty())).collect();
    let (Some(&source), Some(&target)) =
        (values.get(from % values.len().max(1)), values.get(to % values.len().max(1)))
    else {
        return;
    };
    let way = way(doc, target).expect("a value");
    let list = Fragment::list([Fragment::scalar("no"), Fragment::Copy(source)]);
    let list_model = |copy: Model| {
        let first = Model::Scalar { tag: None, value: "no".into(), plain: false };
        Model::Sequence { tag: None, items: vec![first, copy] }
    };
    let copy = Model::of(doc, source);
    let map = Fragment::map([("a", Fragment::Copy(source)), ("b", Fragment::scalar("x: z"))]);
    let map_model = |copy: Model| {
        let scalar = |value: &str| Model::Scalar { tag: None, value: value.into(), plain: false };
        Model::Mapping { tag: None, entries: vec![(scalar("a"), copy), (scalar("b"), scalar("x: z"))] }
    };
    let (fragment, model) = match kind % 3 {
        0 => (Fragment::Copy(source), copy),
        1 => (list, list_model(copy)),
        _ => (map, map_model(copy)),
    };
    let parent = doc.node(target).parent.expect("no root");
    let index = doc.index_in_parent(target).expect("no root");
    let mut expected = Model::document(doc);
    *expected.descend(&way) = model;
    let (change, lost) = match kind % 2 {
        0 => {
            let change = Change::ReplaceValue { node: target, value: fragment };
            (change, doc.comments_within(doc.full_span(target)))
        }
        _ => {
            let change = Change::ReplaceItem { collection: parent, index, value: vec![fragment] };
            (change, doc.owned_comments(parent, index))
        }
    };
    let Ok(set) = lower(doc, std::slice::from_ref(&change)) else { return };
    let text = set.apply(doc.source().text()).expect("edits fit");
    let Some(after) = again(doc, path, &text) else { return };
    assert_eq!(Model::document(&after).without_styles(), expected.without_styles(), "{change:?}\n{text}");
    let mut comments = comment_texts(&after);
    comments.extend(lost.iter().map(|c| doc.source().slice(doc.comments()[*c].span).trim_end().to_owned()));
    let mut wanted = comment_texts(doc);
    let copied = doc.comments_within(doc.full_span(source));
    wanted.extend(copied.iter().map(|c| doc.source().slice(doc.comments()[*c].span).trim_end().to_owned()));
    comments.sort();
    wanted.sort();
    assert_eq!(comments, wanted, "{change:?}\n{text}");
}

/// One change of a batch: what to do with the entry that a number chooses.
#[derive(Clone, Debug)]
pub enum Step {
    Remove,
    Replace,
    InsertBefore(bool),
    InsertAfter(bool),
}

/// The changes of a batch, those of one collection by position, and the tree that they ask for.
fn batch(doc: &Document, steps: &[(usize, Step)]) -> Option<(Vec<Change>, Model)> {
    let entries: Vec<_> = doc
        .ids()
        .filter(|id| way(doc, *id).is_some())
        .flat_map(|id| (0..doc.node(id).entries.len()).map(move |index| (id, index)))
        .collect();
    let chosen = |choice: &usize| entries.get(choice % entries.len().max(1)).copied();
    let scalar = |value: String| Model::Scalar { tag: None, value, plain: false };
    let mut changes = Vec::new();
    let mut asked: BTreeMap<NodeId, BTreeMap<(usize, usize), Vec<String>>> = BTreeMap::new();
    for (number, (choice, step)) in steps.iter().enumerate() {
        let (collection, index) = chosen(choice)?;
        let name = format!("New{number}");
        let new = match doc.node(collection).kind {
            NodeKind::Sequence => Insertion::Items(vec![Fragment::scalar(&name)]),
            _ => Insertion::Entries(vec![FragmentEntry::new(&name, Fragment::scalar(&name))]),
        };
        let (place, blank_line_before) = match step {
            Step::Remove => {
                changes.push(Change::Remove { collection, index });
                asked.entry(collection).or_default().insert((index, 1), Vec::new());
                continue;
            }
            Step::Replace => {
                changes.push(Change::ReplaceItem { collection, index, value: vec![Fragment::scalar(&name)] });
                asked.entry(collection).or_default().insert((index, 1), vec![name]);
                continue;
            }
            Step::InsertBefore(blank) => (Place::Before(index), *blank),
            Step::InsertAfter(blank) => (Place::After(index), *blank),
        };
        changes.push(Change::Insert { collection, place, entries: new, blank_line_before });
        let side = if matches!(place, Place::Before(_)) { 0 } else { 2 };
        asked.entry(collection).or_default().entry((index, side)).or_default().push(name);
    }
    let mut expected = Model::document(doc);
    // Deeper collections come later in the document, and positions above them must still be the old ones.
    for (collection, asked) in asked.iter().rev() {
        let names = |index: usize, side: usize| asked.get(&(index, side)).cloned().unwrap_or_default();
        let replaced = |index: usize| asked.get(&(index, 1)).cloned();
        match expected.descend(&way(doc, *collection)?) {
            Model::Sequence { items, .. } => {
                let old = std::mem::take(items);
                for (index, item) in old.into_iter().enumerate() {
                    items.extend(names(index, 0).into_iter().map(scalar));
                    match replaced(index) {
                        Some(names) => items.extend(names.into_iter().map(scalar)),
                        None => items.push(item),
                    }
                    items.extend(names(index, 2).into_iter().map(scalar));
                }
            }
            Model::Mapping { entries, .. } => {
                let pair = |name: String| (scalar(name.clone()), scalar(name));
                let old = std::mem::take(entries);
                for (index, (key, value)) in old.into_iter().enumerate() {
                    entries.extend(names(index, 0).into_iter().map(pair));
                    match replaced(index) {
                        Some(names) => {
                            entries.extend(names.into_iter().map(|name| (key.clone(), scalar(name))))
                        }
                        None => entries.push((key, value)),
                    }
                    entries.extend(names(index, 2).into_iter().map(pair));
                }
            }
            _ => return None,
        }
    }
    Some((changes, expected))
}

/// Applies a batch, in two orders where that may not matter.
pub fn check_batch(doc: &Document, path: &Path, steps: &[(usize, Step)]) {
    let Some((changes, expected)) = batch(doc, steps) else { return };
    let Ok(set) = lower(doc, &changes) else { return };
    let text = set.apply(doc.source().text()).expect("edits fit");
    let Some(after) = again(doc, path, &text) else { return };
    assert_eq!(Model::document(&after).without_styles(), expected.without_styles(), "{changes:#?}\n{text}");
    let unfinished = |text: &str| !text.ends_with(['\n', '\r']);
    assert_eq!(unfinished(doc.source().text()), unfinished(&text), "{changes:#?}\n{text}");
    let mut places: Vec<_> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Insert { collection, place, .. } => Some(format!("{collection:?} {place:?}")),
            _ => None,
        })
        .collect();
    let inserts = places.len();
    places.sort();
    places.dedup();
    if places.len() == inserts {
        let backwards: Vec<_> = changes.iter().rev().cloned().collect();
        let again = lower(doc, &backwards).expect("the order has no influence");
        assert_eq!(again.apply(doc.source().text()).expect("edits fit"), text, "{changes:#?}");
    }
}

//! Removes each entry of each file, and inserts one behind it; parses the result again and compares the whole
//! tree and all comments with what was asked for.

#![allow(clippy::print_stdout, reason = "the figures of a run, for those who ask with --nocapture")]

mod syntax_support;

use samwire::syntax::{Change, Document, Fragment, FragmentEntry, Insertion, NodeId, Place, Refusal, lower};
use samwire::text::Format;
use std::collections::BTreeMap;
use std::path::Path;
use syntax_support::{Model, comment_texts, files, parse, way};

/// Most entries of a file that are tried, spread over it, since each try parses the whole file; `SAMWIRE_ENTRIES`
/// asks for more.
fn entries_per_file() -> usize {
    std::env::var("SAMWIRE_ENTRIES").ok().and_then(|count| count.parse().ok()).unwrap_or(40)
}

#[derive(Default)]
struct Tally {
    edits: usize,
    refused: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Tally {
    fn refuse(&mut self, kind: &str, refusal: &Refusal) {
        *self.refused.entry(format!("{kind}: {refusal}")).or_default() += 1;
    }

    fn fail(&mut self, path: &Path, what: String) {
        self.failures.push(format!("{}: {what}", path.display()));
    }
}

fn entries(doc: &Document) -> Vec<(NodeId, usize)> {
    let all: Vec<_> =
        doc.ids().flat_map(|id| (0..doc.node(id).entries.len()).map(move |index| (id, index))).collect();
    let every = all.len().div_ceil(entries_per_file()).max(1);
    all.into_iter().step_by(every).collect()
}

/// What a change should come to.
struct Expected {
    /// The whole tree, scalar styles included, but for what is new.
    rest: Model,
    /// The new entry: the way to its collection, its position and what it reads as.
    new: Option<(Vec<usize>, usize, Model)>,
    /// The comments that go.
    lost: Vec<usize>,
}

impl Expected {
    fn is(&self, mut found: Model) -> bool {
        let new = self.new.as_ref().is_none_or(|(way, position, wanted)| {
            let new = found.descend(way).remove(*position);
            new.is_some_and(|new| new.reads_as(wanted))
        });
        new && found == self.rest
    }
}

/// Applies one change and checks tree and comments.
fn check(doc: &Document, path: &Path, change: Change, expected: &Expected, tally: &mut Tally) {
    let kind = if expected.new.is_none() { "remove" } else { "insert" };
    let set = match lower(doc, std::slice::from_ref(&change)) {
        Ok(set) => set,
        Err(error) => return tally.refuse(kind, &error.reason),
    };
    tally.edits += 1;
    let text = set.apply(doc.source().text()).expect("edits fit");
    let unfinished = |text: &str| !text.ends_with(['\n', '\r']);
    if unfinished(doc.source().text()) != unfinished(&text) {
        tally.fail(path, format!("{change:?}: the final line break changed"));
    }
    let after = match parse(path, text.into_bytes()) {
        Ok(after) => after,
        Err(error) => return tally.fail(path, format!("{change:?}: {error}")),
    };
    if !expected.is(Model::document(&after)) {
        return tally.fail(path, format!("{change:?}: wrong tree"));
    }
    let mut kept = comment_texts(&after);
    kept.extend(
        expected.lost.iter().map(|c| doc.source().slice(doc.comments()[*c].span).trim_end().to_owned()),
    );
    kept.sort();
    if kept != comment_texts(doc) {
        tally.fail(path, format!("{change:?}: comments differ"));
    }
}

fn remove(doc: &Document, path: &Path, collection: NodeId, index: usize, tally: &mut Tally) {
    let Some(way) = way(doc, collection) else { return };
    let mut rest = Model::document(doc);
    rest.descend(&way).remove(index);
    let expected = Expected { rest, new: None, lost: doc.owned_comments(collection, index) };
    check(doc, path, Change::Remove { collection, index }, &expected, tally);
}

/// A value with a list, a tag and a text that needs quotes, as far as the notation has them.
fn sample(doc: &Document) -> (Fragment, Model) {
    let json = doc.source().format() == Format::Json;
    let plain = |value: &str| Model::Scalar { tag: None, value: value.into(), plain: !json };
    let quoted = |value: &str| Model::Scalar { tag: None, value: value.into(), plain: false };
    let fragment = Fragment::map([
        ("Id", Fragment::scalar("Orders")),
        ("List", Fragment::list([Fragment::scalar("a"), Fragment::scalar("2012-10-17")])),
    ]);
    let list = Model::Sequence { tag: None, items: vec![plain("a"), quoted("2012-10-17")] };
    let model =
        Model::Mapping { tag: None, entries: vec![(plain("Id"), plain("Orders")), (plain("List"), list)] };
    (fragment, model)
}

fn insert(doc: &Document, path: &Path, collection: NodeId, place: Place, position: usize, tally: &mut Tally) {
    let Some(way) = way(doc, collection) else { return };
    let (fragment, model) = sample(doc);
    let json = doc.source().format() == Format::Json;
    let mut rest = Model::document(doc);
    let (entries, model) = match rest.descend(&way) {
        Model::Sequence { .. } => (Insertion::Items(vec![fragment]), model),
        Model::Mapping { .. } => {
            let key = Model::Scalar { tag: None, value: "ToOrders".into(), plain: !json };
            let entry = Model::Mapping { tag: None, entries: vec![(key, model)] };
            (Insertion::Entries(vec![FragmentEntry::new("ToOrders", fragment)]), entry)
        }
        _ => return,
    };
    let change = Change::Insert { collection, place, entries, blank_line_before: position % 2 == 1 };
    let expected = Expected { rest, new: Some((way, position, model)), lost: Vec::new() };
    check(doc, path, change, &expected, tally);
}

/// Tries every entry of a document, or every few of a large one.
fn check_document(doc: &Document, path: &Path, tally: &mut Tally) {
    for (collection, index) in entries(doc) {
        remove(doc, path, collection, index, tally);
        insert(doc, path, collection, Place::After(index), index + 1, tally);
        if index % 3 == 0 {
            insert(doc, path, collection, Place::Before(index), index, tally);
        }
    }
}

fn report(tally: &Tally) {
    println!("{} edits; refused: {:#?}", tally.edits, tally.refused);
    let shown: Vec<_> = tally.failures.iter().take(20).collect();
    assert!(tally.failures.is_empty(), "{} failures, such as {shown:#?}", tally.failures.len());
}

#[test]
fn every_entry_can_go_and_every_place_can_take_one() {
    let mut tally = Tally::default();
    for path in files() {
        if let Ok(doc) = parse(&path, std::fs::read(&path).expect("readable")) {
            check_document(&doc, &path, &mut tally);
        }
    }
    report(&tally);
}

/// A comment above every line, in its column, and behind every few lines that a comment can follow.
fn commented(text: &str) -> String {
    let mut out = String::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let indent = &line[..line.len() - line.trim_start_matches(' ').len()];
        if number % 5 < 3 && !line.trim().is_empty() {
            let deeper = if number % 5 == 2 { "  " } else { "" };
            out.push_str(&format!("{indent}{deeper}# above {number}\n"));
        }
        out.push_str(line);
    }
    out
}

#[test]
fn comments_everywhere_are_neither_lost_nor_swallowed() {
    let mut tally = Tally::default();
    for (number, path) in files().into_iter().enumerate() {
        let text = String::from_utf8(std::fs::read(&path).expect("readable")).expect("UTF-8");
        // Every file of the fixtures, and a part of the corpus.
        let chosen = path.to_string_lossy().contains("lossless") || number % 7 == 0;
        if !chosen || path.extension().is_some_and(|e| e == "json") {
            continue;
        }
        if let Ok(doc) = parse(&path, commented(&text).into_bytes()) {
            check_document(&doc, &path, &mut tally);
        }
    }
    report(&tally);
}

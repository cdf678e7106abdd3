//! Removes each entry of each file, and inserts one behind it; parses the result again and compares the whole
//! tree and all comments with what was asked for.

mod syntax_support;

use samwire::syntax::{
    Change, Document, Fragment, FragmentEntry, Insertion, NodeId, NodeKind, Place, Refusal, lower,
};
use samwire::text::Format;
use std::collections::BTreeMap;
use std::path::Path;
use syntax_support::{Model, comment_texts, files, parse, way};

/// Files above this size are tried at every few entries only, since each try parses the whole file.
const ENTRIES_PER_FILE: usize = 250;

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
    let every = all.len().div_ceil(ENTRIES_PER_FILE).max(1);
    all.into_iter().step_by(every).collect()
}

/// Applies one change and checks tree and comments.
fn check(doc: &Document, path: &Path, change: Change, expected: &Model, lost: &[usize], tally: &mut Tally) {
    let kind = if matches!(change, Change::Remove { .. }) { "remove" } else { "insert" };
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
    if Model::document(&after) != *expected {
        return tally.fail(path, format!("{change:?}: wrong tree"));
    }
    let mut kept = comment_texts(&after);
    kept.extend(lost.iter().map(|c| doc.source().slice(doc.comments()[*c].span).trim_end().to_owned()));
    kept.sort();
    if kept != comment_texts(doc) {
        tally.fail(path, format!("{change:?}: comments differ"));
    }
}

fn remove(doc: &Document, path: &Path, collection: NodeId, index: usize, tally: &mut Tally) {
    let Some(way) = way(doc, collection) else { return };
    let mut expected = Model::document(doc);
    expected.descend(&way).remove(index);
    let owned = doc.owned_comments(collection, index);
    check(doc, path, Change::Remove { collection, index }, &expected, &owned, tally);
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
    let mut expected = Model::document(doc);
    let entries = match expected.descend(&way) {
        Model::Sequence { items, .. } => {
            items.insert(position, model);
            Insertion::Items(vec![fragment])
        }
        Model::Mapping { entries, .. } => {
            let key = Model::Scalar { tag: None, value: "ToOrders".into(), plain: !json };
            entries.insert(position, (key, model));
            Insertion::Entries(vec![FragmentEntry::new("ToOrders", fragment)])
        }
        _ => return,
    };
    let change = Change::Insert { collection, place, entries, blank_line_before: position % 2 == 1 };
    check(doc, path, change, &expected, &[], tally);
}

#[test]
fn every_entry_can_go_and_every_place_can_take_one() {
    let mut tally = Tally::default();
    for path in files() {
        let Ok(doc) = parse(&path, std::fs::read(&path).expect("readable")) else { continue };
        for (collection, index) in entries(&doc) {
            let node = doc.node(collection);
            remove(&doc, &path, collection, index, &mut tally);
            insert(&doc, &path, collection, Place::After(index), index + 1, &mut tally);
            if index % 3 == 0 {
                insert(&doc, &path, collection, Place::Before(index), index, &mut tally);
            }
            assert!(matches!(node.kind, NodeKind::Mapping | NodeKind::Sequence));
        }
    }
    println!("{} edits; refused: {:#?}", tally.edits, tally.refused);
    let shown: Vec<_> = tally.failures.iter().take(20).collect();
    assert!(tally.failures.is_empty(), "{} failures, such as {shown:#?}", tally.failures.len());
}

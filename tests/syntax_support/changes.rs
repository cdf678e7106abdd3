//! Changes by path, and what they make of a text with every kind of line break: the words in which the tests of changes
//! are written. Knows no single case.

use super::parse;
use samwire::syntax::{
    Change, ChangeError, Document, Fragment, FragmentEntry, Insertion, NodeId, Place, Route, lower,
};
use std::path::Path;

/// The node at `Resources.Fn.0.Key`, numbers being positions.
pub fn at(doc: &Document, path: &str) -> NodeId {
    let mut route = Route::new();
    for step in path.split('.').filter(|step| !step.is_empty()) {
        match step.parse::<usize>() {
            Ok(index) => route.push(index),
            Err(_) => route.push(step),
        }
    }
    doc.at(&route).unwrap_or_else(|| panic!("nothing at {path}"))
}

/// Removes the entry at a path.
pub fn remove(doc: &Document, path: &str) -> Change {
    let node = at(doc, path);
    Change::Remove {
        collection: doc.node(node).parent.expect("no root"),
        index: doc.index_in_parent(node).expect("no root"),
    }
}

pub fn replace(doc: &Document, path: &str, value: Vec<Fragment>) -> Change {
    let Change::Remove { collection, index } = remove(doc, path) else { unreachable!() };
    Change::ReplaceItem { collection, index, value }
}

pub fn insert(doc: &Document, path: &str, place: Place, entries: Vec<FragmentEntry>) -> Change {
    let entries = Insertion::Entries(entries);
    Change::Insert { collection: at(doc, path), place, entries, blank_line_before: false }
}

pub fn items(doc: &Document, path: &str, place: Place, items: Vec<Fragment>) -> Change {
    let entries = Insertion::Items(items);
    Change::Insert { collection: at(doc, path), place, entries, blank_line_before: false }
}

pub fn with_blank_line(change: Change) -> Change {
    match change {
        Change::Insert { collection, place, entries, .. } => {
            Change::Insert { collection, place, entries, blank_line_before: true }
        }
        other => other,
    }
}

pub fn text(text: &str) -> Fragment {
    Fragment::scalar(text)
}

pub fn entry(key: &str, value: Fragment) -> FragmentEntry {
    FragmentEntry::new(key, value)
}

pub fn apply(doc: &Document, changes: &[Change]) -> Result<String, ChangeError> {
    let set = lower(doc, changes)?;
    let mut backwards: Vec<_> = changes.to_vec();
    backwards.reverse();
    let inserts = changes.iter().filter(|c| matches!(c, Change::Insert { .. })).count();
    if inserts < 2 {
        assert_eq!(set, lower(doc, &backwards)?, "the order of changes matters");
    }
    let after = set.apply(doc.source().text()).expect("edits fit");
    parse(doc.source().path(), after.clone().into_bytes()).unwrap_or_else(|e| panic!("{e}\n{after}"));
    Ok(after)
}

/// Checks the result of changes on a text, with every kind of line break and with a byte order mark.
#[track_caller]
pub fn check(name: &str, before: &str, after: &str, changes: impl Fn(&Document) -> Vec<Change>) {
    let path = Path::new(name);
    type Variant = fn(&str) -> String;
    let variants: [(&str, Variant); 4] = [
        ("as is", str::to_owned),
        ("CRLF", |text| text.replace('\n', "\r\n")),
        ("byte order mark", |text| format!("\u{feff}{text}")),
        ("no final line break", |text| text.trim_end_matches('\n').to_owned()),
    ];
    for (variant, change) in variants {
        let doc = parse(path, change(before).into_bytes()).unwrap_or_else(|error| panic!("{error}"));
        let result = apply(&doc, &changes(&doc)).unwrap_or_else(|error| panic!("{variant}: {error}"));
        assert_eq!(result, change(after), "{variant}");
    }
}

#[track_caller]
pub fn check_yaml(before: &str, after: &str, changes: impl Fn(&Document) -> Vec<Change>) {
    check("t.yaml", before, after, changes);
}

#[track_caller]
pub fn check_json(before: &str, after: &str, changes: impl Fn(&Document) -> Vec<Change>) {
    check("t.json", before, after, changes);
}

pub fn connector() -> Vec<FragmentEntry> {
    let destination = Fragment::map([("Id", text("Orders"))]);
    let permissions = Fragment::list([text("Read"), text("Write")]);
    let properties = Fragment::map([("Destination", destination), ("Permissions", permissions)]);
    vec![entry("Connectors", Fragment::map([("ToOrders", Fragment::map([("Properties", properties)]))]))]
}

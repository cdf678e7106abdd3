//! The edits that mend a finding, made through typed changes so that they look like what is around them. No comment is lost:
//! those of what goes stay beside it, and where they could not, there is no mend.

use crate::catalog::{Meaning, ResourceType};
use crate::syntax::{Change, Document, Fragment, NodeId, lower};
use crate::template::Resource;
use crate::text::Edit;

/// The edits of some changes; none where they cannot be made.
pub(super) fn edits(doc: &Document, changes: &[Change]) -> Vec<Edit> {
    lower(doc, changes).map(|set| set.iter().cloned().collect()).unwrap_or_default()
}

/// Another value in the place of one without comments.
pub(super) fn replace(doc: &Document, node: NodeId, value: Fragment) -> Vec<Edit> {
    match doc.comments_within(doc.full_span(node)).is_empty() {
        true => edits(doc, &[Change::ReplaceValue { node, value }]),
        false => Vec::new(),
    }
}

/// Takes an entry out with what holds nothing but it. Its comments stay above the entry beside it.
pub(super) fn remove(doc: &Document, node: NodeId) -> Vec<Edit> {
    let mut node = node;
    while let (Some(parent), Some(index)) = (doc.node(node).parent, doc.index_in_parent(node)) {
        let entries = doc.node(parent).entries.len();
        if entries == 1 {
            node = parent;
            continue;
        }
        let mut changes = vec![Change::Remove { collection: parent, index }];
        let comments = texts(doc, &doc.owned_comments(parent, index));
        if !comments.is_empty() {
            let beside = if index + 1 < entries { index + 1 } else { index - 1 };
            changes.push(Change::Comment { collection: parent, index: beside, comments });
        }
        return edits(doc, &changes);
    }
    Vec::new()
}

/// Comments as they are written.
pub(super) fn texts(doc: &Document, comments: &[usize]) -> Vec<String> {
    let all = doc.comments();
    let found = comments.iter().filter_map(|&number| all.get(number));
    found.map(|comment| doc.source().slice(comment.span).trim_end().to_owned()).collect()
}

/// A reference to a resource that returns what is wanted, if there is one: the intrinsic and how it is shown.
pub(super) fn reference(
    resource: &Resource,
    kind: &ResourceType,
    wanted: &Meaning,
) -> Option<(Fragment, String)> {
    let id = &resource.id;
    if kind.reference == *wanted {
        return Some((Fragment::intrinsic("Ref", Fragment::scalar(id)), format!("!Ref {id}")));
    }
    let (attribute, _) = kind.attributes.iter().find(|(_, meaning)| *meaning == wanted)?;
    let path = format!("{id}.{attribute}");
    Some((Fragment::intrinsic("GetAtt", Fragment::scalar(&path)), format!("!GetAtt {path}")))
}

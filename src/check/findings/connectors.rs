//! Connectors that SAM refuses, or attaches to something that is not meant.

use super::complaints::kind_of;
use super::{Scene, mends};
use crate::analysis::ConnectorView;
use crate::check::finding::Finding;
use crate::syntax::{Change, Fragment, NodeId};
use crate::template::{Complaint, Malformed, Reference, plain_text};
use crate::text::Edit;

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for view in &scene.analysis.connectors {
        if let Some(Malformed { complaint, node }) = &view.complaint {
            let refuses = if complaint.is_refusal() { "SAM refuses connector" } else { "connector" };
            let message = format!("{refuses} `{}`: {}", view.connector.id, words(complaint));
            let mut finding = scene.finding(kind_of(complaint), *node, &[&view.connector.id], message);
            finding.mend = mend(scene, view, complaint, *node).unwrap_or_default();
            out.push(finding);
        }
    }
    for Malformed { complaint, node } in scene.resolver.template.connector_maps(scene.resolver.doc) {
        let message = format!("SAM refuses the template: {}", words(&complaint));
        out.push(scene.finding(kind_of(&complaint), node, &[], message));
    }
    out
}

/// What is wrong and what mends it; the translator ends not every sentence.
fn words(complaint: &Complaint) -> String {
    let wrong = complaint.to_string();
    let stop = if wrong.ends_with('.') { "" } else { "." };
    format!("{wrong}{stop} {}", complaint.mend())
}

/// The edits where what is meant is certain: categories in the wrong case, or one that stands without its list.
fn mend(scene: Scene<'_>, view: &ConnectorView, complaint: &Complaint, node: NodeId) -> Option<Vec<Edit>> {
    let doc = scene.resolver.doc;
    match complaint {
        Complaint::UnknownCategory(.., valid) => {
            let mut changes = Vec::new();
            let mut meant = Vec::new();
            for item in doc.items(view.connector.permissions_node?) {
                let text = doc.scalar(doc.resolve(item))?;
                let category = valid.iter().find(|name| name.eq_ignore_ascii_case(text))?;
                if category != text {
                    changes.push(Change::ReplaceValue { node: item, value: Fragment::scalar(category) });
                }
                meant.push(category.as_str());
            }
            accepts(scene, view, &meant).then(|| mends::edits(doc, &changes))
        }
        Complaint::WrongType("Permissions") => {
            let text = plain_text(doc, node).filter(|_| view.connector.permissions_node.is_none())?;
            let list = Fragment::list([Fragment::scalar(text)]);
            accepts(scene, view, &[text]).then(|| mends::replace(doc, node, list))
        }
        _ => None,
    }
}

/// Whether SAM takes these categories for every destination.
fn accepts(scene: Scene<'_>, view: &ConnectorView, categories: &[&str]) -> bool {
    let type_of = |reference: &Reference, position: Option<usize>| match position {
        Some(position) => Some(scene.resolver.template.resources()[position].type_name.clone()),
        None => reference.type_name.clone(),
    };
    let connector = &view.connector;
    let Some(from) = type_of(&connector.source, view.source) else { return false };
    !view.destinations.is_empty()
        && connector.destinations.iter().zip(&view.destinations).all(|(reference, position)| {
            let profile =
                type_of(reference, *position).and_then(|to| scene.resolver.catalog.profile(&from, &to));
            profile.is_some_and(|profile| profile.accepts(categories))
        })
}

//! Connectors that SAM refuses, or attaches to something that is not meant.

use super::Scene;
use super::complaints::kind_of;
use crate::check::finding::Finding;
use crate::template::Malformed;

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for view in &scene.analysis.connectors {
        if let Some(Malformed { complaint, node }) = &view.complaint {
            let refuses = if complaint.is_refusal() { "SAM refuses connector" } else { "connector" };
            let message = format!("{refuses} `{}`: {complaint} {}", view.connector.id, complaint.mend());
            out.push(scene.finding(kind_of(complaint), *node, &[&view.connector.id], message));
        }
    }
    for Malformed { complaint, node } in scene.resolver.template.connector_maps(scene.resolver.doc) {
        let message = format!("SAM refuses the template: {complaint} {}", complaint.mend());
        out.push(scene.finding(kind_of(&complaint), node, &[], message));
    }
    out
}

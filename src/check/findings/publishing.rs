//! Connectors in a template that is published where none are allowed.

use super::Scene;
use crate::check::finding::Finding;
use crate::check::kinds::CONNECTOR_IN_PUBLISHED_APPLICATION;
use crate::template::SAM_PREFIX;

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    let doc = scene.resolver.doc;
    let metadata = doc.get(doc.resolve(doc.root()), "Metadata").map(|node| doc.resolve(node));
    let published = metadata.and_then(|node| doc.get(node, &format!("{SAM_PREFIX}Repo::Application")));
    let ids: Vec<String> =
        scene.analysis.connectors.iter().map(|view| format!("`{}`", view.connector.id)).collect();
    match (published, ids.as_slice()) {
        (None, _) | (_, []) => Vec::new(),
        (Some(node), [first, rest @ ..]) => {
            let others = match rest.len() {
                0 => String::new(),
                1 => " and another one".to_owned(),
                more => format!(" and {more} others"),
            };
            let message = format!(
                "the Serverless Application Repository refuses a template with connectors, and this one has {first}{others}; `samwire fix --to policies` turns them into policies"
            );
            vec![scene.finding(&CONNECTOR_IN_PUBLISHED_APPLICATION, node, &[], message)]
        }
    }
}

//! What is written in a connector and silently means nothing: a source inside of an embedded one, and a qualifier at an end
//! of which connectors take none.

use super::{Scene, mends};
use crate::analysis::ConnectorView;
use crate::catalog::Holder;
use crate::check::finding::Finding;
use crate::check::kinds::{CONNECTOR_IGNORED_QUALIFIER, CONNECTOR_IGNORED_SOURCE};
use crate::template::{ConnectorPlace, Reference};

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    let sound = scene.analysis.connectors.iter().filter(|view| view.complaint.is_none());
    sound.flat_map(|view| source(scene, view).into_iter().chain(qualifiers(scene, view))).collect()
}

fn source(scene: Scene<'_>, view: &ConnectorView) -> Option<Finding> {
    let doc = scene.resolver.doc;
    let ConnectorPlace::Embedded { owner, .. } = view.connector.place else { return None };
    let owner = &scene.resolver.template.resources()[owner].id;
    let properties = doc.resolve(doc.get(view.connector.node, "Properties")?);
    let source = doc.get(properties, "Source")?;
    let named = doc.get(doc.resolve(source), "Id").and_then(|node| doc.scalar(doc.resolve(node)));
    if named == Some(owner) {
        return None;
    }
    let message = format!(
        "connector `{}` is embedded in `{owner}`, which is its source; SAM ignores this `Source`",
        view.connector.id
    );
    Some(scene.finding(&CONNECTOR_IGNORED_SOURCE, source, &[&view.connector.id], message))
}

fn qualifiers(scene: Scene<'_>, view: &ConnectorView) -> Vec<Finding> {
    let catalog = scene.resolver.catalog;
    let ends = |side: Holder| -> Vec<&Reference> {
        match side {
            Holder::Source => vec![&view.connector.source],
            Holder::Destination => view.connector.destinations.iter().collect(),
        }
    };
    let mut out = Vec::new();
    for side in [Holder::Source, Holder::Destination] {
        let mut profiles = view.parts.iter().filter_map(|part| catalog.profile_by_id(&part.profile));
        if profiles.any(|profile| profile.needed_properties(side).contains(&"Qualifier")) {
            continue;
        }
        for end in ends(side) {
            let (Some(id), Some(&node)) = (&end.id, end.fields.get("Qualifier")) else { continue };
            let message = format!(
                "connector `{}`: SAM ignores `Qualifier` here, so the permission is on `{id}` as a whole and on no version or alias of it",
                view.connector.id
            );
            let about = [view.connector.id.as_str(), id];
            let mut finding = scene.finding(&CONNECTOR_IGNORED_QUALIFIER, node, &about, message);
            finding.mend = mends::remove(scene.resolver.doc, node);
            out.push(finding);
        }
    }
    out
}

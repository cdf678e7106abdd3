//! What rewrites are known by: the names of their ends, and fingerprints that stay while lines move and whatever is chosen
//! about them.

use super::edge::Edge;
use super::far::Far;
use crate::analysis::{Analysis, ConnectorView, Resolver};
use crate::iam::Grant;
use crate::template::{Reference, expression};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The ends of an edge in words: logical ids, the ARN for something outside.
pub(super) fn ends_of_edge(resolver: &Resolver<'_>, edge: &Edge) -> (String, String) {
    let resources = resolver.template.resources();
    let destinations: Vec<&str> =
        edge.destinations().into_iter().map(|position| resources[position].id.as_str()).collect();
    let destination = match &edge.far {
        Far::External(_, arn) => arn.clone(),
        Far::Resource(_) | Far::Inferred(_) => destinations.join(", "),
    };
    (resources[edge.source()].id.clone(), destination)
}

/// The fingerprint of an edge: its profile, its ends, and all grants that a connector could take over.
pub(super) fn of_edge(resolver: &Resolver<'_>, analysis: &Analysis, edge: &Edge) -> String {
    let (source, destination) = ends_of_edge(resolver, edge);
    let qualifier = edge.qualifier.as_deref().unwrap_or_default();
    let cells = edge.coverable.iter().chain(edge.open.iter().map(|(number, _)| number));
    let grants = cells.map(|&number| &analysis.ledger.cells[number].grant);
    digest(&[&edge.profile.id, &source, &destination, qualifier], grants)
}

/// The ends of a connector in words.
pub(super) fn ends_of_connector(resolver: &Resolver<'_>, view: &ConnectorView) -> (String, String) {
    let resources = resolver.template.resources();
    let named = |position: Option<usize>, reference: &Reference| match position {
        Some(position) => resources[position].id.clone(),
        None => {
            let node = reference.fields.get("Arn").or_else(|| reference.fields.values().next());
            let text =
                node.map(|&node| resolver.resolve(&expression(resolver.doc, node)).pattern.to_string());
            text.or_else(|| reference.id.clone()).unwrap_or_default()
        }
    };
    let destinations = view.connector.destinations.iter().zip(&view.destinations);
    let destinations: Vec<String> =
        destinations.map(|(reference, position)| named(*position, reference)).collect();
    (named(view.source, &view.connector.source), destinations.join(", "))
}

/// The profiles of a connector in words: one for each kind of destination.
pub(super) fn profiles_of_connector(view: &ConnectorView) -> String {
    let mut profiles: Vec<&str> = Vec::new();
    for part in &view.parts {
        if !profiles.contains(&part.profile.as_str()) {
            profiles.push(&part.profile);
        }
    }
    profiles.join(", ")
}

/// The fingerprint of a connector: what it is called, its profile, its ends and its grants.
pub(super) fn of_connector(resolver: &Resolver<'_>, view: &ConnectorView) -> String {
    let (source, destination) = ends_of_connector(resolver, view);
    let profiles = profiles_of_connector(view);
    digest(&["policies", &view.connector.id, &profiles, &source, &destination], &view.grants)
}

/// The fingerprint of something that is told by texts alone.
pub fn fingerprint(texts: &[&str]) -> String {
    digest(texts, [])
}

/// Half of a SHA-256 over some texts and grants, in hexadecimal.
fn digest<'g>(texts: &[&str], grants: impl IntoIterator<Item = &'g Grant>) -> String {
    let grants: BTreeSet<String> = grants
        .into_iter()
        .map(|grant| format!("{} {} {}", grant.action.folded(), grant.resource, grant.presence))
        .collect();
    let mut digest = Sha256::new();
    for text in texts.iter().copied().chain(grants.iter().map(String::as_str)) {
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(16).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

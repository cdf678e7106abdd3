//! Whether a connector would close a cycle of dependencies. A connector that makes its source wait for the generated policy
//! can, since that policy refers to the destination; and one whose source must be created after the permission, since the
//! connector's permission refers to the source.

use super::edge::Edge;
use super::side::depends_on;
use crate::analysis::{Analysis, Resolver};
use crate::catalog::Waits;
use crate::template::references;
use std::collections::{BTreeMap, BTreeSet};

/// The edges whose connectors close no cycle, and the others. Of edges that are a cycle only together all are told, so that
/// the answer does not depend on what is taken.
pub(super) fn without_cycles(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    edges: Vec<Edge>,
) -> (Vec<Edge>, Vec<Edge>) {
    let backwards = |edge: &Edge| source_waits(resolver, analysis, edge);
    if edges.iter().all(|edge| !waits(edge)) {
        return edges.into_iter().partition(|edge| !backwards(edge));
    }
    let mut graph = dependencies(resolver, analysis);
    for edge in edges.iter().filter(|edge| waits(edge)) {
        graph.entry(edge.source()).or_default().extend(edge.destinations());
    }
    let closes = |edge: &Edge| edge.destinations().into_iter().any(|to| reaches(&graph, to, edge.source()));
    edges.into_iter().partition(|edge| !(waits(edge) && closes(edge) || backwards(edge)))
}

fn waits(edge: &Edge) -> bool {
    edge.profile.waits == Some(Waits::SourceStateMachine)
}

/// Whether the source says that it waits for the permission, which its service tries when the source is created.
fn source_waits(resolver: &Resolver<'_>, analysis: &Analysis, edge: &Edge) -> bool {
    if !edge.profile.resource_side.as_ref().is_some_and(|side| side.tried_at_creation) {
        return false;
    }
    let (ledger, resources) = (&analysis.ledger, resolver.template.resources());
    let source = resources[edge.source()].node;
    let bearers = edge.coverable.iter().map(|&cell| ledger.units[ledger.cells[cell].unit].bearer);
    bearers.into_iter().any(|bearer| depends_on(resolver, source, &resources[bearer].id))
}

/// By resource: the resources that it needs.
fn dependencies(resolver: &Resolver<'_>, analysis: &Analysis) -> BTreeMap<usize, BTreeSet<usize>> {
    let template = resolver.template;
    let mut graph: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (position, resource) in template.resources().iter().enumerate() {
        let needed = references(resolver.doc, resource.node);
        graph.insert(position, needed.iter().filter_map(|id| template.position(id)).collect());
    }
    for view in analysis.connectors.iter().filter(|view| view.complaint.is_none()) {
        let Some(source) = view.source else { continue };
        for destination in view.destinations.iter().flatten() {
            let type_of = |position: usize| template.resources()[position].type_name.as_str();
            let profile = resolver.catalog.profile(type_of(source), type_of(*destination));
            if profile.is_some_and(|profile| profile.waits == Some(Waits::SourceStateMachine)) {
                graph.entry(source).or_default().insert(*destination);
            }
        }
    }
    graph
}

fn reaches(graph: &BTreeMap<usize, BTreeSet<usize>>, from: usize, to: usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut queue = vec![from];
    while let Some(at) = queue.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            queue.extend(graph.get(&at).into_iter().flatten());
        }
    }
    false
}

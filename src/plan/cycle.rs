//! Whether a connector would close a cycle of dependencies. Only connectors that make their source wait for the generated
//! policy can: that policy refers to the destination.

use super::edge::Edge;
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
    if edges.iter().all(|edge| !waits(edge)) {
        return (edges, Vec::new());
    }
    let mut graph = dependencies(resolver, analysis);
    for edge in edges.iter().filter(|edge| waits(edge)) {
        graph.entry(edge.source()).or_default().extend(edge.destinations());
    }
    let closes = |edge: &Edge| edge.destinations().into_iter().any(|to| reaches(&graph, to, edge.source()));
    edges.into_iter().partition(|edge| !waits(edge) || !closes(edge))
}

fn waits(edge: &Edge) -> bool {
    edge.profile.waits == Some(Waits::SourceStateMachine)
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

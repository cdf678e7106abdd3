//! Whether a connector would close a cycle of dependencies. Two kinds can, since the policy of a connector refers to what it
//! joins: those that make their source wait for that policy, and those that take the place of a resource that others wait for.

use super::changes::Heirs;
use super::edge::Edge;
use crate::analysis::{Analysis, Resolver, Role};
use crate::catalog::{GrantKind, Waits};
use crate::template::{references, waited_for};
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

/// The resources that the policy of an edge's connector refers to. A generated role is none: whatever it needs, the policy that
/// the connector replaces needs too.
pub(super) fn needs(analysis: &Analysis, edge: &Edge) -> BTreeSet<usize> {
    let near = match (edge.profile.kind, analysis.principal(&edge.principal).map(|principal| &principal.role))
    {
        (GrantKind::ManagedPolicy, Some(Role::InTemplate(position))) => Some(*position),
        (GrantKind::ManagedPolicy, _) => None,
        _ => Some(edge.near),
    };
    near.into_iter().chain(edge.far.needs(edge.spelled.as_ref())).collect()
}

/// Whether something that waits for a resource that goes is needed by a connector that it would wait for instead. The resource
/// itself may have named what the connector refers to.
pub(super) fn waiting_closes(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    leaving: &BTreeMap<usize, Heirs>,
) -> bool {
    let template = resolver.template;
    let mut graph = None;
    leaving.iter().any(|(&going, heirs)| {
        let id = template.resources()[going].id.as_str();
        let waits =
            |position: &usize| waited_for(resolver.doc, template.resources()[*position].node).contains(id);
        resolver.resources_naming(id).into_iter().filter(waits).any(|waiting| {
            let graph = graph.get_or_insert_with(|| dependencies(resolver, analysis));
            heirs.needs.iter().any(|&needed| reaches(graph, needed, waiting))
        })
    })
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

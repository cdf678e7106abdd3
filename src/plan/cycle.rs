//! Whether a connector would close a cycle of dependencies. Two kinds can, since the policy of a connector refers to what it
//! joins: those that make their source wait for that policy, and those that take the place of a resource that others wait for.

use super::changes::Heirs;
use super::edge::Edge;
use super::graph::Graph;
use crate::analysis::{Analysis, Resolver, Role};
use crate::catalog::{GrantKind, Waits};
use crate::template::waited_for;
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
    let mut graph = Graph::of(resolver, analysis);
    let id = |position: usize| resolver.template.resources()[position].id.as_str();
    for edge in edges.iter().filter(|edge| waits(edge)) {
        edge.destinations().into_iter().for_each(|to| graph.add(id(edge.source()), id(to)));
    }
    let closes =
        |edge: &Edge| edge.destinations().into_iter().any(|to| graph.reaches(id(to), id(edge.source())));
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
            let graph = graph.get_or_insert_with(|| Graph::of(resolver, analysis));
            let id = |position: usize| template.resources()[position].id.as_str();
            heirs.needs.iter().any(|&needed| graph.reaches(id(needed), id(waiting)))
        })
    })
}

fn waits(edge: &Edge) -> bool {
    edge.profile.waits == Some(Waits::SourceStateMachine)
}

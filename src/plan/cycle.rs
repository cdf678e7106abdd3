//! Connectors that would close a dependency cycle: those for which SAM makes the source wait for the connector's policy,
//! which itself waits for the destination. Follows references of the template; knows no edits.

use super::edge::Edge;
use crate::analysis::{Analysis, Resolver};
use crate::catalog::Waits;
use crate::syntax::NodeId;
use crate::template::{Expr, Resource, expression};
use std::collections::BTreeSet;

/// Numbers of the edges whose source would wait, through the connector's policy and the destination, for itself. Of two
/// edges that are a cycle only together both are told, so that the answer does not depend on what is taken.
pub(super) fn closing(resolver: &Resolver<'_>, analysis: &Analysis, edges: &[Edge]) -> Vec<usize> {
    let waits = |edge: &Edge| edge.profile.waits == Some(Waits::SourceStateMachine);
    if !edges.iter().any(waits) {
        return Vec::new();
    }
    let resources = resolver.template.resources();
    let mut after: Vec<BTreeSet<usize>> = resources.iter().map(|r| references(resolver, r)).collect();
    for edge in edges.iter().filter(|edge| waits(edge)) {
        after[edge.owner].insert(edge.destination);
    }
    for view in &analysis.connectors {
        let Some(source) = view.source else { continue };
        for destination in view.destinations.iter().copied().flatten() {
            let ends = (&resources[source].type_name, &resources[destination].type_name);
            let profile = resolver.catalog.profile(ends.0, ends.1);
            if profile.is_some_and(|profile| profile.waits == Some(Waits::SourceStateMachine)) {
                after[source].insert(destination);
            }
        }
    }
    let closes = |edge: &Edge| {
        let mut seen = BTreeSet::from([edge.destination]);
        let mut queue = vec![edge.destination];
        while let Some(at) = queue.pop() {
            if at == edge.owner {
                return true;
            }
            queue.extend(after[at].iter().copied().filter(|&next| seen.insert(next)));
        }
        false
    };
    let numbered = edges.iter().enumerate().filter(|(_, edge)| waits(edge));
    numbered.filter(|(_, edge)| closes(edge)).map(|(number, _)| number).collect()
}

/// The resources that the text of one refers to, by intrinsics or by `DependsOn`.
fn references(resolver: &Resolver<'_>, resource: &Resource) -> BTreeSet<usize> {
    let doc = resolver.doc;
    let mut found = BTreeSet::new();
    let mut named = |id: &str| found.extend(resolver.template.position(id));
    if let Some(node) = doc.get(resource.node, "DependsOn").map(|node| doc.resolve(node)) {
        doc.items(node).chain([node]).filter_map(|item| doc.scalar(doc.resolve(item))).for_each(&mut named);
    }
    let mut seen: BTreeSet<NodeId> = BTreeSet::new();
    let mut queue = vec![resource.node];
    while let Some(node) = queue.pop() {
        let node = doc.resolve(node);
        if !seen.insert(node) {
            continue;
        }
        queue.extend(doc.node(node).entries.iter().map(|entry| entry.value));
        let parts = match expression(doc, node) {
            Expr::Concat(parts) => parts,
            single => vec![single],
        };
        for part in parts {
            if let Expr::Ref(id) | Expr::Attribute(id, _) = part {
                named(&id);
            }
        }
    }
    found
}

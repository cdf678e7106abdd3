//! What the identity that deploys a change newly needs, by what comes with it. Refuses to know who makes the change.

use crate::analysis::{Analysis, Resolver};
use crate::catalog::{Bearing, Catalog, GrantKind};
use std::collections::BTreeSet;

/// The actions that connectors of some kinds take when they come to a template: nothing that its resources or connectors
/// need already.
pub(super) fn for_connectors(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    kinds: impl Iterator<Item = GrantKind>,
) -> Vec<String> {
    let catalog = resolver.catalog;
    let of_kind =
        |kind: GrantKind| catalog.generated(kind).into_iter().flat_map(|(_, made)| &made.deployer_actions);
    let resources = resolver.template.resources().iter();
    let own = resources.filter_map(|resource| resolver.type_of(resource)?.generated.as_ref());
    let mut known: BTreeSet<&String> = own.flat_map(|generated| &generated.deployer_actions).collect();
    if analysis.connectors.iter().any(|view| !view.holders.is_empty()) {
        known.extend(of_kind(GrantKind::ManagedPolicy));
    }
    let actions: BTreeSet<&String> = kinds.flat_map(of_kind).collect();
    actions.difference(&known).map(|action| (*action).clone()).collect()
}

/// The actions that inline policies take where no role had any.
pub(super) fn for_inline_policies(catalog: &Catalog) -> Vec<String> {
    let role = catalog.resource_types().find_map(|kind| match &kind.bears {
        Some(Bearing::Role { policies, .. }) => Some((kind, policies)),
        _ => None,
    });
    let Some((kind, policies)) = role else { return Vec::new() };
    let Some(handlers) = catalog.deployer().handlers(&kind.name) else { return Vec::new() };
    let (with, without) = (|name: &str| name == policies, |_: &str| false);
    let known: BTreeSet<&str> = handlers.actions(&without).map(|(action, _)| action).collect();
    let needed: BTreeSet<&str> = handlers.actions(&with).map(|(action, _)| action).collect();
    needed.difference(&known).map(|&action| action.to_owned()).collect()
}

/// Whether a role of the template has a policy in its own text.
pub(super) fn has_inline_policies(analysis: &Analysis) -> bool {
    analysis.ledger.units.iter().any(|unit| !unit.origin.is_resource())
}

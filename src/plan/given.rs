//! What connectors give through a role at all, whatever they join: their services and their actions. Knows profiles; refuses
//! to know templates.

use crate::catalog::{Catalog, GrantKind, Holder, Profile};
use crate::iam::ActionPattern;
use std::collections::BTreeSet;

/// The services that some connector grants access to.
pub(super) fn services(catalog: &Catalog) -> BTreeSet<&str> {
    of_roles(catalog)
        .filter_map(|profile| {
            let far = if profile.holder == Holder::Source { &profile.destination } else { &profile.source };
            catalog.resource_type(far)
        })
        .map(|kind| kind.service.as_str())
        .collect()
}

/// Every action that some connector grants.
pub(super) fn actions(catalog: &Catalog) -> Vec<ActionPattern> {
    let forms = of_roles(catalog).flat_map(|profile| &profile.permissions).flat_map(|(_, forms)| forms);
    let names: BTreeSet<&String> = forms.flat_map(|form| &form.actions).collect();
    names.into_iter().map(|name| ActionPattern::new(name)).collect()
}

fn of_roles(catalog: &Catalog) -> impl Iterator<Item = &Profile> {
    catalog.profiles().filter(|profile| profile.kind == GrantKind::ManagedPolicy)
}

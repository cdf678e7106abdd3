//! Where the statements of a connector can stand: in the policies of a function or state machine whose role SAM generates, or
//! of a role of the template; and why they cannot. Refuses to know what the statements say.

use super::super::graph::Graph;
use super::super::spell::copied;
use super::{Home, Unfoldable};
use crate::analysis::{Analysis, ConnectorView, Part, Resolver, Role};
use crate::catalog::{Bearing, GrantKind, Holder, Profile};
use crate::syntax::Fragment;
use crate::template::{Reference, Shape, SlotKind, policy_slots, sites};

/// What ends of a connector need to be looked at.
#[derive(Clone, Copy)]
pub(super) struct Ctx<'r, 'c> {
    /// What expressions denote.
    pub(super) resolver: &'r Resolver<'c>,
    /// What the template grants.
    pub(super) analysis: &'r Analysis,
}

/// Where the policies of a role are written.
pub(super) fn home(ctx: Ctx<'_, '_>, profile: &Profile, part: &Part) -> Option<Home> {
    if profile.kind != GrantKind::ManagedPolicy {
        return None;
    }
    let resolver = ctx.resolver;
    let resources = resolver.template.resources();
    match ctx.analysis.principal(&part.holder)?.role {
        Role::Generated(resource) => {
            let form = resolver.type_of(&resources[resource])?.principal.as_ref()?;
            let property = form.policies.clone()?;
            Some(Home { resource, property, of_role: false })
        }
        Role::InTemplate(resource) => {
            let Bearing::Role { policies, .. } = resolver.type_of(&resources[resource])?.bears.as_ref()?
            else {
                return None;
            };
            Some(Home { resource, property: policies.clone(), of_role: true })
        }
        Role::Elsewhere => None,
    }
}

/// The reference to the role that a managed policy is attached to.
pub(super) fn role(
    ctx: Ctx<'_, '_>,
    profile: &Profile,
    view: &ConnectorView,
    destination: &Reference,
    part: &Part,
) -> Option<Fragment> {
    let holder = match profile.holder {
        Holder::Source => &view.connector.source,
        Holder::Destination => destination,
    };
    if let Some(node) = holder.fields.get("RoleName") {
        return Some(copied(ctx.resolver.doc, *node));
    }
    ctx.analysis.principal(&part.holder)?;
    Some(Fragment::intrinsic("Ref", Fragment::scalar(&*part.holder)))
}

/// Why one destination of a connector cannot be folded, apart from cycles.
pub(super) fn unfoldable(
    ctx: Ctx<'_, '_>,
    view: &ConnectorView,
    profile: &Profile,
    generated: &str,
    home: Option<&Home>,
) -> Option<Unfoldable> {
    if profile.kind != GrantKind::ManagedPolicy {
        return Some(Unfoldable::OtherSide);
    }
    let Some(home) = home else { return Some(Unfoldable::ForeignRole) };
    if let Some((name, _)) = view.connector.attributes.first() {
        return Some(Unfoldable::Attribute(name.clone()));
    }
    let doc = ctx.resolver.doc;
    if !ctx.resolver.sites_of(generated).is_empty() {
        return Some(Unfoldable::Referenced(generated.to_owned()));
    }
    let resource = &ctx.resolver.template.resources()[home.resource];
    let Some(properties) = resource.properties else { return Some(Unfoldable::Text) };
    if doc.is_shared(properties) || doc.has_duplicates(properties) || doc.has_merge_key(properties) {
        return Some(Unfoldable::Text);
    }
    let shape = if home.of_role { Shape::Role } else { Shape::Sam };
    let policies = doc.get(properties, &home.property);
    let broken = policies.is_some_and(|node| {
        let slots = policy_slots(doc, node, shape);
        doc.is_shared(node) || slots.iter().any(|slot| matches!(slot.kind, SlotKind::Malformed(_)))
    });
    broken.then_some(Unfoldable::Text)
}

/// The resource at the far end of a part through which its role would come to need itself.
pub(super) fn closes(
    ctx: Ctx<'_, '_>,
    graph: &Graph,
    view: &ConnectorView,
    number: usize,
    profile: &Profile,
) -> Option<String> {
    let part = view.parts.get(number)?;
    let far: Vec<String> = match profile.holder {
        Holder::Source => far_of(
            ctx,
            view.destinations.get(number).copied().flatten(),
            &view.connector.destinations[number],
        ),
        Holder::Destination => far_of(ctx, view.source, &view.connector.source),
    };
    far.into_iter().find(|id| graph.reaches(id, &part.holder))
}

/// The logical ids that an end refers to.
pub(super) fn far_of(ctx: Ctx<'_, '_>, position: Option<usize>, reference: &Reference) -> Vec<String> {
    match position {
        Some(position) => vec![ctx.resolver.template.resources()[position].id.clone()],
        None => {
            let values = reference.fields.values();
            values.flat_map(|&node| sites(ctx.resolver.doc, node)).map(|site| site.name).collect()
        }
    }
}

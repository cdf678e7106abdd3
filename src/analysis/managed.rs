//! Which managed policies a role has, and how many: those that SAM attaches by itself, those that the template names, and
//! those that are resources of the template. Which they are is data of the catalogue.

use super::principal::{Principal, Role};
use super::resolve::Resolver;
use crate::catalog::{Bearing, PrincipalForm, Trigger};
use crate::iam::Presence;
use crate::syntax::NodeId;
use crate::template::{
    Expr, Merged, Resource, Shape, SlotKind, events, expression, is_sequence, policy_slots,
};

/// A managed policy of a role, by what the template says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Managed {
    /// SAM attaches it.
    BySam(String),
    /// The template names it: a name, an ARN, a parameter.
    Named(String),
    /// A resource of the template, by its position.
    InTemplate(usize),
}

/// The managed policies that a principal's own text names, in its order, apart from those that name the role instead.
pub(super) fn named(resolver: &Resolver<'_>, principal: &Principal) -> Vec<(Managed, Presence)> {
    let doc = resolver.doc;
    let mut out: Vec<(Managed, Presence)> = Vec::new();
    let mut push = |managed: Managed, presence: Presence| match out
        .iter_mut()
        .find(|(known, _)| same(known, &managed))
    {
        Some((_, known)) => *known = known.clone().or(presence),
        None => out.push((managed, presence)),
    };
    let name = |expr: &Expr| match expr {
        Expr::Ref(id) | Expr::Attribute(id, _) if resolver.template.position(id).is_some() => {
            Managed::InTemplate(resolver.template.position(id).unwrap_or_default())
        }
        expr => Managed::Named(resolver.resolve(expr).pattern.to_string()),
    };
    match principal.role {
        Role::Generated(position) => {
            let resource = &resolver.template.resources()[position];
            let Some(form) = resolver.type_of(resource).and_then(|kind| kind.principal.as_ref()) else {
                return out;
            };
            for policy in attached(resolver, resource, form) {
                push(Managed::BySam(policy.to_owned()), Presence::Always);
            }
            let policies = form.policies.as_deref().and_then(|name| doc.get(resource.properties?, name));
            for slot in policies.map(|node| policy_slots(doc, node, Shape::Sam)).unwrap_or_default() {
                collect(resolver, &slot.kind, &Presence::Always, &mut |expr, presence| {
                    push(name(expr), presence);
                });
            }
        }
        Role::InTemplate(position) => {
            let resource = &resolver.template.resources()[position];
            let Some(Bearing::Role { managed_policies, .. }) =
                resolver.type_of(resource).and_then(|kind| kind.bears.as_ref())
            else {
                return out;
            };
            let list = resource.properties.and_then(|p| doc.get(p, managed_policies)).map(|n| doc.resolve(n));
            let Some(list) = list.filter(|&node| is_sequence(doc, node)) else { return out };
            for item in doc.items(list) {
                for (presence, expr) in resolver.alternatives(item) {
                    push(name(&expr), presence);
                }
            }
        }
        Role::Elsewhere => {}
    }
    out
}

/// Whether two entries name one policy: SAM drops a name that it attaches anyway.
fn same(one: &Managed, other: &Managed) -> bool {
    let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    match (one, other) {
        (Managed::BySam(a) | Managed::Named(a), Managed::BySam(b) | Managed::Named(b)) => last(a) == last(b),
        _ => one == other,
    }
}

fn collect(
    resolver: &Resolver<'_>,
    kind: &SlotKind,
    presence: &Presence,
    give: &mut impl FnMut(&Expr, Presence),
) {
    match kind {
        SlotKind::Managed(expr) => give(expr, presence.clone()),
        SlotKind::If { condition, then, otherwise } => {
            let holds = resolver.template.condition(condition);
            collect(resolver, &then.kind, &presence.clone().and(holds.clone()), give);
            collect(resolver, &otherwise.kind, &presence.clone().and(holds.negated()), give);
        }
        _ => {}
    }
}

/// The AWS managed policies that SAM attaches to a generated role.
pub(super) fn attached<'c>(
    resolver: &Resolver<'c>,
    resource: &Resource,
    form: &'c PrincipalForm,
) -> Vec<&'c str> {
    let fires = |trigger: &Trigger| fires(resolver, resource, trigger);
    form.managed
        .iter()
        .filter(|managed| {
            managed.when.as_ref().is_none_or(fires) && !managed.unless.as_ref().is_some_and(fires)
        })
        .map(|managed| managed.policy.as_str())
        .collect()
}

fn fires(resolver: &Resolver<'_>, resource: &Resource, trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Property { path, equals, other_than } => {
            let fires = |node: NodeId| match expression(resolver.doc, node) {
                // SAM looks whether something stands there before CloudFormation takes it away.
                Expr::NoValue => equals.is_none(),
                Expr::Text(text) => {
                    equals.as_deref().is_none_or(|value| value.eq_ignore_ascii_case(&text))
                        && other_than.as_deref() != Some(&text)
                }
                Expr::Opaque(text) if text == "null" => false,
                _ => true,
            };
            values_at(resolver, resource, path).into_iter().any(fires)
        }
        Trigger::Event(kind) => events(resolver.doc, resource).any(|event| event.kind == Some(kind)),
    }
}

/// The values at a dotted path below the properties, in which `*` stands for every key or item, merged with `Globals`.
fn values_at(resolver: &Resolver<'_>, resource: &Resource, path: &str) -> Vec<NodeId> {
    let mut steps = path.split('.');
    let first = steps.next().and_then(|name| resolver.template.merged(resolver.doc, resource, name));
    let mut values: Vec<Merged> = first.into_iter().collect();
    for step in steps {
        let below = |value: Merged| match step {
            "*" => value.entries(resolver.doc),
            _ => value.get(resolver.doc, step).into_iter().collect(),
        };
        values = values.into_iter().flat_map(below).collect();
    }
    values.into_iter().map(Merged::first).collect()
}

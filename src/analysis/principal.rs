//! Who holds permissions: the role of each function and state machine, generated or explicit, and what SAM attaches to a
//! generated role by itself. Knows which properties matter through the catalogue only.

use super::resolve::Resolver;
use crate::catalog::{PrincipalForm, RoleSource, Trigger};
use crate::iam::Presence;
use crate::syntax::NodeId;
use crate::template::{Expr, Resource, expression, is_mapping};
use std::sync::Arc;

/// What stands for the role of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// SAM generates it.
    Generated,
    /// A resource of this template, by its position.
    InTemplate(usize),
    /// Something else: a parameter, an import, a literal, a choice.
    Elsewhere,
}

/// A resource that acts through a role.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Logical id of the role; for a role elsewhere the canonical text of the property.
    pub name: Arc<str>,
    /// Position of the acting resource.
    pub owner: usize,
    /// Its role.
    pub role: Role,
    /// When the role exists.
    pub presence: Presence,
    /// The value of the property that holds policies, if it is there.
    pub policies: Option<NodeId>,
}

/// The principal of one resource; `None` for resources that act through no role.
pub(super) fn principal(resolver: &Resolver<'_>, owner: usize) -> Option<Principal> {
    let template = resolver.template;
    let resource = template.resources().get(owner)?;
    let form = resolver.type_of(resource)?.principal.as_ref()?;
    let RoleSource::Property(property) = &form.role else { return None };
    let doc = resolver.doc;
    let policies = form.policies.as_deref().and_then(|name| doc.get(resource.properties?, name));
    let explicit = resource.properties.and_then(|p| doc.get(p, property));
    let own = template.presence(resource);
    let principal =
        |name: &str, role, presence| Principal { name: name.into(), owner, role, presence, policies };
    let expr = explicit.map(|node| expression(doc, node)).filter(|expr| !is_nothing(expr));
    match (expr, &form.generated_role) {
        (None, Some(generated)) => {
            Some(principal(&generated.replace("${LogicalId}", &resource.id), Role::Generated, own))
        }
        (None, None) => None,
        (Some(Expr::Attribute(id, _) | Expr::Ref(id)), _) if is_role(resolver, &id) => {
            let position = template.position(&id)?;
            let presence = template.presence(&template.resources()[position]);
            Some(principal(&id, Role::InTemplate(position), presence))
        }
        (Some(_), _) => {
            let text = explicit.map(|node| crate::template::canonical(doc, node)).unwrap_or_default();
            Some(principal(&text, Role::Elsewhere, own))
        }
    }
}

fn is_nothing(expr: &Expr) -> bool {
    matches!(expr, Expr::Opaque(text) if text == "null")
        || matches!(expr, Expr::Text(text) if text.is_empty())
}

fn is_role(resolver: &Resolver<'_>, id: &str) -> bool {
    resolver
        .template
        .resource(id)
        .and_then(|resource| resolver.type_of(resource))
        .is_some_and(|kind| matches!(kind.bears, Some(crate::catalog::Bearing::Role { .. })))
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
            let Some(node) = property_at(resolver, resource, path) else { return false };
            match expression(resolver.doc, node) {
                Expr::NoValue => false,
                Expr::Text(text) => {
                    equals.as_deref().is_none_or(|value| value.eq_ignore_ascii_case(&text))
                        && other_than.as_deref() != Some(&text)
                }
                Expr::Opaque(text) if text == "null" => false,
                _ => true,
            }
        }
        Trigger::Event(kind) => {
            events(resolver, resource).any(|(_, event)| event_type(resolver, event) == Some(kind))
        }
    }
}

/// The value at a dotted path below the properties, looked up in `Globals` too.
fn property_at(resolver: &Resolver<'_>, resource: &Resource, path: &str) -> Option<NodeId> {
    let mut steps = path.split('.');
    let mut node = resolver.template.property(resolver.doc, resource, steps.next()?)?;
    for step in steps {
        node = resolver.doc.get(resolver.doc.resolve(node), step)?;
    }
    Some(node)
}

/// The named events of a resource.
pub(super) fn events<'r>(
    resolver: &'r Resolver<'_>,
    resource: &Resource,
) -> impl Iterator<Item = (&'r str, NodeId)> + use<'r> {
    let doc = resolver.doc;
    let map = resource
        .properties
        .and_then(|p| doc.get(p, "Events"))
        .map(|node| doc.resolve(node))
        .filter(|&node| is_mapping(doc, node));
    map.into_iter()
        .flat_map(move |map| doc.pairs(map))
        .map(move |(name, _, value)| (name, doc.resolve(value)))
}

/// The literal `Type` of an event.
pub(super) fn event_type<'r>(resolver: &'r Resolver<'_>, event: NodeId) -> Option<&'r str> {
    resolver.doc.get(event, "Type").and_then(|node| resolver.doc.scalar(resolver.doc.resolve(node)))
}

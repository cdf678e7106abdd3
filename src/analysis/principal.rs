//! Who holds permissions, and what acts through it: the roles of functions, state machines, data sources and rules,
//! generated or explicit. Knows which properties matter through the catalogue only; refuses to know what a role may do.

use super::connectors::Roles;
use super::resolve::Resolver;
use crate::catalog::{Bearing, RoleSource};
use crate::iam::{Presence, ResourcePattern};
use crate::syntax::{Document, NodeId};
use crate::template::{
    Expr, Reference, as_read_by_sam, call, canonical, expression, is_nothing, is_sequence, references,
};
use hashbrown::HashMap;
use std::sync::Arc;

/// What stands for the role of a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// SAM generates it for a resource, by its position.
    Generated(usize),
    /// A resource of this template, by its position.
    InTemplate(usize),
    /// Something else: a parameter, an import, a literal, a choice.
    Elsewhere,
}

/// What holds permissions: a role. No two principals have one name.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Logical id of the role; for a role elsewhere the canonical text of the property.
    pub name: Arc<str>,
    /// The role.
    pub role: Role,
    /// When the role exists.
    pub presence: Presence,
    /// The condition of the resource that decides when the role exists.
    pub condition: Option<String>,
}

/// A resource that acts through a role.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Position of the resource.
    pub resource: usize,
    /// Number of its principal.
    pub principal: usize,
    /// The value of the property that holds policies for a generated role, if it is there.
    pub policies: Option<NodeId>,
    /// Whether SAM finds the role from how it is written, so that a connector can name the resource by `Id`.
    pub by_id: bool,
    /// The only destination towards which it acts through this role; `None` for all.
    pub towards: Option<Towards>,
}

/// A destination for which a resource has a role of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Towards {
    /// A resource of the template, by its position.
    Resource(usize),
    /// An ARN, by the text of what SAM reads.
    Written(String),
}

impl Towards {
    /// The end of a connector that a reference names, by the position of its resource.
    pub(super) fn of(doc: &Document, reference: &Reference, position: Option<usize>) -> Option<Self> {
        let written = || reference.fields.get("Arn").map(|arn| Self::Written(as_read_by_sam(doc, *arn)));
        position.map(Self::Resource).or_else(written)
    }
}

/// All principals and all that act through them. The roles of the template are principals even where nothing that is
/// known here acts through them.
pub(super) fn read(resolver: &Resolver<'_>) -> (Vec<Principal>, Vec<Actor>) {
    let mut reader = Reader { resolver, principals: Vec::new(), actors: Vec::new(), named: HashMap::new() };
    for position in 0..resolver.template.resources().len() {
        reader.resource(position);
    }
    for position in 0..resolver.template.resources().len() {
        if is_role(resolver, position) {
            reader.in_template(position);
        }
    }
    (reader.principals, reader.actors)
}

struct Reader<'r, 'a> {
    resolver: &'r Resolver<'a>,
    principals: Vec<Principal>,
    actors: Vec<Actor>,
    /// The numbers of the principals by their names.
    named: HashMap<Arc<str>, usize>,
}

impl Reader<'_, '_> {
    fn resource(&mut self, position: usize) {
        let resolver = self.resolver;
        let resource = &resolver.template.resources()[position];
        let Some(form) = resolver.type_of(resource).and_then(|kind| kind.principal.as_ref()) else { return };
        match &form.role {
            RoleSource::Property(property) => {
                let doc = resolver.doc;
                let policies = form.policies.as_deref().and_then(|name| doc.get(resource.properties?, name));
                let explicit = resource.properties.and_then(|p| doc.get(p, property));
                let explicit = explicit.filter(|&node| !is_absent(doc, node));
                let principals = match (explicit, &form.generated_role) {
                    (None, None) => return,
                    (None, Some(generated)) => {
                        let name = generated.replace("${LogicalId}", &resource.id);
                        vec![self.principal(&name, Role::Generated(position), Some(position))]
                    }
                    (Some(node), _) => self.explicit(position, node),
                };
                let by_id = explicit.is_none_or(|node| self.is_plain(node));
                for (number, principal) in principals.into_iter().enumerate() {
                    // Policies are read once, whichever of several roles it is.
                    let policies = policies.filter(|_| number == 0);
                    let actor = Actor { resource: position, principal, policies, by_id, towards: None };
                    self.actors.push(actor);
                }
            }
            RoleSource::Target { list, destination, role } => self.targets(position, list, destination, role),
        }
    }

    /// A resource whose role depends on the target: the connector to a destination uses the role of the first target that
    /// names it by `Ref` or `Fn::GetAtt`, or whose ARN is written like that of the destination.
    fn targets(&mut self, position: usize, list: &str, destination: &str, role: &str) {
        let (doc, template) = (self.resolver.doc, self.resolver.template);
        let resource = &template.resources()[position];
        let Some(list) = resource.properties.and_then(|p| doc.get(p, list)).map(|n| doc.resolve(n)) else {
            return;
        };
        if !is_sequence(doc, list) || call(doc, list).is_some() {
            return;
        }
        let mut seen: Vec<Towards> = Vec::new();
        for item in doc.items(list).map(|item| doc.resolve(item)).collect::<Vec<_>>() {
            let Some(arn) = doc.get(item, destination) else { continue };
            let named = match expression(doc, arn) {
                // `Fn::Sub` of nothing else means the same, but SAM does not find it.
                Expr::Ref(id) | Expr::Attribute(id, _) if self.is_plain(arn) => template.position(&id),
                _ => None,
            };
            let written = Towards::Written(as_read_by_sam(doc, arn));
            for towards in named.map(Towards::Resource).into_iter().chain([written]) {
                if seen.contains(&towards) {
                    continue;
                }
                seen.push(towards.clone());
                let Some(node) = doc.get(item, role) else { continue };
                let by_id = self.is_plain(node);
                for principal in self.explicit(position, node) {
                    let towards = Some(towards.clone());
                    self.actors.push(Actor { resource: position, principal, policies: None, by_id, towards });
                }
            }
        }
    }

    /// The principals that a role property names: one, except where the spelling leaves open which role of several it is.
    fn explicit(&mut self, owner: usize, node: NodeId) -> Vec<usize> {
        let resolver = self.resolver;
        let roles: Vec<usize> = references(resolver.doc, node)
            .iter()
            .filter_map(|id| resolver.template.position(id))
            .filter(|&position| is_role(resolver, position))
            .collect();
        if roles.is_empty() {
            let text = canonical(resolver.doc, node);
            return vec![self.principal(&text, Role::Elsewhere, Some(owner))];
        }
        roles.into_iter().map(|position| self.in_template(position)).collect()
    }

    /// SAM reads the name of a role from `Ref` and `Fn::GetAtt` only, and takes whatever they name for a role.
    fn is_plain(&self, node: NodeId) -> bool {
        let doc = self.resolver.doc;
        call(doc, node).is_some_and(|found| ["Ref", "Fn::GetAtt"].contains(&&*found.name))
    }

    fn in_template(&mut self, position: usize) -> usize {
        let id = self.resolver.template.resources()[position].id.clone();
        self.principal(&id, Role::InTemplate(position), Some(position))
    }

    fn principal(&mut self, name: &str, role: Role, decided_by: Option<usize>) -> usize {
        if let Some(&known) = self.named.get(name) {
            return known;
        }
        let name: Arc<str> = name.into();
        self.named.insert(name.clone(), self.principals.len());
        let template = self.resolver.template;
        let decided_by = decided_by.map(|position| &template.resources()[position]);
        self.principals.push(Principal {
            name,
            role,
            presence: decided_by.map_or(Presence::Always, |resource| template.presence(resource)),
            condition: decided_by.and_then(|resource| resource.condition.clone()),
        });
        self.principals.len() - 1
    }
}

/// Whether SAM takes a property for one that is not there.
fn is_absent(doc: &Document, node: NodeId) -> bool {
    is_nothing(doc, node) || matches!(expression(doc, node), Expr::Text(text) if text.is_empty())
}

/// Who holds a policy that is attached to a role by its name: what the holder is called, and the principal if it is one of
/// the template. A principal is named by a reference to its role, or by the role's own name. Any other role is called `role/`
/// and its name, since a name can look like a logical id.
pub(super) fn holder<'p>(
    resolver: &Resolver<'_>,
    roles: Roles<'p>,
    name: &Expr,
) -> (Arc<str>, Option<&'p Principal>) {
    let wanted = resolver.resolve(name).pattern;
    let by_own_name = |principal: &&Principal| match principal.role {
        Role::InTemplate(position) => {
            resolver.has_explicit_name(&resolver.template.resources()[position])
                && ResourcePattern::new(resolver.name_segments(position)) == wanted
        }
        _ => false,
    };
    let found = match name {
        Expr::Ref(id) => roles.named(id).filter(|principal| principal.role != Role::Elsewhere),
        _ => roles.principals.iter().find(by_own_name),
    };
    match found {
        Some(principal) => (principal.name.clone(), Some(principal)),
        None => (format!("role/{wanted}").into(), None),
    }
}

/// Whether a resource is a role.
pub(super) fn is_role(resolver: &Resolver<'_>, position: usize) -> bool {
    let kind = resolver.type_of(&resolver.template.resources()[position]);
    kind.is_some_and(|kind| matches!(kind.bears, Some(Bearing::Role { .. })))
}

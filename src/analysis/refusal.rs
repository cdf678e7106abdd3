//! Why SAM refuses a connector whose text is sound, in the order in which the translator finds out: the ends, the pair, the
//! permissions, the values of the ends, the role, and the logical ids of what it generates. Refuses to know what a sound
//! connector grants.

use super::connectors::{ConnectorView, Roles};
use super::generated::{self, GeneratedIds};
use super::principal::{Role, Towards};
use super::resolve::Resolver;
use crate::catalog::{Bearing, GrantKind, Holder, Profile};
use crate::syntax::NodeId;
use crate::template::{
    Complaint, Expr, Malformed, Reference, SAM_PREFIX, comes_to_text, expression, is_nothing, plain_text,
};

/// What the logical ids of resources start with that SAM generates for a whole template, such as `ServerlessRestApi` (SAM
/// translator, `plugins/api/implicit_api_plugin.py`).
const IMPLICIT_PREFIX: &str = "Serverless";

/// The first thing for which SAM refuses a connector, or for which what it grants is not known.
pub(super) fn refusal(
    resolver: &Resolver<'_>,
    roles: Roles<'_>,
    ids: &GeneratedIds,
    view: &ConnectorView,
) -> Option<Malformed> {
    let connector = &view.connector;
    let judge = Judge { resolver, roles, ids, view };
    let mut ends = connector.destinations.iter().zip(&view.destinations).enumerate();
    ends.find_map(|(number, (reference, position))| {
        judge
            .absent("Destination", reference, *position)
            .or_else(|| judge.absent("Source", &connector.source, view.source))
            .or_else(|| judge.destination(number, reference, *position))
    })
}

struct Judge<'r, 'a> {
    resolver: &'r Resolver<'a>,
    roles: Roles<'r>,
    ids: &'r GeneratedIds,
    view: &'r ConnectorView,
}

impl Judge<'_, '_> {
    fn complain(&self, complaint: Complaint, node: Option<NodeId>) -> Option<Malformed> {
        Some(Malformed { complaint, node: node.unwrap_or(self.view.connector.node) })
    }

    fn absent(&self, end: &'static str, reference: &Reference, position: Option<usize>) -> Option<Malformed> {
        let id = reference.id.as_deref().filter(|_| position.is_none())?;
        let template = self.resolver.template;
        let prefixes = template.resources().iter().filter(|r| r.type_name.starts_with(SAM_PREFIX));
        let generated = template.has_generated_resources()
            || id.starts_with(IMPLICIT_PREFIX)
            || prefixes.map(|resource| resource.id.as_str()).any(|prefix| id.starts_with(prefix));
        let id = id.to_owned();
        let complaint = if generated { Complaint::Generated(id) } else { Complaint::NoSuchResource(end, id) };
        self.complain(complaint, reference.node)
    }

    fn destination(
        &self,
        number: usize,
        reference: &Reference,
        position: Option<usize>,
    ) -> Option<Malformed> {
        let connector = &self.view.connector;
        let (from, to) =
            (self.type_of(&connector.source, self.view.source), self.type_of(reference, position));
        let Some(profile) = self.resolver.catalog.profile(&from, &to) else {
            return self.complain(Complaint::NoProfile(from, to), reference.node);
        };
        self.permissions(profile)
            .or_else(|| self.values(profile, &connector.source, self.view.source, Holder::Source))
            .or_else(|| self.values(profile, reference, position, Holder::Destination))
            .or_else(|| self.role(profile, reference, position))
            .or_else(|| self.taken(profile, number))
    }

    /// The CloudFormation type of an end.
    fn type_of(&self, reference: &Reference, position: Option<usize>) -> String {
        let resources = self.resolver.template.resources();
        let name = match position {
            Some(position) => resources[position].type_name.as_str(),
            None => reference.type_name.as_deref().unwrap_or_default(),
        };
        let known = self.resolver.catalog.resource_type(name);
        known.map_or(name, |kind| kind.canonical.as_str()).to_owned()
    }

    fn permissions(&self, profile: &Profile) -> Option<Malformed> {
        let connector = &self.view.connector;
        let valid = || profile.permissions.iter().map(|(category, _)| category.clone()).collect::<Vec<_>>();
        let ends = || (profile.source.clone(), profile.destination.clone());
        let complaint = if connector.permissions.is_empty() {
            Complaint::NoPermissions(valid())
        } else if connector.permissions.iter().any(|name| !valid().contains(name)) {
            let (from, to) = ends();
            Complaint::UnknownCategory(from, to, valid())
        } else if !profile.accepts(&connector.permissions) {
            let (from, to) = ends();
            Complaint::UnknownCombination(from, to, profile.combinations.clone())
        } else {
            return None;
        };
        self.complain(complaint, connector.permissions_node)
    }

    /// Every value that the profile speaks of has to be there, even for categories that are not asked for.
    fn values(
        &self,
        profile: &Profile,
        reference: &Reference,
        position: Option<usize>,
        side: Holder,
    ) -> Option<Malformed> {
        let kind = position.and_then(|p| self.resolver.type_of(&self.resolver.template.resources()[p]));
        let written =
            |property: &str| reference.fields.get(property).is_some_and(|&node| self.is_given(node));
        let has = |property: &str| match kind {
            Some(kind) => kind.connector.contains_key(property) || written(property),
            None => written(property),
        };
        let end = if side == Holder::Source { "Source" } else { "Destination" };
        let mut needed = profile.needed_properties(side).into_iter();
        let Some(missing) = needed.find(|name| *name != "RoleName" && !has(name)) else {
            let to_call = profile.kind == GrantKind::LambdaPermission && side == Holder::Destination;
            let unknown = reference.fields.iter().find(|(name, node)| {
                !comes_to_text(self.resolver.doc, **node) || to_call && *name == "Arn" && self.is_ref(**node)
            });
            let (name, node) = unknown?;
            return self.complain(Complaint::UnknownValue(end.to_owned(), name.clone()), Some(*node));
        };
        let complaint = match missing {
            "QueueUrl" => Complaint::NoTarget("SQS queue URL", end),
            // The function that a permission is attached to is no value of the profile's text.
            "Arn" if profile.kind == GrantKind::LambdaPermission && side == Holder::Destination => {
                Complaint::NoTarget("Lambda function ARN", end)
            }
            property => Complaint::MissingValue(end.to_owned(), property.to_owned()),
        };
        self.complain(complaint, reference.node)
    }

    /// Whether something stands there: what is nothing in YAML, or empty, is not there for SAM.
    fn is_given(&self, node: NodeId) -> bool {
        !is_nothing(self.resolver.doc, node) && plain_text(self.resolver.doc, node) != Some("")
    }

    /// Whether a value is the name of a resource of the template, which stands for a function as well as its ARN.
    fn is_ref(&self, node: NodeId) -> bool {
        matches!(expression(self.resolver.doc, node), Expr::Ref(id) if self.resolver.template.position(&id).is_some())
    }

    fn role(&self, profile: &Profile, destination: &Reference, position: Option<usize>) -> Option<Malformed> {
        if profile.kind != GrantKind::ManagedPolicy {
            return None;
        }
        let source = (&self.view.connector.source, self.view.source);
        let destination = (destination, position);
        let (end, (holder, resource), (other, position)) = match profile.holder {
            Holder::Source => ("Source", source, destination),
            Holder::Destination => ("Destination", destination, source),
        };
        let other = Towards::of(self.resolver.doc, other, position);
        let complaint = match resource {
            None if holder.fields.get("RoleName").is_some_and(|&node| self.is_given(node)) => return None,
            None => Complaint::NoRole(end),
            Some(resource) => {
                let towards = |actor: &&super::Actor| actor.towards.is_none() || actor.towards == other;
                let actors = self.roles.actors_that_are(resource);
                let role = actors.filter(towards).find(|actor| actor.by_id);
                match role.map(|actor| &self.roles.principals[actor.principal].role) {
                    Some(Role::Elsewhere) => Complaint::ForeignRole(end),
                    Some(Role::Generated(_) | Role::InTemplate(_)) => return None,
                    None => Complaint::NoRole(end),
                }
            }
        };
        self.complain(complaint, holder.node)
    }

    /// What the connector generates, and the connector itself, must have logical ids of their own.
    fn taken(&self, profile: &Profile, number: usize) -> Option<Malformed> {
        let connector = &self.view.connector;
        let template = self.resolver.template;
        if let Some((id, kind)) = generated::of_connector(self.resolver.catalog, profile, connector, number)
            && template.position(&id).is_some()
        {
            return self.complain(Complaint::Taken(connector.id.clone(), id, kind), None);
        }
        let owner = &template.resources()[self.ids.beside(self.resolver, &connector.id)?];
        let role = self.roles.named(&connector.id).is_some_and(|p| matches!(p.role, Role::Generated(_)));
        let complaint = if role {
            let mut kinds = self.resolver.catalog.resource_types();
            let kind = kinds.find(|kind| matches!(kind.bears, Some(Bearing::Role { .. })));
            let kind = kind.map(|kind| kind.name.clone()).unwrap_or_default();
            Complaint::Taken(owner.id.clone(), connector.id.clone(), kind)
        } else {
            Complaint::MayBeTaken(connector.id.clone(), owner.id.clone())
        };
        self.complain(complaint, None)
    }
}

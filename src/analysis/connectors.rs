//! What existing and proposed connectors grant. Which connectors there are is data of the catalogue.

use super::generated::GeneratedIds;
use super::index::Index;
use super::principal::{Actor, Principal, Towards, holder};
use super::refusal::refusal;
use super::resolve::Resolver;
use crate::catalog::{GrantKind, Holder, Profile, ValueSource};
use crate::iam::{ActionPattern, Condition, Grant, Presence, ResourcePattern, Segment, Token};
use crate::syntax::{Document, NodeId};
use crate::template::{Connector, Malformed, Reference, expression, references};
use std::sync::Arc;

/// One end of a connector, real or proposed.
#[derive(Debug, Clone)]
pub enum End<'c> {
    /// A resource of this template.
    Resource {
        /// Its position.
        position: usize,
        /// The part of it that is meant, for an API as source; `None` for what the profile takes by itself.
        qualifier: Option<ResourcePattern>,
    },
    /// Spelled out by hand.
    Written(&'c Reference),
    /// To be spelled out: something outside of the template.
    External(Arc<External>),
}

impl End<'_> {
    /// A whole resource of this template.
    pub fn resource(position: usize) -> Self {
        Self::Resource { position, qualifier: None }
    }
}

/// An end of a proposed connector that is no resource of the template.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct External {
    /// CloudFormation type of what the ARN stands for.
    pub type_name: String,
    /// Its ARN.
    pub arn: ResourcePattern,
    /// Its name, where connectors of the type need it.
    pub name: Option<ResourcePattern>,
    /// Positions of the resources of the template that the ARN refers to, such as the function of an alias.
    pub needs: Vec<usize>,
}

/// A connector with what it stands for.
#[derive(Debug, Clone)]
pub struct ConnectorView {
    /// As it is written.
    pub connector: Connector,
    /// Position of the source, if it is given by `Id`.
    pub source: Option<usize>,
    /// Positions of the destinations that are given by `Id`.
    pub destinations: Vec<Option<usize>>,
    /// The grants.
    pub grants: Vec<Grant>,
    /// The role that each managed policy it generates is attached to, one entry per destination.
    pub holders: Vec<Arc<str>>,
    /// What it generates, one part per destination.
    pub parts: Vec<Part>,
    /// What is wrong with it: then it grants nothing, or nothing that is known.
    pub complaint: Option<Malformed>,
}

/// What a connector generates for one destination.
#[derive(Debug, Clone)]
pub struct Part {
    /// Id of the profile.
    pub profile: String,
    /// The role that a managed policy is attached to; for the other kinds the service that is let in.
    pub holder: Arc<str>,
    /// The grants.
    pub grants: Vec<Grant>,
}

/// Who acts through which role.
#[derive(Debug, Clone, Copy)]
pub(super) struct Roles<'r> {
    /// The principals.
    pub(super) principals: &'r [Principal],
    /// What acts through them.
    pub(super) actors: &'r [Actor],
    /// Where to find them.
    pub(super) index: &'r Index,
}

/// Expands one connector.
pub(super) fn view(
    resolver: &Resolver<'_>,
    roles: Roles<'_>,
    ids: &GeneratedIds,
    connector: Connector,
) -> ConnectorView {
    let position =
        |reference: &Reference| reference.id.as_deref().and_then(|id| resolver.template.position(id));
    let mut view = ConnectorView {
        source: position(&connector.source),
        destinations: connector.destinations.iter().map(position).collect(),
        grants: Vec::new(),
        holders: Vec::new(),
        parts: Vec::new(),
        complaint: connector.malformed.clone(),
        connector,
    };
    if view.complaint.is_none() {
        view.complaint = refusal(resolver, roles, ids, &view);
    }
    if view.complaint.is_none() {
        expand_into(resolver, roles, &mut view);
    }
    view
}

/// What a sound connector stands for.
fn expand_into(resolver: &Resolver<'_>, roles: Roles<'_>, view: &mut ConnectorView) {
    let connector = &view.connector;
    let template = resolver.template;
    let presence = connector.condition.as_deref().map_or(Presence::Always, |name| template.condition(name));
    let source = end(resolver, &connector.source, view.source);
    for (reference, position) in connector.destinations.iter().zip(&view.destinations) {
        let destination = end(resolver, reference, *position);
        let types = type_name(resolver, &source).zip(type_name(resolver, &destination));
        let Some(profile) = types.and_then(|(from, to)| resolver.catalog.profile(from, to)) else { continue };
        let ends = Ends { source: source.clone(), destination };
        let granted = grants(resolver, roles, profile, &ends, &connector.permissions, &presence);
        let holder = match (&profile.resource_side, profile.holder) {
            (Some(side), _) => side.principal.as_str().into(),
            (None, Holder::Source) => role_name(resolver, roles, &ends.source, &ends.destination),
            (None, Holder::Destination) => role_name(resolver, roles, &ends.destination, &ends.source),
        };
        if profile.kind == GrantKind::ManagedPolicy {
            view.holders.push(holder.clone());
        }
        view.grants.extend(granted.iter().cloned());
        view.parts.push(Part { profile: profile.id.clone(), holder, grants: granted });
    }
}

fn end<'c>(resolver: &Resolver<'_>, reference: &'c Reference, position: Option<usize>) -> End<'c> {
    match position {
        Some(position) => {
            let qualifier = reference.fields.get("Qualifier");
            let qualifier = qualifier.map(|n| resolver.resolve(&expression(resolver.doc, *n)).pattern);
            End::Resource { position, qualifier }
        }
        None => End::Written(reference),
    }
}

fn type_name<'r>(resolver: &'r Resolver<'_>, end: &'r End<'_>) -> Option<&'r str> {
    match end {
        End::Resource { position, .. } => Some(&resolver.template.resources()[*position].type_name),
        End::Written(reference) => reference.type_name.as_deref(),
        End::External(external) => Some(&external.type_name),
    }
}

/// Both ends of a connector.
#[derive(Debug, Clone)]
pub struct Ends<'c> {
    /// Where it comes from.
    pub source: End<'c>,
    /// Where it leads.
    pub destination: End<'c>,
}

/// The grants of a connector of `profile` between two ends with the given categories, in the profile's order.
pub(super) fn grants(
    resolver: &Resolver<'_>,
    roles: Roles<'_>,
    profile: &Profile,
    ends: &Ends<'_>,
    categories: &[String],
    presence: &Presence,
) -> Vec<Grant> {
    let holder = profile.kind == GrantKind::ManagedPolicy;
    let holds = |side: Holder| holder && profile.holder == side;
    let presence = presence
        .clone()
        .and(present(resolver, roles, &ends.source, holds(Holder::Source).then_some(&ends.destination)))
        .and(present(resolver, roles, &ends.destination, holds(Holder::Destination).then_some(&ends.source)));
    let lookup = |name: &str| -> Option<Vec<Segment>> {
        let (side, property) = name.split_once('.')?;
        let end = match side {
            "Source" => &ends.source,
            "Destination" => &ends.destination,
            _ => return None,
        };
        Some(value(resolver, end, property))
    };
    let (principal, condition): (Arc<str>, _) = match (&profile.resource_side, profile.holder) {
        (Some(side), _) => {
            let arn = resolver.fill(&side.source_arn, lookup);
            let same_account = side.source_account;
            (side.principal.as_str().into(), Some(Condition::Source { arn, same_account }))
        }
        (None, Holder::Source) => (role_name(resolver, roles, &ends.source, &ends.destination), None),
        (None, Holder::Destination) => (role_name(resolver, roles, &ends.destination, &ends.source), None),
    };
    let mut out = Vec::new();
    for (category, forms) in &profile.permissions {
        if !categories.contains(category) {
            continue;
        }
        for form in forms {
            for text in &form.resources {
                let resource: ResourcePattern = resolver.fill(text, lookup);
                out.extend(form.actions.iter().map(|action| Grant {
                    principal: principal.clone(),
                    allow: true,
                    action: ActionPattern::new(action),
                    resource: resource.clone(),
                    condition: condition.clone(),
                    presence: presence.clone(),
                }));
            }
        }
    }
    out
}

/// When what a connector refers to at one end is there: the role where the end holds the policy (towards the other end, which
/// is given then), the resource where it does not.
fn present(resolver: &Resolver<'_>, roles: Roles<'_>, end: &End<'_>, other: Option<&End<'_>>) -> Presence {
    let template = resolver.template;
    let of = |position: usize| template.presence(&template.resources()[position]);
    match end {
        End::Resource { position, .. } => {
            match other.and_then(|other| roles.role(resolver.doc, *position, other)) {
                Some(principal) => principal.presence.clone(),
                None => of(*position),
            }
        }
        End::External(external) => {
            external.needs.iter().fold(Presence::Always, |presence, &position| presence.and(of(position)))
        }
        End::Written(reference) => reference
            .fields
            .values()
            .flat_map(|&node| references(resolver.doc, node))
            .filter_map(|id| template.position(&id))
            .fold(Presence::Always, |presence, position| presence.and(of(position))),
    }
}

impl<'r> Roles<'r> {
    /// The principal through which a resource acts towards the other end of a connector; none where SAM cannot tell it.
    fn role(self, doc: &Document, position: usize, other: &End<'_>) -> Option<&'r Principal> {
        let towards = match other {
            End::Resource { position, .. } => Some(Towards::Resource(*position)),
            End::Written(reference) => Towards::of(doc, reference, None),
            End::External(_) => None,
        };
        let acts = |actor: &&Actor| {
            let here = actor.towards.is_none() || actor.towards == towards;
            here && actor.by_id
        };
        self.actors_that_are(position).find(acts).map(|actor| &self.principals[actor.principal])
    }

    /// What a resource acts as.
    pub(super) fn actors_that_are(self, resource: usize) -> impl Iterator<Item = &'r Actor> {
        self.index.acting(resource).iter().map(move |&number| &self.actors[number])
    }

    /// The principal of a name.
    pub(super) fn named(self, name: &str) -> Option<&'r Principal> {
        self.index.principal(name).map(|number| &self.principals[number])
    }
}

/// The role of an end of a connector, by its logical id; for one written by hand, the text of its `RoleName`.
fn role_name(resolver: &Resolver<'_>, roles: Roles<'_>, end: &End<'_>, other: &End<'_>) -> Arc<str> {
    match end {
        End::Resource { position, .. } => match roles.role(resolver.doc, *position, other) {
            Some(principal) => principal.name.clone(),
            None => resolver.template.resources()[*position].id.as_str().into(),
        },
        End::Written(reference) => {
            let name = reference.fields.get("RoleName").map(|node| expression(resolver.doc, *node));
            name.map_or_else(|| "".into(), |name| holder(resolver, roles, &name).0)
        }
        End::External(_) => "".into(),
    }
}

/// The segments of a property (`Arn`, `Name`, `ResourceId`, `Qualifier`) of an end.
fn value(resolver: &Resolver<'_>, end: &End<'_>, property: &str) -> Vec<Segment> {
    let written =
        |node: NodeId| resolver.resolve(&expression(resolver.doc, node)).pattern.segments().to_vec();
    match end {
        End::Written(reference) => match reference.fields.get(property) {
            Some(node) => written(*node),
            None => vec![Segment::Token(Token::opaque(format!("missing {property}")))],
        },
        End::External(external) => match (property, &external.name) {
            ("Arn", _) => external.arn.segments().to_vec(),
            ("Name", Some(name)) => name.segments().to_vec(),
            _ => vec![Segment::Token(Token::opaque(format!("missing {property}")))],
        },
        End::Resource { qualifier: Some(qualifier), .. } if property == "Qualifier" => {
            qualifier.segments().to_vec()
        }
        End::Resource { position, .. } => value_by_id(resolver, *position, property),
    }
}

/// The segments of a property of an end that is given by `Id`.
pub(super) fn value_by_id(resolver: &Resolver<'_>, position: usize, property: &str) -> Vec<Segment> {
    let resource = &resolver.template.resources()[position];
    if property == "Arn"
        && let Some(arn) = resolver.arn(position)
    {
        return arn.segments().to_vec();
    }
    if property == "Name" {
        return resolver.name_segments(position);
    }
    let source = resolver.type_of(resource).and_then(|kind| kind.connector.get(property));
    match source {
        Some(ValueSource::Literal(text)) => crate::iam::text_segments(text),
        Some(ValueSource::Attribute(name)) => {
            vec![Segment::Token(Token::opaque(format!("{}.{name}", resource.id)))]
        }
        Some(ValueSource::Ref) | None => vec![Segment::Token(Token::opaque(resource.id.clone()))],
    }
}

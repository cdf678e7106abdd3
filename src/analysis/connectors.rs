//! What existing and proposed connectors grant. Which connectors there are is data of the catalogue.

use super::principal::Principal;
use super::resolve::Resolver;
use crate::catalog::{GrantKind, Holder, Profile, ValueSource};
use crate::iam::{ActionPattern, Grant, Presence, ResourcePattern, Segment, Token};
use crate::syntax::NodeId;
use crate::template::{Connector, Reference, expression};

/// One end of a connector, real or proposed.
#[derive(Debug, Clone)]
pub enum End<'c> {
    /// A resource of this template, by its position.
    Resource(usize),
    /// Spelled out by hand.
    Written(&'c Reference),
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
    pub holders: Vec<String>,
    /// What is wrong with it: then it grants nothing.
    pub complaint: Option<String>,
}

/// Expands one connector.
pub(super) fn view(resolver: &Resolver<'_>, principals: &[Principal], connector: Connector) -> ConnectorView {
    let position =
        |reference: &Reference| reference.id.as_deref().and_then(|id| resolver.template.position(id));
    let mut view = ConnectorView {
        source: position(&connector.source),
        destinations: connector.destinations.iter().map(position).collect(),
        grants: Vec::new(),
        holders: Vec::new(),
        complaint: connector.malformed.clone(),
        connector,
    };
    if view.complaint.is_none()
        && let Err(complaint) = expand_into(resolver, principals, &mut view)
    {
        view.grants.clear();
        view.complaint = Some(complaint);
    }
    view
}

fn expand_into(
    resolver: &Resolver<'_>,
    principals: &[Principal],
    view: &mut ConnectorView,
) -> Result<(), String> {
    let connector = &view.connector;
    let template = resolver.template;
    let presence = connector.condition.as_deref().map_or(Presence::Always, |name| template.condition(name));
    let source = end(&connector.source, view.source)?;
    for (reference, position) in connector.destinations.iter().zip(&view.destinations) {
        let destination = end(reference, *position)?;
        let (from, to) = (type_name(resolver, &source), type_name(resolver, &destination));
        let profile = from.zip(to).and_then(|(from, to)| resolver.catalog.profile(from, to)).ok_or_else(|| {
            let name = |found: Option<&str>| found.unwrap_or("an unknown type").to_owned();
            format!(
                "Unable to create connector from {} to {}; it's not supported or the template is invalid.",
                name(from),
                name(to)
            )
        })?;
        if !profile.accepts(&connector.permissions) {
            return Err(format!(
                "Unsupported 'Permissions' provided for connector from {} to {}.",
                profile.source, profile.destination
            ));
        }
        let ends = Ends { source: source.clone(), destination };
        view.grants.extend(grants(resolver, principals, profile, &ends, &connector.permissions, &presence));
        if profile.kind == GrantKind::ManagedPolicy {
            let holder = match profile.holder {
                Holder::Source => &ends.source,
                Holder::Destination => &ends.destination,
            };
            view.holders.push(role_name(resolver, principals, holder));
        }
    }
    Ok(())
}

fn end<'c>(reference: &'c Reference, position: Option<usize>) -> Result<End<'c>, String> {
    match (&reference.id, position) {
        (Some(_), Some(position)) => Ok(End::Resource(position)),
        (Some(id), None) => Err(format!("Unable to find resource with logical ID '{id}'.")),
        (None, _) => Ok(End::Written(reference)),
    }
}

fn type_name<'r>(resolver: &'r Resolver<'_>, end: &'r End<'_>) -> Option<&'r str> {
    match end {
        End::Resource(position) => Some(&resolver.template.resources()[*position].type_name),
        End::Written(reference) => reference.type_name.as_deref(),
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
    principals: &[Principal],
    profile: &Profile,
    ends: &Ends<'_>,
    categories: &[String],
    presence: &Presence,
) -> Vec<Grant> {
    let mut presence = presence.clone();
    for end in [&ends.source, &ends.destination] {
        if let End::Resource(position) = end {
            presence = presence.and(resolver.template.presence(&resolver.template.resources()[*position]));
        }
    }
    let lookup = |name: &str| -> Option<Vec<Segment>> {
        let (side, property) = name.split_once('.')?;
        let end = match side {
            "Source" => &ends.source,
            "Destination" => &ends.destination,
            _ => return None,
        };
        Some(value(resolver, end, property))
    };
    let (principal, condition) = match (&profile.resource_side, profile.holder) {
        (Some(side), _) => {
            let from = resolver.fill(&side.source_arn, lookup);
            (
                side.principal.clone(),
                Some(format!("source {from}, same account {}", side.source_account).into()),
            )
        }
        (None, Holder::Source) => (role_name(resolver, principals, &ends.source), None),
        (None, Holder::Destination) => (role_name(resolver, principals, &ends.destination), None),
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
                    principal: principal.as_str().into(),
                    allow: true,
                    action: ActionPattern::new(action.as_str()),
                    resource: resource.clone(),
                    condition: condition.clone(),
                    presence: presence.clone(),
                }));
            }
        }
    }
    out
}

/// The role of an end, by its logical id; for one written by hand, the text of its `RoleName`.
fn role_name(resolver: &Resolver<'_>, principals: &[Principal], end: &End<'_>) -> String {
    match end {
        End::Resource(position) => principals
            .iter()
            .find(|principal| principal.owner == *position)
            .map_or_else(|| resolver.template.resources()[*position].id.clone(), |p| p.name.to_string()),
        End::Written(reference) => {
            match reference.fields.get("RoleName").map(|n| expression(resolver.doc, *n)) {
                Some(crate::template::Expr::Ref(id)) => id,
                Some(expr) => resolver.resolve(&expr).pattern.to_string(),
                None => String::new(),
            }
        }
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
        End::Resource(position) => {
            let resource = &resolver.template.resources()[*position];
            if property == "Arn"
                && let Some(arn) = resolver.arn(*position)
            {
                return arn.segments().to_vec();
            }
            if property == "Name" {
                return resolver.name_segments(*position);
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
    }
}

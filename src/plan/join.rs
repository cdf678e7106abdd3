//! Which connector of the template already joins the ends of an edge, so that it is extended instead of doubled. Refuses to
//! know what it costs.

use super::edge::Edge;
use super::far::Far;
use crate::analysis::{Analysis, ConnectorView, Resolver};
use crate::catalog::ValueSource;
use crate::iam::Presence;
use crate::syntax::NodeId;
use crate::template::expression;
use std::collections::BTreeSet;

/// A connector that joins the two ends whenever `presence` holds. One that gives all that is wanted comes before one that
/// holds exactly then, so that a rewrite that was made in part is recognised and not begun again.
pub(super) fn existing(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    edge: &Edge,
    presence: &Presence,
    suffices: impl Fn(usize) -> bool,
) -> Option<usize> {
    let near = || std::iter::once(edge.near).chain(analysis.actors_of(&edge.principal).map(|a| a.resource));
    let numbers: BTreeSet<usize> = match &edge.far {
        Far::Resource(position) => analysis.connectors_at(*position).collect(),
        Far::Inferred(_) | Far::External(..) => near().flat_map(|end| analysis.connectors_at(end)).collect(),
    };
    let joining = numbers
        .into_iter()
        .map(|number| (number, &analysis.connectors[number]))
        .filter(|(_, view)| joins(resolver, analysis, view, edge))
        .map(|(number, view)| (number, own(resolver, view)))
        .filter(|(_, own)| presence.implies(own) == Some(true));
    let rank = |(number, own): &(usize, Presence)| (!suffices(*number), own.implies(presence) != Some(true));
    joining.min_by_key(rank).map(|(number, _)| number)
}

/// When a connector's own condition holds.
pub(super) fn own(resolver: &Resolver<'_>, view: &ConnectorView) -> Presence {
    let own = view.connector.condition.as_deref();
    own.map_or(Presence::Always, |name| resolver.template.condition(name))
}

/// Whether a connector joins the ends of an edge: the far end, and any resource that acts through the role.
fn joins(resolver: &Resolver<'_>, analysis: &Analysis, view: &ConnectorView, edge: &Edge) -> bool {
    if view.complaint.is_some() || has_key_twice(resolver, view) {
        return false;
    }
    let resources = resolver.template.resources();
    let canonical = |position: usize| resolver.type_of(&resources[position]).map(|kind| &kind.canonical);
    let near = |position: usize| {
        position == edge.near
            || (canonical(position) == canonical(edge.near) && analysis.acts(position, &edge.principal))
    };
    let source = match edge.polls {
        true => view.source.is_some_and(|source| edge.far == Far::Resource(source)),
        false => view.source.is_some_and(near) && qualifies(resolver, view, edge),
    };
    source
        && match &edge.far {
            _ if edge.polls => view.destinations.iter().flatten().any(|&position| near(position)),
            Far::Resource(position) => view.destinations.contains(&Some(*position)),
            Far::Inferred(positions) => positions.iter().all(|p| view.destinations.contains(&Some(*p))),
            Far::External(type_name, arn) => view.connector.destinations.iter().any(|reference| {
                let named =
                    reference.type_name.as_deref().and_then(|name| resolver.catalog.resource_type(name));
                let own = reference.fields.get("Arn").map(|&node| text(resolver, node));
                named.is_some_and(|kind| kind.canonical == *type_name) && own.as_deref() == Some(arn)
            }),
        }
}

/// Whether a connector is written in a way in which it cannot be extended. To rely on it in one step and not in the other
/// would end in different texts.
fn has_key_twice(resolver: &Resolver<'_>, view: &ConnectorView) -> bool {
    let doc = resolver.doc;
    let whole = doc.resolve(view.connector.node);
    let properties = doc.get(whole, "Properties").map(|node| doc.resolve(node));
    std::iter::once(whole).chain(properties).any(|map| doc.has_duplicates(map))
}

/// Whether a connector means the same part of its source.
fn qualifies(resolver: &Resolver<'_>, view: &ConnectorView, edge: &Edge) -> bool {
    let Some(wanted) = &edge.qualifier else { return true };
    let written = view.connector.source.fields.get("Qualifier").map(|&node| text(resolver, node));
    written.or_else(|| default_qualifier(resolver, edge)).is_some_and(|written| written == *wanted)
}

/// The part of the source that a connector without a qualifier means.
pub(super) fn default_qualifier(resolver: &Resolver<'_>, edge: &Edge) -> Option<String> {
    let source = &resolver.template.resources()[edge.source()];
    match resolver.type_of(source)?.connector.get("Qualifier")? {
        ValueSource::Literal(text) => Some(text.clone()),
        ValueSource::Ref | ValueSource::Attribute(_) => None,
    }
}

/// A value in `Fn::Sub` notation.
fn text(resolver: &Resolver<'_>, node: NodeId) -> String {
    resolver.resolve(&expression(resolver.doc, node)).pattern.to_string()
}

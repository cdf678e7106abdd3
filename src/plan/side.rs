//! Grants on the other side: what a permission of a function or a policy of a queue or topic can become, and when a connector
//! takes the place of a resource under the resource's own id. Refuses to know consent and edits.

use super::edge::Edge;
use super::reason::Reason;
use super::rest::{UnitOutcome, outcome};
use crate::analysis::{Analysis, Cell, LetIn, Obstacle, Origin, Resolver, Unit, Writers, is_sole, let_in};
use crate::catalog::{Bearing, GrantKind, Profile};
use crate::iam::Condition;
use crate::syntax::{Document, NodeId};
use crate::template::{Resource, references};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a resource-side grant is.
pub(super) enum Side<'c> {
    /// It lets a resource of the template in, on the resource at this position.
    LetIn(LetIn<'c>, usize),
    /// It lets in what this role may do anyway, on the resource at this position, if the role holds a grant.
    Needless(Arc<str>, usize),
    /// It stays.
    Aside(Reason),
}

/// Sorts one resource-side grant.
pub(super) fn sort<'c>(resolver: &Resolver<'c>, analysis: &Analysis, cell: &Cell) -> Side<'c> {
    let obstacle = analysis.ledger.rectangle(cell).obstacle;
    let column = analysis.ledger.column(cell);
    let target = column.target.as_ref();
    let own = |position: usize| resolver.arn(position).map(ToString::to_string);
    if obstacle == Some(Obstacle::NoService)
        && let Some(target) = target
    {
        // Within one account the role's own policy is enough, so a permission for the role itself adds nothing to it.
        let name = cell.grant.principal.strip_prefix("${").and_then(|text| text.strip_suffix(".Arn}"));
        if let Some(principal) = name.and_then(|name| analysis.principal(name)) {
            return Side::Needless(principal.name.clone(), target.resource);
        }
    }
    if let Some(obstacle) = obstacle {
        // A source would not help where no connector leads from such a one.
        let of_no_profile = obstacle == Obstacle::NoSource
            && target.is_some_and(|target| !lets_in(resolver, &cell.grant.principal, target.resource));
        return Side::Aside(if of_no_profile { Reason::NoProfile } else { obstacle.into() });
    }
    let Some(target) = target else { return Side::Aside(Reason::UnresolvedResource) };
    if target.qualifier {
        return Side::Aside(Reason::QualifiedTarget);
    }
    if let Some(found) = let_in(resolver, &cell.grant, target.resource) {
        return Side::LetIn(found, target.resource);
    }
    let Some(Condition::Source { arn, .. }) = &cell.grant.condition else {
        return Side::Aside(Reason::IamCondition);
    };
    let text = arn.to_string();
    let acting = analysis.actors.iter().find(|actor| own(actor.resource).as_deref() == Some(text.as_str()));
    if let Some(actor) = acting {
        return Side::Needless(analysis.principals[actor.principal].name.clone(), target.resource);
    }
    let inner = text.strip_prefix("${").unwrap_or_default();
    let mentioned = inner.find(['.', '}']).is_some_and(|end| {
        let (id, rest) = inner.split_at(end);
        (rest.starts_with('.') || rest == "}") && resolver.template.position(id).is_some()
    });
    match mentioned {
        true => Side::Aside(Reason::NoProfile),
        false => Side::Aside(Reason::UnresolvedResource),
    }
}

/// Whether some connector lets a service in on a resource.
fn lets_in(resolver: &Resolver<'_>, service: &str, destination: usize) -> bool {
    let to = &resolver.template.resources()[destination].type_name;
    let of_service =
        |profile: &Profile| profile.resource_side.as_ref().is_some_and(|side| side.principal == service);
    let profiles =
        resolver.catalog.resource_types().filter_map(|kind| resolver.catalog.profile(&kind.name, to));
    profiles.into_iter().any(|profile| of_service(profile))
}

/// The edges that take over whole resource-side policies, and the others with the reason. A queue or topic has one policy,
/// so a connector can only stand in for all of it, and only under its id.
pub(super) fn whole(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    edges: Vec<Edge>,
) -> (Vec<Edge>, Vec<(Edge, Reason)>) {
    let mut kept = Vec::new();
    let mut refused = Vec::new();
    let mut claimed: BTreeSet<String> = BTreeSet::new();
    let sole = edges.iter().any(|edge| is_sole(edge.profile.kind));
    let writers = if sole { Writers::of(resolver, analysis) } else { Writers::default() };
    for edge in edges {
        let claim = reserved(resolver, analysis, &edge);
        match refusal(resolver, analysis, &writers, &edge) {
            None if claim.is_some_and(|id| !claimed.insert(id)) => refused.push((edge, Reason::OnePolicy)),
            None => kept.push(edge),
            Some(reason) => refused.push((edge, reason)),
        }
    }
    (kept, refused)
}

/// The id that the connector of an edge must have, where no other would do.
pub(super) fn reserved(resolver: &Resolver<'_>, analysis: &Analysis, edge: &Edge) -> Option<String> {
    if !is_sole(edge.profile.kind) {
        return None;
    }
    let covered: BTreeSet<usize> = edge.coverable.iter().copied().collect();
    in_place(resolver, analysis, edge.profile.kind, &covered).map(|(_, id)| id)
}

fn refusal(resolver: &Resolver<'_>, analysis: &Analysis, writers: &Writers, edge: &Edge) -> Option<Reason> {
    if !is_sole(edge.profile.kind) {
        return None;
    }
    let covered: BTreeSet<usize> = edge.coverable.iter().copied().collect();
    let units = units_of(analysis, &covered);
    let all = units.iter().all(|unit| unit.cells().all(|cell| covered.contains(&cell)));
    if !all {
        return Some(Reason::OnePolicy);
    }
    let on = edge.destinations();
    if on.iter().any(|&position| writers.on(position).len() > 1) {
        return Some(Reason::SecondResourcePolicy);
    }
    reserved(resolver, analysis, edge).is_none().then_some(Reason::OnePolicy)
}

fn units_of<'a>(analysis: &'a Analysis, cells: &BTreeSet<usize>) -> Vec<&'a Unit> {
    let numbers: BTreeSet<usize> = cells.iter().map(|&cell| analysis.ledger.cells[cell].unit).collect();
    numbers.into_iter().map(|number| &analysis.ledger.units[number]).collect()
}

/// The resource that goes with these cells and whose id a connector's own resource can take, with the connector's id that
/// makes it so. CloudFormation then updates the resource in place, and nothing is missing in between.
pub(super) fn in_place(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    kind: GrantKind,
    gone: &BTreeSet<usize>,
) -> Option<(usize, String)> {
    let units = units_of(analysis, gone);
    let [unit] = units.as_slice() else { return None };
    let ledger = &analysis.ledger;
    if !unit.origin.is_resource() || outcome(ledger, unit, gone) != UnitOutcome::Remove {
        return None;
    }
    let template = resolver.template;
    let resource = &template.resources()[unit.bearer];
    let (generated, form) = resolver.catalog.generated(kind)?;
    if resource.type_name != generated.name || !is_plain(resolver, resource) {
        return None;
    }
    let form = form.id.replace("${Category}", "Write");
    let (head, tail) = form.split_once("${Connector}")?;
    let id = resource.id.strip_prefix(head)?.strip_suffix(tail)?;
    let free =
        !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric()) && template.position(id).is_none();
    free.then(|| (unit.bearer, id.to_owned()))
}

/// Whether a policy resource says nothing that the resource of a connector would not say, and nothing but `DependsOn` names
/// it: a role that lists it would lose it before the connector attaches it again.
fn is_plain(resolver: &Resolver<'_>, resource: &Resource) -> bool {
    let doc = resolver.doc;
    let bears = resolver.type_of(resource).and_then(|kind| kind.bears.as_ref());
    let properties: &[&str] = match bears {
        Some(Bearing::ManagedPolicy { document, roles, .. }) => &[document, roles],
        Some(Bearing::ResourcePolicy { document, on, .. }) => &[document, on],
        Some(Bearing::LambdaPermission { action, function, principal, source_arn, source_account }) => {
            &[action, function, principal, source_arn, source_account]
        }
        _ => return false,
    };
    let own = resource.properties.into_iter().flat_map(|map| doc.pairs(map));
    let only_known = own.into_iter().all(|(name, ..)| properties.contains(&name));
    let mut sites = resolver.sites_of(&resource.id).into_iter();
    let named = sites.any(|site| depending(resolver.doc, site).is_none());
    only_known && !named
}

/// Whether the policy of a resource-side grant refers to the resource that it lets in, instead of naming it by its physical
/// name; then the policy comes after that resource as the connector does. True for every other grant.
pub(super) fn refers_to_source(resolver: &Resolver<'_>, analysis: &Analysis, cell: &Cell) -> bool {
    let unit = &analysis.ledger.units[cell.unit];
    let target = analysis.ledger.column(cell).target.as_ref();
    let found = match unit.origin {
        Origin::ResourceSide => target.and_then(|target| let_in(resolver, &cell.grant, target.resource)),
        _ => None,
    };
    found.is_none_or(|found| {
        let source = &resolver.template.resources()[found.source].id;
        references(resolver.doc, unit.node).contains(source)
    })
}

/// The mapping whose `DependsOn` a node is, or is an entry of.
pub(super) fn depending(doc: &Document, node: NodeId) -> Option<NodeId> {
    let map = |node: NodeId| {
        let parent = doc.node(node).parent?;
        let entry = doc.node(parent).entries.get(doc.index_in_parent(node)?)?;
        (doc.key(entry) == Some("DependsOn")).then_some(parent)
    };
    map(node).or_else(|| map(doc.node(node).parent?))
}

/// Whether a unit is a resource that goes as a whole with some cells.
pub(super) fn goes(analysis: &Analysis, unit: &Unit, gone: &BTreeSet<usize>) -> bool {
    unit.origin.is_resource() && outcome(&analysis.ledger, unit, gone) == UnitOutcome::Remove
}

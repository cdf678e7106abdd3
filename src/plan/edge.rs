//! Which grants belong together: one edge per principal, destination and branch of `Fn::If`, with the grants that a
//! connector could take over and those that would stay. Every grant that belongs to no edge gets its reason here.

use super::reason::Reason;
use crate::analysis::{Analysis, Cell, Column, Obstacle, Resolver, Role, Unit};
use crate::catalog::{GrantKind, Holder, Profile};
use crate::iam::{Grant, Presence, ResourcePattern};
use crate::syntax::{Document, NodeId};
use std::collections::{BTreeMap, BTreeSet};

/// All grants of one principal towards one destination, under the same branches of `Fn::If`.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    /// Position of the resource that acts.
    pub(super) owner: usize,
    /// Position of the destination.
    pub(super) destination: usize,
    /// The connector profile for the two.
    pub(super) profile: Profile,
    /// The branches of `Fn::If` around the policies.
    pub(super) branches: Vec<(String, bool)>,
    /// Cells that a connector with all categories covers.
    pub(super) coverable: Vec<usize>,
    /// Live cells on the same destination that no connector covers.
    pub(super) rest: Vec<usize>,
    /// Those of them that no edit may touch.
    pub(super) fixed: Vec<usize>,
}

/// Why a group of cells stays as it is.
#[derive(Debug, Clone)]
pub(super) struct Aside {
    /// Why.
    pub(super) reason: Reason,
    /// The cells, all of one statement.
    pub(super) cells: Vec<usize>,
}

/// The edges in the order of their first grant, and everything else with its reason.
pub(super) fn edges(resolver: &Resolver<'_>, analysis: &Analysis) -> (Vec<Edge>, Vec<Aside>) {
    let services = connector_services(resolver);
    let mut edges: Vec<Edge> = Vec::new();
    let mut aside: BTreeMap<(usize, usize, Reason), Vec<usize>> = BTreeMap::new();
    let blocked: Vec<Option<Reason>> =
        analysis.ledger.units.iter().map(|unit| unit_obstacle(resolver.doc, analysis, unit)).collect();
    let mut homeless: Vec<(usize, usize, Reason)> = Vec::new();
    for (number, cell) in analysis.ledger.cells.iter().enumerate() {
        let column = analysis.ledger.column(cell);
        let unit = &analysis.ledger.units[cell.unit];
        let verdict = classify(resolver, analysis, &services, cell, column, unit, blocked[cell.unit]);
        let (destination, profile, coverable) = match verdict {
            Verdict::Pair(destination, profile, coverable) => (destination, *profile, coverable),
            Verdict::Nothing => continue,
            Verdict::Aside(reason) => {
                aside.entry((cell.unit, cell.rectangle, reason)).or_default().push(number);
                continue;
            }
            Verdict::Rest(destination, reason) => {
                homeless.push((number, destination, reason));
                continue;
            }
        };
        let found = edges.iter_mut().find(|edge| {
            edge.owner == unit.owner && edge.destination == destination && edge.branches == unit.branches
        });
        let edge = match found {
            Some(edge) => edge,
            None => {
                let branches = unit.branches.clone();
                let edge = Edge {
                    owner: unit.owner,
                    destination,
                    profile,
                    branches,
                    coverable: vec![],
                    rest: vec![],
                    fixed: vec![],
                };
                edges.push(edge);
                let last = edges.len() - 1;
                &mut edges[last]
            }
        };
        if coverable {
            edge.coverable.push(number);
        }
    }
    edges.retain(|edge| edge.coverable.iter().any(|&n| !analysis.ledger.cells[n].inert));
    for (number, destination, reason) in homeless {
        let cell = &analysis.ledger.cells[number];
        let unit = &analysis.ledger.units[cell.unit];
        let home = edges.iter_mut().find(|edge| {
            edge.owner == unit.owner && edge.destination == destination && edge.branches == unit.branches
        });
        match home {
            Some(edge) => {
                edge.rest.push(number);
                if blocked[cell.unit].is_some() || analysis.ledger.column(cell).conditional {
                    edge.fixed.push(number);
                }
            }
            None => aside.entry((cell.unit, cell.rectangle, reason)).or_default().push(number),
        }
    }
    let aside = aside.into_iter().map(|((_, _, reason), cells)| Aside { reason, cells }).collect();
    (edges, aside)
}

enum Verdict {
    /// Belongs to the edge to a destination, whose connector covers it or, if it is inert, need not.
    Pair(usize, Box<Profile>, bool),
    /// Stays beside the connector to a destination, or alone for the reason.
    Rest(usize, Reason),
    /// Stays.
    Aside(Reason),
    /// Grants nothing and is covered by nothing: not worth a word.
    Nothing,
}

fn classify(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    services: &BTreeSet<&str>,
    cell: &Cell,
    column: &Column,
    unit: &Unit,
    blocked: Option<Reason>,
) -> Verdict {
    let action = &cell.grant.action;
    if let Some(obstacle) = analysis.ledger.rectangle(cell).obstacle {
        return Verdict::Aside(reason_of(obstacle));
    }
    let service = action.service();
    if service.contains(['*', '?']) {
        return Verdict::Aside(Reason::WildcardAction);
    }
    if !services.contains(service) {
        return if cell.inert { Verdict::Nothing } else { Verdict::Aside(Reason::NoConnector) };
    }
    let Some(target) = &column.target else {
        let reason = match is_wildcard(resolver, service, &column.pattern) {
            true => Reason::WildcardResource,
            false => Reason::UnresolvedResource,
        };
        return Verdict::Aside(reason);
    };
    let destination = target.resource;
    let profile = profile_for(resolver, unit.owner, destination);
    let covered = profile.is_some_and(|profile| {
        let everything: Vec<String> =
            profile.permissions.iter().map(|(category, _)| category.clone()).collect();
        let full = analysis.connector_grants(
            resolver,
            profile,
            unit.owner,
            destination,
            &everything,
            &Presence::Always,
        );
        covers(&full, &cell.grant)
    });
    if let (Some(profile), true) = (profile, covered) {
        let reason = blocked.or(column.conditional.then_some(Reason::ConditionalStatement));
        return match reason {
            Some(reason) => Verdict::Aside(reason),
            None => Verdict::Pair(destination, Box::new(profile.clone()), true),
        };
    }
    if cell.inert {
        return Verdict::Nothing;
    }
    let reason = match profile {
        None => Reason::NoProfile,
        Some(_) if action.is_open() => Reason::WildcardAction,
        Some(_) if target.qualifier => Reason::QualifiedTarget,
        Some(_) => Reason::OutsideConnector,
    };
    Verdict::Rest(destination, reason)
}

/// Whether one of the grants permits what `grant` permits, presence apart.
pub(super) fn covers(grants: &[Grant], grant: &Grant) -> bool {
    grants.iter().any(|g| g.action.covers(&grant.action) && g.resource.covers(&grant.resource))
}

/// The profile by which `owner` connects to `destination` through its own role.
pub(super) fn profile_for<'c>(
    resolver: &Resolver<'c>,
    owner: usize,
    destination: usize,
) -> Option<&'c Profile> {
    let types = |position: usize| &resolver.template.resources()[position].type_name;
    resolver
        .catalog
        .profile(types(owner), types(destination))
        .filter(|profile| profile.kind == GrantKind::ManagedPolicy && profile.holder == Holder::Source)
}

/// The services that some connector grants access to through a role.
fn connector_services<'c>(resolver: &Resolver<'c>) -> BTreeSet<&'c str> {
    resolver
        .catalog
        .profiles()
        .filter(|profile| profile.kind == GrantKind::ManagedPolicy)
        .flat_map(|profile| &profile.permissions)
        .flat_map(|(_, forms)| forms)
        .flat_map(|form| &form.actions)
        .filter_map(|action| action.split_once(':').map(|(service, _)| service))
        .collect()
}

fn reason_of(obstacle: Obstacle) -> Reason {
    match obstacle {
        Obstacle::Deny => Reason::Deny,
        Obstacle::NotElement => Reason::NotElement,
        Obstacle::IamCondition => Reason::IamCondition,
        Obstacle::ConditionalStatement => Reason::ConditionalStatement,
        Obstacle::Opaque => Reason::OpaquePolicy,
        Obstacle::BesideRole => Reason::DeadPolicies,
        Obstacle::Malformed => Reason::UnknownPolicy,
    }
}

/// The reason that goes with something in `Policies` that could not be read.
pub(super) fn unreadable_reason(obstacle: Obstacle) -> Reason {
    reason_of(obstacle)
}

/// Why no edit may be made in a policy, whatever it grants.
fn unit_obstacle(doc: &Document, analysis: &Analysis, unit: &Unit) -> Option<Reason> {
    if analysis.principal_of(unit.owner).is_none_or(|principal| principal.role == Role::Elsewhere) {
        return Some(Reason::DeadPolicies);
    }
    if doc.is_shared(unit.node) {
        return Some(Reason::SharedNode);
    }
    let mut at: Option<NodeId> = Some(unit.node);
    while let Some(node) = at {
        if doc.has_duplicates(node) {
            return Some(Reason::DuplicateKeys);
        }
        at = doc.node(node).parent;
    }
    (unit.branches.len() > 1).then_some(Reason::ConditionalStatement)
}

/// Whether a pattern without a target matches more than one resource: it has a wildcard that is not merely the scope
/// (`/index/*`, `/*`) behind the ARN of one resource.
fn is_wildcard(resolver: &Resolver<'_>, service: &str, pattern: &ResourcePattern) -> bool {
    if !pattern.is_open() {
        return false;
    }
    let text = pattern.to_string();
    let scopes = resolver
        .catalog
        .resource_types()
        .filter(|kind| kind.service == service)
        .flat_map(|kind| kind.scopes.iter().map(|(scope, _)| scope.as_str()))
        .filter(|scope| !scope.is_empty());
    let mut bare = vec![text.as_str()];
    bare.extend(scopes.filter_map(|scope| text.strip_suffix(scope)));
    bare.iter().all(|text| text.contains(['*', '?']) || text.ends_with(['/', ':']))
}

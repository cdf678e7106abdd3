//! Which grants belong together: one edge per principal, destination and branch of `Fn::If`, with the grants that a
//! connector could take over and those that would stay. Every grant that belongs to no edge gets its reason here.

use super::cycle::without_cycles;
use super::delta::accepts_removed;
use super::options::{Options, Rest};
use super::reason::Reason;
use crate::analysis::{Analysis, Cell, Obstacle, Resolver, Role, Unit};
use crate::catalog::{GrantKind, Holder, Profile};
use crate::iam::{ActionPattern, Grant, Presence, ResourcePattern};
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
    /// Those of the rest that no edit may touch.
    pub(super) fixed: Vec<usize>,
    /// Those of the rest whose action is an open pattern that the user lets go, with the actions that it matches and the
    /// connector gives.
    pub(super) open: Vec<(usize, Vec<Grant>)>,
}

impl Edge {
    /// Whether it is the edge between the same ends under the same branches.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.owner, self.destination, &self.branches) == (other.owner, other.destination, &other.branches)
    }

    /// Whether the grants of a policy towards `destination` belong to this edge.
    fn is_home(&self, unit: &Unit, destination: usize) -> bool {
        self.owner == unit.owner && self.destination == destination && self.branches == unit.branches
    }
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
pub(super) fn edges(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    options: &Options,
) -> (Vec<Edge>, Vec<Aside>) {
    let units = &analysis.ledger.units;
    let mut sorter = Sorter {
        resolver,
        analysis,
        services: connector_services(resolver),
        blocked: units.iter().map(|unit| unit_obstacle(resolver.doc, analysis, unit)).collect(),
        pairs: BTreeMap::new(),
    };
    let mut edges: Vec<Edge> = Vec::new();
    let mut aside: BTreeMap<(usize, usize, Reason), Vec<usize>> = BTreeMap::new();
    let mut rest: Vec<(usize, usize, Reason)> = Vec::new();
    for (number, cell) in analysis.ledger.cells.iter().enumerate() {
        match sorter.sort(cell) {
            Verdict::Nothing => {}
            Verdict::Aside(reason) => {
                aside.entry((cell.unit, cell.rectangle, reason)).or_default().push(number)
            }
            Verdict::Covered(destination) => {
                sorter.edge(&mut edges, cell, destination).coverable.push(number);
            }
            Verdict::Open(destination, actions) => {
                sorter.edge(&mut edges, cell, destination).open.push((number, actions));
                rest.push((number, destination, Reason::WildcardAction));
            }
            Verdict::Rest(destination, reason) => rest.push((number, destination, reason)),
        }
    }
    let cells = &analysis.ledger.cells;
    for edge in &mut edges {
        edge.open.retain(|(n, _)| !sorter.is_fixed(&cells[*n]) && drops(options, &cells[*n]));
    }
    edges.retain(|edge| !edge.open.is_empty() || edge.coverable.iter().any(|&n| !cells[n].inert));
    let (mut edges, closing) = without_cycles(resolver, analysis, edges);
    for number in closing.into_iter().flat_map(|edge| edge.coverable) {
        let cell = &cells[number];
        aside.entry((cell.unit, cell.rectangle, Reason::DependencyCycle)).or_default().push(number);
    }
    for (number, destination, reason) in rest {
        let cell = &cells[number];
        match edges.iter_mut().find(|edge| edge.is_home(&units[cell.unit], destination)) {
            Some(edge) => {
                edge.rest.push(number);
                if sorter.is_fixed(cell) {
                    edge.fixed.push(number);
                }
            }
            // Beside a connector that is there it is the rest that was kept for it, and nothing to speak of.
            None if joined(analysis, units[cell.unit].owner, destination) => {}
            None => aside.entry((cell.unit, cell.rectangle, reason)).or_default().push(number),
        }
    }
    let aside = aside.into_iter().map(|((_, _, reason), cells)| Aside { reason, cells }).collect();
    (edges, aside)
}

/// Whether a connector already joins two resources.
fn joined(analysis: &Analysis, owner: usize, destination: usize) -> bool {
    analysis.connectors.iter().any(|view| {
        view.complaint.is_none()
            && view.source == Some(owner)
            && view.destinations.contains(&Some(destination))
    })
}

/// Whether a grant that no connector covers goes instead of staying as a rest.
pub(super) fn drops(options: &Options, cell: &Cell) -> bool {
    options.rest == Rest::Drop || accepts_removed(&options.consent, &cell.grant.permission())
}

enum Verdict {
    /// The connector to a destination covers it.
    Covered(usize),
    /// The connector to a destination covers these of the known actions that its pattern matches.
    Open(usize, Vec<Grant>),
    /// Stays beside the connector to a destination, or alone for the reason.
    Rest(usize, Reason),
    /// Stays.
    Aside(Reason),
    /// Grants nothing and is covered by nothing: not worth a word.
    Nothing,
}

/// A profile and all that its connector grants between two resources.
type Pair = (Profile, Vec<Grant>);

/// Sorts cells into edges.
struct Sorter<'r, 'a> {
    resolver: &'r Resolver<'a>,
    analysis: &'r Analysis,
    services: BTreeSet<&'r str>,
    /// By unit: why no edit may be made in it.
    blocked: Vec<Option<Reason>>,
    /// By owner and destination.
    pairs: BTreeMap<(usize, usize), Option<Pair>>,
}

impl Sorter<'_, '_> {
    fn sort(&mut self, cell: &Cell) -> Verdict {
        let action = &cell.grant.action;
        if let Some(obstacle) = self.analysis.ledger.rectangle(cell).obstacle {
            return Verdict::Aside(reason_of(obstacle));
        }
        let service = action.service();
        if service.contains(['*', '?']) {
            return Verdict::Aside(Reason::WildcardAction);
        }
        if !self.services.contains(service) {
            return if cell.inert { Verdict::Nothing } else { Verdict::Aside(Reason::NoConnector) };
        }
        let column = self.analysis.ledger.column(cell);
        let Some(target) = &column.target else {
            return Verdict::Aside(match is_wildcard(self.resolver, service, &column.pattern) {
                true => Reason::WildcardResource,
                false => Reason::UnresolvedResource,
            });
        };
        let blocked = self.blocked[cell.unit].or(column.conditional.then_some(Reason::ConditionalStatement));
        let catalog = self.resolver.catalog;
        let pair = self.pair(self.analysis.ledger.units[cell.unit].owner, target.resource);
        let reason = match pair {
            Some((_, grants)) if covers(grants, &cell.grant) => {
                return blocked.map_or(Verdict::Covered(target.resource), Verdict::Aside);
            }
            _ if cell.inert => return Verdict::Nothing,
            None => Reason::NoProfile,
            Some((_, grants)) if action.is_open() => {
                let known = catalog.actions(service).into_iter().flatten();
                let matched: Vec<Grant> = known
                    .map(|name| ActionPattern::new(format!("{service}:{name}")))
                    .filter(|known| action.covers(known))
                    .map(|known| Grant { action: known, ..cell.grant.clone() })
                    .filter(|grant| covers(grants, grant))
                    .collect();
                if !matched.is_empty() {
                    return Verdict::Open(target.resource, matched);
                }
                Reason::WildcardAction
            }
            Some(_) if target.qualifier => Reason::QualifiedTarget,
            Some((_, grants))
                if grants.iter().any(|g| g.action == *action && cell.grant.resource.covers(&g.resource)) =>
            {
                Reason::WildcardResource
            }
            Some(_) => Reason::OutsideConnector,
        };
        Verdict::Rest(target.resource, reason)
    }

    fn pair(&mut self, owner: usize, destination: usize) -> Option<&Pair> {
        let (resolver, analysis) = (self.resolver, self.analysis);
        let pair = self.pairs.entry((owner, destination)).or_insert_with(|| {
            let profile = profile_for(resolver, owner, destination)?;
            let everything: Vec<String> = profile.permissions.iter().map(|(name, _)| name.clone()).collect();
            let always = &Presence::Always;
            let grants =
                analysis.connector_grants(resolver, profile, owner, destination, &everything, always);
            Some((profile.clone(), grants))
        });
        pair.as_ref()
    }

    /// The edge of a cell that a connector has to do with; a new one if there is none yet.
    fn edge<'e>(&mut self, edges: &'e mut Vec<Edge>, cell: &Cell, destination: usize) -> &'e mut Edge {
        let unit = &self.analysis.ledger.units[cell.unit];
        let at = edges.iter().position(|edge| edge.is_home(unit, destination)).unwrap_or_else(|| {
            let profile = self.pair(unit.owner, destination).map(|(profile, _)| profile.clone());
            let profile = profile.expect("impossible: only cells with a profile get an edge");
            edges.push(Edge {
                owner: unit.owner,
                destination,
                profile,
                branches: unit.branches.clone(),
                coverable: Vec::new(),
                rest: Vec::new(),
                fixed: Vec::new(),
                open: Vec::new(),
            });
            edges.len() - 1
        });
        &mut edges[at]
    }

    fn is_fixed(&self, cell: &Cell) -> bool {
        self.blocked[cell.unit].is_some() || self.analysis.ledger.column(cell).conditional
    }
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

/// The reason that goes with an obstacle in the text.
pub(super) fn reason_of(obstacle: Obstacle) -> Reason {
    match obstacle {
        Obstacle::Deny => Reason::Deny,
        Obstacle::NotElement => Reason::NotElement,
        Obstacle::IamCondition => Reason::IamCondition,
        Obstacle::ConditionalStatement => Reason::ConditionalStatement,
        Obstacle::Opaque => Reason::OpaquePolicy,
        Obstacle::BesideRole => Reason::DeadPolicies,
        Obstacle::Malformed => Reason::UnknownPolicy,
        Obstacle::Shared => Reason::SharedNode,
    }
}

/// Why no edit may be made in a policy, whatever it grants.
fn unit_obstacle(doc: &Document, analysis: &Analysis, unit: &Unit) -> Option<Reason> {
    if analysis.principal_of(unit.owner).is_none_or(|principal| principal.role == Role::Elsewhere) {
        return Some(Reason::DeadPolicies);
    }
    if doc.is_shared(unit.node) {
        return Some(Reason::SharedNode);
    }
    let line = |node: NodeId| std::iter::successors(Some(node), |&node| doc.node(node).parent);
    let around = line(unit.node).any(|node| doc.has_duplicates(node));
    if around || doc.duplicates().iter().any(|found| line(found.map).any(|node| node == unit.node)) {
        return Some(Reason::DuplicateKeys);
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

//! Which grants belong together: one edge per principal, far end and condition, with the grants that a connector could take
//! over and those that would stay. Every grant that belongs to no edge gets its reason here.

use super::cycle::without_cycles;
use super::delta::accepts_removed;
use super::far::{Far, Lead, Spelled, lead};
use super::given;
use super::identity;
use super::options::{Options, Rest};
use super::pair::{Pair, Pairs, covers, ends, pairs};
use super::reason::Reason;
use super::side::{self, Side};
use crate::analysis::{Analysis, Cell, End, Ends, Origin, Resolver, Unit};
use crate::catalog::{GrantKind, Profile};
use crate::iam::{Grant, Presence};
use crate::syntax::{Document, NodeId};
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// All grants of one principal towards one far end, under the same conditions.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    /// Who holds the grants: a role, or the service of resource-side grants.
    pub(super) principal: Arc<str>,
    /// Position of the end that is a resource in any case: the source, or the destination that polls its source.
    pub(super) near: usize,
    /// The other end.
    pub(super) far: Far,
    /// How the far end is spelled if it is no resource of the template.
    pub(super) spelled: Option<Spelled>,
    /// Whether the far end is the connector's source.
    pub(super) polls: bool,
    /// The part of the source that is meant, as `Fn::Sub` text, where the profile knows parts.
    pub(super) qualifier: Option<String>,
    /// The connector profile for the two.
    pub(super) profile: Arc<Profile>,
    /// What must hold beside the role and the far end: names of conditions and whether each must hold.
    pub(super) conditions: Vec<(String, bool)>,
    /// Cells that a connector with all categories covers.
    pub(super) coverable: Vec<usize>,
    /// Live cells at the same far end that no connector covers.
    pub(super) rest: Vec<usize>,
    /// Those of the rest that no edit may touch.
    pub(super) fixed: Vec<usize>,
    /// Those of the rest whose action is an open pattern that the user lets go, with the actions that it matches and the
    /// connector gives.
    pub(super) open: Vec<(usize, Vec<Grant>)>,
    /// Whether its connector cannot be embedded, since the text of its source cannot take it in.
    pub(super) apart: bool,
    /// What it is known by, whatever is chosen about it and wherever it stands.
    pub(super) fingerprint: String,
}

impl Edge {
    /// Whether it is the edge between the same ends under the same conditions.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.sameness() == other.sameness()
    }

    fn sameness(&self) -> Sameness {
        let ends = (self.principal.clone(), self.near, self.far.clone(), self.polls);
        let (principal, near, far, polls) = ends;
        (principal, near, far, polls, self.qualifier.clone(), self.conditions.clone())
    }

    /// The ends of its connector, one pair per destination.
    pub(super) fn ends(&self, resolver: &Resolver<'_>) -> Vec<Ends<'static>> {
        let qualifier = self.qualifier.as_deref().map(|text| resolver.fill(text, |_| None));
        let fars = self.far.ends(self.spelled.as_ref()).into_iter();
        fars.map(|far| {
            ends(End::Resource { position: self.near, qualifier: qualifier.clone() }, far, self.polls)
        })
        .collect()
    }

    /// Position of the connector's source.
    pub(super) fn source(&self) -> usize {
        match (&self.far, self.polls) {
            (Far::Resource(position), true) => *position,
            _ => self.near,
        }
    }

    /// Positions of the destinations that are resources of the template.
    pub(super) fn destinations(&self) -> Vec<usize> {
        match &self.far {
            _ if self.polls => vec![self.near],
            Far::Resource(position) => vec![*position],
            Far::Inferred(positions) => positions.clone(),
            Far::External(..) => Vec::new(),
        }
    }

    /// Whether some grants of its connector cover a grant.
    pub(super) fn covers(&self, grants: &[Grant], grant: &Grant) -> bool {
        covers(grants, &self.far, grant)
    }

    /// Leaves some cells to the policies that they are of.
    pub(super) fn leave(&mut self, cells: &BTreeSet<usize>) {
        for own in [&mut self.coverable, &mut self.rest, &mut self.fixed] {
            own.retain(|number| !cells.contains(number));
        }
        self.open.retain(|(number, _)| !cells.contains(number));
    }

    /// Every cell that it is about.
    pub(super) fn cells(&self) -> impl Iterator<Item = usize> {
        self.coverable.iter().chain(&self.rest).copied()
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
    let mut sorter = Sorter::new(resolver, analysis, options);
    for number in 0..analysis.ledger.cells.len() {
        sorter.cell(number);
    }
    sorter.finish()
}

/// Whether a grant that no connector covers goes instead of staying as a rest.
pub(super) fn drops(options: &Options, edge: &Edge, cell: &Cell) -> bool {
    options.rest_of(&edge.fingerprint) == Rest::Drop
        || accepts_removed(&options.consent, &cell.grant.permission())
}

/// What all grants of one edge have in common: who holds them, the ends, which of them polls, the part of the source, and
/// the conditions.
type Sameness = (Arc<str>, usize, Far, bool, Option<String>, Vec<(String, bool)>);

/// Sorts cells into edges.
struct Sorter<'r, 'a> {
    resolver: &'r Resolver<'a>,
    analysis: &'r Analysis,
    options: &'r Options,
    services: BTreeSet<&'r str>,
    /// By unit: why no edit may be made in it.
    blocked: Vec<Option<Reason>>,
    /// By cell: where it leads, if it is a grant of a role that leads anywhere.
    leads: BTreeMap<usize, Lead>,
    /// The pairs of every principal and far end.
    pairs: BTreeMap<(Arc<str>, Far), Pairs<'a>>,
    edges: Vec<Edge>,
    /// By what makes an edge the same: its number.
    known: BTreeMap<Sameness, usize>,
    aside: BTreeMap<(usize, usize, Reason), Vec<usize>>,
    /// Cells beside an edge, with their far end and the reason if there is no such edge.
    rest: Vec<(usize, Far, Reason)>,
    /// Permissions that an edge of the source's own role makes needless, with the role.
    needless: Vec<(usize, Arc<str>, usize)>,
}

impl<'r, 'a> Sorter<'r, 'a> {
    fn new(resolver: &'r Resolver<'a>, analysis: &'r Analysis, options: &'r Options) -> Self {
        let units = &analysis.ledger.units;
        let services = given::services(resolver.catalog);
        let mut leads = BTreeMap::new();
        let mut wanted: BTreeMap<(Arc<str>, Far), Vec<usize>> = BTreeMap::new();
        for (number, cell) in analysis.ledger.cells.iter().enumerate() {
            let unit = &units[cell.unit];
            let readable =
                analysis.ledger.rectangle(cell).obstacle.is_none() && unit.origin != Origin::ResourceSide;
            if !readable || !services.contains(cell.grant.action.service()) {
                continue;
            }
            if let Ok(lead) = lead(resolver, analysis, options, cell) {
                let key = (unit.principal.clone(), lead.far.clone());
                wanted.entry(key).or_default().push(number);
                leads.insert(number, lead);
            }
        }
        let pairs = wanted
            .into_iter()
            .map(|((principal, far), cells)| {
                let spelled = cells.first().and_then(|n| leads.get(n)).and_then(|lead| lead.spelled.as_ref());
                let live = cells.iter().map(|&n| &analysis.ledger.cells[n]).filter(|cell| !cell.inert);
                let wanted: Vec<&Grant> = live.map(|cell| &cell.grant).collect();
                let found = pairs(resolver, analysis, &principal, &far, spelled, &wanted);
                ((principal, far), found)
            })
            .collect();
        Self {
            resolver,
            analysis,
            options,
            services,
            blocked: units.iter().map(|unit| unit_obstacle(resolver.doc, unit)).collect(),
            leads,
            pairs,
            edges: Vec::new(),
            known: BTreeMap::new(),
            aside: BTreeMap::new(),
            rest: Vec::new(),
            needless: Vec::new(),
        }
    }

    fn put_aside(&mut self, number: usize, reason: Reason) {
        let cell = &self.analysis.ledger.cells[number];
        self.aside.entry((cell.unit, cell.rectangle, reason)).or_default().push(number);
    }

    fn cell(&mut self, number: usize) {
        let (analysis, resolver) = (self.analysis, self.resolver);
        let cell = &analysis.ledger.cells[number];
        let unit = &analysis.ledger.units[cell.unit];
        if unit.origin == Origin::ResourceSide {
            return self.resource_side(number);
        }
        if let Some(obstacle) = analysis.ledger.rectangle(cell).obstacle {
            return self.put_aside(number, obstacle.into());
        }
        let service = cell.grant.action.service();
        if service.contains(['*', '?']) {
            return self.put_aside(number, Reason::WildcardAction);
        }
        if !self.services.contains(service) {
            if !cell.inert {
                self.put_aside(number, Reason::NoConnector);
            }
            return;
        }
        let Some(lead) = self.leads.get(&number).cloned() else {
            let reason = lead(resolver, analysis, self.options, cell).err();
            return self.put_aside(number, reason.unwrap_or(Reason::UnresolvedResource));
        };
        let column = analysis.ledger.column(cell);
        let blocked = self.blocked[cell.unit].or(column.conditional.then_some(Reason::ConditionalStatement));
        let Some(found) = self.pairs.get(&(unit.principal.clone(), lead.far.clone())).cloned() else {
            return;
        };
        let Pairs { forward, backward, polled, missing } = found;
        let ordered = if polled { [&backward, &forward] } else { [&forward, &backward] };
        let covering = ordered.into_iter().flatten().find(|pair| pair.covers(&lead.far, &cell.grant));
        let first = ordered.into_iter().flatten().next();
        let reason = match (covering, first) {
            (Some(pair), _) => {
                match blocked {
                    Some(reason) => self.put_aside(number, reason),
                    None => self.edge(unit, &lead, pair).coverable.push(number),
                }
                return;
            }
            _ if cell.inert => return,
            (None, None) => missing,
            (None, Some(_)) if cell.grant.action.is_open() => {
                let matched =
                    ordered.into_iter().flatten().map(|pair| (pair, pair.matched(resolver, &cell.grant)));
                if let Some((pair, matched)) = matched.into_iter().find(|(_, matched)| !matched.is_empty()) {
                    self.edge(unit, &lead, pair).open.push((number, matched));
                }
                Reason::WildcardAction
            }
            _ if column.target.as_ref().is_some_and(|target| target.qualifier) => Reason::QualifiedTarget,
            (None, Some(pair)) => {
                let narrower =
                    |g: &Grant| g.action == cell.grant.action && cell.grant.resource.covers(&g.resource);
                match pair.grants.iter().any(narrower) {
                    true => Reason::WildcardResource,
                    false => Reason::OutsideConnector,
                }
            }
        };
        self.rest.push((number, lead.far, reason));
    }

    fn resource_side(&mut self, number: usize) {
        let (analysis, resolver) = (self.analysis, self.resolver);
        let cell = &analysis.ledger.cells[number];
        let unit = &analysis.ledger.units[cell.unit];
        match side::sort(resolver, analysis, cell) {
            Side::LetIn(found, destination) => {
                if let Some(reason) = self.blocked[cell.unit] {
                    return self.put_aside(number, reason);
                }
                let far = Far::Resource(destination);
                let always = Presence::Always;
                let lead = Lead { far: far.clone(), spelled: None };
                let pair =
                    Pair { actor: found.source, profile: found.profile, grants: Vec::new(), polls: false };
                let edge = self.edge_of(unit, &lead, &pair, found.qualifier);
                let everything =
                    edge.profile.permissions.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
                let grants: Vec<Grant> = edge
                    .ends(resolver)
                    .iter()
                    .flat_map(|ends| {
                        analysis.connector_grants(resolver, &edge.profile, ends, &everything, &always)
                    })
                    .collect();
                match covers(&grants, &far, &cell.grant) {
                    true => edge.coverable.push(number),
                    false => self.rest.push((number, far, Reason::OutsideConnector)),
                }
            }
            Side::Needless(role, destination) => self.needless.push((number, role, destination)),
            Side::Aside(reason) => self.put_aside(number, reason),
        }
    }

    fn edge(&mut self, unit: &Unit, lead: &Lead, pair: &Pair<'_>) -> &mut Edge {
        self.edge_of(unit, lead, pair, None)
    }

    /// The edge that a grant belongs to; a new one if there is none yet.
    fn edge_of(&mut self, unit: &Unit, lead: &Lead, pair: &Pair<'_>, qualifier: Option<String>) -> &mut Edge {
        let mut edge = Edge {
            principal: unit.principal.clone(),
            near: pair.actor,
            far: lead.far.clone(),
            spelled: lead.spelled.clone(),
            polls: pair.polls,
            qualifier,
            profile: Arc::clone(pair.profile),
            conditions: Vec::new(),
            coverable: Vec::new(),
            rest: Vec::new(),
            fixed: Vec::new(),
            open: Vec::new(),
            apart: false,
            fingerprint: String::new(),
        };
        edge.conditions = self.beside(&edge, unit.conditions());
        let number = *self.known.entry(edge.sameness()).or_insert(self.edges.len());
        if number == self.edges.len() {
            self.edges.push(edge);
        }
        &mut self.edges[number]
    }

    /// The conditions that do not follow from the role and the far end.
    fn beside(&self, edge: &Edge, conditions: Vec<(String, bool)>) -> Vec<(String, bool)> {
        let given = basis(self.resolver, self.analysis, edge);
        let template = self.resolver.template;
        let given = template.all_of(&given);
        conditions.into_iter().filter(|part| given.implies(&template.all_of([part])) != Some(true)).collect()
    }

    fn is_fixed(&self, cell: &Cell) -> bool {
        self.blocked[cell.unit].is_some() || self.analysis.ledger.column(cell).conditional
    }

    fn finish(mut self) -> (Vec<Edge>, Vec<Aside>) {
        let cells = &self.analysis.ledger.cells;
        let units = &self.analysis.ledger.units;
        let mut edges = std::mem::take(&mut self.edges);
        for edge in &mut edges {
            edge.fingerprint = identity::of_edge(self.resolver, self.analysis, edge);
            let open = std::mem::take(&mut edge.open).into_iter();
            edge.open = open
                .filter(|(n, _)| !self.is_fixed(&cells[*n]) && drops(self.options, edge, &cells[*n]))
                .collect();
        }
        edges.retain(|edge| !edge.open.is_empty() || edge.coverable.iter().any(|&n| !cells[n].inert));
        let (edges, closing) = without_cycles(self.resolver, self.analysis, edges);
        for number in closing.into_iter().flat_map(|edge| edge.coverable) {
            self.put_aside(number, Reason::DependencyCycle);
        }
        let (mut edges, refused) = side::whole(self.resolver, self.analysis, edges);
        for (edge, reason) in refused {
            edge.cells().for_each(|number| self.put_aside(number, reason));
        }
        let mut between: BTreeMap<(Arc<str>, Far), Vec<usize>> = BTreeMap::new();
        for (number, edge) in edges.iter().enumerate() {
            between.entry((edge.principal.clone(), edge.far.clone())).or_default().push(number);
        }
        for (number, far, reason) in std::mem::take(&mut self.rest) {
            let cell = &cells[number];
            let unit = &units[cell.unit];
            // Of two connectors, there and back, it is the rest of the one that takes something of the same policy.
            let takes = |edge: &Edge| edge.coverable.iter().any(|&n| cells[n].unit == cell.unit);
            let candidates = between.get(&(unit.principal.clone(), far.clone()));
            let near = candidates.into_iter().flatten().copied().filter(|&candidate| {
                let edge: &Edge = &edges[candidate];
                edge.conditions == self.beside(edge, unit.conditions())
            });
            // An open pattern goes with the one that gives what it is used for.
            let opens = |edge: &Edge| edge.open.iter().any(|(open, _)| *open == number);
            let home = near.min_by_key(|&candidate| (!opens(&edges[candidate]), !takes(&edges[candidate])));
            match home {
                Some(home) => {
                    let edge = &mut edges[home];
                    edge.rest.push(number);
                    if self.is_fixed(cell) {
                        edge.fixed.push(number);
                    }
                }
                // Beside a connector that is there it is the rest that was kept for it, and nothing to speak of.
                None if self.joined(&unit.principal, &far) => {}
                None => self.put_aside(number, reason),
            }
        }
        for (number, role, destination) in std::mem::take(&mut self.needless) {
            let candidates = between.get(&(role, Far::Resource(destination)));
            let home = candidates.into_iter().flatten().copied().find(|&candidate| !edges[candidate].polls);
            match home {
                Some(home) if self.blocked[cells[number].unit].is_none() => edges[home].rest.push(number),
                _ => self.put_aside(number, Reason::NeedlessPermission),
            }
        }
        (edges, self.stays())
    }

    /// What stays, by reason. Where a detail of the statement stands in the way and no connector grants any of its actions,
    /// or none could lead from whoever holds it, it would not help to mend that detail, so that is said instead.
    fn stays(self) -> Vec<Aside> {
        let given = LazyCell::new(|| given::actions(self.resolver.catalog));
        let is_given = |&number: &usize| {
            let action = &self.analysis.ledger.cells[number].grant.action;
            given.iter().any(|given| action.covers(given) || given.covers(action))
        };
        let mut kept: BTreeMap<(usize, usize, Reason), Vec<usize>> = BTreeMap::new();
        for ((unit, rectangle, reason), cells) in self.aside {
            let of_detail = matches!(
                reason,
                Reason::UnresolvedResource
                    | Reason::WildcardResource
                    | Reason::WildcardAction
                    | Reason::QualifiedTarget
                    | Reason::IamCondition
                    | Reason::ConditionalStatement
            );
            let Unit { principal, origin, .. } = &self.analysis.ledger.units[unit];
            let of_role = *origin != Origin::ResourceSide;
            let reason = match reason {
                _ if !of_detail => reason,
                _ if !cells.iter().any(is_given) => Reason::NoConnector,
                _ if of_role && self.analysis.actors_of(principal).next().is_none() => Reason::NoSource,
                _ => reason,
            };
            kept.entry((unit, rectangle, reason)).or_default().extend(cells);
        }
        kept.into_iter().map(|((_, _, reason), cells)| Aside { reason, cells }).collect()
    }

    /// Whether a connector already joins a resource that acts through a role and a far end.
    fn joined(&self, principal: &str, far: &Far) -> bool {
        let Far::Resource(far) = far else { return false };
        let acts = |position: usize| self.analysis.acts(position, principal);
        let views = self.analysis.connectors_at(*far).map(|number| &self.analysis.connectors[number]);
        views.filter(|view| view.complaint.is_none()).any(|view| {
            let forward = view.source.is_some_and(acts) && view.destinations.contains(&Some(*far));
            let backward = view.source == Some(*far)
                && view.destinations.iter().flatten().any(|&position| acts(position));
            forward || backward
        })
    }
}

/// The conditions of what a connector of an edge refers to: the role or the near end, and the far end.
pub(super) fn basis(resolver: &Resolver<'_>, analysis: &Analysis, edge: &Edge) -> Vec<(String, bool)> {
    let resources = resolver.template.resources();
    let of = |position: usize| resources[position].condition.clone();
    let near = match edge.profile.kind {
        GrantKind::ManagedPolicy => analysis.principal(&edge.principal).and_then(|p| p.condition.clone()),
        _ => of(edge.near),
    };
    let far = edge.far.needs(edge.spelled.as_ref());
    near.into_iter().chain(far.into_iter().filter_map(of)).map(|name| (name, true)).collect()
}

/// Why no edit may be made in a policy, whatever it grants.
fn unit_obstacle(doc: &Document, unit: &Unit) -> Option<Reason> {
    if let Some(obstacle) = unit.obstacle {
        return Some(obstacle.into());
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

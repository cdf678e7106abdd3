//! Between which two resources a connector could take over what a principal may do: the source for a destination, or the
//! function that polls a source. Chooses among the resources that share a role; refuses to know edits and consent.

use super::far::{Far, Spelled, uses};
use super::reason::Reason;
use crate::analysis::{Actor, Analysis, End, Ends, Resolver, Towards};
use crate::catalog::{GrantKind, Holder, Profile};
use crate::iam::{ActionPattern, Grant, Presence};
use std::cmp::Reverse;
use std::sync::Arc;

/// A connector that could be: its ends, its profile, and all that it grants with every category.
#[derive(Debug, Clone)]
pub(super) struct Pair<'c> {
    /// Position of the resource that is known to be an end: the source, or the function that polls.
    pub(super) actor: usize,
    /// The profile.
    pub(super) profile: &'c Arc<Profile>,
    /// What it grants.
    pub(super) grants: Vec<Grant>,
    /// Whether the actor polls, so that the far end is the connector's source.
    pub(super) polls: bool,
}

/// The connectors that could take over what a principal may do at one far end.
#[derive(Debug, Clone)]
pub(super) struct Pairs<'c> {
    /// From a resource that acts through the role.
    pub(super) forward: Option<Pair<'c>>,
    /// To a function that polls through the role.
    pub(super) backward: Option<Pair<'c>>,
    /// Whether that function really polls the source, by an event or a mapping.
    pub(super) polled: bool,
    /// Why there is neither.
    pub(super) missing: Reason,
}

/// How good a pair is, the best first: by how many grants it reaches, whether a connector joins its ends already, whether one end
/// refers to the other.
type Rank = (Reverse<usize>, bool, bool);

/// Chooses the pairs for the grants `wanted` of a principal at a far end: among the resources that share the role, one whose
/// connector covers most of them, so that nothing is left over which another would take in a second run, then one that a connector joins with the far end already, then one that refers to it, then
/// the first.
pub(super) fn pairs<'c>(
    resolver: &Resolver<'c>,
    analysis: &Analysis,
    principal: &str,
    far: &Far,
    spelled: Option<&Spelled>,
    wanted: &[&Grant],
) -> Pairs<'c> {
    let actors: Vec<&Actor> = analysis.actors_of(principal).collect();
    let usable = |actor: &&&Actor| {
        let here = match &actor.towards {
            None => true,
            Some(Towards::Resource(position)) => *far == Far::Resource(*position),
            Some(Towards::Written(_)) => false,
        };
        actor.by_id && here
    };
    let mut forward: Vec<(Rank, Pair<'c>)> = Vec::new();
    let mut backward: Vec<([bool; 2], Pair<'c>)> = Vec::new();
    for actor in actors.iter().filter(usable) {
        let own = &resolver.template.resources()[actor.resource].type_name;
        let reached =
            |pair: &Pair<'_>| wanted.iter().filter(|grant| pair.reaches(resolver, far, grant)).count();
        if let Some(pair) = self::forward(resolver, analysis, actor.resource, (far, spelled)) {
            let (joined, refers) = match far {
                Far::Resource(position) => (
                    joined(analysis, actor.resource, *position),
                    uses(resolver, actor.resource).contains(position),
                ),
                Far::External(..) | Far::Inferred(_) => (false, false),
            };
            forward.push(((Reverse(reached(&pair)), !joined, !refers), pair));
        }
        if let Far::Resource(position) = far
            && let Some(profile) = held(resolver, far.type_name(resolver), own, Holder::Destination)
        {
            let pair = pair(resolver, analysis, profile, actor.resource, (far, None), true);
            let polls = polls(analysis, *position, actor.resource);
            let joined = joined(analysis, *position, actor.resource);
            backward.push(([!polls, !joined], pair));
        }
    }
    let missing = match actors.as_slice() {
        [] => Reason::NoSource,
        actors if actors.iter().all(|actor| !actor.by_id) => Reason::UnusableRole,
        _ => Reason::NoProfile,
    };
    let backward = first(backward);
    let polled = backward.as_ref().is_some_and(|([passive, ..], _)| !passive);
    let forward = first(forward).map(|(_, pair)| pair);
    let backward = backward.map(|(_, pair)| pair);
    // What polling takes is one intention: what the connector of the poller lacks of it stays as its rest, instead of asking
    // for a connector that sends, too.
    let forward = match (&backward, forward) {
        (Some(poller), Some(forward)) if polled => {
            let beyond = |grant: &&Grant| {
                forward.reaches(resolver, far, grant)
                    && !poller.covers(far, grant)
                    && !is_for_polling(resolver, poller.profile, &grant.action)
            };
            wanted.iter().any(beyond).then_some(forward)
        }
        (_, forward) => forward,
    };
    Pairs { forward, backward, polled, missing }
}

/// The one of the lowest rank, of several the first.
fn first<'c, R: Ord>(all: Vec<(R, Pair<'c>)>) -> Option<(R, Pair<'c>)> {
    all.into_iter().reduce(|best, other| if other.0 < best.0 { other } else { best })
}

/// Whether an action belongs to polling: a policy template that has all that the connector of a poller gives has it, too.
fn is_for_polling(resolver: &Resolver<'_>, poller: &Profile, action: &ActionPattern) -> bool {
    let given = || poller.permissions.iter().flat_map(|(_, forms)| forms).flat_map(|form| &form.actions);
    resolver.catalog.templates().any(|template| {
        let has = |wanted: &str| {
            let mut actions = template.statements.iter().flat_map(|statement| &statement.actions);
            actions.any(|action| action.eq_ignore_ascii_case(wanted))
        };
        has(action.as_str()) && given().all(|action| has(action))
    })
}

impl Pair<'_> {
    /// Whether a connector with every category covers a grant, or some of what its open action matches.
    fn reaches(&self, resolver: &Resolver<'_>, far: &Far, grant: &Grant) -> bool {
        if self.covers(far, grant) {
            return true;
        }
        grant.action.is_open()
            && !matches!(far, Far::Inferred(_))
            && !self.matched(resolver, grant).is_empty()
    }

    /// Whether a connector with every category covers a grant.
    pub(super) fn covers(&self, far: &Far, grant: &Grant) -> bool {
        covers(&self.grants, far, grant)
    }

    /// The known actions that the open action of a grant matches and that the connector gives.
    pub(super) fn matched(&self, resolver: &Resolver<'_>, grant: &Grant) -> Vec<Grant> {
        let service = grant.action.service();
        let known = resolver.catalog.actions(service).into_iter().flatten();
        known
            .map(|name| ActionPattern::new(&format!("{service}:{name}")))
            .filter(|known| grant.action.covers(known))
            .map(|known| Grant { action: known, ..grant.clone() })
            .filter(|grant| self.grants.iter().any(|g| reaches(g, grant)))
            .collect()
    }
}

/// Whether one of the grants permits what `grant` permits, presence apart. Of a grant on everything that is narrowed to
/// inferred destinations, the action counts.
pub(super) fn covers(grants: &[Grant], far: &Far, grant: &Grant) -> bool {
    match far {
        Far::Inferred(_) => grants.iter().any(|g| g.action.covers(&grant.action)),
        Far::Resource(_) | Far::External(..) => grants.iter().any(|g| reaches(g, grant)),
    }
}

fn reaches(own: &Grant, grant: &Grant) -> bool {
    own.action.covers(&grant.action) && own.resource.covers(&grant.resource)
}

/// The connector that could lead from a resource to a far end, if there is a profile for it.
pub(super) fn forward<'c>(
    resolver: &Resolver<'c>,
    analysis: &Analysis,
    actor: usize,
    (far, spelled): (&Far, Option<&Spelled>),
) -> Option<Pair<'c>> {
    let own = &resolver.template.resources()[actor].type_name;
    let profile = held(resolver, own, far.type_name(resolver), Holder::Source)?;
    Some(pair(resolver, analysis, profile, actor, (far, spelled), false))
}

/// The profile by which a managed policy on the role of one side pairs two types.
fn held<'c>(
    resolver: &Resolver<'c>,
    source: &str,
    destination: &str,
    holder: Holder,
) -> Option<&'c Arc<Profile>> {
    let profile = resolver.catalog.profile(source, destination);
    profile.filter(|profile| profile.kind == GrantKind::ManagedPolicy && profile.holder == holder)
}

fn pair<'c>(
    resolver: &Resolver<'c>,
    analysis: &Analysis,
    profile: &'c Arc<Profile>,
    actor: usize,
    (far, spelled): (&Far, Option<&Spelled>),
    polls: bool,
) -> Pair<'c> {
    let everything: Vec<String> = profile.permissions.iter().map(|(name, _)| name.clone()).collect();
    let grants = far
        .ends(spelled)
        .into_iter()
        .flat_map(|end| {
            let ends = ends(End::resource(actor), end, polls);
            analysis.connector_grants(resolver, profile, &ends, &everything, &Presence::Always)
        })
        .collect();
    Pair { actor, profile, grants, polls }
}

/// The ends of a connector, given which of the two polls.
pub(super) fn ends(actor: End<'static>, far: End<'static>, polls: bool) -> Ends<'static> {
    match polls {
        false => Ends { source: actor, destination: far },
        true => Ends { source: far, destination: actor },
    }
}

/// Whether a connector that is there leads from one resource to another.
fn joined(analysis: &Analysis, source: usize, destination: usize) -> bool {
    let views = analysis.connectors_at(source).map(|number| &analysis.connectors[number]);
    let mut sound = views.filter(|view| view.complaint.is_none());
    sound.any(|view| view.source == Some(source) && view.destinations.contains(&Some(destination)))
}

/// Whether a function polls a source.
fn polls(analysis: &Analysis, source: usize, function: usize) -> bool {
    analysis.pollers_of(source).any(|poller| poller.function == function)
}

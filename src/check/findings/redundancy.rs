//! Connectors and policies that give nothing which others do not give to the same role anyway. What SAM attaches by itself
//! and what AWS managed policies hold is not counted: whoever writes a permission out may not want to rely on them.

use super::{Scene, mends};
use crate::analysis::Unit;
use crate::check::finding::Finding;
use crate::check::kinds::{REDUNDANT_CONNECTOR, REDUNDANT_POLICY};
use crate::iam::{Grant, GrantIndex, Presence};
use crate::plan::location;
use crate::syntax::NodeId;
use crate::template::{ConnectorPlace, references, sites};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A policy or connector.
struct Giver<'a> {
    /// How it is called in messages.
    name: String,
    /// Where it stands.
    node: NodeId,
    /// What it gives, apart from what never matches anything.
    grants: Vec<&'a Grant>,
    /// Number of the policy or connector among its like.
    what: What,
    /// Whether it may be judged, not only counted.
    judged: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Policy(usize),
    Connector(usize),
}

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    let givers = givers(scene);
    let given = Given::of(&givers);
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    let mut out = Vec::new();
    // Of two that give the same the later one is told, and a policy before a connector.
    let rank = |number: &usize| (matches!(givers[*number].what, What::Connector(_)), usize::MAX - number);
    let mut order: Vec<usize> = (0..givers.len()).filter(|&number| givers[number].judged).collect();
    order.sort_by_key(rank);
    for number in order {
        let Some(others) = covering(&givers[number], number, &given, &gone) else { continue };
        gone.insert(number);
        let same = match others.iter().collect::<Vec<_>>().as_slice() {
            [other] => gives_no_more(&givers[**other], &givers[number]),
            _ => false,
        };
        let others: Vec<&Giver<'_>> = others.iter().map(|&other| &givers[other]).collect();
        out.push(told(scene, &givers[number], &others, same));
    }
    out
}

/// What all givers give, by who holds it.
struct Given<'a>(BTreeMap<&'a Arc<str>, (GrantsBy<'a>, GrantIndex)>);

/// Grants, each with the number of who gives it.
type GrantsBy<'a> = Vec<(usize, &'a Grant)>;

impl<'a> Given<'a> {
    fn of(givers: &'a [Giver<'a>]) -> Self {
        let mut by_principal: BTreeMap<&Arc<str>, GrantsBy<'_>> = BTreeMap::new();
        for (number, giver) in givers.iter().enumerate() {
            for grant in giver.grants.iter().filter(|grant| grant.allow) {
                by_principal.entry(&grant.principal).or_default().push((number, grant));
            }
        }
        let indexed = by_principal.into_iter().map(|(principal, held)| {
            let index = GrantIndex::of(held.iter().map(|(_, grant)| *grant));
            (principal, (held, index))
        });
        Self(indexed.collect())
    }

    /// The grants that may cover one, each with the number of who gives it.
    fn may_cover(&self, grant: &Grant) -> impl Iterator<Item = (usize, &'a Grant)> {
        let found = self.0.get(&grant.principal);
        found.into_iter().flat_map(|(held, index)| {
            index.candidates(&grant.action, &grant.resource).filter_map(|at| held.get(at).copied())
        })
    }
}

fn givers(scene: Scene<'_>) -> Vec<Giver<'_>> {
    let analysis = scene.analysis;
    let resources = scene.resolver.template.resources();
    let mut out = Vec::new();
    let units = analysis.ledger.units.iter().enumerate();
    let stays = |unit: &Unit| {
        scene.leaving.is_empty() || !scene.leaving.contains(&location(scene.resolver.doc, unit.node).span)
    };
    for (number, unit) in units.filter(|(_, unit)| stays(unit)) {
        let cells = || analysis.ledger.cells.get(unit.cells()).unwrap_or_default().iter();
        let judged = unit.obstacle.is_none()
            && !unit.origin.is_resource()
            && cells().all(|cell| cell.grant.allow && !analysis.ledger.rectangle(cell).is_unreadable());
        let id = &resources[unit.bearer].id;
        let route = scene.resolver.doc.route(unit.node).to_string();
        let place = route.strip_prefix(&format!("Resources.{id}.Properties."));
        let name = match place {
            Some(place) => format!("`{place}` of `{id}`"),
            None => format!("`{id}`"),
        };
        let grants = cells().filter(|cell| !cell.inert).map(|cell| &cell.grant).collect();
        out.push(Giver { name, node: unit.node, grants, what: What::Policy(number), judged });
    }
    for (number, view) in analysis.connectors.iter().enumerate() {
        let name = format!("connector `{}`", view.connector.id);
        let (node, grants) = (view.connector.node, view.grants.iter().collect());
        out.push(Giver { name, node, grants, what: What::Connector(number), judged: true });
    }
    out
}

/// What gives all of it: one other where one is enough, else all that take part; none where something would be missing.
fn covering(
    giver: &Giver<'_>,
    number: usize,
    given: &Given<'_>,
    gone: &BTreeSet<usize>,
) -> Option<BTreeSet<usize>> {
    let mut part: BTreeSet<usize> = BTreeSet::new();
    let mut alone: Option<BTreeSet<usize>> = None;
    for grant in &giver.grants {
        let mut present = Presence::Never;
        let mut wholly = BTreeSet::new();
        for (other, candidate) in given.may_cover(grant) {
            if other == number || gone.contains(&other) || !candidate.reaches(grant) {
                continue;
            }
            part.insert(other);
            if grant.presence.implies(&candidate.presence) == Some(true) {
                wholly.insert(other);
            }
            if present != candidate.presence {
                present = present.or(candidate.presence.clone());
            }
        }
        if grant.presence.implies(&present) != Some(true) {
            return None;
        }
        alone = Some(alone.map_or_else(|| wholly.clone(), |before| &before & &wholly));
    }
    let alone = alone?;
    let all = alone.first().map_or(part, |first| BTreeSet::from([*first]));
    // What is never held takes nobody to cover it, and is no news.
    (!all.is_empty()).then_some(all)
}

/// Whether each grant of the one is one of the other: what is narrow is not to go for what is wide.
fn gives_no_more(one: &Giver<'_>, other: &Giver<'_>) -> bool {
    one.grants.iter().all(|grant| other.grants.contains(grant))
}

fn told(scene: Scene<'_>, giver: &Giver<'_>, others: &[&Giver<'_>], same: bool) -> Finding {
    let doc = scene.resolver.doc;
    let by_connectors = others.iter().all(|other| matches!(other.what, What::Connector(_)));
    let names: Vec<&str> = others.iter().map(|other| other.name.as_str()).collect();
    let (this, give) = (
        match giver.what {
            What::Policy(_) => "this policy",
            What::Connector(_) => "this connector",
        },
        if names.len() > 1 { "give" } else { "gives" },
    );
    let mut message = format!("{} {give} all that {this} gives", names.join(" and "));
    match giver.what {
        What::Policy(unit) => {
            let statements = || scene.analysis.ledger.units.get(unit).into_iter().flat_map(|u| &u.rectangles);
            let recognised = others.iter().all(|other| is_by_id(scene, &other.what));
            if by_connectors && recognised && statements().all(|statement| statement.obstacle.is_none()) {
                message.push_str("; `--phase remove` takes the policy away");
            }
            let mut finding = scene.finding(&REDUNDANT_POLICY, giver.node, &[&giver.name], message);
            if by_connectors || same {
                finding.mend = mends::remove(doc, giver.node);
            }
            finding
        }
        What::Connector(number) => {
            let mut finding = scene.finding(&REDUNDANT_CONNECTOR, giver.node, &[&giver.name], message);
            if by_connectors && !is_needed(scene, number) {
                finding.mend = mends::remove(doc, giver.node);
            }
            finding
        }
    }
}

/// Whether something is a connector whose ends are all given by `Id`: by others no rewrite is judged.
fn is_by_id(scene: Scene<'_>, what: &What) -> bool {
    let What::Connector(number) = what else { return false };
    let view = scene.analysis.connectors.get(*number);
    view.is_some_and(|view| view.source.is_some() && view.destinations.iter().all(Option::is_some))
}

/// Whether something else than permissions hangs on a connector: what waits for it, and its own attributes.
fn is_needed(scene: Scene<'_>, number: usize) -> bool {
    let Some(view) = scene.analysis.connectors.get(number) else { return true };
    let (doc, template) = (scene.resolver.doc, scene.resolver.template);
    let waits = view.parts.iter().filter_map(|part| scene.resolver.catalog.profile_by_id(&part.profile));
    let id = &view.connector.id;
    // What is generated has the connector's id in front.
    let named = |node: NodeId| sites(doc, node).iter().any(|site| site.name.starts_with(id.as_str()));
    let itself = match view.connector.place {
        ConnectorPlace::Standalone(position) => Some(position),
        ConnectorPlace::Embedded { .. } => None,
    };
    let mut others =
        template.resources().iter().enumerate().filter(|(position, _)| Some(*position) != itself);
    !view.connector.attributes.is_empty()
        || waits.into_iter().any(|profile| profile.waits.is_some())
        || others.any(|(_, resource)| resource.id != *id && named(resource.node))
        || doc
            .get(doc.resolve(doc.root()), "Outputs")
            .is_some_and(|outputs| references(doc, outputs).iter().any(|name| name.starts_with(id.as_str())))
}

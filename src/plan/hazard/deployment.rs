//! Hazards of the deployment: the moment in which a permission is missing, the quota of managed policies, what is renamed,
//! replaced or left behind, and what cannot be deployed with connectors at all.

use super::{Case, hazard};
use crate::analysis::{Managed, Origin, Role};
use crate::iam::{Coverage, Grant};
use crate::plan::model::{Decision, Hazard, HeldBy, RoleQuota};
use crate::plan::proposal::Use;
use crate::plan::rest::{UnitOutcome, outcome};
use crate::plan::state::State;
use crate::syntax::NodeId;
use crate::template::{Expr, Shape, SlotKind, policy_slots};
use std::collections::{BTreeMap, BTreeSet};

/// How near to its quota a role must come before it is told, in managed policies.
const QUOTA_MARGIN: usize = 2;

/// How many resources are named in a row.
const MAX_NAMED: usize = 3;

pub(super) fn find(
    case: &Case<'_, '_>,
    decision: Decision,
    quota: Option<&RoleQuota>,
    out: &mut Vec<Hazard>,
) {
    gap(case, out);
    near_quota(case, decision, quota, out);
    renamed(case, out);
    replaced(case, out);
    dropped(case, out);
    retained(case, out);
    if matches!(case.proposal.connector, Use::New { .. }) {
        shared(case, out);
        generated(case, out);
    }
}

/// The role is updated before the connector's policy is created. What a policy resource grants stays until the end of the
/// deployment, unless the role itself lists it or only a part of it goes.
fn gap(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let proposal = case.proposal;
    let early: Vec<_> = case
        .touched()
        .filter(|(unit, outcome)| case.comes_with_the_role(unit) || *outcome != UnitOutcome::Remove)
        .collect();
    if early.is_empty() {
        return;
    }
    let cells = &case.analysis.ledger.cells;
    let early = early.iter().flat_map(|(unit, _)| proposal.gone.range(unit.cells())).map(|&n| &cells[n]);
    let during = State::without(proposal.gone.iter().copied());
    let during = during.grants(case.analysis, Some(&BTreeSet::from([proposal.edge.principal.clone()])));
    let missing = |grant: &Grant| during.covers(grant) != Coverage::Covered;
    let mut early = early.filter(|cell| !cell.inert).map(|cell| &cell.grant);
    let comes_back = |grant: &Grant| {
        let parts = || proposal.grants.iter().filter(|part| grant.reaches(part));
        (proposal.edge.covers(&proposal.grants, grant) && missing(grant)) || parts().any(missing)
    };
    if early.any(comes_back) {
        out.push(hazard(
            "deploy-gap",
            format!(
                "deploying this in one step leaves `{}` without these permissions until the connector's policy is created; deploy `--phase add` first, then `--phase remove`",
                case.role()
            ),
        ));
    }
}

fn near_quota(case: &Case<'_, '_>, decision: Decision, quota: Option<&RoleQuota>, out: &mut Vec<Hazard>) {
    let more = case.proposal.generates();
    let attaches = case.is_held_by_a_role() && case.proposal.in_place.is_none() && more > 0;
    let (Some(quota), Some(principal), true) = (quota, case.principal(), attaches) else { return };
    let by_sam = case.analysis.named_policies(principal);
    let by_sam = by_sam.iter().filter(|(managed, _)| matches!(managed, Managed::BySam(_))).count();
    let by_sam = if by_sam > 0 { format!(" ({by_sam} attached by SAM itself)") } else { String::new() };
    let RoleQuota { role, before, after, quota } = quota;
    let coming = if decision == Decision::Taken { *after } else { after + more };
    let message = match decision {
        Decision::Held(HeldBy::Quota) => format!(
            "`{role}` has {before} of {quota} managed policies{by_sam} and would come to more; have the quota raised and pass `--max-managed-policies`, or choose fewer connectors"
        ),
        _ if coming + QUOTA_MARGIN >= *quota => {
            format!("`{role}` goes from {before} to {coming} of {quota} managed policies{by_sam}")
        }
        _ => return,
    };
    out.push(hazard("quota-near", message));
}

/// SAM names the inline policies of a generated role by their position in `Policies`.
fn renamed(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let (doc, ledger) = (case.resolver.doc, &case.analysis.ledger);
    let mut gone: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
    for (unit, outcome) in case.touched() {
        match (unit.origin, unit.slot, outcome) {
            (Origin::Policies, Some(slot), UnitOutcome::Remove) => {
                gone.entry(unit.policies).or_default().insert(slot);
            }
            // The entry that names a policy resource goes with the resource.
            (Origin::Policy, _, UnitOutcome::Remove) => {
                for (policies, slot) in entries_naming(case, unit.bearer) {
                    gone.entry(policies).or_default().insert(slot);
                }
            }
            _ => {}
        }
    }
    for (policies, mut slots) in gone {
        // A slot goes only with all of its branches.
        let beside = |policies: NodeId| {
            let units = case.analysis.units_of(case.role()).map(|number| &ledger.units[number]);
            units.filter(move |unit| unit.policies == policies)
        };
        let stays = |slot: usize| {
            let mut units = beside(policies).filter(|unit| unit.slot == Some(slot));
            units.any(|unit| outcome(ledger, unit, &case.proposal.gone) != UnitOutcome::Remove)
        };
        slots.retain(|&slot| !stays(slot));
        let Some(&first) = slots.first() else { continue };
        let later = policy_slots(doc, policies, Shape::Sam)
            .into_iter()
            .filter(|slot| slot.index.is_some_and(|index| index > first && !slots.contains(&index)))
            .filter(|slot| is_inline(&slot.kind))
            .count();
        let role = case.role();
        let message = match later {
            0 => continue,
            1 => format!(
                "the inline policy of `{role}` behind the removed one gets a new name, content unchanged"
            ),
            n => {
                format!(
                    "{n} inline policies of `{role}` behind the removed one get new names, content unchanged"
                )
            }
        };
        out.push(hazard("policy-renamed", message));
    }
}

/// The entries of `Policies` that name a managed policy of the template, by its position.
fn entries_naming(case: &Case<'_, '_>, policy: usize) -> Vec<(NodeId, usize)> {
    let (doc, template) = (case.resolver.doc, case.resolver.template);
    let names = |kind: &SlotKind| match kind {
        SlotKind::Managed(Expr::Ref(id) | Expr::Attribute(id, _)) => template.position(id) == Some(policy),
        _ => false,
    };
    let lists = case.analysis.actors.iter().filter_map(|actor| actor.policies).map(|node| doc.resolve(node));
    lists
        .flat_map(|list| policy_slots(doc, list, Shape::Sam).into_iter().map(move |slot| (list, slot)))
        .filter(|(_, slot)| names(&slot.kind))
        .filter_map(|(list, slot)| Some((list, slot.index?)))
        .collect()
}

fn is_inline(kind: &SlotKind) -> bool {
    !matches!(kind, SlotKind::Managed(_) | SlotKind::Empty | SlotKind::Opaque | SlotKind::Malformed(_))
}

/// A managed policy under a name that the template chose is known by that name.
fn replaced(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let resources = case.resolver.template.resources();
    for (unit, outcome) in case.touched() {
        let goes = outcome == UnitOutcome::Remove && case.proposal.in_place != Some(unit.bearer);
        let named = case.resolver.has_explicit_name(&resources[unit.bearer]);
        if goes && named && case.analysis.is_managed_policy(case.resolver, unit) {
            let id = case.id(unit.bearer);
            out.push(hazard(
                "policy-replaced",
                format!("the managed policy `{id}` is deleted; it has a name by which it may be known outside of the template"),
            ));
        }
    }
}

/// Attributes of a policy that is a resource are nowhere else, and are said to nobody but other programs.
fn dropped(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let (doc, resources) = (case.resolver.doc, case.resolver.template.resources());
    for (unit, outcome) in case.touched() {
        if !unit.origin.is_resource() || outcome != UnitOutcome::Remove {
            continue;
        }
        let node = resources[unit.bearer].node;
        let there = ["Metadata", "DependsOn"].into_iter().filter(|name| doc.get(node, name).is_some());
        let names: Vec<String> = there.map(|name| format!("`{name}`")).collect();
        let go = if names.len() == 1 { "goes" } else { "go" };
        if !names.is_empty() {
            let message = format!("{} of `{}` {go} with it", names.join(" and "), case.id(unit.bearer));
            out.push(hazard("attributes-dropped", message));
        }
    }
}

/// A role that outlives its stack keeps its inline policies, and loses the policies of connectors.
fn retained(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let Some(principal) = case.principal().filter(|_| case.is_held_by_a_role()) else { return };
    let (Role::Generated(position) | Role::InTemplate(position)) = principal.role else { return };
    let doc = case.resolver.doc;
    let node = case.resolver.template.resources()[position].node;
    let kept = doc.get(node, "DeletionPolicy").and_then(|value| doc.scalar(doc.resolve(value)));
    let loses = case.touched().any(|(unit, _)| case.comes_with_the_role(unit));
    if loses && kept.is_some_and(|value| value.starts_with("Retain")) {
        out.push(hazard(
            "resource-retained",
            format!("`{}` outlives the stack, and the connector's policy does not", case.role()),
        ));
    }
}

/// The connector of a role that several resources use stands at one of them.
fn shared(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let edge = &case.proposal.edge;
    let others = case.analysis.actors_of(&edge.principal).map(|actor| actor.resource);
    let others: BTreeSet<usize> = others.filter(|&at| at != edge.near).collect();
    if !case.is_held_by_a_role() || others.is_empty() {
        return;
    }
    let named = others.iter().take(MAX_NAMED).map(|&at| format!("`{}`", case.id(at)));
    let mut names = named.collect::<Vec<_>>().join(", ");
    if others.len() > MAX_NAMED {
        names += &format!(" and {} more", others.len() - MAX_NAMED);
    }
    out.push(hazard(
        "shared-role",
        format!(
            "the connector at `{}` is for {names}, too, by the role `{}`: it must stay as long as one of them does",
            case.id(edge.near),
            case.role()
        ),
    ));
}

fn generated(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    if case.resolver.template.has_generated_resources() {
        out.push(hazard(
            "generated-resources",
            "macros or loops add resources that cannot be seen here; check that no logical id collides"
                .into(),
        ));
    }
}

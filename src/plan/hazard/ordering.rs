//! Hazards of order: what was created after a permission so far, and may be created before the connector's. Knows what waits
//! for what in the template and what SAM makes wait; adds no `DependsOn` itself.

use super::{Case, hazard};
use crate::analysis::Poller;
use crate::catalog::Waits;
use crate::iam::{Coverage, GrantSet};
use crate::plan::far::Far;
use crate::plan::model::Hazard;
use crate::plan::side::refers_to_source;
use crate::syntax::NodeId;
use crate::template::{references, waited_for};

pub(super) fn find(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    if !case.removes() {
        return;
    }
    if case.is_held_by_a_role() {
        custom_resources(case, out);
        event_sources(case, out);
    } else {
        tried_at_creation(case, out);
    }
}

/// A custom resource runs its function during the deployment.
fn custom_resources(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let actors = case.analysis.actors_of(case.role()).map(|actor| case.id(actor.resource));
    for (position, function) in case.surroundings.callers(actors) {
        let resource = &case.resolver.template.resources()[position];
        if may_come_first(case, resource.node) {
            out.push(hazard(
                "custom-resource",
                format!(
                    "custom resource `{}` calls `{function}` during the deployment and may come before the connector's policy; give it `DependsOn: {}`",
                    resource.id,
                    case.connector()
                ),
            ));
        }
    }
}

/// An event source mapping is refused while its function may not poll.
fn event_sources(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let edge = &case.proposal.edge;
    let Far::Resource(source) = edge.far else { return };
    let template = case.resolver.template;
    let acts = |function: usize| case.analysis.acts(function, &edge.principal);
    let pollers: Vec<&Poller> = case
        .analysis
        .pollers_of(source)
        .filter(|poller| acts(poller.function) && needs(case, poller))
        .collect();
    for poller in &pollers {
        let joins = |other: &&&Poller| other.function == poller.function && other.plain;
        let alone = pollers.iter().filter(joins).count() == 1;
        let connected = edge.polls && edge.near == poller.function;
        let waits = connected && poller.plain && alone;
        let node = template.resources()[poller.mapping.unwrap_or(poller.function)].node;
        if waits || !may_come_first(case, node) {
            continue;
        }
        let connector = case.connector();
        let (function, source) = (case.id(poller.function), case.id(source));
        let message = match poller.mapping {
            Some(mapping) => format!(
                "event source mapping `{}` may come before the policy by which `{function}` polls `{source}`; give it `DependsOn: {connector}`",
                case.id(mapping)
            ),
            None => format!(
                "the event of `{function}` may come before the policy by which it polls `{source}`; give `{function}` `DependsOn: {connector}`"
            ),
        };
        out.push(hazard("event-source-order", message));
    }
}

/// Whether a function polls by grants that go, and not by what SAM gives it anyway.
fn needs(case: &Case<'_, '_>, poller: &Poller) -> bool {
    let resources = case.resolver.template.resources();
    let (from, to) = (&resources[poller.source].type_name, &resources[poller.function].type_name);
    let profile = case.resolver.catalog.profile(from, to);
    let Some(profile) = profile.filter(|profile| profile.waits == Some(Waits::EventSourceMapping)) else {
        return false;
    };
    let held: GrantSet = case.analysis.added_for(case.role()).map(|added| added.grant.clone()).collect();
    let cells = &case.analysis.ledger.cells;
    let mut gone = case.proposal.gone.iter().map(|&n| &cells[n]).filter(|cell| !cell.inert);
    gone.any(|cell| {
        let mut forms = profile.permissions.iter().flat_map(|(_, forms)| forms).flat_map(|f| &f.actions);
        forms.any(|action| cell.grant.action.covers(&crate::iam::ActionPattern::new(action)))
            && held.covers(&cell.grant) != Coverage::Covered
    })
}

/// Whether a resource came after the grants, which came with the role, and does not wait for the connector. What waited for a
/// policy by name waits for the connector in its place.
fn may_come_first(case: &Case<'_, '_>, resource: NodeId) -> bool {
    case.proposal.in_place.is_none()
        && case.touched().any(|(unit, _)| case.comes_with_the_role(unit))
        && !waited_for(case.resolver.doc, resource).contains(case.connector())
}

/// A source that names its destination, where the service tries the permission when the source is created. A permission that
/// refers to the source comes too late already.
fn tried_at_creation(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let edge = &case.proposal.edge;
    if !edge.profile.resource_side.as_ref().is_some_and(|side| side.tried_at_creation) {
        return;
    }
    let cells = &case.analysis.ledger.cells;
    let late = |&number: &usize| refers_to_source(case.resolver, case.analysis, &cells[number]);
    if case.proposal.gone.iter().all(late) {
        return;
    }
    let source = &case.resolver.template.resources()[edge.source()];
    let named = source.properties.map(|node| references(case.resolver.doc, node)).unwrap_or_default();
    let Some(function) = edge.destinations().into_iter().map(|p| case.id(p)).find(|id| named.contains(*id))
    else {
        return;
    };
    out.push(hazard(
        "bucket-notification",
        format!(
            "a new stack cannot be created: `{0}` notifies `{function}` and is refused while it may not, but the connector's permission comes after `{0}`; an existing stack can be updated",
            source.id
        ),
    ));
}

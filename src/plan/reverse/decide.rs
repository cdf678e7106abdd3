//! Which connectors become policies, in which form, and what the user lets go. Judges each against the state after those before
//! it; the text is written by `write`.

use super::super::delta::{accepts_removed, delta, within};
use super::super::graph::Graph;
use super::super::identity;
use super::super::options::{Options, PolicyFormChoice};
use super::super::reason::Reason;
use super::super::side::depending;
use super::super::suppress::Suppressions;
use super::super::{Decision, HeldBy};
use super::home::{Ctx, closes, far_of, home, unfoldable};
use super::size::Room;
use super::state::State;
use super::template::equal;
use super::{Folded, Folding, Home, PolicyForm, Share, Unfoldable};
use crate::analysis::{Analysis, ConnectorView, Resolver, Writers, generated, is_sole, meant};
use crate::catalog::{Holder, Profile};
use crate::iam::{Effect, Grant, ResourcePattern};
use crate::syntax::NodeId;
use crate::template::{Complaint, ConnectorPlace};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What becomes of every connector.
#[derive(Default)]
pub(in crate::plan) struct Reversal {
    /// Those that can become policies, in template order.
    pub(in crate::plan) folded: Vec<Folded>,
    /// The others by their numbers, with the reason and what exactly is wrong.
    pub(in crate::plan) refused: Vec<(usize, Reason, String)>,
}

/// Decides every connector. Those in `impossible` cannot be written in that form, for a reason.
pub(in crate::plan) fn decide(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    options: &Options,
    impossible: &BTreeMap<(usize, PolicyForm), Reason>,
) -> Reversal {
    let ctx = Ctx { resolver, analysis };
    let mut reversal = Reversal::default();
    let mut graph = Graph::of(resolver, analysis);
    let writers = Writers::of(resolver, analysis);
    let replaced = replaced(analysis);
    let mut candidates: Vec<(usize, Vec<Share>, Option<Unfoldable>)> = Vec::new();
    for (number, view) in analysis.connectors.iter().enumerate() {
        if let Some(complaint) = &view.complaint {
            let message = format!("{} {}", complaint.complaint, complaint.complaint.mend());
            reversal.refused.push((number, Reason::BrokenConnector, message));
            continue;
        }
        if replaced.contains(view.connector.id.as_str()) {
            let message = format!(
                "`{}` takes the place of another connector of the same id, which would come to life",
                view.connector.id
            );
            reversal.refused.push((number, Reason::DuplicateKeys, message));
            continue;
        }
        if is_named_elsewhere(ctx, view) {
            let message = format!(
                "`{}` is named where it cannot be turned to what it becomes: by itself, or in a part that a loop or a macro reads",
                view.connector.id
            );
            reversal.refused.push((number, Reason::NeededElsewhere, message));
            continue;
        }
        let shares = shares(ctx, options, view);
        if let Some(other) = undone_with_it(ctx, &writers, view, &shares) {
            let message = format!(
                "what `{}` generates would go, and with it what `{other}` writes to the same place",
                view.connector.id
            );
            reversal.refused.push((number, Reason::SecondResourcePolicy, message));
            continue;
        }
        let mut obstacle = impossible.contains_key(&(number, PolicyForm::Inline)).then_some(Unfoldable::Text);
        for (part, share) in view.parts.iter().zip(&shares) {
            let Some(profile) = profile(ctx, &part.profile) else { continue };
            obstacle =
                obstacle.or_else(|| unfoldable(ctx, view, profile, &share.generated, share.home.as_ref()));
        }
        candidates.push((number, shares, obstacle));
    }
    // Of connectors that close a cycle only together all are kept apart, so that the answer does not depend on what is taken.
    for (number, ..) in candidates.iter().filter(|(_, _, obstacle)| obstacle.is_none()) {
        let view = &analysis.connectors[*number];
        for (at, part) in view.parts.iter().enumerate() {
            let Some(profile) = profile(ctx, &part.profile) else { continue };
            let far = match profile.holder {
                Holder::Source => far_of(ctx, view.destinations[at], &view.connector.destinations[at]),
                Holder::Destination => far_of(ctx, view.source, &view.connector.source),
            };
            far.iter().for_each(|id| graph.add(&part.holder, id));
        }
    }
    let suppressions = Suppressions::of(resolver.doc, &options.select);
    let (mut state, mut room) = (State::default(), Room::of(analysis));
    for (number, shares, mut obstacle) in candidates {
        let view = &analysis.connectors[number];
        if obstacle.is_none() {
            let cycle = view
                .parts
                .iter()
                .enumerate()
                .find_map(|(at, part)| closes(ctx, &graph, view, at, profile(ctx, &part.profile)?));
            obstacle = cycle.map(Unfoldable::Cycle);
        }
        if obstacle.is_none() {
            let full = view.parts.iter().find(|part| {
                let grants: Vec<&Grant> = part.grants.iter().collect();
                !room.takes(&part.holder, &grants)
            });
            obstacle = full.map(|part| Unfoldable::Size(part.holder.to_string()));
        }
        let fingerprint = identity::of_connector(resolver, view);
        let wanted = options.policy_form_of(&fingerprint);
        let form = match (wanted, &obstacle) {
            (PolicyFormChoice::Inline, Some(why)) => {
                reversal.refused.push((number, Reason::Unfoldable, why.to_string()));
                continue;
            }
            (PolicyFormChoice::Resource, _) | (PolicyFormChoice::Auto, Some(_)) => PolicyForm::Resource,
            (_, None) => PolicyForm::Inline,
        };
        if let Some(&reason) = impossible.get(&(number, form)) {
            let what = match reason {
                Reason::DependencyCycle => "a function would wait for itself by way of what it polls",
                _ => "the text around it is shared or cannot be edited",
            };
            reversal.refused.push((number, reason, what.to_owned()));
            continue;
        }
        let kept = view.parts.iter().zip(&shares).flat_map(|(part, share)| {
            let grants = part.grants.iter().enumerate();
            grants.filter(|(at, _)| !share.dropped.contains(at)).map(|(_, grant)| grant.clone())
        });
        let instead = obstacle.filter(|_| wanted == PolicyFormChoice::Auto);
        let grants: Vec<Grant> = kept.collect();
        let folding = Folding { view: number, fingerprint, form, instead, shares, grants };
        let folded = judge(ctx, options, &suppressions, &state, folding);
        if folded.decision == Decision::Taken {
            state.take(&folded.folding);
            room.take(&folded.folding);
        }
        reversal.folded.push(folded);
    }
    reversal
}

/// Whether something else than the `DependsOn` of another resource or connector names a connector, or may.
fn is_named_elsewhere(ctx: Ctx<'_, '_>, view: &ConnectorView) -> bool {
    let doc = ctx.resolver.doc;
    let others = ctx.analysis.connectors.iter().map(|other| &other.connector);
    let others = others.filter(|other| other.id != view.connector.id).map(|other| doc.resolve(other.node));
    let resources = ctx.resolver.template.resources().iter().map(|resource| resource.node);
    let mut sites = ctx.resolver.sites_of(&view.connector.id).into_iter().peekable();
    if sites.peek().is_none() {
        return false;
    }
    let turned: BTreeSet<NodeId> = others.chain(resources).collect();
    let own = match view.connector.place {
        ConnectorPlace::Standalone(position) => Some(ctx.resolver.template.resources()[position].node),
        ConnectorPlace::Embedded { .. } => None,
    };
    sites.any(|site| {
        let owner = depending(doc, site);
        owner.is_none_or(|owner| !turned.contains(&owner) || own == Some(owner))
    })
}

/// The ids that SAM takes for more than one connector: all but the last are dead as long as that one is there.
fn replaced(analysis: &Analysis) -> BTreeSet<&str> {
    let is_replaced = |view: &&ConnectorView| matches!(&view.complaint, Some(found) if matches!(found.complaint, Complaint::Replaced(_)));
    analysis.connectors.iter().filter(is_replaced).map(|view| view.connector.id.as_str()).collect()
}

/// Who else writes the one policy of a queue or topic that would be deleted, since nothing of a connector is kept: CloudFormation
/// deletes what is in that place, whoever wrote it.
fn undone_with_it(
    ctx: Ctx<'_, '_>,
    writers: &Writers,
    view: &ConnectorView,
    shares: &[Share],
) -> Option<String> {
    let ends = view.connector.destinations.iter().zip(&view.destinations);
    let parts = view.parts.iter().zip(shares).zip(ends);
    let gone = parts.filter(|((part, share), _)| share.dropped.len() == part.grants.len());
    let sole = gone.filter(|((part, _), _)| profile(ctx, &part.profile).is_some_and(|p| is_sole(p.kind)));
    let on: BTreeSet<usize> =
        sole.flat_map(|(_, (end, position))| meant(ctx.resolver, end, *position)).collect();
    let mut others = on.into_iter().flat_map(|on| writers.on(on));
    others.find(|writer| writer.id != view.connector.id).map(|writer| writer.id.clone())
}

fn judge(
    ctx: Ctx<'_, '_>,
    options: &Options,
    suppressions: &Suppressions,
    state: &State,
    folding: Folding,
) -> Folded {
    let view = &ctx.analysis.connectors[folding.view];
    let principals: BTreeSet<Arc<str>> = view.grants.iter().map(|grant| grant.principal.clone()).collect();
    let before = state.grants_of(ctx.analysis, &principals, None);
    let after = state.grants_of(ctx.analysis, &principals, Some(&folding));
    let delta = delta(ctx.resolver, ctx.analysis, &options.consent, &before, &after);
    // A list of the actions that are used is the consent to remove all others.
    let by_use =
        options.used_actions.is_some() && !options.consent.strict && delta.effect == Effect::Narrower;
    let decision = if let Some(take) = options.answers.of(&folding.fingerprint).take {
        if take { Decision::Taken } else { Decision::Skipped }
    } else if !selected(ctx, options, suppressions, view) {
        Decision::Skipped
    } else if delta.effect == Effect::Unknown {
        Decision::Held(HeldBy::Unknown)
    } else if by_use || within(&options.consent, &delta) {
        Decision::Taken
    } else {
        Decision::Held(HeldBy::Consent)
    };
    Folded { folding, delta, decision }
}

fn selected(ctx: Ctx<'_, '_>, options: &Options, suppressions: &Suppressions, view: &ConnectorView) -> bool {
    let select = &options.select;
    let named = |list: &[String], text: &str| {
        list.iter()
            .any(|pattern| ResourcePattern::from_text(pattern).covers(&ResourcePattern::from_text(text)))
    };
    let resources = ctx.resolver.template.resources();
    let id = |position: &usize| resources[*position].id.as_str();
    let profiles = || view.parts.iter().map(|part| part.profile.as_str());
    let ignored = profiles().any(|id| suppressions.cover(ctx.resolver.doc, id, view.connector.node));
    !ignored
        && (select.only.is_empty() || profiles().any(|id| named(&select.only, id)))
        && !profiles().any(|id| named(&select.skip, id))
        && (select.sources.is_empty() || view.source.iter().any(|p| named(&select.sources, id(p))))
        && (select.destinations.is_empty()
            || view.destinations.iter().flatten().any(|p| named(&select.destinations, id(p))))
}

fn shares(ctx: Ctx<'_, '_>, options: &Options, view: &ConnectorView) -> Vec<Share> {
    view.parts
        .iter()
        .enumerate()
        .filter_map(|(number, part)| {
            let profile = profile(ctx, &part.profile)?;
            let home: Option<Home> = home(ctx, profile, part);
            let dropped: BTreeSet<usize> = part
                .grants
                .iter()
                .enumerate()
                .filter(|(_, grant)| goes(options, grant))
                .map(|(at, _)| at)
                .collect();
            let wanted = options.prefer_templates
                && dropped.is_empty()
                && profile.holder == Holder::Source
                && home.as_ref().is_some_and(|home| !home.of_role);
            let destination = view.destinations.get(number).copied().flatten();
            let template =
                destination.filter(|_| wanted).and_then(|destination| equal(ctx.resolver, part, destination));
            let (generated, _) =
                generated::of_connector(ctx.resolver.catalog, profile, &view.connector, number)?;
            Some(Share { generated, home, dropped, template })
        })
        .collect()
}

/// Whether the user lets a grant go: it is named as one that may go, or it is not among the actions in use.
fn goes(options: &Options, grant: &Grant) -> bool {
    let unused =
        options.used_actions.as_ref().is_some_and(|used| !used.iter().any(|own| own.covers(&grant.action)));
    unused || accepts_removed(&options.consent, &grant.permission())
}

pub(super) fn profile<'c>(ctx: Ctx<'_, 'c>, id: &str) -> Option<&'c Profile> {
    ctx.resolver.catalog.profile_by_id(id)
}

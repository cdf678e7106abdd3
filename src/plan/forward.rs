//! The plan of policies → connectors: decided until everything that is proposed can be written, then in the words of the model.

use super::changes::Heirs;
use super::delta::Delta;
use super::deployer;
use super::detach::detach;
use super::drawn::Drawn;
use super::edge::{Aside, Edge, edges};
use super::hazard::{self, Surroundings};
use super::identity::ends_of_edge;
use super::left_alone::left_alone;
use super::model::{Decision, Form, Hazard, Rewrite, RewriteId, RoleQuota, StepDelta};
use super::options::{FormChoice, Options};
use super::proposal::{Placing, Proposal, Use};
use super::quota::roles;
use super::reason::Reason;
use super::shown::{distinct, location, permission};
use super::side::goes;
use super::to_connectors::{Decided, decide};
use super::work::{Made, Work};
use crate::analysis::{Analysis, Resolver, Unit};
use crate::catalog::GrantKind;
use crate::template::{ConnectorPlace, SAM_PREFIX};
use crate::text::EditSet;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Policies → connectors.
pub(super) fn draw(resolver: &Resolver<'_>, analysis: &Analysis, options: &Options) -> Drawn {
    let (mut edges, mut aside) = edges(resolver, analysis, options);
    if is_published(resolver) {
        let kept = edges.drain(..).map(|edge| edge.cells().collect());
        aside.extend(kept.map(|cells| Aside { reason: Reason::PublishedApplication, cells }));
    }
    let mut edges: Vec<Arc<Edge>> = edges.into_iter().map(Arc::new).collect();
    let mut impossible: BTreeSet<usize> = BTreeSet::new();
    // Edges whose text cannot be edited are left alone; the others are then decided anew without them, since consent is
    // judged in order.
    let (decided, alone, together): (Vec<Decided>, Vec<EditSet>, Option<EditSet>) = loop {
        let possible = edges.iter().enumerate().filter(|(number, _)| !impossible.contains(number));
        let decided =
            decide(resolver, analysis, options, possible.map(|(_, edge)| Arc::clone(edge)).collect());
        let proposals: Vec<Proposal> = decided.iter().map(|found| found.proposal.clone()).collect();
        match Work::Connectors(proposals).each(resolver, analysis, options.phase) {
            Ok(Made { alone, together }) => {
                // What has nothing left to do in this step had its part in the decisions, and is not shown.
                let all = decided.len();
                let work = decided.into_iter().zip(alone);
                let work = work.filter(|(found, _)| found.proposal.is_work(options.phase));
                let (decided, alone): (Vec<_>, Vec<_>) = work.unzip();
                let together = (decided.len() == all).then_some(together);
                break (decided, alone, together);
            }
            Err(failed) => {
                for (at, reason) in failed {
                    let same = |edge: &Edge| edge.is_same(&decided[at].proposal.edge);
                    let number = edges
                        .iter()
                        .position(|edge| same(edge))
                        .expect("impossible: proposals are made of edges");
                    let embedded =
                        matches!(decided[at].proposal.connector, Use::New { form: Placing::Embedded, .. });
                    let free = options.form_of(&edges[number].fingerprint) == FormChoice::Auto;
                    if let Some(stuck) =
                        stuck(resolver, analysis, &decided[at].proposal, &edges[number], reason)
                    {
                        // What else the connector takes over can go all the same.
                        Arc::make_mut(&mut edges[number]).leave(&stuck);
                        aside.push(Aside { reason, cells: stuck.into_iter().collect() });
                    } else if embedded && free && !edges[number].apart {
                        Arc::make_mut(&mut edges[number]).apart = true;
                    } else {
                        impossible.insert(number);
                        aside.push(Aside { reason, cells: edges[number].cells().collect() });
                    }
                }
            }
        }
    };
    let roles = roles(resolver, analysis, options, &decided);
    let surroundings = Surroundings::of(resolver, analysis);
    let quotas: HashMap<&str, &RoleQuota> = roles.iter().map(|role| (role.role.as_str(), role)).collect();
    let rewrites: Vec<Rewrite> = decided
        .iter()
        .enumerate()
        .map(|(n, decided)| {
            let quota = quotas.get(&*decided.proposal.edge.principal).copied();
            let hazards = hazard::of(resolver, analysis, &surroundings, options.phase, decided, quota);
            rewrite(resolver, analysis, RewriteId(n), decided, hazards)
        })
        .collect();
    drop(quotas);
    Drawn {
        rewrites,
        left_alone: left_alone(resolver, analysis, &aside),
        deployer_actions: deployer_actions(resolver, analysis, &decided),
        work: Work::Connectors(decided.into_iter().map(|decided| decided.proposal).collect()),
        alone,
        together,
        roles,
    }
}

/// Of an edge that empties a policy that something else needs: the cells of such policies, if others are left.
fn stuck(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    proposal: &Proposal,
    edge: &Edge,
    reason: Reason,
) -> Option<BTreeSet<usize>> {
    let ledger = &analysis.ledger;
    let needed = |unit: &Unit| {
        let leaving = BTreeMap::from([(unit.bearer, Heirs::default())]);
        goes(analysis, unit, &proposal.gone) && detach(resolver, &leaving).is_err()
    };
    let numbers = ledger.units_with(edge.cells()).into_iter();
    let units = numbers.map(|number| &ledger.units[number]).filter(|unit| needed(unit));
    let stuck: BTreeSet<usize> = units.flat_map(|unit| unit.cells()).collect();
    let left = edge.coverable.iter().any(|n| !stuck.contains(n) && !ledger.cells[*n].inert);
    let own = || edge.cells().filter(|number| stuck.contains(number)).collect();
    (reason == Reason::NeededElsewhere && !stuck.is_empty() && left).then(own)
}

/// Whether the template goes to the Serverless Application Repository.
fn is_published(resolver: &Resolver<'_>) -> bool {
    let doc = resolver.doc;
    let metadata = doc.get(doc.root(), "Metadata").map(|node| doc.resolve(node));
    metadata.is_some_and(|node| doc.get(node, &format!("{SAM_PREFIX}Repo::Application")).is_some())
}

/// What the identity that deploys newly needs for the connectors that are taken.
fn deployer_actions(resolver: &Resolver<'_>, analysis: &Analysis, decided: &[Decided]) -> Vec<String> {
    let taken = decided.iter().filter(|found| found.decision == Decision::Taken);
    let new = taken.filter(|found| matches!(found.proposal.connector, Use::New { .. }));
    deployer::for_connectors(resolver, analysis, new.map(|found| found.proposal.edge.profile.kind))
}

fn rewrite(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    id: RewriteId,
    decided: &Decided,
    hazards: Vec<Hazard>,
) -> Rewrite {
    let proposal = &decided.proposal;
    let (form, connector, existing) = match &proposal.connector {
        Use::New { id, form, .. } => {
            let form = match form {
                Placing::Embedded => Form::Embedded,
                Placing::Standalone => Form::Standalone,
            };
            (form, id.clone(), false)
        }
        Use::Existing { view, .. } => {
            let found = &analysis.connectors[*view].connector;
            let form = match found.place {
                ConnectorPlace::Embedded { .. } => Form::Embedded,
                ConnectorPlace::Standalone(_) => Form::Standalone,
            };
            (form, found.id.clone(), true)
        }
    };
    let cells = &analysis.ledger.cells;
    let units: BTreeSet<usize> = proposal.gone.iter().map(|&n| cells[n].unit).collect();
    let places =
        units.into_iter().map(|unit| location(resolver.doc, analysis.ledger.units[unit].node)).collect();
    let kept = distinct(decided.kept.iter().map(|&n| permission(resolver, analysis, &cells[n].grant)));
    let Delta { added, removed, effect, needs } = decided.delta.clone();
    let step = decided.step.clone();
    let step = step.map(|Delta { effect, added, removed, .. }| StepDelta { effect, added, removed });
    let (source, destination) = ends_of_edge(resolver, &proposal.edge);
    let forms = || proposal.edge.profile.permissions.iter().flat_map(|(_, forms)| forms);
    let named =
        |action: &String| forms().any(|form| form.actions.iter().any(|a| a.eq_ignore_ascii_case(action)));
    // What goes or stays in earnest by the same action is told anyway.
    let told = |action: &String| {
        let live = removed.iter().filter(|permission| !permission.inert);
        live.chain(&kept).any(|permission| permission.action == *action)
    };
    let traceless = removed
        .iter()
        .filter(|gone| gone.inert && !named(&gone.action) && !told(&gone.action))
        .cloned()
        .collect();
    Rewrite {
        id,
        principal: proposal.edge.principal.to_string(),
        shared_with: shared_with(resolver, analysis, &proposal.edge),
        profile: proposal.edge.profile.id.clone(),
        fingerprint: proposal.edge.fingerprint.clone(),
        source,
        destination,
        permissions: proposal.categories.clone(),
        form,
        connector,
        existing,
        places,
        effect,
        decision: decided.decision,
        added,
        removed,
        traceless,
        needs,
        kept,
        step,
        hazards,
    }
}

/// The resources that act through the role of an edge beside the end that is known to do so.
fn shared_with(resolver: &Resolver<'_>, analysis: &Analysis, edge: &Edge) -> Vec<String> {
    if edge.profile.kind != GrantKind::ManagedPolicy {
        return Vec::new();
    }
    let others: BTreeSet<usize> = analysis
        .actors_of(&edge.principal)
        .map(|actor| actor.resource)
        .filter(|&at| at != edge.near)
        .collect();
    others.into_iter().map(|position| resolver.template.resources()[position].id.clone()).collect()
}

//! The plan of this direction: decided until everything that is proposed can be written, then in the words of the model.

use super::decide::{Reversal, decide};
use super::{Folded, PolicyForm};
use crate::analysis::{Analysis, Resolver};
use crate::plan::Decision;
use crate::plan::deployer;
use crate::plan::drawn::Drawn;
use crate::plan::identity::{ends_of_connector, profiles_of_connector};
use crate::plan::model::{Form, Hazard, LeftAlone, Rewrite, RewriteId, RoleQuota};
use crate::plan::options::Options;
use crate::plan::quota::Quotas;
use crate::plan::reason::Reason;
use crate::plan::shown::{location, permission};
use crate::plan::work::Work;
use std::collections::{BTreeMap, BTreeSet};

/// Connectors → policies.
pub(in crate::plan) fn draw(resolver: &Resolver<'_>, analysis: &Analysis, options: &Options) -> Drawn {
    let mut impossible: BTreeMap<(usize, PolicyForm), Reason> = BTreeMap::new();
    // What cannot be edited in one form is decided anew without it.
    let (reversal, work, made) = loop {
        let reversal = decide(resolver, analysis, options, &impossible);
        let foldings: Vec<_> = reversal.folded.iter().map(|folded| folded.folding.clone()).collect();
        let work = Work::Policies(foldings);
        match work.each(resolver, analysis, options.phase) {
            Ok(made) => break (reversal, work, made),
            Err(failed) => impossible.extend(failed.into_iter().map(|(at, reason)| {
                let folding = &reversal.folded[at].folding;
                let reason = match reason {
                    Reason::DependencyCycle => reason,
                    _ => Reason::UnsafeEdit,
                };
                ((folding.view, folding.form), reason)
            })),
        }
    };
    let rewrites = reversal.folded.iter().enumerate();
    Drawn {
        work,
        alone: made.alone,
        together: Some(made.together),
        rewrites: rewrites.map(|(n, folded)| rewrite(resolver, analysis, RewriteId(n), folded)).collect(),
        left_alone: left_alone(resolver, analysis, &reversal),
        roles: roles(resolver, analysis, options, &reversal.folded),
        deployer_actions: deployer_actions(resolver, analysis, &reversal.folded),
    }
}

fn rewrite(resolver: &Resolver<'_>, analysis: &Analysis, id: RewriteId, folded: &Folded) -> Rewrite {
    let view = &analysis.connectors[folded.folding.view];
    let (source, destination) = ends_of_connector(resolver, view);
    let mut hazards = Vec::new();
    if let Some(why) = &folded.folding.instead {
        let message = format!("kept as a resource of its own, since {why}");
        hazards.push(Hazard { id: "ejected", message });
    }
    let form = match folded.folding.form {
        PolicyForm::Inline => Form::Inline,
        PolicyForm::Resource => Form::Resource,
    };
    Rewrite {
        traceless: Vec::new(),
        id,
        principal: view.parts.first().map(|part| part.holder.to_string()).unwrap_or_default(),
        fingerprint: folded.folding.fingerprint.clone(),
        profile: profiles_of_connector(view),
        source,
        destination,
        permissions: BTreeSet::from_iter(view.connector.permissions.clone()).into_iter().collect(),
        form,
        connector: view.connector.id.clone(),
        existing: true,
        places: vec![location(resolver.doc, view.connector.node)],
        effect: folded.delta.effect,
        decision: folded.decision,
        added: folded.delta.added.clone(),
        removed: folded.delta.removed.clone(),
        needs: folded.delta.needs.clone(),
        kept: Vec::new(),
        step: None,
        shared_with: Vec::new(),
        hazards,
    }
}

fn left_alone(resolver: &Resolver<'_>, analysis: &Analysis, reversal: &Reversal) -> Vec<LeftAlone> {
    let one = |(number, reason, message): &(usize, _, String)| {
        let view = &analysis.connectors[*number];
        LeftAlone {
            reason: *reason,
            principal: view.parts.first().map(|part| part.holder.to_string()).unwrap_or_default(),
            owner: view.connector.id.clone(),
            grants: view.grants.iter().map(|grant| permission(resolver, analysis, grant)).collect(),
            refers_to: Vec::new(),
            location: location(resolver.doc, view.connector.node),
            message: message.clone(),
        }
    };
    let mut out: Vec<LeftAlone> = reversal.refused.iter().map(one).collect();
    out.sort_by_key(|left| (left.location.span, left.reason));
    out
}

fn roles(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    options: &Options,
    folded: &[Folded],
) -> Vec<RoleQuota> {
    let mut quotas = Quotas::default();
    for found in folded {
        let view = &analysis.connectors[found.folding.view];
        for (part, share) in view.parts.iter().zip(&found.folding.shares) {
            let Some(principal) = analysis.principal(&part.holder) else { continue };
            let role = quotas.of(resolver, analysis, options, principal);
            // A resource stays one more managed policy of the role, unless nothing of it is left.
            let stays = found.folding.form == PolicyForm::Resource && share.dropped.len() < part.grants.len();
            if found.decision == Decision::Taken && !stays {
                role.after = role.after.saturating_sub(1);
            }
        }
    }
    quotas.list
}

/// What the deploying identity newly needs: to write inline policies, where no role of the template has any so far. The
/// resources of the other form are those that SAM generated for the connectors.
fn deployer_actions(resolver: &Resolver<'_>, analysis: &Analysis, folded: &[Folded]) -> Vec<String> {
    let comes = folded
        .iter()
        .any(|found| found.decision == Decision::Taken && found.folding.form == PolicyForm::Inline);
    match comes && !deployer::has_inline_policies(analysis) {
        true => deployer::for_inline_policies(resolver.catalog),
        false => Vec::new(),
    }
}

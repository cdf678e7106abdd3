//! What a user should know before deploying a rewrite. Hazards stop nothing: each has a stable id and says what may happen
//! and the way round it. They are found from the template and the proposal alone.

mod deployment;
mod grants;
mod kinds;
mod ordering;
mod surroundings;

pub(super) use kinds::Change;
pub use kinds::{HAZARDS, HazardKind};
pub(super) use surroundings::Surroundings;

use super::model::{Hazard, RoleQuota};
use super::options::Phase;
use super::proposal::Proposal;
use super::rest::{UnitOutcome, outcome};
use super::to_connectors::Decided;
use crate::analysis::{Analysis, Managed, Origin, Principal, Resolver, Unit};
use crate::catalog::GrantKind;
use std::collections::BTreeSet;

/// The hazards of one rewrite in the order of [`HAZARDS`]; `quota` is that of its role after all that is taken.
pub(super) fn of(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    surroundings: &Surroundings,
    phase: Phase,
    decided: &Decided,
    quota: Option<&RoleQuota>,
) -> Vec<Hazard> {
    let case = Case { resolver, analysis, surroundings, phase, proposal: &decided.proposal };
    let mut out = Vec::new();
    deployment::find(&case, decided.decision, quota, &mut out);
    ordering::find(&case, &mut out);
    grants::find(&case, &mut out);
    let change =
        Change { any: true, comes: phase != Phase::Remove, goes: case.removes(), gap: phase == Phase::Both };
    out.retain(|found| HAZARDS.iter().any(|kind| kind.id == found.id && kind.concerns(change)));
    out.sort_by_key(|found| HAZARDS.iter().position(|kind| kind.id == found.id));
    out
}

/// A proposal in its template, with what several hazards ask of it.
struct Case<'r, 'c> {
    resolver: &'r Resolver<'c>,
    analysis: &'r Analysis,
    surroundings: &'r Surroundings,
    phase: Phase,
    proposal: &'r Proposal,
}

impl<'r> Case<'r, '_> {
    /// The role, or the service, that holds the grants.
    fn role(&self) -> &'r str {
        &self.proposal.edge.principal
    }

    fn principal(&self) -> Option<&'r Principal> {
        self.analysis.principal(&self.proposal.edge.principal)
    }

    /// The logical id of the connector.
    fn connector(&self) -> &'r str {
        self.proposal.connector_id(self.analysis)
    }

    /// Whether a role is what holds the grants.
    fn is_held_by_a_role(&self) -> bool {
        self.proposal.edge.profile.kind == GrantKind::ManagedPolicy
    }

    /// Whether this step takes the grants out of their policies.
    fn removes(&self) -> bool {
        !self.proposal.gone_in(self.phase).is_empty()
    }

    /// The policies that it takes from, and what becomes of each.
    fn touched(&self) -> impl Iterator<Item = (&'r Unit, UnitOutcome)> {
        let ledger = &self.analysis.ledger;
        let gone = &self.proposal.gone;
        let numbers: BTreeSet<usize> = gone.iter().map(|&cell| ledger.cells[cell].unit).collect();
        numbers.into_iter().map(move |number| {
            let unit = &ledger.units[number];
            (unit, outcome(ledger, unit, gone))
        })
    }

    /// Whether a policy is there as soon as its role is: it is part of the role, or the role lists it.
    fn comes_with_the_role(&self, unit: &Unit) -> bool {
        match unit.origin {
            Origin::Policies | Origin::Role => true,
            Origin::Policy => self.principal().is_some_and(|principal| {
                let mut named = self.analysis.named_policies(principal).iter();
                named.any(|(managed, _)| *managed == Managed::InTemplate(unit.bearer))
            }),
            Origin::ResourceSide => false,
        }
    }

    fn id(&self, position: usize) -> &'r str {
        &self.resolver.template.resources()[position].id
    }
}

fn hazard(id: &'static str, message: String) -> Hazard {
    debug_assert!(HAZARDS.iter().any(|kind| kind.id == id), "{id} is not in the table");
    Hazard { id, message }
}

//! What a plan can do, in either direction: one interface over connectors that come and connectors that go. Decides nothing;
//! says what any chosen part comes to.

use super::changes::Impossible;
use super::footprint::{self, Footprint};
use super::proposal::Proposal;
use super::reason::Reason;
use super::reverse::{self, Folding};
use super::state::State;
use super::{Phase, RewriteId, changes};
use crate::analysis::{Analysis, Resolver};
use crate::iam::GrantSet;
use crate::syntax::{Refusal, lower};
use crate::text::EditSet;

/// The rewrites of a plan as its engine sees them.
#[derive(Debug, Clone)]
pub(super) enum Work {
    /// Policies become connectors.
    Connectors(Vec<Proposal>),
    /// Connectors become policies.
    Policies(Vec<Folding>),
}

/// The edits of all rewrites of a plan.
#[derive(Debug)]
pub(super) struct Made {
    /// Of each one alone.
    pub(super) alone: Vec<EditSet>,
    /// Of all together.
    pub(super) together: EditSet,
}

impl Default for Work {
    fn default() -> Self {
        Self::Connectors(Vec::new())
    }
}

impl Work {
    /// How many rewrites there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Connectors(proposals) => proposals.len(),
            Self::Policies(foldings) => foldings.len(),
        }
    }

    /// The edits of some rewrites, or why they cannot be made.
    pub(super) fn edits(
        &self,
        resolver: &Resolver<'_>,
        analysis: &Analysis,
        chosen: &[RewriteId],
        phase: Phase,
    ) -> Result<EditSet, Reason> {
        let changes = match self {
            Self::Connectors(proposals) => changes::changes(resolver, analysis, proposals, chosen, phase),
            Self::Policies(foldings) => reverse::changes(resolver, analysis, &select(foldings, chosen)),
        };
        let changes = changes.map_err(|error| match error {
            Impossible::MixedIf => Reason::MixedIf,
            Impossible::Hollow => Reason::ConditionalStatement,
            Impossible::NeededElsewhere => Reason::NeededElsewhere,
            Impossible::Cycle => Reason::DependencyCycle,
            Impossible::Unspellable | Impossible::Undeclared => Reason::UnsafeEdit,
        })?;
        lower(resolver.doc, &changes).map_err(|error| match error.reason {
            Refusal::Shared => Reason::SharedNode,
            Refusal::DuplicateKeys => Reason::DuplicateKeys,
            _ => Reason::UnsafeEdit,
        })
    }

    /// The edits of a phase of each rewrite alone and of all together, if all of them can be made, and as a whole; else those that cannot
    /// be made alone, or else the first one that cannot together with those before it. What cannot be finished is not begun.
    pub(super) fn each(
        &self,
        resolver: &Resolver<'_>,
        analysis: &Analysis,
        phase: Phase,
    ) -> Result<Made, Vec<(usize, Reason)>> {
        let all: Vec<RewriteId> = (0..self.len()).map(RewriteId).collect();
        let of_phase = |phase: Phase| {
            let attempt = |ids: &[RewriteId]| self.edits(resolver, analysis, ids, phase);
            let (mut alone, mut impossible) = (Vec::new(), Vec::new());
            for &id in &all {
                match attempt(&[id]) {
                    Ok(edits) => alone.push(edits),
                    Err(reason) => impossible.push((id.0, reason)),
                }
            }
            if !impossible.is_empty() {
                return Err(impossible);
            }
            match attempt(&all) {
                Ok(together) => Ok(Made { alone, together }),
                Err(reason) => {
                    let first = (1..all.len())
                        .find_map(|end| attempt(&all[..end]).err().map(|reason| (end - 1, reason)));
                    Err(vec![first.unwrap_or((all.len().saturating_sub(1), reason))])
                }
            }
        };
        if phase == Phase::Add {
            of_phase(Phase::Both)?;
        }
        of_phase(phase)
    }

    /// All permissions after a phase of some rewrites.
    pub(super) fn grants(&self, analysis: &Analysis, chosen: &[RewriteId], phase: Phase) -> GrantSet {
        match self {
            Self::Connectors(proposals) => {
                State::after(select(proposals, chosen), phase).grants(analysis, None)
            }
            Self::Policies(foldings) => reverse::State::after(select(foldings, chosen)).grants(analysis),
        }
    }

    /// The places that a phase of some rewrites may change.
    pub(super) fn footprint(
        &self,
        resolver: &Resolver<'_>,
        analysis: &Analysis,
        chosen: &[RewriteId],
        phase: Phase,
    ) -> Footprint {
        match self {
            Self::Connectors(proposals) => {
                footprint::of(resolver, analysis, &select(proposals, chosen), phase)
            }
            Self::Policies(foldings) => reverse::free(resolver, analysis, &select(foldings, chosen)),
        }
    }
}

fn select<'w, T>(all: &'w [T], chosen: &[RewriteId]) -> Vec<&'w T> {
    chosen.iter().filter_map(|id| all.get(id.0)).collect()
}

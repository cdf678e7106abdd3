//! What all roles may do after some rewrites: the policies that remain, and the connectors that come. Knows proposals, not why
//! they were made.

use super::options::Phase;
use super::proposal::Proposal;
use super::rest::{outcome, remaining};
use crate::analysis::Analysis;
use crate::iam::{Grant, GrantSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the rewrites taken so far have changed.
#[derive(Debug, Default)]
pub(super) struct State {
    gone: BTreeSet<usize>,
    grants: Vec<Grant>,
}

impl State {
    /// The state after a phase of some proposals.
    pub(super) fn after<'p>(proposals: impl IntoIterator<Item = &'p Proposal>, phase: Phase) -> Self {
        let mut state = Self::default();
        for proposal in proposals {
            state.take(proposal, phase);
        }
        state
    }

    /// The state in which some cells are gone and nothing has come for them.
    pub(super) fn without(cells: impl IntoIterator<Item = usize>) -> Self {
        Self { gone: cells.into_iter().collect(), grants: Vec::new() }
    }

    /// Makes a phase of a proposal.
    pub(super) fn take(&mut self, proposal: &Proposal, phase: Phase) {
        self.gone.extend(proposal.gone_in(phase));
        self.grants.extend(proposal.grants.iter().cloned());
    }

    /// All grants in this state, of some principals or of all.
    pub(super) fn grants(&self, analysis: &Analysis, of: Option<&BTreeSet<Arc<str>>>) -> GrantSet {
        self.grants_with(analysis, of, None)
    }

    /// The same after a phase of one more proposal, which is not taken.
    pub(super) fn grants_with(
        &self,
        analysis: &Analysis,
        of: Option<&BTreeSet<Arc<str>>>,
        more: Option<(&Proposal, Phase)>,
    ) -> GrantSet {
        let concerns = |grant: &Grant| of.is_none_or(|names| names.contains(&grant.principal));
        let mut set = GrantSet::new();
        let cells = &analysis.ledger.cells;
        for unit in &analysis.ledger.units {
            if unit.cells().all(|cell| !concerns(&cells[cell].grant)) {
                continue;
            }
            let mut gone: BTreeSet<usize> = self.gone.range(unit.cells()).copied().collect();
            gone.extend(
                more.iter().flat_map(|(proposal, phase)| proposal.gone_in(*phase).range(unit.cells())),
            );
            for cell in remaining(unit, &outcome(&analysis.ledger, unit, &gone)) {
                if concerns(&cells[cell].grant) {
                    set.push(cells[cell].grant.clone());
                }
            }
        }
        let more = more.map_or(&[][..], |(proposal, _)| &proposal.grants);
        let beside = analysis.beside_policies().chain(&self.grants).chain(more);
        beside.filter(|grant| concerns(grant)).for_each(|grant| set.push(grant.clone()));
        set
    }
}

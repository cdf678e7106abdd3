//! What all roles may do after some rewrites: the policies that remain, and the connectors that come. Knows proposals, not why
//! they were made.

use super::options::Phase;
use super::proposal::Proposal;
use super::rest::{outcome, remaining};
use crate::analysis::Analysis;
use crate::iam::{Grant, GrantSet};
use hashbrown::HashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the rewrites taken so far have changed.
#[derive(Debug, Default)]
pub(super) struct State {
    gone: BTreeSet<usize>,
    /// What has come, in order.
    grants: Vec<Grant>,
    /// By principal: which of it.
    of: HashMap<Arc<str>, Vec<usize>>,
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
        Self { gone: cells.into_iter().collect(), ..Self::default() }
    }

    /// Makes a phase of a proposal.
    pub(super) fn take(&mut self, proposal: &Proposal, phase: Phase) {
        self.gone.extend(proposal.gone_in(phase));
        for grant in &proposal.grants {
            self.of.entry(grant.principal.clone()).or_default().push(self.grants.len());
            self.grants.push(grant.clone());
        }
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
        let ledger = &analysis.ledger;
        let units: BTreeSet<usize> = match of {
            Some(names) => names.iter().flat_map(|name| analysis.units_of(name)).collect(),
            None => (0..ledger.units.len()).collect(),
        };
        for unit in units.into_iter().map(|number| &ledger.units[number]) {
            let mut gone: BTreeSet<usize> = self.gone.range(unit.cells()).copied().collect();
            gone.extend(
                more.iter().flat_map(|(proposal, phase)| proposal.gone_in(*phase).range(unit.cells())),
            );
            for cell in remaining(unit, &outcome(ledger, unit, &gone)) {
                let grant = &ledger.cells[cell].grant;
                if concerns(grant) {
                    set.push(grant.clone());
                }
            }
        }
        match of {
            Some(names) => {
                for name in names {
                    let come = self.of.get(name).into_iter().flatten().map(|&number| &self.grants[number]);
                    analysis.beside_policies_of(name).chain(come).for_each(|grant| set.push(grant.clone()));
                }
            }
            None => analysis.beside_policies().chain(&self.grants).for_each(|grant| set.push(grant.clone())),
        }
        let more = more.map_or(&[][..], |(proposal, _)| &proposal.grants);
        more.iter().filter(|grant| concerns(grant)).for_each(|grant| set.push(grant.clone()));
        set
    }
}

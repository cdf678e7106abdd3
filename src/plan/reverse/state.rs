//! What all roles may do after some connectors have become policies. Knows what they grant then, not why they were taken.

use super::Folding;
use crate::analysis::Analysis;
use crate::iam::{Grant, GrantSet};
use hashbrown::HashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the foldings taken so far have changed.
#[derive(Debug, Default)]
pub(in crate::plan) struct State {
    /// By connector: what it grants as a policy.
    folded: HashMap<usize, Vec<Grant>>,
}

impl State {
    /// The state after some foldings.
    pub(in crate::plan) fn after<'f>(foldings: impl IntoIterator<Item = &'f Folding>) -> Self {
        let mut state = Self::default();
        foldings.into_iter().for_each(|folding| state.take(folding));
        state
    }

    /// Makes a folding.
    pub(super) fn take(&mut self, folding: &Folding) {
        self.folded.insert(folding.view, folding.grants.clone());
    }

    /// All grants in this state.
    pub(in crate::plan) fn grants(&self, analysis: &Analysis) -> GrantSet {
        let mut set: GrantSet = analysis.ledger.cells.iter().map(|cell| cell.grant.clone()).collect();
        analysis.added.iter().for_each(|added| set.push(added.grant.clone()));
        for number in 0..analysis.connectors.len() {
            self.granted(analysis, number, None).iter().for_each(|grant| set.push(grant.clone()));
        }
        set
    }

    /// The grants of some principals in this state, or after one more folding, which is not taken.
    pub(super) fn grants_of(
        &self,
        analysis: &Analysis,
        names: &BTreeSet<Arc<str>>,
        more: Option<&Folding>,
    ) -> GrantSet {
        let ledger = &analysis.ledger;
        let units: BTreeSet<usize> = names.iter().flat_map(|name| analysis.units_of(name)).collect();
        let cells = units.into_iter().flat_map(|unit| &ledger.cells[ledger.units[unit].cells()]);
        let added = names.iter().flat_map(|name| analysis.added_for(name));
        let views: BTreeSet<usize> = names.iter().flat_map(|name| analysis.connectors_for(name)).collect();
        let given = views.into_iter().flat_map(|number| self.granted(analysis, number, more));
        let all = cells.map(|cell| &cell.grant).chain(added.map(|added| &added.grant)).chain(given);
        all.filter(|grant| names.contains(&grant.principal)).cloned().collect()
    }

    /// What a connector grants, as one or as the policy that it has become.
    fn granted<'a>(
        &'a self,
        analysis: &'a Analysis,
        number: usize,
        more: Option<&'a Folding>,
    ) -> &'a [Grant] {
        match more {
            Some(folding) if folding.view == number => &folding.grants,
            _ => self.folded.get(&number).unwrap_or(&analysis.connectors[number].grants),
        }
    }
}

//! How many managed policies each role has before and after what is taken. Refuses to know whether that is too many.

use super::model::{Decision, RoleQuota};
use super::options::Options;
use super::side::goes;
use super::to_connectors::Decided;
use crate::analysis::{Analysis, Principal, Resolver};
use hashbrown::HashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The roles that proposals concern, in the order of the first.
pub(super) fn roles(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    options: &Options,
    decided: &[Decided],
) -> Vec<RoleQuota> {
    let mut quotas = Quotas::default();
    for found in decided {
        let Some(principal) = analysis.principal(&found.proposal.edge.principal) else { continue };
        let role = quotas.of(resolver, analysis, options, principal);
        if found.decision == Decision::Taken {
            role.after += found.proposal.generates();
        }
    }
    let taken = decided.iter().filter(|found| found.decision == Decision::Taken).map(|found| &found.proposal);
    let gone: BTreeSet<usize> = taken.flat_map(|p| p.gone_in(options.phase)).copied().collect();
    for unit in analysis.ledger.units.iter().filter(|unit| analysis.is_managed_policy(resolver, unit)) {
        if goes(analysis, unit, &gone)
            && let Some(role) = quotas.known(&unit.principal)
        {
            role.after = role.after.saturating_sub(1);
        }
    }
    quotas.list
}

/// Roles with their managed policies, in the order in which they were first asked for.
#[derive(Default)]
pub(super) struct Quotas {
    /// The roles.
    pub(super) list: Vec<RoleQuota>,
    numbers: HashMap<Arc<str>, usize>,
}

impl Quotas {
    /// The line of one role; a new one, in which nothing changes, if it is not there.
    pub(super) fn of(
        &mut self,
        resolver: &Resolver<'_>,
        analysis: &Analysis,
        options: &Options,
        principal: &Principal,
    ) -> &mut RoleQuota {
        let number = *self.numbers.entry(principal.name.clone()).or_insert_with(|| {
            let before = analysis.managed_policies(resolver, principal);
            let role = principal.name.to_string();
            self.list.push(RoleQuota { role, before, after: before, quota: options.max_managed_policies });
            self.list.len() - 1
        });
        &mut self.list[number]
    }

    fn known(&mut self, role: &str) -> Option<&mut RoleQuota> {
        let number = self.numbers.get(role)?;
        self.list.get_mut(*number)
    }
}

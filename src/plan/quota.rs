//! How many managed policies each role has before and after what is taken. Refuses to know whether that is too many.

use super::model::{Decision, RoleQuota};
use super::options::Options;
use super::side::goes;
use super::to_connectors::Decided;
use crate::analysis::{Analysis, Principal, Resolver};
use std::collections::BTreeSet;

/// The roles that proposals concern, in the order of the first.
pub(super) fn roles(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    options: &Options,
    decided: &[Decided],
) -> Vec<RoleQuota> {
    let mut out: Vec<RoleQuota> = Vec::new();
    for found in decided {
        let Some(principal) = analysis.principal(&found.proposal.edge.principal) else { continue };
        let role = entry(resolver, analysis, options, principal, &mut out);
        if found.decision == Decision::Taken {
            role.after += found.proposal.generates();
        }
    }
    let taken = decided.iter().filter(|found| found.decision == Decision::Taken).map(|found| &found.proposal);
    let gone: BTreeSet<usize> = taken.flat_map(|p| p.gone_in(options.phase)).copied().collect();
    for unit in analysis.ledger.units.iter().filter(|unit| analysis.is_managed_policy(resolver, unit)) {
        if goes(analysis, unit, &gone)
            && let Some(role) = out.iter_mut().find(|role| role.role == *unit.principal)
        {
            role.after = role.after.saturating_sub(1);
        }
    }
    out
}

/// The line of one role in a list; a new one, in which nothing changes, if it is not there.
pub(super) fn entry<'q>(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    options: &Options,
    principal: &Principal,
    list: &'q mut Vec<RoleQuota>,
) -> &'q mut RoleQuota {
    let at = list.iter().position(|role| role.role == *principal.name).unwrap_or_else(|| {
        let before = analysis.managed_policies(resolver, principal);
        let role = principal.name.to_string();
        list.push(RoleQuota { role, before, after: before, quota: options.max_managed_policies });
        list.len() - 1
    });
    &mut list[at]
}

//! From chosen rewrites to changes of the document: what goes from `Policies`, which connectors and conditions come, and
//! where the comments go that would be lost. Decides places; bytes are decided by the document layer.

use super::additions::Additions;
use super::comments::claimed;
use super::detach::{Detached, detach};
use super::proposal::Proposal;
use super::removal::Removal;
use super::side::goes;
use super::{Phase, RewriteId};
use crate::analysis::{Analysis, Resolver};
use crate::syntax::Change;
use std::collections::{BTreeMap, BTreeSet};

/// Something in the text that a batch of changes cannot do; the rewrites of these units cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Impossible {
    /// The branches of an `Fn::If` would end as different kinds.
    MixedIf,
    /// A resource expression cannot be spelled.
    Unspellable,
    /// A connector needs a condition of its own, made of conditions that are not declared.
    Undeclared,
    /// Something else needs a resource that would go.
    NeededElsewhere,
}

/// The changes that make a phase of the chosen rewrites.
pub(super) fn changes(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    proposals: &[Proposal],
    chosen: &[RewriteId],
    phase: Phase,
) -> Result<Vec<Change>, Impossible> {
    let chosen: Vec<(RewriteId, &Proposal)> =
        chosen.iter().filter_map(|id| Some((*id, proposals.get(id.0)?))).collect();
    let declares = |proposal: &Proposal| proposal.condition.as_ref().is_some_and(|condition| condition.new);
    if resolver.template.conditions_node().is_none() && chosen.iter().any(|(_, proposal)| declares(proposal))
    {
        return Err(Impossible::Undeclared);
    }
    let mut gone: BTreeMap<usize, RewriteId> = BTreeMap::new();
    for (id, proposal) in chosen.iter().filter(|(_, proposal)| proposal.removes(phase)) {
        for &cell in &proposal.gone {
            gone.entry(cell).or_insert(*id);
        }
    }
    let leaving = leaving(analysis, proposals, &gone);
    let Detached { slots, out: mut changes } = detach(resolver, &leaving)?;
    let removal = Removal::of(resolver, &analysis.ledger, &gone, &slots)?;
    changes.extend(removal.out);
    let first = gone.values().min().copied();
    let comments = claimed(resolver, &analysis.ledger, &changes, &gone, &removal.owners, first);
    changes.extend(Additions::of(resolver, analysis, comments, &chosen)?);
    Ok(changes)
}

/// The resources that go when some cells do, each with the connectors that what waits for it has to wait for instead: those
/// whose destination the policy referred to as well, so that no new dependency comes up.
pub(super) fn leaving(
    analysis: &Analysis,
    proposals: &[Proposal],
    gone: &BTreeMap<usize, RewriteId>,
) -> BTreeMap<usize, Vec<String>> {
    let cells: BTreeSet<usize> = gone.keys().copied().collect();
    let ledger = &analysis.ledger;
    let mut out: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for unit in ledger.units.iter().filter(|unit| goes(analysis, unit, &cells)) {
        let heirs = out.entry(unit.bearer).or_default();
        for (cell, id) in gone.range(unit.cells()) {
            let refers = ledger.column(&ledger.cells[*cell]).refers;
            if let Some(proposal) = proposals.get(id.0).filter(|_| refers) {
                let connector = proposal.connector_id(analysis);
                if !heirs.iter().any(|known| known == connector) {
                    heirs.push(connector.to_owned());
                }
            }
        }
    }
    out
}

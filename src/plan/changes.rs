//! From chosen rewrites to changes of the document: what goes from `Policies`, which connectors and conditions come, and
//! where the comments go that would be lost. Decides places; bytes are decided by the document layer.

use super::RewriteId;
use super::additions::Additions;
use super::comments::claimed;
use super::proposal::Proposal;
use super::removal::Removal;
use crate::analysis::{Analysis, Resolver};
use crate::syntax::Change;
use std::collections::BTreeMap;

/// Something in the text that a batch of changes cannot do; the rewrites of these units cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Impossible {
    /// The branches of an `Fn::If` would end as different kinds.
    MixedIf,
    /// A resource expression cannot be spelled.
    Unspellable,
    /// A connector needs a condition of its own, made of conditions that are not declared.
    Undeclared,
}

/// The changes that make the chosen rewrites.
pub(super) fn changes(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    proposals: &[Proposal],
    chosen: &[RewriteId],
) -> Result<Vec<Change>, Impossible> {
    let chosen: Vec<(RewriteId, &Proposal)> =
        chosen.iter().filter_map(|id| Some((*id, proposals.get(id.0)?))).collect();
    let declares = |proposal: &Proposal| proposal.condition.as_ref().is_some_and(|condition| condition.new);
    if resolver.template.conditions_node().is_none() && chosen.iter().any(|(_, proposal)| declares(proposal))
    {
        return Err(Impossible::Undeclared);
    }
    let mut gone: BTreeMap<usize, RewriteId> = BTreeMap::new();
    for (id, proposal) in &chosen {
        for &cell in &proposal.gone {
            gone.entry(cell).or_insert(*id);
        }
    }
    let Removal { out: mut changes, owners, .. } = Removal::of(resolver, &analysis.ledger, &gone)?;
    let first = chosen.first().map(|(id, _)| *id);
    let comments = claimed(resolver, &analysis.ledger, &changes, &gone, &owners, first);
    changes.extend(Additions::of(resolver, analysis, comments, &chosen));
    Ok(changes)
}

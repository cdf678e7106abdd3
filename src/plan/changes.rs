//! From chosen rewrites to changes of the document: what goes from `Policies`, which connectors and conditions come, and
//! where the comments go that would be lost. Decides places; bytes are decided by the document layer.

use super::additions::Additions;
use super::comments::claimed;
use super::cycle::{needs, waiting_closes};
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
    /// A resource expression or a logical id cannot be spelled.
    Unspellable,
    /// A policy or statement would be empty in some deployments.
    Hollow,
    /// A connector needs a condition of its own, made of conditions that are not declared.
    Undeclared,
    /// Something else needs a resource that would go.
    NeededElsewhere,
    /// What waits for a resource that goes would wait for itself.
    Cycle,
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
    for (id, proposal) in &chosen {
        for &cell in proposal.gone_in(phase) {
            gone.entry(cell).or_insert(*id);
        }
    }
    let leaving = leaving(analysis, proposals, &gone);
    if waiting_closes(resolver, analysis, &leaving) {
        return Err(Impossible::Cycle);
    }
    let Detached { slots, out: mut changes } = detach(resolver, &leaving)?;
    let removal = Removal::of(resolver, &analysis.ledger, &gone, &slots)?;
    changes.extend(removal.out);
    let first = gone.values().min().copied();
    let comments = claimed(resolver, &analysis.ledger, &changes, &gone, &removal.owners, first);
    changes.extend(Additions::of(resolver, analysis, comments, &chosen)?);
    Ok(changes)
}

/// What takes the place of a resource that goes.
#[derive(Debug, Clone, Default)]
pub(super) struct Heirs {
    /// Logical ids of connectors, in the order of the first cell that each takes.
    pub(super) connectors: Vec<String>,
    /// Positions of the resources that these connectors' policies need.
    pub(super) needs: BTreeSet<usize>,
}

/// The resources that go when some cells do, each with the connectors that what waits for it has to wait for instead.
pub(super) fn leaving(
    analysis: &Analysis,
    proposals: &[Proposal],
    gone: &BTreeMap<usize, RewriteId>,
) -> BTreeMap<usize, Heirs> {
    let cells: BTreeSet<usize> = gone.keys().copied().collect();
    let ledger = &analysis.ledger;
    let mut out: BTreeMap<usize, Heirs> = BTreeMap::new();
    let touched = ledger.units_with(cells.iter().copied());
    let touched = touched.into_iter().map(|number| &ledger.units[number]);
    for unit in touched.filter(|unit| goes(analysis, unit, &cells)) {
        let heirs = out.entry(unit.bearer).or_default();
        for (_, id) in gone.range(unit.cells()) {
            let Some(proposal) = proposals.get(id.0) else { continue };
            heirs.needs.extend(needs(analysis, &proposal.edge));
            let connector = proposal.connector_id(analysis);
            if !heirs.connectors.iter().any(|known| known == connector) {
                heirs.connectors.push(connector.to_owned());
            }
        }
    }
    out
}

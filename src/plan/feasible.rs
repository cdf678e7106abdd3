//! Which proposals can be written: each alone, and all together. What cannot is left alone with the reason. Knows how changes
//! become edits; refuses to know consent.

use super::changes::{Impossible, changes};
use super::proposal::Proposal;
use super::reason::Reason;
use super::{Phase, RewriteId};
use crate::analysis::{Analysis, Resolver};
use crate::syntax::{Refusal, lower};
use crate::text::EditSet;

/// The edits of some proposals, or why they cannot be made.
pub(super) fn edits(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    proposals: &[Proposal],
    ids: &[RewriteId],
    phase: Phase,
) -> Result<EditSet, Reason> {
    let changes = changes(resolver, analysis, proposals, ids, phase).map_err(|error| match error {
        Impossible::MixedIf => Reason::MixedIf,
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

/// The edits of a phase of each proposal alone, if all can be made together too, and as a whole; else the first one that
/// cannot, alone or together with those before it. What cannot be finished is not begun.
pub(super) fn each(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    proposals: &[Proposal],
    phase: Phase,
) -> Result<Vec<EditSet>, (usize, Reason)> {
    let all: Vec<RewriteId> = (0..proposals.len()).map(RewriteId).collect();
    let of_phase = |phase: Phase| {
        let attempt = |ids: &[RewriteId]| edits(resolver, analysis, proposals, ids, phase);
        let alone = all.iter().map(|&id| attempt(&[id]).map_err(|reason| (id.0, reason)));
        let alone: Vec<EditSet> = alone.collect::<Result<_, _>>()?;
        if attempt(&all).is_err() {
            let first =
                (1..=all.len()).find_map(|end| attempt(&all[..end]).err().map(|reason| (end - 1, reason)));
            return first.map_or(Ok(alone), Err);
        }
        Ok(alone)
    };
    if phase == Phase::Add {
        of_phase(Phase::Both)?;
    }
    of_phase(phase)
}

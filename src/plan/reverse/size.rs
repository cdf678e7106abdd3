//! How much room the inline policies of a role take. IAM bounds the sum over a role, white space not counted; what stands for
//! an expression is only known at deployment, so lengths are estimated from above.

use super::home::Ctx;
use super::{Folding, PolicyForm};
use crate::analysis::{Analysis, Origin};
use crate::iam::{Grant, ResourcePattern, Segment};
use std::collections::BTreeSet;

/// IAM quotas, "Role inline policy size": all inline policies of a role together, in characters.
const MAX_INLINE: usize = 10_240;

/// What is taken for the length of an expression: that of an ARN with a long name.
const EXPRESSION: usize = 100;

/// What a statement has beside its actions and resources.
const STATEMENT: usize = 60;

/// Whether the inline policies of a role would be too large with the policies that a connector becomes beside those that are
/// taken already.
pub(super) fn too_large(ctx: Ctx<'_, '_>, taken: &[Folding], role: &str, grants: &[&Grant]) -> bool {
    let folded = taken.iter().filter(|folding| folding.form == PolicyForm::Inline);
    let folded: usize = folded
        .map(|folding| of_grants(folding.grants.iter().filter(|grant| *grant.principal == *role)))
        .sum();
    written(ctx.analysis, role) + folded + of_grants(grants.iter().copied()) > MAX_INLINE
}

/// The size of the inline policies that the template has for a role.
fn written(analysis: &Analysis, role: &str) -> usize {
    let ledger = &analysis.ledger;
    let inline = |unit: usize| {
        let unit = &ledger.units[unit];
        *unit.principal == *role && matches!(unit.origin, Origin::Policies | Origin::Role)
    };
    let mut statements: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut parts: BTreeSet<(usize, usize, bool, usize)> = BTreeSet::new();
    let mut size = 0;
    for cell in ledger.cells.iter().filter(|cell| inline(cell.unit)) {
        let at = (cell.unit, cell.rectangle);
        if statements.insert(at) {
            size += STATEMENT;
        }
        if parts.insert((at.0, at.1, true, cell.row)) {
            size += cell.grant.action.as_str().len() + 3;
        }
        if parts.insert((at.0, at.1, false, cell.column)) {
            size += of_resource(&cell.grant.resource);
        }
    }
    size
}

/// The size of one statement that has some grants.
fn of_grants<'g>(grants: impl Iterator<Item = &'g Grant>) -> usize {
    let grants: Vec<&Grant> = grants.collect();
    let actions: BTreeSet<&str> = grants.iter().map(|grant| grant.action.as_str()).collect();
    let mut resources: Vec<&ResourcePattern> = Vec::new();
    for grant in &grants {
        if !resources.contains(&&grant.resource) {
            resources.push(&grant.resource);
        }
    }
    let actions: usize = actions.iter().map(|action| action.len() + 3).sum();
    STATEMENT + actions + resources.into_iter().map(of_resource).sum::<usize>()
}

fn of_resource(resource: &ResourcePattern) -> usize {
    let length = |segment: &Segment| match segment {
        Segment::Text(text) => text.len(),
        Segment::Token(_) => EXPRESSION,
        Segment::Star | Segment::One => 1,
    };
    resource.segments().iter().map(length).sum::<usize>() + 3
}

//! What becomes of a policy when some of its grants go: nothing, fewer list members, other statements, or removal. Pure
//! arithmetic on rectangles; knows no connector and writes no text.

use crate::analysis::{Ledger, Rectangle, Unit};
use crate::iam::Presence;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StatementOutcome {
    /// It stays as it is.
    Keep,
    /// It goes.
    Remove,
    /// These rows and columns stay.
    Narrow(Block),
    /// It becomes several statements.
    Split(Vec<Block>),
}

/// Rows and columns of a rectangle, both ascending and not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// Numbers of the actions.
    pub(super) rows: Vec<usize>,
    /// Numbers of the columns.
    pub(super) columns: Vec<usize>,
}

/// What becomes of one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UnitOutcome {
    /// It stays as it is.
    Keep,
    /// It goes.
    Remove,
    /// Its statements change, each in its own way.
    Change(Vec<StatementOutcome>),
}

/// What becomes of a unit when the cells in `gone` go.
pub(super) fn outcome(ledger: &Ledger, unit: &Unit, gone: &BTreeSet<usize>) -> UnitOutcome {
    if gone.range(unit.cells()).next().is_none() {
        return UnitOutcome::Keep;
    }
    let statements: Vec<StatementOutcome> =
        unit.rectangles.iter().map(|rectangle| statement(ledger, rectangle, gone)).collect();
    if statements.iter().all(|s| *s == StatementOutcome::Keep) {
        return UnitOutcome::Keep;
    }
    if statements.iter().all(|s| *s == StatementOutcome::Remove) {
        return UnitOutcome::Remove;
    }
    UnitOutcome::Change(statements)
}

/// Whether a policy or a statement would be there in some deployment without anything in it, which IAM refuses: all that
/// stays of a list is under `Fn::If`, where something of it was not.
pub(super) fn hollows(unit: &Unit, outcome: &UnitOutcome) -> bool {
    let UnitOutcome::Change(statements) = outcome else { return false };
    let certain =
        |rectangle: &Rectangle| rectangle.statement.as_ref().is_none_or(|one| one.within.is_empty());
    let pairs = || unit.rectangles.iter().zip(statements);
    let stays = pairs().any(|(r, outcome)| certain(r) && *outcome != StatementOutcome::Remove);
    if !stays && unit.rectangles.iter().any(certain) {
        return true;
    }
    let leaves_nothing = |rectangle: &Rectangle, block: &Block| {
        let when = |columns: &mut dyn Iterator<Item = usize>| {
            columns
                .fold(Presence::Never, |when, column| when.or(rectangle.resources[column].presence.clone()))
        };
        let kept = when(&mut block.columns.iter().copied());
        when(&mut (0..rectangle.resources.len())).implies(&kept) != Some(true)
    };
    pairs().any(|(rectangle, outcome)| match outcome {
        StatementOutcome::Keep | StatementOutcome::Remove => false,
        StatementOutcome::Narrow(block) => leaves_nothing(rectangle, block),
        StatementOutcome::Split(blocks) => blocks.iter().any(|block| leaves_nothing(rectangle, block)),
    })
}

/// The cells of a unit that are still granted after an outcome.
pub(super) fn remaining(unit: &Unit, outcome: &UnitOutcome) -> Vec<usize> {
    let mut out = Vec::new();
    let statements: Vec<&StatementOutcome> = match outcome {
        UnitOutcome::Remove => return out,
        UnitOutcome::Keep => vec![&StatementOutcome::Keep; unit.rectangles.len()],
        UnitOutcome::Change(statements) => statements.iter().collect(),
    };
    for (rectangle, outcome) in unit.rectangles.iter().zip(statements) {
        match outcome {
            StatementOutcome::Remove => {}
            StatementOutcome::Keep => out.extend(rectangle.cells()),
            StatementOutcome::Narrow(block) => cells(rectangle, block, &mut out),
            StatementOutcome::Split(blocks) => {
                blocks.iter().for_each(|block| cells(rectangle, block, &mut out))
            }
        }
    }
    out
}

fn cells(rectangle: &Rectangle, block: &Block, out: &mut Vec<usize>) {
    for row in &block.rows {
        out.extend(
            block.columns.iter().map(|column| rectangle.first + row * rectangle.resources.len() + column),
        );
    }
}

fn statement(ledger: &Ledger, rectangle: &Rectangle, gone: &BTreeSet<usize>) -> StatementOutcome {
    let (height, width) = (rectangle.actions.len(), rectangle.resources.len());
    let number = |row: usize, column: usize| rectangle.first + row * width + column;
    if gone.range(rectangle.cells()).next().is_none() {
        return StatementOutcome::Keep;
    }
    // Pairs that IAM never matches are not worth a statement: they stay where they do not stand in the way.
    let live = |row, column| !gone.contains(&number(row, column)) && !ledger.cells[number(row, column)].inert;
    let columns_of: Vec<Vec<usize>> =
        (0..height).map(|row| (0..width).filter(|&column| live(row, column)).collect()).collect();
    let rows: Vec<usize> = (0..height).filter(|&row| !columns_of[row].is_empty()).collect();
    let columns: Vec<usize> =
        (0..width).filter(|&column| rows.iter().any(|&row| live(row, column))).collect();
    if rows.is_empty() {
        return StatementOutcome::Remove;
    }
    if rows.iter().all(|&row| columns.iter().all(|&column| !gone.contains(&number(row, column)))) {
        return StatementOutcome::Narrow(Block { rows, columns });
    }
    let by_row = group(&rows, |row| columns_of[row].clone())
        .into_iter()
        .map(|(columns, rows)| Block { rows, columns })
        .collect::<Vec<_>>();
    let by_column = group(&columns, |column| rows.iter().copied().filter(|&row| live(row, column)).collect())
        .into_iter()
        .map(|(rows, columns)| Block { rows, columns })
        .collect::<Vec<_>>();
    StatementOutcome::Split(if by_column.len() < by_row.len() { by_column } else { by_row })
}

/// Groups items by a key, groups in the order of their first item.
fn group(items: &[usize], key: impl Fn(usize) -> Vec<usize>) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut groups: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    let mut known: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    for &item in items {
        let key = key(item);
        let at = *known.entry(key.clone()).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(item);
    }
    groups
}

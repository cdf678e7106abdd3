//! The orders in which repositories are shown. Each of them is total but for rows that are equal in key and name, of which
//! there are none.

use super::row::Row;
use std::cmp::Reverse;

/// By what repositories are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// What became of them, the worst first; among equals those with most rewrites.
    #[default]
    Status,
    /// Their key.
    Name,
    /// Most rewrites first.
    Rewrites,
    /// Most held back first.
    Held,
    /// Most left alone first.
    LeftAlone,
    /// Most permissions first that are new power.
    NewPower,
    /// Most errors and warnings first.
    Findings,
}

impl Order {
    /// Every order with its word, the default first.
    pub const WORDS: [(Self, &'static str); 7] = [
        (Self::Status, "status"),
        (Self::Name, "name"),
        (Self::Rewrites, "rewrites"),
        (Self::Held, "held"),
        (Self::LeftAlone, "left-alone"),
        (Self::NewPower, "new-power"),
        (Self::Findings, "findings"),
    ];

    /// Sorts rows; equal ones by their key.
    pub fn sort(self, rows: &mut [Row]) {
        rows.sort_by(|a, b| {
            let rank = |row: &Row| {
                let figures = &row.figures;
                match self {
                    Self::Status => (Some(row.status), Reverse(figures.rewrites)),
                    Self::Name => (None, Reverse(0)),
                    Self::Rewrites => (None, Reverse(figures.rewrites)),
                    Self::Held => (None, Reverse(figures.held)),
                    Self::LeftAlone => (None, Reverse(figures.left_alone)),
                    Self::NewPower => (None, Reverse(figures.new_power)),
                    Self::Findings => (None, Reverse(figures.errors.saturating_add(figures.warnings))),
                }
            };
            rank(a).cmp(&rank(b)).then_with(|| (&a.key, &a.repo).cmp(&(&b.key, &b.repo)))
        });
    }
}

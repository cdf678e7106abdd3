//! Many rows added up. Rows that come from different choices are added up apart as well: a sum over them says little.

use super::figures::Figures;
use super::record::RunRecord;
use super::row::Row;
use super::status::RepoStatus;
use std::collections::BTreeMap;

/// What the rows of a list have in common, added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many repositories.
    pub repositories: u64,
    /// How many of them by what became of them.
    pub statuses: BTreeMap<RepoStatus, u64>,
    /// Their figures.
    pub figures: Figures,
}

impl Sum {
    /// Adds a repository.
    pub fn add(&mut self, row: &Row) {
        self.repositories += 1;
        *self.statuses.entry(row.status).or_default() += 1;
        self.figures.add(&row.figures);
    }

    /// How many repositories have this status.
    pub fn with(&self, status: RepoStatus) -> u64 {
        self.statuses.get(&status).copied().unwrap_or(0)
    }
}

/// The choices under which a repository was looked at: rows with different ones do not say the same thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Choices {
    /// To what was rewritten.
    pub direction: String,
    /// The step of a migration.
    pub phase: String,
    /// What the definitions describe.
    pub transforms: String,
    /// Digest of all choices that can change a plan.
    pub config_digest: String,
}

/// Many repositories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// A row for each, in the order in which they are shown.
    pub rows: Vec<Row>,
    /// All of them added up.
    pub total: Sum,
    /// The same for each set of choices; more than one entry means that `total` adds up what is not alike.
    pub by_choices: BTreeMap<Choices, Sum>,
}

impl Merged {
    /// Adds up rows, and keeps their order.
    pub fn of(rows: Vec<Row>) -> Self {
        let mut merged = Self::default();
        for row in &rows {
            merged.total.add(row);
            // A repository that failed before anything was planned was looked at under no choices.
            if !row.config_digest.is_empty() {
                let choices = Choices {
                    direction: row.direction.clone(),
                    phase: row.phase.clone(),
                    transforms: row.transforms.clone(),
                    config_digest: row.config_digest.clone(),
                };
                merged.by_choices.entry(choices).or_default().add(row);
            }
        }
        merged.rows = rows;
        merged
    }

    /// Whether rows from different choices are added up.
    pub fn is_mixed(&self) -> bool {
        self.by_choices.len() > 1
    }
}

/// Gives the run report of a row, if there is one that can be read. It is asked for one after the other, so that never
/// all of them are in memory; why one cannot be had it tells by itself.
pub type Details<'a> = dyn FnMut(&Row) -> Option<RunRecord> + 'a;

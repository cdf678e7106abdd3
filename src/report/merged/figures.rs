//! The figures of one repository, and their sum over many.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How often each of several words occurs.
pub type Counts = BTreeMap<String, u64>;

/// What a run found and did, in numbers. Of a file that failed nothing counts but that it failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Figures {
    /// Files reported on.
    pub files: u64,
    /// Files that change or would change.
    pub changed: u64,
    /// Files not looked into.
    pub skipped: u64,
    /// Files that failed.
    pub failed: u64,
    /// Rewrites within consent.
    pub rewrites: u64,
    /// Rewrites held back.
    pub held: u64,
    /// Places left alone.
    pub left_alone: u64,
    /// Findings of severity error.
    pub errors: u64,
    /// Findings of severity warning.
    pub warnings: u64,
    /// Findings that are mended, or would be.
    pub mended: u64,
    /// Places and findings that are ignored, or known from a baseline.
    pub ignored: u64,
    /// Rewrites within consent, by effect.
    pub effects: Counts,
    /// Rewrites within consent, by profile.
    pub profiles: Counts,
    /// Rewrites held back, by what holds them.
    pub held_by: Counts,
    /// Places left alone, by reason.
    pub reasons: Counts,
    /// Hazards of the rewrites within consent, by kind.
    pub hazards: Counts,
    /// Findings, by kind.
    pub findings: Counts,
    /// Permissions that the rewrites within consent add, inert ones apart.
    pub added: u64,
    /// Those of them that nothing held before implies.
    pub new_power: u64,
    /// Permissions that they remove, inert ones apart.
    pub removed: u64,
    /// Permissions that they leave as a policy beside the connector.
    pub kept: u64,
    /// IAM actions that whoever deploys newly needs.
    pub deployer_actions: BTreeSet<String>,
    /// Roles that would hold more managed policies than they may.
    pub over_quota: u64,
}

impl Figures {
    /// Adds the figures of another repository.
    pub fn add(&mut self, other: &Self) {
        for (own, more) in self.numbers().into_iter().zip(other.clone().numbers()) {
            *own = own.saturating_add(*more);
        }
        let counts = [
            (&mut self.effects, &other.effects),
            (&mut self.profiles, &other.profiles),
            (&mut self.held_by, &other.held_by),
            (&mut self.reasons, &other.reasons),
            (&mut self.hazards, &other.hazards),
            (&mut self.findings, &other.findings),
        ];
        for (own, more) in counts {
            for (word, number) in more {
                count(own, word, *number);
            }
        }
        self.deployer_actions.extend(other.deployer_actions.iter().cloned());
    }

    /// Every plain number.
    fn numbers(&mut self) -> [&mut u64; 16] {
        [
            &mut self.files,
            &mut self.changed,
            &mut self.skipped,
            &mut self.failed,
            &mut self.rewrites,
            &mut self.held,
            &mut self.left_alone,
            &mut self.errors,
            &mut self.warnings,
            &mut self.mended,
            &mut self.ignored,
            &mut self.added,
            &mut self.new_power,
            &mut self.removed,
            &mut self.kept,
            &mut self.over_quota,
        ]
    }
}

/// Counts a word `number` times more. Numbers come from files, so they may be as large as anybody likes.
pub(super) fn count(counts: &mut Counts, word: &str, number: u64) {
    match counts.get_mut(word) {
        Some(own) => *own = own.saturating_add(number),
        None => {
            counts.insert(word.to_owned(), number);
        }
    }
}

//! The settings of one run beside those of the plan, and the checks that need to know which ids exist.

use super::of_file::OfFiles;
use super::output::Sinks;
use crate::catalog::{Catalog, nearest};
use crate::check::FINDINGS;
use crate::plan::Options;
use thiserror::Error;

/// From which event on a run fails; each level includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailOn {
    /// Never, not even for unreadable files.
    Never,
    /// A finding of severity error.
    Error,
    /// A warning, or a rewrite within consent.
    Finding,
    /// A rewrite that is held back.
    Held,
    /// Something left alone, or a skipped file.
    Skipped,
}

impl FailOn {
    /// Every level in rising order, with the word in options.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Never, "never"),
        (Self::Error, "error"),
        (Self::Finding, "finding"),
        (Self::Held, "held"),
        (Self::Skipped, "skipped"),
    ];
}

/// How much is told to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// What matters.
    #[default]
    Normal,
    /// Every place and every skipped file.
    Verbose,
}

/// Everything that decides what becomes of a template, checked.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Choices about each plan.
    pub plan: Options,
    /// What is done beside rewriting.
    pub wishes: Wishes,
    /// Digest of all choices that can change a plan.
    pub digest: String,
    /// What is told about single files.
    pub of_files: OfFiles,
}

/// Everything that a run of `diff`, `check` or `fix` is told, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Choices about each plan.
    pub choices: Choices,
    /// What is written where.
    pub sinks: Sinks,
    /// Lines of context around a change in a diff.
    pub context: usize,
    /// How much is told.
    pub verbosity: Verbosity,
    /// When to fail; `None` leaves it to the command.
    pub fail_on: Option<FailOn>,
    /// Name of the repository in reports, if it was told.
    pub repo: Option<String>,
}

/// What is done beside rewriting, or instead of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Ids of the findings that are mended, or `all`.
    pub mend: Vec<String>,
    /// The reason with which everything is ignored by a comment, instead of being rewritten.
    pub ignore_all: Option<String>,
}

impl Wishes {
    /// Whether findings of this id are mended.
    pub fn mends(&self, id: &str) -> bool {
        self.mend.iter().any(|wanted| wanted == id || wanted == MEND_ALL)
    }

    /// Checks that every id names a finding: a mistyped one would leave in place what was to be mended.
    pub fn check(&self) -> Result<(), SelectionError> {
        let known = || FINDINGS.iter().map(|kind| kind.id).chain([MEND_ALL]);
        match self.mend.iter().find(|id| known().all(|known| known != *id)) {
            None => Ok(()),
            Some(id) => {
                let nearest = nearest(id, known()).map(str::to_owned);
                Err(SelectionError { id: id.clone(), kind: "finding", nearest })
            }
        }
    }
}

/// The word for every finding.
const MEND_ALL: &str = "all";

/// An id that selects nothing because it does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{id}` is no {kind}{}", match .nearest { Some(n) => format!("; did you mean `{n}`?"), None => String::new() })]
pub struct SelectionError {
    /// What was given.
    pub id: String,
    /// What it should name.
    pub kind: &'static str,
    /// What may be meant.
    pub nearest: Option<String>,
}

/// Checks that every id names a profile: a mistyped `--skip` would rewrite what was to be spared.
pub fn check_ids(ids: &[String], catalog: &Catalog) -> Result<(), SelectionError> {
    match ids.iter().find(|id| catalog.profile_by_id(id).is_none()) {
        None => Ok(()),
        Some(id) => {
            let near = nearest(id, catalog.profiles().map(|profile| profile.id.as_str()));
            Err(SelectionError { id: id.clone(), kind: "profile", nearest: near.map(str::to_owned) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_rise() {
        assert!(FailOn::ALL.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn an_unknown_id_is_refused_with_the_nearest_known_one() {
        let check = |id: &str| check_ids(&[id.to_owned()], Catalog::builtin());
        let error = check("function-to-tabel").unwrap_err();
        assert_eq!(error.to_string(), "`function-to-tabel` is no profile; did you mean `function-to-table`?");
        assert_eq!(check("function-to-queue"), Ok(()));
        assert_eq!(check("x").unwrap_err().to_string(), "`x` is no profile");
    }
}

//! The settings of one run beside those of the plan, and the checks that need to know which ids exist.

use super::nearest::nearest;
use super::output::Sinks;
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

/// Everything that a run of `diff`, `check` or `fix` is told, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Choices about each plan.
    pub plan: Options,
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
    /// Digest of all choices that can change a plan.
    pub digest: String,
}

/// An id that selects nothing because it does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{id}` is no profile{}", match .nearest { Some(n) => format!("; did you mean `{n}`?"), None => String::new() })]
pub struct SelectionError {
    /// What was given.
    pub id: String,
    /// What may be meant.
    pub nearest: Option<String>,
}

/// Checks that every id names one of the `known` profiles: a mistyped `--skip` would rewrite what was to be spared.
pub fn check_ids<'a>(
    ids: &[String],
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), SelectionError> {
    match ids.iter().find(|id| !known.clone().any(|k| k == id.as_str())) {
        None => Ok(()),
        Some(id) => Err(SelectionError { id: id.clone(), nearest: nearest(id, known).map(str::to_owned) }),
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
        let known = ["function-to-table", "function-to-queue"];
        let error = check_ids(&["function-to-tabel".into()], known.into_iter()).unwrap_err();
        assert_eq!(error.to_string(), "`function-to-tabel` is no profile; did you mean `function-to-table`?");
        assert_eq!(check_ids(&["function-to-queue".into()], known.into_iter()), Ok(()));
        let error = check_ids(&["x".into()], known.into_iter()).unwrap_err();
        assert_eq!(error.to_string(), "`x` is no profile");
    }
}

//! What a run over many repositories notes of itself before it begins, so that one that goes on later can tell whether it is
//! the same run.

use crate::report::sha256_hex;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Version of the form.
const SCHEMA: u32 = 1;

/// The head of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    schema: u32,
    /// The version of the tool that began it.
    version: String,
    /// Digest of everything that decides what becomes of a repository and of which there are.
    choices: String,
    /// Whether it writes into repositories. One that does not say so counts as one that does, so that nothing that was
    /// written loses its record.
    #[serde(default = "yes")]
    writes: bool,
    /// By what the run is known in the records of repositories.
    pub id: String,
}

fn yes() -> bool {
    true
}

/// Why a run cannot go on.
#[derive(Debug, Error)]
pub enum HeadError {
    /// What is written there is no head.
    #[error("what it says of itself cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Another version began it.
    #[error("version {0} began it")]
    Version(String),
    /// It was begun with other options.
    #[error("it was begun with other options")]
    Choices,
}

impl Head {
    /// The head of a run that begins. `choices` are all that tell it from another; `salt` is different for each run,
    /// and `writes` tells whether it writes into repositories.
    pub fn new(version: &str, choices: &[&str], salt: &str, writes: bool) -> Self {
        let choices = sha256_hex(choices.join("\0").as_bytes());
        let id = sha256_hex(format!("{choices}\0{salt}").as_bytes())[..12].to_owned();
        Self { schema: SCHEMA, version: version.to_owned(), choices, writes, id }
    }

    /// The text of the head.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("impossible: plain strings are JSON") + "\n"
    }

    /// Whether this run takes the place of the one whose head was written: that one only looked, so that all it says can be
    /// found again, and this one writes or is not meant to go on.
    pub fn replaces(&self, written: &[u8], resume: bool) -> bool {
        let before: Option<Self> = serde_json::from_slice(written).ok();
        before.is_some_and(|before| !before.writes) && (self.writes || !resume)
    }

    /// The head that was written, if this run may go on where that one stopped.
    pub fn goes_on(&self, written: &[u8]) -> Result<Self, HeadError> {
        let before: Self = serde_json::from_slice(written)?;
        if (before.schema, &before.version) != (SCHEMA, &self.version) {
            return Err(HeadError::Version(before.version));
        }
        if before.choices != self.choices {
            return Err(HeadError::Choices);
        }
        Ok(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_only_under_the_same_choices_and_keeps_its_id() {
        let new = |version: &str, choices: &[&str], salt: &str| Head::new(version, choices, salt, true);
        let first = new("1", &["a", "b"], "x");
        let same = new("1", &["a", "b"], "y");
        assert_ne!(first.id, same.id);
        assert_eq!(same.goes_on(first.to_text().as_bytes()).unwrap(), first);
        let refused = |head: &Head| head.goes_on(first.to_text().as_bytes()).unwrap_err().to_string();
        assert_eq!(refused(&new("1", &["a", "c"], "x")), "it was begun with other options");
        assert_eq!(refused(&new("2", &["a", "b"], "x")), "version 1 began it");
        assert!(first.goes_on(b"{").is_err());
    }

    #[test]
    fn only_a_run_that_looked_gives_way() {
        let run = |writes: bool| Head::new("1", &["a"], "x", writes);
        let (looked, wrote) = (run(false).to_text(), run(true).to_text());
        for (new, before, resume, expected) in [
            (run(false), &looked, false, true),
            (run(true), &looked, false, true),
            (run(true), &looked, true, true),
            (run(false), &looked, true, false),
            (run(true), &wrote, false, false),
            (run(false), &wrote, false, false),
        ] {
            assert_eq!(new.replaces(before.as_bytes(), resume), expected, "{new:?} {before} {resume}");
        }
        let silent = looked.replace("  \"writes\": false,\n", "");
        assert!(silent != looked && !run(true).replaces(silent.as_bytes(), false), "{silent}");
        assert!(!run(true).replaces(b"{", false));
    }
}

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
    /// By what the run is known in the records of repositories.
    pub id: String,
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
    /// The head of a run that begins. `choices` are all that tell it from another; `salt` is different for each run.
    pub fn new(version: &str, choices: &[&str], salt: &str) -> Self {
        let choices = sha256_hex(choices.join("\0").as_bytes());
        let id = sha256_hex(format!("{choices}\0{salt}").as_bytes())[..12].to_owned();
        Self { schema: SCHEMA, version: version.to_owned(), choices, id }
    }

    /// The text of the head.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("impossible: plain strings are JSON") + "\n"
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
        let first = Head::new("1", &["a", "b"], "x");
        let same = Head::new("1", &["a", "b"], "y");
        assert_ne!(first.id, same.id);
        assert_eq!(same.goes_on(first.to_text().as_bytes()).unwrap(), first);
        let refused = |head: &Head| head.goes_on(first.to_text().as_bytes()).unwrap_err().to_string();
        assert_eq!(refused(&Head::new("1", &["a", "c"], "x")), "it was begun with other options");
        assert_eq!(refused(&Head::new("2", &["a", "b"], "x")), "version 1 began it");
        assert!(first.goes_on(b"{").is_err());
    }
}

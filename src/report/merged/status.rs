//! What became of one repository, in one word.

use serde::{Deserialize, Serialize};

/// What became of a repository. The order is the one in which a person wants to hear of it: the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum RepoStatus {
    /// Nothing could be done.
    Failed,
    /// Some file failed; the others were done.
    Partial,
    /// What was within consent is written.
    Changed,
    /// Something is within consent; nothing was written.
    WouldChange,
    /// Not looked into on purpose.
    Skipped,
    /// Templates are there, and nothing in them is within consent.
    Nothing,
    /// No SAM template is there.
    NoTemplates,
}

impl RepoStatus {
    /// Every status, the worst first.
    pub const ALL: [Self; 7] = [
        Self::Failed,
        Self::Partial,
        Self::Changed,
        Self::WouldChange,
        Self::Skipped,
        Self::Nothing,
        Self::NoTemplates,
    ];

    /// The word in reports and options.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Partial => "partial",
            Self::Changed => "changed",
            Self::WouldChange => "would-change",
            Self::Skipped => "skipped",
            Self::Nothing => "nothing",
            Self::NoTemplates => "no-templates",
        }
    }

    /// Whether somebody has to look at the repository.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Partial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_in_options_is_the_word_in_reports() {
        for status in RepoStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert!(RepoStatus::ALL.is_sorted());
    }
}

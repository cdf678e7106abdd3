//! Action patterns such as `dynamodb:GetItem` and `dynamodb:*`. Case has no meaning to IAM, so it is kept for
//! people and ignored in every comparison.

use super::glob::{self, Atom};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// An IAM action pattern. Equal regardless of case.
#[derive(Debug, Clone)]
pub struct ActionPattern {
    text: Arc<str>,
    folded: Arc<str>,
}

impl ActionPattern {
    /// Takes the pattern as written in a policy.
    pub fn new(text: impl Into<String>) -> Self {
        let text: String = text.into();
        let folded = text.to_ascii_lowercase();
        Self { text: text.into(), folded: folded.into() }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The pattern in lower case.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The service prefix in lower case; `*` for the pattern `*`, which has none.
    pub fn service(&self) -> &str {
        self.folded.split_once(':').map_or(&*self.folded, |(service, _)| service)
    }

    /// Whether the pattern has a wildcard: then it also matches actions that do not exist yet, and is equal to no
    /// finite set of actions.
    pub fn is_open(&self) -> bool {
        self.folded.contains(['*', '?'])
    }

    /// Whether every action that `other` matches is matched by this pattern.
    pub fn covers(&self, other: &Self) -> bool {
        if !self.is_open() {
            return self.folded == other.folded;
        }
        let atoms: Vec<Atom> = glob::atoms(&self.folded);
        glob::covers(&atoms, &glob::atoms(&other.folded))
    }
}

impl PartialEq for ActionPattern {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for ActionPattern {}

impl PartialOrd for ActionPattern {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ActionPattern {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl Hash for ActionPattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl fmt::Display for ActionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_has_no_meaning_and_is_kept() {
        let action = ActionPattern::new("lambda:invokeFunction");
        assert_eq!(action, ActionPattern::new("lambda:InvokeFunction"));
        assert_eq!(action.to_string(), "lambda:invokeFunction");
        assert!(action < ActionPattern::new("lambda:ListTags"), "regardless of case");
    }

    #[test]
    fn a_pattern_covers_its_members_and_not_the_reverse() {
        let open = ActionPattern::new("dynamodb:Get*");
        let item = ActionPattern::new("dynamodb:GetItem");
        assert!(open.covers(&item) && !item.covers(&open));
        assert!(ActionPattern::new("*").covers(&open));
    }
}

//! Action patterns such as `dynamodb:GetItem` and `dynamodb:*`. Case has no meaning to IAM, so it is kept for
//! people and ignored in every comparison.

use super::glob;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// An IAM action pattern. Equal regardless of case.
#[derive(Debug, Clone)]
pub struct ActionPattern {
    /// The pattern as written and, behind it, the same in lower case, which is as long.
    both: Arc<str>,
}

impl ActionPattern {
    /// Takes the pattern as written in a policy.
    pub fn new(text: &str) -> Self {
        let mut both = String::with_capacity(2 * text.len());
        both.push_str(text);
        both.push_str(text);
        both.get_mut(text.len()..).unwrap_or_default().make_ascii_lowercase();
        Self { both: both.into() }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        self.both.split_at(self.both.len() / 2).0
    }

    /// The pattern in lower case.
    pub fn folded(&self) -> &str {
        self.both.split_at(self.both.len() / 2).1
    }

    /// The service prefix in lower case; `*` for the pattern `*`, which has none.
    pub fn service(&self) -> &str {
        self.folded().split_once(':').map_or(self.folded(), |(service, _)| service)
    }

    /// Whether the pattern has a wildcard: then it also matches actions that do not exist yet, and is equal to no
    /// finite set of actions.
    pub fn is_open(&self) -> bool {
        memchr::memchr2(b'*', b'?', self.folded().as_bytes()).is_some()
    }

    /// Whether every action that `other` matches is matched by this pattern.
    pub fn covers(&self, other: &Self) -> bool {
        glob::text_covers(self.folded(), other.folded())
    }
}

impl PartialEq for ActionPattern {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
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
        self.folded().cmp(other.folded())
    }
}

impl Hash for ActionPattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().hash(state);
    }
}

impl fmt::Display for ActionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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

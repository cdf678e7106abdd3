//! What was answered about single rewrites, by their fingerprints: to take them or not, and in which of their alternatives.
//! Answers stand above consent and selection. Knows neither who gave them nor where they are kept.

use super::options::{FormChoice, Options, PolicyFormChoice, Rest};
use std::collections::BTreeMap;

/// Which of the ways to make a rewrite is meant, where it is not the one that the options say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Variant {
    /// What happens to its rest.
    pub rest: Option<Rest>,
    /// Where its connector goes.
    pub form: Option<FormChoice>,
    /// Where the policy goes that its connector becomes.
    pub policy_form: Option<PolicyFormChoice>,
}

/// The answer about one rewrite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answer {
    /// Whether it is made; undecided, it is left to consent.
    pub take: Option<bool>,
    /// How it is made.
    pub variant: Variant,
}

/// Answers by the fingerprints of rewrites. One about a rewrite that a plan does not have says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers(BTreeMap<String, Answer>);

impl Answers {
    /// The answer about a rewrite; the empty one if there is none.
    pub fn of(&self, fingerprint: &str) -> Answer {
        self.0.get(fingerprint).copied().unwrap_or_default()
    }

    /// Sets an answer. The empty one is as good as none.
    pub fn set(&mut self, fingerprint: &str, answer: Answer) {
        if answer == Answer::default() {
            self.0.remove(fingerprint);
        } else {
            self.0.insert(fingerprint.to_owned(), answer);
        }
    }

    /// All answers, in the order of their fingerprints.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Answer)> {
        self.0.iter().map(|(fingerprint, answer)| (fingerprint.as_str(), *answer))
    }

    /// Whether nothing is answered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Options {
    /// What happens to the rest of one rewrite.
    pub(super) fn rest_of(&self, fingerprint: &str) -> Rest {
        self.answers.of(fingerprint).variant.rest.unwrap_or(self.rest)
    }

    /// Where the connector of one rewrite goes.
    pub(super) fn form_of(&self, fingerprint: &str) -> FormChoice {
        self.answers.of(fingerprint).variant.form.unwrap_or(self.form)
    }

    /// Where the policy of one rewrite goes.
    pub(super) fn policy_form_of(&self, fingerprint: &str) -> PolicyFormChoice {
        self.answers.of(fingerprint).variant.policy_form.unwrap_or(self.policy_form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_there_until_the_last_is_taken_back() {
        let mut answers = Answers::default();
        assert!(answers.is_empty());
        answers.set("f", Answer { take: Some(true), ..Answer::default() });
        assert!(!answers.is_empty());
        answers.set("f", Answer::default());
        assert!(answers.is_empty());
    }
}

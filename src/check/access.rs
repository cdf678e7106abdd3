//! Whether actions read or write, after the access categories of the connector profiles. An action that no profile has
//! is neither, so nothing is guessed from names.

use crate::catalog::Catalog;
use crate::iam::ActionPattern;
use std::collections::BTreeMap;

/// What some actions come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Access {
    /// Some action is of a category `Read`.
    pub read: bool,
    /// Some action is of a category `Write`.
    pub write: bool,
    /// Some action is of no category.
    pub other: bool,
}

impl Access {
    /// What both come to.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self {
            read: self.read || more.read,
            write: self.write || more.write,
            other: self.other || more.other,
        }
    }

    /// The words for it, in a fixed order.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let words = [(self.read, "read"), (self.write, "write"), (self.other, "other")];
        words.into_iter().filter(|(there, _)| *there).map(|(_, word)| word)
    }
}

/// The category of every action that some connector grants.
#[derive(Debug)]
pub struct AccessIndex {
    /// By action in lower case.
    by_action: BTreeMap<String, Access>,
}

impl AccessIndex {
    /// Reads the profiles of a catalogue.
    pub fn of(catalog: &Catalog) -> Self {
        let mut by_action: BTreeMap<String, Access> = BTreeMap::new();
        for (category, forms) in catalog.profiles().flat_map(|profile| &profile.permissions) {
            let access = Access { read: category == "Read", write: category == "Write", other: false };
            for action in forms.iter().flat_map(|form| &form.actions) {
                let known = by_action.entry(action.to_ascii_lowercase()).or_default();
                *known = known.and(access);
            }
        }
        Self { by_action }
    }

    /// What an action pattern comes to. One with a wildcard is of all categories that it reaches into, and more.
    pub fn access(&self, action: &ActionPattern) -> Access {
        if !action.is_open() {
            let other = Access { other: true, ..Access::default() };
            return self.by_action.get(action.folded()).copied().unwrap_or(other);
        }
        let reached = self.by_action.iter().filter(|(known, _)| action.covers(&ActionPattern::new(known)));
        reached.fold(Access { other: true, ..Access::default() }, |all, (_, access)| all.and(*access))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_come_from_the_profiles_and_nothing_is_guessed() {
        let index = AccessIndex::of(Catalog::builtin());
        for (action, words) in [
            ("dynamodb:GetItem", "read"),
            ("DYNAMODB:putitem", "write"),
            ("dynamodb:DescribeTable", "other"),
            ("dynamodb:*", "read write other"),
            ("ssm:GetParameter", "other"),
            ("*", "read write other"),
        ] {
            let access = index.access(&ActionPattern::new(action));
            assert_eq!(access.words().collect::<Vec<_>>().join(" "), words, "{action}");
        }
    }
}

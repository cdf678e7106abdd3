//! What generated templates came across, counted: profiles, decisions, effects, hazards, reasons, layouts, verdicts. Judges
//! nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Counts by kind and name.
#[derive(Debug, Default)]
pub(crate) struct Census(BTreeMap<(&'static str, String), usize>);

impl Census {
    /// Counts one.
    pub(crate) fn count(&mut self, kind: &'static str, name: impl Into<String>) {
        *self.0.entry((kind, name.into())).or_default() += 1;
    }

    /// How often this came up.
    pub(crate) fn of(&self, kind: &'static str, name: &str) -> usize {
        self.0.get(&(kind, name.to_owned())).copied().unwrap_or_default()
    }

    /// The names that came up.
    pub(crate) fn names(&self, kind: &str) -> BTreeSet<&str> {
        self.0.keys().filter(|(own, _)| *own == kind).map(|(_, name)| name.as_str()).collect()
    }

    /// All counts of a kind.
    pub(crate) fn sum(&self, kind: &str) -> usize {
        self.0.iter().filter(|((own, _), _)| *own == kind).map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|((kind, name), count)| writeln!(f, "{count:7}  {kind}: {name}"))
    }
}

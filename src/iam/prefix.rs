//! Which of many resource patterns another one starts with, found without comparing it with each. Knows nothing of
//! what the patterns stand for.

use super::ResourcePattern;
use hashbrown::HashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Patterns by what they expand to, each with a number that its owner gave it.
#[derive(Debug, Default)]
pub struct PrefixIndex {
    by_bytes: HashMap<Arc<[u8]>, Vec<usize>>,
    /// How many bytes the patterns have.
    lengths: BTreeSet<usize>,
}

impl PrefixIndex {
    /// An index of numbered patterns.
    pub fn new<'p>(patterns: impl IntoIterator<Item = (usize, &'p ResourcePattern)>) -> Self {
        let mut index = Self::default();
        for (number, pattern) in patterns {
            index.lengths.insert(pattern.bytes().len());
            index.by_bytes.entry(Arc::clone(pattern.bytes())).or_default().push(number);
        }
        index
    }

    /// The numbers of all patterns that `pattern` starts with, ascending.
    pub fn of(&self, pattern: &ResourcePattern) -> Vec<usize> {
        let bytes = pattern.bytes();
        let starts = self.lengths.range(..=bytes.len()).filter_map(|length| bytes.get(..*length));
        let mut found: Vec<usize> =
            starts.filter_map(|start| self.by_bytes.get(start)).flatten().copied().collect();
        found.sort_unstable();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_is_found_and_nothing_else() {
        let patterns = ["a:b", "a:", "a:b/c", "a:b", "b"].map(ResourcePattern::from_text);
        let index = PrefixIndex::new(patterns.iter().enumerate());
        let of = |text: &str| index.of(&ResourcePattern::from_text(text));
        assert_eq!(of("a:b/*"), [0, 1, 3]);
        assert_eq!(of("a:b"), [0, 1, 3]);
        assert_eq!(of("a"), [0; 0]);
        assert_eq!(of("*"), [0; 0]);
    }
}

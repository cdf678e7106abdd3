//! Which of many grants may cover another one, found without comparing it with each. Knows nothing of who holds them and
//! when: it only leaves out those that cannot be meant.

use super::{ActionPattern, Grant, ResourcePattern, glob};
use hashbrown::DefaultHashBuilder;
use std::hash::BuildHasher;

/// Positions of grants, by what they begin with. Invariant: a grant that [reaches](Grant::reaches) another one is among its
/// candidates.
///
/// A grant whose action has no wildcard covers that action only, and its resource covers what begins with its own text and
/// tokens before the first wildcard. Both together are its key. Two keys of one hash only make for a candidate too many.
#[derive(Debug, Clone, Default)]
pub struct GrantIndex {
    /// Hashes of keys with the positions, ascending.
    keys: Vec<(u64, usize)>,
    /// How many bytes of resources there are in keys, ascending: few lengths, since the ARNs of one service are alike.
    lengths: Vec<usize>,
    /// Those whose action has a wildcard, ascending.
    open: Vec<usize>,
    hasher: DefaultHashBuilder,
}

impl GrantIndex {
    /// The index of some grants, by their positions.
    pub fn of<'g>(grants: impl IntoIterator<Item = &'g Grant>) -> Self {
        let mut index = Self::default();
        for (at, grant) in grants.into_iter().enumerate() {
            if let Some(key) = index.note(at, grant) {
                index.keys.push((key, at));
            }
        }
        index.keys.sort_unstable();
        index
    }

    /// Adds a grant with a position above all others.
    pub fn push(&mut self, at: usize, grant: &Grant) {
        if let Some(key) = self.note(at, grant) {
            let place = self.keys.partition_point(|known| *known < (key, at));
            self.keys.insert(place, (key, at));
        }
    }

    /// The hash of the key of a grant; `None` if it has none, and then it is noted already.
    fn note(&mut self, at: usize, grant: &Grant) -> Option<u64> {
        if grant.action.is_open() {
            self.open.push(at);
            return None;
        }
        let bytes = glob::without_values(grant.resource.bytes());
        let head = glob::head(&bytes);
        if let Err(place) = self.lengths.binary_search(&head.len()) {
            self.lengths.insert(place, head.len());
        }
        Some(self.hash(&grant.action, head))
    }

    fn hash(&self, action: &ActionPattern, head: &[u8]) -> u64 {
        self.hasher.hash_one((action, head))
    }

    /// The positions of all that may cover an action on a resource, ascending. Mostly the first one does, so no more of them
    /// are looked for than are taken.
    pub fn candidates(
        &self,
        action: &ActionPattern,
        resource: &ResourcePattern,
    ) -> impl Iterator<Item = usize> {
        let bytes = glob::without_values(resource.bytes());
        let heads = self.lengths.iter().map_while(|length| bytes.get(..*length));
        let of_head = heads.filter_map(|head| {
            let key = self.hash(action, head);
            let from = self.keys.partition_point(|(known, _)| *known < key);
            let all = &self.keys[from..];
            all.first().filter(|(known, _)| *known == key)?;
            Some(all.iter().take_while(move |(known, _)| *known == key).map(|(_, at)| *at).peekable())
        });
        let mut lists: Vec<_> = of_head.collect();
        let mut open = self.open.iter().copied().peekable();
        std::iter::from_fn(move || {
            let next = lists.iter_mut().filter_map(|list| list.peek().copied()).min();
            match (next, open.peek()) {
                (Some(next), other) if other.is_none_or(|other| next < *other) => {
                    // Two keys of one hash give one list twice.
                    for list in &mut lists {
                        list.next_if_eq(&next);
                    }
                    Some(next)
                }
                _ => open.next(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{Presence, Segment, Token};

    #[test]
    fn all_that_reaches_is_a_candidate_and_little_else() {
        let token = |name: &str| Segment::Token(Token::opaque(name));
        let text = |text: &str| Segment::Text(text.to_owned());
        let resources = [
            vec![Segment::Star],
            vec![text("a:"), Segment::Star],
            vec![text("a:"), token("P"), text(":b")],
            vec![text("a:"), token("P=v"), text(":b")],
            vec![text("a:"), token("P"), text(":"), Segment::One],
            vec![text("a:"), token("P"), text(":b/"), Segment::Star],
            vec![text("a:"), token("P=v"), text(":b/"), text("c")],
            vec![text("a:"), token("Q"), text(":b")],
        ];
        let grants: Vec<Grant> = ["s:Get", "s:Put", "S:get", "s:G*"]
            .iter()
            .flat_map(|action| resources.iter().map(move |segments| (action, segments)))
            .map(|(action, segments)| Grant {
                principal: "R".into(),
                allow: true,
                action: ActionPattern::new(action),
                resource: ResourcePattern::new(segments.clone()),
                condition: None,
                presence: Presence::Always,
            })
            .collect();
        let index = GrantIndex::of(&grants);
        let mut grown = GrantIndex::of(&grants[..10]);
        (10..grants.len()).for_each(|at| grown.push(at, &grants[at]));
        for grant in &grants {
            let found: Vec<usize> = index.candidates(&grant.action, &grant.resource).collect();
            let reaching: Vec<usize> = (0..grants.len()).filter(|&at| grants[at].reaches(grant)).collect();
            assert!(reaching.iter().all(|at| found.contains(at)), "{} on {}", grant.action, grant.resource);
            assert!(found.is_sorted());
            assert!(grown.candidates(&grant.action, &grant.resource).eq(found));
        }
        let last = &grants[7];
        let found = index.candidates(&last.action, &last.resource);
        let closed = found.filter(|&at| !grants[at].action.is_open()).count();
        assert_eq!(closed, 6, "of either spelling: `*`, `a:*` and itself");
    }
}

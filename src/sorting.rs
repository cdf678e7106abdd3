//! Sorts slices, stably, by code that is compiled once: each kind of element that `sort_by` of the standard library meets costs
//! the program about 8 kB. For lists that people read; where a list is long and its time counts, take the standard library.

use std::cmp::Ordering;

/// Sorts by `order`; what is equal stays in its order.
pub(crate) fn by<T>(items: &mut [T], mut order: impl FnMut(&T, &T) -> Ordering) {
    let exchanges = exchanges(items.len(), &mut |a, b| order(&items[a], &items[b]));
    for (a, b) in exchanges {
        items.swap(a, b);
    }
}

/// Sorts by a key of each element; what has equal keys stays in its order.
pub(crate) fn by_key<T, K: Ord>(items: &mut [T], mut key: impl FnMut(&T) -> K) {
    by(items, |a, b| key(a).cmp(&key(b)));
}

/// Which elements to swap, one pair after another, for `len` elements to be sorted. `order` compares those that stand at two
/// places before anything is swapped.
fn exchanges(len: usize, order: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    // At each place, where its element comes from.
    let mut from: Vec<usize> = (0..len).collect();
    from.sort_by(|a, b| order(*a, *b));
    let mut out = Vec::new();
    for start in 0..len {
        // Along a cycle each swap brings one element home, and its place is settled; the last one is home by then.
        let mut at = start;
        loop {
            let next = std::mem::replace(&mut from[at], at);
            if next == start || next == at {
                break;
            }
            out.push((at, next));
            at = next;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lists_are_sorted_as_the_standard_library_sorts_them(list in prop::collection::vec((0u8..8, any::<u8>()), 0..40)) {
            let (mut ours, mut theirs) = (list.clone(), list.clone());
            by_key(&mut ours, |pair| pair.0);
            theirs.sort_by_key(|pair| pair.0);
            prop_assert_eq!(&ours, &theirs);
            by(&mut ours, |a, b| b.cmp(a));
            theirs.sort_by(|a, b| b.cmp(a));
            prop_assert_eq!(ours, theirs);
        }
    }
}

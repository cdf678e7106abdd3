//! The known word that a mistyped one most likely means.

/// The candidate that differs least from `word` without regard to case, if it differs in at most a third of
/// its letters. Of equally near ones the first.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().take(MAX_LENGTH).collect();
    let allowed = word.len() / 3;
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other: Vec<char> = candidate.to_lowercase().chars().take(MAX_LENGTH).collect();
        if word.len().abs_diff(other.len()) > allowed {
            continue;
        }
        let distance = distance(&word, &other);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Longer words are compared by their start, so that hostile input costs no more than an honest mistake.
const MAX_LENGTH: usize = 128;

/// Edit distance in which swapping two neighbours is one step, by rows of the usual table.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let changed = cell(&last, j) + usize::from(a != b);
            let mut least = changed.min(cell(&last, j + 1) + 1).min(cell(&row, j) + 1);
            let swapped = i > 0 && j > 0 && left.get(i - 1) == Some(b) && right.get(j - 1) == Some(a);
            if swapped {
                least = least.min(cell(&before_last, j - 1) + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_different_word_is_found() {
        let words = ["actions", "resources", "variables"];
        assert_eq!(nearest("action", words), Some("actions"));
        assert_eq!(nearest("Resorces", words), Some("resources"));
        assert_eq!(nearest("titel", ["table", "title"]), Some("title"), "a swap is one step");
        assert_eq!(nearest("condition", words), None);
        assert_eq!(nearest("", words), None);
    }
}

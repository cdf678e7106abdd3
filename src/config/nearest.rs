//! The known word that a mistyped one most likely means.

/// The candidate nearest to `word`, if it is near enough to be meant: at most a third of the letters differ. Of equally
/// near ones the first wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    // A distance takes quadratic time; nothing that long is a name.
    const LONGEST: usize = 128;
    if word.len() > LONGEST {
        return None;
    }
    let near = candidates.into_iter().filter_map(|candidate| {
        let letters: Vec<char> = candidate.to_lowercase().chars().take(LONGEST).collect();
        let distance = distance(&word, &letters);
        (distance <= (letters.len().max(word.len()) / 3).max(1)).then_some((distance, candidate))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// Letters inserted, removed, replaced, or swapped with their neighbour (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_mistakes_find_their_word_and_other_words_do_not() {
        let commands = ["diff", "check", "fix", "list", "explain"];
        for (typed, meant) in [
            ("chekc", Some("check")),
            ("Check", Some("check")),
            ("difff", Some("diff")),
            ("explian", Some("explain")),
            ("fx", Some("fix")),
            ("template.yaml", None),
            ("src", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, commands), meant, "{typed}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), commands), None);
    }
}

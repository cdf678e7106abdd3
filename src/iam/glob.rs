//! When one wildcard pattern matches everything that another one matches. Works on any sequence of atoms;
//! knows neither actions nor ARNs.

use std::sync::Arc;

/// One element of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Atom {
    /// This character.
    Char(char),
    /// A string that is unknown but fixed, such as a generated name; equal only to itself. `name=value` is the token
    /// `name` where it is known to be `value`, so `name` covers it and not the reverse.
    Token(Arc<str>),
    /// `?`: any one character.
    One,
    /// `*`: any characters, or none.
    Star,
}

/// Whether every string that `narrow` matches is matched by `wide`.
///
/// Sound but not complete: `true` is a proof, `false` means "not shown". A `?` of `wide` is not taken to match a
/// token, since the length of a token is unknown.
pub(crate) fn covers(wide: &[Atom], narrow: &[Atom]) -> bool {
    if !wide.contains(&Atom::Star) {
        return wide.len() == narrow.len() && wide.iter().zip(narrow).all(|(w, n)| single(w, n));
    }
    // The usual two-pointer wildcard match with one point of return, run over atoms instead of characters:
    // a `*` of `wide` may swallow any atom of `narrow`, also its wildcards.
    let (mut w, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while n < narrow.len() {
        match wide.get(w) {
            Some(Atom::Star) => {
                w += 1;
                retry = Some((w, n));
            }
            Some(atom) if single(atom, &narrow[n]) => {
                w += 1;
                n += 1;
            }
            _ => match retry {
                Some((behind, from)) => {
                    (w, n) = (behind, from + 1);
                    retry = Some((w, n));
                }
                None => return false,
            },
        }
    }
    wide[w..].iter().all(|atom| *atom == Atom::Star)
}

fn single(wide: &Atom, narrow: &Atom) -> bool {
    match (wide, narrow) {
        (Atom::One, Atom::Char(_) | Atom::One) => true,
        (_, Atom::Star) | (Atom::Star, _) => false,
        (Atom::Token(name), Atom::Token(known)) => {
            known.strip_prefix(&**name).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        }
        (a, b) => a == b,
    }
}

/// Atoms of plain text in which `*` and `?` are wildcards.
pub(crate) fn atoms(text: &str) -> Vec<Atom> {
    text.chars().map(char_atom).collect()
}

/// The atom of one character of pattern text.
pub(crate) fn char_atom(c: char) -> Atom {
    match c {
        '*' => Atom::Star,
        '?' => Atom::One,
        c => Atom::Char(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wide: &str, narrow: &str, expected: bool) {
        assert_eq!(covers(&atoms(wide), &atoms(narrow)), expected, "{wide} covers {narrow}");
    }

    #[test]
    fn wildcards_cover_what_they_match() {
        for (wide, narrow) in [
            ("*", "*"),
            ("*", ""),
            ("*", "abc"),
            ("a*", "a*"),
            ("a*", "ab*"),
            ("a*c", "abc"),
            ("a*c", "a*bc"),
            ("a?c", "abc"),
            ("a*", "a?"),
            ("*b*", "abab"),
            ("a**", "a"),
            ("*ab", "aab"),
        ] {
            check(wide, narrow, true);
        }
    }

    #[test]
    fn what_is_not_shown_is_not_claimed() {
        for (wide, narrow) in
            [("a", "*"), ("ab*", "a*"), ("a?", "a*"), ("a?", "a"), ("a*c", "ab"), ("*b", "ba"), ("abc", "ab")]
        {
            check(wide, narrow, false);
        }
    }

    #[test]
    fn a_token_equals_itself_and_is_swallowed_by_a_star_only() {
        let token = [Atom::Token("T".into())];
        assert!(covers(&[Atom::Star], &token));
        assert!(covers(&token, &token));
        assert!(!covers(&[Atom::One], &token));
        assert!(!covers(&token, &[Atom::Token("U".into())]));
    }
}

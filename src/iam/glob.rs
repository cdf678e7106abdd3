//! Wildcard patterns as bytes, and when one of them matches everything that another one matches. Knows neither actions nor
//! ARNs.
//!
//! Text stands for itself in UTF-8, in which the bytes from `0xF8` on never occur, so they can be signs: a wildcard is one byte,
//! and a token, a string that is unknown but fixed, such as a generated name, is its name between two of them. Patterns are
//! therefore equal where their bytes are, and one starts with another one where its bytes do. In patterns that are nothing but
//! text, `*` and `?` can be the wildcards as they stand: the signs are parameters of what compares.

use std::borrow::Cow;

/// `*`: any characters, or none.
pub(super) const STAR: u8 = 0xFF;
/// `?`: any one character.
pub(super) const ONE: u8 = 0xFE;
/// Begins a token.
const TOKEN: u8 = 0xFD;
/// Ends a token.
const END: u8 = 0xFC;

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'p> {
    /// Text without wildcards.
    Text(&'p str),
    /// The name of a token. `name=value` is the token `name` where it is known to be `value`, so `name` covers it and not the
    /// reverse.
    Token(&'p str),
    /// `*`
    Star,
    /// `?`
    One,
}

impl Piece<'_> {
    /// Adds the piece to a pattern.
    pub(super) fn push(self, pattern: &mut Vec<u8>) {
        match self {
            Self::Text(text) => pattern.extend_from_slice(text.as_bytes()),
            Self::Token(name) => {
                pattern.push(TOKEN);
                pattern.extend_from_slice(name.as_bytes());
                pattern.push(END);
            }
            Self::Star => pattern.push(STAR),
            Self::One => pattern.push(ONE),
        }
    }
}

/// The pieces of a pattern or of what remains of one behind another one.
pub(super) fn pieces(mut pattern: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    let text = |bytes| str::from_utf8(bytes).unwrap_or_default();
    std::iter::from_fn(move || {
        let (&first, behind) = pattern.split_first()?;
        let (piece, rest) = match first {
            STAR => (Piece::Star, behind),
            ONE => (Piece::One, behind),
            TOKEN => {
                let (name, rest) = split(behind, behind.iter().position(|byte| *byte == END));
                (Piece::Token(text(name)), rest.get(1..).unwrap_or_default())
            }
            _ => {
                let (run, rest) = split(pattern, pattern.iter().position(|byte| *byte >= END));
                (Piece::Text(text(run)), rest)
            }
        };
        pattern = rest;
        Some(piece)
    })
}

fn split(bytes: &[u8], at: Option<usize>) -> (&[u8], &[u8]) {
    bytes.split_at(at.unwrap_or(bytes.len()))
}

/// The pattern with every token taken for any value: what a pattern covers begins with its [`head`] then.
pub(super) fn without_values(pattern: &[u8]) -> Cow<'_, [u8]> {
    let has_value = |piece| matches!(piece, Piece::Token(name) if name.contains('='));
    if !pattern.contains(&b'=') || !pieces(pattern).any(has_value) {
        return pattern.into();
    }
    let mut out = Vec::with_capacity(pattern.len());
    for piece in pieces(pattern) {
        match piece {
            Piece::Token(name) => Piece::Token(name.split('=').next().unwrap_or(name)).push(&mut out),
            piece => piece.push(&mut out),
        }
    }
    out.into()
}

/// What stands before the first wildcard.
pub(super) fn head(pattern: &[u8]) -> &[u8] {
    split(pattern, pattern.iter().position(|byte| [STAR, ONE].contains(byte))).0
}

/// Whether every string that `narrow` matches is matched by `wide`, both made of pieces.
///
/// Sound but not complete: `true` is a proof, `false` means "not shown". A `?` of `wide` is not taken to match a
/// token, since the length of a token is unknown.
pub(super) fn covers(wide: &[u8], narrow: &[u8]) -> bool {
    covers_with::<STAR, ONE>(wide, narrow)
}

/// The same for patterns that are nothing but text, in which `*` and `?` are wildcards.
pub(super) fn text_covers(wide: &str, narrow: &str) -> bool {
    covers_with::<b'*', b'?'>(wide.as_bytes(), narrow.as_bytes())
}

fn covers_with<const STAR: u8, const ONE: u8>(wide: &[u8], narrow: &[u8]) -> bool {
    if wide == narrow {
        return true;
    }
    // What ends in no wildcard matches nothing that ends otherwise, which tells most actions apart by one byte.
    if wide.last().is_none_or(|last| ![STAR, ONE].contains(last) && narrow.last() != Some(last)) {
        return false;
    }
    // The usual two-pointer wildcard match with one point of return: a `*` of `wide` may swallow any unit of `narrow`, also
    // its wildcards.
    let (mut w, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while n < narrow.len() {
        if wide.get(w) == Some(&STAR) {
            w += 1;
            retry = Some((w, n));
        } else if let Some((behind_w, behind_n)) = unit_covered::<STAR, ONE>(wide, w, narrow, n) {
            (w, n) = (behind_w, behind_n);
        } else if let Some((behind, from)) = retry {
            (w, n) = (behind, unit_end(narrow, from));
            retry = Some((w, n));
        } else {
            return false;
        }
    }
    wide[w..].iter().all(|byte| *byte == STAR)
}

/// Where both patterns go on behind a unit, a character, wildcard or token, if that of `wide` covers that of `narrow`.
fn unit_covered<const STAR: u8, const ONE: u8>(
    wide: &[u8],
    w: usize,
    narrow: &[u8],
    n: usize,
) -> Option<(usize, usize)> {
    let (first, other) = (*wide.get(w)?, *narrow.get(n)?);
    if first == ONE {
        return (other != STAR && other != TOKEN).then(|| (w + 1, unit_end(narrow, n)));
    }
    if first != other || first == STAR {
        return None;
    }
    if first < 0x80 {
        return Some((w + 1, n + 1));
    }
    let (w_end, n_end) = (unit_end(wide, w), unit_end(narrow, n));
    let (unit, other) = (&wide[w..w_end], &narrow[n..n_end]);
    // A token that is known to have a value is the token with something between its name and its end.
    let known = || {
        let name = unit.strip_suffix(&[END])?;
        other.strip_prefix(name)?.starts_with(b"=").then_some(())
    };
    (unit == other || first == TOKEN && known().is_some()).then_some((w_end, n_end))
}

/// Where the unit ends that begins at `at`.
fn unit_end(pattern: &[u8], at: usize) -> usize {
    let Some((first, rest)) = pattern.get(at..).and_then(<[u8]>::split_first) else { return pattern.len() };
    let more = match *first {
        TOKEN => rest.iter().position(|byte| *byte == END).map_or(rest.len(), |end| end + 1),
        0xC0..TOKEN => rest.iter().take_while(|byte| (0x80..0xC0).contains(*byte)).count(),
        _ => 0,
    };
    at + 1 + more
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(pieces: &[Piece<'_>]) -> Vec<u8> {
        let mut out = Vec::new();
        pieces.iter().for_each(|piece| piece.push(&mut out));
        out
    }

    fn check(wide: &str, narrow: &str, expected: bool) {
        assert_eq!(text_covers(wide, narrow), expected, "{wide} covers {narrow}");
        let coded = |text: &str| {
            let bytes = text.bytes();
            bytes
                .map(|byte| {
                    if byte == b'*' {
                        STAR
                    } else if byte == b'?' {
                        ONE
                    } else {
                        byte
                    }
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(covers(&coded(wide), &coded(narrow)), expected, "{wide} covers {narrow}, as pieces");
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
            ("a?c", "aéc"),
            ("?", "€"),
            ("a*", "a?"),
            ("*b*", "abab"),
            ("a**", "a"),
            ("*ab", "aab"),
            ("*é", "éaéé"),
        ] {
            check(wide, narrow, true);
        }
    }

    #[test]
    fn what_is_not_shown_is_not_claimed() {
        for (wide, narrow) in [
            ("a", "*"),
            ("ab*", "a*"),
            ("a?", "a*"),
            ("a?", "a"),
            ("a*c", "ab"),
            ("*b", "ba"),
            ("abc", "ab"),
            ("??", "é"),
            ("é", "è"),
            ("é", "éé"),
        ] {
            check(wide, narrow, false);
        }
    }

    #[test]
    fn a_token_equals_itself_and_is_swallowed_by_a_star_only() {
        let token = pattern(&[Piece::Token("T")]);
        assert!(covers(&[STAR], &token));
        assert!(covers(&token, &token));
        assert!(!covers(&[ONE], &token));
        assert!(!covers(&token, &pattern(&[Piece::Token("U")])));
        assert!(!covers(&token, &pattern(&[Piece::Token("TU")])));
        assert!(!covers(&pattern(&[Piece::Token("TU")]), &token));
        assert!(!covers(&token, b"T"));
        let behind = pattern(&[Piece::Token("T"), Piece::Star]);
        assert!(covers(&behind, &pattern(&[Piece::Token("T"), Piece::Text("x")])));
    }

    #[test]
    fn a_pattern_is_made_of_its_pieces() {
        let all = [
            Piece::Text("a:é"),
            Piece::Token("T.Arn"),
            Piece::One,
            Piece::Star,
            Piece::Token("P=v"),
            Piece::Text("/"),
        ];
        assert_eq!(pieces(&pattern(&all)).collect::<Vec<_>>(), all);
        assert_eq!(pieces(b"").next(), None);
    }
}

//! Text of other people in Markdown: it stays text, whatever it holds. What it cannot become is a heading, a table cell, a
//! tag, a link, a mention of somebody or the end of a code span.

use crate::report::escape::escaped;
use std::fmt::Write;

/// Most characters of a text in one cell: nobody reads more there, and no name may eat the room of a comment.
const WIDTH: usize = 400;

/// The text as code.
pub(in crate::report) fn code(text: &str) -> String {
    let text = shortened(&escaped(text));
    if text.trim().is_empty() {
        return "<code>&#32;</code>".to_owned();
    }
    // In a table a bar ends the cell even within code, and nothing inside of code can be escaped.
    if text.contains(['`', '|', '\\']) {
        return format!("<code>{}</code>", entities(&text));
    }
    format!("`{text}`")
}

/// A message of ours, in which names of other people can stand, with code between backticks.
pub(in crate::report) fn prose(text: &str) -> String {
    let text = shortened(&escaped(text));
    let pieces: Vec<&str> = text.split('`').collect();
    // An odd number of pieces means that every backtick has a partner.
    if pieces.len().is_multiple_of(2) {
        return words(&text);
    }
    let mut out = String::new();
    for (number, piece) in pieces.iter().enumerate() {
        match number % 2 {
            0 => out.push_str(&words(piece)),
            _ if piece.is_empty() => out.push_str("&#96;&#96;"),
            _ => out.push_str(&code(piece)),
        }
    }
    out
}

/// Words as they are; one that could be more than a word is code, which no code host makes a link or a mention of.
fn words(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(first_piece(rest));
        rest = behind;
        let word = piece.trim_end_matches(' ');
        let (open, word) = word.split_at(word.len() - word.trim_start_matches('(').len());
        // A bracket that closes none before it belongs to the sentence and not to the word.
        let inner = |c: char| matches!(c, ',' | ';' | '.' | ':' | '?') || c == ')' && !word.contains('(');
        let core = word.trim_end_matches(inner);
        let tail = &piece[open.len() + core.len()..];
        let address = core.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."));
        if core.chars().all(is_plain) && !address {
            out.push_str(piece);
        } else {
            out.push_str(open);
            out.push_str(&code(core));
            out.push_str(tail);
        }
    }
    out
}

/// Where the first word ends, with the blank behind it. A word that opens a bracket goes on until that is closed, as an
/// expression with commas does; where it never is, the word is a word.
fn first_piece(text: &str) -> usize {
    let mut open = 0_usize;
    let mut inside = false;
    for (at, c) in text.char_indices() {
        match c {
            // A bracket before the word belongs to the sentence.
            '(' | '[' | '{' if inside => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            ' ' if open == 0 => return at + 1,
            _ => {}
        }
        inside |= !matches!(c, '(' | ' ');
    }
    if open == 0 { text.len() } else { text.find(' ').map_or(text.len(), |at| at + 1) }
}

/// Whether a character means nothing to Markdown, wherever it stands in a line.
fn is_plain(c: char) -> bool {
    !c.is_ascii()
        || c.is_ascii_alphanumeric()
        || matches!(c, ' ' | ',' | ';' | '.' | '(' | ')' | '\'' | '-' | '?' | '/')
}

/// The text within tags that Markdown passes through.
pub(in crate::report) fn html(text: &str) -> String {
    entities(&shortened(&escaped(text)))
}

/// All that could be notation as entities, which show as themselves.
fn entities(text: &str) -> String {
    // A full stop is harmless but in what reads like an address.
    let address = text.to_ascii_lowercase().contains("www");
    let mut out = String::new();
    for c in text.chars() {
        if !c.is_ascii() || c.is_ascii_alphanumeric() || " /-".contains(c) || c == '.' && !address {
            out.push(c);
        } else {
            write!(out, "&#{};", c as u32).expect("impossible: writing to a String does not fail");
        }
    }
    out
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A block of code in a language. Its fence is longer than any row of backticks in it.
pub(in crate::report) fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat((longest + 1).max(3));
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{text}{end}{fence}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_code_whatever_they_hold() {
        for (text, expected) in [
            ("${T.Arn}/index/*", "`${T.Arn}/index/*`"),
            ("</details><script>", "`</details><script>`"),
            ("a|b`c\\", "<code>a&#124;b&#96;c&#92;</code>"),
            ("a\nb\u{202e}", "<code>a&#92;nb&#92;u&#123;202e&#125;</code>"),
            ("", "<code>&#32;</code>"),
        ] {
            assert_eq!(code(text), expected);
        }
    }

    #[test]
    fn messages_keep_their_code_and_nothing_else_becomes_notation() {
        for (text, expected) in [
            ("key `A` is there, again.", "key `A` is there, again."),
            ("key `A`b` is there", "key <code>&#96;A&#96;b&#96;</code> is there"),
            ("to www.x.example", "to `www.x.example`"),
            ("see @team, #12 and (http://x.example).", "see `@team`, `#12` and (`http://x.example`)."),
            ("*bold* _it_ <b> [a](b) # x", "`*bold*` `_it_` `<b>` `[a](b)` `#` x"),
            ("a``b", "a&#96;&#96;b"),
            (
                "(when not Fn::Equals([Ref(Stage), prod]) and more)",
                "(when not `Fn::Equals([Ref(Stage), prod])` and more)",
            ),
            ("an {open, one", "an `{open`, one"),
        ] {
            assert_eq!(prose(text), expected, "{text}");
        }
    }

    #[test]
    fn within_tags_nothing_is_a_tag_or_steers() {
        assert_eq!(html("a/b-c.yaml"), "a/b-c.yaml");
        assert_eq!(html("</code>\u{202e}www.x"), "&#60;/code&#62;&#92;u&#123;202e&#125;www&#46;x");
    }

    #[test]
    fn a_block_ends_where_it_ends() {
        assert_eq!(fenced("diff", "+a\n"), "```diff\n+a\n```\n");
        assert_eq!(fenced("diff", " ```\n+````"), "`````diff\n ```\n+````\n`````\n");
    }
}

//! Text in XML 1.0: what would be structure is escaped, and what XML cannot hold in any spelling is spelled out.

use super::escape::steers;
use std::fmt::Write;

/// The text as content of an element or of a quoted attribute. Line ends and tabs survive in both.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // Only `]]>` needs it, but then it is needed.
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // A parser makes blanks of them in attributes unless they are written so.
            '\n' | '\r' | '\t' => {
                write!(out, "&#{};", c as u32).expect("impossible: writing to a String does not fail");
            }
            c if steers(c) || is_forbidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// Whether a character may not stand in an XML 1.0 document, not even as a reference; beside the controls these are two
/// that are no characters.
fn is_forbidden(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_structure_or_forbidden_is_escaped() {
        for (text, expected) in [
            ("a → ß", "a → ß"),
            ("<a b=\"c\" d='e'>&", "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;"),
            ("]]>", "]]&gt;"),
            ("a\nb\t", "a&#10;b&#9;"),
            ("\u{0}\u{1b}\u{7f}\u{fffe}\u{202e}", "\\u{0}\\u{1b}\\u{7f}\\u{fffe}\\u{202e}"),
        ] {
            assert_eq!(xml(text), expected);
        }
    }
}

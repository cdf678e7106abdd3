//! Changes for a person's eyes: every line with its number before and after, and nothing that could steer the terminal.

use super::diff::{hunks, shown};
use super::paint::Paint;
use similar::DiffTag;
use std::fmt::Write;

/// The changed lines from `before` to `after` with `context` lines around them; groups are set apart by a line of dots.
/// Empty if the texts are equal.
pub fn numbered(before: &str, after: &str, context: usize, paint: Paint) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let hunks = hunks(&old, &new, context);
    let width = old.len().max(new.len()).to_string().len();
    let mut out = String::new();
    if before == after {
        return out;
    }
    let mut line = |old: Option<usize>, new: Option<usize>, sign: char, text: &str| {
        let number = |at: Option<usize>| at.map_or(String::new(), |at| (at + 1).to_string());
        let gutter = format!("{:>width$} {:>width$} ", number(old), number(new));
        let body = shown(text.trim_end_matches(['\n', '\r']));
        let gutter = paint.faint(gutter);
        let written = match sign {
            '+' => writeln!(out, "{gutter}{}", paint.added(format!("+ {body}"))),
            '-' => writeln!(out, "{gutter}{}", paint.removed(format!("- {body}"))),
            ' ' => writeln!(out, "{gutter}  {body}"),
            _ => writeln!(out, "{gutter}{}", paint.faint("⋮")),
        };
        written.expect("impossible: writing to a String does not fail");
    };
    for (number, hunk) in hunks.iter().enumerate() {
        if number > 0 {
            line(None, None, '⋮', "");
        }
        for op in hunk {
            if op.tag() == DiffTag::Equal {
                op.old_range().zip(op.new_range()).for_each(|(o, n)| line(Some(o), Some(n), ' ', old[o]));
            } else {
                op.old_range().for_each(|o| line(Some(o), None, '-', old[o]));
                op.new_range().for_each(|n| line(None, Some(n), '+', new[n]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_its_number_before_and_after() {
        let text = numbered("a\nb\nc\n", "a\nx\ny\nc\n", 1, Paint::PLAIN);
        assert_eq!(text, "1 1   a\n2   - b\n  2 + x\n  3 + y\n3 4   c\n");
        assert_eq!(numbered("a\n", "a\n", 3, Paint::PLAIN), "");
    }

    #[test]
    fn groups_are_set_apart_and_a_template_cannot_steer_the_terminal() {
        let before: String = (0..12).map(|n| format!("{n}\n")).collect();
        let after = before.replace("1\n", "\u{1b}[2J\n").replace("9\n", "z\n");
        let text = numbered(&before, &after, 0, Paint::PLAIN);
        assert!(text.contains("⋮") && text.contains("+ \\u{1b}[2J"), "{text}");
    }
}

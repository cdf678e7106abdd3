//! Unified diffs that `git apply` and `patch` take byte for byte: lines end at `\n` only, as for git, so a carriage
//! return is part of its line.

use super::escape::{quoted_path, steers};
use super::model::FileReport;
use super::paint::Paint;
use hashbrown::HashMap;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};
use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

/// The changes between two texts, line by line, with `context` unchanged lines around them.
pub(super) fn hunks<'l>(old: &[&'l str], new: &[&'l str], context: usize) -> Vec<Vec<DiffOp>> {
    // Lines are compared over and over, and numbers faster than texts.
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut number = |line: &&'l str| {
        let next = known.len();
        *known.entry(*line).or_insert(next)
    };
    let (old, new): (Vec<usize>, Vec<usize>) =
        (old.iter().map(&mut number).collect(), new.iter().map(&mut number).collect());
    // Patience keeps together what stays: most lines of a template that matter are there once.
    group_diff_ops(capture_diff_slices(Algorithm::Patience, &old, &new), context)
}

/// How diffs are written.
#[derive(Debug, Clone, Copy)]
pub struct Unified {
    /// Unchanged lines around a change.
    pub context: usize,
    /// Colours.
    pub paint: Paint,
    /// Whether the reader is a terminal: then control characters of the template are spelled out, so that a template
    /// cannot steer the terminal. Never for a patch, whose bytes count.
    pub for_terminal: bool,
}

impl Unified {
    /// The form of a patch file with the given number of context lines.
    pub fn patch(context: usize) -> Self {
        Self { context, paint: Paint::PLAIN, for_terminal: false }
    }

    /// The diff from `before` to `after` of the file with the given name; empty if they are equal.
    pub fn diff(self, before: &str, after: &str, name: &Path) -> String {
        let old: Vec<&str> = before.split_inclusive('\n').collect();
        let new: Vec<&str> = after.split_inclusive('\n').collect();
        let hunks = hunks(&old, &new, self.context);
        let mut out = String::new();
        if before == after {
            return out;
        }
        for (sign, prefix) in [("---", "a/"), ("+++", "b/")] {
            let mut header = format!("{sign} {}", quoted_path(prefix, name));
            // Behind a name with blanks git puts a tab, so that readers know where the name ends.
            if header.len() > 4 && header[4..].contains(' ') && !header.ends_with('"') {
                header.push('\t');
            }
            self.line(&mut out, &self.paint.strong(header));
        }
        for hunk in &hunks {
            self.hunk(&mut out, hunk, &old, &new);
        }
        out
    }

    fn hunk(self, out: &mut String, hunk: &[DiffOp], old: &[&str], new: &[&str]) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
        let old_range = first.old_range().start..last.old_range().end;
        let new_range = first.new_range().start..last.new_range().end;
        let header = format!("@@ -{} +{} @@", Extent(old_range), Extent(new_range));
        self.line(out, &self.paint.mark(header));
        for op in hunk {
            if op.tag() == DiffTag::Equal {
                old[op.old_range()].iter().for_each(|line| self.content(out, ' ', line));
            } else {
                old[op.old_range()].iter().for_each(|line| self.content(out, '-', line));
                new[op.new_range()].iter().for_each(|line| self.content(out, '+', line));
            }
        }
    }

    fn content(self, out: &mut String, sign: char, line: &str) {
        let (body, ended) = match line.strip_suffix('\n') {
            Some(body) => (body, true),
            None => (line, false),
        };
        let body = if self.for_terminal { shown(body) } else { body.to_owned() };
        let text = format!("{sign}{body}");
        match sign {
            '+' => self.line(out, &self.paint.added(text)),
            '-' => self.line(out, &self.paint.removed(text)),
            _ => self.line(out, &text),
        }
        if !ended {
            self.line(out, &"\\ No newline at end of file");
        }
    }

    fn line(self, out: &mut String, text: &dyn Display) {
        writeln!(out, "{text}").expect("impossible: writing to a String does not fail");
    }
}

/// A line of a template for a terminal: all but tabs and a final carriage return spelled out.
pub(super) fn shown(body: &str) -> String {
    let inner = body.strip_suffix('\r').unwrap_or(body);
    let mut out = String::with_capacity(body.len());
    for c in inner.chars() {
        if c != '\t' && steers(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out.push_str(&body[inner.len()..]);
    out
}

/// A range of lines in a hunk header: `start,length`, the length left out where it is 1, and an empty range counted
/// from the line before it.
struct Extent(Range<usize>);

impl Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            0 => write!(f, "{},0", self.0.start),
            1 => write!(f, "{}", self.0.start + 1),
            length => write!(f, "{},{length}", self.0.start + 1),
        }
    }
}

/// Writes the diffs of all files that change, one behind the other.
pub fn write_diffs(out: &mut dyn Write, files: &[FileReport], form: Unified) -> io::Result<()> {
    for file in files {
        out.write_all(file.diff(form).as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(before: &str, after: &str) -> String {
        Unified::patch(1).diff(before, after, Path::new("t.yaml"))
    }

    #[test]
    fn equal_texts_have_no_diff() {
        assert_eq!(patch("a\n", "a\n"), "");
    }

    #[test]
    fn hunks_carry_context_and_count_lines() {
        let expected = "--- a/t.yaml\n+++ b/t.yaml\n@@ -2,3 +2,2 @@\n b\n-c\n d\n";
        assert_eq!(patch("a\nb\nc\nd\ne\n", "a\nb\nd\ne\n"), expected);
        assert_eq!(patch("", "a\n"), "--- a/t.yaml\n+++ b/t.yaml\n@@ -0,0 +1 @@\n+a\n");
    }

    #[test]
    fn a_missing_final_newline_is_told_on_the_side_that_lacks_it() {
        let expected = "--- a/t.yaml\n+++ b/t.yaml\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n";
        assert_eq!(patch("a", "a\n"), expected);
    }

    #[test]
    fn carriage_returns_belong_to_their_line() {
        let expected = "--- a/t.yaml\n+++ b/t.yaml\n@@ -1,2 +1,2 @@\n a\rb\r\n-c\r\n+d\r\n";
        assert_eq!(patch("a\rb\r\nc\r\n", "a\rb\r\nd\r\n"), expected);
        let lone = patch("a\r", "b\r");
        assert!(lone.contains("-a\r\n\\ No newline at end of file\n+b\r\n\\ No newline"), "{lone:?}");
    }

    #[test]
    fn a_name_with_a_blank_ends_in_a_tab() {
        let diff = Unified::patch(3).diff("a\n", "b\n", Path::new("my file.yaml"));
        assert!(diff.starts_with("--- a/my file.yaml\t\n+++ b/my file.yaml\t\n"));
    }

    #[test]
    fn a_template_cannot_steer_the_terminal() {
        let form = Unified { for_terminal: true, ..Unified::patch(3) };
        let diff = form.diff("a\n", "\u{1b}[2J\tb\r\n", Path::new("t.yaml"));
        assert!(diff.ends_with("+\\u{1b}[2J\tb\r\n"), "{diff:?}");
    }
}

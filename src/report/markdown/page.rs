//! A page of Markdown of limited length: what does not fit is left out as whole rows and lines, and counted.

use super::inline::{fenced, html};
use std::fmt::Write;

/// Most bytes of a page. A comment on GitHub takes 65,536 characters, and whoever posts it may add a line.
const LIMIT: usize = 65_000;

/// Kept free for the note on what is left out.
const NOTE: usize = 500;

/// Least room in which a part of a diff is worth showing.
const USEFUL: usize = 600;

/// A page that is being written.
pub(in crate::report) struct Page {
    text: String,
    /// What is left out, in words.
    missing: Vec<String>,
    diffs_missing: usize,
}

impl Page {
    /// A page with nothing but a title, which is text of ours.
    pub(in crate::report) fn titled(title: &str) -> Self {
        Self { text: format!("## {title}\n"), missing: Vec::new(), diffs_missing: 0 }
    }

    /// Bytes that are free.
    pub(in crate::report) fn room(&self) -> usize {
        (LIMIT - NOTE).saturating_sub(self.text.len())
    }

    /// A paragraph; left out without a word where there is no room, so only for what stands elsewhere too.
    pub(in crate::report) fn paragraph(&mut self, text: &str) {
        if text.len() + 2 <= self.room() {
            self.add(format_args!("\n{text}\n"));
        }
    }

    /// A table with a heading; none without rows. It takes at most half of the room that is left, so that every section
    /// has some.
    pub(in crate::report) fn table(
        &mut self,
        heading: &str,
        what: &str,
        columns: &[&str],
        rows: impl Iterator<Item = String>,
    ) {
        let mut room = self.room() / 2;
        let head =
            format!("\n### {heading}\n\n| {} |\n{}|\n", columns.join(" | "), "|---".repeat(columns.len()));
        let mut shown = String::new();
        let mut left_out = 0;
        for row in rows {
            let fits = head.len() + shown.len() + row.len() < room;
            if fits && left_out == 0 {
                shown.push_str(&row);
                shown.push('\n');
            } else {
                // What follows is left out too: a table with holes would read as if the rest were all.
                room = 0;
                left_out += 1;
            }
        }
        if !shown.is_empty() {
            self.add(format_args!("{head}{shown}"));
        }
        if left_out > 0 {
            self.missing.push(format!("{left_out} {what}"));
        }
    }

    /// A diff, folded away; cut behind a line where not all of it fits.
    pub(in crate::report) fn diff(&mut self, name: &str, diff: &str) {
        if diff.is_empty() {
            return;
        }
        let name = html(name);
        let (open, close) =
            (format!("\n<details><summary>Diff of <code>{name}</code></summary>\n\n"), "\n</details>\n");
        let room = self.room().saturating_sub(open.len() + close.len());
        let whole = fenced("diff", diff);
        if whole.len() <= room {
            self.add(format_args!("{open}{whole}{close}"));
            return;
        }
        self.diffs_missing += 1;
        // The fence may be as long as the longest row of backticks, and stands there twice.
        let fences = 2 * (whole.len() - diff.len());
        let mut kept = 0;
        for line in diff.split_inclusive('\n') {
            if kept + line.len() + fences > room {
                break;
            }
            kept += line.len();
        }
        if kept >= USEFUL {
            self.add(format_args!("{open}{}{close}", fenced("diff", &diff[..kept])));
        }
    }

    /// Text of ours, folded away under a line of ours; tells whether there was room for it.
    pub(in crate::report) fn fold(&mut self, summary: &str, text: &str) -> bool {
        let folded = format!("\n<details><summary>{summary}</summary>\n{text}\n</details>\n");
        let fits = folded.len() <= self.room();
        if fits {
            self.text.push_str(&folded);
        }
        fits
    }

    /// Tells of something that is left out, in words.
    pub(in crate::report) fn left_out(&mut self, what: &str) {
        self.missing.push(what.to_owned());
    }

    /// The page, with a note on what is left out.
    pub(in crate::report) fn finish(mut self) -> String {
        match self.diffs_missing {
            0 => {}
            1 => self.missing.push("a diff or a part of it".to_owned()),
            n => self.missing.push(format!("{n} diffs or parts of them")),
        }
        if !self.missing.is_empty() {
            let missing = self.missing.join(", ");
            self.add(format_args!(
                "\n> Cut to fit into a comment: left out are {missing}; the other formats have all.\n"
            ));
        }
        self.text
    }

    fn add(&mut self, text: std::fmt::Arguments<'_>) {
        self.text.write_fmt(text).expect("impossible: writing to a String does not fail");
    }
}

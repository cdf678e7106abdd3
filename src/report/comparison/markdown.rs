//! The comparison as a comment on a pull request: one line for each principal, the permissions folded below. Text of
//! templates is written in character codes, so that it can mean nothing to Markdown, to HTML or to whom it would mention.

use super::text::renamed;
use super::{ComparisonReport, about, overall_effect};
use crate::check::{HolderChange, TemplateComparison};
use crate::iam::{Effect, Permission};
use crate::report::count::counted;
use crate::report::escape::{escaped, portable};
use crate::report::permissions::phrases;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Longest comment, in bytes: GitHub refuses one of 65,536 characters, and something may be put around it.
const MAX_BYTES: usize = 60_000;

/// How many phrases a cell of the table holds before the rest is counted.
const IN_CELL: usize = 2;

/// What is said where a version could not be read, whatever the others say.
const NOT_COMPARED: &str = "A template could not be compared, so what it permits is not known.";

/// Writes the comment.
pub fn write_comparison_markdown(out: &mut dyn Write, reports: &[ComparisonReport]) -> io::Result<()> {
    let mut comment = Comment { text: String::new(), cut: 0 };
    let effect = overall_effect(reports);
    let answers = || reports.iter().filter_map(|report| Some((report, report.answer.as_ref()?)));
    let failed = reports.iter().any(|report| report.answer.is_none());
    let words = if failed { NOT_COMPARED } else { in_words(effect) };
    // Every block brings the blank line above it: without one a table is text to Markdown.
    comment.text.push_str(&format!("### Permissions: {}\n\n{words}\n", strong(effect)));
    for report in reports {
        if let Some(problem) = &report.problem {
            let (path, what) = (code(&portable(&report.path)), code(&problem.what));
            comment.push(&format!("\n- {path} could not be compared: {what}\n"));
        }
    }
    if answers().any(|(_, answer)| !answer.changes.is_empty()) {
        comment.push("\n| principal | | added | removed |\n|---|---|---|---|\n");
    }
    for (report, answer) in answers() {
        for change in &answer.changes {
            comment.push(&row(report, change, reports.len() > 1));
        }
    }
    for (report, answer) in answers() {
        comment.push(&unknown(report, answer));
    }
    if renamed(reports) {
        comment.push("\nA principal under a new name is told as one that is gone and one that is new.\n");
    }
    for (report, answer) in answers().filter(|(_, answer)| !answer.changes.is_empty()) {
        comment.push(&details(report, answer));
    }
    let unchanged: usize = answers().map(|(_, answer)| answer.unchanged).sum();
    if comment.cut > 0 {
        let _ = write!(
            comment.text,
            "\n{} parts are left out, since a comment has a limit; `samwire compare` tells all.\n",
            comment.cut
        );
    }
    if reports.is_empty() {
        comment.text.push_str("\nNo template changed.\n");
    } else if answers().next().is_some() {
        let holds = if unchanged == 1 { "holds what it" } else { "hold what they" };
        let principals = counted(unchanged, "principal");
        let _ = writeln!(comment.text, "\nOf the templates compared, {principals} {holds} held.");
    }
    out.write_all(comment.text.as_bytes())
}

/// A comment that takes parts as long as there is room; a part is whole or not there.
struct Comment {
    text: String,
    cut: usize,
}

impl Comment {
    fn push(&mut self, part: &str) {
        if self.text.len() + part.len() <= MAX_BYTES {
            self.text.push_str(part);
        } else {
            self.cut += 1;
        }
    }
}

fn row(report: &ComparisonReport, change: &HolderChange, with_path: bool) -> String {
    let about = about(change);
    let about = if about.is_empty() { about } else { format!("<br>{}", plain(&about)) };
    let path = if with_path { format!("<br>{}", plain(&portable(&report.path))) } else { String::new() };
    let added: Vec<Permission> = change.added.iter().map(|(permission, _)| permission.clone()).collect();
    format!(
        "| {}{about}{path} | {} | {} | {} |\n",
        code(&change.name),
        strong(change.effect),
        cell(&added),
        cell(&change.removed)
    )
}

/// The first phrases of a list; of what is implied only how many there are.
fn cell(list: &[Permission]) -> String {
    let live = list.iter().filter(|permission| !permission.inert).cloned();
    let (implied, list): (Vec<Permission>, Vec<Permission>) = live.partition(Permission::is_implied);
    let phrases = phrases(&list, false);
    let mut parts: Vec<String> =
        phrases.iter().take(IN_CELL).map(|phrase| code(&cut(&phrase.to_string()))).collect();
    if phrases.len() > IN_CELL {
        parts.push(format!("and {} more", phrases.len() - IN_CELL));
    }
    if !implied.is_empty() {
        parts.push(format!("{} implied", implied.len()));
    }
    parts.join("<br>")
}

/// A phrase short enough for a cell.
fn cut(phrase: &str) -> String {
    const LONGEST: usize = 160;
    if phrase.chars().count() <= LONGEST {
        return phrase.to_owned();
    }
    phrase.chars().take(LONGEST).chain(['…']).collect()
}

fn unknown(report: &ComparisonReport, answer: &TemplateComparison) -> String {
    let mut text = String::new();
    for change in answer.unknown.iter().filter(|change| change.matters) {
        let came = if change.came { "came" } else { "went" };
        let who = change.unread.principal.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        let message = code(&format!("{who}{}", change.unread.message));
        let _ = writeln!(text, "\n- **unknown**, {came}: {message} in {}", code(&portable(&report.path)));
    }
    text
}

fn details(report: &ComparisonReport, answer: &TemplateComparison) -> String {
    let mut text =
        format!("\n<details><summary>{}: all permissions</summary>\n\n", plain(&portable(&report.path)));
    for change in &answer.changes {
        let _ = writeln!(text, "- {}", code(&change.name));
        for (accepted, words) in [(false, ""), (true, " (accepted)")] {
            let picked = change.added.iter().filter(|(_, own)| *own == accepted);
            let list: Vec<Permission> = picked.map(|(permission, _)| permission.clone()).collect();
            for phrase in phrases(&list, false) {
                let _ = writeln!(text, "  - added: {}{words}", code(&phrase.to_string()));
            }
        }
        for phrase in phrases(&change.removed, false) {
            let _ = writeln!(text, "  - removed: {}", code(&phrase.to_string()));
        }
    }
    text.push_str("\n</details>\n");
    text
}

fn strong(effect: Effect) -> String {
    match effect {
        Effect::Wider | Effect::Mixed | Effect::Unknown => format!("**{}**", effect.as_str()),
        _ => effect.as_str().to_owned(),
    }
}

fn in_words(effect: Effect) -> &'static str {
    match effect {
        Effect::Same => "Nobody gains or loses anything.",
        Effect::Equivalent => "What is added gives no power that was not there before.",
        Effect::Wider => "Something is permitted that was not.",
        Effect::Narrower => "Something is no longer permitted, and nothing is added.",
        Effect::Mixed => "Something is permitted that was not, and something else no longer is.",
        Effect::Unknown => "Something changed whose meaning cannot be told from the templates.",
    }
}

/// Text in a fixed-width font.
fn code(text: &str) -> String {
    format!("<code>{}</code>", plain(text))
}

/// Text that means nothing but itself.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in escaped(text).chars() {
        match c {
            ' ' | '-' | ':' | ',' | '(' | ')' => out.push(c),
            c if c.is_alphanumeric() => out.push(c),
            c => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_templates_means_nothing_to_markdown_or_html() {
        let hostile = "a|b`c</title><b>*x*_y_ @team #1 https://evil.example [l](u) \"q\"\n\n## h";
        let text = code(hostile);
        let inside = text.strip_prefix("<code>").and_then(|t| t.strip_suffix("</code>")).unwrap();
        for c in ['|', '`', '<', '>', '*', '_', '@', '[', ']', '"', '\n', '/', '.'] {
            assert!(!inside.contains(c), "{c:?} in {inside}");
        }
        assert_eq!(plain("a#1"), "a&#35;1");
    }

    #[test]
    fn parts_are_whole_or_left_out() {
        let mut comment = Comment { text: String::new(), cut: 0 };
        comment.push(&"x".repeat(MAX_BYTES - 1));
        comment.push("yy");
        comment.push("z");
        assert_eq!((comment.text.len(), comment.cut), (MAX_BYTES, 1));
    }
}

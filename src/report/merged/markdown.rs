//! Many repositories as a page of Markdown, for the summary of a job or a wiki: the sums, a row for each repository, and
//! folded away what changes in it. It always fits where a comment does; what does not fit is counted.

use super::figures::Counts;
use super::record::{FileRecord, RunRecord};
use super::row::Row;
use super::status::RepoStatus;
use super::sum::{Details, Merged};
use super::told;
use crate::iam::Permission;
use crate::report::escape::steers;
use crate::report::markdown::{Page, code, fenced, html, prose};
use crate::report::permissions::phrases;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Cells of the longest bar of a chart.
const BAR: u64 = 20;

/// Least room in which the changes of a repository are worth asking for.
const USEFUL: usize = 600;

/// Writes the page. Details are asked for as long as there is room for them.
pub fn write_merged_markdown(
    out: &mut dyn Write,
    merged: &Merged,
    details: &mut Details<'_>,
) -> io::Result<()> {
    let total = &merged.total;
    let mut page = Page::titled(&format!("samwire: {}", told::repositories(total)));
    if let Some((head, lines)) = told::mixed(merged) {
        let lines: String = lines.iter().map(|line| format!("\n> - {}", prose(line))).collect();
        page.paragraph(&format!("> **Note:** {}\n>{lines}", prose(&head)));
    }
    page.paragraph(&sentence(&told::work(&total.figures)));
    let lines = told::permissions(&total.figures).into_iter().chain(told::before_deploying(&total.figures));
    for line in lines {
        page.paragraph(&sentence(&line));
    }
    for step in told::next_steps(merged) {
        page.paragraph(&sentence(&step));
    }
    let columns =
        ["Status", "Repository", "Changed", "Rewrites", "Held", "Left alone", "New power", "Removed", "Why"];
    let (loud, quiet): (Vec<&Row>, Vec<&Row>) = merged.rows.iter().partition(|row| is_loud(row));
    page.table("Repositories", "repositories", &columns, loud.iter().map(|row| cells(row)));
    if !quiet.is_empty() {
        let rest = told::counted(quiet.len() as u64, "repository", "repositories");
        page.paragraph(&format!("Beside these, {rest} in which nothing changes."));
    }
    let figures = &total.figures;
    let nothing = |_: &str| "";
    chart(&mut page, ("Rewrites by effect", "effects"), &figures.effects, nothing);
    chart(&mut page, ("Rewrites by profile", "profiles"), &figures.profiles, nothing);
    chart(&mut page, ("Held back", "kinds of what is held back"), &figures.held_by, nothing);
    chart(&mut page, ("Left alone", "reasons"), &figures.reasons, told::reason);
    chart(&mut page, ("Findings", "findings"), &figures.findings, told::finding);
    chart(&mut page, ("Before deploying", "hazards"), &figures.hazards, told::hazard);
    let mut left_out = 0;
    for row in loud {
        if left_out > 0 || page.room() < USEFUL {
            left_out += 1;
            continue;
        }
        if let Some(run) = details(row) {
            left_out += u64::from(!fold(&mut page, row, &run));
        }
    }
    if left_out > 0 {
        page.left_out(&format!("the changes of {}", told::counted(left_out, "repository", "repositories")));
    }
    out.write_all(page.finish().as_bytes())
}

/// A line of a sum as a sentence.
fn sentence(line: &str) -> String {
    let mut letters = line.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    prose(&first.into_iter().chain(letters).chain(['.']).collect::<String>())
}

/// Whether there is something to tell of a repository beside that it is there.
fn is_loud(row: &Row) -> bool {
    !matches!(row.status, RepoStatus::Skipped | RepoStatus::Nothing | RepoStatus::NoTemplates)
}

fn cells(row: &Row) -> String {
    let figures = &row.figures;
    format!(
        "| {} | {} | {} of {} | {} | {} | {} | {} | {} | {} |",
        row.status.as_str(),
        code(&row.key),
        figures.changed,
        figures.files,
        figures.rewrites,
        figures.held,
        figures.left_alone,
        figures.new_power,
        figures.removed,
        prose(&told::note(row))
    )
}

/// Counts with bars, the longest of them for the most frequent. `title` is the heading, and what it counts.
fn chart(page: &mut Page, title: (&str, &str), counts: &Counts, meaning: impl Fn(&str) -> &'static str) {
    let ranked = told::ranked(counts);
    let most = ranked.first().map_or(1, |(_, count)| (*count).max(1));
    let rows = ranked.iter().map(|(id, count)| {
        // As large as numbers in files may be, the product stays one.
        let cells = u128::from(*count) * u128::from(BAR) / u128::from(most);
        let bar = "█".repeat(usize::try_from(cells).unwrap_or_default().max(1));
        format!("| {count} | {bar} | {} | {} |", code(id), meaning(id))
    });
    page.table(title.0, title.1, &["Number", "", "Id", "What"], rows);
}

/// What changes in one repository, without the diffs if they have no room; tells whether all of it is there.
fn fold(page: &mut Page, row: &Row, run: &RunRecord) -> bool {
    let mut permissions = String::new();
    let mut diffs = String::new();
    for file in run.files.iter().filter(|file| !file.has_failed()) {
        if file.taken().next().is_some() || file.diff.is_some() {
            let _ = writeln!(permissions, "\n{}\n", code(&file.path));
            permissions.push_str(&deltas(file));
            let diff = file.diff.as_deref().map(|diff| fenced("diff", &shown(diff)));
            let _ = write!(diffs, "\n{}", diff.unwrap_or_default());
        }
    }
    for file in run.files.iter().filter(|file| file.has_failed()) {
        let message = file.message.as_deref().unwrap_or_default();
        let _ = writeln!(permissions, "\n{}: {}", code(&file.path), prose(message));
    }
    if permissions.is_empty() {
        return true;
    }
    let summary = format!(
        "<code>{}</code>: {}",
        html(&row.key),
        told::counted(row.figures.rewrites, "rewrite", "rewrites")
    );
    page.fold(&summary, &format!("{permissions}{diffs}")) || {
        let _ = page.fold(&summary, &permissions);
        false
    }
}

/// What the rewrites in a file do to permissions, as a list.
fn deltas(file: &FileRecord) -> String {
    let mut out = String::new();
    for rewrite in file.taken() {
        let _ = writeln!(
            out,
            "- {} → {} ({}), {}",
            code(&rewrite.source),
            code(&rewrite.destination),
            prose(&rewrite.permissions.join(", ")),
            rewrite.effect.as_str()
        );
        let lists: [(&str, &[Permission]); 3] =
            [("adds", &rewrite.added), ("removes", &rewrite.removed), ("keeps", &rewrite.kept)];
        for (word, list) in lists {
            for phrase in phrases(list, false) {
                let _ = writeln!(out, "  - {word} {}", phrase.said(code, prose));
            }
        }
    }
    out
}

/// A diff to be read on a page: controls are spelled out, but for tabs and ends of lines.
fn shown(diff: &str) -> String {
    let mut out = String::with_capacity(diff.len());
    for c in diff.chars() {
        if steers(c) && !matches!(c, '\n' | '\t') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

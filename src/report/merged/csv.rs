//! A line for each repository, for spreadsheets: RFC 4180, and nothing in it is a formula.

use super::figures::{Counts, Figures};
use super::row::Row;
use super::sum::Merged;
use crate::report::escape::escaped;
use std::io::{self, Write};

/// What begins a formula in one spreadsheet or another.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A column: its head, and what stands in it.
type Column = (&'static str, fn(&Row) -> String);

/// The columns, each with what stands in it. They are added at the end, never moved.
const COLUMNS: [Column; 41] = [
    ("key", |row| row.key.clone()),
    ("repo", |row| row.repo.clone()),
    ("status", |row| row.status.as_str().to_owned()),
    ("reason", |row| row.reason.clone().unwrap_or_default()),
    ("message", |row| row.message.clone().unwrap_or_default()),
    ("base", |row| row.base.clone().unwrap_or_default()),
    ("branch", |row| row.branch.clone().unwrap_or_default()),
    ("commit", |row| row.commit.clone().unwrap_or_default()),
    ("direction", |row| row.direction.clone()),
    ("phase", |row| row.phase.clone()),
    ("version", |row| row.version.clone()),
    ("transforms", |row| row.transforms.clone()),
    ("config_digest", |row| row.config_digest.clone()),
    ("exit", |row| row.exit.to_string()),
    ("files", |row| row.figures.files.to_string()),
    ("changed", |row| row.figures.changed.to_string()),
    ("skipped", |row| row.figures.skipped.to_string()),
    ("failed", |row| row.figures.failed.to_string()),
    ("rewrites", |row| row.figures.rewrites.to_string()),
    ("held", |row| row.figures.held.to_string()),
    ("left_alone", |row| row.figures.left_alone.to_string()),
    ("errors", |row| row.figures.errors.to_string()),
    ("warnings", |row| row.figures.warnings.to_string()),
    ("mended", |row| row.figures.mended.to_string()),
    ("ignored", |row| row.figures.ignored.to_string()),
    ("added", |row| row.figures.added.to_string()),
    ("new_power", |row| row.figures.new_power.to_string()),
    ("removed", |row| row.figures.removed.to_string()),
    ("kept", |row| row.figures.kept.to_string()),
    ("over_quota", |row| row.figures.over_quota.to_string()),
    ("effects", |row| counts(&row.figures.effects)),
    ("profiles", |row| counts(&row.figures.profiles)),
    ("held_by", |row| counts(&row.figures.held_by)),
    ("reasons", |row| counts(&row.figures.reasons)),
    ("hazards", |row| counts(&row.figures.hazards)),
    ("findings", |row| counts(&row.figures.findings)),
    ("deployer_actions", |row| actions(&row.figures)),
    ("report", |row| row.report.clone().unwrap_or_default()),
    ("patch", |row| row.patch.clone().unwrap_or_default()),
    ("schema", |row| row.schema.to_string()),
    ("path", |row| row.path.clone()),
];

/// Writes a head and a line for each row.
pub fn write_merged_csv(out: &mut dyn Write, merged: &Merged) -> io::Result<()> {
    line(out, COLUMNS.iter().map(|(head, _)| (*head).to_owned()))?;
    for row in &merged.rows {
        line(out, COLUMNS.iter().map(|(_, cell)| cell(row)))?;
    }
    Ok(())
}

fn line(out: &mut dyn Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    let cells: Vec<String> = cells.map(|text| field(&text)).collect();
    write!(out, "{}\r\n", cells.join(","))
}

/// Counts in one cell: `a=3; b=1`.
fn counts(counts: &Counts) -> String {
    let parts: Vec<String> = counts.iter().map(|(word, count)| format!("{word}={count}")).collect();
    parts.join("; ")
}

fn actions(figures: &Figures) -> String {
    figures.deployer_actions.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// A text as a field. Where a spreadsheet would take it for a formula, an apostrophe stands before it; controls, line ends
/// among them, are spelled out.
fn field(text: &str) -> String {
    // Some programs trim a field before they look at it.
    let guard = if text.trim_start().starts_with(FORMULA) || text.starts_with(FORMULA) { "'" } else { "" };
    let text = escaped(text);
    if text.contains(['"', ',', ';']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_a_formula_or_ends_its_line() {
        for (text, expected) in [
            ("acme/orders", "acme/orders"),
            ("=1+1", "'=1+1"),
            (" @SUM(A1,B1)", "\"' @SUM(A1,B1)\""),
            ("-x", "'-x"),
            ("\t=x", "'\\t=x"),
            ("a\"b,c\r\nd", "\"a\"\"b,c\\r\\nd\""),
            ("", ""),
        ] {
            assert_eq!(field(text), expected);
        }
    }
}

//! The end of the report: reasons with counts, what the run comes to, and the one option that would change most.

use super::{Detail, TextOptions};
use crate::plan::{Phase, Reason};
use crate::report::advice::{release_advice, rest_advice};
use crate::report::escape::escaped;
use crate::report::model::{FileReport, Totals, deployer_actions};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// How many resources are named before the rest is counted.
const NAMED_RESOURCES: usize = 3;

pub(super) fn write_summary(
    out: &mut dyn Write,
    files: &[FileReport],
    options: TextOptions,
) -> io::Result<()> {
    let totals = Totals::of(files);
    if options.detail == Detail::Grouped {
        reasons(out, files, options)?;
    }
    writeln!(out, "{}", options.paint.strong(totals_line(&totals, options.applied)))?;
    let actions: Vec<&str> = deployer_actions(files).into_iter().collect();
    if !actions.is_empty() {
        writeln!(out, "whoever deploys this also needs {}", escaped(&actions.join(", ")))?;
    }
    if totals.rewrites + totals.mended > 0 && !options.applied {
        writeln!(out, "`samwire fix --yes` with the same options and paths applies this")?;
    }
    if totals.rewrites > 0 && options.phase == Phase::Add {
        let rest = "with the same options takes away the policies that it makes needless";
        writeln!(out, "once that is deployed, `--phase remove` {rest}")?;
    }
    if options.applied {
        return Ok(());
    }
    if !options.strict
        && let Some((flags, count)) = release_advice(files)
    {
        writeln!(out, "{} would release {count} of what is held back", escaped(&flags))?;
    }
    advice(out, files)
}

fn reasons(out: &mut dyn Write, files: &[FileReport], options: TextOptions) -> io::Result<()> {
    let mut counts: BTreeMap<Reason, usize> = BTreeMap::new();
    for left in files.iter().flat_map(FileReport::left_alone) {
        *counts.entry(left.reason).or_default() += 1;
    }
    if counts.is_empty() {
        return Ok(());
    }
    let mut rows: Vec<(Reason, usize)> = counts.into_iter().collect();
    rows.sort_by_key(|(reason, count)| (Reverse(*count), *reason));
    let width = rows.iter().map(|(reason, _)| reason.id().len()).max().unwrap_or_default();
    writeln!(out, "left alone (-v shows each place, `samwire explain REASON` says why):")?;
    for (reason, count) in rows {
        writeln!(out, "{count:6}  {:width$}  {}", options.paint.mark(reason.id()), reason.what())?;
    }
    writeln!(out)
}

fn advice(out: &mut dyn Write, files: &[FileReport]) -> io::Result<()> {
    let Some(advice) = rest_advice(files) else { return Ok(()) };
    let named: Vec<&str> =
        advice.resources.iter().take(NAMED_RESOURCES).map(|resource| logical_id(resource)).collect();
    let more = match advice.resources.len().saturating_sub(NAMED_RESOURCES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    writeln!(
        out,
        "{} would drop {}; it gives up {} on {}{more}",
        escaped(&advice.flag),
        counted(advice.rests, "rest", "rests"),
        escaped(&advice.actions.join(", ")),
        escaped(&named.join(", "))
    )
}

/// The logical id in `${Id.Arn}`; any other text as it is.
fn logical_id(resource: &str) -> &str {
    let inner = resource.strip_prefix("${").and_then(|rest| rest.strip_suffix(".Arn}"));
    inner.filter(|id| id.chars().all(|c| c.is_ascii_alphanumeric())).unwrap_or(resource)
}

/// What a run comes to, in one line.
pub(in crate::report) fn totals_line(totals: &Totals, applied: bool) -> String {
    if totals.files == 0 {
        return "no SAM templates here".to_owned();
    }
    let looked_into = counted(totals.files - totals.skipped - totals.failed, "template", "templates");
    let rewrites = counted(totals.rewrites, "rewrite", "rewrites");
    let mut parts = vec![match (totals.rewrites, applied) {
        (0, _) if totals.held > 0 => format!("nothing within consent in {looked_into}"),
        (0, _) => format!("nothing to rewrite in {looked_into}"),
        (_, true) => format!("{rewrites} applied in {} of {looked_into}", totals.changed),
        (_, false) => format!("{rewrites} within consent in {} of {looked_into}", totals.changed),
    }];
    let counts = [(totals.held, "held back"), (totals.left_alone, "left alone")];
    parts
        .extend(counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    let found = [(totals.errors, "error", "errors"), (totals.warnings, "warning", "warnings")];
    let found = found.iter().filter(|(count, ..)| *count > 0);
    parts.extend(found.map(|(count, one, many)| counted(*count, one, many)));
    let others = [(totals.mended, if applied { "mended" } else { "to mend" }), (totals.silenced, "ignored")];
    parts
        .extend(others.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    let files = [(totals.skipped, "skipped"), (totals.failed, "failed")];
    let files = files.iter().filter(|(count, _)| *count > 0);
    parts.extend(files.map(|(count, what)| format!("{} {what}", counted(*count, "file", "files"))));
    parts.join(", ")
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

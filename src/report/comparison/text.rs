//! The comparison for people: per template and principal what comes and what goes, and what could not be judged.

use super::{ComparisonReport, about, overall_effect};
use crate::check::{HolderChange, UnreadChange};
use crate::iam::{Effect, Permission};
use crate::report::count::counted;
use crate::report::escape::{escaped, portable};
use crate::report::paint::Paint;
use crate::report::permissions::phrases;
use std::io::{self, Write};

/// Writes the comparisons; `verbose` tells inert pairs too, and what came or went without a meaning for permissions.
pub fn write_comparison_text(
    out: &mut dyn Write,
    reports: &[ComparisonReport],
    paint: Paint,
    verbose: bool,
) -> io::Result<()> {
    let (mut changed, mut unchanged) = (0, 0);
    for report in reports {
        let path = escaped(&portable(&report.path)).into_owned();
        if let Some(problem) = &report.problem {
            writeln!(out, "{}  {}", paint.strong(path), effect(report.effect(), paint))?;
            writeln!(out, "  could not be compared: {}\n", escaped(&problem.what))?;
            continue;
        }
        let Some(answer) = &report.answer else { continue };
        changed += answer.changes.len();
        unchanged += answer.unchanged;
        let told = |change: &&UnreadChange| verbose || change.matters || change.unread.kind.hides_grants();
        if answer.changes.is_empty() && !answer.unknown.iter().any(|change| told(&change)) {
            continue;
        }
        let presence = report.presence().map(|word| format!("  {}", paint.faint(word))).unwrap_or_default();
        writeln!(out, "{}  {}{presence}", paint.strong(path), effect(answer.effect, paint))?;
        for change in &answer.changes {
            write_change(out, change, paint, verbose)?;
        }
        for change in answer.unknown.iter().filter(told) {
            let word = if change.matters {
                paint.caution("unknown").to_string()
            } else {
                paint.faint("not judged").to_string()
            };
            let came = if change.came { "came" } else { "went" };
            let who = change.unread.principal.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
            let source = if change.came { &report.after } else { &report.before };
            let line = source.as_ref().map(|source| source.position(change.unread.location.span.start).line);
            let line = line.map(|line| format!(" (line {line})")).unwrap_or_default();
            writeln!(out, "  {word}: {came}: {}{line}", escaped(&format!("{who}{}", change.unread.message)))?;
        }
        writeln!(out)?;
    }
    if renamed(reports) {
        writeln!(
            out,
            "{}\n",
            paint.faint("a principal under a new name is told as one that is gone and one that is new")
        )?;
    }
    let whole = effect(overall_effect(reports), paint);
    if reports.is_empty() {
        return writeln!(out, "{whole}: no template changed");
    }
    let failed = reports.iter().filter(|report| report.answer.is_none()).count();
    let failed = match failed {
        0 => String::new(),
        count => format!(", {} could not be compared", counted(count, "template")),
    };
    writeln!(out, "{whole}: {} changed, {unchanged} unchanged{failed}", counted(changed, "principal"))
}

/// Whether principals both came and went in one template.
pub(super) fn renamed(reports: &[ComparisonReport]) -> bool {
    use crate::check::Subject;
    reports.iter().filter_map(|report| report.answer.as_ref()).any(|answer| {
        let any = |subject: &Subject| answer.changes.iter().any(|change| change.subject == *subject);
        any(&Subject::New) && any(&Subject::Gone)
    })
}

fn write_change(out: &mut dyn Write, change: &HolderChange, paint: Paint, verbose: bool) -> io::Result<()> {
    let about = about(change);
    let about = if about.is_empty() { about } else { format!("  {}", paint.faint(escaped(&about))) };
    writeln!(out, "  {}  {}{about}", paint.mark(escaped(&change.name)), effect(change.effect, paint))?;
    let pick = |wanted: bool| -> Vec<Permission> {
        let picked = change.added.iter().filter(|(_, accepted)| *accepted == wanted);
        picked.map(|(permission, _)| permission.clone()).collect()
    };
    for phrase in phrases(&pick(false), verbose) {
        writeln!(out, "    {}", paint.added(format!("+ {phrase}")))?;
    }
    for phrase in phrases(&pick(true), verbose) {
        writeln!(out, "    {}", paint.added(format!("+ {phrase} (accepted)")))?;
    }
    for phrase in phrases(&change.removed, verbose) {
        writeln!(out, "    {}", paint.removed(format!("- {phrase}")))?;
    }
    Ok(())
}

/// The word for an effect, coloured by what it asks of the reader.
fn effect(effect: Effect, paint: Paint) -> String {
    match effect {
        Effect::Same | Effect::Equivalent | Effect::Narrower => paint.added(effect.as_str()).to_string(),
        Effect::Wider | Effect::Mixed => paint.removed(effect.as_str()).to_string(),
        Effect::Unknown => paint.caution(effect.as_str()).to_string(),
    }
}

//! The comparison for programs. Fields are added, never moved; `schema` is raised on any change that breaks a reader.

use super::{ComparisonFacts, ComparisonReport, overall_effect};
use crate::check::{HolderChange, Subject, UnreadChange};
use crate::report::escape::portable;
use crate::report::grants::place;
use crate::report::model::Status;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Version of the format.
const SCHEMA: u32 = 1;

/// Writes the comparisons as one JSON document.
pub fn write_comparison_json(
    out: &mut dyn Write,
    reports: &[ComparisonReport],
    facts: ComparisonFacts<'_>,
) -> io::Result<()> {
    let value = json!({
        "schema": SCHEMA,
        "tool": { "name": "samwire", "version": facts.version, "transforms": facts.transforms },
        "old": facts.old,
        "new": facts.new,
        "effect": overall_effect(reports),
        "files": reports.iter().map(file).collect::<Vec<_>>(),
        "exit": facts.exit,
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}

fn file(report: &ComparisonReport) -> Value {
    let problem = report.problem.as_ref();
    let answer = report.answer.as_ref();
    let unknown = answer.into_iter().flat_map(|answer| &answer.unknown);
    json!({
        "path": portable(&report.path),
        "status": if report.status == Status::Failed { "error" } else { "compared" },
        "reason": problem.map(|problem| problem.id),
        "message": problem.map(|problem| problem.what.as_str()),
        "old": report.before.is_some(),
        "new": report.after.is_some(),
        "effect": report.effect(),
        // Nobody has accepted what nobody could read.
        "beyond_consent": answer.is_none_or(|answer| answer.beyond_consent),
        "changes": answer.map_or_else(Vec::new, |answer| answer.changes.iter().map(change).collect()),
        "unchanged": answer.map_or(0, |answer| answer.unchanged),
        "unknown": unknown.map(|found| self::unknown(found, report)).collect::<Vec<_>>(),
    })
}

fn change(change: &HolderChange) -> Value {
    let (was, is) = match &change.subject {
        Subject::Moved { was, is } => (was.as_deref(), Some(is.as_str())),
        _ => (None, None),
    };
    let added = change.added.iter().map(|(permission, accepted)| {
        let mut value = json!(permission);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("accepted".to_owned(), json!(accepted));
        }
        value
    });
    json!({
        "principal": change.name,
        "kind": change.kind.as_str(),
        "acting": change.acting,
        "subject": change.subject.as_str(),
        "role_before": was,
        "role_after": is,
        "effect": change.effect,
        "added": added.collect::<Vec<_>>(),
        "removed": change.removed,
    })
}

fn unknown(found: &UnreadChange, report: &ComparisonReport) -> Value {
    let source = if found.came { report.after.as_ref() } else { report.before.as_ref() };
    json!({
        "id": found.unread.kind.id(),
        "came": found.came,
        "matters": found.matters,
        "principal": found.unread.principal,
        "owner": (!found.unread.owner.is_empty()).then_some(&found.unread.owner),
        "message": found.unread.message,
        "place": place(&found.unread.location, source),
    })
}

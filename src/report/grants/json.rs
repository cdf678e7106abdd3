//! The tables for programs. Fields are added, never moved; `schema` is raised on any change that breaks a reader.

use super::{GrantsFacts, GrantsReport};
use crate::check::{GrantTable, HeldGrant, Holder, Unread};
use crate::plan::Location;
use crate::report::escape::portable;
use crate::text::Source;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Version of the format.
const SCHEMA: u32 = 1;

/// Writes the tables of all files as one JSON document.
pub fn write_grants_json(
    out: &mut dyn Write,
    files: &[GrantsReport],
    facts: GrantsFacts<'_>,
) -> io::Result<()> {
    let tables = || files.iter().filter_map(|file| file.answer.as_ref()).map(|(_, table)| table);
    let grants: usize = tables().flat_map(|table| &table.holders).map(|holder| holder.grants.len()).sum();
    let value = json!({
        "schema": SCHEMA,
        "tool": { "name": "samwire", "version": facts.version, "transforms": facts.transforms },
        "files": files.iter().map(file).collect::<Vec<_>>(),
        "filtered": facts.filtered,
        "summary": {
            "files": files.len(),
            "principals": tables().map(|table| table.holders.len()).sum::<usize>(),
            "grants": grants,
            "complete": files.iter().all(|file| file.answer.as_ref().is_some_and(|(_, table)| table.is_complete())),
        },
        "exit": facts.exit,
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}

fn file(file: &GrantsReport) -> Value {
    let problem = file.problem.as_ref();
    let (source, table) = match &file.answer {
        Some((source, table)) => (Some(source), Some(table)),
        None => (None, None),
    };
    let holders = || table.into_iter().flat_map(|table| &table.holders);
    let grants =
        holders().flat_map(|holder| holder.grants.iter().map(move |held| grant(holder, held, source)));
    let unread = table.into_iter().flat_map(|table| &table.unread);
    json!({
        "path": portable(&file.path),
        "status": if table.is_some() { "read" } else { file.status.as_str() },
        "reason": problem.map(|problem| problem.id),
        "message": problem.map(|problem| problem.what.as_str()),
        "complete": table.is_some_and(GrantTable::is_complete),
        "principals": holders().map(principal).collect::<Vec<_>>(),
        "grants": grants.collect::<Vec<_>>(),
        "unread": unread.map(|found| self::unread(found, source)).collect::<Vec<_>>(),
    })
}

fn acting(holder: &Holder) -> Vec<&str> {
    holder.acting.iter().map(|acting| acting.id.as_str()).collect()
}

fn principal(holder: &Holder) -> Value {
    json!({
        "principal": holder.name,
        "kind": holder.kind.as_str(),
        "acting": holder.acting.iter().map(|acting| json!({"id": acting.id, "type": acting.type_name})).collect::<Vec<_>>(),
    })
}

fn grant(holder: &Holder, held: &HeldGrant, source: Option<&Source>) -> Value {
    let permission = &held.permission;
    json!({
        "principal": holder.name,
        "kind": holder.kind.as_str(),
        "acting": acting(holder),
        "effect": if permission.deny { "deny" } else { "allow" },
        "action": permission.action,
        "access": held.access.words().collect::<Vec<_>>(),
        "resource": permission.resource,
        "target": held.on.as_ref().map(|on| json!({"id": on.id, "type": on.type_name, "scope": on.scope})),
        "on": permission.on,
        "condition": permission.condition,
        "when": permission.when,
        "inert": permission.inert,
        "origin": {
            "kind": held.origin.kind(),
            "name": held.origin.name(),
            "place": place(&held.location, source),
        },
    })
}

fn unread(found: &Unread, source: Option<&Source>) -> Value {
    json!({
        "id": found.kind.id(),
        "principal": found.principal,
        "owner": (!found.owner.is_empty()).then_some(&found.owner),
        "message": found.message,
        "hides_grants": found.kind.hides_grants(),
        "place": place(&found.location, source),
    })
}

pub(in crate::report) fn place(location: &Location, source: Option<&Source>) -> Value {
    let point = |byte: u32| {
        let at = source.map(|source| source.position(byte));
        json!({"line": at.map(|at| at.line), "column": at.map(|at| at.column), "byte": byte})
    };
    json!({ "route": location.route, "start": point(location.span.start), "end": point(location.span.end) })
}

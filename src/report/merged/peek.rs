//! What one JSON object of a report is: a row, a whole report, or a part of one that comes in lines. It is told by the names
//! of its fields, before anything of it is kept.

use super::read::FlawKind;
use super::record::{FileRecord, RunRecord};
use super::row::{self, Row};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

/// One JSON object of a report.
pub(super) enum Piece {
    /// A row of `results.jsonl`.
    Row(Box<Row>),
    /// A whole run report.
    Run(Box<RunRecord>),
    /// The first line of one: everything that stands before the files.
    Head(Box<RunRecord>),
    /// One of its files.
    File(Box<FileRecord>),
    /// Its last line: everything that stands behind the files.
    Tail(Box<RunRecord>),
}

/// Why an object is not understood.
pub(super) struct Misunderstanding {
    /// The line, from 1, counted from the first byte.
    pub(super) line: u64,
    /// Whether it may go on behind the last byte.
    pub(super) is_unfinished: bool,
    /// What is wrong.
    pub(super) what: FlawKind,
}

/// The fields that tell what an object is.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Peek {
    schema: Option<u64>,
    record: Option<String>,
    key: Option<IgnoredAny>,
    status: Option<IgnoredAny>,
    tool: Option<IgnoredAny>,
    config_digest: Option<IgnoredAny>,
    files: Option<IgnoredAny>,
    summary: Option<IgnoredAny>,
}

/// Reads one object.
pub(super) fn understand(bytes: &[u8]) -> Result<Piece, Misunderstanding> {
    let peek: Peek = parsed(bytes)?;
    let misunderstood = |what: FlawKind| Misunderstanding { line: 1, is_unfinished: false, what };
    let is_run = peek.tool.is_some() && peek.config_digest.is_some();
    let is_row = peek.tool.is_none() && peek.key.is_some() && peek.status.is_some();
    let known = if is_row { row::SCHEMA } else { crate::report::json::SCHEMA };
    if let Some(found) = peek.schema.filter(|found| (is_run || is_row) && *found > u64::from(known)) {
        return Err(misunderstood(FlawKind::Newer { found, known }));
    }
    Ok(match peek.record.as_deref() {
        Some("run") if is_run => Piece::Head(parsed(bytes)?),
        Some("file") if peek.status.is_some() => Piece::File(parsed(bytes)?),
        Some("summary") if peek.summary.is_some() => Piece::Tail(parsed(bytes)?),
        None if is_row => Piece::Row(parsed(bytes)?),
        None if is_run && peek.files.is_some() && peek.summary.is_some() => Piece::Run(parsed(bytes)?),
        _ => return Err(misunderstood(FlawKind::Foreign)),
    })
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Misunderstanding> {
    serde_json::from_slice(bytes).map_err(|error| {
        let place = format!(" at line {} column {}", error.line(), error.column());
        let text = error.to_string();
        let text = text.strip_suffix(&place).unwrap_or(&text);
        Misunderstanding {
            line: error.line().max(1) as u64,
            is_unfinished: error.classify() == Category::Eof,
            what: FlawKind::Malformed(format!("{text} (column {})", error.column())),
        }
    })
}

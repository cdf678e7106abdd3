//! Many repositories as one JSON document: the sums, then a row for each. Fields are added, never moved; `schema` is raised
//! on any change that breaks a reader.

use super::figures::Figures;
use super::row::Row;
use super::status::RepoStatus;
use super::sum::{Merged, Sum};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Version of the format.
const SCHEMA: u32 = 1;

/// What many runs come to.
#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tool: Tool<'a>,
    mixed: bool,
    total: Total<'a>,
    by_choices: Vec<OfChoices<'a>>,
    rows: &'a [Row],
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct Total<'a> {
    repositories: u64,
    statuses: &'a BTreeMap<RepoStatus, u64>,
    #[serde(flatten)]
    figures: &'a Figures,
}

#[derive(Serialize)]
struct OfChoices<'a> {
    direction: &'a str,
    phase: &'a str,
    transforms: &'a str,
    config_digest: &'a str,
    #[serde(flatten)]
    total: Total<'a>,
}

impl<'a> Total<'a> {
    fn of(sum: &'a Sum) -> Self {
        Self { repositories: sum.repositories, statuses: &sum.statuses, figures: &sum.figures }
    }
}

/// Writes the document; `version` is that of the program.
pub fn write_merged_json(out: &mut dyn Write, merged: &Merged, version: &str) -> io::Result<()> {
    let by_choices = merged.by_choices.iter().map(|(choices, sum)| OfChoices {
        direction: &choices.direction,
        phase: &choices.phase,
        transforms: &choices.transforms,
        config_digest: &choices.config_digest,
        total: Total::of(sum),
    });
    let document = Document {
        schema: SCHEMA,
        tool: Tool { name: "samwire", version },
        mixed: merged.is_mixed(),
        total: Total::of(&merged.total),
        by_choices: by_choices.collect(),
        rows: &merged.rows,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

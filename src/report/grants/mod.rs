//! Who may do what, one writer per format over the grant tables of all files. Knows neither how grants were found nor where
//! the words go.

mod dot;
mod graph;
mod json;
mod layout;
mod mermaid;
mod order;
mod svg;
mod table;
mod words;

pub use dot::write_grants_dot;
pub(super) use json::place;
pub use json::write_grants_json;
pub use mermaid::write_grants_mermaid;
pub use svg::write_grants_svg;
pub use table::write_grants_table;

use super::model::Status;
use super::problem::Problem;
use crate::check::GrantTable;
use crate::text::Source;
use std::path::PathBuf;

/// What `grants` says of one file.
#[derive(Debug)]
pub struct GrantsReport {
    /// The path as the user knows it.
    pub path: PathBuf,
    /// Whether it was looked into.
    pub status: Status,
    /// Why there is no table.
    pub problem: Option<Problem>,
    /// The file as it was read, and its table.
    pub answer: Option<(Source, GrantTable)>,
}

/// Facts of a run that no file knows.
#[derive(Debug, Clone, Copy)]
pub struct GrantsFacts<'a> {
    /// Release of the tool.
    pub version: &'a str,
    /// Release of the definitions.
    pub transforms: &'a str,
    /// Whether some grants were filtered out.
    pub filtered: bool,
    /// The exit code of the run.
    pub exit: u8,
}

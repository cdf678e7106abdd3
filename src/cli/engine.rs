//! The seam to the planner: a source and options in, what the reports need out.

use super::process::Refusal;
use crate::catalog::Catalog;
use crate::plan::Options;
use crate::report::{Planned, Problem};
use crate::syntax::{Document, SyntaxError};
use crate::text::Source;

/// Plans one template and makes the text that its taken rewrites come to.
pub(super) fn run(source: Source, _catalog: &Catalog, _options: &Options) -> Result<Planned, Refusal> {
    let document = Document::parse(source).map_err(|error| broken(&error))?;
    Ok(Planned {
        source: document.source().clone(),
        rewrites: Vec::new(),
        left_alone: Vec::new(),
        roles: Vec::new(),
        deployer_actions: Vec::new(),
        after: None,
        edits: Vec::new(),
    })
}

fn broken(error: &SyntaxError) -> Refusal {
    let id = if error.is_placeholders() { "placeholders" } else { "syntax" };
    let problem = Problem { at: Some(error.at), ..Problem::new(id, error.what(), error.help()) };
    if error.is_placeholders() { Refusal::Skipped(problem) } else { Refusal::Failed(problem) }
}

//! The catalogue of a run: the built-in definitions, with those of the user's own directory before them.

use super::args::DefinitionArgs;
use super::run::Fatal;
use crate::catalog::Catalog;
use crate::io::{self, NamedBytes};
use crate::report::Problem;
use std::path::PathBuf;

/// Why nothing is done without one of them.
const NOT_KNOWN: &str = "what policies and connectors grant follows from the definitions";

/// A catalogue, and the files of the user that went into it.
pub(super) struct Definitions {
    own: Option<Catalog>,
    /// The user's files, by name.
    pub(super) files: Vec<NamedBytes>,
}

impl Definitions {
    /// Loads what the arguments name.
    pub(super) fn load(args: &DefinitionArgs) -> Result<Self, Fatal> {
        let Some(dir) = &args.transforms else { return Ok(Self { own: None, files: Vec::new() }) };
        let files = io::read_definitions(dir).map_err(|unreadable| Fatal {
            problem: Box::new(
                Problem::new("usage", unreadable.error.to_string(), "check what --transforms names")
                    .because(NOT_KNOWN),
            ),
            path: Some(unreadable.path),
        })?;
        let own = Catalog::load(&files).map_err(|error| {
            // One definition is mended at a time, so the first problem is told and the others are counted.
            let first = error.problems.first();
            let more = error.problems.len().saturating_sub(1);
            let help = first.and_then(|problem| problem.help.clone());
            let help = help.unwrap_or_else(|| "correct the definition".to_owned());
            let help = if more == 0 { help } else { format!("{help} ({more} more like this)") };
            let mut problem = Problem::new("usage", first.map_or_else(String::new, |p| p.what.clone()), help)
                .because(NOT_KNOWN);
            problem.at = first.and_then(|first| first.at);
            Fatal {
                problem: Box::new(problem),
                path: first.map(|first| dir.join(PathBuf::from(&first.file))),
            }
        })?;
        Ok(Self { own: Some(own), files })
    }

    /// The catalogue.
    pub(super) fn catalog(&self) -> &Catalog {
        self.own.as_ref().unwrap_or_else(|| Catalog::builtin())
    }
}

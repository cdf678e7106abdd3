//! `list` and `explain`: what the catalogue knows, without any template.

use super::args::{ExplainArgs, ListArgs};
use super::definitions::Definitions;
use super::exit::Exit;
use super::run::Fatal;
use super::terminal::Terminal;
use super::values::ListFormat;
use crate::report::{Problem, topics, write_explanations, write_ids, write_listing, write_listing_json};
use std::io;

/// Runs `list`.
pub(super) fn list(args: &ListArgs) -> Exit {
    let terminal = Terminal::observe(args.colour.color);
    finish(terminal, || {
        let definitions = Definitions::load(&args.definitions)?;
        let mut bytes = Vec::new();
        let written = match args.format {
            ListFormat::Text => write_listing(&mut bytes, definitions.catalog(), terminal.stdout),
            ListFormat::Json => write_listing_json(&mut bytes, definitions.catalog()),
        };
        Ok(written.map(|()| bytes))
    })
}

/// Runs `explain`.
pub(super) fn explain(args: &ExplainArgs) -> Exit {
    let terminal = Terminal::observe(args.colour.color);
    finish(terminal, || {
        let definitions = Definitions::load(&args.definitions)?;
        let (catalog, mut bytes) = (definitions.catalog(), Vec::new());
        let written = if args.id.is_empty() {
            write_ids(&mut bytes, catalog, terminal.stdout)
        } else {
            let found = topics(&args.id, catalog)
                .map_err(|unknown| Problem::new("usage", unknown.what, unknown.help).because(unknown.why))?;
            write_explanations(&mut bytes, &found, catalog, terminal.stdout, terminal.columns)
        };
        Ok(written.map(|()| bytes))
    })
}

fn finish(terminal: Terminal, work: impl FnOnce() -> Result<io::Result<Vec<u8>>, Fatal>) -> Exit {
    match work() {
        Ok(rendered) => print(terminal, rendered),
        Err(fatal) => fatal.tell(terminal),
    }
}

/// Prints the whole product of a command that looks at no template.
pub(super) fn print(terminal: Terminal, rendered: io::Result<Vec<u8>>) -> Exit {
    match rendered.and_then(|bytes| terminal.out(&bytes)) {
        Ok(()) => Exit::Clean,
        Err(error) => {
            let problem = Problem::new("unwritable", error.to_string(), "check where standard output goes");
            terminal.problem(&problem, None);
            Exit::Failed
        }
    }
}

//! `grants`: who may do what in each template, as a table, as data or as a picture.

use super::args::{ColourArgs, ConfigArgs, DefinitionArgs, LIMITS, OUTPUT, RUN, SELECT};
use super::definitions::Definitions;
use super::engine;
use super::exit::{Exit, TOOL_BUG};
use super::gather::{All, Gathered, Wanted, gather, no_transform};
use super::process::Refusal;
use super::run::Fatal;
use super::terminal::Terminal;
use super::values::{partition, positive};
use crate::analysis::{Partition, Resolver, analyse};
use crate::catalog::Catalog;
use crate::check::{AccessIndex, GrantFilter, GrantTable, grant_table};
use crate::config::{GrantsFormat, Placed, Sink, place};
use crate::io;
use crate::report::{
    GrantsFacts, GrantsReport, Paint, Problem, Status, write_grants_dot, write_grants_json,
    write_grants_mermaid, write_grants_svg, write_grants_table,
};
use crate::template::Template;
use crate::text::Source;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Options of `grants`.
#[derive(Debug, clap::Args)]
pub(super) struct GrantsArgs {
    /// Templates, directories to search, or `-` for standard input [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Show only principals, and what acts through them, of a matching name
    #[arg(long, value_name = "GLOB,…", value_delimiter = ',', help_heading = SELECT)]
    source: Vec<String>,
    /// Show only grants on resources whose logical id, or else whose text, matches
    #[arg(long, value_name = "GLOB,…", value_delimiter = ',', help_heading = SELECT)]
    destination: Vec<String>,
    /// Whether a literal `arn:aws:` is the partition deployed to, or one of several
    #[arg(long, value_name = "WHICH", value_parser = partition(), default_value = "aws", help_heading = LIMITS)]
    partition: Partition,
    /// Write table, json, dot, mermaid or svg, to standard output or FILE; repeatable
    #[arg(long, value_name = "FMT[=FILE]", help_heading = OUTPUT)]
    format: Vec<Placed<GrantsFormat>>,
    #[command(flatten)]
    colour: ColourArgs,
    /// Name every action, inert pairs, places and skipped files
    #[arg(long, short, help_heading = OUTPUT)]
    verbose: bool,
    /// Name of the template that comes by standard input
    #[arg(long, value_name = "NAME", help_heading = RUN)]
    stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    definitions: DefinitionArgs,
    #[command(flatten)]
    config: ConfigArgs,
    /// Files looked at in parallel [default: one per processor]; the output is the same at any number
    #[arg(long, short, value_name = "N", value_parser = positive, allow_negative_numbers = true, help_heading = RUN)]
    jobs: Option<NonZeroUsize>,
}

/// Runs `grants`.
pub(super) fn run(args: &GrantsArgs) -> Exit {
    let terminal = Terminal::observe(args.colour.color);
    try_run(args, terminal).unwrap_or_else(|fatal| fatal.tell(terminal))
}

fn try_run(args: &GrantsArgs, terminal: Terminal) -> Result<Exit, Fatal> {
    let sinks = place(&args.format).map_err(|error| {
        Problem::new("usage", error.to_string(), "see `samwire grants --help` under Output")
    })?;
    let definitions = Definitions::load(&args.definitions)?;
    let catalog = definitions.catalog();
    let (index, filter) = (AccessIndex::of(catalog), GrantFilter::new(&args.source, &args.destination));
    let wanted = Wanted { paths: &args.paths, stdin_name: args.stdin_filename.as_deref(), jobs: args.jobs };
    let All { files, unsearched } =
        gather(&wanted, terminal, |source| table(source, catalog, args.partition, &index, &filter))?;
    let reports: Vec<GrantsReport> = files.into_iter().map(report).collect();
    for file in reports.iter().filter(|file| file.status == Status::Failed) {
        if let Some(problem) = &file.problem {
            terminal.problem(problem, Some(&file.path));
        }
    }
    let mut exit = exit_of(&reports, unsearched);
    let facts = GrantsFacts {
        version: super::VERSION,
        transforms: Catalog::version(),
        filtered: filter.is_some(),
        exit: exit as u8,
    };
    for (format, sink) in &sinks {
        let paint = if *sink == Sink::Stdout { terminal.stdout } else { Paint::PLAIN };
        let mut bytes = Vec::new();
        let rendered = match format {
            GrantsFormat::Json => write_grants_json(&mut bytes, &reports, facts),
            GrantsFormat::Dot => write_grants_dot(&mut bytes, &reports),
            GrantsFormat::Mermaid => write_grants_mermaid(&mut bytes, &reports),
            GrantsFormat::Svg => write_grants_svg(&mut bytes, &reports),
            GrantsFormat::Table => {
                write_grants_table(&mut bytes, &reports, paint, args.verbose, facts.filtered)
            }
        };
        if !emit(rendered.map(|()| bytes), sink, terminal) {
            exit = exit.max(Exit::Failed);
        }
    }
    Ok(exit)
}

/// Sends a report where it goes; tells whether that worked.
pub(super) fn emit(rendered: std::io::Result<Vec<u8>>, sink: &Sink, terminal: Terminal) -> bool {
    let written = rendered.map_err(|error| error.to_string()).and_then(|bytes| match sink {
        Sink::File(path) => io::write_report(path, &bytes).map_err(|error| error.to_string()),
        Sink::Stdout => terminal.out(&bytes).map_err(|error| error.to_string()),
        Sink::Stderr => {
            terminal.err(&bytes);
            Ok(())
        }
    });
    let Err(what) = written else { return true };
    let path = if let Sink::File(path) = sink { Some(path.as_path()) } else { None };
    let help = "the report is incomplete; check the place it goes to";
    terminal.problem(&Problem::new("unwritable", what, help), path);
    false
}

fn table(
    source: Source,
    catalog: &Catalog,
    partition: Partition,
    index: &AccessIndex,
    filter: &GrantFilter,
) -> Result<(Source, GrantTable), Refusal> {
    let doc = engine::parse(source)?;
    let template = Template::view(&doc);
    if !template.is_sam() {
        return Err(no_transform());
    }
    let resolver = Resolver::new(&doc, &template, catalog, partition);
    let table = grant_table(&resolver, &analyse(&resolver), index);
    Ok((doc.source().clone(), filter.apply(table)))
}

fn report(file: Gathered<(Source, GrantTable)>) -> GrantsReport {
    let Gathered { path, result } = file;
    match result {
        Ok(answer) => GrantsReport { path, status: Status::Unchanged, problem: None, answer: Some(answer) },
        Err((status, problem)) => GrantsReport { path, status, problem: Some(problem), answer: None },
    }
}

/// A table is no judgement, so only what kept one from being made counts.
fn exit_of(reports: &[GrantsReport], unsearched: bool) -> Exit {
    let bug = |file: &GrantsReport| file.problem.as_ref().is_some_and(|problem| problem.id == TOOL_BUG);
    if reports.iter().any(bug) {
        Exit::ToolBug
    } else if unsearched || reports.iter().any(|file| file.status == Status::Failed) {
        Exit::Failed
    } else {
        Exit::Clean
    }
}

//! `report`: merges what earlier runs have written, and writes it in the formats asked for.

use super::args::{ColourArgs, OUTPUT, SELECT};
use super::exit::Exit;
use super::merging::Inputs;
use super::run::Fatal;
use super::terminal::Terminal;
use super::values::{order, status};
use crate::config::{MergedFormat, Placed, Sink, place};
use crate::io;
use crate::report::merged::{
    Details, Merged, Order, RepoStatus, Row, TableOptions, write_commit, write_merged_csv, write_merged_html,
    write_merged_json, write_merged_markdown, write_merged_table,
};
use crate::report::{Paint, Problem, escaped};
use console::Term;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// Options of `report`.
#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    /// Run reports, their rows (`results.jsonl`), directories of either, or `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Take only repositories that became this: failed, partial, changed, would-change, skipped, nothing or no-templates
    #[arg(long, value_name = "STATUS,…", value_delimiter = ',', value_parser = status(), hide_possible_values = true, help_heading = SELECT)]
    status: Vec<RepoStatus>,
    /// Write table, csv, json, markdown, html or commit, to standard output or FILE; repeatable
    #[arg(long, value_name = "FMT[=FILE]", help_heading = OUTPUT)]
    format: Vec<Placed<MergedFormat>>,
    /// Sort by status, name, rewrites, held, left-alone, new-power or findings
    #[arg(long, value_name = "BY", value_parser = order(), default_value = "status", hide_possible_values = true, help_heading = OUTPUT)]
    sort: Order,
    /// Print the names of the repositories only, one on each line, as `samwire bulk --repos` reads them
    #[arg(long, conflicts_with = "format", help_heading = OUTPUT)]
    names: bool,
    /// With --names: end each name by NUL
    #[arg(long, short = 'z', requires = "names", help_heading = OUTPUT)]
    null: bool,
    #[command(flatten)]
    colour: ColourArgs,
    /// List also repositories in which nothing happened
    #[arg(long, short, help_heading = OUTPUT)]
    verbose: bool,
}

/// Runs `report`.
pub(super) fn run(args: &ReportArgs) -> Exit {
    let terminal = Terminal::observe(args.colour.color);
    try_run(args, terminal).unwrap_or_else(|fatal| fatal.tell(terminal))
}

fn try_run(args: &ReportArgs, terminal: Terminal) -> Result<Exit, Fatal> {
    let sinks = place(&args.format).map_err(|error| {
        Problem::new("usage", error.to_string(), "see `samwire report --help` under Output")
    })?;
    let mut inputs = Inputs::read(&args.files, terminal)?;
    let mut rows = inputs.take_rows();
    if !args.status.is_empty() {
        rows.retain(|row| args.status.contains(&row.status));
    }
    args.sort.sort(&mut rows);
    if args.names {
        let (listed, odd): (Vec<&str>, Vec<&str>) =
            rows.iter().map(place_of).partition(|name| can_be_listed(name, args.null));
        let written = stream(&Sink::Stdout, terminal, &mut |out| names(out, &listed, args.null));
        if !odd.is_empty() {
            terminal.problem(&not_listed(&odd, args.null), None);
        }
        let whole = written && odd.is_empty();
        return Ok(inputs.exit.max(if whole { Exit::Clean } else { Exit::Failed }));
    }
    let merged = Merged::of(rows);
    if sinks.iter().any(|(format, _)| *format == MergedFormat::Commit) {
        one_only(&merged)?;
    }
    for (format, sink) in &sinks {
        let written = stream(sink, terminal, &mut |out| {
            let details: &mut Details<'_> = &mut |row| inputs.details(row, terminal);
            match format {
                MergedFormat::Table => write_merged_table(out, &merged, table(args, sink, terminal)),
                MergedFormat::Csv => write_merged_csv(out, &merged),
                MergedFormat::Json => write_merged_json(out, &merged, super::VERSION),
                MergedFormat::Markdown => write_merged_markdown(out, &merged, details),
                MergedFormat::Html => write_merged_html(out, &merged, super::VERSION, details),
                MergedFormat::Commit => match merged.rows.first().and_then(details) {
                    Some(run) => write_commit(out, &run),
                    None => Err(std::io::Error::other("there is no run report with the details")),
                },
            }
        });
        if !written {
            inputs.exit = inputs.exit.max(Exit::Failed);
        }
    }
    Ok(inputs.exit)
}

/// A commit is made in one repository.
fn one_only(merged: &Merged) -> Result<(), Problem> {
    match merged.rows.as_slice() {
        [row] if row.report.is_some() => return Ok(()),
        [row] => {
            let what = format!("there is no run report of {}", row.key);
            let help = "a commit message needs its details; name the run report itself";
            return Err(Problem::new("usage", what, help));
        }
        _ => {}
    }
    let what =
        format!("a commit message is about one repository, and these reports tell of {}", merged.rows.len());
    Err(Problem::new("usage", what, "name the run report of the repository that is committed to"))
}

fn table(args: &ReportArgs, sink: &Sink, terminal: Terminal) -> TableOptions {
    let on_screen = *sink == Sink::Stdout && terminal.stdout_is_terminal;
    TableOptions {
        paint: if *sink == Sink::Stdout { terminal.stdout } else { Paint::PLAIN },
        width: on_screen.then(|| usize::from(Term::stdout().size().1)),
        everything: args.verbose,
    }
}

/// Where a repository is, as far as that is known.
fn place_of(row: &Row) -> &str {
    if row.path.is_empty() { &row.key } else { &row.path }
}

/// Whether a name in a list is read back as the same name. What was no text is not the same any more.
fn can_be_listed(name: &str, null: bool) -> bool {
    !name.contains(['\0', char::REPLACEMENT_CHARACTER]) && (null || escaped(name) == name)
}

fn names(out: &mut dyn Write, names: &[&str], null: bool) -> std::io::Result<()> {
    let end = if null { '\0' } else { '\n' };
    names.iter().try_for_each(|name| write!(out, "{name}{end}"))
}

fn not_listed(names: &[&str], null: bool) -> Problem {
    let what = match names.len() {
        1 => "one repository is left out of the list".to_owned(),
        count => format!("{count} repositories are left out of the list"),
    };
    let help = if null { "name them by hand" } else { "end names by NUL with -z" };
    let list = names.iter().map(|name| (*name).to_owned()).collect();
    Problem { list, ..Problem::new("names", what, help) }
        .because("nobody could read these names back as they are")
}

/// Writes a report where it goes, piece by piece; tells whether that worked.
fn stream(
    sink: &Sink,
    terminal: Terminal,
    write: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
) -> bool {
    let (result, path) = match sink {
        Sink::File(path) => {
            (io::stream_report(path, &mut *write).map_err(|error| error.to_string()), Some(path.as_path()))
        }
        Sink::Stdout | Sink::Stderr => {
            let mut out = BufWriter::with_capacity(1 << 16, Stream { terminal, sink });
            let result = write(&mut out).and_then(|()| out.flush());
            (result.map_err(|error| error.to_string()), None)
        }
    };
    let Err(what) = result else { return true };
    let help = "the report is incomplete; check the place it goes to";
    terminal.problem(&Problem::new("unwritable", what, help), path);
    false
}

/// A stream of the program. A reader that goes away is no error.
struct Stream<'a> {
    terminal: Terminal,
    sink: &'a Sink,
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.sink {
            Sink::Stderr => self.terminal.err(bytes),
            _ => self.terminal.out(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

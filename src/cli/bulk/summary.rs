//! The reports on a whole run: a table for who waits for it, a page and a text to hand around, all from what the run noted.

use super::VERSION;
use super::args::BulkArgs;
use super::directory::{self, Directory};
use crate::cli::exit::Exit;
use crate::cli::run::Fatal;
use crate::cli::terminal::Terminal;
use crate::io;
use crate::report::Problem;
use crate::report::merged::{
    Merged, Order, Row, RunRecord, TableOptions, write_merged_html, write_merged_markdown, write_merged_table,
};
use std::fmt::Display;
use std::io::Read;
use std::path::Path;

/// The report for a browser.
const PAGE: &str = "report.html";
/// The report for a pull request or a wiki.
const TEXT: &str = "report.md";

/// Writes the reports, and gives the exit code of the run.
pub(super) fn write(args: &BulkArgs, directory: Directory, terminal: Terminal) -> Result<Exit, Fatal> {
    let exit = directory.rows.iter().map(|row| exit_of(row.exit)).max().unwrap_or(Exit::Clean);
    let (page, text) = (directory.own(PAGE), directory.own(TEXT));
    let mut rows = directory.rows;
    Order::default().sort(&mut rows);
    let merged = Merged::of(rows);
    let mut unread = Vec::new();
    let mut details = |row: &Row| details(&args.out, row, &mut unread);
    let mut bytes = Vec::new();
    write_merged_markdown(&mut bytes, &merged, &mut details).map_err(|error| broken(&error))?;
    directory::write(&text, &bytes)?;
    io::stream_report(&page, |out| write_merged_html(out, &merged, VERSION, &mut details))
        .map_err(|error| broken(&format!("{}: {error}", page.display())))?;
    for problem in &unread {
        terminal.problem(problem, None);
    }
    let mut table = Vec::new();
    let options = TableOptions {
        paint: terminal.stdout,
        width: terminal.stdout_is_terminal.then(|| usize::from(console::Term::stdout().size().1)),
        everything: args.verbose,
    };
    if !args.quiet {
        write_merged_table(&mut table, &merged, options).map_err(|error| broken(&error))?;
        terminal.out(&table).map_err(|error| broken(&error))?;
        terminal.err(format!("\nreports: {}\n", page.display()).as_bytes());
    }
    Ok(if unread.is_empty() { exit } else { exit.max(Exit::Failed) })
}

/// The report on one repository.
fn details(out: &Path, row: &Row, unread: &mut Vec<Problem>) -> Option<RunRecord> {
    let name = row.report.as_ref()?;
    let opened = io::open_below(out, name).map_err(|error| error.to_string());
    let read = opened.and_then(|mut file| {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        serde_json::from_slice(&bytes).map_err(|error| error.to_string())
    });
    read.map_err(|error| {
        let what = format!("{}: {error}", out.join(name).display());
        unread.push(Problem::new("report", what, "its details are missing in the reports on the whole"));
    })
    .ok()
}

/// The exit code that a row tells.
fn exit_of(code: u8) -> Exit {
    [Exit::Clean, Exit::Reported, Exit::Failed, Exit::ToolBug]
        .into_iter()
        .find(|exit| *exit as u8 == code)
        .unwrap_or(Exit::Failed)
}

fn broken(error: &dyn Display) -> Problem {
    Problem::new("report", error.to_string(), "free space, then run the same command with --resume")
}

//! The directory of a run: what it notes of itself, a line for each finished repository, the files of each, and the reports on
//! all of them.

use super::args::BulkArgs;
use crate::bulk::{Head, HeadError, Listed};
use crate::cli::run::Fatal;
use crate::io::{self, LineFile, LineFileError, ReadError, WriteError};
use crate::report::Problem;
use crate::report::merged::Row;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// The file with a line for each finished repository.
pub(super) const RESULTS: &str = "results.jsonl";
/// The file with the head of the run. No key begins with a dot.
const HEAD: &str = ".samwire-run";

/// The directory of a run, which no other process has at the same time.
pub(super) struct Directory {
    path: PathBuf,
    results: LineFile,
    /// By what the run is known in the records of repositories.
    pub(super) id: String,
    /// The rows so far, by their keys. Of a repository that is done again the last one counts.
    pub(super) rows: BTreeMap<String, Row>,
}

impl Directory {
    /// Makes the directory, or opens it: to go on with what it holds, or to take the place of a run that only looked. `choices`
    /// is everything that tells this run from another.
    pub(super) fn open(args: &BulkArgs, choices: &[&str]) -> Result<Self, Fatal> {
        let path = &args.out;
        let refused = |what: String, help: &str| Fatal {
            problem: Box::new(Problem::new("usage", what, help)),
            path: Some(path.clone()),
        };
        let failed = |error: &Error| {
            refused(format!("cannot be used: {error}"), "give another directory with --out; nothing was done")
        };
        io::make_folder(path).map_err(|error| failed(&error))?;
        let names = io::names_in(path).map_err(|error| failed(&error))?;
        let ours = |name: &OsString| [HEAD, RESULTS].iter().any(|own| name == own) || io::is_draft(name);
        if !names.iter().any(|name| name == HEAD) && !names.iter().all(ours) {
            let help = "give a new or empty directory with --out; nothing was done";
            return Err(refused("holds something, and no run of `samwire bulk`".to_owned(), help));
        }
        // From here on no other run can be at work there.
        let (mut results, text) = LineFile::open(&path.join(RESULTS)).map_err(|error| match error {
            LineFileError::Taken => refused(error.to_string(), "wait for it, or give another directory"),
            LineFileError::Io(error) => failed(&error),
        })?;
        io::sweep_drafts(path);
        let head = path.join(HEAD);
        let written = match io::read(&head) {
            Ok(written) => Some(written),
            Err(ReadError::Io(error)) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                let what = format!("what the run there says of itself {error}");
                return Err(refused(what, "begin a new run with another --out; nothing was done"));
            }
        };
        let rows: Result<Vec<Row>, _> = text.lines().map(serde_json::from_str).collect();
        let mut rows = rows.map_err(|error| {
            refused(format!("{RESULTS} is damaged: {error}"), "begin a new run with another --out")
        })?;
        let new = Head::new(super::VERSION, choices, &io::salt(), args.write);
        let replaces = written.as_ref().is_some_and(|written| new.replaces(written, args.resume));
        if replaces {
            // The head comes last, so that whoever is killed meanwhile leaves a run that still only looked.
            clear(path, &rows).and_then(|()| results.clear()).map_err(|error| failed(&error))?;
            rows.clear();
        }
        let head = match written.filter(|_| !replaces) {
            Some(_) if !args.resume => {
                let help =
                    "go on with it by --resume, or give another directory with --out; nothing was done";
                let Fatal { problem, path } = refused("holds a run already".to_owned(), help);
                let problem = problem.because("its reports are the record of what it wrote");
                return Err(Fatal { problem: Box::new(problem), path });
            }
            Some(written) => new.goes_on(&written).map_err(|error| unlike(path, &error))?,
            None => {
                io::write_report(&head, new.to_text().as_bytes())
                    .map_err(|error| refused(error.to_string(), "check its permissions; nothing was done"))?;
                new
            }
        };
        let rows = rows.into_iter().map(|row| (row.key.clone(), row)).collect();
        Ok(Self { path: path.clone(), results, id: head.id, rows })
    }

    /// Those of the repositories that are still to be done. `again` tells that those that failed are.
    pub(super) fn todo(&self, listed: &[Listed], again: bool) -> Result<Vec<Listed>, Fatal> {
        let mut todo = Vec::new();
        for one in listed {
            match self.rows.get(one.key.as_str()) {
                Some(row) if row.path != one.path.to_string_lossy() => {
                    let what = format!("`{}` was another repository there: {}", one.key, row.path);
                    let help = "name the same repositories again, or begin a new run with another --out";
                    let problem = Problem::new("usage", what, help);
                    return Err(Fatal { problem: Box::new(problem), path: Some(self.path.clone()) });
                }
                Some(row) if !(again && row.status.is_bad()) => {}
                _ => todo.push(one.clone()),
            }
        }
        Ok(todo)
    }

    /// The path of a file of the run itself.
    pub(super) fn own(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Notes that a repository is finished.
    pub(super) fn finish(&mut self, row: Row) -> Result<(), Problem> {
        let path = self.path.join(RESULTS);
        let line = serde_json::to_string(&row).map_err(Error::from);
        line.and_then(|line| self.results.add(&line)).map_err(|error| unwritten(&path, &error))?;
        self.rows.insert(row.key.clone(), row);
        Ok(())
    }
}

/// Removes the files of repositories that rows name, since the run that takes their place need not have these repositories.
fn clear(out: &Path, rows: &[Row]) -> Result<(), Error> {
    let names = rows.iter().flat_map(|row| row.report.iter().chain(&row.patch));
    names.filter(|name| io::is_below(name)).try_for_each(|name| io::remove_report(&out.join(name)))
}

/// Writes a file of a repository; those above it are made.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Unwritten> {
    let folder = path.parent().map_or(Ok(()), io::make_folder);
    let written = folder.map_err(WriteError::from).and_then(|()| io::write_report(path, bytes));
    written.map_err(|error| {
        use ErrorKind::{AlreadyExists, InvalidFilename, IsADirectory, NotADirectory, NotFound};
        let of_its_name = [AlreadyExists, InvalidFilename, IsADirectory, NotADirectory, NotFound];
        let alone = matches!(&error, WriteError::Io(error) if of_its_name.contains(&error.kind()));
        Unwritten { problem: Box::new(unwritten(path, &error)), alone }
    })
}

/// A file that cannot be written.
pub(super) struct Unwritten {
    pub(super) problem: Box<Problem>,
    /// Whether that is about this file alone, so that others may fare better.
    pub(super) alone: bool,
}

/// Removes a file of a repository, as an earlier run may have left it that was killed before it noted the repository.
pub(super) fn remove(path: &Path) -> Result<(), Unwritten> {
    io::remove_report(path)
        .map_err(|error| Unwritten { problem: Box::new(unwritten(path, &error)), alone: false })
}

fn unwritten(path: &Path, error: &dyn Display) -> Problem {
    let help = "free space, then run the same command with --resume";
    Problem::new("report", format!("{}: {error}", path.display()), help)
        .because("a repository without its report would be done twice")
}

fn unlike(path: &Path, error: &HeadError) -> Fatal {
    let help =
        "give the options that it was begun with, or begin a new run with another --out; nothing was done";
    let problem = Problem::new("usage", format!("the run there cannot go on: {error}"), help)
        .because("what is done already could not be added to what comes");
    Fatal { problem: Box::new(problem), path: Some(path.to_owned()) }
}

//! The inputs of `report`: from the files named to one row for each repository, and from a row back to its details. Holds
//! rows in memory, and details one at a time.

use super::exit::Exit;
use super::run::Fatal;
use super::terminal::Terminal;
use crate::io::{self, Kept};
use crate::report::merged::{Flaw, FlawKind, Found, Reader, Row, RunRecord, Told};
use crate::report::{Problem, escaped};
use crate::text::Position;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// How many repositories are named before the rest is counted.
const NAMED: usize = 5;

/// What tells one repository from another: its key and its name.
type Identity = (String, String);

fn identity(row: &Row) -> Identity {
    (row.key.clone(), row.repo.clone())
}

/// Where the details of a row are.
enum Origin {
    /// In the input that gave the row.
    Input { path: PathBuf, offset: u64 },
    /// In a file that the row names.
    Named { folder: PathBuf, name: String },
    /// Nowhere.
    Lost,
}

/// One input.
struct Input {
    /// As the user knows it.
    shown: PathBuf,
    /// Where its bytes are.
    path: PathBuf,
    /// Whether it was found in a directory, where other things may lie too.
    found: bool,
}

/// What the inputs tell.
pub(super) struct Inputs {
    /// What reading them came to so far.
    pub(super) exit: Exit,
    rows: Vec<Row>,
    places: HashMap<Identity, usize>,
    origins: HashMap<Identity, Origin>,
    /// Repositories that are told of more than once, in the order in which that was seen.
    again: Vec<String>,
    /// Files in directories that are no reports.
    foreign: usize,
    /// Rows whose details could not be had, which is told once.
    missing: HashSet<Identity>,
    /// Holds standard input as long as details may be read from it.
    _kept: Option<Kept>,
}

impl Inputs {
    /// Reads everything that is named. What cannot be read is told, and the rest is read.
    pub(super) fn read(files: &[PathBuf], terminal: Terminal) -> Result<Self, Fatal> {
        let gone: Vec<&PathBuf> = files.iter().filter(|path| !is_stdin(path) && !path.exists()).collect();
        if let Some(first) = gone.first() {
            let mut problem = Problem::new("usage", "does not exist", "check the name; nothing was read");
            problem.list = gone.iter().skip(1).map(|path| path.display().to_string()).collect();
            return Err(Fatal { problem: Box::new(problem), path: Some((*first).clone()) });
        }
        let kept = match files.iter().any(|path| is_stdin(path)) {
            true => Some(Kept::stdin().map_err(|error| {
                Problem::new(
                    "usage",
                    format!("standard input cannot be read: {error}"),
                    "name a file instead",
                )
            })?),
            false => None,
        };
        let mut inputs = Self {
            exit: Exit::Clean,
            rows: Vec::new(),
            places: HashMap::new(),
            origins: HashMap::new(),
            again: Vec::new(),
            foreign: 0,
            missing: HashSet::new(),
            _kept: None,
        };
        for file in files {
            for input in inputs.inputs(file, kept.as_ref(), terminal) {
                inputs.take(&input, terminal);
            }
        }
        inputs._kept = kept;
        inputs.notes(terminal);
        Ok(inputs)
    }

    /// The rows, one for each repository, in the order in which they were first told of.
    pub(super) fn take_rows(&mut self) -> Vec<Row> {
        self.places.clear();
        std::mem::take(&mut self.rows)
    }

    /// The run report of a row. Why there is none is told, once.
    pub(super) fn details(&mut self, row: &Row, terminal: Terminal) -> Option<RunRecord> {
        let identity = identity(row);
        let (path, read) = match self.origins.get(&identity)? {
            Origin::Lost => return None,
            Origin::Input { path, offset } => {
                let opened = io::open_report(path, *offset).map_err(|error| error.to_string());
                (path.clone(), opened)
            }
            Origin::Named { folder, name } => {
                let opened = io::open_below(folder, name).map_err(|error| error.to_string());
                (folder.join(name), opened)
            }
        };
        let read = read.and_then(|file| match Reader::new(file).next() {
            Some(Ok(Found { told: Told::Run(run), .. })) => Ok(*run),
            Some(Err(flaw)) => Err(flaw.to_string()),
            Some(Ok(_)) | None => Err("is no run report".to_owned()),
        });
        match read {
            Ok(run) => Some(run),
            Err(what) => {
                self.exit = self.exit.max(Exit::Failed);
                if self.missing.insert(identity) {
                    let help = format!("the details of {} are left out", row.key);
                    terminal.problem(&Problem::new("unreadable", what, help), Some(&path));
                }
                None
            }
        }
    }

    /// The inputs that one argument comes to.
    fn inputs(&mut self, file: &Path, kept: Option<&Kept>, terminal: Terminal) -> Vec<Input> {
        if let Some(kept) = kept.filter(|_| is_stdin(file)) {
            return vec![Input { shown: file.to_owned(), path: kept.path().to_owned(), found: false }];
        }
        if !file.is_dir() {
            return vec![Input { shown: file.to_owned(), path: file.to_owned(), found: false }];
        }
        let (files, problems) = io::reports_below(file);
        for problem in problems {
            let what = format!("cannot be searched: {}", problem.error);
            let help = "reports in it are not merged; the rest is";
            self.tell(&Problem::new("unreadable", what, help), &problem.path, terminal);
        }
        files.into_iter().map(|path| Input { shown: path.clone(), path, found: true }).collect()
    }

    fn take(&mut self, input: &Input, terminal: Terminal) {
        let file = match io::open_report(&input.path, 0) {
            Ok(file) => file,
            Err(error) => {
                let problem =
                    Problem::new("unreadable", format!("cannot be read: {error}"), "the rest is merged");
                self.tell(&problem, &input.shown, terminal);
                return;
            }
        };
        let in_lines = input.shown.extension().is_some_and(|ending| ending == "jsonl");
        let reader = if in_lines { Reader::of_lines(file) } else { Reader::new(file) };
        let mut empty = true;
        for found in reader {
            match found {
                Ok(found) => self.found(found, input, terminal),
                Err(Flaw { what: FlawKind::Foreign, .. }) if input.found && !in_lines => self.foreign += 1,
                Err(flaw) => self.flaw(&flaw, input, terminal),
            }
            empty = false;
        }
        // Rows that are still to come are no mistake; anything else that holds nothing is.
        if empty && !in_lines {
            let problem = Problem::new("unreadable", "holds no report", "the rest is merged");
            self.tell(&problem, &input.shown, terminal);
        }
    }

    fn found(&mut self, found: Found, input: &Input, terminal: Terminal) {
        let Found { told, offset } = found;
        let (row, origin) = match told {
            Told::Run(run) => {
                let mut row = Row::of(&run);
                row.report = Some(input.shown.to_string_lossy().into_owned());
                (row, Origin::Input { path: input.path.clone(), offset })
            }
            Told::Row(mut row) => {
                // What a row names is beside the row; of rows by standard input that is where the program runs.
                let stdin = is_stdin(&input.shown);
                let folder = if stdin { None } else { input.shown.parent() }.unwrap_or(Path::new(""));
                let name = self.below(row.report.take(), folder, input, terminal);
                row.patch =
                    self.below(row.patch.take(), folder, input, terminal).map(|name| joined(folder, &name));
                row.report = name.as_deref().map(|name| joined(folder, name));
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                let named = |name| Origin::Named { folder: folder.to_owned(), name };
                (*row, name.map_or(Origin::Lost, named))
            }
        };
        let identity = identity(&row);
        match self.places.get(&identity).and_then(|place| self.rows.get_mut(*place)) {
            Some(earlier) => {
                self.again.push(row.key.clone());
                *earlier = row;
            }
            None => {
                self.places.insert(identity.clone(), self.rows.len());
                self.rows.push(row);
            }
        }
        self.origins.insert(identity, origin);
    }

    /// The name of a file that a row gives, unless it leads out of the folder.
    fn below(
        &mut self,
        name: Option<String>,
        folder: &Path,
        input: &Input,
        terminal: Terminal,
    ) -> Option<String> {
        let name = name?;
        if io::is_below(&name) {
            return Some(name);
        }
        let what = format!("a row names `{name}`, which leads out of {}", shown(folder));
        self.tell(&Problem::new("unreadable", what, "the file is not looked at"), &input.shown, terminal);
        None
    }

    fn flaw(&mut self, flaw: &Flaw, input: &Input, terminal: Terminal) {
        if flaw.is_torn() {
            let (path, line) = (input.shown.to_string_lossy(), flaw.line);
            terminal.err(format!("note: {}:{line}: {flaw}\n", escaped(&path)).as_bytes());
            return;
        }
        let help = match flaw.what {
            FlawKind::Newer { .. } => {
                "read it with the samwire that wrote it, or a newer one; the rest is merged"
            }
            _ => "the rest is merged",
        };
        let at = Some(Position { line: u32::try_from(flaw.line).unwrap_or(u32::MAX), column: 1 });
        let problem = Problem { at, ..Problem::new("unreadable", flaw.to_string(), help) };
        self.tell(&problem, &input.shown, terminal);
    }

    fn tell(&mut self, problem: &Problem, path: &Path, terminal: Terminal) {
        self.exit = self.exit.max(Exit::Failed);
        terminal.problem(problem, Some(path));
    }

    /// What is worth knowing and no error.
    fn notes(&self, terminal: Terminal) {
        if !self.again.is_empty() {
            let mut seen = HashSet::new();
            let keys: Vec<&str> =
                self.again.iter().map(String::as_str).filter(|key| seen.insert(*key)).collect();
            let named: Vec<_> = keys.iter().take(NAMED).map(|key| escaped(key)).collect();
            let more = match keys.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let named = named.join(", ");
            terminal.err(
                format!("note: told of more than once, of which the last counts: {named}{more}\n").as_bytes(),
            );
        }
        if self.foreign > 0 {
            let files = if self.foreign == 1 { "1 JSON file is no run report" } else { "" };
            let files = match files {
                "" => format!("{} JSON files are no run reports", self.foreign),
                one => one.to_owned(),
            };
            terminal.err(format!("note: {files} and passed over\n").as_bytes());
        }
    }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn joined(folder: &Path, name: &str) -> String {
    folder.join(name).to_string_lossy().into_owned()
}

/// A folder as people read it.
fn shown(folder: &Path) -> String {
    if folder.as_os_str().is_empty() {
        "the current directory".to_owned()
    } else {
        folder.display().to_string()
    }
}

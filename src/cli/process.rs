//! One file from its bytes to its report: read, planned, and for `fix` written. Whatever goes wrong ends in the
//! report of that file and stops no other.

use super::engine;
use crate::catalog::Catalog;
use crate::config::{Settings, Verb};
use crate::io::{self, Candidate, DiffName, ReadError, Surroundings, WriteError};
use crate::report::{FileReport, Planned, Problem, Status};
use crate::text::{Source, SourceError};
use std::path::{Component, Path, PathBuf};

/// An input that is looked at.
#[derive(Debug)]
pub(super) enum Input {
    /// A file.
    File(Candidate),
    /// What came by standard input, under the name it goes by.
    Stdin {
        /// The name.
        name: PathBuf,
        /// The bytes, or why there are none.
        bytes: Result<Vec<u8>, ReadError>,
    },
}

/// What all files of a run have in common.
pub(super) struct Job<'a> {
    pub(super) verb: Verb,
    pub(super) settings: &'a Settings,
    pub(super) surroundings: &'a Surroundings,
    pub(super) catalog: &'a Catalog,
}

impl Job<'_> {
    /// The report on one input; `None` for a file found in a directory that is no SAM template at all.
    pub(super) fn report(&self, input: Input) -> Option<FileReport> {
        match input {
            Input::File(candidate) => self.file(&candidate),
            Input::Stdin { name, bytes } => {
                let plain = name.components().filter(|part| matches!(part, Component::Normal(_)));
                let diff_name = DiffName { path: plain.collect(), base: None };
                let mut report = match bytes {
                    Ok(bytes) => self.planned(name, diff_name, bytes, true),
                    Err(error) => failed(name, unreadable(&error)),
                };
                report.from_stdin = true;
                if self.verb == Verb::Fix && report.status == Status::WouldChange {
                    report.status = Status::Changed;
                }
                Some(report)
            }
        }
    }

    fn file(&self, candidate: &Candidate) -> Option<FileReport> {
        let path = candidate.path.clone();
        let bytes = match io::read(&candidate.real) {
            Ok(bytes) if candidate.named || io::mentions_sam(&bytes) => bytes,
            Ok(_) => return None,
            // Nothing that large was ever deployed, so it is no template.
            Err(ReadError::TooLarge) if !candidate.named => return None,
            Err(error) => return Some(failed(path, unreadable(&error))),
        };
        if candidate.outside {
            let problem = Problem::new(
                "outside-roots",
                "a link that leads out of the directories named",
                "name the file itself",
            )
            .because("a change through it would reach a file that nobody named");
            return Some(FileReport::without_plan(path, Status::Skipped, problem));
        }
        let diff_name = self.surroundings.diff_name(&candidate.real);
        let report = self.planned(path, diff_name, bytes, candidate.named);
        Some(if self.verb == Verb::Fix { written(report, &candidate.real) } else { report })
    }

    /// The report on bytes that could be read. What is no template at all is an error only where it was `named`.
    fn planned(&self, path: PathBuf, diff_name: DiffName, bytes: Vec<u8>, named: bool) -> FileReport {
        let source = match Source::new(&path, bytes) {
            Ok(source) => source,
            Err(error) => return failed(path, not_text(&error)),
        };
        match engine::run(source, self.catalog, &self.settings.plan) {
            Ok(planned) => {
                let status = if planned.after.is_some() { Status::WouldChange } else { Status::Unchanged };
                FileReport {
                    path,
                    diff_path: diff_name.path,
                    diff_base: diff_name.base,
                    from_stdin: false,
                    status,
                    problem: None,
                    planned: Some(planned),
                }
            }
            Err(Refusal::Skipped(problem)) if !named => {
                FileReport::without_plan(path, Status::Skipped, problem)
            }
            Err(Refusal::Skipped(problem) | Refusal::Failed(problem)) => failed(path, problem),
        }
    }
}

/// Why a template has no plan.
pub(super) enum Refusal {
    /// It is no template that could be deployed as it is; no error where nobody named it.
    Skipped(Problem),
    /// Something is wrong with it, or with us.
    Failed(Problem),
}

/// Writes what was planned, and tells how that went.
fn written(report: FileReport, real: &Path) -> FileReport {
    let Some(Planned { source, after: Some(after), .. }) = &report.planned else { return report };
    match io::replace(real, source.text().as_bytes(), after.as_bytes()) {
        Ok(()) => FileReport { status: Status::Changed, ..report },
        Err(error) => {
            let problem = not_written(&error);
            FileReport { status: Status::Failed, problem: Some(problem), ..report }
        }
    }
}

fn failed(path: PathBuf, problem: Problem) -> FileReport {
    FileReport::without_plan(path, Status::Failed, problem)
}

fn unreadable(error: &ReadError) -> Problem {
    let help = match error {
        ReadError::Io(_) => "check the path and its permissions; the other files were done",
        ReadError::TooLarge => "CloudFormation takes templates of at most 1 MiB; name another file",
    };
    Problem::new("unreadable", error.to_string(), help)
}

fn not_text(error: &SourceError) -> Problem {
    let (at, what, help) = match error {
        SourceError::NotUtf8 { at } => {
            (Some(*at), "not valid UTF-8 at this place".to_owned(), "save the file as UTF-8")
        }
        SourceError::Nul { at } => {
            (Some(*at), "holds a NUL byte, at which parsers stop silently".to_owned(), "remove the NUL byte")
        }
        SourceError::TooLarge { .. } => (None, error.to_string(), "name another file"),
    };
    Problem { at, ..Problem::new("not-text", what, help) }
}

fn not_written(error: &WriteError) -> Problem {
    let what = error.to_string();
    match error {
        WriteError::Changed => {
            Problem::new("changed-since-read", what, "run again; the file is as it was found")
                .because("writing now would undo somebody's change")
        }
        WriteError::ReadOnly => Problem::new("unwritable", what, "make the file writable, then run again"),
        WriteError::NotRegular => {
            Problem::new("unwritable", what, "name a regular file, or use `fix -` for a stream")
        }
        WriteError::Io(_) => {
            Problem::new("unwritable", what, "check the permissions of its directory, and the space there")
                .because("a file is replaced as a whole, by a finished one beside it")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_after_it_was_read_is_reported_and_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.yaml");
        std::fs::write(&path, "theirs").unwrap();
        let planned = Planned {
            source: Source::new(&path, b"ours".to_vec()).unwrap(),
            rewrites: Vec::new(),
            left_alone: Vec::new(),
            roles: Vec::new(),
            deployer_actions: Vec::new(),
            notes: Vec::new(),
            after: Some("new".to_owned()),
            edits: Vec::new(),
        };
        let problem = Problem::new("none", "", "");
        let report = FileReport {
            planned: Some(planned),
            ..FileReport::without_plan(path.clone(), Status::WouldChange, problem)
        };
        let report = written(report, &path);
        assert_eq!(report.status, Status::Failed);
        assert_eq!(report.problem.map(|problem| problem.id), Some("changed-since-read"));
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
    }
}

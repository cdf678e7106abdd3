//! One file from its bytes to its report: read and planned. Whatever goes wrong ends in the report of that file and
//! stops no other.

use super::definitions::Definitions;
use super::engine::{self, Task};
use crate::config::{Choices, Verb};
use crate::io::{self, Candidate, DiffName, ReadError, Surroundings};
use crate::report::{FileReport, Problem, Status};
use crate::text::{Source, SourceError};
use std::path::{Component, PathBuf};

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

impl Input {
    /// How many bytes it seems to have.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::File(candidate) => io::size_of(&candidate.real),
            Self::Stdin { bytes, .. } => bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
        }
    }
}

/// What all files of a run have in common.
pub(super) struct Job<'a> {
    pub(super) verb: Verb,
    pub(super) choices: &'a Choices,
    pub(super) surroundings: &'a Surroundings,
    pub(super) definitions: &'a Definitions,
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
                    Ok(bytes) => self.planned(name, diff_name, bytes, None, true),
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
        Some(self.planned(path, diff_name, bytes, Some(candidate.real.clone()), candidate.named))
    }

    /// The report on bytes that could be read. What is no template at all is an error only where it was `named`.
    pub(super) fn planned(
        &self,
        path: PathBuf,
        diff_name: DiffName,
        bytes: Vec<u8>,
        real: Option<PathBuf>,
        named: bool,
    ) -> FileReport {
        let source = match Source::new(&path, bytes) {
            Ok(source) => source,
            Err(error) => return failed(path, not_text(&error)),
        };
        let of_file = self.choices.of_files.of(real.as_deref());
        let task = Task {
            catalog: self.definitions.catalog(),
            options: &self.choices.plan,
            of_file: &of_file,
            wishes: &self.choices.wishes,
        };
        match engine::run(source, task) {
            Ok(planned) => {
                let status = if planned.after.is_some() { Status::WouldChange } else { Status::Unchanged };
                FileReport {
                    path,
                    diff_path: diff_name.path,
                    diff_base: diff_name.base,
                    real,
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

pub(super) fn failed(path: PathBuf, problem: Problem) -> FileReport {
    FileReport::without_plan(path, Status::Failed, problem)
}

pub(super) fn unreadable(error: &ReadError) -> Problem {
    let help = match error {
        ReadError::Io(_) => "check the path and its permissions; the other files were done",
        ReadError::TooLarge => "CloudFormation takes templates of at most 1 MiB; name another file",
    };
    let why = match error {
        ReadError::Io(_) => "what it grants is not known as long as nobody can read it",
        ReadError::TooLarge => "nothing of that size can be deployed",
    };
    Problem::new("unreadable", error.to_string(), help).because(why)
}

pub(super) fn not_text(error: &SourceError) -> Problem {
    let (at, what, why, help) = match error {
        SourceError::NotUtf8 { at } => (
            Some(*at),
            "not valid UTF-8 at this place".to_owned(),
            "in another encoding the same bytes are other characters",
            "save the file as UTF-8",
        ),
        SourceError::Nul { at } => (
            Some(*at),
            "holds a NUL byte".to_owned(),
            "parsers stop there silently, so what follows would be overlooked",
            "remove the NUL byte",
        ),
        SourceError::TooLarge { .. } => {
            (None, error.to_string(), "nothing of that size can be deployed", "name another file")
        }
    };
    Problem { at, ..Problem::new("not-text", what, help).because(why) }
}

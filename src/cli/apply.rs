//! Writing what was planned: asks the guard, writes all files under one record, and tells in the report of each file how
//! that went.

use super::args::GuardArgs;
use super::exit::Exit;
use super::guard;
use crate::config::FailOn;
use crate::io::{
    self, Batch, Change, Journal, Outcome, Pause, Signal, StateDir, Surroundings, Unrecorded, WriteError,
};
use crate::report::{FileReport, Planned, Problem, Status};
use std::env;
use std::io::Error;

/// Id of the problem of a file that was not reached before somebody asked to stop.
pub(super) const NOT_REACHED: &str = "not-reached";

/// What became of writing.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// Whether nothing was written at all, for the reason in `problem`.
    pub(super) refused: bool,
    /// Whether there is something to take back.
    pub(super) recorded: bool,
    /// What is to be said of the whole, and the exit code that says it. What is to be said of one file stands in its
    /// report.
    pub(super) problem: Option<(Problem, Exit)>,
}

impl Applied {
    pub(super) fn refused(problem: Problem, exit: Exit) -> Self {
        Self { refused: true, recorded: false, problem: Some((problem, exit)) }
    }

    /// The exit code of the run, `files` being what the reports of its files come to.
    pub(super) fn exit(&self, files: Exit, fail_on: Option<FailOn>) -> Exit {
        match &self.problem {
            Some((_, Exit::Failed)) if fail_on == Some(FailOn::Never) => files,
            Some((_, exit)) if files != Exit::ToolBug => *exit,
            _ => files,
        }
    }
}

/// Writes the planned text of every file in `files` that would change, if all of them may be written.
pub(super) fn apply(files: &mut [FileReport], allowed: &GuardArgs, surroundings: &Surroundings) -> Applied {
    let targets: Vec<&FileReport> = files.iter().filter(|file| is_target(file)).collect();
    if targets.is_empty() {
        return Applied::default();
    }
    let journal = match StateDir::of(surroundings.current()) {
        Ok(state) => Journal::new(state),
        Err(error) => return unrecorded(&error),
    };
    let runs = match journal.runs() {
        Ok(runs) => runs,
        Err(error) => return unrecorded(&error),
    };
    if let Some(problem) = guard::refusal(&targets, allowed, &runs) {
        return Applied::refused(problem, Exit::Usage);
    }
    let changes: Vec<Change<'_>> = targets.iter().filter_map(|file| change(file)).collect();
    let batch = match io::write_all(&journal, super::VERSION, &command_line(), &changes, Pause::BetweenFiles)
    {
        Ok(batch) => batch,
        Err(Unrecorded(error)) => return unrecorded(&error),
    };
    let Batch { outcomes, stopped, run, unmarked } = batch;
    for (file, outcome) in files.iter_mut().filter(|file| is_target(file)).zip(outcomes) {
        (file.status, file.problem) = match outcome {
            Outcome::Written => (Status::Changed, None),
            Outcome::NotReached => (Status::Failed, Some(not_reached())),
            Outcome::Failed(error) => (Status::Failed, Some(not_written(&error))),
        };
    }
    let problem = match (stopped, unmarked) {
        (Some(signal), _) => Some((stop(files, signal), signal.into())),
        (None, Some(error)) => Some((unmarked_problem(&error, files), Exit::Failed)),
        (None, None) => None,
    };
    Applied { refused: false, recorded: run.is_some(), problem }
}

fn is_target(file: &FileReport) -> bool {
    file.status == Status::WouldChange && change(file).is_some()
}

fn change(file: &FileReport) -> Option<Change<'_>> {
    let Planned { source, after, .. } = file.planned.as_ref()?;
    let (before, after) = (source.text().as_bytes(), after.as_ref()?.as_bytes());
    Some(Change { path: file.real.as_deref()?, before, after })
}

/// The command line, as it stands in the record.
fn command_line() -> String {
    let words = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    std::iter::once("samwire".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// What is said of a run that was stopped, once for all files.
fn stop(files: &[FileReport], signal: Signal) -> Problem {
    let not_reached = |file: &&FileReport| file.problem.as_ref().is_some_and(|p| p.id == NOT_REACHED);
    let list: Vec<String> = files
        .iter()
        .filter(not_reached)
        .map(|file| format!("{}: not written", file.path.display()))
        .collect();
    let written = files.iter().filter(|file| file.status == Status::Changed && file.real.is_some()).count();
    let what = format!("stopped by {}: {written} written, {} not", signal.name(), list.len());
    let help = match (written, list.len()) {
        (0, _) => "run the same command again".to_owned(),
        (_, 0) => "everything was written already; `samwire undo` takes it back".to_owned(),
        _ => format!("`samwire undo` takes back the {written}; the same command again does the rest"),
    };
    Problem { list, ..Problem::new("stopped", what, help) }
        .because("the file at hand was finished, so none is half written")
}

/// The problem of a file that was not reached.
pub(super) fn not_reached() -> Problem {
    Problem::new(NOT_REACHED, "is not written, since the run was stopped", "run the same command again")
}

fn unrecorded(error: &Error) -> Applied {
    let what = format!("nothing was written: the run cannot be recorded: {error}");
    let help = "free space, or make the git directory writable; outside of git, set XDG_STATE_HOME";
    let problem = Problem::new("unrecorded", what, help)
        .because("what is not recorded could not be taken back by `samwire undo`");
    Applied::refused(problem, Exit::Failed)
}

fn unmarked_problem(error: &Error, files: &[FileReport]) -> Problem {
    let what = format!("the record of the run cannot be finished: {error}");
    let written = files.iter().filter(|file| file.status == Status::Changed && file.real.is_some()).count();
    let problem = Problem::new("unrecorded", what, "free space; `samwire undo` works all the same");
    if written == 0 {
        return problem
            .because("no file is written, but the record of what was to be written is still there");
    }
    problem.because("how to take back what is written is recorded, but not that the run ended")
}

/// The problem of a file that could not be written.
pub(super) fn not_written(error: &WriteError) -> Problem {
    let what = error.to_string();
    match error {
        WriteError::Changed => {
            Problem::new("changed-since-read", what, "run again; the file is as it was found")
                .because("writing now would undo somebody's change")
        }
        WriteError::ReadOnly => Problem::new("unwritable", what, "make the file writable, then run again")
            .because("somebody has protected it"),
        WriteError::HardLinked(_) => {
            let help = "part the names first, by copying the file and renaming the copy over it";
            Problem::new("unwritable", what, help)
                .because("a file is replaced as a whole, and its other names would keep the old content")
        }
        WriteError::Link => {
            Problem::new("changed-since-read", what, "run again; the file is as it was found")
                .because("the bytes would land in another file than the one that was read")
        }
        WriteError::NotRegular => {
            Problem::new("unwritable", what, "name a regular file, or use `fix -` for a stream")
                .because("only a regular file can be replaced in one step")
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
    use crate::report::samples;

    #[test]
    fn a_stopped_run_says_what_is_written_and_what_is_not() {
        let file = |status, problem| FileReport {
            real: Some("/t.yaml".into()),
            problem,
            ..FileReport { status, ..samples::file(Vec::new()) }
        };
        let files = [file(Status::Changed, None), file(Status::Failed, Some(not_reached()))];
        let problem = stop(&files, Signal::Interrupt);
        assert_eq!(problem.what, "stopped by SIGINT: 1 written, 1 not");
        assert_eq!(problem.list, ["t.yaml: not written"]);
        assert!(problem.help.unwrap().contains("`samwire undo` takes back the 1;"));
    }
}

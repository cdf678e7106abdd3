//! Writing what is planned for a repository: into its work tree under a record, or as a commit on a new branch. Either all of
//! a repository is written, or what is missing is known when the run goes on.

use super::repository::Run;
use crate::cli::apply::{not_reached, not_written};
use crate::io::{
    self, Branch, Change, FileMode, Journal, NewContent, Outcome, Pause, Repository, StateDir, Unwritable,
    Way,
};
use crate::report::{FileReport, Planned, Problem, Status};
use std::fmt::Display;
use std::path::Path;

/// Id of the problem that files hold changes that are not committed.
const UNCOMMITTED: &str = "uncommitted";

/// What was written where.
#[derive(Debug, Default)]
pub(super) struct Wrote {
    /// The branch that holds it, and its commit; none where it was written into the work tree.
    pub(super) commit: Option<(String, String)>,
}

/// The files that would change and hold changes that are not committed.
pub(super) fn dirty(repository: &Repository, files: &[FileReport]) -> Result<Vec<String>, Problem> {
    let paths: Vec<&Path> = files.iter().filter(is_target).map(|file| file.path.as_path()).collect();
    if paths.is_empty() || repository.is_bare() {
        return Ok(Vec::new());
    }
    let dirty = repository
        .uncommitted(&paths)
        .map_err(|error| Problem::new(error.id(), error.to_string(), error.help()))?;
    Ok(dirty.iter().map(|path| path.display().to_string()).collect())
}

/// Writes what is within consent. `modes` has what git keeps beside each file, and `message` is the text of the commit.
pub(super) fn write(
    run: &Run,
    repository: &Repository,
    files: &mut [FileReport],
    modes: &[FileMode],
    dirty: &[String],
    message: &str,
) -> Result<Wrote, Problem> {
    if let [first, others @ ..] = dirty {
        let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
        let what = format!("changes are not committed: {first}{more}");
        return Err(Problem::new(UNCOMMITTED, what, "commit or stash them first")
            .because("they could not be told apart from ours afterwards"));
    }
    if let Some(operation) = repository.operation {
        let what = format!("`{}` is not finished", operation.command());
        return Err(Problem::new("in-progress", what, "finish it or give it up first")
            .because("what HEAD names in the middle of it is no place to go on from"));
    }
    match &run.branch {
        Some(name) => commit(repository, files, modes, name, message),
        None => in_place(run, repository, files),
    }
}

/// Whether a file is to be written.
fn is_target(file: &&FileReport) -> bool {
    texts(file).is_some()
}

/// The text before and after, of a file that is to be written.
fn texts(report: &FileReport) -> Option<(&str, &str)> {
    let Planned { source, after, .. } = report.planned.as_ref()?;
    let after = after.as_deref().filter(|_| report.status == Status::WouldChange)?;
    Some((source.text(), after))
}

fn commit(
    repository: &Repository,
    files: &mut [FileReport],
    modes: &[FileMode],
    name: &str,
    message: &str,
) -> Result<Wrote, Problem> {
    let change = |(file, mode): (&'_ FileReport, &FileMode)| {
        let (_, after) = texts(file)?;
        Some((file.path.clone(), *mode, after.to_owned()))
    };
    let changes: Vec<_> = files.iter().zip(modes).filter_map(change).collect();
    let changes: Vec<NewContent<'_>> = changes
        .iter()
        .map(|(path, mode, after)| NewContent { path, mode: *mode, bytes: after.as_bytes() })
        .collect();
    let committed = repository
        .commit_on_branch(&Branch { name, message, changes: &changes })
        .map_err(|error| Problem::new(error.id(), error.to_string(), error.help()))?;
    for file in files.iter_mut().filter(|file| is_target(&&**file)) {
        file.status = Status::Changed;
    }
    Ok(Wrote { commit: Some((name.to_owned(), committed.commit)) })
}

fn in_place(run: &Run, repository: &Repository, files: &mut [FileReport]) -> Result<Wrote, Problem> {
    if let Some(reason) = repository.unwritable() {
        return Err(Problem::new(reason.id(), reason.to_string(), reason.help()));
    }
    let journal = journal(repository)?;
    let paths: Vec<_> =
        files.iter().filter(is_target).map(|file| repository.root().join(&file.path)).collect();
    let texts = files.iter().filter_map(texts);
    let changes: Vec<Change<'_>> = paths
        .iter()
        .zip(texts)
        .map(|(path, (before, after))| Change { path, before: before.as_bytes(), after: after.as_bytes() })
        .collect();
    // A repository is finished or not begun, whoever asks to stop meanwhile.
    let batch = io::write_all(&journal, super::VERSION, &command(&run.id), &changes, Pause::AtTheEnd)
        .map_err(|error| unrecorded(&error))?;
    let targets = files.iter_mut().filter(|file| is_target(&&**file));
    for (file, outcome) in targets.zip(batch.outcomes) {
        (file.status, file.problem) = match outcome {
            Outcome::Written => (Status::Changed, None),
            Outcome::Failed(error) => (Status::Failed, Some(not_written(&error))),
            Outcome::NotReached => (Status::Failed, Some(not_reached())),
        };
    }
    Ok(Wrote::default())
}

/// Takes back what the run wrote here before it was killed, so that it is planned and reported as a whole.
pub(super) fn take_back(repository: &Repository, id: &str) -> Result<(), Problem> {
    // Through links nothing was written, so there is nothing to take back.
    if repository.is_bare() || matches!(repository.unwritable(), Some(Unwritable::LinkedGitDir(_))) {
        return Ok(());
    }
    let journal = journal(repository)?;
    let runs = journal.runs().map_err(|error| unrecorded(&error))?;
    let ours = command(id);
    let Some(run) = runs.iter().find(|run| run.command == ours && run.state != io::RunState::Undone) else {
        return Ok(());
    };
    if let Some(reason) = repository.unwritable() {
        return Err(Problem::new(reason.id(), reason.to_string(), reason.help()));
    }
    let found = io::look_back(&runs, run);
    let stays = found.iter().find_map(|file| match &file.way {
        Way::Stays(refused) => Some(format!("{} {refused}", file.path.display())),
        _ => None,
    });
    let fail = |what: String| {
        Problem::new("half-done", what, "see `samwire undo --list` there")
            .because("what an earlier part of this run wrote here could not be taken back")
    };
    if let Some(stays) = stays {
        return Err(fail(stays));
    }
    let undone = io::take_back(&journal, run.clone(), &found, Pause::AtTheEnd)
        .map_err(|error| fail(error.to_string()))?;
    match undone.outcomes.into_iter().find_map(Result::err) {
        Some(error) => Err(fail(error.to_string())),
        None => Ok(()),
    }
}

/// What stands for the run in the records of repositories.
fn command(id: &str) -> String {
    format!("samwire bulk --write (run {id})")
}

fn journal(repository: &Repository) -> Result<Journal, Problem> {
    StateDir::of(repository.root()).map(Journal::confined).map_err(|error| unrecorded(&error))
}

fn unrecorded(error: &dyn Display) -> Problem {
    let what = format!("nothing was written: the run cannot be recorded: {error}");
    Problem::new("unrecorded", what, "free space, or make the git directory writable")
        .because("what is not recorded could not be taken back")
}

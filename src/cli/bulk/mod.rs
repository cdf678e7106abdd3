//! `bulk`: the same for many repositories. Finds them, has each done by itself, notes each that is finished, and at the end
//! reports on all.

mod args;
mod consent;
mod crew;
mod directory;
mod repositories;
mod repository;
mod summary;
mod watch;
mod writing;

pub(super) use super::VERSION;
pub(super) use args::{BulkArgs, EXAMPLES};

use super::definitions::Definitions;
use super::exit::Exit;
use super::run::Fatal;
use super::terminal::Terminal;
use super::words::Words;
use crate::bulk::{Listed, Message};
use crate::config::{FailOn, IgnoreRule};
use crate::io::{self, BranchNameError, Signal, Stop, Surroundings};
use crate::report::{Problem, lexical};
use consent::OfRun;
use directory::Directory;
use repositories::Repositories;
use repository::Run;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use watch::{Look, Watch};

/// Runs `bulk`. `words` is the command line.
pub(super) fn run(args: &BulkArgs, words: Words) -> Exit {
    let terminal = Terminal::observe(args.colour.color);
    try_run(args, words, terminal).unwrap_or_else(|fatal| fatal.tell(terminal))
}

fn try_run(args: &BulkArgs, words: Words, terminal: Terminal) -> Result<Exit, Fatal> {
    if let Some(name) = &args.branch {
        io::check_branch_name(name).map_err(|error| branch_problem(&error))?;
    }
    let message = args.message.as_deref().map_or_else(|| Ok(Message::default()), message)?;
    let surroundings = Surroundings::observe().map_err(|error| {
        Problem::new("usage", format!("the current directory: {error}"), "change to a directory that exists")
    })?;
    let definitions = Definitions::load(&args.plan.definitions)?;
    let current = surroundings.current().to_owned();
    let choices = args.plan.choices(None, &definitions, None, |file| Some(lexical(&current.join(file))))?;
    let absolute =
        |rule: &IgnoreRule| IgnoreRule { file: lexical(&current.join(&rule.file)), ..rule.clone() };
    let ignores: Vec<IgnoreRule> = args.plan.ignores.iter().map(absolute).collect();
    let Repositories { listed, places, unsearched } = repositories::gather(args, terminal)?;
    check_place(&args.out, &places, &current)?;
    let shape = [
        choices.digest.as_str(),
        &format!("{:?}", choices.wishes),
        &format!("{:?} {:?} {:?}", args.write, args.branch, args.trust_repo_config),
        &format!("{message:?} {} {:?} {:?}", args.context, args.fail_on, ignores),
    ];
    let mut directory = Directory::open(args, &shape)?;
    let todo = directory.todo(&listed, args.retry_failed)?;
    let stop = Stop::listen().map_err(|error| {
        Problem::new("usage", format!("signals cannot be heeded: {error}"), "run it somewhere else")
    })?;
    let run = Run {
        of_run: OfRun {
            words,
            choices,
            definitions,
            ignores,
            no_config: args.config.no_config,
            max_managed_policies: args.plan.max_managed_policies,
            trusting: args.trust_repo_config,
        },
        surroundings,
        out: args.out.clone(),
        write: args.write,
        branch: args.branch.clone(),
        message,
        context: args.context,
        fail_on: args.fail_on,
        id: directory.id.clone(),
        resumed: args.resume,
    };
    let look = Look { bar: !args.no_progress, quiet: args.quiet };
    let mut watch = Watch::new(listed.len(), listed.len() - todo.len(), &look, terminal);
    if let Some(problem) = work(&run, &todo, workers(args.jobs), &stop, &mut directory, &mut watch) {
        terminal.problem(&problem, None);
        return Ok(Exit::Failed);
    }
    if let Some(signal) = stop.asked() {
        tell_stop(signal, watch.done(), listed.len(), terminal);
        return Ok(signal.into());
    }
    let exit = summary::write(args, directory, terminal)?;
    let never = args.fail_on == Some(FailOn::Never);
    Ok(if unsearched && !never { exit.max(Exit::Failed) } else { exit })
}

/// Does every repository of `todo`. Answers with what made it impossible to go on.
fn work(
    run: &Run,
    todo: &[Listed],
    workers: usize,
    stop: &Stop,
    directory: &mut Directory,
    watch: &mut Watch,
) -> Option<Problem> {
    let shared = Mutex::new((directory, watch));
    let failure: Mutex<Option<Problem>> = Mutex::default();
    crew::each(todo, workers, stop, |listed| {
        // Nothing is changed by halves under the locks, so they are as good behind a panic.
        lock(&shared).1.begin(listed);
        let noted = run.finish(listed).and_then(|row| {
            // What ended us may have ended git, too, so what failed meanwhile is done again when the run goes on.
            if row.status.is_bad() && stop.asked().is_some() {
                return Ok(());
            }
            let (directory, watch) = &mut *lock(&shared);
            watch.finish(&row);
            directory.finish(row)
        });
        match noted {
            Ok(()) => true,
            Err(problem) => {
                lock(&failure).get_or_insert(problem);
                false
            }
        }
    });
    lock(&shared).1.end();
    failure.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn workers(jobs: Option<NonZeroUsize>) -> usize {
    jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, usize::from)
}

/// Reads the text of messages.
fn message(path: &Path) -> Result<Message, Fatal> {
    let fail = |what: String| Fatal {
        problem: Box::new(Problem::new("usage", what, "check what --message names; nothing was done")),
        path: Some(path.to_owned()),
    };
    let bytes = io::read(path).map_err(|error| fail(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| fail("the message is no UTF-8 text".to_owned()))?;
    Message::read(&text).map_err(|error| fail(error.to_string()))
}

fn branch_problem(error: &BranchNameError) -> Fatal {
    let help = match error {
        BranchNameError::Invalid(_) => {
            "see `git help check-ref-format` for what git allows; nothing was done"
        }
        BranchNameError::Git(_) => "install git, version 2.30 or later, and put it into PATH",
    };
    Problem::new("usage", error.to_string(), help).into()
}

/// Refuses a directory for reports that lies in a repository of the run: nothing but templates changes there.
fn check_place(out: &Path, places: &BTreeSet<PathBuf>, current: &Path) -> Result<(), Fatal> {
    let out_real = io::real_path(&current.join(out));
    let Some(place) = out_real.ancestors().find(|folder| places.contains(*folder)) else { return Ok(()) };
    let what = format!("lies in `{}`, which is one of the repositories", place.display());
    let problem = Problem::new("usage", what, "name a directory outside of them with --out")
        .because("nothing is written there but templates");
    Err(Fatal { problem: Box::new(problem), path: Some(out.to_owned()) })
}

/// Tells that the run was stopped.
fn tell_stop(signal: Signal, done: usize, all: usize, terminal: Terminal) {
    let what = format!("stopped by {}: {done} of {all} repositories are finished", signal.name());
    let problem = Problem::new("stopped", what, "the same command with --resume does the rest");
    terminal.problem(&problem.because("those at hand were finished, so none is half done"), None);
}

//! `diff`, `check` and `fix`: from arguments to plans and an exit code. Files are done in parallel and reported in
//! path order, so the output is the same at any number of threads.

use super::apply::{Applied, apply};
use super::args::RunArgs;
use super::baseline;
use super::definitions::Definitions;
use super::exit::{Exit, exit_of};
use super::inputs::{Asked, gather};
use super::process::Job;
use super::reports::{Reports, take_the_place_of_none};
use super::session;
use super::terminal::Terminal;
use crate::config::{self, Format, Settings, Sinks, Verb, Verbosity};
use crate::io::Surroundings;
use crate::report::{FileReport, Problem};
use rayon::prelude::*;
use std::cmp::Reverse;
use std::path::{Path, PathBuf};

/// A problem that ends a run before anything was done.
pub(super) struct Fatal {
    pub(super) problem: Box<Problem>,
    pub(super) path: Option<PathBuf>,
}

impl Fatal {
    /// Tells the problem, and gives the exit code that says so.
    pub(super) fn tell(&self, terminal: Terminal) -> Exit {
        terminal.problem(&self.problem, self.path.as_deref());
        Exit::Usage
    }
}

impl From<Problem> for Fatal {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), path: None }
    }
}

/// Runs one command. `yes` tells that files may be written without asking.
pub(super) fn run(verb: Verb, args: RunArgs, yes: bool) -> Exit {
    let terminal = Terminal::observe(args.colour.color);
    try_run(verb, args, yes, terminal).unwrap_or_else(|fatal| fatal.tell(terminal))
}

fn try_run(verb: Verb, args: RunArgs, yes: bool, terminal: Terminal) -> Result<Exit, Fatal> {
    let asked = Asked::of(&args);
    let stdin = asked.stdin;
    // Standard input alone writes to no file, so there is nothing to agree to.
    let asks = verb == Verb::Fix && !yes && asked.has_files(&args);
    if asks && (stdin || !session::possible(terminal)) {
        return Err(Problem::new(
            "needs-yes",
            "`fix` asks before it writes, and nobody is there to answer",
            "see what would change with `samwire diff`, then run `samwire fix --yes`",
        )
        .because("standard input and output are not both a terminal, or `CI` is set")
        .into());
    }
    if asks && (args.add_ignore.is_some() || !args.plan.mend.is_empty()) {
        let help =
            "see what would change with `samwire diff` and the same options, then run `samwire fix --yes`";
        return Err(Problem::new("usage", "the session asks about rewrites only", help)
            .because("--add-ignore and --mend are for whole files")
            .into());
    }
    if args.write_baseline && verb == Verb::Fix {
        let help = "write it with `samwire check --baseline FILE --write-baseline`";
        return Err(Problem::new("usage", "`fix` writes no baseline", help).into());
    }
    let definitions = Definitions::load(&args.plan.definitions)?;
    let mut looked = look(verb, &args, &definitions, terminal)?;
    take_the_place_of_none(&looked.settings.sinks, &looked.files)?;
    if let Some(path) = args.baseline.as_deref().filter(|_| args.write_baseline) {
        return baseline::write(path, &looked, terminal);
    }
    let applied = match verb {
        Verb::Fix if asks => match session::refusal(&looked, &args) {
            Some(problem) => Applied::refused(problem, Exit::Usage),
            None => return session::run(looked, &args, definitions.catalog(), terminal),
        },
        Verb::Fix => apply(&mut looked.files, &args.guard, &looked.surroundings),
        Verb::Diff | Verb::Check => Applied::default(),
    };
    // What may not be written is shown all the same.
    let verb = if applied.refused { Verb::Diff } else { verb };
    if applied.refused {
        looked.settings.sinks = sinks(verb, &args, stdin)?;
    }
    let exit = exit_of(verb, &looked.files, looked.unsearched, looked.settings.fail_on);
    let exit = applied.exit(exit, looked.settings.fail_on);
    let reports = Reports {
        verb,
        settings: &looked.settings,
        files: &looked.files,
        surroundings: &looked.surroundings,
        terminal,
        exit,
    };
    let written = reports.write(stdin && verb == Verb::Fix);
    if applied.recorded && looked.settings.sinks.iter().any(|(format, _)| *format == Format::Text) {
        terminal.err(b"`samwire undo` takes this back\n");
    }
    if let Some((problem, _)) = &applied.problem {
        terminal.problem(problem, None);
    }
    Ok(if written { exit } else { exit.max(Exit::Failed) })
}

/// What a run found, file by file.
pub(super) struct Looked {
    pub(super) settings: Settings,
    pub(super) surroundings: Surroundings,
    /// The reports on all files, in path order.
    pub(super) files: Vec<FileReport>,
    /// Whether some directory could not be searched.
    pub(super) unsearched: bool,
}

/// Plans everything that the arguments name.
pub(super) fn look(
    verb: Verb,
    args: &RunArgs,
    definitions: &Definitions,
    terminal: Terminal,
) -> Result<Looked, Fatal> {
    let stdin = Asked::of(args).stdin;
    let settings = settings(verb, args, definitions, stdin && verb == Verb::Fix)?;
    let surroundings = Surroundings::observe().map_err(|error| {
        Problem::new("usage", format!("the current directory: {error}"), "change to a directory that exists")
    })?;
    let surroundings = surroundings.naming(&args.paths);
    let mut inputs = gather(args, terminal)?;
    // The largest first, so that no thread is left alone with it at the end.
    inputs.all.sort_by_cached_key(|input| Reverse(input.size()));
    let job = Job { verb, choices: &settings.choices, surroundings: &surroundings, definitions };
    let mut files = in_parallel(args.jobs.map(usize::from), || {
        inputs.all.into_par_iter().filter_map(|input| job.report(input)).collect::<Vec<_>>()
    })?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Looked { settings, surroundings, files, unsearched: inputs.unsearched })
}

pub(super) fn in_parallel<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, Fatal> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0)).build();
    let pool = pool.map_err(|error| {
        Problem::new("usage", format!("threads cannot be started: {error}"), "ask for fewer with -j")
    })?;
    Ok(pool.install(work))
}

fn settings(
    verb: Verb,
    args: &RunArgs,
    definitions: &Definitions,
    stdout_taken: bool,
) -> Result<Settings, Fatal> {
    let verbosity = match (args.quiet, args.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let sinks = sinks(verb, args, stdout_taken)?;
    let baseline = match &args.baseline {
        Some(path) if !args.write_baseline => Some(baseline::read(path)?),
        _ => None,
    };
    let resolve = |file: &Path| file.canonicalize().ok();
    let choices = args.plan.choices(args.add_ignore.as_deref(), definitions, baseline, resolve)?;
    Ok(Settings {
        choices,
        sinks,
        context: args.context,
        verbosity,
        fail_on: args.fail_on,
        repo: args.repo.clone(),
    })
}

/// Where the reports of a run go.
fn sinks(verb: Verb, args: &RunArgs, stdout_taken: bool) -> Result<Sinks, Problem> {
    let mut sinks = config::assign(verb, &args.format, stdout_taken)
        .map_err(|error| Problem::new("usage", error.to_string(), "see `samwire --help` under Output"))?;
    if args.quiet && args.format.is_empty() {
        sinks.retain(|(format, _)| *format != Format::Text);
    }
    Ok(sinks)
}

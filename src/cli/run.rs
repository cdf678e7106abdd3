//! `diff`, `check` and `fix`: from arguments to plans and an exit code. Files are done in parallel and reported in
//! path order, so the output is the same at any number of threads.

use super::apply::{Applied, apply};
use super::args::{COMMANDS, RunArgs, To};
use super::definitions::Definitions;
use super::exit::{Exit, exit_of};
use super::process::{Input, Job};
use super::reports::Reports;
use super::session;
use super::terminal::Terminal;
use crate::catalog::nearest;
use crate::config::{self, Format, Settings, Sinks, Verb, Verbosity};
use crate::iam::ActionPattern;
use crate::io::{self, Surroundings};
use crate::plan::{Answers, Consent, Direction, Options, Phase, Rest, Selection};
use crate::report::{FileReport, Problem};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// A problem that ends a run before anything was done.
pub(super) struct Fatal {
    pub(super) problem: Box<Problem>,
    pub(super) path: Option<PathBuf>,
}

impl From<Problem> for Fatal {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), path: None }
    }
}

/// Runs one command. `yes` tells that files may be written without asking.
pub(super) fn run(verb: Verb, args: RunArgs, yes: bool) -> Exit {
    let terminal = Terminal::observe(args.colour.color);
    match try_run(verb, args, yes, terminal) {
        Ok(exit) => exit,
        Err(fatal) => {
            terminal.problem(&fatal.problem, fatal.path.as_deref());
            Exit::Usage
        }
    }
}

fn try_run(verb: Verb, args: RunArgs, yes: bool, terminal: Terminal) -> Result<Exit, Fatal> {
    let (stdin, paths) = inputs(&args);
    // Standard input alone writes to no file, so there is nothing to agree to.
    let asks = verb == Verb::Fix && !yes && !paths.is_empty();
    if asks && (stdin || !session::possible(terminal)) {
        return Err(Problem::new(
            "needs-yes",
            "`fix` asks before it writes, and nobody is there to answer",
            "see what would change with `samwire diff`, then run `samwire fix --yes`",
        )
        .because("standard input and output are not both a terminal, or `CI` is set")
        .into());
    }
    let definitions = Definitions::load(&args.definitions)?;
    let mut looked = look(verb, &args, &definitions, terminal)?;
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
        catalog: definitions.catalog(),
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

/// Whether standard input is asked for, and the paths beside it; without either it is the current directory.
fn inputs(args: &RunArgs) -> (bool, Vec<PathBuf>) {
    let (streams, mut paths): (Vec<PathBuf>, Vec<PathBuf>) =
        args.paths.iter().cloned().partition(|path| path.as_os_str() == "-");
    if paths.is_empty() && streams.is_empty() {
        paths.push(PathBuf::from("."));
    }
    (!streams.is_empty(), paths)
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
    let (stdin, paths) = inputs(args);
    if args.stdin_filename.is_some() && !stdin {
        let help = "give `-` as a path to read a template from standard input";
        return Err(Problem::new("usage", "--stdin-filename without `-`", help).into());
    }
    let settings = settings(verb, args, definitions, stdin && verb == Verb::Fix)?;
    let surroundings = Surroundings::observe().map_err(|error| {
        Problem::new("usage", format!("the current directory: {error}"), "change to a directory that exists")
    })?;
    let found = io::find(&paths).map_err(|missing| no_such_path(&missing))?;
    for problem in &found.problems {
        let told = Problem::new(
            "unreadable",
            format!("cannot be searched: {}", problem.error),
            "check its permissions; the rest was done",
        );
        terminal.problem(&told, Some(&problem.path));
    }
    let mut inputs: Vec<Input> = found.candidates.into_iter().map(Input::File).collect();
    if stdin {
        let name = args.stdin_filename.clone().unwrap_or_else(|| PathBuf::from("stdin"));
        inputs.push(Input::Stdin { name, bytes: io::read_stdin() });
    }
    let catalog = definitions.catalog();
    let job = Job { verb, settings: &settings, surroundings: &surroundings, catalog };
    let mut files = in_parallel(args.jobs.map(usize::from), || {
        inputs.into_par_iter().filter_map(|input| job.report(input)).collect::<Vec<_>>()
    })?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Looked { settings, surroundings, files, unsearched: !found.problems.is_empty() })
}

pub(super) fn in_parallel<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, Fatal> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0)).build();
    let pool = pool.map_err(|error| {
        Problem::new("usage", format!("threads cannot be started: {error}"), "ask for fewer with -j")
    })?;
    Ok(pool.install(work))
}

pub(super) fn no_such_path(missing: &[PathBuf]) -> Fatal {
    let path = missing.first().cloned().unwrap_or_default();
    let known = path.to_str().and_then(|word| nearest(word, COMMANDS));
    let help = match known {
        Some(command) => {
            format!("did you mean `samwire {command}`? For a path of that name write `./{}`", path.display())
        }
        None if missing.len() > 1 => {
            format!("{} more paths do not exist; nothing was done", missing.len() - 1)
        }
        None => "check the path; nothing was done".to_owned(),
    };
    Fatal { problem: Box::new(Problem::new("usage", "no such file or directory", help)), path: Some(path) }
}

/// The actions in use that a file lists.
fn actions(path: &Path) -> Result<Vec<ActionPattern>, Fatal> {
    let help = "give a file with one action on each line, or an IAM policy in JSON; nothing was done";
    let fail = |what: String| Fatal {
        problem: Box::new(Problem::new("usage", what, help)),
        path: Some(path.to_owned()),
    };
    let bytes =
        io::read(path).map_err(|error| fail(format!("the list of actions cannot be read: {error}")))?;
    let text =
        String::from_utf8(bytes).map_err(|_| fail("the list of actions is no UTF-8 text".to_owned()))?;
    config::used_actions(&text).map_err(|error| fail(format!("this is no list of actions: {error}")))
}

fn settings(
    verb: Verb,
    args: &RunArgs,
    definitions: &Definitions,
    stdout_taken: bool,
) -> Result<Settings, Fatal> {
    if matches!(args.to, To::Policies) && args.phase != Phase::Both {
        let help = "leave `--phase` out: the role has the policy before the connector's own is deleted, so there is no gap";
        return Err(Problem::new("usage", "`--to policies` has one phase only", help).into());
    }
    let plan = Options {
        direction: match args.to {
            To::Connectors => Direction::Connectors,
            To::Policies => Direction::Policies,
        },
        form: args.form,
        policy_form: args.policy_form,
        prefer_templates: args.prefer_templates,
        used_actions: args.actions.as_deref().map(actions).transpose()?,
        phase: args.phase,
        rest: if args.drop_rest { Rest::Drop } else { Rest::Keep },
        partial: args.partial,
        external: args.external,
        infer_destinations: args.infer_destinations,
        consent: Consent {
            add: args.accept_add.clone(),
            remove: args.accept_remove.clone(),
            any: args.accept.is_some(),
            strict: args.strict,
        },
        answers: match &args.decisions {
            Some(path) => answers(&session::decisions(path)?),
            None => Answers::default(),
        },
        select: Selection {
            only: args.only.clone(),
            skip: args.skip.clone(),
            sources: args.source.clone(),
            destinations: args.destination.clone(),
        },
        max_managed_policies: args.max_managed_policies,
        partition: args.partition,
    };
    let verbosity = match (args.quiet, args.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let sinks = sinks(verb, args, stdout_taken)?;
    let catalog = definitions.catalog();
    for ids in [&args.only, &args.skip] {
        config::check_ids(ids, catalog)
            .map_err(|error| Problem::new("usage", error.to_string(), "`samwire list` shows the profiles"))?;
    }
    let digest = config::digest(&plan, &definitions.files);
    Ok(Settings {
        plan,
        sinks,
        context: args.context,
        verbosity,
        fail_on: args.fail_on,
        repo: args.repo.clone(),
        digest,
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

/// The answers that hold for every file.
fn answers(decisions: &config::AnswersFile) -> Answers {
    let mut answers = Answers::default();
    for record in decisions.answers.iter().filter(|record| record.file.is_none()) {
        answers.set(&record.fingerprint, record.answer);
    }
    answers
}

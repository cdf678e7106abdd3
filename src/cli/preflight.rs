//! `preflight`: reads the policy of the deployer, judges each template by it as it is and as its plan would make it, and
//! tells what is missing.

use super::args::PreflightArgs;
use super::definitions::Definitions;
use super::engine;
use super::exit::{Exit, TOOL_BUG};
use super::process::Refusal;
use super::run::{Fatal, Looked, in_parallel, look};
use super::terminal::Terminal;
use crate::catalog::Catalog;
use crate::check::{self, DeployerPolicy, Preflight, Side};
use crate::config::{FailOn, Format, Sink, Verb, Verbosity};
use crate::io;
use crate::report::{
    FileReport, Paint, Planned, PreflightFacts, PreflightReport, Problem, Status, write_preflight,
    write_preflight_json,
};
use crate::text::Source;
use rayon::prelude::*;
use std::path::Path;

/// Runs `preflight`.
pub(super) fn run(args: &PreflightArgs) -> Exit {
    let terminal = Terminal::observe(args.run.colour.color);
    try_run(args, terminal).unwrap_or_else(|fatal| fatal.tell(terminal))
}

fn try_run(args: &PreflightArgs, terminal: Terminal) -> Result<Exit, Fatal> {
    let told = |format: Format| matches!(format, Format::Text | Format::Json);
    if let Some(output) = args.run.format.iter().find(|output| !told(output.format)) {
        let what = format!("`preflight` does not write {}", output.format.as_str());
        let help = "ask for text or json; the other formats are for `samwire check` and `samwire diff`";
        return Err(Problem::new("usage", what, help).into());
    }
    let policy = policy(&args.deployer_policy)?;
    let definitions = Definitions::load(&args.run.plan.definitions)?;
    let looked = look(Verb::Check, &args.run, &definitions, terminal)?;
    let Looked { settings, files, unsearched, .. } = looked;
    let catalog = definitions.catalog();
    let reports = in_parallel(args.run.jobs.map(usize::from), || {
        files.into_par_iter().map(|file| report(file, catalog, &policy)).collect::<Vec<_>>()
    })?;
    for problem in reports.iter().filter(|file| file.status == Status::Failed) {
        if let Some(told) = &problem.problem {
            terminal.problem(told, Some(&problem.path));
        }
    }
    let mut exit = exit_of(&reports, unsearched, settings.fail_on);
    let facts = PreflightFacts {
        version: super::VERSION,
        transforms: Catalog::version(),
        policy: &args.deployer_policy,
        exit: exit as u8,
    };
    for (format, sink) in &settings.sinks {
        let verbose = settings.verbosity == Verbosity::Verbose;
        if let Err((what, path)) = emit(*format, sink, &reports, terminal, verbose, facts) {
            let help = "the report is incomplete; check the place it goes to";
            terminal.problem(&Problem::new("unwritable", what, help), path);
            exit = exit.max(Exit::Failed);
        }
    }
    Ok(exit)
}

/// The policy in a file. Whatever is wrong with it stops the run: nothing could be judged by a part of it.
fn policy(path: &Path) -> Result<DeployerPolicy, Fatal> {
    let fatal = |problem: Problem| Fatal { problem: Box::new(problem), path: Some(path.to_owned()) };
    let help = "check what --deployer-policy names; nothing was done";
    let bytes = io::read(path).map_err(|error| fatal(Problem::new("usage", error.to_string(), help)))?;
    let source =
        Source::new(path, bytes).map_err(|error| fatal(Problem::new("usage", error.to_string(), help)))?;
    DeployerPolicy::read(source).map_err(|error| {
        let problem = Problem::new("usage", error.what, error.help).because(error.why);
        fatal(Problem { at: Some(error.at), ..problem })
    })
}

fn report(file: FileReport, catalog: &Catalog, policy: &DeployerPolicy) -> PreflightReport {
    let FileReport { path, status, problem, planned, .. } = file;
    let Some(Planned { source, after, .. }) = planned else {
        return PreflightReport { path, status, problem, answer: None };
    };
    match engine::guarded(&path, || answer(source, after, catalog, policy)) {
        Ok(answer) => PreflightReport { path, status, problem, answer: Some(answer) },
        Err(Refusal::Failed(problem) | Refusal::Skipped(problem)) => {
            PreflightReport { path, status: Status::Failed, problem: Some(problem), answer: None }
        }
    }
}

fn answer(
    source: Source,
    after: Option<String>,
    catalog: &Catalog,
    policy: &DeployerPolicy,
) -> Result<Preflight, Refusal> {
    let parse = engine::parse;
    let path = source.path().to_owned();
    let after = match after.map(|text| Source::new(path, text.into_bytes())) {
        None => None,
        Some(Ok(after)) => Some(parse(after)?),
        Some(Err(error)) => return Err(Refusal::Failed(engine::tool_bug(&error.to_string()))),
    };
    Ok(check::preflight(&parse(source)?, after.as_ref(), catalog, policy))
}

/// What a run comes to. Missing actions are a finding; limits count with what is held back, and what cannot be judged
/// with what is skipped. Rewrites that could be made are no news here.
fn exit_of(reports: &[PreflightReport], unsearched: bool, fail_on: Option<FailOn>) -> Exit {
    let is_bug = |file: &PreflightReport| file.problem.as_ref().is_some_and(|problem| problem.id == TOOL_BUG);
    let has = |status: Status| reports.iter().any(|file| file.status == status);
    let level = fail_on.unwrap_or(FailOn::Finding);
    if reports.iter().any(is_bug) {
        return Exit::ToolBug;
    }
    if level == FailOn::Never {
        return Exit::Clean;
    }
    if unsearched || has(Status::Failed) {
        return Exit::Failed;
    }
    let sides = || reports.iter().filter_map(|file| file.answer.as_ref()).flat_map(Preflight::sides);
    let reported = (level >= FailOn::Finding && sides().any(|side| !side.missing.is_empty()))
        || (level >= FailOn::Held && sides().any(|side| !side.limited.is_empty()))
        || (level >= FailOn::Skipped && (has(Status::Skipped) || sides().any(Side::is_incomplete)));
    if reported { Exit::Reported } else { Exit::Clean }
}

fn emit<'s>(
    format: Format,
    sink: &'s Sink,
    reports: &[PreflightReport],
    terminal: Terminal,
    verbose: bool,
    facts: PreflightFacts<'_>,
) -> Result<(), (String, Option<&'s Path>)> {
    let paint = match sink {
        Sink::Stdout => terminal.stdout,
        Sink::Stderr => terminal.stderr,
        Sink::File(_) => Paint::PLAIN,
    };
    let mut bytes = Vec::new();
    match format {
        Format::Json => write_preflight_json(&mut bytes, reports, facts),
        _ => write_preflight(&mut bytes, reports, paint, verbose),
    }
    .map_err(|error| (error.to_string(), None))?;
    match sink {
        Sink::Stdout => terminal.out(&bytes).map_err(|error| (error.to_string(), None)),
        Sink::Stderr => {
            terminal.err(&bytes);
            Ok(())
        }
        Sink::File(path) => {
            io::write_report(path, &bytes).map_err(|error| (error.to_string(), Some(path.as_path())))
        }
    }
}

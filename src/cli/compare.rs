//! `compare`: what a change of templates means for permissions, and whether that is accepted.

use super::args::{CONSENT, ColourArgs, ConfigArgs, DefinitionArgs, EXIT, LIMITS, OUTPUT};
use super::definitions::Definitions;
use super::engine;
use super::exit::{Exit, TOOL_BUG};
use super::gather::{NO_TRANSFORM, no_transform};
use super::grants::emit;
use super::process::Refusal;
use super::run::Fatal;
use super::terminal::Terminal;
use super::values::{fail_on, partition};
use super::versions::{Pair, operand, pairs};
use crate::analysis::Partition;
use crate::catalog::Catalog;
use crate::check::{TemplateComparison, compare_templates};
use crate::config::{ComparisonFormat, FailOn, Placed, Sink, place};
use crate::iam::ConsentPattern;
use crate::plan::Consent;
use crate::report::{
    ComparisonFacts, ComparisonReport, Paint, Problem, Status, write_comparison_json,
    write_comparison_markdown, write_comparison_text,
};
use crate::syntax::Document;
use crate::template::Template;
use crate::text::Source;
use std::path::PathBuf;

/// Options of `compare`.
#[derive(Debug, clap::Args)]
pub(super) struct CompareArgs {
    /// The earlier version: a file, a folder, REV:path of git (:path for what is staged), or `-`
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The later version
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Permissions that may be added, such as dynamodb:PartiQL* or lambda:InvokeFunction@${Pricing.Arn}
    #[arg(long, value_name = "PATTERN,…", value_delimiter = ',', help_heading = CONSENT)]
    accept_add: Vec<ConsentPattern>,
    /// Whether a literal `arn:aws:` is the partition deployed to, or one of several
    #[arg(long, value_name = "WHICH", value_parser = partition(), default_value = "aws", help_heading = LIMITS)]
    partition: Partition,
    /// Write text, json or markdown, to standard output or FILE; repeatable
    #[arg(long, value_name = "FMT[=FILE]", help_heading = OUTPUT)]
    format: Vec<Placed<ComparisonFormat>>,
    #[command(flatten)]
    colour: ColourArgs,
    /// Tell inert pairs too, and what came or went without a meaning for permissions
    #[arg(long, short, help_heading = OUTPUT)]
    verbose: bool,
    /// With `never`: exit with 0 whatever is found
    #[arg(long, value_name = "LEVEL", value_parser = fail_on(), hide_possible_values = true, help_heading = EXIT)]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    definitions: DefinitionArgs,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs `compare`.
pub(super) fn run(args: &CompareArgs) -> Exit {
    let terminal = Terminal::observe(args.colour.color);
    try_run(args, terminal).unwrap_or_else(|fatal| fatal.tell(terminal))
}

fn try_run(args: &CompareArgs, terminal: Terminal) -> Result<Exit, Fatal> {
    let sinks = place(&args.format).map_err(|error| {
        Problem::new("usage", error.to_string(), "see `samwire compare --help` under Output")
    })?;
    if args.old.as_os_str() == "-" && args.new.as_os_str() == "-" {
        return Err(
            Problem::new("usage", "both versions cannot come by standard input", "name one of them").into()
        );
    }
    let definitions = Definitions::load(&args.definitions)?;
    let catalog = definitions.catalog();
    let pairs = pairs(operand(&args.old)?, operand(&args.new)?)?;
    let consent = Consent { add: args.accept_add.clone(), ..Consent::default() };
    let reports: Vec<ComparisonReport> =
        pairs.into_iter().filter_map(|pair| report(pair, catalog, &consent, args.partition)).collect();
    for report in &reports {
        if let Some(problem) = &report.problem {
            terminal.problem(problem, Some(&report.path));
        }
    }
    let mut exit = exit_of(&reports, args.fail_on);
    let (old, new) = (args.old.to_string_lossy(), args.new.to_string_lossy());
    let facts = ComparisonFacts {
        version: super::VERSION,
        transforms: Catalog::version(),
        old: &old,
        new: &new,
        exit: exit as u8,
    };
    for (format, sink) in &sinks {
        let paint = if *sink == Sink::Stdout { terminal.stdout } else { Paint::PLAIN };
        let mut bytes = Vec::new();
        let rendered = match format {
            ComparisonFormat::Text => write_comparison_text(&mut bytes, &reports, paint, args.verbose),
            ComparisonFormat::Json => write_comparison_json(&mut bytes, &reports, facts),
            ComparisonFormat::Markdown => write_comparison_markdown(&mut bytes, &reports),
        };
        if !emit(rendered.map(|()| bytes), sink, terminal) {
            exit = exit.max(Exit::Failed);
        }
    }
    Ok(exit)
}

/// The report on one template; `None` for a file of a folder that is no SAM template in either version.
fn report(
    pair: Pair,
    catalog: &Catalog,
    consent: &Consent,
    partition: Partition,
) -> Option<ComparisonReport> {
    let Pair { path, before, after, named } = pair;
    let failed = |problem: Problem| ComparisonReport {
        path: path.clone(),
        status: Status::Failed,
        problem: Some(problem),
        before: None,
        after: None,
        answer: None,
    };
    let both = before.and_then(|before| Ok((before, after?)));
    let (before, after) = match both {
        Ok(both) => both,
        Err(Refusal::Failed(problem) | Refusal::Skipped(problem)) => return Some(failed(problem)),
    };
    let answer =
        engine::guarded(&path, || answer(before.as_ref(), after.as_ref(), catalog, consent, partition));
    match answer {
        Ok(answer) => Some(ComparisonReport {
            path,
            status: Status::Unchanged,
            problem: None,
            before,
            after,
            answer: Some(answer),
        }),
        Err(Refusal::Skipped(problem)) if !named && problem.id == NO_TRANSFORM => None,
        Err(Refusal::Failed(problem) | Refusal::Skipped(problem)) => Some(failed(problem)),
    }
}

fn answer(
    before: Option<&Source>,
    after: Option<&Source>,
    catalog: &Catalog,
    consent: &Consent,
    partition: Partition,
) -> Result<TemplateComparison, Refusal> {
    let parse = |source: &Source| engine::parse(source.clone());
    let (before, after) = (before.map(parse).transpose()?, after.map(parse).transpose()?);
    // A template may have been SAM's in one version only: its roles and policies mean the same without the transform.
    let is_sam = |doc: &Document| Template::view(doc).is_sam();
    if !before.iter().chain(&after).any(is_sam) {
        return Err(no_transform());
    }
    Ok(compare_templates(before.as_ref(), after.as_ref(), catalog, consent, partition))
}

/// Wider, mixed and unknown fail, apart from what was accepted.
fn exit_of(reports: &[ComparisonReport], fail_on: Option<FailOn>) -> Exit {
    let bug =
        |report: &ComparisonReport| report.problem.as_ref().is_some_and(|problem| problem.id == TOOL_BUG);
    if reports.iter().any(bug) {
        Exit::ToolBug
    } else if fail_on == Some(FailOn::Never) {
        Exit::Clean
    } else if reports.iter().any(|report| report.status == Status::Failed) {
        Exit::Failed
    } else if reports.iter().any(|report| report.answer.as_ref().is_some_and(|answer| answer.beyond_consent))
    {
        Exit::Reported
    } else {
        Exit::Clean
    }
}

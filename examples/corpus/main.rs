//! Runs samwire over a tree of real templates and proves every result: `cargo run --release --example corpus -- DIR`.
//!
//! Owns the questions that are put to each file and the table of answers. Templates are read where they are; nothing of
//! them is kept. Ends with exit code 1 if a promise is broken: a panic, a result that is not what was planned, one that the
//! SAM translator refuses, an undeclared permission, a lost comment, a diff that `git apply` does not take, a second run that
//! still finds something, two steps that end elsewhere than one, or a finding that a rewrite brings.

// An example is a program for people: it prints.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod figures;
mod judgements;
mod round_trips;
mod steps;
#[path = "../../tests/support/mod.rs"]
mod support;
#[path = "../../tests/trip_support/mod.rs"]
mod trip_support;

use samwire::catalog::Catalog;
use samwire::plan::{Consent, Decision, Options, Outcome, Plan, Rest, Rewrite, RewriteId, plan};
use samwire::syntax::Document;
use samwire::text::{Format, Source};
use std::collections::BTreeMap;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use support::{Form, Request, oracle};
use trip_support::patches::{Patch, apply};

fn main() -> ExitCode {
    let root = std::env::args_os().nth(1).or_else(|| std::env::var_os("SAMWIRE_CORPUS"));
    let Some(root) = root.map(PathBuf::from) else {
        eprintln!("usage: corpus DIR (or set SAMWIRE_CORPUS)");
        return ExitCode::from(2);
    };
    match run(&root) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("corpus: {error}");
            ExitCode::from(2)
        }
    }
}

/// Under which options a file is asked.
struct Choice {
    name: &'static str,
    options: Options,
}

fn choices() -> Vec<Choice> {
    let any = Options { consent: Consent { any: true, ..Consent::default() }, ..Options::default() };
    let drop = Options { rest: Rest::Drop, ..any.clone() };
    let external = Options { external: true, ..any.clone() };
    let inferred = Options { infer_destinations: true, ..any.clone() };
    vec![
        Choice { name: "default", options: Options::default() },
        Choice { name: "any", options: any },
        Choice { name: "drop-rest", options: drop },
        Choice { name: "external", options: external },
        Choice { name: "inferred", options: inferred },
    ]
}

#[derive(Default)]
struct Tally {
    counts: BTreeMap<String, usize>,
    failures: Vec<String>,
    requests: Vec<Request>,
    /// By what they are the results of.
    patches: BTreeMap<String, Vec<Patch>>,
}

impl Tally {
    fn count(&mut self, what: impl Into<String>) {
        self.add(what, 1);
    }

    fn add(&mut self, what: impl Into<String>, number: usize) {
        *self.counts.entry(what.into()).or_default() += number;
    }

    fn fail(&mut self, file: &str, message: impl std::fmt::Display) {
        self.failures.push(format!("{file}: {message}"));
    }
}

fn run(root: &Path) -> Result<bool, Box<dyn Error>> {
    let mut files = Vec::new();
    collect(root, &mut files)?;
    files.sort();
    let catalog = Catalog::builtin();
    let mut tally = Tally::default();
    let started = Instant::now();
    for path in &files {
        let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
        let bytes = std::fs::read(path)?;
        let asked = catch_unwind(AssertUnwindSafe(|| {
            file(&mut tally, catalog, &name, &bytes);
            round_trips::check(&mut tally, &name, &bytes);
        }));
        if asked.is_err() {
            tally.fail(&name, "panic");
        }
    }
    println!(
        "{} files in {:.1} s (five option sets, every subset of one, in one step and in two; to policies and back)",
        files.len(),
        started.elapsed().as_secs_f64()
    );
    apply_patches(&mut tally)?;
    judge(&mut tally);
    for (what, count) in &tally.counts {
        println!("{count:6}  {what}");
    }
    for failure in &tally.failures {
        println!("FAILED  {failure}");
    }
    println!("{} failures", tally.failures.len());
    Ok(tally.failures.is_empty())
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let named = path.extension().and_then(|e| e.to_str()).is_some_and(|extension| {
            ["yaml", "yml", "json", "template"].iter().any(|known| extension.eq_ignore_ascii_case(known))
        });
        if path.is_dir() {
            collect(&path, files)?;
        } else if named {
            files.push(path);
        }
    }
    Ok(())
}

fn file(tally: &mut Tally, catalog: &Catalog, name: &str, bytes: &[u8]) {
    for choice in choices() {
        let source = match Source::new(name, bytes.to_vec()) {
            Ok(source) => source,
            Err(error) => {
                tally.count(format!("file  refused: {error}"));
                return;
            }
        };
        let text = source.text().to_owned();
        let format = source.format();
        let plan = match plan(source, catalog, &choice.options) {
            Ok(plan) => plan,
            Err(error) if error.is_placeholders() => {
                tally.count("file  skipped: placeholders");
                return;
            }
            Err(error) => {
                tally.count("file  refused: not YAML or JSON");
                println!("not parsed  {name}: {error}");
                return;
            }
        };
        if let Some(skipped) = plan.skipped() {
            tally.count(format!("file  skipped: {}", skipped.id));
            return;
        }
        let taken = plan.taken();
        let state = if taken.is_empty() { "unchanged" } else { "changed" };
        tally.count(format!("file  {}: {state}", choice.name));
        figures::count(tally, &plan, choice.name);
        let every: Vec<RewriteId> = plan.rewrites().iter().map(|rewrite| rewrite.id).collect();
        for id in &every {
            if let Err(bug) = plan.outcome(&[*id]) {
                tally.fail(name, format!("{} rewrite {}: {bug}", choice.name, id.0));
            }
        }
        if let Err(bug) = plan.outcome(&every) {
            tally.fail(name, format!("{} all rewrites: {bug}", choice.name));
        }
        match plan.outcome(&taken) {
            Err(bug) => tally.fail(name, format!("{}: {bug}", choice.name)),
            Ok(_) if taken.is_empty() => {
                judgements::check(tally, &choice, name, &text, &text);
                steps::check(tally, (catalog, &choice), (name, &text, format), &text);
            }
            Ok(outcome) => {
                steps::check(tally, (catalog, &choice), (name, &text, format), &outcome.text);
                again(tally, catalog, &choice, name, &outcome.text);
                judgements::check(tally, &choice, name, &text, &outcome.text);
                comments(tally, name, &text, &outcome.text);
                tally.requests.push(request(&plan, choice.name, name, format, &text, &outcome, &taken));
                let after = outcome.text;
                let patches = tally.patches.entry(choice.name.to_owned()).or_default();
                patches.push(Patch { name: name.to_owned(), before: text, after });
            }
        }
    }
}

/// A second run finds nothing to do.
fn again(tally: &mut Tally, catalog: &Catalog, choice: &Choice, name: &str, text: &str) {
    let second = Source::new(name, text.as_bytes().to_vec())
        .map_err(|error| error.to_string())
        .and_then(|source| plan(source, catalog, &choice.options).map_err(|error| error.to_string()));
    match second {
        Ok(second) if second.taken().is_empty() => {}
        Ok(second) => {
            let found: Vec<&Rewrite> =
                second.rewrites().iter().filter(|rewrite| rewrite.decision == Decision::Taken).collect();
            let ends: Vec<String> =
                found.iter().map(|r| format!("{} → {}", r.source, r.destination)).collect();
            tally.fail(name, format!("{}: a second run still finds {}", choice.name, ends.join(", ")));
        }
        Err(error) => tally.fail(name, format!("{}: the result does not parse: {error}", choice.name)),
    }
}

/// Every comment is still there, counted independently of the planner.
fn comments(tally: &mut Tally, name: &str, before: &str, after: &str) {
    let texts = |text: &str| -> Vec<String> {
        let document = Source::new(name, text.as_bytes().to_vec()).ok().and_then(|s| Document::parse(s).ok());
        let mut texts: Vec<String> = document
            .iter()
            .flat_map(|doc| doc.comments().iter().map(|c| doc.source().slice(c.span).trim_end().to_owned()))
            .collect();
        texts.sort();
        texts
    };
    if texts(before) != texts(after) {
        tally.fail(name, "a comment is lost");
    }
}

fn request(
    plan: &Plan<'_>,
    choice: &str,
    name: &str,
    format: Format,
    before: &str,
    outcome: &Outcome,
    taken: &[RewriteId],
) -> Request {
    let values = |list: &[samwire::iam::Permission]| {
        list.iter().filter_map(|permission| serde_json::to_value(permission).ok()).collect::<Vec<_>>()
    };
    let kept =
        plan.rewrites().iter().filter(|r| taken.contains(&r.id)).flat_map(|r| values(&r.kept)).collect();
    let delta = plan.delta(taken);
    Request {
        id: format!("{choice} {name}"),
        before: before.to_owned(),
        after: outcome.text.clone(),
        format: if format == Format::Json { Form::Json } else { Form::Yaml },
        added: values(&delta.added),
        removed: values(&delta.removed),
        kept,
        identical: None,
    }
}

/// Every diff, applied by git, gives the result byte for byte.
fn apply_patches(tally: &mut Tally) -> Result<(), Box<dyn Error>> {
    for (label, patches) in std::mem::take(&mut tally.patches) {
        let wrong = apply(&patches)?;
        tally.add(format!("diff  {label}: applied by git"), patches.len() - wrong.len().min(patches.len()));
        wrong.into_iter().for_each(|what| tally.fail(&label, what));
    }
    Ok(())
}

/// The SAM translator says the same of permissions as the plan does.
fn judge(tally: &mut Tally) {
    let Some(oracle) = oracle() else {
        tally.count("judge  skipped: no Python");
        return;
    };
    for verdict in oracle.judge(&std::mem::take(&mut tally.requests)) {
        tally.count(format!("judge  {}", verdict.verdict));
        if !verdict.is_good() {
            tally.failures.push(verdict.to_string());
        }
    }
}

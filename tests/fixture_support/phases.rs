//! What is promised about the two steps of a migration, as a check of one text under the options of a case.

use super::Case;
use samwire::plan::{Decision, Options, Phase, Plan, RewriteId};

/// The result of one step.
#[derive(Debug)]
pub struct Step {
    /// The text with what the step takes.
    pub text: String,
    /// What it takes.
    pub taken: Vec<RewriteId>,
    /// Whether every connector that it takes is there already.
    pub only_existing: bool,
}

/// The plan of one step under the options of a case.
pub fn plan(case: &Case, text: &str, phase: Phase) -> Result<Plan<'static>, String> {
    let case = Case { options: Options { phase, ..case.options.clone() }, ..case.clone() };
    case.plan(text).map_err(|error| format!("{}: {error}", phase.as_str()))
}

/// Makes one step.
pub fn step(case: &Case, text: &str, phase: Phase) -> Result<Step, String> {
    let plan = plan(case, text, phase)?;
    let taken = plan.taken();
    let outcome = plan.outcome(&taken).map_err(|bug| format!("{}: {bug}", phase.as_str()))?;
    let mut rewrites = plan.rewrites().iter().filter(|rewrite| rewrite.decision == Decision::Taken);
    Ok(Step { text: outcome.text, only_existing: rewrites.all(|rewrite| rewrite.existing), taken })
}

/// All that is promised about the steps; a text that cannot be read promises nothing.
pub fn check(case: &Case, text: &str) -> Result<(), String> {
    if case.plan(text).is_err() {
        return Ok(());
    }
    let whole = step(case, text, Phase::Both)?;
    let added = step(case, text, Phase::Add)?;
    let again = step(case, &added.text, Phase::Add)?;
    if !again.taken.is_empty() {
        return Err(format!("a second `add` finds something in\n{}", added.text));
    }
    let removed = step(case, &added.text, Phase::Remove)?;
    if !removed.only_existing {
        return Err("`remove` needs a connector that is not there".into());
    }
    same("`add` and `remove`", &whole.text, &removed.text)?;
    let finished = step(case, &added.text, Phase::Both)?;
    same("`add` and `both`", &whole.text, &finished.text)?;
    let alone = step(case, text, Phase::Remove)?;
    if !alone.only_existing {
        return Err("`remove` alone needs a connector that is not there".into());
    }
    match step(case, &alone.text, Phase::Remove)?.taken.is_empty() {
        true => Ok(()),
        false => Err("a second `remove` finds something".into()),
    }
}

fn same(what: &str, expected: &str, found: &str) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let at = expected.lines().zip(found.lines()).position(|(one, other)| one != other);
    let at = at.unwrap_or_else(|| expected.lines().count().min(found.lines().count()));
    let line = |text: &str| text.lines().nth(at).map(str::to_owned);
    Err(format!(
        "{what} end in other bytes, from line {}:\n    whole {:?}\n    steps {:?}",
        at + 1,
        line(expected),
        line(found)
    ))
}

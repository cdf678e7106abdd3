//! What the deploying identity lacks, for people and for programs. Knows neither how that was found nor where the words
//! go.

use super::count::counted;
use super::escape::{escaped, portable};
use super::model::Status;
use super::paint::Paint;
use super::problem::Problem;
use crate::catalog::Occasion;
use crate::check::{Cause, Lack, Limited, Need, Preflight, Side, UnseenReason};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Version of the JSON document.
const SCHEMA: u32 = 1;

/// How many logical ids are named before the rest is counted.
const NAMED: usize = 3;

/// What a preflight says of one file.
#[derive(Debug)]
pub struct PreflightReport {
    /// The path as the user knows it.
    pub path: PathBuf,
    /// What became of it.
    pub status: Status,
    /// Why there is no answer.
    pub problem: Option<Problem>,
    /// The answer.
    pub answer: Option<Preflight>,
}

/// Facts of a preflight that no file knows.
#[derive(Debug, Clone, Copy)]
pub struct PreflightFacts<'a> {
    /// Release of the tool.
    pub version: &'a str,
    /// Release of the definitions.
    pub transforms: &'a str,
    /// The file with the policy of the deployer.
    pub policy: &'a Path,
    /// The exit code of the run.
    pub exit: u8,
}

/// Writes the answers for people; `verbose` lists what is held within limits, and files that were not looked into.
pub fn write_preflight(
    out: &mut dyn Write,
    files: &[PreflightReport],
    paint: Paint,
    verbose: bool,
) -> io::Result<()> {
    for file in files {
        let path = escaped(&portable(&file.path)).into_owned();
        match (&file.answer, &file.problem) {
            (Some(answer), _) => write_answer(out, &path, answer, paint, verbose)?,
            (None, Some(problem)) if verbose && file.status == Status::Skipped => {
                writeln!(out, "{path}  {}  {}", paint.faint("skipped"), escaped(&problem.what))?;
            }
            _ => {}
        }
    }
    let answers = || files.iter().filter_map(|file| file.answer.as_ref());
    let lacking = answers().filter(|answer| answer.sides().any(|side| !side.missing.is_empty())).count();
    let unseen = answers().filter(|answer| answer.sides().any(Side::is_incomplete)).count();
    let looked = answers().count();
    let lacking = if lacking == 0 { "none".to_owned() } else { lacking.to_string() };
    let mut line = format!("{}, {lacking} with missing actions", counted(looked, "template"));
    if unseen > 0 {
        line += &format!(", {unseen} not wholly judged");
    }
    writeln!(out, "{}", paint.strong(line))
}

fn write_answer(
    out: &mut dyn Write,
    path: &str,
    answer: &Preflight,
    paint: Paint,
    verbose: bool,
) -> io::Result<()> {
    writeln!(out, "{}", paint.strong(path))?;
    let before = &answer.before;
    let missing: Vec<&Lack> = before.missing.iter().collect();
    write_side(out, "to deploy it as it is", &missing, "", paint)?;
    if let Some(after) = &answer.after {
        let known: BTreeSet<&str> = before.missing.iter().map(|lack| lack.action.as_str()).collect();
        let new: Vec<&Lack> =
            after.missing.iter().filter(|lack| !known.contains(lack.action.as_str())).collect();
        let more = if known.is_empty() { "" } else { " more" };
        write_side(out, "to deploy it as it would be", &new, more, paint)?;
    }
    let mut limited: Vec<&Limited> = Vec::new();
    for found in answer.sides().flat_map(|side| &side.limited) {
        if !limited.iter().any(|known| known.action == found.action) {
            limited.push(found);
        }
    }
    if !limited.is_empty() {
        let hint = if verbose { "" } else { " (-v lists them)" };
        let count = counted(limited.len(), "action");
        writeln!(out, "  held within limits, which may not suffice: {count}{hint}")?;
    }
    let told = limited.iter().filter(|_| verbose);
    for (limits, actions) in grouped(told.map(|found| (limits(found), found.action.as_str()))) {
        writeln!(out, "    {}: {}", escaped(&limits), escaped(&actions.join(", ")))?;
    }
    let unseen: BTreeSet<_> = answer.sides().flat_map(|side| &side.unseen).collect();
    for (unseen, ids) in unseen {
        let (kind, of) = (escaped(&unseen.type_name), escaped(&named(ids)).into_owned());
        writeln!(out, "  {}: {kind} ({of}) {}", paint.caution("not known"), why(unseen.reason))?;
    }
    if answer.sides().any(|side| side.generated) {
        writeln!(out, "  {}: what macros and loops add", paint.caution("not known"))?;
    }
    Ok(())
}

fn write_side(
    out: &mut dyn Write,
    title: &str,
    missing: &[&Lack],
    more: &str,
    paint: Paint,
) -> io::Result<()> {
    if missing.is_empty() {
        return writeln!(out, "  {title}: nothing{more} missing");
    }
    let count = match missing.len() {
        1 => format!("1{more} action"),
        many => format!("{many}{more} actions"),
    };
    writeln!(out, "  {title}: {} missing", paint.removed(count))?;
    let actions = missing.iter().map(|lack| (purpose(&lack.need), lack.action.as_str()));
    for (purpose, actions) in grouped(actions) {
        writeln!(out, "    {}: {}", escaped(&purpose), escaped(&actions.join(", ")))?;
    }
    Ok(())
}

/// Actions under what they have in common, in the order in which it first comes up.
fn grouped<'a>(actions: impl Iterator<Item = (String, &'a str)>) -> Vec<(String, Vec<&'a str>)> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for (phrase, action) in actions {
        match groups.iter_mut().find(|(known, _)| *known == phrase) {
            Some((_, members)) => members.push(action),
            None => groups.push((phrase, vec![action])),
        }
    }
    groups
}

/// What takes an action, as a phrase.
fn purpose(need: &Need) -> String {
    let phrases: Vec<String> = need
        .by
        .iter()
        .map(|(cause, ids)| match cause {
            Cause::Deployment => "for every deployment".to_owned(),
            Cause::Upload => format!("to store the local files of {}", named(ids)),
            Cause::Type(name) => format!("for {name} ({})", named(ids)),
            Cause::Connectors(name) => {
                format!("for {name} of {} ({})", counted(ids.len(), "connector"), named(ids))
            }
        })
        .collect();
    phrases.join(" and ")
}

fn limits(found: &Limited) -> String {
    let mut phrases = Vec::new();
    if !found.limits.resources.is_empty() {
        phrases.push(format!("only on {}", named(&found.limits.resources)));
    }
    if found.limits.conditional {
        phrases.push("only under a condition".to_owned());
    }
    if found.limits.denied {
        phrases.push("denied on some resources or under some condition".to_owned());
    }
    if phrases.is_empty() {
        phrases.push("by several statements, each within limits".to_owned());
    }
    format!("{} {}", purpose(&found.need), phrases.join(", "))
}

fn why(reason: UnseenReason) -> &'static str {
    match reason {
        UnseenReason::UnknownType => "is not in the table of deployer permissions",
        UnseenReason::NestedTemplate => "brings a template of its own, which needs more",
        UnseenReason::BrokenConnector => "is a connector that SAM would refuse",
    }
}

fn named(ids: &BTreeSet<String>) -> String {
    let first: Vec<&str> = ids.iter().take(NAMED).map(String::as_str).collect();
    match ids.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// Writes the answers as one JSON document.
pub fn write_preflight_json(
    out: &mut dyn Write,
    files: &[PreflightReport],
    facts: PreflightFacts<'_>,
) -> io::Result<()> {
    let count = |status: Status| files.iter().filter(|file| file.status == status).count();
    let lacking = |side: fn(&Preflight) -> &Side| {
        let answers = files.iter().filter_map(|file| file.answer.as_ref());
        answers.filter(|answer| !side(answer).missing.is_empty()).count()
    };
    let report = json!({
        "schema": SCHEMA,
        "tool": { "name": "samwire", "version": facts.version, "transforms": facts.transforms },
        "deployer_policy": portable(facts.policy),
        "files": files.iter().map(file_json).collect::<Vec<Value>>(),
        "summary": {
            "files": files.len(),
            "skipped": count(Status::Skipped),
            "failed": count(Status::Failed),
            "missing": { "before": lacking(|answer| &answer.before), "after": lacking(Preflight::after) },
        },
        "exit": facts.exit,
    });
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn file_json(file: &PreflightReport) -> Value {
    let mut value = json!({
        "path": portable(&file.path),
        "status": file.status.as_str(),
        "reason": file.problem.as_ref().map(|problem| problem.id),
        "message": file.problem.as_ref().map(|problem| problem.what.as_str()),
    });
    let Some(answer) = &file.answer else { return value };
    let sides = |list: fn(&Side) -> Vec<Value>| json!({ "before": list(&answer.before), "after": list(answer.after()) });
    value["missing"] = sides(|side| side.missing.iter().map(|lack| need(&lack.action, &lack.need)).collect());
    value["limited"] = sides(|side| side.limited.iter().map(limited_json).collect());
    value["unknown_types"] = sides(|side| {
        let unseen = side.unseen.iter();
        let entry = |(unseen, ids): (&crate::check::Unseen, &BTreeSet<String>)| json!({ "type": unseen.type_name, "reason": reason(unseen.reason), "resources": ids });
        unseen.map(entry).collect()
    });
    value["generated_resources"] = json!(answer.sides().any(|side| side.generated));
    value
}

fn need(action: &str, need: &Need) -> Value {
    let needed_by: Vec<Value> = need
        .by
        .iter()
        .map(|(cause, ids)| match cause {
            Cause::Deployment => json!({ "what": "deployment" }),
            Cause::Upload => json!({ "what": "upload", "resources": ids }),
            Cause::Type(name) => json!({ "what": "resource", "type": name, "resources": ids }),
            Cause::Connectors(name) => json!({ "what": "connector", "type": name, "connectors": ids }),
        })
        .collect();
    let on: Vec<Occasion> = need.on.iter().copied().collect();
    json!({ "action": action, "on": on, "needed_by": needed_by })
}

fn limited_json(found: &Limited) -> Value {
    let mut value = need(&found.action, &found.need);
    value["resources"] = json!(found.limits.resources);
    value["conditional"] = json!(found.limits.conditional);
    value["denied"] = json!(found.limits.denied);
    value
}

fn reason(reason: UnseenReason) -> &'static str {
    match reason {
        UnseenReason::UnknownType => "unknown-type",
        UnseenReason::NestedTemplate => "nested-template",
        UnseenReason::BrokenConnector => "broken-connector",
    }
}

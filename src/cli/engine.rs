//! From a source to what the reports need: the plan, and the proven text of the rewrites within consent.

use super::exit::TOOL_BUG;
use super::process::Refusal;
use crate::catalog::Catalog;
use crate::check::{self, Finding, Judged, MendError, Mended};
use crate::config::{OfFile, Wishes};
use crate::plan::{self, Decision, Location, Options, Plan, ToolBug};
use crate::report::{Planned, Problem};
use crate::syntax::{Document, SyntaxError};
use crate::text::{EditSet, Position, Source};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// What is done with a template.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) options: &'a Options,
    pub(super) of_file: &'a OfFile,
    pub(super) wishes: &'a Wishes,
}

/// Plans one template and makes the text that its taken rewrites, and what else is wished, come to.
pub(super) fn run(source: Source, task: Task<'_>) -> Result<Planned, Refusal> {
    let path = source.path().to_owned();
    guarded(&path, || attempt(source, task))
}

/// Does the work, and makes a failure of one file what would else end the whole run.
pub(super) fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    // Nothing that the work could leave half done outlives it, so it is safe to go on behind a panic.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(Refusal::Failed(tool_bug(&format!("working on {} panicked: {text}", path.display()))))
    })
}

fn attempt(source: Source, task: Task<'_>) -> Result<Planned, Refusal> {
    let Task { catalog, of_file, wishes, .. } = task;
    let options = of_file.options(task.options);
    let conflict = conflict(&source);
    let plan = plan::plan(source, catalog, &options).map_err(|error| broken(&error, conflict))?;
    if let Some(skipped) = plan.skipped() {
        let help = "only SAM templates can hold connectors; name one, or a directory to search";
        return Err(Refusal::Skipped(Problem::new(skipped.id, skipped.message.as_str(), help)));
    }
    let Judged { mut findings, ignored } = check::judge(&plan);
    let mut left_alone = plan.left_alone().to_vec();
    let all = findings.len() + left_alone.len();
    let is_new = |fingerprint: &str| !of_file.known.contains(fingerprint);
    findings.retain(|finding| is_new(&finding.fingerprint));
    left_alone.retain(|left| is_new(&left.fingerprint()));
    let known = plan.rewrites().iter().filter(|rewrite| !is_new(&rewrite.fingerprint)).count();
    let mut silenced = ignored + plan.ignored() + all - findings.len() - left_alone.len() + known;
    let mut mended = None;
    let mut unignorable = Vec::new();
    let mut rewrites = plan.rewrites().to_vec();
    let mut roles = plan.roles().to_vec();
    let mut deployer_actions = plan.deployer_actions().to_vec();
    let after = if let Some(reason) = &wishes.ignore_all {
        let (text, left) = ignoring(&plan, &findings, reason)?;
        unignorable = left;
        // The text that is reported has comments and no rewrite, so none of those is done or asks for anything.
        let open = rewrites.iter_mut().filter(|rewrite| rewrite.decision != Decision::Skipped);
        silenced += open.map(|rewrite| rewrite.decision = Decision::Skipped).count();
        let can_hold_none = |finding: &Finding| {
            unignorable.iter().any(|(id, route)| id == finding.kind.id && *route == finding.location.route)
        };
        let told = findings.len();
        findings.retain(can_hold_none);
        silenced += told - findings.len();
        roles.iter_mut().for_each(|role| role.after = role.before);
        deployer_actions.clear();
        Some(text)
    } else {
        let outcome = match plan.taken().as_slice() {
            [] => None,
            taken => Some(plan.outcome(taken).map_err(|bug| own_fault(&bug))?.text),
        };
        mended = if wishes.mend.is_empty() { None } else { mend(&plan, outcome.as_deref(), task, &options)? };
        mended.as_ref().map(|mended| mended.text.clone()).or(outcome)
    };
    let after = after.filter(|after| after != plan.source().text());
    Ok(Planned {
        source: plan.source().clone(),
        rewrites,
        left_alone,
        roles,
        deployer_actions,
        findings,
        silenced,
        unignorable,
        mended,
        after,
        edits: plan.rewrites().iter().map(|rewrite| plan.edits_of(rewrite.id).cloned().collect()).collect(),
    })
}

/// The text with a comment above everything that would be told of, so that it is ignored.
///
/// Beside it the ids and routes of the places that can hold no comment.
fn ignoring(
    plan: &Plan<'_>,
    findings: &[Finding],
    reason: &str,
) -> Result<(String, Vec<(String, String)>), Refusal> {
    let open = plan.rewrites().iter().filter(|rewrite| rewrite.decision != Decision::Skipped);
    let rewrites = open.flat_map(|rewrite| {
        let ids = rewrite.profile.split(", ");
        ids.flat_map(|id| rewrite.places.iter().map(move |place| (id, place)))
    });
    let places: Vec<(&str, &Location)> =
        rewrites.chain(findings.iter().map(|finding| (finding.kind.id, &finding.location))).collect();
    let (edits, left) = plan::ignoring_edits(plan.source(), &places, reason);
    let mut set = EditSet::new();
    let text = edits
        .into_iter()
        .try_for_each(|edit| set.push(edit))
        .and_then(|()| set.apply(plan.source().text()))
        .map_err(|error| Refusal::Failed(tool_bug(&format!("a comment cannot be added: {error}"))))?;
    let commented = Source::new(plan.source().path(), text.clone().into_bytes());
    let commented = commented.ok().and_then(|source| Document::parse(source).ok());
    match commented {
        Some(doc) if doc.len() == plan.resolver().doc.len() => {
            let left = left.into_iter().map(|(id, place)| (id.to_owned(), place.route.clone()));
            Ok((text, left.collect()))
        }
        _ => Err(Refusal::Failed(tool_bug("a comment that ignores something changed the template"))),
    }
}

/// Mends what is wished in the text that the rewrites come to.
fn mend(
    plan: &Plan<'_>,
    outcome: Option<&str>,
    task: Task<'_>,
    options: &Options,
) -> Result<Option<Mended>, Refusal> {
    let text = outcome.unwrap_or_else(|| plan.source().text());
    let source = Source::new(plan.source().path(), text.to_owned().into_bytes())
        .map_err(|error| Refusal::Failed(tool_bug(&format!("the result is no text: {error}"))))?;
    let wanted = |finding: &Finding| {
        task.wishes.mends(finding.kind.id) && !task.of_file.known.contains(&finding.fingerprint)
    };
    check::mend(&source, task.catalog, options, wanted).map_err(|error| match error {
        MendError::Syntax(error) => broken(&error, None),
        MendError::Bug(bug) => own_fault(&bug),
    })
}

/// Parses a template that is judged and not rewritten.
pub(super) fn parse(source: Source) -> Result<Document, Refusal> {
    let conflict = conflict(&source);
    Document::parse(source).map_err(|error| broken(&error, conflict))
}

/// Where a version control system left two versions of the text for somebody to choose from.
fn conflict(source: &Source) -> Option<Position> {
    let text = source.text();
    // Nearly no text has one, and this is asked of all.
    memchr::memmem::find(text.as_bytes(), b"<<<<<<<")?;
    // What the marker before it leads to is looked for behind it; each stands at the start of a line.
    let mut from = 0;
    let places = ["<<<<<<<", "=======", ">>>>>>>"].map(|marker| {
        let mut found = text.match_indices(marker).map(|(at, _)| at).skip_while(|&at| at < from);
        let at = found.find(|&at| at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n'))?;
        drop(found);
        from = at + marker.len();
        Some(at)
    });
    let [Some(first), Some(_), Some(_)] = places else { return None };
    u32::try_from(first).ok().map(|at| source.position(at))
}

/// Why a text is no template. `conflict` is where it holds the markers of a merge.
fn broken(error: &SyntaxError, conflict: Option<Position>) -> Refusal {
    if let Some(at) = conflict.filter(|_| !error.is_placeholders()) {
        let help = "resolve the conflict, then run again";
        let problem = Problem::new("syntax", "holds the conflict markers of a merge", help)
            .because("nobody has decided yet which of the versions is meant");
        return Refusal::Failed(Problem { at: Some(at), ..problem });
    }
    let id = if error.is_placeholders() { "placeholders" } else { "syntax" };
    let problem = Problem::new(id, error.what(), error.help()).because(error.why());
    let problem = Problem { at: Some(error.at), ..problem };
    if error.is_placeholders() { Refusal::Skipped(problem) } else { Refusal::Failed(problem) }
}

fn own_fault(bug: &ToolBug) -> Refusal {
    Refusal::Failed(tool_bug(&bug.to_string()))
}

pub(super) fn tool_bug(what: &str) -> Problem {
    let help = "please report it, with the template if you may; your file is untouched";
    Problem::new(TOOL_BUG, what, help).because("this is a bug of samwire, not of your template")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_that_is_not_resolved_is_told_as_such() {
        let text = "Resources:\n<<<<<<< HEAD\n  A: 1\n=======\n  B: 1\n>>>>>>> other\n";
        let refused = |text: &str| {
            let source = Source::new("t.yaml", text.as_bytes().to_vec()).unwrap();
            match parse(source) {
                Err(Refusal::Failed(problem)) => problem,
                _ => panic!("it is no YAML"),
            }
        };
        let told = refused(text);
        assert_eq!(told.what, "holds the conflict markers of a merge");
        assert_eq!(told.at.map(|at| (at.line, at.column)), Some((2, 1)));
        assert_ne!(refused(&text.replace("=======", "x")).what, told.what);
    }

    #[test]
    fn a_panic_is_a_bug_of_the_tool_in_one_file() {
        let refusal = guarded(Path::new("t.yaml"), || panic!("index out of bounds"));
        let Err::<(), _>(Refusal::Failed(problem)) = refusal else { unreachable!("it panicked") };
        assert_eq!(problem.id, TOOL_BUG);
        assert_eq!(problem.what, "working on t.yaml panicked: index out of bounds");
    }
}

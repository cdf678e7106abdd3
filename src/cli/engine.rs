//! From a source to what the reports need: the plan, and the proven text of the rewrites within consent.

use super::exit::TOOL_BUG;
use super::process::Refusal;
use crate::catalog::Catalog;
use crate::check;
use crate::plan::{self, Options, ToolBug};
use crate::report::{Planned, Problem};
use crate::syntax::SyntaxError;
use crate::text::Source;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Plans one template and makes the text that its taken rewrites come to.
pub(super) fn run(source: Source, catalog: &Catalog, options: &Options) -> Result<Planned, Refusal> {
    let path = source.path().to_owned();
    guarded(&path, || attempt(source, catalog, options))
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

fn attempt(source: Source, catalog: &Catalog, options: &Options) -> Result<Planned, Refusal> {
    let plan = plan::plan(source, catalog, options).map_err(|error| broken(&error))?;
    if let Some(skipped) = plan.skipped() {
        let help = "only SAM templates can hold connectors; name one, or a directory to search";
        return Err(Refusal::Skipped(Problem::new(skipped.id, skipped.message.as_str(), help)));
    }
    let taken = plan.taken();
    let after = match taken.as_slice() {
        [] => None,
        taken => Some(plan.outcome(taken).map_err(|bug| own_fault(&bug))?.text),
    };
    Ok(Planned {
        source: plan.source().clone(),
        rewrites: plan.rewrites().to_vec(),
        left_alone: plan.left_alone().to_vec(),
        roles: plan.roles().to_vec(),
        deployer_actions: plan.deployer_actions().to_vec(),
        findings: check::findings(&plan),
        after,
        edits: plan.rewrites().iter().map(|rewrite| plan.edits_of(rewrite.id).cloned().collect()).collect(),
    })
}

pub(super) fn broken(error: &SyntaxError) -> Refusal {
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
    fn a_panic_is_a_bug_of_the_tool_in_one_file() {
        let refusal = guarded(Path::new("t.yaml"), || panic!("index out of bounds"));
        let Err::<(), _>(Refusal::Failed(problem)) = refusal else { unreachable!("it panicked") };
        assert_eq!(problem.id, TOOL_BUG);
        assert_eq!(problem.what, "working on t.yaml panicked: index out of bounds");
    }
}

//! From a source to what the reports need: the plan, and the proven text of the rewrites within consent.

use super::exit::TOOL_BUG;
use super::process::Refusal;
use crate::catalog::Catalog;
use crate::plan::{self, Options, ToolBug};
use crate::report::{Planned, Problem};
use crate::syntax::SyntaxError;
use crate::text::Source;

/// Plans one template and makes the text that its taken rewrites come to.
pub(super) fn run(source: Source, catalog: &Catalog, options: &Options) -> Result<Planned, Refusal> {
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
        notes: plan.notes().to_vec(),
        after,
        edits: plan.rewrites().iter().map(|rewrite| plan.edits_of(rewrite.id)).collect(),
    })
}

fn broken(error: &SyntaxError) -> Refusal {
    let id = if error.is_placeholders() { "placeholders" } else { "syntax" };
    let problem = Problem { at: Some(error.at), ..Problem::new(id, error.what(), error.help()) };
    if error.is_placeholders() { Refusal::Skipped(problem) } else { Refusal::Failed(problem) }
}

fn own_fault(bug: &ToolBug) -> Refusal {
    let help = "this is a bug of samwire and not of your template, which is untouched; please report it";
    Refusal::Failed(Problem::new(TOOL_BUG, bug.to_string(), help))
}

//! What a run says by its exit code.

use crate::config::{FailOn, Verb};
use crate::report::{FileReport, Status, Totals};

/// Exit codes of a run. The order is that of precedence: the highest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// Nothing to report, or all done.
    Clean = 0,
    /// Something to report.
    Reported = 1,
    /// Wrong usage; nothing was done.
    Usage = 2,
    /// Some file could not be read, parsed or written.
    Failed = 3,
    /// The tool's own check failed.
    ToolBug = 4,
}

/// Id of the problem that makes a run end with [`Exit::ToolBug`].
pub(super) const TOOL_BUG: &str = "tool-bug";

/// The exit code of a run over `files`, `unsearched` telling that some directory could not be searched. `fail_on` is
/// what the user asked for; without it `diff` and `check` fail on findings and `fix` on none, while only an explicit
/// `never` forgives bad files.
pub(super) fn exit_of(verb: Verb, files: &[FileReport], unsearched: bool, fail_on: Option<FailOn>) -> Exit {
    let bug = |file: &FileReport| file.problem.as_ref().is_some_and(|problem| problem.id == TOOL_BUG);
    if files.iter().any(bug) {
        return Exit::ToolBug;
    }
    if fail_on == Some(FailOn::Never) {
        return Exit::Clean;
    }
    if unsearched || files.iter().any(|file| file.status == Status::Failed) {
        return Exit::Failed;
    }
    let level = fail_on.unwrap_or(if verb == Verb::Fix { FailOn::Never } else { FailOn::Finding });
    let totals = Totals::of(files);
    // After `fix`, what was within consent is done; only the rest remains to be reported.
    let remaining = if verb == Verb::Fix { 0 } else { totals.rewrites };
    let reported = (level >= FailOn::Finding && remaining > 0)
        || (level >= FailOn::Held && totals.held > 0)
        || (level >= FailOn::Skipped && totals.left_alone + totals.skipped > 0);
    if reported { Exit::Reported } else { Exit::Clean }
}

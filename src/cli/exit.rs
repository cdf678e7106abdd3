//! What a run says by its exit code.

use crate::config::{FailOn, Verb};
use crate::io::Signal;
use crate::report::{FileReport, Standing, Status, Totals};

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
    /// Stopped by a closed terminal.
    HungUp = 129,
    /// Stopped by Ctrl-C.
    Interrupted = 130,
    /// Stopped by another program.
    Terminated = 143,
}

impl From<Signal> for Exit {
    /// What a shell reports of a program that a signal has ended.
    fn from(signal: Signal) -> Self {
        match signal {
            Signal::HangUp => Self::HungUp,
            Signal::Interrupt => Self::Interrupted,
            Signal::Terminate => Self::Terminated,
        }
    }
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
    // After `fix`, what was within consent is done; only the rest remains to be reported. Files change also where only
    // comments are added.
    let remaining = if verb == Verb::Fix { 0 } else { totals.rewrites + totals.mended + totals.changed };
    let reported = (level >= FailOn::Error && totals.errors > 0)
        || (level >= FailOn::Finding && remaining + totals.warnings > 0)
        || (level >= FailOn::Held && totals.held > 0)
        || (level >= FailOn::Skipped && totals.left_alone + totals.skipped > 0);
    if reported { Exit::Reported } else { Exit::Clean }
}

/// The last standing that makes a run fail, by the same rules; for formats that say of each thing whether it counts.
pub(super) fn fails_to(verb: Verb, fail_on: Option<FailOn>) -> Option<Standing> {
    match fail_on {
        None if verb == Verb::Fix => Some(Standing::Failure),
        None | Some(FailOn::Finding) => Some(Standing::Finding),
        Some(FailOn::Never) => None,
        Some(FailOn::Error) => Some(Standing::Error),
        Some(FailOn::Held) => Some(Standing::Held),
        Some(FailOn::Skipped) => Some(Standing::Rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Decision, HeldBy};
    use crate::report::Problem;
    use crate::report::samples::{file, rewrite};

    fn problem(status: Status, id: &'static str) -> FileReport {
        FileReport::without_plan("x.yaml".into(), status, Problem::new(id, "", ""))
    }

    #[test]
    fn levels_say_from_which_event_on_a_run_fails() {
        let taken = || vec![file(vec![rewrite(Decision::Taken)])];
        let held = || vec![file(vec![rewrite(Decision::Held(HeldBy::Consent))])];
        let skipped = || vec![problem(Status::Skipped, "no-transform")];
        let filtered = || vec![file(vec![rewrite(Decision::Skipped)])];
        use FailOn::{Error, Finding, Held, Never, Skipped};
        use Verb::{Check, Diff, Fix};
        for (verb, files, level, expected) in [
            (Diff, taken(), None, Exit::Reported),
            (Check, taken(), None, Exit::Reported),
            (Fix, taken(), None, Exit::Clean),
            (Fix, taken(), Some(Finding), Exit::Clean),
            (Diff, taken(), Some(Error), Exit::Clean),
            (Diff, taken(), Some(Never), Exit::Clean),
            (Diff, taken(), Some(Skipped), Exit::Reported),
            (Diff, held(), None, Exit::Clean),
            (Diff, held(), Some(Held), Exit::Reported),
            (Fix, held(), None, Exit::Clean),
            (Fix, held(), Some(Held), Exit::Reported),
            (Diff, skipped(), Some(Held), Exit::Clean),
            (Fix, skipped(), Some(Skipped), Exit::Reported),
            (Check, filtered(), Some(Held), Exit::Clean),
            (Check, Vec::new(), Some(Skipped), Exit::Clean),
        ] {
            assert_eq!(exit_of(verb, &files, false, level), expected, "{verb:?} {level:?} {files:?}");
        }
    }

    #[test]
    fn the_highest_code_wins_and_never_forgives_bad_files_but_no_bug() {
        let bad = || problem(Status::Failed, "syntax");
        let bug = || problem(Status::Failed, TOOL_BUG);
        let taken = || file(vec![rewrite(Decision::Taken)]);
        for (files, unsearched, level, expected) in [
            (vec![taken(), bad()], false, None, Exit::Failed),
            (vec![taken(), bad()], false, Some(FailOn::Never), Exit::Clean),
            (vec![taken()], true, None, Exit::Failed),
            (vec![bug(), bad()], true, None, Exit::ToolBug),
            (vec![bug()], false, Some(FailOn::Never), Exit::ToolBug),
        ] {
            assert_eq!(exit_of(Verb::Diff, &files, unsearched, level), expected);
        }
        assert_eq!(exit_of(Verb::Fix, &[bad()], false, None), Exit::Failed);
    }
}

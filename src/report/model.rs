//! What a run says of each file: the plain values that every format is written from.

use super::diff::Unified;
use super::problem::Problem;
use crate::check::{Finding, Mended, Severity};
use crate::plan::{Decision, LeftAlone, Rewrite, RoleQuota};
use crate::text::{Edit, Position, Source};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Some rewrites are within consent; nothing was written.
    WouldChange,
    /// The rewrites within consent are written.
    Changed,
    /// Nothing within consent.
    Unchanged,
    /// Not looked into, for the reason in `problem`.
    Skipped,
    /// Not done because of `problem`.
    Failed,
}

impl Status {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WouldChange => "would-change",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Failed => "error",
        }
    }
}

/// Report about one file.
#[derive(Debug, Clone)]
pub struct FileReport {
    /// The path as the user knows it.
    pub path: PathBuf,
    /// The name in patches.
    pub diff_path: PathBuf,
    /// The directory to which that name is relative, where it is not the current one.
    pub diff_base: Option<PathBuf>,
    /// The file itself, links resolved; none where there is no file.
    pub real: Option<PathBuf>,
    /// Whether the text came by standard input.
    pub from_stdin: bool,
    /// What became of it.
    pub status: Status,
    /// Why it was skipped or failed.
    pub problem: Option<Problem>,
    /// What is planned for it; absent if it was not looked into.
    pub planned: Option<Planned>,
}

/// The plan of one file, with the text that it comes to.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The file as it was read.
    pub source: Source,
    /// All rewrites, in template order.
    pub rewrites: Vec<Rewrite>,
    /// What was seen and not rewritten.
    pub left_alone: Vec<LeftAlone>,
    /// Managed policies per role.
    pub roles: Vec<RoleQuota>,
    /// IAM actions that the deploying identity newly needs.
    pub deployer_actions: Vec<String>,
    /// What is wrong or worth knowing, whatever is rewritten.
    pub findings: Vec<Finding>,
    /// How many places and findings are ignored, or known from a baseline, and so not listed.
    pub silenced: usize,
    /// Ids and routes of what was to be ignored by a comment and can hold none.
    pub unignorable: Vec<(String, String)>,
    /// What was mended beside the rewrites.
    pub mended: Option<Mended>,
    /// The text with the taken rewrites, and with what was mended; absent if there is neither.
    pub after: Option<String>,
    /// The edits that each rewrite alone would make, by its number.
    pub edits: Vec<Vec<Edit>>,
}

impl Planned {
    /// The findings that are not mended with the rest.
    pub fn open_findings(&self) -> impl Iterator<Item = &Finding> {
        let mended = |finding: &Finding| {
            let done = self.mended.iter().flat_map(|mended| &mended.done);
            done.into_iter().any(|(kind, message)| kind.id == finding.kind.id && *message == finding.message)
        };
        self.findings.iter().filter(move |finding| !mended(finding))
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        self.source.position(offset)
    }
}

impl FileReport {
    /// A file that was not looked into or not done.
    pub fn without_plan(path: PathBuf, status: Status, problem: Problem) -> Self {
        Self {
            diff_path: path.clone(),
            diff_base: None,
            real: None,
            from_stdin: false,
            path,
            status,
            problem: Some(problem),
            planned: None,
        }
    }

    /// The rewrites planned for the file, whatever was decided about them.
    pub fn rewrites(&self) -> &[Rewrite] {
        self.planned.as_ref().map_or(&[], |planned| &planned.rewrites)
    }

    /// What was left alone in the file.
    pub fn left_alone(&self) -> &[LeftAlone] {
        self.planned.as_ref().map_or(&[], |planned| &planned.left_alone)
    }

    /// The diff of the taken rewrites; empty if there are none.
    pub fn diff(&self, form: Unified) -> String {
        match &self.planned {
            Some(Planned { source, after: Some(after), .. }) => {
                form.diff(source.text(), after, &self.diff_path)
            }
            _ => String::new(),
        }
    }
}

/// Counts over a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Files reported on.
    pub files: usize,
    /// Files that change or would change.
    pub changed: usize,
    /// Files not looked into.
    pub skipped: usize,
    /// Files that failed.
    pub failed: usize,
    /// Rewrites within consent, in files that did not fail.
    pub rewrites: usize,
    /// Rewrites held back.
    pub held: usize,
    /// Places left alone.
    pub left_alone: usize,
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Findings that are or would be mended.
    pub mended: usize,
    /// Places and findings that are ignored, or known from a baseline.
    pub silenced: usize,
}

impl Totals {
    /// Counts the files of a run.
    pub fn of(files: &[FileReport]) -> Self {
        let with = |status: &[Status]| files.iter().filter(|file| status.contains(&file.status)).count();
        // Of a file that failed nothing was done, whatever was planned.
        let done = || files.iter().filter(|file| file.status != Status::Failed);
        let rewrites = || done().flat_map(FileReport::rewrites);
        let planned = || done().filter_map(|file| file.planned.as_ref());
        let found = |severity: Severity| {
            let findings = planned().flat_map(Planned::open_findings);
            findings.filter(|finding| finding.kind.severity == severity).count()
        };
        Self {
            files: files.len(),
            changed: with(&[Status::WouldChange, Status::Changed]),
            skipped: with(&[Status::Skipped]),
            failed: with(&[Status::Failed]),
            rewrites: rewrites().filter(|rewrite| rewrite.decision == Decision::Taken).count(),
            held: rewrites().filter(|rewrite| matches!(rewrite.decision, Decision::Held(_))).count(),
            left_alone: done().map(|file| file.left_alone().len()).sum(),
            errors: found(Severity::Error),
            warnings: found(Severity::Warning),
            mended: planned().filter_map(|planned| planned.mended.as_ref()).map(|m| m.done.len()).sum(),
            silenced: planned().map(|planned| planned.silenced).sum(),
        }
    }
}

/// The IAM actions that deploying the taken rewrites newly needs, each once.
pub(super) fn deployer_actions(files: &[FileReport]) -> BTreeSet<&str> {
    let done = files.iter().filter(|file| file.status != Status::Failed);
    let planned = done.filter_map(|file| file.planned.as_ref());
    planned.flat_map(|planned| &planned.deployer_actions).map(String::as_str).collect()
}

/// The SHA-256 digest in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(hex, "{byte:02x}").expect("impossible: writing to a String does not fail");
    }
    hex
}

/// Hand-made values for the tests of the writers.
#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::iam::{Effect, Permission};
    use crate::plan::{Form, Location, Reason, RewriteId};
    use crate::report::{RunFacts, Standing, Whereabouts};
    use crate::text::Span;
    use std::path::Path;

    /// A run of `diff` at the root of the work tree `/repo`.
    pub(crate) fn facts() -> RunFacts<'static> {
        RunFacts {
            version: "0.0.0",
            transforms: "SAM 0",
            repo: "acme/orders",
            direction: "connectors",
            phase: "both",
            config_digest: "sha256:00",
            repository: None,
            context: 3,
            exit: 1,
            fails_to: Some(Standing::Finding),
            strict: false,
            applied: false,
            everything: false,
            whereabouts: Whereabouts { current: Path::new("/repo"), root: Path::new("/repo") },
        }
    }

    pub(crate) fn left_alone(reason: Reason, message: &str) -> LeftAlone {
        LeftAlone {
            reason,
            principal: "ARole".into(),
            owner: "A".into(),
            grants: Vec::new(),
            refers_to: Vec::new(),
            location: Location { route: "Resources.A".into(), span: Span::new(0, 1) },
            message: message.into(),
        }
    }

    pub(crate) fn permission(action: &str, resource: &str) -> Permission {
        Permission {
            principal: "ARole".into(),
            action: action.into(),
            resource: resource.into(),
            on: None,
            condition: None,
            when: None,
            implied_by: Vec::new(),
            because: None,
            inert: false,
            deny: false,
        }
    }

    pub(crate) fn rewrite(decision: Decision) -> Rewrite {
        let location = Location { route: "Resources.A.Properties.Policies[0]".into(), span: Span::new(2, 3) };
        Rewrite {
            traceless: Vec::new(),
            id: RewriteId(0),
            principal: "ARole".into(),
            shared_with: Vec::new(),
            profile: "function-to-table".into(),
            fingerprint: "f00d".into(),
            source: "A".into(),
            destination: "T".into(),
            permissions: vec!["Read".into(), "Write".into()],
            form: Form::Embedded,
            connector: "AToT".into(),
            existing: false,
            places: vec![location],
            effect: Effect::Equivalent,
            decision,
            added: Vec::new(),
            removed: Vec::new(),
            needs: Vec::new(),
            kept: Vec::new(),
            step: None,
            hazards: Vec::new(),
        }
    }

    /// A report on the file `t.yaml` with the text `a\nb\n`, of which the taken rewrites make `a\nc\n`.
    pub(crate) fn file(rewrites: Vec<Rewrite>) -> FileReport {
        let source = Source::new("t.yaml", b"a\nb\n".to_vec()).unwrap();
        let taken = rewrites.iter().any(|rewrite| rewrite.decision == Decision::Taken);
        let edit = Edit { span: Span::new(2, 3), text: "c".into() };
        let edits = rewrites
            .iter()
            .map(|rewrite| if rewrite.decision == Decision::Taken { vec![edit.clone()] } else { Vec::new() })
            .collect();
        FileReport {
            path: "t.yaml".into(),
            diff_path: "t.yaml".into(),
            diff_base: None,
            real: None,
            from_stdin: false,
            status: if taken { Status::WouldChange } else { Status::Unchanged },
            problem: None,
            planned: Some(Planned {
                source,
                rewrites,
                left_alone: Vec::new(),
                roles: Vec::new(),
                deployer_actions: Vec::new(),
                findings: Vec::new(),
                silenced: 0,
                unignorable: Vec::new(),
                mended: None,
                after: taken.then(|| "a\nc\n".to_owned()),
                edits,
            }),
        }
    }
}

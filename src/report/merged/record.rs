//! The run report of one repository as it is read back: the fields that `report/json` writes, by the same names, but for the
//! edits, which nobody needs who does not write. What is unknown is passed over, what is missing is empty.

use crate::iam::{Effect, Permission};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The report on one run, mostly over one repository.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunRecord {
    /// Version of the format.
    pub schema: u32,
    /// What wrote the report.
    pub tool: ToolRecord,
    /// Name of the repository.
    pub repo: String,
    /// To what was rewritten.
    pub direction: String,
    /// The step of a migration.
    pub phase: String,
    /// Digest of all choices that can change a plan.
    pub config_digest: String,
    /// What became of the repository, of a run over many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryRecord>,
    /// One entry for each file.
    pub files: Vec<FileRecord>,
    /// IAM actions that whoever deploys newly needs.
    pub deployer_actions: BTreeSet<String>,
    /// The run in figures.
    pub summary: SummaryRecord,
    /// The exit code of the run.
    pub exit: u8,
}

/// What wrote a report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ToolRecord {
    /// Always `samwire`.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// What its definitions describe.
    pub transforms: String,
}

/// A repository in a run over many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepositoryRecord {
    /// Its path below the root of the run, made safe for file names.
    pub key: String,
    /// The same path as it is.
    #[serde(default)]
    pub path: String,
    /// What became of it.
    pub status: super::RepoStatus,
    /// Stable id of why it is skipped or failed.
    #[serde(default)]
    pub reason: Option<String>,
    /// The same in words.
    #[serde(default)]
    pub message: Option<String>,
    /// The commit that was looked at.
    #[serde(default)]
    pub base: Option<String>,
    /// Whether its work tree holds changes that are not committed.
    #[serde(default)]
    pub dirty: bool,
    /// Whether its history is cut off.
    #[serde(default)]
    pub shallow: bool,
    /// The branch that was made.
    #[serde(default)]
    pub branch: Option<String>,
    /// The commit that was made.
    #[serde(default)]
    pub commit: Option<String>,
    /// Options of its config file that were not heeded.
    #[serde(default)]
    pub passed_over: Vec<String>,
    /// Paths of its submodules, which are not looked into.
    #[serde(default)]
    pub submodules: Vec<String>,
}

/// A run in figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SummaryRecord {
    /// Files reported on.
    pub files: u64,
    /// Files that change or would change.
    pub changed: u64,
    /// Files not looked into.
    pub skipped: u64,
    /// Files that failed.
    pub failed: u64,
    /// Rewrites within consent.
    pub rewrites: u64,
    /// Rewrites held back.
    pub held: u64,
    /// Places left alone.
    pub left_alone: u64,
    /// Findings of severity error.
    pub errors: u64,
    /// Findings of severity warning.
    pub warnings: u64,
    /// Findings that are mended, or would be.
    pub mended: u64,
    /// Places and findings that are ignored, or known from a baseline.
    pub ignored: u64,
}

/// One file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileRecord {
    /// The path, as the user knows it.
    pub path: String,
    /// `would-change`, `changed`, `unchanged`, `skipped` or `error`.
    pub status: String,
    /// Stable id of why it is skipped or failed.
    pub reason: Option<String>,
    /// The same in words.
    pub message: Option<String>,
    /// Digests of the text before and after.
    pub sha256: Option<HashesRecord>,
    /// A unified diff.
    pub diff: Option<String>,
    /// What can be rewritten.
    pub rewrites: Vec<RewriteRecord>,
    /// What is left as it is.
    pub left_alone: Vec<LeftAloneRecord>,
    /// What is wrong with what is there.
    pub findings: Vec<FindingRecord>,
    /// What is mended beside the rewrites.
    pub mended: Option<MendedRecord>,
    /// How many places and findings are ignored.
    pub ignored: u64,
    /// Managed policies, role by role.
    pub roles: Vec<RoleRecord>,
}

impl FileRecord {
    /// Whether the file failed. Of such a file nothing was done, whatever was planned.
    pub fn has_failed(&self) -> bool {
        self.status == "error"
    }

    /// The rewrites that were made or would be.
    pub fn taken(&self) -> impl Iterator<Item = &RewriteRecord> {
        let done = if self.has_failed() { &[][..] } else { &self.rewrites };
        done.iter().filter(|rewrite| rewrite.is_taken())
    }
}

/// Digests of a text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HashesRecord {
    /// Of the bytes that were read.
    pub before: String,
    /// Of the bytes with everything within consent done.
    pub after: String,
}

/// One rewrite.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RewriteRecord {
    /// The profile.
    pub id: String,
    /// Stable while lines move.
    pub fingerprint: String,
    /// Who holds the grants.
    pub principal: String,
    /// Other resources that act through the same role.
    pub shared_with: Vec<String>,
    /// Logical id of the source.
    pub source: String,
    /// Logical id or ARN of the destination.
    pub destination: String,
    /// Its access categories.
    pub permissions: Vec<String>,
    /// How the connector, or the policy, is written.
    pub form: String,
    /// Logical id of the connector after SAM's transform.
    pub connector: String,
    /// Whether the connector is there already.
    pub existing: bool,
    /// Where the template grants what the connector takes over.
    pub places: Vec<PlaceRecord>,
    /// What it does to permissions.
    pub effect: Effect,
    /// `taken`, `held` or `skipped`.
    pub decision: String,
    /// Why it is held or skipped.
    pub held_by: Option<String>,
    /// Permissions that it adds.
    pub added: Vec<Permission>,
    /// Permissions that it removes.
    pub removed: Vec<Permission>,
    /// Permissions that stay as a policy.
    pub kept: Vec<Permission>,
    /// Where `phase` is one of two: what this step does by itself.
    pub step: Option<StepRecord>,
    /// What to know before deploying.
    pub hazards: Vec<NoteRecord>,
}

impl RewriteRecord {
    /// Whether it was made, or would be.
    pub fn is_taken(&self) -> bool {
        self.decision == "taken"
    }

    /// Whether it is held back for lack of consent, or by a limit.
    pub fn is_held(&self) -> bool {
        self.decision == "held"
    }
}

/// What a step does by itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StepRecord {
    /// What it does to permissions.
    pub effect: Effect,
    /// Permissions that it adds.
    pub added: Vec<Permission>,
    /// Permissions that it removes.
    pub removed: Vec<Permission>,
}

/// A place in a template.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlaceRecord {
    /// Path of keys and indices.
    pub route: String,
    /// The first character.
    pub start: PointRecord,
    /// The character behind the last one.
    pub end: PointRecord,
}

/// A point in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PointRecord {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// From 0.
    pub byte: u32,
}

/// A hazard or a mended finding.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NoteRecord {
    /// The kind.
    pub id: String,
    /// What it is about here.
    pub message: String,
}

/// A place that is left alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeftAloneRecord {
    /// The reason.
    pub id: String,
    /// Who holds the grants.
    pub principal: String,
    /// Logical id of the resource whose text it is.
    pub owner: String,
    /// The grants.
    pub grants: Vec<Permission>,
    /// Logical ids to which they could be narrowed.
    pub refers_to: Vec<String>,
    /// Where it is.
    #[serde(flatten)]
    pub place: PlaceRecord,
    /// What stays, in words.
    pub message: String,
}

/// What is wrong with what is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FindingRecord {
    /// The kind.
    pub id: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// Stable while lines move.
    pub fingerprint: String,
    /// Where it is.
    #[serde(flatten)]
    pub place: PlaceRecord,
    /// What is wrong, in words.
    pub message: String,
}

/// Findings that are mended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MendedRecord {
    /// The findings.
    pub findings: Vec<NoteRecord>,
    /// What mending them does to permissions.
    pub effect: Effect,
    /// Permissions that it adds.
    pub added: Vec<Permission>,
    /// Permissions that it removes.
    pub removed: Vec<Permission>,
}

/// A role.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleRecord {
    /// Its logical id.
    pub role: String,
    /// Its managed policies.
    pub managed_policies: ManagedPoliciesRecord,
}

/// How many managed policies a role has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ManagedPoliciesRecord {
    /// As the template is.
    pub before: u64,
    /// As it would be.
    pub after: u64,
    /// How many it may have.
    pub quota: u64,
}

//! The fields of the report for programs, in their order. They are added, never moved; `docs/report.schema.json` is made
//! from them.

use crate::iam::{Effect, Permission};
use crate::report::facts::RepositoryFacts;
use serde::Serialize;
use std::collections::BTreeSet;

/// The report on one run of `samwire diff`, `check` or `fix`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Run<'a> {
    #[serde(flatten)]
    pub(super) head: Head<'a>,
    /// One entry for each file, in the order of their paths.
    pub(super) files: Vec<File<'a>>,
    #[serde(flatten)]
    pub(super) tail: Tail<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Head<'a> {
    /// Version of this format. It is raised on any change that breaks a reader; fields are added without.
    pub(super) schema: u32,
    /// What wrote the report.
    pub(super) tool: Tool<'a>,
    /// Name of the repository.
    pub(super) repo: &'a str,
    /// To what was rewritten: `connectors` or `policies`.
    pub(super) direction: &'a str,
    /// The step of a migration: `both`, `add` or `remove`.
    pub(super) phase: &'a str,
    /// Digest of all choices that can change a plan.
    pub(super) config_digest: &'a str,
    /// What became of the repository as a whole; absent unless the run is one over many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) repository: Option<RepositoryFacts<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Tail<'a> {
    /// IAM actions that whoever deploys the rewrites within consent newly needs.
    pub(super) deployer_actions: BTreeSet<&'a str>,
    /// The run in figures.
    pub(super) summary: Summary,
    /// The exit code of the run.
    pub(super) exit: u8,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Tool<'a> {
    /// Always `samwire`.
    pub(super) name: &'a str,
    /// Version of the program.
    pub(super) version: &'a str,
    /// What its definitions describe, such as `SAM 1.115.0`.
    pub(super) transforms: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Summary {
    /// Files reported on.
    pub(super) files: usize,
    /// Files that change or would change.
    pub(super) changed: usize,
    /// Files not looked into.
    pub(super) skipped: usize,
    /// Files that failed.
    pub(super) failed: usize,
    /// Rewrites within consent.
    pub(super) rewrites: usize,
    /// Rewrites held back.
    pub(super) held: usize,
    /// Places left alone.
    pub(super) left_alone: usize,
    /// Findings of severity error.
    pub(super) errors: usize,
    /// Findings of severity warning.
    pub(super) warnings: usize,
    /// Findings that are mended, or would be.
    pub(super) mended: usize,
    /// Places and findings that are ignored, or known from a baseline.
    pub(super) ignored: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct File<'a> {
    /// The path, as the user knows it.
    pub(super) path: String,
    /// `would-change`, `changed`, `unchanged`, `skipped` or `error`.
    pub(super) status: &'a str,
    /// Stable id of why a file is skipped or failed.
    pub(super) reason: Option<&'a str>,
    /// The same in words.
    pub(super) message: Option<&'a str>,
    /// Digests of the text before and after; none where there is no plan.
    pub(super) sha256: Option<Hashes>,
    /// A unified diff that `git apply` takes; none where nothing changes.
    pub(super) diff: Option<String>,
    /// What can be rewritten, in the order of the template.
    pub(super) rewrites: Vec<RewriteEntry<'a>>,
    /// What is left as it is, each with its reason.
    pub(super) left_alone: Vec<LeftAloneEntry<'a>>,
    /// What is wrong with the connectors and policies that are there.
    pub(super) findings: Vec<FindingEntry<'a>>,
    /// What is mended beside the rewrites.
    pub(super) mended: Option<MendedEntry<'a>>,
    /// How many places and findings are ignored, or known from a baseline, and so not listed.
    pub(super) ignored: usize,
    /// Managed policies, role by role.
    pub(super) roles: Vec<RoleEntry<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Hashes {
    /// SHA-256 of the bytes that were read.
    pub(super) before: String,
    /// SHA-256 of the bytes with everything within consent done.
    pub(super) after: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RewriteEntry<'a> {
    /// The profile, such as `function-to-table`.
    pub(super) id: &'a str,
    /// Stable while lines move.
    pub(super) fingerprint: &'a str,
    /// Who holds the grants: the logical id of a role, or a service.
    pub(super) principal: &'a str,
    /// Logical ids of the other resources that act through the same role.
    pub(super) shared_with: &'a [String],
    /// Logical id of the source of the connector.
    pub(super) source: &'a str,
    /// Logical id or ARN of its destination; several are joined by commas.
    pub(super) destination: &'a str,
    /// Its access categories.
    pub(super) permissions: &'a [String],
    /// `embedded` or `standalone`; on the way back how the policy is written.
    pub(super) form: &'a str,
    /// Logical id of the connector after SAM's transform.
    pub(super) connector: &'a str,
    /// Whether the connector is there already.
    pub(super) existing: bool,
    /// Where the template grants what the connector takes over.
    pub(super) places: Vec<Place<'a>>,
    /// What it does to permissions.
    pub(super) effect: Effect,
    /// `taken`, `held` or `skipped`.
    pub(super) decision: &'a str,
    /// Why it is held or skipped: `consent`, `quota`, `unknown` or `filter`.
    pub(super) held_by: Option<&'a str>,
    /// What changes in the text before, rewrite by rewrite.
    pub(super) edits: Vec<EditEntry<'a>>,
    /// Permissions that it adds.
    pub(super) added: &'a [Permission],
    /// Permissions that it removes.
    pub(super) removed: &'a [Permission],
    /// Permissions that the connector does not give and that stay as a policy.
    pub(super) kept: &'a [Permission],
    /// Where `phase` is one of two: what this step does by itself.
    pub(super) step: Option<StepEntry<'a>>,
    /// What to know before deploying.
    pub(super) hazards: Vec<HazardEntry<'a>>,
}

/// What the step does by itself, where `phase` is one of two.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct StepEntry<'a> {
    /// What the step does to permissions.
    pub(super) effect: Effect,
    /// Permissions that it adds.
    pub(super) added: &'a [Permission],
    /// Permissions that it removes.
    pub(super) removed: &'a [Permission],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Place<'a> {
    /// Path of keys and indices.
    pub(super) route: &'a str,
    /// The first character.
    pub(super) start: Point,
    /// The character behind the last one.
    pub(super) end: Point,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Point {
    /// From 1.
    pub(super) line: u32,
    /// From 1, in characters.
    pub(super) column: u32,
    /// Offset in bytes, from 0, a byte order mark counted.
    pub(super) byte: u32,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct EditEntry<'a> {
    /// First byte that is replaced, from 0.
    pub(super) start: u32,
    /// The byte behind the last one.
    pub(super) end: u32,
    /// What stands there afterwards.
    pub(super) text: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct HazardEntry<'a> {
    /// The kind, for `samwire explain`.
    pub(super) id: &'a str,
    /// What may happen here.
    pub(super) message: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LeftAloneEntry<'a> {
    /// The reason, for `samwire explain`.
    pub(super) id: &'a str,
    /// Who holds the grants: the logical id of a role.
    pub(super) principal: &'a str,
    /// Logical id of the resource whose text it is.
    pub(super) owner: &'a str,
    /// The grants; empty where the text could not be read as such.
    pub(super) grants: &'a [Permission],
    /// Of grants on every resource: logical ids of those to which they could be narrowed.
    pub(super) refers_to: &'a [String],
    #[serde(flatten)]
    pub(super) place: Place<'a>,
    /// What stays, in words.
    pub(super) message: &'a str,
}

/// Findings that are mended, and what all of that does to permissions.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct MendedEntry<'a> {
    /// The findings.
    pub(super) findings: Vec<MendedFinding<'a>>,
    /// What mending them does to permissions.
    pub(super) effect: Effect,
    /// Permissions that it adds.
    pub(super) added: &'a [Permission],
    /// Permissions that it removes.
    pub(super) removed: &'a [Permission],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct MendedFinding<'a> {
    /// The kind, for `samwire explain`.
    pub(super) id: &'a str,
    /// What was wrong, in words.
    pub(super) message: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RoleEntry<'a> {
    /// Logical id of the role.
    pub(super) role: &'a str,
    /// How many managed policies it has.
    pub(super) managed_policies: ManagedPolicies,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct FindingEntry<'a> {
    /// The kind, for `samwire explain`.
    pub(super) id: &'a str,
    /// `error`, `warning` or `info`.
    pub(super) severity: &'a str,
    /// Stable while lines move.
    pub(super) fingerprint: &'a str,
    #[serde(flatten)]
    pub(super) place: Place<'a>,
    /// What is wrong, in words.
    pub(super) message: &'a str,
    /// What mends it; empty where no one change is surely meant.
    pub(super) edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ManagedPolicies {
    /// As the template is.
    pub(super) before: usize,
    /// As it would be.
    pub(super) after: usize,
    /// How many it may have, as `--max-managed-policies` says.
    pub(super) quota: usize,
}

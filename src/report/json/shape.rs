//! The fields of the report for programs, in their order. They are added, never moved; `docs/report.schema.json` is made
//! from them.

use crate::iam::{Effect, Permission};
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
    pub(super) tool: Tool<'a>,
    /// Name of the repository.
    pub(super) repo: &'a str,
    /// To what was rewritten: `connectors` or `policies`.
    pub(super) direction: &'a str,
    /// The step of a migration: `both`, `add` or `remove`.
    pub(super) phase: &'a str,
    /// Digest of all choices that can change a plan.
    pub(super) config_digest: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Tail<'a> {
    /// IAM actions that whoever deploys the rewrites within consent newly needs.
    pub(super) deployer_actions: BTreeSet<&'a str>,
    pub(super) summary: Summary,
    /// The exit code of the run.
    pub(super) exit: u8,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Tool<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
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
    pub(super) rewrites: Vec<RewriteEntry<'a>>,
    pub(super) left_alone: Vec<LeftAloneEntry<'a>>,
    pub(super) findings: Vec<FindingEntry<'a>>,
    /// What is mended beside the rewrites.
    pub(super) mended: Option<MendedEntry<'a>>,
    /// How many places and findings are ignored, or known from a baseline, and so not listed.
    pub(super) ignored: usize,
    pub(super) roles: Vec<RoleEntry<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Hashes {
    pub(super) before: String,
    pub(super) after: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RewriteEntry<'a> {
    pub(super) id: &'a str,
    /// Stable while lines move.
    pub(super) fingerprint: &'a str,
    pub(super) principal: &'a str,
    pub(super) shared_with: &'a [String],
    pub(super) source: &'a str,
    pub(super) destination: &'a str,
    pub(super) permissions: &'a [String],
    pub(super) form: &'a str,
    pub(super) connector: &'a str,
    /// Whether the connector is there already.
    pub(super) existing: bool,
    pub(super) places: Vec<Place<'a>>,
    pub(super) effect: Effect,
    /// `taken`, `held` or `skipped`.
    pub(super) decision: &'a str,
    /// Why it is held or skipped: `consent`, `quota`, `unknown` or `filter`.
    pub(super) held_by: Option<&'a str>,
    pub(super) edits: Vec<EditEntry<'a>>,
    pub(super) added: &'a [Permission],
    pub(super) removed: &'a [Permission],
    pub(super) kept: &'a [Permission],
    pub(super) step: Option<StepEntry<'a>>,
    pub(super) hazards: Vec<HazardEntry<'a>>,
}

/// What the step does by itself, where `phase` is one of two.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct StepEntry<'a> {
    pub(super) effect: Effect,
    pub(super) added: &'a [Permission],
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
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) text: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct HazardEntry<'a> {
    pub(super) id: &'a str,
    pub(super) message: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LeftAloneEntry<'a> {
    pub(super) id: &'a str,
    pub(super) principal: &'a str,
    pub(super) owner: &'a str,
    pub(super) grants: &'a [Permission],
    pub(super) refers_to: &'a [String],
    #[serde(flatten)]
    pub(super) place: Place<'a>,
    pub(super) message: &'a str,
}

/// Findings that are mended, and what all of that does to permissions.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct MendedEntry<'a> {
    pub(super) findings: Vec<MendedFinding<'a>>,
    pub(super) effect: Effect,
    pub(super) added: &'a [Permission],
    pub(super) removed: &'a [Permission],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct MendedFinding<'a> {
    pub(super) id: &'a str,
    pub(super) message: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RoleEntry<'a> {
    pub(super) role: &'a str,
    pub(super) managed_policies: ManagedPolicies,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct FindingEntry<'a> {
    pub(super) id: &'a str,
    /// `error`, `warning` or `info`.
    pub(super) severity: &'a str,
    /// Stable while lines move.
    pub(super) fingerprint: &'a str,
    #[serde(flatten)]
    pub(super) place: Place<'a>,
    pub(super) message: &'a str,
    /// What mends it; empty where no one change is surely meant.
    pub(super) edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ManagedPolicies {
    pub(super) before: usize,
    pub(super) after: usize,
    pub(super) quota: usize,
}

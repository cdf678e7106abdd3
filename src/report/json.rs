//! The report for programs. Fields are added, never moved; `schema` is raised on any change that breaks a reader.

use super::diff::Unified;
use super::escape::portable;
use super::model::{FileReport, Planned, Totals, deployer_actions, sha256_hex};
use super::notice::Standing;
use super::whereabouts::Whereabouts;
use crate::check::Finding;
use crate::iam::{Effect, Permission};
use crate::plan::{Decision, LeftAlone, Location, Rewrite, RoleQuota, StepDelta};
use crate::text::Edit;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Version of the format.
const SCHEMA: u32 = 1;

/// Facts of a run that no file knows.
#[derive(Debug, Clone, Copy)]
pub struct RunFacts<'a> {
    /// Release of the tool.
    pub version: &'a str,
    /// Release of the definitions.
    pub transforms: &'a str,
    /// Name of the repository.
    pub repo: &'a str,
    /// Which way was rewritten.
    pub direction: &'a str,
    /// The step of a migration.
    pub phase: &'a str,
    /// Digest of the choices that can change a plan.
    pub config_digest: &'a str,
    /// Lines of context in diffs.
    pub context: usize,
    /// The exit code of the run.
    pub exit: u8,
    /// The last standing that makes the run fail; none where nothing does.
    pub fails_to: Option<Standing>,
    /// Whether only rewrites without any delta are within consent.
    pub strict: bool,
    /// Whether the rewrites within consent have been written.
    pub applied: bool,
    /// Whether to tell also what cannot be helped.
    pub everything: bool,
    /// Where the run takes place.
    pub whereabouts: Whereabouts<'a>,
}

/// Writes the report on all files of a run as one JSON document.
pub fn write_json(out: &mut dyn Write, files: &[FileReport], facts: RunFacts<'_>) -> io::Result<()> {
    let totals = Totals::of(files);
    let run = Run {
        schema: SCHEMA,
        tool: Tool { name: "samwire", version: facts.version, transforms: facts.transforms },
        repo: facts.repo,
        direction: facts.direction,
        phase: facts.phase,
        config_digest: facts.config_digest,
        files: files.iter().map(|file| File::of(file, facts.context)).collect(),
        deployer_actions: deployer_actions(files),
        summary: Summary {
            files: totals.files,
            changed: totals.changed,
            skipped: totals.skipped,
            failed: totals.failed,
            rewrites: totals.rewrites,
            held: totals.held,
            left_alone: totals.left_alone,
            errors: totals.errors,
            warnings: totals.warnings,
        },
        exit: facts.exit,
    };
    serde_json::to_writer_pretty(&mut *out, &run)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Run<'a> {
    schema: u32,
    tool: Tool<'a>,
    repo: &'a str,
    direction: &'a str,
    phase: &'a str,
    config_digest: &'a str,
    files: Vec<File<'a>>,
    deployer_actions: BTreeSet<&'a str>,
    summary: Summary,
    exit: u8,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    version: &'a str,
    transforms: &'a str,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    changed: usize,
    skipped: usize,
    failed: usize,
    rewrites: usize,
    held: usize,
    left_alone: usize,
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct File<'a> {
    path: String,
    status: &'a str,
    /// Stable id of why a file is skipped or failed.
    reason: Option<&'a str>,
    message: Option<&'a str>,
    sha256: Option<Hashes>,
    diff: Option<String>,
    rewrites: Vec<RewriteEntry<'a>>,
    left_alone: Vec<LeftAloneEntry<'a>>,
    findings: Vec<FindingEntry<'a>>,
    roles: Vec<RoleEntry<'a>>,
}

#[derive(Serialize)]
struct Hashes {
    before: String,
    after: String,
}

#[derive(Serialize)]
struct RewriteEntry<'a> {
    id: &'a str,
    fingerprint: &'a str,
    principal: &'a str,
    shared_with: &'a [String],
    source: &'a str,
    destination: &'a str,
    permissions: &'a [String],
    form: &'a str,
    connector: &'a str,
    existing: bool,
    places: Vec<Place<'a>>,
    effect: Effect,
    decision: &'a str,
    held_by: Option<&'a str>,
    edits: Vec<EditEntry<'a>>,
    added: &'a [Permission],
    removed: &'a [Permission],
    kept: &'a [Permission],
    step: Option<StepEntry<'a>>,
    hazards: Vec<HazardEntry<'a>>,
}

/// What the step does by itself, where `phase` is one of two.
#[derive(Serialize)]
struct StepEntry<'a> {
    effect: Effect,
    added: &'a [Permission],
    removed: &'a [Permission],
}

#[derive(Serialize)]
struct Place<'a> {
    route: &'a str,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    byte: u32,
}

#[derive(Serialize)]
struct EditEntry<'a> {
    start: u32,
    end: u32,
    text: &'a str,
}

#[derive(Serialize)]
struct HazardEntry<'a> {
    id: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct LeftAloneEntry<'a> {
    id: &'a str,
    principal: &'a str,
    owner: &'a str,
    grants: &'a [Permission],
    refers_to: &'a [String],
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
}

#[derive(Serialize)]
struct RoleEntry<'a> {
    role: &'a str,
    managed_policies: ManagedPolicies,
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    id: &'a str,
    severity: &'a str,
    fingerprint: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
    /// What mends it; empty where no one change is surely meant.
    edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
struct ManagedPolicies {
    before: usize,
    after: usize,
    quota: usize,
}

impl<'a> File<'a> {
    fn of(file: &'a FileReport, context: usize) -> Self {
        let planned = file.planned.as_ref();
        let problem = file.problem.as_ref();
        let diff = file.diff(Unified::patch(context));
        Self {
            path: portable(&file.path).into_owned(),
            status: file.status.as_str(),
            reason: problem.map(|problem| problem.id),
            message: problem.map(|problem| problem.what.as_str()),
            sha256: planned.map(|planned| {
                let before = sha256_hex(planned.source.text().as_bytes());
                let after = planned.after.as_ref().map(|after| sha256_hex(after.as_bytes()));
                Hashes { after: after.unwrap_or_else(|| before.clone()), before }
            }),
            diff: (!diff.is_empty()).then_some(diff),
            rewrites: planned.map_or_else(Vec::new, RewriteEntry::all),
            left_alone: planned.map_or_else(Vec::new, LeftAloneEntry::all),
            findings: planned.map_or_else(Vec::new, FindingEntry::all),
            roles: planned.map_or_else(Vec::new, |planned| planned.roles.iter().map(RoleEntry::of).collect()),
        }
    }
}

impl<'a> RewriteEntry<'a> {
    fn all(planned: &'a Planned) -> Vec<Self> {
        planned.rewrites.iter().map(|rewrite| Self::of(rewrite, planned)).collect()
    }

    fn of(rewrite: &'a Rewrite, planned: &'a Planned) -> Self {
        let (decision, held_by) = match rewrite.decision {
            Decision::Taken => ("taken", None),
            Decision::Held(by) => ("held", Some(by.as_str())),
            Decision::Skipped => ("skipped", Some("filter")),
        };
        let edits = planned.edits.get(rewrite.id.0).map_or(&[][..], Vec::as_slice);
        Self {
            id: &rewrite.profile,
            fingerprint: &rewrite.fingerprint,
            principal: &rewrite.principal,
            shared_with: &rewrite.shared_with,
            source: &rewrite.source,
            destination: &rewrite.destination,
            permissions: &rewrite.permissions,
            form: rewrite.form.as_str(),
            connector: &rewrite.connector,
            existing: rewrite.existing,
            places: rewrite.places.iter().map(|location| Place::of(location, planned)).collect(),
            effect: rewrite.effect,
            decision,
            held_by,
            edits: edits.iter().map(EditEntry::of).collect(),
            added: &rewrite.added,
            removed: &rewrite.removed,
            kept: &rewrite.kept,
            step: rewrite.step.as_ref().map(StepEntry::of),
            hazards: rewrite.hazards.iter().map(|h| HazardEntry { id: h.id, message: &h.message }).collect(),
        }
    }
}

impl<'a> StepEntry<'a> {
    fn of(step: &'a StepDelta) -> Self {
        Self { effect: step.effect, added: &step.added, removed: &step.removed }
    }
}

impl<'a> Place<'a> {
    fn of(location: &'a Location, planned: &Planned) -> Self {
        let point = |byte: u32| {
            let at = planned.position(byte);
            Point { line: at.line, column: at.column, byte }
        };
        Self { route: &location.route, start: point(location.span.start), end: point(location.span.end) }
    }
}

impl<'a> EditEntry<'a> {
    fn of(edit: &'a Edit) -> Self {
        Self { start: edit.span.start, end: edit.span.end, text: &edit.text }
    }
}

impl<'a> LeftAloneEntry<'a> {
    fn all(planned: &'a Planned) -> Vec<Self> {
        planned.left_alone.iter().map(|left| Self::of(left, planned)).collect()
    }

    fn of(left: &'a LeftAlone, planned: &Planned) -> Self {
        Self {
            id: left.reason.id(),
            principal: &left.principal,
            owner: &left.owner,
            grants: &left.grants,
            refers_to: &left.refers_to,
            place: Place::of(&left.location, planned),
            message: &left.message,
        }
    }
}

impl<'a> FindingEntry<'a> {
    fn all(planned: &'a Planned) -> Vec<Self> {
        let entry = |finding: &'a Finding| Self {
            id: finding.kind.id,
            severity: finding.kind.severity.as_str(),
            fingerprint: &finding.fingerprint,
            place: Place::of(&finding.location, planned),
            message: &finding.message,
            edits: finding.mend.iter().map(EditEntry::of).collect(),
        };
        planned.findings.iter().map(entry).collect()
    }
}

impl<'a> RoleEntry<'a> {
    fn of(role: &'a RoleQuota) -> Self {
        let managed_policies = ManagedPolicies { before: role.before, after: role.after, quota: role.quota };
        Self { role: &role.role, managed_policies }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::HeldBy;
    use crate::report::model::samples::{facts, file, permission, rewrite};
    use crate::report::{Problem, Status};
    use serde_json::{Value, json};

    fn written(files: &[FileReport]) -> Value {
        let mut out = Vec::new();
        write_json(&mut out, files, facts()).unwrap();
        assert_eq!(out.last(), Some(&b'\n'));
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn every_field_of_the_contract_is_there() {
        let implied = Permission { implied_by: vec!["d:Get".into()], ..permission("d:Select", "${T.Arn}") };
        let value = written(&[file(vec![Rewrite { added: vec![implied], ..rewrite(Decision::Taken) }])]);
        let expected = json!({
            "schema": 1,
            "tool": {"name": "samwire", "version": "0.0.0", "transforms": "SAM 0"},
            "repo": "acme/orders",
            "direction": "connectors",
            "phase": "both",
            "config_digest": "sha256:00",
            "files": [{
                "path": "t.yaml",
                "status": "would-change",
                "reason": null,
                "message": null,
                "sha256": {
                    "before": sha256_hex(b"a\nb\n"),
                    "after": sha256_hex(b"a\nc\n"),
                },
                "diff": "--- a/t.yaml\n+++ b/t.yaml\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
                "rewrites": [{
                    "id": "function-to-table",
                    "fingerprint": "f00d",
                    "principal": "ARole",
                    "shared_with": [],
                    "source": "A",
                    "destination": "T",
                    "permissions": ["Read", "Write"],
                    "form": "embedded",
                    "connector": "AToT",
                    "existing": false,
                    "places": [{
                        "route": "Resources.A.Properties.Policies[0]",
                        "start": {"line": 2, "column": 1, "byte": 2},
                        "end": {"line": 2, "column": 2, "byte": 3},
                    }],
                    "effect": "equivalent",
                    "decision": "taken",
                    "held_by": null,
                    "edits": [{"start": 2, "end": 3, "text": "c"}],
                    "added": [{
                        "principal": "ARole",
                        "action": "d:Select",
                        "resource": "${T.Arn}",
                        "implied_by": ["d:Get"],
                        "inert": false,
                    }],
                    "removed": [],
                    "kept": [],
                    "step": null,
                    "hazards": [],
                }],
                "left_alone": [],
                "findings": [],
                "roles": [],
            }],
            "deployer_actions": [],
            "summary": {
                "files": 1, "changed": 1, "skipped": 0, "failed": 0, "rewrites": 1, "held": 0, "left_alone": 0,
                "errors": 0, "warnings": 0,
            },
            "exit": 1,
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn a_step_has_a_delta_of_its_own() {
        let removed = vec![permission("d:Get", "${T.Arn}")];
        let step = StepDelta { effect: Effect::Same, added: Vec::new(), removed: Vec::new() };
        let value = written(&[file(vec![Rewrite { removed, step: Some(step), ..rewrite(Decision::Taken) }])]);
        let rewrite = &value["files"][0]["rewrites"][0];
        assert_eq!(rewrite["step"], json!({"effect": "same", "added": [], "removed": []}));
        assert_eq!(rewrite["removed"][0]["action"], "d:Get");
    }

    #[test]
    fn held_filtered_and_failed_say_why() {
        let held = file(vec![rewrite(Decision::Held(HeldBy::Quota)), rewrite(Decision::Skipped)]);
        let problem = Problem::new("syntax", "broken", "mend it");
        let failed = FileReport::without_plan("x.yaml".into(), Status::Failed, problem);
        let value = written(&[held, failed]);
        let rewrites = &value["files"][0]["rewrites"];
        assert_eq!((&rewrites[0]["decision"], &rewrites[0]["held_by"]), (&json!("held"), &json!("quota")));
        assert_eq!(
            (&rewrites[1]["decision"], &rewrites[1]["held_by"]),
            (&json!("skipped"), &json!("filter"))
        );
        assert_eq!(value["files"][0]["diff"], Value::Null);
        let file = &value["files"][1];
        assert_eq!(
            (&file["status"], &file["reason"], &file["sha256"]),
            (&json!("error"), &json!("syntax"), &Value::Null)
        );
        assert_eq!(value["summary"]["failed"], 1);
    }
}

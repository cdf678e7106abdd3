//! The report for programs. Fields are added, never moved; `schema` is raised on any change that breaks a reader.

mod lines;
#[cfg(test)]
mod schema;
mod shape;

pub use lines::write_json_lines;

use super::diff::Unified;
use super::escape::portable;
use super::facts::RunFacts;
use super::model::{FileReport, Planned, Totals, deployer_actions, sha256_hex};
use crate::check::{Finding, FindingKind, Mended};
use crate::plan::{Decision, LeftAlone, Location, Rewrite, RoleQuota, StepDelta};
use crate::text::Edit;
use shape::{
    EditEntry, File, FindingEntry, Hashes, HazardEntry, Head, LeftAloneEntry, ManagedPolicies, MendedEntry,
    MendedFinding, Place, Point, RewriteEntry, RoleEntry, Run, StepEntry, Summary, Tail, Tool,
};
use std::io::{self, Write};

/// Version of the format.
pub(super) const SCHEMA: u32 = 1;

/// Writes the report on all files of a run as one JSON document.
pub fn write_json(out: &mut dyn Write, files: &[FileReport], facts: RunFacts<'_>) -> io::Result<()> {
    let run = Run {
        head: head(facts),
        files: files.iter().map(|file| File::of(file, facts.context)).collect(),
        tail: tail(files, facts),
    };
    serde_json::to_writer_pretty(&mut *out, &run)?;
    writeln!(out)
}

/// What stands before the files.
fn head(facts: RunFacts<'_>) -> Head<'_> {
    Head {
        schema: SCHEMA,
        tool: Tool { name: "samwire", version: facts.version, transforms: facts.transforms },
        repo: facts.repo,
        direction: facts.direction,
        phase: facts.phase,
        config_digest: facts.config_digest,
        repository: facts.repository,
    }
}

/// What stands behind the files.
fn tail<'a>(files: &'a [FileReport], facts: RunFacts<'_>) -> Tail<'a> {
    let totals = Totals::of(files);
    Tail {
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
            mended: totals.mended,
            ignored: totals.silenced,
        },
        exit: facts.exit,
    }
}

impl<'a> File<'a> {
    pub(super) fn of(file: &'a FileReport, context: usize) -> Self {
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
            mended: planned.and_then(|planned| planned.mended.as_ref()).map(MendedEntry::of),
            ignored: planned.map_or(0, |planned| planned.silenced),
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
        planned.open_findings().map(entry).collect()
    }
}

impl<'a> MendedEntry<'a> {
    fn of(mended: &'a Mended) -> Self {
        let finding =
            |(kind, message): &'a (&'static FindingKind, String)| MendedFinding { id: kind.id, message };
        Self {
            findings: mended.done.iter().map(finding).collect(),
            effect: mended.comparison.effect,
            added: &mended.comparison.added,
            removed: &mended.comparison.removed,
        }
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
    use crate::iam::{Effect, Permission};
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
                "mended": null,
                "ignored": 0,
                "roles": [],
            }],
            "deployer_actions": [],
            "summary": {
                "files": 1, "changed": 1, "skipped": 0, "failed": 0, "rewrites": 1, "held": 0, "left_alone": 0,
                "errors": 0, "warnings": 0, "mended": 0, "ignored": 0,
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

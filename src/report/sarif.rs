//! SARIF 2.1.0, the format of code scanning: results with rules, places, fingerprints and fixes.

use super::facts::RunFacts;
use super::model::{FileReport, Planned, Status, sha256_hex};
use super::notice::{Level, Notice, Region, Standing, Subject, notices, region_of, remarks};
use super::rule::{Rule, rules};
use super::whereabouts::uri;
use crate::text::Edit;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Where the schema is published.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The root of the work tree, under the name that code hosts know.
const ROOT: &str = "%SRCROOT%";

/// The name of our fingerprints; the number is raised when what they are made of changes.
const FINGERPRINT: &str = "samwire/v1";

/// Exit code of a run in which the tool's own check failed.
const TOOL_BUG: u8 = 4;

/// Writes one SARIF log with one run.
pub fn write_sarif(out: &mut dyn Write, files: &[FileReport], facts: RunFacts<'_>) -> io::Result<()> {
    let mut shown = remarks(files, &facts);
    if facts.everything {
        // Not all readers know what suppressed means, so that nobody who ignored something sees it again unasked.
        let passed = notices(files, &facts);
        shown.extend(passed.into_iter().filter(|notice| matches!(notice.subject, Subject::Passed(_))));
    }
    let rules = rules(&shown);
    let index: BTreeMap<&str, usize> =
        rules.iter().enumerate().map(|(number, rule)| (rule.id.as_str(), number)).collect();
    let results: Vec<Value> =
        shown.iter().map(|notice| result(notice, index.get(notice.subject.id()), &facts)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver(&rules, &facts) },
            "invocations": [{
                "executionSuccessful": facts.exit != TOOL_BUG,
                "exitCode": facts.exit,
            }],
            "originalUriBaseIds": {
                ROOT: { "description": { "text": "The root of the work tree." } },
            },
            "artifacts": artifacts(files, &facts),
            "results": results,
            "columnKind": "unicodeCodePoints",
            "newlineSequences": ["\r\n", "\n", "\r"],
            "properties": {
                "repository": facts.repo,
                "direction": facts.direction,
                "phase": facts.phase,
                "configDigest": facts.config_digest,
            },
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn driver(rules: &[Rule], facts: &RunFacts<'_>) -> Value {
    let mut driver = json!({
        "name": "samwire",
        "version": facts.version,
        "semanticVersion": facts.version,
        "properties": { "transforms": facts.transforms },
    });
    if let Some(home) = super::rule::home() {
        driver["informationUri"] = json!(home);
    }
    driver["rules"] = rules.iter().map(rule).collect();
    driver
}

fn rule(rule: &Rule) -> Value {
    let mut value = json!({
        "id": rule.id,
        "shortDescription": { "text": rule.what },
        "fullDescription": { "text": format!("{} {}", rule.what, rule.why) },
        "help": {
            "text": format!("{}\n\n{}\n\n{}", rule.why, rule.mend, rule.more),
            "markdown": format!("{}\n\n{}\n\n{}", rule.why, rule.mend, rule.more),
        },
        "defaultConfiguration": { "level": level(rule.level) },
        "properties": { "tags": ["iam", "sam"], "problem.severity": severity(rule.level) },
    });
    if let Some(page) = &rule.page {
        value["helpUri"] = json!(page);
    }
    value
}

fn result(notice: &Notice<'_>, rule: Option<&usize>, facts: &RunFacts<'_>) -> Value {
    let mut lines = vec![notice.message.clone()];
    lines.extend(notice.details.iter().cloned());
    // What is told for information only is no failure of the template, which SARIF says by the kind; then there is no
    // level to have.
    let informs = matches!(notice.standing, Standing::Rest);
    let mut value = json!({
        "ruleId": notice.subject.id(),
        "kind": if informs { "informational" } else { "fail" },
        "level": if informs { "none" } else { level(notice.level) },
        "message": { "text": plain(&lines.join("\n")) },
        "locations": [location(notice.file, notice.region, facts)],
        "partialFingerprints": { FINGERPRINT: notice.fingerprint },
    });
    if let Some(rule) = rule {
        value["ruleIndex"] = json!(rule);
    }
    if !notice.elsewhere.is_empty() {
        let related = notice.elsewhere.iter().map(|region| {
            let mut place = location(notice.file, Some(*region), facts);
            place["message"] = json!({ "text": "also from here" });
            place
        });
        value["relatedLocations"] = related.collect();
    }
    if let Some(fix) = fix(notice, facts) {
        value["fixes"] = json!([fix]);
    }
    if matches!(notice.subject, Subject::Passed(_)) {
        value["suppressions"] = json!([{ "kind": "external", "justification": "not asked for, or ignored" }]);
    }
    value
}

fn location(file: &FileReport, region: Option<Region>, facts: &RunFacts<'_>) -> Value {
    let mut physical = json!({ "artifactLocation": artifact_location(file, facts) });
    if let Some(found) = region {
        physical["region"] = region_value(found);
    }
    json!({ "physicalLocation": physical })
}

fn artifact_location(file: &FileReport, facts: &RunFacts<'_>) -> Value {
    let path = facts.whereabouts.path(file);
    let mut value = json!({ "uri": uri(&path) });
    if path.is_relative() {
        value["uriBaseId"] = json!(ROOT);
    }
    value
}

fn region_value(region: Region) -> Value {
    let mut value = json!({
        "startLine": region.start.line,
        "startColumn": region.start.column,
        "endLine": region.end.line,
        "endColumn": region.end.column,
    });
    if let Some(span) = region.span {
        value["byteOffset"] = json!(span.start);
        value["byteLength"] = json!(span.len());
    }
    value
}

/// The edits that settle a notice; none where nothing is to be done, or not without a person.
fn fix(notice: &Notice<'_>, facts: &RunFacts<'_>) -> Option<Value> {
    let planned = notice.file.planned.as_ref().filter(|_| !notice.edits.is_empty())?;
    let replacements: Vec<Value> = notice.edits.iter().map(|edit| replacement(planned, edit)).collect();
    Some(json!({
        "description": { "text": plain(&notice.message) },
        "artifactChanges": [{
            "artifactLocation": artifact_location(notice.file, facts),
            "replacements": replacements,
        }],
    }))
}

fn replacement(planned: &Planned, edit: &Edit) -> Value {
    let mut value = json!({ "deletedRegion": region_value(region_of(planned, edit.span)) });
    if !edit.text.is_empty() {
        value["insertedContent"] = json!({ "text": edit.text });
    }
    value
}

/// Every file that was looked into, with the digest of what was seen, so that a reader can tell whether places still fit.
fn artifacts(files: &[FileReport], facts: &RunFacts<'_>) -> Vec<Value> {
    let seen = files.iter().filter(|file| file.status != Status::Skipped);
    seen.map(|file| {
        let mut value = json!({ "location": artifact_location(file, facts) });
        if let Some(planned) = &file.planned {
            let text = planned.source.text();
            value["length"] = json!(text.len());
            value["encoding"] = json!("UTF-8");
            value["hashes"] = json!({ "sha-256": sha256_hex(text.as_bytes()) });
        }
        value
    })
    .collect()
}

/// Text that holds no link: SARIF reads `[text](target)` in a message as one.
fn plain(text: &str) -> String {
    if text.contains("](") { text.replace('[', "\\[").replace(']', "\\]") } else { text.to_owned() }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "recommendation",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Finding, FindingKind, Severity};
    use crate::plan::{Decision, HeldBy, Location, Reason, Rewrite};
    use crate::report::Problem;
    use crate::report::model::samples::{facts, file, left_alone, rewrite};
    use crate::text::Span;

    static DOUBTFUL: FindingKind =
        FindingKind { id: "doubtful", severity: Severity::Warning, what: "A.", why: "B.", mend: "C." };

    fn run(files: &[FileReport], facts: RunFacts<'_>) -> Value {
        let mut out = Vec::new();
        write_sarif(&mut out, files, facts).unwrap();
        let log: Value = serde_json::from_slice(&out).unwrap();
        log["runs"][0].clone()
    }

    #[test]
    fn a_result_has_its_rule_place_fingerprint_and_fix() {
        let run = run(&[file(vec![rewrite(Decision::Taken)])], facts());
        let result = &run["results"][0];
        let region = json!({
            "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 2, "byteOffset": 2, "byteLength": 1,
        });
        let artifact = json!({ "uri": "t.yaml", "uriBaseId": "%SRCROOT%" });
        assert_eq!(
            result["locations"],
            json!([{ "physicalLocation": { "artifactLocation": artifact, "region": region } }])
        );
        assert_eq!(result["partialFingerprints"], json!({ "samwire/v1": "f00d" }));
        assert_eq!((&result["level"], &result["kind"]), (&json!("note"), &json!("fail")));
        let changes = json!([{
            "artifactLocation": artifact,
            "replacements": [{ "deletedRegion": region, "insertedContent": { "text": "c" } }],
        }]);
        assert_eq!(result["fixes"][0]["artifactChanges"], changes);
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], result["ruleId"]);
    }

    #[test]
    fn every_kind_of_notice_says_what_it_is() {
        let held = rewrite(Decision::Held(HeldBy::Consent));
        let mut report = file(vec![held, Rewrite { profile: "other".into(), ..rewrite(Decision::Skipped) }]);
        let planned = report.planned.as_mut().unwrap();
        let location = Location { route: "Resources".into(), span: Span::new(2, 3) };
        planned.findings = vec![Finding {
            kind: &DOUBTFUL,
            message: "see [this](http://x.example)".into(),
            location,
            fingerprint: "beef".into(),
            mend: vec![Edit { span: Span::at(4), text: "x".into() }],
        }];
        planned.left_alone = vec![left_alone(Reason::Deny, "x")];
        let problem = Problem::new("syntax", "broken", "mend it");
        let files = [report, FileReport::without_plan("x.yaml".into(), Status::Failed, problem)];
        let told = |facts: RunFacts<'_>| -> Vec<String> {
            let run = run(&files, facts);
            let results = run["results"].as_array().unwrap();
            let word = |result: &Value, key: &str| result[key].as_str().unwrap().to_owned();
            let of = |result: &Value| {
                let marks = ["fixes", "suppressions"].iter().filter(|key| result.get(key).is_some());
                let marks: String = marks.map(|mark| format!(" {mark}")).collect();
                format!(
                    "{} {} {}{marks}",
                    word(result, "ruleId"),
                    word(result, "kind"),
                    word(result, "level")
                )
            };
            results.iter().map(of).collect()
        };
        let brief = ["function-to-table fail note", "doubtful fail warning fixes", "syntax fail error"];
        assert_eq!(told(facts()), brief);
        let all = told(RunFacts { everything: true, ..facts() });
        assert_eq!(all.len(), 5);
        assert_eq!(
            (all[0].as_str(), all[4].as_str()),
            ("deny informational none", "other fail note suppressions")
        );
        let text = run(&files, facts())["results"][1]["message"]["text"].clone();
        assert_eq!(text, "see \\[this\\](http://x.example)\nB.");
    }
}

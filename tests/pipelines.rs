//! The integrations that run in pipelines and editors, as they are handed out: the steps of the GitHub action on a simulated
//! runner, the GitLab job, the problem matchers of VS Code. What is executed is what the files say, not a copy of it.

mod place_support;
mod runner_support;
mod tool_support;

use place_support::{Done, Place, TEMPLATE};
use runner_support::{ACTION, Request, Runner, WRONG};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use tool_support::{path_with_the_program, root, tools};

const JOB: &str = "docs/integrations/samwire.gitlab-ci.yml";

#[cfg(unix)]
#[test]
fn the_action_reports_what_a_pull_request_changed() {
    let Some(tools) = tools() else { return };
    let request = Request::new();
    let step = Runner::new(tools, &request, &[("sarif", "true")]).check();
    let Done { code, out, .. } = step.done;
    assert_eq!((code, step.outputs["exit-code"].as_str()), (1, "1"), "{out}");
    let error = "::error file=services/new.yaml,line=9,";
    assert!(step.commands.iter().any(|line| line.starts_with(error)), "{out}");
    assert!(step.commands.iter().all(|line| line.contains("services/new.yaml")), "{out}");
    assert!(step.log.contains("services/new.yaml:9:"), "people read the text: {out}");
    assert!(step.summary.contains("new.yaml") && !step.summary.contains("old.yaml"), "{}", step.summary);
    let sarif: Value =
        serde_json::from_str(&fs::read_to_string(&step.outputs["sarif"]).expect("it was written"))
            .expect("SARIF is JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results are a list");
    assert!(!results.is_empty());
    for result in results {
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(place, "services/new.yaml");
    }
}

#[cfg(unix)]
#[test]
fn outside_of_a_pull_request_everything_is_looked_at() {
    let Some(tools) = tools() else { return };
    let request = Request::new();
    let everything = Runner::new(tools, &request, &[]).targeting("").check();
    let asked = Runner::new(tools, &request, &[("changed", "false")]).check();
    for step in [everything, asked] {
        assert_eq!(step.done.code, 1, "{}", step.log);
        assert!(step.log.contains("old.yaml:13:") && step.log.contains("new.yaml:9:"), "{}", step.log);
        assert!(!step.outputs.contains_key("sarif"));
    }
}

#[cfg(unix)]
#[test]
fn every_input_of_the_action_has_its_effect() {
    let Some(tools) = tools() else { return };
    let request = Request::new();
    let run = |inputs: &[(&str, &str)]| {
        let inputs: Vec<(&'static str, &str)> = inputs
            .iter()
            .map(|(name, value)| {
                (
                    *["paths", "args", "fail-on", "annotations", "summary"]
                        .iter()
                        .find(|n| *n == name)
                        .expect("a known input"),
                    *value,
                )
            })
            .collect();
        Runner::new(tools, &request, &inputs).check()
    };
    let quiet = run(&[("fail-on", "never"), ("annotations", "false"), ("summary", "false")]);
    assert_eq!((quiet.done.code, quiet.summary.as_str()), (0, ""));
    assert_eq!(quiet.commands, [""; 0]);
    let elsewhere =
        run(&[("paths", "old.yaml\n\nservices/compose.yaml\n"), ("args", "--skip-non-templates\n")]);
    assert_eq!(elsewhere.done.code, 0, "neither is a template that changed: {}", elsewhere.log);
    let strict = run(&[("args", "--source\nNobody\n--strict"), ("fail-on", "error")]);
    assert_eq!(strict.done.code, 1, "{}", strict.log);
    assert_eq!(run(&[("fail-on", "sometimes")]).done.code, 2);
}

#[cfg(unix)]
#[test]
fn no_input_of_the_action_is_run_as_a_command() {
    let Some(tools) = tools() else { return };
    let request = Request::new();
    let hostile = "$(touch pwned)\n`touch pwned`\n'; touch pwned #\n--format=json=pwned";
    for name in ["paths", "fail-on", "changed", "annotations", "summary", "sarif"] {
        let step = Runner::new(tools, &request, &[(name, hostile)]).check();
        assert!(matches!(step.done.code, 1 | 2), "{name}: {}", step.log);
        assert!(!request.checkout.at("work/pwned").exists(), "{name}");
    }
    let base = "x$(touch${IFS}pwned)";
    let step = Runner::new(tools, &request, &[]).targeting(base).check();
    assert_ne!(step.done.code, 0);
    assert!(!request.checkout.at("work/pwned").exists());
}

#[cfg(unix)]
#[test]
fn no_name_in_a_pull_request_is_a_command_to_the_runner() {
    let Some(tools) = tools() else { return };
    let request = Request::new();
    for (name, text) in [
        ("::warning::pwned.yaml", TEMPLATE.to_owned()),
        ("::add-mask::pwned.yaml", format!("{TEMPLATE}  Broken: [\n")),
        ("x##[add-mask]pwned.yaml", TEMPLATE.to_owned()),
    ] {
        request.checkout.write(&format!("work/{name}"), &text);
    }
    for annotations in ["true", "false"] {
        let step = Runner::new(tools, &request, &[("annotations", annotations)]).check();
        assert_eq!(step.done.code, 3, "{}", step.log);
        assert!(step.log.matches("pwned").count() > 2, "{}", step.log);
        let annotated = |line: &String| {
            ["::error file=", "::warning file=", "::notice file="].iter().any(|start| line.starts_with(start))
        };
        assert!(step.commands.iter().all(annotated), "{:?}", step.commands);
        assert_eq!(step.commands.is_empty(), annotations == "false");
    }
}

#[cfg(unix)]
#[test]
fn the_action_keeps_what_it_builds_under_a_key_of_its_source() {
    let Some(tools) = tools() else { return };
    let request = Request::new();
    let located = |version: &str| {
        let runner = Runner::new(tools, &request, &[("executable", ""), ("version", version)]);
        runner.step("locate", &BTreeMap::new()).outputs
    };
    let (source, named) = (located(""), located("1.2.3"));
    assert!(source["key"].len() == 40 && source["key"] == located("")["key"], "{source:?}");
    assert_eq!(named["key"], "1.2.3");
    assert_eq!(named["executable"], format!("{}/bin/samwire", named["root"]));
}

#[cfg(unix)]
#[test]
fn the_gitlab_job_reports_what_a_merge_request_changed() {
    let Some(tools) = tools() else { return };
    let request = Request::new();
    let job = &tools.yaml(JOB)["samwire"];
    let script = |key: &str| {
        let lines = job[key].as_array().expect("a list of commands").iter();
        lines.map(|line| line.as_str().expect("commands are text")).collect::<Vec<_>>().join("\n")
    };
    let work = request.checkout.at("work");
    request.checkout.git(&["-C", "work", "fetch", "-q", "--unshallow", "origin", "main"]);
    let base = Command::new("git").args(["rev-parse", "main"]).current_dir(request.origin.root()).output();
    let base = String::from_utf8(base.expect("git is there").stdout).expect("a hash is text");
    let done: Done = Command::new("bash")
        .args(["-eo", "pipefail", "-c", &[script("before_script"), script("script")].join("\n")])
        .current_dir(&work)
        .env_remove("GITHUB_BASE_REF")
        .env("PATH", path_with_the_program())
        .env("CI_PROJECT_DIR", &work)
        .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.trim())
        .output()
        .expect("bash is there")
        .into();
    assert_eq!(done.code, 1, "{}{}", done.out, done.err);
    let reports = &job["artifacts"]["reports"];
    let read = |key: &str| {
        let file = reports[key].as_str().expect("a report has a file");
        fs::read_to_string(work.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    };
    let quality: Value = serde_json::from_str(&read("codequality")).expect("the report is JSON");
    let entries = quality.as_array().expect("a list of issues");
    assert!(!entries.is_empty());
    assert!(entries.iter().all(|entry| entry["location"]["path"] == "services/new.yaml"), "{quality}");
    let junit = read("junit");
    assert!(junit.contains("<testsuite") && junit.contains("services/new.yaml"), "{junit}");
}

#[test]
fn the_problem_matchers_of_vs_code_read_the_text() {
    let Some(tools) = tools() else { return };
    let tasks: Value = serde_json::from_str(
        &fs::read_to_string(root().join("docs/integrations/vscode-tasks.json")).expect("it is there"),
    )
    .expect("tasks are JSON");
    let task = &tasks["tasks"][0];
    let arguments: Vec<&str> =
        task["args"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let place = Place::with(&[
        ("a b/wrong.yaml", WRONG),
        ("good.yaml", TEMPLATE),
        ("broken.yaml", &format!("{TEMPLATE}  X: [\n")),
    ]);
    let done = place.samwire(&arguments);
    // The notation is the common part of the two languages.
    const MATCH: &str = r#"
import json, re, sys
given = json.loads(sys.argv[1])
found = []
for matcher in given["matchers"]:
    pattern = matcher["pattern"]
    for line in given["text"].splitlines():
        match = re.search(pattern["regexp"], line)
        if match:
            take = lambda key: match.group(pattern[key]) if key in pattern else matcher.get(key)
            found.append([take(key) for key in ("file", "line", "column", "severity", "code")])
print(json.dumps(found))
"#;
    let text = format!("{}{}", done.out, done.err);
    let found = tools.compute(MATCH, &json!({"matchers": task["problemMatcher"], "text": text}));
    let found: Vec<Vec<Option<String>>> = serde_json::from_value(found).expect("rows of text");
    let row = |file: &str, line: &str, severity: &str, code: Option<&str>| {
        found.iter().any(|row| {
            let [f, l, _, s, c] = row.as_slice() else { return false };
            (f.as_deref(), l.as_deref(), s.as_deref()) == (Some(file), Some(line), Some(severity))
                && c.as_deref() == code
        })
    };
    assert!(
        found
            .iter()
            .any(|row| row[0].as_deref() == Some("a b/wrong.yaml") && row[3].as_deref() == Some("error")),
        "{found:?}\n{text}"
    );
    assert!(row("a b/wrong.yaml", "17", "info", Some("function-to-table")), "{found:?}\n{text}");
    assert!(row("good.yaml", "13", "info", Some("function-to-table")), "{found:?}\n{text}");
    assert!(row("good.yaml", "28", "info", Some("function-to-table")), "{found:?}\n{text}");
    assert!(
        found
            .iter()
            .any(|row| row[0].as_deref() == Some("broken.yaml") && row[3].as_deref() == Some("error")),
        "{found:?}\n{text}"
    );
}

#[test]
fn the_files_are_what_their_readers_expect() {
    let Some(tools) = tools() else { return };
    for (schema, file) in [
        ("vendor.github-actions", ACTION),
        ("vendor.github-workflows", "docs/integrations/github-workflow.yml"),
        ("vendor.gitlab-ci", JOB),
    ] {
        let mut command = tools.module("check_jsonschema");
        let output = command.args(["--builtin-schema", schema, file]).current_dir(root()).output();
        let done = Done::from(output.expect("check-jsonschema starts"));
        assert_eq!(done.code, 0, "{file}: {}{}", done.out, done.err);
    }
}

#[test]
fn an_auditor_finds_nothing_in_the_action_and_the_workflow() {
    let Some(tools) = tools() else { return };
    let mut command = tools.binary("zizmor");
    command.args(["--offline", "--no-progress", "--color=never", "--persona=pedantic", ACTION]);
    command.arg("docs/integrations/github-workflow.yml").current_dir(root());
    let done = Done::from(command.output().expect("zizmor starts"));
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
}

#[test]
fn the_workflow_and_the_action_agree() {
    let Some(tools) = tools() else { return };
    let workflow = tools.yaml("docs/integrations/github-workflow.yml");
    let steps = workflow["jobs"]["templates"]["steps"].as_array().expect("a list");
    let folder = Path::new(ACTION).parent().expect("it lies in a folder").display().to_string();
    let step = steps.iter().find(|step| step["uses"].as_str().is_some_and(|uses| uses.contains(&folder)));
    let step = step.expect("the workflow uses the action");
    let action = tools.yaml(ACTION);
    for name in step["with"].as_object().expect("it gives inputs").keys() {
        assert!(action["inputs"].get(name).is_some(), "the action has no input {name}");
    }
}

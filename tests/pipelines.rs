//! The integrations that run in pipelines and editors, as they are handed out: the steps of the GitHub action on a simulated
//! runner, the GitLab job, the problem matchers of VS Code. What is executed is what the files say, not a copy of it.

mod place_support;
mod tool_support;

use place_support::{Done, Place, TEMPLATE};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use tool_support::{Tools, path_with_the_program, root, tools};

const ACTION: &str = ".github/actions/samwire/action.yml";
const JOB: &str = "docs/integrations/samwire.gitlab-ci.yml";

/// A template in which a connector names no resource, which is an error, and a policy could be a connector.
const WRONG: &str = include_str!("../fixtures/function-to-table/existing-connector-is-broken/before.yaml");

/// A pull request: a checkout of its one commit, as the checkout action makes it, beside the repository that it came from.
struct Request {
    origin: Place,
    checkout: Place,
}

impl Request {
    /// The target has `old.yaml` with something to report; the branch adds `new.yaml`, and a file that is no template.
    fn new() -> Self {
        let origin = Place::repository(&[("old.yaml", TEMPLATE)]);
        origin.git(&["branch", "-M", "main"]);
        origin.git(&["checkout", "-q", "-b", "topic"]);
        origin.write("services/new.yaml", WRONG);
        origin.write("services/compose.yaml", "services: {}\n");
        origin.commit();
        let checkout = Place::empty();
        let from = format!("file://{}", origin.root().display());
        checkout.git(&["clone", "-q", "--depth=1", "--branch=topic", &from, "work"]);
        Self { origin, checkout }
    }
}

/// A runner that executes the scripts of the action's own steps. Other actions are not run.
struct Runner<'a> {
    action: Value,
    request: &'a Request,
    inputs: BTreeMap<&'a str, String>,
    /// Set beside the inputs; an empty value is what GitHub gives outside of a pull request.
    base: &'a str,
}

/// What a step left behind.
struct Step {
    done: Done,
    /// The lines of the log that a runner takes for commands.
    commands: Vec<String>,
    /// All other lines.
    log: String,
    outputs: BTreeMap<String, String>,
    summary: String,
}

impl<'a> Runner<'a> {
    fn new(tools: &Tools, request: &'a Request, inputs: &[(&'a str, &str)]) -> Self {
        let mut inputs: BTreeMap<_, _> =
            inputs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        inputs.entry("executable").or_insert_with(|| env!("CARGO_BIN_EXE_samwire").to_owned());
        Self { action: tools.yaml(ACTION), request, inputs, base: "main" }
    }

    /// All steps up to the check; the last one's results.
    fn check(&self) -> Step {
        let located = self.step("locate", &BTreeMap::new());
        assert_eq!(located.done.code, 0, "{}", located.done.err);
        self.step("check", &located.outputs)
    }

    fn step(&self, id: &str, located: &BTreeMap<String, String>) -> Step {
        let steps = self.action["runs"]["steps"].as_array().expect("steps are a list");
        let step = steps.iter().find(|step| step["id"] == id).expect("the step is there");
        let temp = tempfile::tempdir().expect("a temporary directory");
        let at = |name: &str| temp.path().join(name);
        for file in ["output", "summary"] {
            fs::write(at(file), "").expect("the folder is ours");
        }
        // As runners start bash for `shell: bash`.
        let mut command = Command::new("bash");
        command.args([
            "--noprofile",
            "--norc",
            "-eo",
            "pipefail",
            "-c",
            step["run"].as_str().expect("a script"),
        ]);
        command.current_dir(self.request.checkout.at("work")).env_clear();
        for name in ["PATH", "HOME", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        for (name, value) in step["env"].as_object().expect("the step is given values") {
            command.env(name, self.evaluated(value.as_str().expect("values are text"), located));
        }
        command
            .env("GITHUB_ACTIONS", "true")
            .env("CI", "true")
            .env("RUNNER_TEMP", self.request.checkout.state());
        command.env("GITHUB_ACTION_PATH", root().join(ACTION).parent().expect("it lies in a folder"));
        command.env("GITHUB_OUTPUT", at("output")).env("GITHUB_STEP_SUMMARY", at("summary"));
        command.env("GITHUB_BASE_REF", self.base).env("GITHUB_REPOSITORY", "acme/orders");
        command.env("GITHUB_WORKSPACE", self.request.checkout.at("work"));
        let done: Done = command.output().expect("bash is there").into();
        let (commands, log) = understood(&done.out);
        let read = |name| fs::read_to_string(at(name)).expect("outputs are text");
        let written = read("output");
        let outputs = written.lines().map(|line| line.split_once('=').expect("an output has a name"));
        let outputs = outputs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Step { done, commands, log, outputs, summary: read("summary") }
    }

    /// The few expressions that the action gives to its steps.
    fn evaluated(&self, value: &str, located: &BTreeMap<String, String>) -> String {
        let Some(expression) = value.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}")) else {
            return value.to_owned();
        };
        if let Some(name) = expression.strip_prefix("inputs.") {
            let default = &self.action["inputs"][name]["default"];
            return self
                .inputs
                .get(name)
                .cloned()
                .unwrap_or_else(|| default.as_str().unwrap_or_else(|| panic!("no input {name}")).to_owned());
        }
        let name = expression.strip_prefix("steps.locate.outputs.").expect("a known expression");
        located.get(name).cloned().unwrap_or_default()
    }
}

/// The commands and the other lines of a log, as a runner tells them apart: a command may be indented, the older notation may
/// stand anywhere in a line, and between a stop and its token there are none.
fn understood(log: &str) -> (Vec<String>, String) {
    let (mut commands, mut rest) = (Vec::new(), String::new());
    let mut until: Option<String> = None;
    for line in log.lines() {
        let word = line.trim_start();
        match (&until, word.strip_prefix("::stop-commands::")) {
            (Some(token), _) if word == format!("::{token}::") => until = None,
            (None, Some(token)) => until = Some(token.to_owned()),
            (None, None) if word.starts_with("::") || word.contains("##[") => commands.push(line.to_owned()),
            _ => rest.extend([line, "\n"]),
        }
    }
    assert_eq!(until, None, "what is stopped is not taken up again");
    (commands, rest)
}

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
    let everything = Runner { base: "", ..Runner::new(tools, &request, &[]) }.check();
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
    let step = Runner { base, ..Runner::new(tools, &request, &[]) }.check();
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

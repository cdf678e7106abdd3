//! A pull request and a runner of GitHub Actions, as far as the action of this repository needs one: it gives each step its
//! values, executes its script, and reads what it leaves behind. Knows nothing of what the steps are for.

use crate::place_support::{Done, Place, TEMPLATE};
use crate::tool_support::{Tools, root};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

/// The action.
pub(crate) const ACTION: &str = ".github/actions/samwire/action.yml";

/// A template in which a connector names no resource, which is an error, and a policy could be a connector.
pub(crate) const WRONG: &str =
    include_str!("../../fixtures/function-to-table/existing-connector-is-broken/before.yaml");

/// A pull request: a checkout of its one commit, as the checkout action makes it, beside the repository that it came from.
pub(crate) struct Request {
    pub(crate) origin: Place,
    pub(crate) checkout: Place,
}

impl Request {
    /// The target has `old.yaml` with something to report; the branch adds `new.yaml`, and a file that is no template.
    pub(crate) fn new() -> Self {
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
pub(crate) struct Runner<'a> {
    action: Value,
    request: &'a Request,
    inputs: BTreeMap<&'a str, String>,
    base: &'a str,
}

/// What a step left behind.
pub(crate) struct Step {
    pub(crate) done: Done,
    /// The lines of the log that a runner takes for commands.
    pub(crate) commands: Vec<String>,
    /// All other lines.
    pub(crate) log: String,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(tools: &Tools, request: &'a Request, inputs: &[(&'a str, &str)]) -> Self {
        let mut inputs: BTreeMap<_, _> =
            inputs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        inputs.entry("executable").or_insert_with(|| env!("CARGO_BIN_EXE_samwire").to_owned());
        Self { action: tools.yaml(ACTION), request, inputs, base: "main" }
    }

    /// The same for a pull request to this branch. An empty name is what GitHub gives outside of pull requests.
    pub(crate) fn targeting(self, base: &'a str) -> Self {
        Self { base, ..self }
    }

    /// All steps up to the check; the last one's results.
    pub(crate) fn check(&self) -> Step {
        let located = self.step("locate", &BTreeMap::new());
        assert_eq!(located.done.code, 0, "{}", located.done.err);
        self.step("check", &located.outputs)
    }

    pub(crate) fn step(&self, id: &str, located: &BTreeMap<String, String>) -> Step {
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

//! The hooks of `.pre-commit-hooks.yaml`, run by pre-commit itself on small repositories. The program under test stands in for
//! the one that pre-commit would build; `.ci/packages` lets it build that one as well.

mod place_support;
mod tool_support;

use place_support::{Done, Place, TEMPLATE};
use serde_json::json;
use tool_support::{Tools, root, tools};

/// What no hook has to say anything about: no template, no JSON that a parser takes, YAML with tags of its own.
const STRANGERS: [(&str, &str); 4] = [
    ("compose.yaml", "services:\n  db: {image: postgres}\n"),
    ("tsconfig.json", "{\n  // comments are fine here\n  \"strict\": true,\n}\n"),
    ("playbook.yml", "- hosts: all\n  secret: !vault |\n    abc\n"),
    ("values.yaml", "a: {{ .Values.a }}\n"),
];

/// A repository that uses the hook `id`, with `files` staged and nothing committed but the configuration.
fn repository(tools: &Tools, id: &str, files: &[(&str, &str)]) -> Place {
    let hooks = tools.yaml(".pre-commit-hooks.yaml");
    let mut hook =
        hooks.as_array().expect("a list").iter().find(|hook| hook["id"] == id).expect("it is there").clone();
    assert_eq!(hook["language"], "rust");
    let arguments =
        hook["entry"].as_str().and_then(|entry| entry.strip_prefix("samwire ")).expect("it runs us");
    hook["entry"] = format!("'{}' {arguments}", env!("CARGO_BIN_EXE_samwire")).into();
    hook["language"] = "system".into();
    let config = json!({"repos": [{"repo": "local", "hooks": [hook]}]});
    let place = Place::repository(&[(".pre-commit-config.yaml", &config.to_string())]);
    for (name, text) in files {
        place.write(name, text);
    }
    place.git(&["add", "--all"]);
    place
}

fn pre_commit(tools: &Tools, place: &Place) -> Done {
    let mut command = tools.module("pre_commit");
    command.args(["run", "--color", "never", "--verbose"]).current_dir(place.root());
    command.env("PRE_COMMIT_HOME", place.state().join("pre-commit")).env("XDG_STATE_HOME", place.state());
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "FORCE_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.output().expect("pre-commit starts").into()
}

/// The template after everything within consent was done.
fn rewritten() -> String {
    let place = Place::with(&[("t.yaml", TEMPLATE)]);
    assert_eq!(place.samwire(&["fix", "--yes", "--allow-no-vcs"]).code, 0);
    place.read("t.yaml")
}

#[test]
fn check_and_diff_fail_on_a_template_that_has_something_to_report() {
    let Some(tools) = tools() else { return };
    for (id, shown) in [("samwire-check", "function-to-table"), ("samwire-diff", "+    Connectors:")] {
        let place = repository(tools, id, &[("template.yaml", TEMPLATE), STRANGERS[0]]);
        let done = pre_commit(tools, &place);
        assert_eq!(done.code, 1, "{id}: {}{}", done.out, done.err);
        assert!(done.out.contains("Failed") && done.out.contains("- exit code: 1\n"), "{id}: {}", done.out);
        assert!(done.out.contains(shown), "{id}: {}", done.out);
        assert_eq!(place.read("template.yaml"), TEMPLATE, "{id}");
    }
}

#[test]
fn every_hook_passes_where_there_is_nothing_to_do() {
    let Some(tools) = tools() else { return };
    let clean = rewritten();
    for id in ["samwire-check", "samwire-diff", "samwire-fix"] {
        let mut files = STRANGERS.to_vec();
        files.push(("template.yaml", &clean));
        let place = repository(tools, id, &files);
        let done = pre_commit(tools, &place);
        assert_eq!(done.code, 0, "{id}: {}{}", done.out, done.err);
        assert!(done.out.contains("Passed"), "{id}: {}", done.out);
    }
}

#[test]
fn a_template_that_cannot_be_read_fails() {
    let Some(tools) = tools() else { return };
    let broken = format!("{TEMPLATE}\n  Broken: [\n");
    let done = pre_commit(tools, &repository(tools, "samwire-check", &[("template.yaml", &broken)]));
    assert_eq!(done.code, 1, "{}{}", done.out, done.err);
    assert!(
        done.out.contains("- exit code: 3\n") && done.out.contains("error: template.yaml:"),
        "{}",
        done.out
    );
}

#[test]
fn only_what_is_staged_counts() {
    let Some(tools) = tools() else { return };
    let clean = rewritten();
    for (staged, in_the_tree, code) in [(clean.as_str(), TEMPLATE, 0), (TEMPLATE, clean.as_str(), 1)] {
        let place = repository(tools, "samwire-check", &[("template.yaml", staged)]);
        place.write("template.yaml", in_the_tree);
        let done = pre_commit(tools, &place);
        assert_eq!(done.code, code, "{}{}", done.out, done.err);
        assert_eq!(place.read("template.yaml"), in_the_tree, "what was not staged came back");
    }
}

#[test]
fn fix_rewrites_what_is_staged_and_lets_the_second_try_pass() {
    let Some(tools) = tools() else { return };
    let place = repository(tools, "samwire-fix", &[("template.yaml", TEMPLATE)]);
    let done = pre_commit(tools, &place);
    assert_eq!(done.code, 1, "{}{}", done.out, done.err);
    assert!(done.out.contains("files were modified by this hook"), "{}", done.out);
    assert_eq!(place.read("template.yaml"), rewritten());
    place.git(&["add", "template.yaml"]);
    let again = pre_commit(tools, &place);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
}

#[test]
fn pre_commit_accepts_the_hooks_and_the_example() {
    let Some(tools) = tools() else { return };
    for (command, file) in [
        ("validate-manifest", ".pre-commit-hooks.yaml"),
        ("validate-config", "docs/integrations/pre-commit-config.yaml"),
    ] {
        let output = tools.module("pre_commit").args([command, file]).current_dir(root()).output();
        let done = Done::from(output.expect("pre-commit starts"));
        assert_eq!(done.code, 0, "{file}: {}{}", done.out, done.err);
    }
    let hooks = tools.yaml(".pre-commit-hooks.yaml");
    let used = &tools.yaml("docs/integrations/pre-commit-config.yaml")["repos"][0]["hooks"][0]["id"];
    assert!(hooks.as_array().expect("a list").iter().any(|hook| &hook["id"] == used), "{used}");
}

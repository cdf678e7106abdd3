//! What engines that run a command in many repositories need of `samwire fix --yes`, and the recipes of `docs/bulk/` for
//! them, each under a stand-in that treats the command as the engine does.

#![cfg(unix)]

mod engine_support;
mod place_support;
mod tool_support;

use engine_support::{Commit, Job, batch_changes, multi_gitter, said, turbolift};
use place_support::{Place, TEMPLATE};
use serde_json::Value;
use std::fs;
use tool_support::{root, tools};

const FIX: [&str; 3] = ["samwire", "fix", "--yes"];

/// A template that cannot be read.
const BROKEN: &str = "Transform: AWS::Serverless-2016-10-31\nResources: [\n";

/// A repository with something to do, beside files that are no business of ours.
fn orders() -> Place {
    Place::repository(&[
        ("template.yaml", TEMPLATE),
        ("services/mail/template.yml", TEMPLATE),
        ("package.json", "{}\n"),
        (".gitignore", "out/\n"),
        ("out/template.yaml", TEMPLATE),
        ("src/index.js", "exports.handler = () => {}\n"),
    ])
}

const CHANGED: [&str; 2] = ["services/mail/template.yml", "template.yaml"];

/// The same with one more template, which is broken.
fn broken() -> Place {
    let place = orders();
    place.write("broken.yaml", BROKEN);
    place.commit();
    place
}

fn nothing() -> Place {
    Place::repository(&[("README.md", "# Nothing\n"), ("config.yaml", "a: 1\n")])
}

/// A recipe, to be started.
fn recipe(name: &str) -> String {
    root().join("docs/bulk").join(name).display().to_string()
}

#[track_caller]
fn only_templates(commit: Option<&Commit>) {
    let commit = commit.expect("there is something to push");
    assert_eq!(commit.files, CHANGED, "{}", commit.diff);
    let added = commit.diff.lines().filter(|line| line.starts_with('+')).collect::<Vec<_>>();
    assert!(added.iter().any(|line| line.contains("Connectors:")), "{}", commit.diff);
}

/// A log that people read: no control characters, and no line inside another one.
#[track_caller]
fn readable(log: &str) {
    assert!(!log.contains(['\u{1b}', '\r', '\u{8}']), "{log:?}");
    assert!(log.is_empty() || log.ends_with('\n'), "{log:?}");
    for line in log.lines() {
        assert!(!line.contains("`samwire undo`") || line.starts_with("`samwire undo`"), "{line}");
    }
}

#[test]
fn everything_that_is_new_may_be_committed() {
    for dry_run in [false, true] {
        let run = multi_gitter(&orders(), &Job::new(&FIX), dry_run, false);
        assert_eq!(run.code, 0, "{}", run.log);
        only_templates(run.commit.as_ref());
        readable(&run.log);
        assert!(run.log.contains("template.yaml:13:"), "{}", run.log);
    }
    let run = turbolift(&orders(), &Job::new(&FIX));
    assert_eq!(run.code, 0, "{}", run.log);
    only_templates(run.commit.as_ref());
    readable(&run.log);
}

#[test]
fn a_repository_with_nothing_to_do_is_no_failure() {
    let done = orders();
    assert_eq!(done.samwire(&["fix", "--yes"]).code, 0);
    done.commit();
    for origin in [nothing(), done] {
        let run = multi_gitter(&origin, &Job::new(&FIX), false, false);
        assert_eq!(run.code, 0, "{}", run.log);
        assert!(run.commit.is_none(), "{:?}", run.commit);
        let run = turbolift(&origin, &Job::new(&FIX));
        assert_eq!((run.code, run.commit.is_none()), (0, true), "{}", run.log);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_from_a_failure() {
    let run = turbolift(&broken(), &Job::new(&FIX));
    assert_eq!(run.code, 3, "{}", run.log);
    only_templates(run.commit.as_ref());
    assert!(run.log.contains("broken.yaml"), "{}", run.log);
    // multi-gitter takes every code but 0 for a failure.
    let run = multi_gitter(&broken(), &Job::new(&FIX), false, false);
    assert!(run.code == 3 && run.commit.is_none());
}

#[test]
fn no_setting_of_an_engine_changes_what_is_done() {
    let job = |variables: &[(&'static str, &str)]| {
        let job = Job::new(&FIX);
        variables.iter().fold(job, |job, (name, value)| job.with(name, value))
    };
    let plain = multi_gitter(&orders(), &job(&[]), false, false);
    for variables in [
        &[("CI", "true"), ("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "/nowhere/summary")][..],
        &[("PAGER", "touch pwned; false"), ("EDITOR", "touch pwned"), ("GIT_PAGER", "touch pwned")],
        &[("TERM", "xterm-256color"), ("COLUMNS", "20"), ("LANG", "tr_TR.UTF-8")],
        &[("XDG_STATE_HOME", "/proc/nowhere"), ("TMPDIR", "/proc/nowhere")],
    ] {
        let run = multi_gitter(&orders(), &job(variables), true, false);
        assert_eq!((run.code, &run.log), (plain.code, &plain.log), "{variables:?}");
        only_templates(run.commit.as_ref());
    }
}

#[test]
fn the_name_of_a_repository_comes_from_who_knows_it_best() {
    let place = orders();
    let origin = ["remote", "add", "origin", "git@github.com:acme/from-origin.git"];
    let name = |variables: &[(&str, &str)], words: &[&str]| {
        let all: Vec<(&str, &str)> = [("REPOSITORY", "")].iter().chain(variables).copied().collect();
        let done = place.samwire_with(&all, &[&["diff", "--format", "json"], words].concat());
        let report: Value = serde_json::from_str(&done.out).expect("a report");
        report["repo"].as_str().expect("a name").to_owned()
    };
    let folder = place.root().file_name().expect("it has a name").to_string_lossy().into_owned();
    assert_eq!(name(&[], &[]), folder);
    place.git(&origin);
    assert_eq!(name(&[], &[]), "acme/from-origin");
    let gitlab = ("CI_PROJECT_PATH", "acme/gitlab");
    assert_eq!(name(&[gitlab], &[]), "acme/gitlab");
    let github = ("GITHUB_REPOSITORY", "acme/github");
    assert_eq!(name(&[gitlab, github], &[]), "acme/github");
    let engine = ("REPOSITORY", "acme/engine");
    assert_eq!(name(&[gitlab, github, engine], &[]), "acme/engine");
    assert_eq!(name(&[gitlab, github, engine], &["--repo", "acme/option"]), "acme/option");
}

#[test]
fn the_same_input_gives_the_same_output() {
    let report = || {
        let place = orders();
        let done = place.samwire(&["fix", "--yes", "--format", "json"]);
        assert_eq!(done.code, 0, "{}", done.err);
        assert!(!done.out.contains(&place.root().display().to_string()), "a path of this machine");
        let again = place.samwire(&["fix", "--yes", "--format", "json"]);
        assert_eq!(again.code, 0);
        let again: Value = serde_json::from_str(&again.out).expect("a report");
        assert_eq!(again["summary"]["changed"], 0);
        done.out
    };
    assert_eq!(report(), report());
}

/// The two ways in which a recipe leaves run reports.
fn reports(place: &Place) -> Value {
    let text = fs::read_to_string(place.at("acme/orders.json")).expect("the recipe leaves a report");
    serde_json::from_str(&text).expect("a report is JSON")
}

#[test]
fn the_recipe_for_multi_gitter_makes_the_pull_request() {
    let script = recipe("multi-gitter/migrate.sh");
    for (origin, partial) in [(orders(), false), (broken(), true)] {
        let kept = Place::empty();
        let job = Job::new(&[&script]).with("SAMWIRE_REPORTS", kept.root());
        let run = multi_gitter(&origin, &job, false, true);
        assert_eq!(run.code, 0, "{}", run.log);
        only_templates(run.commit.as_ref());
        readable(&run.log);
        let message = run.commit.expect("there is a commit").message;
        let (title, body) = message.split_once("\n\n").expect("a title and a body");
        assert!(!title.is_empty() && title.chars().count() <= 72, "{title}");
        assert!(body.contains("template.yaml") && body.contains("OrdersTable"), "{body}");
        let report = reports(&kept);
        assert_eq!(
            (report["repo"].as_str(), report["summary"]["changed"].as_u64()),
            (Some("acme/orders"), Some(2))
        );
        assert_eq!(report["summary"]["failed"] == 1, partial);
    }
    let run = multi_gitter(&nothing(), &Job::new(&[&script]), true, true);
    assert!(run.code == 0 && run.commit.is_none(), "{}", run.log);
    let run = multi_gitter(&orders(), &Job::new(&[&script, "--phase", "sometimes"]), false, true);
    assert!(run.code == 2 && run.commit.is_none(), "{}", run.log);
}

#[test]
fn the_recipe_for_turbolift_names_the_repository() {
    let script = recipe("turbolift/migrate.sh");
    let kept = Place::empty();
    let job = Job::new(&[&script, "--strict"]).with("SAMWIRE_REPORTS", kept.root());
    let run = turbolift(&orders(), &job);
    assert_eq!(run.code, 0, "{}", run.log);
    readable(&run.log);
    assert_eq!(reports(&kept)["repo"], "acme/orders");
    let run = turbolift(&broken(), &Job::new(&[&script]).with("SAMWIRE_REPORTS", kept.root()));
    assert_eq!(run.code, 3, "{}", run.log);
    only_templates(run.commit.as_ref());
    assert_eq!(reports(&kept)["summary"]["failed"], 1);
}

#[test]
fn the_batch_spec_fills_a_changeset_from_the_report() {
    let Some(tools) = tools() else { return };
    let spec = tools.yaml("docs/bulk/batch-changes/samwire.batch.yaml");
    let batch = batch_changes(&orders(), &spec);
    assert_eq!(batch.run.code, 0, "{}", batch.run.log);
    only_templates(batch.run.commit.as_ref());
    assert!(batch.title.contains(" 2 templates"), "{}", batch.title);
    assert!(batch.body.contains("github.com/acme/orders"), "{}", batch.body);
    assert!(batch.body.contains("services/mail/template.yml"), "{}", batch.body);
    // Results are kept by text of the step and revision: a second run elsewhere has to give the same.
    let again = batch_changes(&orders(), &spec);
    assert_eq!((again.title, again.body), (batch.title, batch.body));
    assert_eq!(again.run.commit.map(|commit| commit.diff), batch.run.commit.map(|commit| commit.diff));
    let partial = batch_changes(&broken(), &spec);
    assert_eq!(partial.run.code, 0, "{}", partial.run.log);
    only_templates(partial.run.commit.as_ref());
    let none = batch_changes(&nothing(), &spec);
    assert!(none.run.code == 0 && none.run.commit.is_none(), "{}", none.run.log);
}

#[test]
fn a_container_without_git_or_home_will_do() {
    let place = orders();
    let empty = Place::empty();
    let mut command = place.command(".", &["fix", "--yes", "--allow-dirty", "--format", "json"]);
    command.env_clear().env("PATH", empty.root());
    let output = command.output().expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["summary"]["changed"], 2);
    let status = said(place.root(), &["status", "--porcelain"]);
    assert_eq!(status, " M services/mail/template.yml\n M template.yaml\n");
}

//! The scripts and pipelines of `docs/bulk/` as they are handed out: the same repositories through one run, through GNU
//! parallel, through hosts and through parts, with equal results. What cannot be here (a code host, a second machine) has a
//! stand-in.

#![cfg(unix)]

mod place_support;
mod recipe_support;
mod tool_support;

use place_support::{Done, Place, TEMPLATE};
use recipe_support::{Server, git_says, run, scripts, shell};
use serde_json::Value;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use tool_support::{root, tools};

/// Names of files of a checkout, without those of git.
fn files(folder: &Path) -> Vec<String> {
    let walk = ignore::WalkBuilder::new(folder)
        .standard_filters(false)
        .filter_entry(|e| e.file_name() != ".git")
        .build();
    let entries = walk.map(|entry| entry.expect("the folder is readable"));
    let names = entries.filter(|entry| !entry.path().is_dir() || entry.path_is_symlink());
    let name = |path: &Path| path.strip_prefix(folder).expect("it lies below").display().to_string();
    let mut names: Vec<String> = names.map(|entry| name(entry.path())).collect();
    names.sort();
    names
}

/// `docs/bulk/clone.sh` into `clone` of a place.
fn clone(place: &Place, address: &str) -> Done {
    run(place, "clone.sh", &[address, "clone"], &[])
}

#[test]
fn a_clone_has_what_samwire_reads_and_little_else() {
    let origin = Place::repository(&[
        ("template.yaml", TEMPLATE),
        ("a/b/Template.JSON", "{}"),
        ("x.YML", "a: 1"),
        ("y.template", "a: 1"),
        (".samwire.yaml", "{}"),
        ("large.bin", &"0123456789".repeat(10_000)),
        ("src/index.js", "console.log(1)"),
    ]);
    origin.write("large.bin", "changed");
    origin.commit();
    for filter in ["true", "false"] {
        origin.git(&["config", "uploadpack.allowFilter", filter]);
        let place = Place::empty();
        let done = clone(&place, &format!("file://{}", origin.root().display()));
        assert_eq!(done.code, 0, "{}", done.err);
        assert_eq!(
            files(&place.at("clone")),
            [".samwire.yaml", "a/b/Template.JSON", "template.yaml", "x.YML", "y.template"]
        );
        let status = git_says(&place.at("clone"), &["status", "--porcelain"]);
        assert_eq!(status, "");
        let commits = git_says(&place.at("clone"), &["rev-list", "--count", "HEAD"]);
        assert_eq!(commits.trim(), "1");
        let kinds = git_says(&place.at("clone"), &["rev-list", "--objects", "--missing=print", "HEAD"]);
        assert_eq!(kinds.contains("\n?"), filter == "true", "{kinds}");
        let done = place.samwire_in("clone", &["fix", "--yes"], "");
        assert_eq!(done.code, 0, "{}", done.err);
    }
}

#[test]
fn nothing_of_a_repository_is_run_when_it_is_cloned() {
    let place = Place::empty();
    let canary = place.at("canary");
    let touch = format!("touch {}", canary.display());
    let origin = Place::repository(&[
        ("template.yaml", TEMPLATE),
        (".gitattributes", "*.yaml filter=evil\n*.json filter=lfs\n"),
        ("big.json", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
        (".gitmodules", "[submodule \"m\"]\n\tpath = m\n\turl = ../elsewhere\n"),
        ("hooks/post-checkout", &format!("#!/bin/sh\n{touch}\n")),
    ]);
    symlink("/etc/passwd", origin.at("link.yaml")).expect("links can be made");
    symlink("/etc", origin.at("folder")).expect("links can be made");
    origin.commit();
    let done = clone(&place, &format!("file://{}", origin.root().display()));
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(files(&place.at("clone")), ["big.json", "link.yaml", "template.yaml"]);
    let link = fs::symlink_metadata(place.at("clone/link.yaml")).expect("it is there");
    assert!(link.is_file() && place.read("clone/link.yaml") == "/etc/passwd");
    assert!(!place.at("clone/.git/hooks").exists());
    for address in [
        format!("ext::sh -c {touch}"),
        format!("--upload-pack={touch}"),
        format!("-u{touch}"),
        "git://localhost:1/x".to_owned(),
        "file:///nowhere".to_owned(),
    ] {
        let place = Place::empty();
        assert_ne!(clone(&place, &address).code, 0, "{address}");
        assert!(!place.at("clone/template.yaml").exists());
    }
    assert!(!canary.exists());
}

#[test]
fn a_repository_without_a_commit_is_cloned_as_one_without_files() {
    let origin = Place::empty();
    origin.git(&["init", "-q"]);
    let place = Place::empty();
    let done = clone(&place, &format!("file://{}", origin.root().display()));
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(files(&place.at("clone")), [""; 0]);
}

/// GNU parallel, or `None` where this machine has none; that has then been written to stderr.
///
/// # Panics
///
/// With `CI` in the environment, where a skipped proof would pass for a proof.
fn parallel() -> Option<()> {
    let there = Command::new("parallel").arg("--version").stdin(Stdio::null()).output();
    if there.is_ok_and(|output| output.stdout.starts_with(b"GNU parallel")) {
        return Some(());
    }
    assert!(std::env::var_os("CI").is_none(), "the recipes have to run in CI: there is no GNU parallel");
    let note = b"\nSKIPPED: no recipe was tried with GNU parallel, which is not installed\n\n";
    // Not `eprintln!`: the test harness hides its text where the test passes.
    io::stderr().write_all(note).expect("stderr is open");
    None
}

/// Thirty repositories: templates that rewrites are tested with, one that cannot be read, none at all.
fn server() -> Server {
    let folders = fs::read_dir(root().join("fixtures/function-to-table")).expect("the fixtures are there");
    let befores = folders.map(|folder| folder.expect("it is readable").path().join("before.yaml"));
    let mut befores: Vec<String> = befores.filter_map(|path| fs::read_to_string(path).ok()).collect();
    befores.sort();
    assert!(befores.len() > 5);
    let files = |number: usize| match number {
        7 => vec![("README.md", "# No templates\n".to_owned())],
        11 => vec![("template.yaml", TEMPLATE.to_owned()), ("broken.yaml", BROKEN.to_owned())],
        13 => vec![("it's \"quoted\" $(x)\n.yaml", TEMPLATE.to_owned()), ("-n.yaml", TEMPLATE.to_owned())],
        17 => vec![("template.yaml", BROKEN.to_owned())],
        _ => vec![
            ("template.yaml", befores[number % befores.len()].clone()),
            ("services/b/template.yml", befores[(number * 7 + 1) % befores.len()].clone()),
        ],
    };
    Server::with((0..30).map(|number| (format!("team{}/service{number}", number % 4), files(number))))
}

/// A template that cannot be read.
const BROKEN: &str = "Transform: AWS::Serverless-2016-10-31\nResources: [\n";

/// What was found, merged, without where it lies: the same however the work was parted.
fn merged(place: &Place, folder: &str) -> Value {
    let done = place.samwire(&["report", folder, "--format", "json"]);
    assert!(matches!(done.code, 0 | 3), "{}", done.err);
    let mut merged: Value = serde_json::from_str(&done.out).expect("the report is JSON");
    for row in merged["rows"].as_array_mut().expect("rows") {
        for place in ["path", "report", "patch"] {
            row.as_object_mut().expect("a row has fields").remove(place);
        }
    }
    merged
}

#[test]
fn the_parts_of_a_run_add_up_to_the_whole() {
    let Some(()) = parallel() else { return };
    let (server, place) = (server(), Place::empty());
    server.cloned(&place, "clones");
    place.write("list.txt", &server.list());
    let done = place.samwire(&["bulk", "clones", "--out", "whole"]);
    assert_eq!(done.code, 3, "{}", done.err);
    let whole = merged(&place, "whole");
    let keys: Vec<&str> =
        whole["rows"].as_array().expect("rows").iter().filter_map(|row| row["key"].as_str()).collect();
    assert_eq!(keys.len(), server.keys().len(), "{keys:?}");
    let jobs = [("SAMWIRE_CHUNK", "4"), ("SAMWIRE_JOBS", "2")];
    for (into, script, words) in [
        ("list", "parallel/repositories.sh", &["list.txt", "list"][..]),
        ("mirror", "parallel/shards.sh", &["3", "clones", "mirror"]),
        ("halves", "ci/part.sh", &["1/2", "clones", "halves/1"]),
        ("halves", "ci/part.sh", &["2/2", "clones", "halves/2"]),
        ("lines", "ci/part.sh", &["1/2", "list.txt", "lines/1"]),
        ("lines", "ci/part.sh", &["2/2", "list.txt", "lines/2"]),
    ] {
        let done = run(&place, script, words, &jobs);
        assert_eq!(done.code, 0, "{script} {words:?}: {}{}", done.out, done.err);
        if !words.iter().any(|word| word.starts_with("1/")) {
            assert_eq!(merged(&place, into), whole, "{into}");
        }
    }
}

#[test]
fn hosts_are_sent_what_they_need_and_keep_nothing() {
    let Some(()) = parallel() else { return };
    let (server, place) = (server(), Place::empty());
    server.cloned(&place, "clones");
    place.write("list.txt", &server.list());
    place.write("hosts.txt", "2/a.example.com\n1/someone@b.example.com\n");
    let hosts = place.at("hosts");
    fs::create_dir(&hosts).expect("the folder is ours");
    let folder = recipe_support::stand_in(&place, "ssh", &recipe_support::ssh(&hosts));
    let path = recipe_support::path_with(&folder);
    let variables = [
        ("PATH", path.as_str()),
        ("SAMWIRE", env!("CARGO_BIN_EXE_samwire")),
        ("SAMWIRE_HOSTS", "hosts.txt"),
        ("SAMWIRE_CHUNK", "5"),
    ];
    let options = ["list.txt", "results", "--accept-add", "dynamodb:PartiQL*,it's \"$(quoted)\""];
    let done = run(&place, "parallel/repositories.sh", &options[..2], &variables);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert_eq!(place.samwire(&["bulk", "clones", "--out", "whole"]).code, 3);
    assert_eq!(merged(&place, "results"), merged(&place, "whole"));
    let names = place.names("hosts");
    assert_eq!(names, ["a.example.com", "someone@b.example.com"]);
    for host in names {
        let left: Vec<String> =
            files(&hosts.join(&host)).into_iter().filter(|name| !name.starts_with(".parallel")).collect();
        assert_eq!(left, [""; 0], "{host}");
    }
    // An option arrives as it was given, and is refused there.
    let refused =
        run(&place, "parallel/repositories.sh", &["list.txt", "other", options[2], options[3]], &variables);
    assert!(refused.code > 0 && refused.err.contains("it's \"$(quoted)\""), "{}", refused.err);
}

#[test]
fn branches_are_pushed_once_and_failures_done_again() {
    let Some(()) = parallel() else { return };
    let (server, place) = (server(), Place::empty());
    let gone = server.bare("team1/service1");
    fs::rename(&gone, place.at("gone")).expect("it can be moved");
    place.write("list.txt", &format!("{}../out file:///nowhere\n", server.list()));
    let words = ["list.txt", "results", "--write", "--branch", "samwire/connectors"];
    let variables = [("SAMWIRE_PUSH", "samwire/connectors"), ("SAMWIRE_CHUNK", "6"), ("SAMWIRE_JOBS", "2")];
    let done = run(&place, "parallel/repositories.sh", &words, &variables);
    assert_eq!(done.code, 2, "two jobs have something left to do: {}", done.err);
    fs::rename(place.at("gone"), &gone).expect("it can be moved");
    let branch = |key: &String| {
        let refs =
            git_says(&server.bare(key), &["for-each-ref", "--format=%(objectname)", "refs/heads/samwire"]);
        refs.trim().to_owned()
    };
    let first: Vec<String> = server.keys().iter().map(branch).collect();
    let done = run(&place, "parallel/repositories.sh", &words, &variables);
    assert_eq!(done.code, 1, "the line that is no repository: {}", done.err);
    let second: Vec<String> = server.keys().iter().map(branch).collect();
    let changed = merged(&place, "results");
    let row = |key: &String| {
        let rows = changed["rows"].as_array().expect("rows");
        rows.iter().find(|row| row["key"] == key.as_str()).unwrap_or_else(|| panic!("no row for {key}"))
    };
    for (key, (before, after)) in server.keys().iter().zip(first.iter().zip(&second)) {
        let expected = row(key)["changed"].as_u64().expect("a number") > 0;
        assert_eq!(!after.is_empty(), expected, "{key}");
        assert_eq!(before == after, key != "team1/service1" || !expected, "{key}");
        git_says(&server.bare(key), &["fsck", "--strict"]);
    }
    // From nothing, with the branches there: the same files, so there is nothing to complain of.
    let again = [&["list.txt", "again"], &words[2..]].concat();
    let done = run(&place, "parallel/repositories.sh", &again, &variables);
    assert_eq!(done.code, 1, "{}", done.err);
    assert_eq!(second, server.keys().iter().map(branch).collect::<Vec<_>>());
    opens_pull_requests(&place, &changed);
}

/// `gh` is told to open one for each repository that has a branch, and not again.
fn opens_pull_requests(place: &Place, merged: &Value) {
    let log = place.at("gh.log");
    let gh = format!("printf '%s\\n' \"$*\" >> {log}\ncat >> {log}.bodies\n", log = log.display());
    let folder = recipe_support::stand_in(place, "gh", &gh);
    let path = recipe_support::path_with(&folder);
    let variables = [("PATH", path.as_str()), ("SAMWIRE_DELAY", "0")];
    for _ in 0..2 {
        let done = run(place, "parallel/pull-requests.sh", &["results", "samwire/connectors"], &variables);
        assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    }
    let calls = place.read("gh.log");
    let changed = merged["rows"].as_array().expect("rows").iter().filter(|row| row["changed"] != 0);
    let keys: Vec<&str> = changed.filter_map(|row| row["key"].as_str()).collect();
    assert_eq!(calls.lines().count(), keys.len(), "{calls}");
    for key in keys {
        assert!(
            calls.contains(&format!("pr create --draft --repo {key} --head samwire/connectors --title ")),
            "{key}"
        );
    }
    assert!(place.read("gh.log.bodies").contains("Made by samwire"), "the text says what changes");
}

/// A checkout of the repository of a campaign: the recipes, the list, and the program as the job before has left it.
fn campaign(server: &Server) -> Place {
    let place = Place::empty();
    symlink(root().join("docs/bulk"), place.at("bulk")).expect("links can be made");
    place.write("repositories.txt", &server.list());
    fs::create_dir(place.at("bin")).expect("the folder is ours");
    symlink(env!("CARGO_BIN_EXE_samwire"), place.at("bin/samwire")).expect("links can be made");
    place
}

const TOKEN: &str = "s3cr3t-of-the-campaign";

/// The token is nowhere, neither as it is nor as it is sent.
#[track_caller]
fn kept_secret(place: &Place, log: &str) {
    // In base64, behind the names of either user.
    let encoded = ["czNjcjN0LW9mLXRoZS1jYW1wYWlnb", "pzM2NyM3Qtb2YtdGhlLWNhbXBhaWdu"];
    let tells = |text: &str| text.contains(TOKEN) || encoded.iter().any(|encoded| text.contains(encoded));
    for name in
        files(place.root()).iter().filter(|name| !name.starts_with("bin/") && !name.starts_with("bulk"))
    {
        let text = fs::read(place.at(name)).unwrap_or_default();
        assert!(!tells(&String::from_utf8_lossy(&text)), "{name}");
    }
    assert!(!tells(log), "{log}");
}

#[test]
fn the_workflow_migrates_by_parts_and_reports_once() {
    let (Some(tools), Some(())) = (tools(), parallel()) else { return };
    let jobs = &tools.yaml("docs/bulk/ci/github-workflow.yml")["jobs"];
    let step = |job: &str, name: &str| {
        let steps = jobs[job]["steps"].as_array().expect("steps are a list");
        let step = steps.iter().find(|step| step["name"] == name).expect("the step is there");
        step["run"].as_str().expect("a script").to_owned()
    };
    let parts = jobs["part"]["strategy"]["matrix"]["part"].as_array().expect("parts are a list").len();
    assert_eq!(jobs["part"]["steps"][2]["env"]["PART"], format!("${{{{ matrix.part }}}}/{parts}"));
    let server = server();
    let place = campaign(&server);
    for part in 1..=parts {
        let part = format!("{part}/{parts}");
        let variables = [("PART", part.as_str()), ("BRANCH", "samwire/connectors"), ("TOKEN", TOKEN)];
        let done = shell(&place, &step("part", "Migrate"), &variables);
        assert_eq!(done.code, 0, "{part}: {}{}", done.out, done.err);
        kept_secret(&place, &format!("{}{}", done.out, done.err));
        fs::create_dir_all(place.at("parts")).expect("the folder is ours");
        let artifact = place.at(&format!("parts/part-{}", part.replace('/', "-of-")));
        fs::rename(place.at("part"), artifact).expect("the part is there");
    }
    let summary = place.at("summary").display().to_string();
    let done = shell(&place, &step("report", "Merge"), &[("GITHUB_STEP_SUMMARY", &summary)]);
    assert!(matches!(done.code, 0 | 3), "{}{}", done.out, done.err);
    assert!(place.read("summary").contains("service9") && place.read("report.html").contains("service9"));
    assert_eq!(place.read("report.csv").lines().count(), 1 + server.keys().len());
    let pushed = |key: &&String| !git_says(&server.bare(key), &["branch", "--list", "samwire/*"]).is_empty();
    assert!(server.keys().iter().filter(pushed).count() > 10);
}

#[test]
fn the_gitlab_jobs_migrate_by_parts_and_report_once() {
    let (Some(tools), Some(())) = (tools(), parallel()) else { return };
    let pipeline = tools.yaml("docs/bulk/ci/samwire-campaign.gitlab-ci.yml");
    let script = |job: &str| {
        let lines = pipeline[job]["script"].as_array().expect("a list of commands").iter();
        lines.map(|line| line.as_str().expect("commands are text")).collect::<Vec<_>>().join("\n")
    };
    let server = server();
    let place = campaign(&server);
    let folder = place.root().display().to_string();
    for index in ["1", "2"] {
        let variables = [
            ("CI_PROJECT_DIR", folder.as_str()),
            ("CI_NODE_INDEX", index),
            ("CI_NODE_TOTAL", "2"),
            ("CI_SERVER_URL", "https://gitlab.example.com"),
            ("CI_SERVER_HOST", "gitlab.example.com"),
            ("CAMPAIGN_TOKEN", TOKEN),
            ("BRANCH", ""),
        ];
        let done = shell(&place, &script("samwire:part"), &variables);
        assert_eq!(done.code, 0, "{}{}", done.out, done.err);
        kept_secret(&place, &format!("{}{}", done.out, done.err));
    }
    let done = shell(&place, &script("samwire:report"), &[]);
    assert!(matches!(done.code, 0 | 3), "{}{}", done.out, done.err);
    assert_eq!(place.read("report.csv").lines().count(), 1 + server.keys().len());
    assert!(place.read("report.md").contains("service9"));
}

#[test]
fn the_scripts_are_clean() {
    let Some(tools) = tools() else { return };
    let mut command = tools.binary("shellcheck");
    command
        .args(["--enable=all", "--exclude=SC2250,SC2310,SC2311,SC2312"])
        .args(scripts())
        .current_dir(root());
    let done = Done::from(command.output().expect("shellcheck starts"));
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    for script in scripts() {
        let text = fs::read_to_string(root().join(&script)).expect("a script is text");
        assert!(text.starts_with("#!/usr/bin/env bash\n# "), "{script}: says what it is for");
        assert!(text.contains("\nset -euo pipefail\n"), "{script}");
    }
}

#[test]
fn the_pipelines_are_what_their_readers_expect() {
    let Some(tools) = tools() else { return };
    for (schema, file) in [
        ("vendor.github-workflows", "docs/bulk/ci/github-workflow.yml"),
        ("vendor.gitlab-ci", "docs/bulk/ci/samwire-campaign.gitlab-ci.yml"),
    ] {
        let mut command = tools.module("check_jsonschema");
        let output = command.args(["--builtin-schema", schema, file]).current_dir(root()).output();
        let done = Done::from(output.expect("check-jsonschema starts"));
        assert_eq!(done.code, 0, "{file}: {}{}", done.out, done.err);
    }
    let mut command = tools.binary("zizmor");
    command.args(["--offline", "--no-progress", "--color=never", "--persona=pedantic"]);
    command.arg("docs/bulk/ci/github-workflow.yml").current_dir(root());
    let done = Done::from(command.output().expect("zizmor starts"));
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
}

//! The scripts and pipelines of `docs/bulk/` as they are handed out: the same repositories through one run, through GNU
//! parallel, through hosts and through parts, with equal results. What cannot be here (a code host, a second machine) has a
//! stand-in.

#![cfg(unix)]

mod place_support;
mod recipe_support;
mod tool_support;

use place_support::{Done, Place, TEMPLATE};
use recipe_support::{run, scripts};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
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
        let status = recipe_support::git_says(&place.at("clone"), &["status", "--porcelain"]);
        assert_eq!(status, "");
        let commits = recipe_support::git_says(&place.at("clone"), &["rev-list", "--count", "HEAD"]);
        assert_eq!(commits.trim(), "1");
        let kinds = recipe_support::git_says(
            &place.at("clone"),
            &["rev-list", "--objects", "--missing=print", "HEAD"],
        );
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

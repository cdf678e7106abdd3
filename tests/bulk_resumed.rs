//! `bulk` behind a kill at a known place: what it left, what others did meanwhile, and what is not done twice.

#![cfg(unix)]

mod git_support;
mod place_support;

use git_support::FalseGit;
use place_support::{Done, Place, TEMPLATE, git};
use serde_json::Value;
use std::fs;
use std::process::Command;

const BRANCH: [&str; 4] = ["bulk", "src", "--write", "--branch"];

/// One repository below `src`.
fn one(name: &str) -> Place {
    let place = Place::empty();
    place.write(&format!("src/{name}/template.yaml"), TEMPLATE);
    git(&place.at(&format!("src/{name}")), &["init", "-q", "-b", "main"]);
    commit(&place, name);
    place
}

fn commit(place: &Place, name: &str) {
    let folder = place.at(&format!("src/{name}"));
    git(&folder, &["add", "--all"]);
    git(&folder, &["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "t"]);
}

fn command(place: &Place, args: &[&str]) -> Command {
    let mut command = place.command(".", args);
    for (name, value) in [("NAME", "A"), ("EMAIL", "a@example.com")] {
        command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
    }
    command
}

fn run(place: &Place, args: &[&str]) -> Done {
    command(place, args).output().expect("the program runs").into()
}

/// A run that is killed.
fn killed(place: &Place, args: &[&str], how: &str, what: &str) {
    let git = FalseGit::new();
    git.at(how, what);
    let done = git.put_before(&mut command(place, args)).output().expect("the program runs");
    assert_eq!(done.status.code(), None, "{}", String::from_utf8_lossy(&done.stderr));
}

fn rows(place: &Place, out: &str) -> Vec<Value> {
    let text = place.read(&format!("{out}/results.jsonl"));
    text.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect()
}

#[test]
fn a_place_that_several_names_lead_to_is_one_repository() {
    let place = one("a");
    std::os::unix::fs::symlink("a", place.at("src/z")).unwrap();
    place.write("list", "src/a\n./src/../src/a\nsrc/z\nsrc/a/\n");
    let done = run(&place, &["bulk", "--repos", "list", "--write", "--out", "out", "-j", "4"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(rows(&place, "out").len(), 1);
    let done = run(&place, &["bulk", "src", "--repos", "list", "--out", "two"]);
    assert!(done.code == 0 && rows(&place, "two").len() == 1, "{}", done.err);
}

#[test]
fn a_linked_work_tree_makes_no_branch_since_it_shares_them() {
    let place = one("b");
    git(&place.at("src/b"), &["worktree", "add", "-q", "--detach", "../a"]);
    for args in [&[][..], &["--write"]] {
        let out = format!("out{}", args.len());
        let done = run(&place, &[&["bulk", "src", "--branch", "x", "--out", &out], args].concat());
        assert_eq!(done.code, 0, "{}", done.err);
        let rows = rows(&place, &out);
        let linked = rows.iter().find(|row| row["key"] == "a").expect("it has a row");
        assert_eq!((&linked["status"], &linked["reason"]), (&"skipped".into(), &"linked-work-tree".into()));
    }
    let done = run(&place, &["bulk", "src", "--write", "--out", "in-place"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(rows(&place, "in-place").iter().all(|row| row["status"] == "changed"));
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_no_change_of_anybodys() {
    let place = one("a");
    place.write("src/a/out/template.yaml", TEMPLATE);
    commit(&place, "a");
    git(&place.at("src/a"), &["sparse-checkout", "set", "--cone"]);
    assert!(!place.at("src/a/out").exists());
    let done = run(&place, &[&BRANCH[..], &["x", "--out", "out"]].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(rows(&place, "out")[0]["changed"], 2);
}

#[test]
fn drafts_of_a_killed_run_are_in_nobodys_way_and_go() {
    let place = one("a");
    // As a kill leaves it before the run has noted what it is.
    place.write("out/.samwire-Ab12cD.tmp", "{");
    place.write("out/results.jsonl", "");
    let done = run(&place, &["bulk", "src", "--out", "out"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(!place.at("out/.samwire-Ab12cD.tmp").exists());
    place.write("out/deep/.samwire-Ab12cD.tmp", "{");
    place.write("out/results.jsonl", "");
    assert_eq!(run(&place, &["bulk", "src", "--out", "out", "--resume"]).code, 0);
    assert_eq!(place.names("out/deep"), Vec::<String>::new());
}

#[test]
fn a_patch_goes_when_a_repository_has_nothing_to_change_any_more() {
    let place = one("a");
    assert_eq!(run(&place, &["bulk", "src", "--out", "out"]).code, 0);
    // As a kill between the reports of a repository and its row leaves it.
    place.write("out/results.jsonl", "");
    place.write("src/a/template.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: {}\n");
    commit(&place, "a");
    assert_eq!(run(&place, &["bulk", "src", "--out", "out", "--resume"]).code, 0);
    assert_eq!(rows(&place, "out")[0]["patch"], Value::Null);
    assert!(!place.at("out/a.patch").exists());
}

#[test]
fn a_branch_that_a_call_of_a_killed_run_makes_late_is_as_good() {
    let place = one("a");
    let git = FalseGit::new();
    git.at("twice", "update-ref");
    let args = [&BRANCH[..], &["x", "--out", "out"]].concat();
    let done: Done = git.put_before(&mut command(&place, &args)).output().expect("it runs").into();
    assert!(git.is_sprung());
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(rows(&place, "out")[0]["status"], "changed");
}

#[test]
fn a_branch_that_was_made_and_not_noted_is_noted_unless_the_repository_went_on() {
    for goes_on in [false, true] {
        let place = one("a");
        let args = [&BRANCH[..], &["x", "--out", "out"]].concat();
        killed(&place, &args, "after", "update-ref");
        assert_eq!(place.read("out/results.jsonl"), "");
        let made = fs::read_to_string(place.at("src/a/.git/refs/heads/x")).expect("it was made");
        if goes_on {
            place.write("src/a/README.md", "more\n");
            commit(&place, "a");
        }
        let done = run(&place, &[&args[..], &["--resume"]].concat());
        let row = &rows(&place, "out")[0];
        if goes_on {
            assert_eq!((done.code, &row["reason"]), (3, &"branch-exists".into()), "{}", done.err);
        } else {
            assert_eq!((done.code, row["commit"].as_str()), (0, Some(made.trim())), "{}", done.err);
        }
    }
}

const IN_PLACE: [&str; 6] = ["bulk", "src", "--write", "--out", "out", "-q"];

/// How many templates the repository has of [`caught_half_done`].
const TEMPLATES: usize = 120;

fn template(number: usize) -> String {
    format!("src/a/{number:03}/template.yaml")
}

/// A repository some of whose files are written and some are not, since the run was killed.
fn caught_half_done() -> Place {
    for _ in 0..20 {
        let place = Place::empty();
        (0..TEMPLATES).for_each(|number| place.write(&template(number), TEMPLATE));
        git(&place.at("src/a"), &["init", "-q"]);
        commit(&place, "a");
        let mut child = command(&place, &IN_PLACE).spawn().expect("the program starts");
        while place.read(&template(0)) == TEMPLATE && child.try_wait().expect("it is ours").is_none() {
            std::thread::sleep(std::time::Duration::from_micros(200));
        }
        child.kill().expect("it is ours");
        child.wait().expect("it is ours");
        // Else it was too fast for us.
        if (1..TEMPLATES).contains(&written(&place)) {
            assert_eq!(place.read("out/results.jsonl"), "");
            return place;
        }
    }
    panic!("it was never caught between two files");
}

fn written(place: &Place) -> usize {
    (0..TEMPLATES).filter(|number| place.read(&template(*number)) != TEMPLATE).count()
}

#[test]
fn a_repository_that_was_written_in_part_is_taken_back_and_done_as_a_whole() {
    let place = caught_half_done();
    let done = run(&place, &[&IN_PLACE[..], &["--resume"]].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    let row = &rows(&place, "out")[0];
    assert_eq!((&row["status"], &row["changed"]), (&"changed".into(), &TEMPLATES.into()));
    assert_eq!(written(&place), TEMPLATES);
    let alone = |number: usize| place.names(&format!("src/a/{number:03}")) == ["template.yaml"];
    assert!((0..TEMPLATES).all(alone), "no draft is left");
    assert_eq!(place.samwire_in("src/a", &["undo"], "").code, 0);
    assert_eq!(written(&place), 0, "it is one run for whoever takes it back");
}

#[test]
fn what_somebody_changed_behind_a_kill_stays_and_is_told() {
    let place = caught_half_done();
    let theirs = format!("{}# mine\n", place.read(&template(0)));
    place.write(&template(0), &theirs);
    let before = written(&place);
    let done = run(&place, &[&IN_PLACE[..], &["--resume"]].concat());
    assert_eq!(done.code, 3, "{}", done.err);
    assert_eq!(rows(&place, "out")[0]["reason"], "half-done");
    assert_eq!((place.read(&template(0)), written(&place)), (theirs, before));
}

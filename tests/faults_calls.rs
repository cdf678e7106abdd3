//! Every system call of a run fails in turn, in every way that it can: no file is torn, nothing is lost, the exit code and
//! the message tell the truth, no draft is left, and there is a way back. Needs `strace`, so Linux only.
#![cfg(target_os = "linux")]

mod fault_support;
mod place_support;

use fault_support::possible;
use fault_support::scene::{Back, Scene, small_repository};
use place_support::{Place, TEMPLATE};
use std::io::Write as _;

/// One of so many faults is tried; 1 tries all of them, which is worth the time after a change to writing.
const STRIDE: &str = "SAMWIRE_FAULT_STRIDE";
/// The stride where the environment does not say.
const STRIDE_BY_DEFAULT: usize = 7;

/// Tries the faults of a run, and fails if anything is wrong behind one.
fn try_all(scene: &Scene, sparse: usize) {
    let stride: usize = std::env::var(STRIDE).map_or(STRIDE_BY_DEFAULT, |n| n.parse().expect("a number"));
    let faults = scene.faults();
    let (mut tried, mut wrong) = (0, Vec::new());
    for fault in faults.iter().step_by(if stride > 1 { stride * sparse } else { 1 }) {
        if let Some(found) = scene.tried(fault) {
            tried += 1;
            wrong.extend(found);
        }
    }
    let _ = writeln!(std::io::stderr(), "{}: {tried} of {} faults", scene.name, faults.len());
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 0, "no fault was brought about");
}

fn templates() -> [(&'static str, &'static str); 3] {
    [("a/t1.yaml", TEMPLATE), ("a/t2.yaml", TEMPLATE), ("b/t3.yaml", TEMPLATE)]
}

const FIX: &[&str] = &["fix", "--yes", "-q", "-j1"];

#[test]
fn fix_in_a_work_tree() {
    if possible() {
        let place = small_repository(&templates());
        try_all(&Scene::new("fix", place, FIX, "", "t1.yaml", Back::Undo), 1);
    }
}

#[test]
fn fix_outside_of_git_beside_reports() {
    if possible() {
        let place = Place::with(&templates());
        place.write("old.json", "{}\n");
        let args = &[
            "fix",
            "--yes",
            "--allow-no-vcs",
            "-j1",
            "--format",
            "text",
            "--format",
            "json=old.json",
            "--format",
            "sarif=new.sarif",
        ];
        try_all(&Scene::new("fix outside of git", place, args, "", "t1.yaml", Back::Undo), 1);
    }
}

#[test]
fn fix_of_standard_input() {
    if possible() {
        let place = Place::empty();
        try_all(&Scene::new("fix -", place, &["fix", "-", "-q"], TEMPLATE, "read(0", Back::None), 1);
    }
}

#[test]
fn undo() {
    if possible() {
        let place = small_repository(&templates());
        assert_eq!(place.samwire(FIX).code, 0);
        try_all(&Scene::new("undo", place, &["undo"], "", "runs", Back::UndoAgain), 1);
    }
}

#[test]
fn diff_with_reports() {
    if possible() {
        let place = Place::with(&templates());
        place.write("old.json", "{}\n");
        let args =
            &["diff", "-j1", "--format", "diff", "--format", "json=old.json", "--format", "junit=new.md"];
        try_all(&Scene::new("diff", place, args, "", "t1.yaml", Back::None), 1);
    }
}

#[test]
fn list_with_definitions_of_ones_own() {
    if possible() {
        let place = Place::empty();
        place.write("own/implications.yaml", "[]\n");
        place.write("own/types/nothing.txt", "");
        let args = &["list", "--transforms", "own"];
        try_all(&Scene::new("list", place, args, "", "\"own\"", Back::None), 1);
    }
}

#[test]
fn writing_a_baseline() {
    if possible() {
        let place = Place::with(&templates());
        let args = &["check", "-j1", "--baseline", "baseline.json", "--write-baseline"];
        try_all(&Scene::new("baseline", place, args, "", "t1.yaml", Back::Again), 1);
    }
}

#[test]
fn init() {
    if possible() {
        let place = Place::empty();
        try_all(&Scene::new("init", place, &["init"], "", ".samwire", Back::Again), 1);
    }
}

#[test]
fn bulk_in_place() {
    if possible() {
        let args = &["bulk", "src", "--write", "--out", "out", "-q", "-j1"];
        try_all(&Scene::new("bulk", two_repositories(), args, "", "src/one", Back::None), 9);
    }
}

#[test]
fn bulk_on_a_branch() {
    if possible() {
        let args = &["bulk", "src", "--write", "--branch", "b", "--out", "out", "-q", "-j1"];
        try_all(&Scene::new("bulk on a branch", two_repositories(), args, "", "src/one", Back::None), 9);
    }
}

fn two_repositories() -> Place {
    let place = Place::empty();
    for repository in ["src/one", "src/two"] {
        place.write(&format!("{repository}/t1.yaml"), TEMPLATE);
        place.write(&format!("{repository}/t2.yaml"), TEMPLATE);
        let at = place.at(repository);
        place_support::git(&at, &["init", "-q"]);
        place_support::git(&at, &["add", "--all"]);
        let who = ["-c", "user.name=t", "-c", "user.email=t@t"];
        place_support::git(&at, &[&who[..], &["commit", "-q", "-m", "t"]].concat());
        place_support::git(&at, &["config", "user.name", "t"]);
        place_support::git(&at, &["config", "user.email", "t@t"]);
        fault_support::scene::slim(&at.join(".git"));
    }
    place
}

//! The proof of `bulk`: hundreds of repositories of every kind, some broken, some hostile, and runs over them that are killed
//! again and again, or dealt out over several processes. In the end it is as if nothing had happened: the same rows, reports
//! and commits, every repository sound, nothing touched that is none of the run's, and the SAM translator agrees.
//! `SAMWIRE_BULK_REPOSITORIES` makes it more repositories, `SAMWIRE_BULK_SEED` other ones.

#![cfg(unix)]

mod bulk_support;
mod git_support;
mod support;

use bulk_support::checks::{
    as_expected, as_sound_as_before, branch_is_patch, can_be_undone, each_changed, files_are_patch,
    no_drafts, nothing_outside, only_the_branch, same_output,
};
use bulk_support::lab::Lab;
use bulk_support::random::Random;
use bulk_support::tree::BRANCH;
use bulk_support::verdicts::judge;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

fn repositories() -> usize {
    let told = std::env::var("SAMWIRE_BULK_REPOSITORIES").ok();
    told.map_or(200, |count| count.parse().expect("SAMWIRE_BULK_REPOSITORIES is a number"))
}

#[test]
fn on_a_branch_a_run_that_is_killed_again_and_again_does_what_an_undisturbed_one_does() {
    let lab = Lab::new(repositories());
    let args = ["--write", "--branch", BRANCH, "--out", "out", "-q"];
    lab.undisturbed(&args);
    nothing_outside(&lab);
    as_expected(&lab, "lab/out", |expected| expected.on_branch);
    lab.keep_as("undisturbed");

    lab.killed_at(&args, &["hash-object", "write-tree", "commit-tree", "update-ref"]);
    let killed = lab.killed(&args, 13, &mut Random::seeded());
    assert!(killed >= 10, "it was killed {killed} times only");
    nothing_outside(&lab);
    same_output(&lab, "undisturbed/out", "lab/out");
    only_the_branch(&lab);
    no_drafts(&lab.at("lab"));
    as_sound_as_before(&lab);
    let changed = each_changed(&lab, "lab/out", |done| branch_is_patch(&lab, "lab/out", done));
    assert!(changed * 3 > repositories(), "{changed} changed");
    if let Some(oracle) = support::oracle() {
        let judged = judge(&lab, "lab/out", oracle);
        assert!(judged > 50, "{judged} were judged");
    }
}

#[test]
fn dealt_out_by_gnu_parallel_the_jobs_together_do_what_one_run_does() {
    let Some(parallel) = parallel() else { return };
    let lab = Lab::new(repositories());
    let args = ["--write", "--branch", BRANCH, "--out", "out", "-q"];
    lab.undisturbed(&args);
    lab.keep_as("undisturbed");
    let whole = lab.rows("undisturbed/out");
    let samwire = env!("CARGO_BIN_EXE_samwire");
    let bulk = [samwire, "bulk", "--write", "--branch", BRANCH, "-j", "2", "-q", "--out", "out/{#}"];

    // Shares, which the reports tell nothing of.
    let mut command = lab.command(&parallel);
    let done = command.args(["--will-cite", "-j", "2"]).args(bulk);
    let done = done.args(["src", "--shard", "{}/2", ":::", "1", "2"]).output().expect("it runs");
    assert_eq!(
        done.status.code(),
        Some(2),
        "both jobs have failures: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    nothing_outside(&lab);
    only_the_branch(&lab);
    let mut shares = [lab.rows("lab/out/1"), lab.rows("lab/out/2")].concat();
    shares.sort();
    assert_eq!(shares, whole);
    let table = |state: &str| {
        let mut command = lab.command(samwire);
        let told = command.current_dir(lab.at(state)).args(["report", "out"]).stdout(Stdio::piped()).output();
        String::from_utf8(told.expect("it runs").stdout).expect("a table is text")
    };
    assert_eq!(table("lab"), table("undisturbed"));
    lab.keep_as("shares");

    // Lists, by which every repository is known by its whole path.
    let row = |line: &String| serde_json::from_str::<Value>(line).expect("a row is JSON");
    let paths: String =
        whole.iter().map(row).filter_map(|row| Some(format!("{}\0", row["path"].as_str()?))).collect();
    // A name that is no text is not told as it is.
    let paths: Vec<&str> = paths.split_terminator('\0').filter(|path| !path.contains('\u{fffd}')).collect();
    std::fs::write(lab.at("tmp/list"), paths.join("\0") + "\0").expect("the folder is ours");
    let mut command = lab.command(&parallel);
    let input = std::fs::File::open(lab.at("tmp/list")).expect("it is there");
    let done = command.args(["--will-cite", "-j", "3", "--pipe", "-N", "29", "--recend", "\\0"]).args(bulk);
    let done = done.args(["--repos", "-"]).stdin(input).output().expect("it runs");
    let jobs = paths.len().div_ceil(29);
    assert!(done.status.code().is_some_and(|failed| failed > 0 && failed as usize <= jobs), "{done:?}");
    let named = |mut row: Value| {
        for name in ["key", "repo", "report", "patch"] {
            if let Some(text) = row[name].as_str().and_then(|text| text.strip_prefix("src/")) {
                row[name] = text.into();
            }
        }
        row.to_string()
    };
    let lists = (1..=jobs).flat_map(|job| lab.rows(&format!("lab/out/{job}")));
    let lists: BTreeSet<String> = lists.map(|line| named(row(&line))).collect();
    let expected =
        whole.iter().map(row).filter(|row| row["path"].as_str().is_some_and(|path| paths.contains(&path)));
    let expected: BTreeSet<String> = expected.map(named).collect();
    assert_eq!(lists, expected);
    only_the_branch(&lab);
}

/// The program of GNU, if it is here.
fn parallel() -> Option<String> {
    let told = Command::new("parallel").arg("--version").stdin(Stdio::null()).output();
    if told.is_ok_and(|told| told.stdout.starts_with(b"GNU parallel")) {
        return Some("parallel".to_owned());
    }
    assert!(std::env::var_os("CI").is_none(), "GNU parallel has to be there in CI");
    std::io::stderr().write_all(b"\nSKIPPED: no GNU parallel\n\n").expect("stderr is open");
    None
}

#[test]
fn in_work_trees_a_run_that_is_killed_again_and_again_does_what_an_undisturbed_one_does() {
    let lab = Lab::new(repositories());
    let args = ["--write", "--out", "out", "-q"];
    lab.undisturbed(&args);
    nothing_outside(&lab);
    as_expected(&lab, "lab/out", |expected| expected.in_place);
    lab.keep_as("undisturbed");

    let killed = lab.killed(&args, 13, &mut Random::seeded());
    assert!(killed >= 10, "it was killed {killed} times only");
    nothing_outside(&lab);
    same_output(&lab, "undisturbed/out", "lab/out");
    no_drafts(&lab.at("lab"));
    as_sound_as_before(&lab);
    let changed = each_changed(&lab, "lab/out", |done| files_are_patch(&lab, "lab/out", done));
    assert!(changed * 3 > repositories(), "{changed} changed");
    each_changed(&lab, "lab/out", |done| can_be_undone(&lab, done));
}

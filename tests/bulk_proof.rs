//! The proof of `bulk`: hundreds of repositories of every kind, some broken, some hostile, and runs over them that are killed
//! again and again, or dealt out over several processes. In the end it is as if nothing had happened: the same rows, reports
//! and commits, every repository sound, nothing touched that is none of the run's, and the SAM translator agrees.
//! `SAMWIRE_BULK_REPOSITORIES` makes it more repositories, `SAMWIRE_BULK_SEED` other ones.

#![cfg(unix)]

mod bulk_support;
mod support;

use bulk_support::checks::{
    as_expected, as_sound_as_before, branch_is_patch, can_be_undone, each_changed, files_are_patch,
    no_drafts, nothing_outside, only_the_branch, same_output,
};
use bulk_support::lab::Lab;
use bulk_support::random::Random;
use bulk_support::tree::BRANCH;
use bulk_support::verdicts::judge;

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

    let calls = ["hash-object", "write-tree", "commit-tree", "update-ref"];
    let moments = calls.iter().flat_map(|call| [format!("before {call}"), format!("after {call}")]);
    let moments: Vec<String> = moments.collect();
    lab.killed_at(&args, &moments.iter().map(String::as_str).collect::<Vec<_>>());
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

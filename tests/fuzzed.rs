//! Replays what fuzzing has found worth keeping, `tests/fuzz/corpus`, through the functions that the fuzzer calls: without the
//! fuzzer, with every test run.

#[path = "fuzz/src/lib.rs"]
mod fuzz;

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// Gives every kept input of a target to its function, and names those that break a promise.
fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let entries = std::fs::read_dir(&folder).expect("the kept inputs are there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "nothing is kept for {target}");
    let breaks = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("readable");
        catch_unwind(|| run(&bytes)).is_err()
    };
    let broken: Vec<PathBuf> = paths.into_iter().filter(breaks).collect();
    assert!(broken.is_empty(), "{target} breaks a promise on {broken:#?}");
}

#[test]
fn templates_are_parsed() {
    replay("parse", fuzz::parse::run);
}

#[test]
fn documents_are_edited() {
    replay("edits", fuzz::edits::run);
}

#[test]
fn plans_are_kept() {
    replay("plan", fuzz::plan::run);
}

#[test]
fn files_beside_templates_are_read() {
    replay("config", fuzz::config::run);
}

#[test]
fn reports_are_read_and_written() {
    replay("report", fuzz::report::run);
}

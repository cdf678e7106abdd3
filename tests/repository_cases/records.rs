//! Records of runs that somebody has put into a git directory, so that taking back or making room for others would write,
//! remove or read what is outside of the repository, or never end.

use crate::place_support::{Place, TEMPLATE};
use samwire::io::{Change, Journal, RunState, StateDir};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// A repository in which one run has written `t.yaml`.
fn fixed() -> Place {
    let place = Place::repository(&[("t.yaml", TEMPLATE)]);
    assert_eq!(place.samwire(&["fix", "--yes"]).code, 0);
    place
}

fn journal(place: &Place) -> Journal {
    Journal::new(StateDir::of(place.root()).unwrap())
}

fn begin(place: &Place) -> std::io::Result<()> {
    let path = place.root().canonicalize().unwrap().join("t.yaml");
    let changes = [Change { path: &path, before: b"a", after: b"b" }];
    journal(place).begin("0", "test", &changes).map(drop)
}

fn edit_record(place: &Place, from: &str, to: &str) {
    let record = ".git/samwire/runs/1/run.json";
    let text = place.read(record);
    assert!(text.contains(from), "{text}");
    place.write(record, &text.replace(from, to));
}

#[test]
fn a_linked_directory_of_records_is_refused_and_what_is_behind_it_stays() {
    for part in [".git/samwire", ".git/samwire/runs"] {
        let place = fixed();
        let outside = tempfile::tempdir().unwrap();
        let there = outside.path().join("there");
        fs::rename(place.at(part), &there).unwrap();
        symlink(&there, place.at(part)).unwrap();
        // A dozen directories with numbers, which making room would remove.
        let theirs = if part.ends_with("runs") { there.clone() } else { there.join("runs") };
        for number in 100..112 {
            fs::create_dir_all(theirs.join(number.to_string())).unwrap();
        }
        let count = || fs::read_dir(&theirs).unwrap().count();
        let before = count();
        let error = begin(&place).unwrap_err().to_string();
        assert!(error.contains("is a link"), "{part}: {error}");
        assert!(journal(&place).runs().is_err(), "{part}");
        let written = place.read("t.yaml");
        for args in [["undo"].as_slice(), &["fix", "--yes", "--allow-dirty"]] {
            place.write("other.yaml", TEMPLATE);
            let done = place.samwire(args);
            assert!(done.code != 0 && done.err.contains("is a link"), "{part} {args:?}: {}", done.err);
        }
        assert_eq!(
            (place.read("t.yaml"), place.read("other.yaml"), count()),
            (written, TEMPLATE.to_owned(), before)
        );
    }
}

#[test]
fn a_linked_work_tree_is_no_way_around() {
    let place = Place::repository(&[("t.yaml", TEMPLATE)]);
    place.git(&["worktree", "add", "-q", "linked"]);
    let outside = tempfile::tempdir().unwrap();
    symlink(outside.path(), place.at(".git/worktrees/linked/samwire")).unwrap();
    let done = place.samwire_in("linked", &["fix", "--yes"], "");
    assert!(done.code != 0 && done.err.contains("is a link"), "{}", done.err);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn making_room_removes_records_of_ours_only() {
    let place = fixed();
    let outside = tempfile::tempdir().unwrap();
    let runs = place.at(".git/samwire/runs");
    fs::write(outside.path().join("run.json"), "{}").unwrap();
    fs::write(outside.path().join("before"), "").unwrap();
    symlink(outside.path(), runs.join("2")).unwrap();
    fs::create_dir(runs.join("3")).unwrap();
    fs::write(runs.join("3/precious"), "").unwrap();
    fs::create_dir(runs.join("18446744073709551615")).unwrap();
    for _ in 0..12 {
        begin(&place).unwrap();
    }
    assert!(!runs.join("1").exists() && runs.join("15").is_dir());
    assert!(runs.join("3/precious").exists() && runs.join("2").is_symlink());
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 2);
}

#[test]
fn a_record_whose_parts_are_no_files_is_passed_over() {
    for (part, code) in [("run.json", 2), ("before", 1)] {
        for kind in ["link", "pipe", "sparse"] {
            let place = fixed();
            let file = place.at(".git/samwire/runs/1").join(part);
            let outside = place.state().join("there");
            match kind {
                "link" => {
                    fs::rename(&file, &outside).unwrap();
                    symlink(&outside, &file).unwrap();
                }
                "pipe" => {
                    fs::remove_file(&file).unwrap();
                    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
                }
                _ => {
                    fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(1 << 40).unwrap();
                    if part == "before" {
                        let length = format!("\"length\": {}", TEMPLATE.len());
                        edit_record(&place, &length, "\"length\": 1099511627776");
                    }
                }
            }
            let written = place.read("t.yaml");
            let done = place.samwire(&["undo"]);
            assert!(done.code != 0, "{part} {kind} {code}: {}", done.err);
            assert_eq!(place.read("t.yaml"), written);
        }
    }
}

#[test]
fn a_record_with_a_path_out_of_the_work_tree_is_no_record() {
    for path in ["../t.yaml", "a/../../t.yaml", ".git/config", "a/.GIT/x", "/a/../b.yaml", "", "."] {
        let place = fixed();
        edit_record(&place, "\"path\": \"t.yaml\"", &format!("\"path\": \"{path}\""));
        assert!(journal(&place).runs().unwrap().is_empty(), "{path}");
    }
    let place = fixed();
    let token = journal(&place).runs().unwrap();
    assert_eq!(token.len(), 1);
    edit_record(&place, "\"token\": \"", "\"token\": \"../");
    assert!(journal(&place).runs().unwrap().is_empty());
}

#[test]
fn files_outside_of_the_work_tree_are_for_the_person_alone() {
    let place = Place::repository(&[("in/t.yaml", "a: 1\n")]);
    let outside = Place::with(&[("t.yaml", TEMPLATE)]);
    let named = outside.at("t.yaml").display().to_string();
    assert_eq!(place.samwire(&["fix", "--yes", "--allow-no-vcs", &named]).code, 0);
    assert_ne!(outside.read("t.yaml"), TEMPLATE);
    let root = place.root().canonicalize().unwrap();
    assert_eq!(journal(&place).runs().unwrap().len(), 1);
    assert!(!journal(&place).runs().unwrap()[0].stays_within(&root));
    let confined = Journal::confined(StateDir::of(place.root()).unwrap());
    assert!(confined.runs().unwrap().is_empty());
    assert_eq!(place.samwire(&["undo"]).code, 0);
    assert_eq!(outside.read("t.yaml"), TEMPLATE);
}

#[test]
fn a_run_stays_within_a_work_tree_only_without_links_on_the_way() {
    let place = Place::repository(&[("deep/er/t.yaml", TEMPLATE)]);
    assert_eq!(place.samwire(&["fix", "--yes"]).code, 0);
    let root = place.root().canonicalize().unwrap();
    let run = journal(&place).runs().unwrap().remove(0);
    assert_eq!(run.state, RunState::Written);
    assert!(run.stays_within(&root) && !run.stays_within(Path::new("/nowhere")));
    assert!(!run.stays_within(&root.join("deep/er/t.yaml")));
    let outside = tempfile::tempdir().unwrap();
    fs::rename(place.at("deep/er"), outside.path().join("er")).unwrap();
    symlink(outside.path().join("er"), place.at("deep/er")).unwrap();
    assert!(!run.stays_within(&root));
    assert!(Journal::confined(StateDir::of(&root).unwrap()).runs().unwrap().is_empty());
}

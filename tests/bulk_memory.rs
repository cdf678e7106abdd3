//! What `bulk` needs for many repositories: how much memory, as the system counts it, and that each more costs next to none.
//! `SAMWIRE_BULK_MANY` makes it more repositories.

#![cfg(target_os = "linux")]

mod bulk_support;
mod git_support;
mod support;

use bulk_support::tree::{TEMPLATE, calm, git};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a run may need, in KiB.
const MOST: usize = 256 * 1024;

/// What each more repository may need, in KiB: its name, its place and its row.
const EACH: usize = 12;

#[test]
fn memory_does_not_grow_with_the_number_of_repositories() {
    let told = std::env::var("SAMWIRE_BULK_MANY").ok();
    let many: usize = told.map_or(500, |count| count.parse().expect("a number"));
    let few = 100;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let root = dir.path();
    make(root, "few", few);
    make(root, "many", many);
    for (mode, args) in [("planned", &[][..]), ("on a branch", &["--write", "--branch", "samwire"])] {
        let of_few = needs(root, "few", &mode[..2], args);
        let (of_many, time) = needs(root, "many", &mode[..2], args);
        let rate = many as f64 / time.as_secs_f64();
        println!(
            "{mode}: {few} repositories {} KiB, {many} {of_many} KiB, {time:.1?}, {rate:.0} a second",
            of_few.0
        );
        assert!(of_many < MOST, "{mode}: {many} repositories need {of_many} KiB");
        let more = of_many.saturating_sub(of_few.0);
        assert!(more < (many - few) * EACH, "{mode}: {} more repositories need {more} KiB more", many - few);
    }
}

/// The most memory that a run over the repositories in `folder` had at a time, in KiB, and how long it took.
fn needs(root: &Path, folder: &str, out: &str, args: &[&str]) -> (usize, Duration) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_samwire"));
    calm(&mut command);
    command.args(["bulk", folder, "-q", "-j", "2", "--out", &format!("out-{folder}-{out}")]).args(args);
    command.current_dir(root).env("XDG_STATE_HOME", root).stdin(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().expect("the program runs");
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait().expect("it is ours") {
            break ended;
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let told = text
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(told.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(ended.success() && most > 0, "{ended}");
    (most, start.elapsed())
}

/// Makes repositories with one to three templates that change. Their objects are the same files, since nobody changes them.
fn make(root: &Path, folder: &str, count: usize) {
    let models: Vec<_> = (1..=3)
        .map(|templates| {
            let model = root.join(format!("model-{templates}"));
            if !model.exists() {
                for number in 0..templates {
                    let folder = model.join(format!("service-{number}"));
                    fs::create_dir_all(&folder).expect("the folder is ours");
                    fs::write(folder.join("template.yaml"), TEMPLATE).expect("the folder is ours");
                }
                for args in
                    [&["init", "-q", "-b", "main"][..], &["add", "--all"], &["commit", "-q", "-m", "t"]]
                {
                    git(&model, args);
                }
            }
            model
        })
        .collect();
    for number in 0..count {
        let place = root.join(format!("{folder}/group-{}/repository-{number}", number % 100));
        copy(&models[number % models.len()], &place);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder is ours");
    for entry in fs::read_dir(from).expect("a readable folder") {
        let (from, name) = entry.map(|entry| (entry.path(), entry.file_name())).expect("a readable folder");
        let to = to.join(name);
        if from.is_dir() {
            copy(&from, &to);
        } else if from.components().any(|part| part.as_os_str() == "objects") {
            fs::hard_link(&from, &to).expect("one file system");
        } else {
            fs::copy(&from, &to).expect("the folder is ours");
        }
    }
}

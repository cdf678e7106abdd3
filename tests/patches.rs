//! Diffs are patches: whatever the bytes and the name, `git apply` makes the new file of the old one.

use samwire::report::Unified;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const BEFORE_AND_AFTER: [(&str, &str); 9] = [
    ("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", "a\nB\nc\nd\ne\nf\ng\nh\ni\nJ\n"),
    ("a\r\nb\r\nc\r\n", "a\r\nx\r\nc\r\n"),
    ("a\r\nb\nc\r\n", "a\nb\r\nc\r\n"),
    ("a\nb", "a\nc"),
    ("a\nb", "a\nb\n"),
    ("a\nb\n", "a\nb"),
    ("a\rb\nc\r", "a\rb\nd\r"),
    ("\u{feff}Größe: 1\nñ: \u{2028}2\n", "\u{feff}Größe: 2\nñ: \u{2028}2\n"),
    ("  trailing  \n\n\nx\n", "  trailing  \n\n\ny \t\n"),
];

const NAMES: [&str; 5] =
    ["template.yaml", "my stack.yaml", "sub dir/größe.yaml", "quo\"te.yaml", "tab\there.yaml"];

fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).stdin(Stdio::null());
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        git.env_remove(name);
    }
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", folder.join("no-config"));
    git
}

fn git_apply(folder: &Path, patch: &str) {
    fs::write(folder.join("the.patch"), patch).expect("the folder is ours");
    let done = git(folder).args(["apply", "the.patch"]).output().expect("git is there");
    assert!(done.status.success(), "{}\n{patch:?}", String::from_utf8_lossy(&done.stderr));
}

fn check(folder: &Path) {
    for name in NAMES {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().expect("a name has a folder")).expect("the folder is ours");
        for (before, after) in BEFORE_AND_AFTER {
            fs::write(&file, before).expect("the folder is ours");
            git_apply(folder, &Unified::patch(3).diff(before, after, Path::new(name)));
            let result = fs::read_to_string(&file).expect("still there");
            assert_eq!(result, after, "{name}: {before:?}");
        }
    }
}

#[test]
fn patches_apply_outside_a_repository() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    check(dir.path());
}

#[test]
fn patches_apply_at_the_root_of_a_repository_and_in_a_subdirectory() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let done = git(dir.path()).args(["init", "-q"]).status().expect("git is there");
    assert!(done.success());
    check(dir.path());
    let below = dir.path().join("services/orders");
    fs::create_dir_all(&below).expect("the folder is ours");
    check(&below);
}

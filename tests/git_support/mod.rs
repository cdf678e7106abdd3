//! A `git` that stands before the real one on the path and does something else at one chosen call, so that a run is killed, held
//! up, or overtaken at a known place and not at a known time.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// The parent of this script is the program. What it shall do lies in the file `trap`, for the first call that fits.
const SCRIPT: &str = r#"#!/bin/sh
here=${0%/*}
PATH=${PATH#*:}
read -r how what 2> /dev/null < "$here/trap" || exec git "$@"
case "$*" in *"$what"*) ;; *) exec git "$@" ;; esac
mv "$here/trap" "$here/sprung" 2> /dev/null || exec git "$@"
case $how in
before) kill -9 $PPID ;;
after) git "$@"; kill -9 $PPID ;;
wait) while [ ! -e "$here/go" ]; do sleep 0.02; done; sleep 0.2; exec git "$@" ;;
twice) cat > "$here/input"; git "$@" < "$here/input"; exec git "$@" < "$here/input" ;;
esac
"#;

/// The directory with that `git`.
pub(crate) struct FalseGit {
    dir: tempfile::TempDir,
}

impl FalseGit {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let program = dir.path().join("git");
        fs::write(&program, SCRIPT).expect("the folder is ours");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("the file is ours");
        Self { dir }
    }

    /// What it does at the first call that has `what` among its words: kills the program `before` or `after` it, has it `wait`
    /// until it may [go](Self::go) on, or does it `twice`.
    pub(crate) fn at(&self, how: &str, what: &str) {
        let _ = fs::remove_file(self.dir.path().join("sprung"));
        let draft = self.dir.path().join("draft");
        fs::write(&draft, format!("{how} {what}\n")).expect("the folder is ours");
        fs::rename(draft, self.dir.path().join("trap")).expect("the folder is ours");
    }

    /// Whether the call has come.
    pub(crate) fn is_sprung(&self) -> bool {
        self.dir.path().join("sprung").exists()
    }

    /// Lets a call go on that waits.
    pub(crate) fn go(&self) {
        fs::write(self.dir.path().join("go"), "").expect("the folder is ours");
    }

    /// Makes a command find it first.
    pub(crate) fn put_before<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let path = std::env::var("PATH").expect("there is a path");
        command.env("PATH", format!("{}:{path}", Path::display(self.dir.path())))
    }
}

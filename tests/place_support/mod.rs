//! A directory in which the program runs, with files in it, with or without git, and with a state directory of its own.
//! Knows how to start the program; knows nothing of what it does.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code)]

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Output, Stdio};

/// A template with two rewrites within consent.
pub(crate) const TEMPLATE: &str = include_str!("../cli/orders.in/template.yaml");

/// What the environment of whoever runs the tests may say, and the program listens to.
const OF_OTHERS: [&str; 7] = [
    "NO_COLOR",
    "CLICOLOR_FORCE",
    "FORCE_COLOR",
    "GITHUB_REPOSITORY",
    "GITHUB_BASE_REF",
    "CI_PROJECT_PATH",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA",
];

/// A directory with templates in it.
pub(crate) struct Place {
    dir: tempfile::TempDir,
    // Runs are recorded here, and not where those of the person are who runs the tests.
    state: tempfile::TempDir,
}

impl Place {
    pub(crate) fn empty() -> Self {
        let dir = || tempfile::tempdir().expect("a temporary directory");
        Self { dir: dir(), state: dir() }
    }

    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let place = Self::empty();
        for (name, text) in files {
            place.write(name, text);
        }
        place
    }

    /// A git work tree in which `files` are committed.
    pub(crate) fn repository(files: &[(&str, &str)]) -> Self {
        let place = Self::with(files);
        place.git(&["init", "-q"]);
        place.commit();
        place
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    /// Where the program keeps records outside of git.
    pub(crate) fn state(&self) -> &Path {
        self.state.path()
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().expect("a name has a folder")).expect("the folder is ours");
        fs::write(path, text).expect("the folder is ours");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).expect("the file is there")
    }

    pub(crate) fn git(&self, args: &[&str]) {
        git(self.root(), args);
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "--allow-empty", "-m", "t"]);
    }

    pub(crate) fn samwire(&self, args: &[&str]) -> Done {
        self.samwire_in(".", args, "")
    }

    pub(crate) fn samwire_in(&self, folder: &str, args: &[&str], stdin: &str) -> Done {
        let mut command = Command::from_std(self.command(folder, args));
        command.write_stdin(stdin).output().expect("the program runs").into()
    }

    /// A run with environment variables of a pipeline.
    pub(crate) fn samwire_with(&self, variables: &[(&str, &str)], args: &[&str]) -> Done {
        let mut command = self.command(".", args);
        let done = command.envs(variables.iter().copied()).stdin(Stdio::null()).output();
        done.expect("the program runs").into()
    }

    /// The program, ready to start.
    pub(crate) fn command(&self, folder: &str, args: &[&str]) -> Process {
        let mut command = Process::new(env!("CARGO_BIN_EXE_samwire"));
        for name in OF_OTHERS {
            command.env_remove(name);
        }
        command.env("XDG_STATE_HOME", self.state()).env("REPOSITORY", "acme/orders");
        command.current_dir(self.at(folder)).args(args);
        command
    }

    /// Names of everything in a folder, sorted.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.at(folder)).expect("the folder is there");
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry.expect("the folder is readable").file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }
}

/// A finished run.
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("the run was not killed"),
            out: String::from_utf8(output.stdout).expect("output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("output is UTF-8"),
        }
    }
}

/// Runs git without the settings of the person who runs the tests.
pub(crate) fn git(folder: &Path, args: &[&str]) {
    let mut command = Process::new("git");
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", folder.join("no-config"));
    let done = command.args(args).current_dir(folder).stdin(Stdio::null()).output().expect("git is there");
    assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

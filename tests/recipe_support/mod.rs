//! A server with git repositories, and the scripts of `docs/bulk/` as a person would start them. Knows nothing of what comes
//! out.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code)]

use crate::place_support::{Done, Place, git};
use crate::tool_support::{path_with_the_program, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Bare repositories in a folder, as a code host has them, and the list of their addresses.
pub(crate) struct Server {
    place: Place,
    keys: Vec<String>,
}

impl Server {
    /// One repository for each key, with these files.
    pub(crate) fn with<'a>(repositories: impl IntoIterator<Item = (String, Vec<(&'a str, String)>)>) -> Self {
        let place = Place::empty();
        let mut keys = Vec::new();
        for (key, files) in repositories {
            let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
            let origin = Place::repository(&files);
            origin.git(&["branch", "-M", "main"]);
            let bare = place.at(&format!("{key}.git"));
            let from = origin.root().display().to_string();
            git(place.root(), &["clone", "-q", "--bare", &from, &bare.display().to_string()]);
            git(&bare, &["config", "uploadpack.allowFilter", "true"]);
            git(&bare, &["remote", "remove", "origin"]);
            keys.push(key);
        }
        Self { place, keys }
    }

    pub(crate) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// The repository of a key.
    pub(crate) fn bare(&self, key: &str) -> PathBuf {
        self.place.at(&format!("{key}.git"))
    }

    /// The list, as the recipes read it.
    pub(crate) fn list(&self) -> String {
        let line = |key: &String| format!("{key} file://{}\n", self.bare(key).display());
        self.keys.iter().map(line).collect()
    }

    /// Clones of all repositories below `folder` of a place.
    pub(crate) fn cloned(&self, place: &Place, folder: &str) {
        for key in &self.keys {
            let (from, to) = (self.bare(key), format!("{folder}/{key}"));
            let done = run(place, "clone.sh", &[&format!("file://{}", from.display()), &to], &[]);
            assert_eq!(done.code, 0, "{}", done.err);
        }
    }
}

/// A script of `docs/bulk/`, started in a place, with these variables beside what every program needs.
pub(crate) fn run(place: &Place, script: &str, words: &[&str], variables: &[(&str, &str)]) -> Done {
    let mut command = Command::new(root().join("docs/bulk").join(script));
    command.args(words);
    finished(place, command, variables)
}

/// The script of a job, as runners start bash.
pub(crate) fn shell(place: &Place, script: &str, variables: &[(&str, &str)]) -> Done {
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]);
    finished(place, command, variables)
}

fn finished(place: &Place, mut command: Command, variables: &[(&str, &str)]) -> Done {
    command.current_dir(place.root()).env_clear().stdin(Stdio::null());
    let path = path_with_the_program();
    command.env("PATH", path).env("HOME", place.state()).env("GIT_CONFIG_NOSYSTEM", "1");
    let identity = "[user]\n\tname = Someone\n\temail = someone@example.com\n";
    fs::write(place.state().join(".gitconfig"), identity).expect("the folder is ours");
    command.envs(variables.iter().copied());
    command.output().expect("the script starts").into()
}

/// Paths of all scripts that people or pipelines run, below the root of the repository.
pub(crate) fn scripts() -> Vec<String> {
    let mut found =
        vec![".ci/run".to_owned(), ".ci/packages".to_owned(), ".ci/packages-of-the-system".to_owned()];
    for entry in ignore::Walk::new(root().join("docs/bulk")) {
        let path = entry.expect("the folder is readable").into_path();
        if path.extension().is_some_and(|ending| ending == "sh") {
            let below = path.strip_prefix(root()).expect("it lies below the root");
            found.push(below.display().to_string());
        }
    }
    found.sort();
    found
}

/// What git says in a folder.
pub(crate) fn git_says(folder: &Path, words: &[&str]) -> String {
    let output = Command::new("git").args(words).current_dir(folder).output().expect("git is there");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("git says text")
}

/// A program of this name in a folder of its own.
pub(crate) fn stand_in(place: &Place, name: &str, script: &str) -> PathBuf {
    let folder = place.at(&format!("stand-in-{name}"));
    fs::create_dir_all(&folder).expect("the folder is ours");
    let file = folder.join(name);
    fs::write(&file, format!("#!/usr/bin/env bash\nset -euo pipefail\n{script}"))
        .expect("the folder is ours");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&file, mode).expect("the file is ours");
    folder
}

/// `PATH` with a folder before the program under test and everything else.
pub(crate) fn path_with(folder: &Path) -> String {
    let known = path_with_the_program();
    let folders = [folder.to_path_buf()].into_iter().chain(std::env::split_paths(&known));
    let path = std::env::join_paths(folders).expect("no folder of a PATH has its separator in its name");
    path.into_string().expect("the PATH is text")
}

/// SSH to machines that are folders below `hosts`: each is the home of whoever logs in there.
pub(crate) fn ssh(hosts: &Path) -> String {
    format!(
        r#"user=
while [[ $1 == -* ]]; do
    case $1 in
        -l) user=$2@ && shift 2 ;;
        -o | -p) shift 2 ;;
        *) shift ;;
    esac
done
home={hosts}/$user$1
shift
[[ $1 != -- ]] || shift
mkdir -p -- "$home"
cd -- "$home"
HOME=$home SHELL=/bin/bash exec bash -c "$*"
"#,
        hosts = hosts.display()
    )
}

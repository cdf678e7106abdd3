//! What the cases share: a repository whose commits have an author, and git's own view of it.

mod commits;
mod contents;
mod finding;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod records;
mod states;

use crate::place_support::Place;
use samwire::io::{Branch, CommitError, Committed, FileMode, NewContent, Repository};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// A template, in that it mentions SAM.
const SAM: &str = "Transform: AWS::Serverless-2016-10-31\nResources: {}\n";

/// What a commit of ours makes of it.
const NEW: &str = "Transform: AWS::Serverless-2016-10-31\nResources: {A: {}}\n";

/// A repository with these files, and with an author for whoever commits.
fn repository(files: &[(&str, &str)]) -> Place {
    let place = Place::repository(files);
    identify(&place);
    place
}

fn identify(place: &Place) {
    place.git(&["config", "user.name", "t"]);
    place.git(&["config", "user.email", "t@t"]);
}

fn open(path: &Path) -> Repository {
    Repository::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Commits new content of one file.
fn commit(repository: &Repository, branch: &str, path: &str) -> Result<Committed, CommitError> {
    let changes = [NewContent { path: Path::new(path), mode: FileMode::Plain, bytes: NEW.as_bytes() }];
    repository.commit_on_branch(&Branch {
        name: branch,
        message: "Rewire\n\nAll of it.\n",
        changes: &changes,
    })
}

/// What git prints, without the settings of the person who runs the tests.
fn git(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    let done = command.args(args).current_dir(folder).stdin(Stdio::null()).output().expect("git is there");
    assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim_end().to_owned()
}

/// Everything that git keeps but objects, with its bytes: what a call that only looks must not change.
fn git_dir_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_symlink() || path.ends_with("objects") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

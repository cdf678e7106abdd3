//! What a commit on a branch writes, what it leaves alone, and when there is none.

use super::{NEW, SAM, commit, git, git_dir_files, open, repository};
use crate::place_support::Place;
use samwire::io::{Branch, FileMode, NewContent, Repository};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn a_branch_holds_the_change_and_everything_else_stays() {
    let place = repository(&[("a/t.yaml", SAM), ("run.yaml", SAM), ("notes.md", "x\n")]);
    place.git(&["update-index", "--chmod=+x", "run.yaml"]);
    place.git(&["commit", "-q", "-m", "mode"]);
    // Work that is neither committed nor in the index.
    place.write("a/t.yaml", "mine\n");
    place.write("staged.md", "mine\n");
    place.git(&["add", "staged.md"]);
    let before = (git(place.root(), &["status", "--porcelain"]), git_dir_files(&place.at(".git")));
    let opened = open(place.root());
    let changes = [
        NewContent { path: Path::new("a/t.yaml"), mode: FileMode::Plain, bytes: b"new\r\nlines" },
        NewContent { path: Path::new("run.yaml"), mode: FileMode::Executable, bytes: NEW.as_bytes() },
    ];
    let branch = Branch { name: "samwire/connectors", message: "Rewire\n\nAll.\n", changes: &changes };
    let done = opened.commit_on_branch(&branch).unwrap();
    let at = place.root();
    assert_eq!(git(at, &["rev-parse", "samwire/connectors"]), done.commit);
    assert_eq!(git(at, &["rev-parse", "samwire/connectors^"]), opened.base);
    assert_eq!(git(at, &["show", "samwire/connectors:a/t.yaml"]), "new\r\nlines");
    assert_eq!(
        git(at, &["log", "-1", "--format=%B|%an|%ce", "samwire/connectors"]),
        "Rewire\n\nAll.\n|t|t@t"
    );
    let changed = git(at, &["diff", "--raw", "--abbrev=1", "HEAD", "samwire/connectors"]);
    assert_eq!(changed.lines().count(), 2, "{changed}");
    assert!(changed.contains(":100755 100755"), "{changed}");
    assert_eq!(git(at, &["fsck", "--strict"]), "");
    // Nothing but the branch and its log is new.
    let kept: Vec<_> =
        git_dir_files(&place.at(".git")).into_iter().filter(|(path, _)| !path.contains("samwire")).collect();
    assert_eq!(kept, before.1);
    assert_eq!(git(at, &["status", "--porcelain"]), before.0);

    // A run that was killed finds its branch again, as long as it would make the same of it.
    assert_eq!(opened.commit_on_branch(&branch).unwrap().commit, done.commit);
    assert!(opened.commit_on_branch(&branch).unwrap().was_there);
    let other = Branch { changes: &changes[..1], ..branch };
    assert_eq!(opened.commit_on_branch(&other).unwrap_err().id(), "branch-exists");
    place.git(&["commit", "-q", "-m", "on"]);
    assert_eq!(open(at).commit_on_branch(&branch).unwrap_err().id(), "branch-exists");
    assert_eq!(git(at, &["rev-parse", "samwire/connectors"]), done.commit);
}

#[test]
fn a_branch_in_the_way_is_left_alone() {
    let place = repository(&[("t.yaml", SAM)]);
    place.git(&["branch", "a"]);
    place.git(&["branch", "b/c"]);
    place.git(&["symbolic-ref", "refs/heads/dangling", "refs/heads/victim"]);
    place.git(&["tag", "free"]);
    place.git(&["pack-refs", "--all"]);
    let opened = open(place.root());
    for name in ["a", "a/x", "b"] {
        let error = commit(&opened, name, "t.yaml").unwrap_err();
        assert_eq!(error.id(), "branch-exists", "{name}: {error}");
    }
    // A name that leads to a branch which is not there does not make it.
    commit(&opened, "dangling", "t.yaml").unwrap();
    assert_eq!(git(place.root(), &["for-each-ref", "--format=%(refname)", "refs/heads/victim"]), "");
    // A tag is something else.
    commit(&opened, "free", "t.yaml").unwrap();
    commit(&opened, "b/d", "t.yaml").unwrap();
}

#[test]
fn a_branch_that_is_locked_is_told() {
    let place = repository(&[("t.yaml", SAM)]);
    let opened = open(place.root());
    place.write(".git/refs/heads/x.lock", "");
    let error = commit(&opened, "x", "t.yaml").unwrap_err();
    assert_eq!(error.id(), "locked", "{error}");
    assert_eq!(git(place.root(), &["fsck", "--strict", "--no-dangling"]), "");
    // Locks of the index and of HEAD are none of the branch.
    fs::remove_file(place.at(".git/refs/heads/x.lock")).unwrap();
    place.write(".git/index.lock", "");
    commit(&opened, "x", "t.yaml").unwrap();
}

#[test]
fn without_an_author_there_is_no_commit() {
    let place = Place::repository(&[("t.yaml", SAM)]);
    // Whoever runs the tests may have a name, so that this repository says that it is none.
    place.git(&["config", "user.name", ""]);
    place.git(&["config", "user.email", ""]);
    let error = commit(&open(place.root()), "x", "t.yaml").unwrap_err();
    assert_eq!(error.id(), "no-identity", "{error}");
    assert_eq!(git(place.root(), &["branch", "--list", "x"]), "");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_in_the_git_directory() {
    let parts = [
        "objects",
        "objects/pack",
        "refs",
        "refs/heads",
        "logs",
        "logs/refs/heads",
        "packed-refs",
        "refs/heads/deep",
        "refs/heads/deep/x",
        "logs/refs/heads/deep",
    ];
    for part in parts {
        let place = repository(&[("t.yaml", SAM)]);
        let outside = tempfile::tempdir().unwrap();
        let (here, there) = (place.at(".git").join(part), outside.path().join("part"));
        if here.exists() {
            fs::rename(&here, &there).unwrap();
        } else if part == "refs/heads/deep/x" {
            fs::create_dir_all(here.parent().unwrap()).unwrap();
        }
        if part == "packed-refs" {
            fs::write(&there, "# pack-refs with: peeled fully-peeled sorted \n").unwrap();
        }
        std::os::unix::fs::symlink(&there, &here).unwrap();
        // What holds content is not even read through.
        let id = match Repository::open(place.root()) {
            Ok(opened) => commit(&opened, "deep/x", "t.yaml").unwrap_err().id(),
            Err(error) => error.id(),
        };
        assert_eq!(id, "linked-git-dir", "{part}");
    }
    let place = repository(&[("t.yaml", SAM)]);
    let outside = tempfile::tempdir().unwrap();
    fs::rename(place.at(".git/logs"), outside.path().join("logs")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("logs"), place.at(".git/logs")).unwrap();
    assert_eq!(open(place.root()).unwritable().unwrap().id(), "linked-git-dir");
    let place = repository(&[("t.yaml", SAM)]);
    std::os::unix::fs::symlink(outside.path(), place.at(".git/samwire")).unwrap();
    assert_eq!(open(place.root()).unwritable().unwrap().id(), "linked-git-dir", "records would land there");
}

#[cfg(unix)]
#[test]
fn what_another_repository_holds_is_not_read_through_a_link() {
    for part in ["objects", "objects/pack", "refs", "refs/heads", "HEAD", "config", "index"] {
        let place = repository(&[("t.yaml", SAM)]);
        let outside = tempfile::tempdir().unwrap();
        let (here, there) = (place.at(".git").join(part), outside.path().join("part"));
        fs::rename(&here, &there).unwrap();
        std::os::unix::fs::symlink(&there, &here).unwrap();
        assert_eq!(Repository::open(place.root()).unwrap_err().id(), "linked-git-dir", "{part}");
    }
}

#[test]
fn commits_are_made_in_bare_shallow_detached_and_linked_ones_and_in_the_midst_of_a_merge() {
    let place = repository(&[("t.yaml", SAM)]);
    let at = place.root();
    place.git(&["commit", "-q", "--allow-empty", "-m", "more"]);
    let outside = tempfile::tempdir().unwrap();
    let in_outside = |name: &str| outside.path().join(name);
    let from = format!("file://{}", at.display());
    git(outside.path(), &["clone", "-q", "--bare", &from, "bare"]);
    git(outside.path(), &["clone", "-q", "--depth=1", &from, "shallow"]);
    git(outside.path(), &["clone", "-q", "--shared", &at.display().to_string(), "shared"]);
    let objects = || git(at, &["count-objects"]);
    let before = objects();
    git(outside.path(), &["clone", "-q", "--filter=blob:none", "--no-checkout", &from, "partial"]);
    git(at, &["worktree", "add", "-q", "--detach", &in_outside("linked").display().to_string()]);
    git(outside.path(), &["clone", "-q", &from, "merging"]);
    fs::write(in_outside("merging/.git/MERGE_HEAD"), git(at, &["rev-parse", "HEAD"]) + "\n").unwrap();
    for name in ["bare", "shallow", "shared", "linked", "merging", "partial"] {
        let folder = in_outside(name);
        git(&folder, &["config", "user.name", "t"]);
        git(&folder, &["config", "user.email", "t@t"]);
        let opened = open(&folder);
        let done =
            commit(&opened, &format!("x-{name}"), "t.yaml").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(git(&folder, &["rev-parse", &format!("x-{name}")]), done.commit, "{name}");
        // What a linked one commits goes into the repository that it belongs to; from all others nothing does.
        assert_eq!(objects() == before, !["linked", "merging", "partial"].contains(&name), "{name}");
        if name != "partial" {
            assert_eq!(git(&folder, &["fsck", "--strict"]), "", "{name}");
        }
    }
    // What a linked one commits is in the repository that it belongs to.
    assert!(git(at, &["branch", "--list"]).contains("x-linked"));
}

#[test]
fn a_large_tree_is_read_and_committed_to() {
    let place = Place::empty();
    for number in 0..3000 {
        place.write(&format!("d{}/f{number}.txt", number % 60), &format!("{number}\n"));
    }
    place.write("d7/t.yaml", SAM);
    place.git(&["init", "-q"]);
    place.commit();
    super::identify(&place);
    let opened = open(place.root());
    assert_eq!(opened.committed(&[]).unwrap().count(), 1);
    commit(&opened, "x", "d7/t.yaml").unwrap();
    assert_eq!(git(place.root(), &["diff", "--name-only", "HEAD", "x"]), "d7/t.yaml");
}

/// Says to this test, run as a process of its own, where to commit.
const FOLDER: &str = "SAMWIRE_TEST_REPOSITORY";

/// Runs one test of this program with further variables in its environment.
fn again(test: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([&format!("repository_cases::commits::{test}"), "--exact"]);
    command.envs(variables.iter().copied()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[test]
fn a_run_that_is_killed_leaves_all_or_nothing_and_goes_on() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let opened = open(Path::new(&folder));
        for number in 0.. {
            commit(&opened, &format!("x{number}"), "t.yaml").unwrap();
        }
    }
    let place = repository(&[("t.yaml", SAM), ("other.yaml", SAM)]);
    let folder = place.root().display().to_string();
    for time in 0..8 {
        let mut run = again("a_run_that_is_killed_leaves_all_or_nothing_and_goes_on", &[(FOLDER, &folder)])
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(40 + 17 * time));
        run.kill().unwrap();
        run.wait().unwrap();
        // What git was at when its caller went, it ends.
        std::thread::sleep(std::time::Duration::from_millis(100));
        assert_eq!(git(place.root(), &["fsck", "--strict", "--no-dangling"]), "");
        assert_eq!(git(place.root(), &["status", "--porcelain"]), "");
    }
    let opened = open(place.root());
    let made = git(place.root(), &["branch", "--list", "x*"]).lines().count();
    assert!(made > 0);
    for number in 0..=made {
        let done = commit(&opened, &format!("x{number}"), "t.yaml").unwrap();
        assert_eq!(done.was_there, number < made);
    }
}

#[test]
fn what_the_environment_says_of_other_repositories_is_not_heeded() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        commit(&open(Path::new(&folder)), "x", "t.yaml").unwrap();
        return;
    }
    let (place, other) = (repository(&[("t.yaml", SAM)]), repository(&[("t.yaml", "other\n")]));
    let (folder, elsewhere) = (place.root().display().to_string(), other.at(".git").display().to_string());
    let before = git_dir_files(&other.at(".git"));
    let index = other.at(".git/index").display().to_string();
    let variables = [
        (FOLDER, folder.as_str()),
        ("GIT_DIR", &elsewhere),
        ("GIT_WORK_TREE", &elsewhere),
        ("GIT_INDEX_FILE", &index),
        ("GIT_OBJECT_DIRECTORY", &elsewhere),
        ("GIT_NAMESPACE", "n"),
        ("GIT_CONFIG_PARAMETERS", "'core.worktree'='/'"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.bare"),
        ("GIT_CONFIG_VALUE_0", "true"),
        ("GIT_CEILING_DIRECTORIES", "/"),
        ("GIT_ATTR_SOURCE", "none"),
        ("GIT_DEFAULT_HASH", "sha256"),
        ("GIT_LITERAL_PATHSPECS", "0"),
        ("GIT_TRACE", "1"),
        ("LC_ALL", "de_DE.UTF-8"),
    ];
    let test = "what_the_environment_says_of_other_repositories_is_not_heeded";
    assert!(again(test, &variables).status().unwrap().success());
    assert_eq!(git(place.root(), &["show", "x:t.yaml"]), NEW.trim_end());
    assert_eq!(git_dir_files(&other.at(".git")), before);
}

#[cfg(unix)]
#[test]
fn a_repository_that_the_environment_trusts_is_opened() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        commit(&open(Path::new(&folder)), "x", "t.yaml").unwrap();
        return;
    }
    let place = repository(&[("t.yaml", SAM)]);
    let folder = place.root().canonicalize().unwrap().display().to_string();
    if ["", ".git"].iter().any(|name| std::os::unix::fs::chown(place.at(name), Some(54_321), None).is_err()) {
        return;
    }
    let test = "a_repository_that_the_environment_trusts_is_opened";
    let trusting = [
        (FOLDER, folder.as_str()),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "safe.directory"),
        ("GIT_CONFIG_VALUE_0", &folder),
    ];
    assert!(!again(test, &trusting[..1]).status().unwrap().success());
    assert!(again(test, &trusting).status().unwrap().success());
}

//! Repositories in every state: what is opened says what is true of it, what is not is refused by name.

use super::{SAM, commit, git, identify, open, repository};
use crate::place_support::Place;
use samwire::io::{Operation, Repository};
use std::fs;
use std::path::Path;

/// Makes something of a directory with a committed repository `r` in it, and says what to open.
type Case = (&'static str, fn(&Path), &'static str, &'static str);

const REFUSED: &[Case] = &[
    ("not there", |_| {}, "nowhere", "no-repository"),
    ("a plain directory", |at| fs::create_dir(at.join("plain")).unwrap(), "plain", "no-repository"),
    ("a directory in a work tree", |at| fs::create_dir(at.join("r/sub")).unwrap(), "r/sub", "no-repository"),
    ("no commit", |at| _ = git(at, &["init", "-q", "u"]), "u", "no-commit"),
    (
        "no commit on this branch",
        |at| _ = git(&at.join("r"), &["switch", "-q", "--orphan", "o"]),
        "r",
        "no-commit",
    ),
    (
        "no commit, reftable",
        |at| _ = git(at, &["init", "-q", "--ref-format=reftable", "u"]),
        "u",
        "no-commit",
    ),
    ("no commit, bare", |at| _ = git(at, &["init", "-q", "--bare", "u"]), "u", "no-commit"),
    (
        "an empty `.git` below another work tree",
        |at| fs::create_dir_all(at.join("r/sub/.git")).unwrap(),
        "r/sub",
        "broken-repository",
    ),
    ("a `.git` without sense", |at| write(at, "x/.git", "no"), "x", "broken-repository"),
    ("a `.git` that leads to nothing", |at| write(at, "x/.git", "gitdir: /none\n"), "x", "broken-repository"),
    ("HEAD without sense", |at| write(at, "r/.git/HEAD", "no"), "r", "broken-repository"),
    ("HEAD on nothing", |at| write(at, "r/.git/HEAD", &"1".repeat(40)), "r", "broken-repository"),
    ("no objects", |at| empty(&at.join("r/.git/objects")), "r", "broken-repository"),
    ("a broken branch", |at| write(at, "r/.git/refs/heads/main", "no\n"), "r", "broken-repository"),
    ("a broken configuration", |at| write(at, "r/.git/config", "[core"), "r", "broken-repository"),
    (
        "a format of the future",
        |at| _ = git(&at.join("r"), &["config", "core.repositoryformatversion", "9"]),
        "r",
        "broken-repository",
    ),
    (
        "a `.git` that leads to another",
        |at| write(at, "x/.git", "gitdir: ../r/.git\n"),
        "x",
        "git-dir-elsewhere",
    ),
    (
        "a git directory of its own",
        |at| _ = git(at, &["clone", "-q", "--separate-git-dir=elsewhere", "r", "x"]),
        "x",
        "git-dir-elsewhere",
    ),
    (
        "objects and branches of another",
        |at| write(at, "r/.git/commondir", &at.join("other/.git").display().to_string()),
        "r",
        "git-dir-elsewhere",
    ),
    (
        "a linked work tree that was copied",
        |at| {
            git(&at.join("r"), &["worktree", "add", "-q", "../w"]);
            fs::create_dir(at.join("copy")).unwrap();
            fs::copy(at.join("w/.git"), at.join("copy/.git")).unwrap();
        },
        "copy",
        "git-dir-elsewhere",
    ),
    (
        "a work tree somewhere else",
        |at| _ = git(&at.join("r"), &["config", "core.worktree", &at.display().to_string()]),
        "r",
        "work-tree-elsewhere",
    ),
    ("a submodule", with_submodule, "super/sub", "submodule"),
    (
        "a submodule that has its own `.git`",
        |at| {
            git(at, &["clone", "-q", "r", "super"]);
            git(at, &["clone", "-q", "r", "super/sub"]);
            git(&at.join("super"), &["add", "sub"]);
        },
        "super/sub",
        "submodule",
    ),
];

#[test]
fn what_cannot_be_worked_on_is_refused_by_name() {
    for (what, make, opened, id) in REFUSED {
        let place = two();
        make(place.root());
        match Repository::open(&place.at(opened)) {
            Ok(_) => panic!("{what}: it is opened"),
            Err(error) => {
                assert_eq!(error.id(), *id, "{what}: {error}");
                assert!(!error.help().is_empty() && !error.why().is_empty(), "{what}");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_git_directory_that_is_a_link_is_refused() {
    let place = two();
    fs::create_dir(place.at("x")).unwrap();
    std::os::unix::fs::symlink("../r/.git", place.at("x/.git")).unwrap();
    let error = Repository::open(&place.at("x")).unwrap_err();
    assert_eq!(error.id(), "git-dir-elsewhere");
    // A link to the directory itself is only another name for it.
    std::os::unix::fs::symlink("r", place.at("alias")).unwrap();
    assert_eq!(open(&place.at("alias")).root(), place.at("r").canonicalize().unwrap());
}

#[cfg(unix)]
#[test]
fn a_repository_of_somebody_else_is_refused_where_git_does() {
    let place = two();
    let chown = |path: &Path| std::os::unix::fs::chown(path, Some(54_321), None).is_ok();
    // Only the superuser can give a directory away.
    if !["r", "r/.git"].iter().all(|path| chown(&place.at(path))) {
        return;
    }
    let error = Repository::open(&place.at("r")).unwrap_err();
    assert_eq!(error.id(), "not-ours", "{error}");
    assert!(error.help().contains("safe.directory"));
}

#[test]
fn what_is_opened_says_what_is_true_of_it() {
    let place = two();
    let at = place.root();
    let r = at.join("r");
    git(&r, &["remote", "add", "origin", "git@github.com:acme/orders.git"]);
    let first = git(&r, &["rev-parse", "HEAD"]);
    let opened = open(&r);
    assert_eq!((opened.branch.as_deref(), opened.base.as_str()), (Some("main"), first.as_str()));
    assert_eq!(opened.name.as_deref(), Some("acme/orders"));
    let plain = (opened.is_bare(), opened.is_linked(), opened.shallow, opened.is_locked(), opened.operation);
    assert_eq!(plain, (false, false, false, false, None));
    assert!(opened.unwritable().is_none());

    git(&r, &["commit", "-q", "--allow-empty", "-m", "empty"]);
    git(at, &["clone", "-q", "--depth=1", &format!("file://{}", r.display()), "shallow"]);
    assert!(open(&at.join("shallow")).shallow);

    git(at, &["clone", "-q", "--bare", "r", "bare.git"]);
    let bare = open(&at.join("bare.git"));
    assert!(bare.is_bare());
    assert_eq!(bare.unwritable().unwrap().id(), "bare");

    // One that is bare, with its git directory at the usual place: a hub for linked work trees.
    git(at, &["clone", "-q", "--bare", "r", "hub/.git"]);
    git(&at.join("hub"), &["worktree", "add", "-q", "--detach", "../linked"]);
    assert!(open(&at.join("hub")).is_bare());
    let linked = open(&at.join("linked"));
    assert!(linked.is_linked() && !linked.is_bare());
    assert_eq!(linked.branch, None);

    git(&r, &["checkout", "-q", "--detach", &first]);
    let detached = open(&r);
    assert_eq!((detached.branch.as_deref(), detached.base.as_str()), (None, first.as_str()));

    fs::write(r.join(".git/index.lock"), "").unwrap();
    assert_eq!(open(&r).unwritable().unwrap().id(), "locked");
}

#[test]
fn an_empty_commit_has_no_templates() {
    let place = repository(&[]);
    let opened = open(place.root());
    for contents in [opened.committed(&[".samwire.yaml"]).unwrap(), opened.checked_out(&[]).unwrap()] {
        assert!(contents.submodules.is_empty() && contents.count() == 0);
    }
    assert!(opened.committed(&["a"]).unwrap().file("a").unwrap().is_none());
    commit(&opened, "x", "new/t.yaml").unwrap();
    assert_eq!(git(place.root(), &["ls-tree", "-r", "--name-only", "x"]), "new/t.yaml");
}

#[test]
fn repositories_of_other_formats_are_opened() {
    for options in [&["--object-format=sha256"][..], &["--ref-format=reftable"]] {
        let place = Place::with(&[("t.yaml", SAM)]);
        place.git(&[&["init", "-q", "-b", "main"], options].concat());
        identify(&place);
        place.commit();
        let opened = open(place.root());
        assert_eq!(opened.base, git(place.root(), &["rev-parse", "HEAD"]), "{options:?}");
        assert_eq!(opened.branch.as_deref(), Some("main"), "{options:?}");
        assert_eq!(opened.committed(&[]).unwrap().count(), 1);
        let done = commit(&opened, "b/c", "t.yaml").unwrap();
        assert_eq!(git(place.root(), &["rev-parse", "b/c"]), done.commit);
        assert!(commit(&opened, "b/c", "t.yaml").unwrap().was_there);
    }
}

#[test]
fn what_is_not_finished_keeps_the_work_tree_from_being_written() {
    let cases: [(&[&str], Operation); 6] = [
        (&["merge", "other"], Operation::Merge),
        (&["rebase", "other"], Operation::Rebase),
        (&["rebase", "--apply", "other"], Operation::Rebase),
        (&["cherry-pick", "other"], Operation::CherryPick),
        (&["revert", "HEAD~1"], Operation::Revert),
        (&["bisect", "start"], Operation::Bisect),
    ];
    for (command, operation) in cases {
        let place = repository(&[("t.yaml", "1\n")]);
        let change = |text: &str| {
            place.write("t.yaml", text);
            place.commit();
        };
        place.git(&["checkout", "-q", "-b", "other"]);
        change("2\n");
        place.git(&["checkout", "-q", "-b", "mine", "HEAD~1"]);
        change("3\n");
        change("4\n");
        // It stops at a conflict, and says so by its exit code.
        let _ = std::process::Command::new("git").args(command).current_dir(place.root()).output();
        let opened = open(place.root());
        assert_eq!(opened.operation, Some(operation), "{command:?}");
        let reason = opened.unwritable().unwrap();
        assert_eq!(reason.id(), "in-progress");
        assert!(reason.to_string().contains(operation.command()));
    }
}

/// A directory with two repositories that have nothing to do with each other.
fn two() -> Place {
    let place = Place::empty();
    for name in ["r", "other"] {
        git(place.root(), &["init", "-q", "-b", "main", name]);
        let folder = place.at(name);
        place.write(&format!("{name}/t.yaml"), SAM);
        git(&folder, &["config", "user.name", "t"]);
        git(&folder, &["config", "user.email", "t@t"]);
        git(&folder, &["add", "--all"]);
        git(&folder, &["commit", "-q", "-m", name]);
    }
    place
}

fn with_submodule(at: &Path) {
    git(at, &["clone", "-q", "r", "super"]);
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../r", "sub"];
    git(&at.join("super"), &add);
}

fn write(at: &Path, name: &str, text: &str) {
    let path = at.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn empty(folder: &Path) {
    fs::remove_dir_all(folder).unwrap();
    fs::create_dir(folder).unwrap();
}

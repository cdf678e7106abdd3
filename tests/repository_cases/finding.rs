//! Which directories are found to be repositories.

use super::git;
use crate::place_support::Place;
use samwire::io::find_repositories;
use std::path::PathBuf;

fn below(place: &Place, roots: &[&str]) -> Vec<String> {
    let roots: Vec<PathBuf> = roots.iter().map(|root| place.at(root)).collect();
    let found = find_repositories(&roots);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    found.repositories.iter().map(|one| one.below.to_string_lossy().replace('\\', "/")).collect()
}

#[test]
fn work_trees_and_bare_repositories_are_found_at_every_depth_and_sorted() {
    let place = Place::empty();
    for name in
        ["b", "a/z", "a/z/inside/deep", "a/y", "c/node_modules/n", "c/.aws-sam/s", ".hidden/h", "new\nline"]
    {
        git(place.root(), &["init", "-q", name]);
    }
    git(place.root(), &["init", "-q", "--bare", "mirror/m.git"]);
    // A linked work tree has a file of this name, and somebody may have left an empty directory.
    place.write("linked/.git", "gitdir: /nowhere\n");
    std::fs::create_dir_all(place.at("empty/.git")).unwrap();
    place.write("c/HEAD", "not git's");
    let expected =
        [".hidden/h", "a/y", "a/z", "a/z/inside/deep", "b", "empty", "linked", "mirror/m.git", "new\nline"];
    assert_eq!(below(&place, &["."]), expected);
    assert_eq!(below(&place, &["a/z"]), ["", "inside/deep"]);
    // Each one once, under the first of the directories that hold it.
    assert_eq!(below(&place, &["a", "a/z", "a"]), ["y", "z", "z/inside/deep"]);
    assert_eq!(below(&place, &["mirror/m.git"]), [""]);
}

#[test]
fn a_bare_repository_that_another_one_may_track_is_passed_over() {
    let place = Place::empty();
    git(place.root(), &["init", "-q", "outer/own"]);
    git(place.root(), &["init", "-q", "outer"]);
    for name in ["outer/inner.git", "outer/deep/er.git", "mirror.git"] {
        git(place.root(), &["init", "-q", "--bare", name]);
    }
    assert_eq!(below(&place, &["."]), ["mirror.git", "outer", "outer/own"]);
    // Who names it means it.
    assert_eq!(below(&place, &["outer/inner.git"]), [""]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_but_a_named_one_is() {
    let place = Place::empty();
    git(place.root(), &["init", "-q", "real/r"]);
    std::fs::create_dir(place.at("root")).unwrap();
    std::os::unix::fs::symlink("../real", place.at("root/link")).unwrap();
    std::os::unix::fs::symlink("..", place.at("real/r/loop")).unwrap();
    assert!(below(&place, &["root"]).is_empty());
    assert_eq!(below(&place, &["root/link"]), ["r"]);
    let found = find_repositories(&[place.at("root/link")]);
    assert_eq!(found.repositories[0].path, place.at("root/link/r"));
}

#[test]
fn what_cannot_be_searched_is_told() {
    let place = Place::empty();
    let found = find_repositories(&[place.at("nowhere"), place.root().to_owned()]);
    assert_eq!(found.problems.len(), 1);
    assert!(found.problems[0].path.ends_with("nowhere"));
}

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_read_is_told_and_the_others_are_found() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::empty();
    git(place.root(), &["init", "-q", "r"]);
    let closed = place.at("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser reads everything.
    let readable = std::fs::read_dir(&closed).is_ok();
    let found = find_repositories(&[place.root().to_owned()]);
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(found.repositories.len(), 1);
    assert_eq!(found.problems.len(), usize::from(!readable));
}

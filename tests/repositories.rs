//! Repositories in every state, opened, read and committed to as `bulk` does: what is right is done, what is not is
//! refused by name, and nothing that a repository brings along is run.

mod place_support;

use place_support::Place;
use samwire::io::{Branch, FileMode, NewContent, Repository, check_branch_name, find_repositories};
use std::path::Path;

const SAM: &str = "Transform: AWS::Serverless-2016-10-31\nResources: {}\n";

#[test]
fn happy() {
    let place = Place::repository(&[("a/t.yaml", SAM), ("x.yaml", "a: 1"), (".samwire.yaml", "version: 1")]);
    place.git(&["config", "user.name", "t"]);
    place.git(&["config", "user.email", "t@t"]);
    let repository = Repository::open(place.root()).unwrap();
    let mut committed = repository.committed(&[".samwire.yaml"]).unwrap();
    assert_eq!(committed.file(".samwire.yaml").unwrap().unwrap(), b"version: 1");
    let files: Vec<_> = committed.collect();
    assert_eq!(files.len(), 1);
    let branch = Branch {
        name: "samwire/x",
        message: "hello\n",
        changes: &[NewContent { path: Path::new("a/t.yaml"), mode: FileMode::Plain, bytes: b"new" }],
    };
    let done = repository.commit_on_branch(&branch).unwrap();
    assert!(!done.was_there);
    let again = repository.commit_on_branch(&branch).unwrap();
    assert!(again.was_there && again.commit == done.commit);
    assert!(repository.uncommitted(&[Path::new("a/t.yaml")]).unwrap().is_empty());
    assert!(repository.unwritable().is_none());
    let found = find_repositories(&[place.root().to_owned()]);
    assert_eq!(found.repositories.len(), 1);
    assert!(check_branch_name("a").is_ok());
}

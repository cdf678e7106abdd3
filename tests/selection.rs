//! Which of many files a run looks at: those that a list names, those that changed, those that are templates at all.

mod place_support;

use place_support::{Done, Place, TEMPLATE, git};
use serde_json::Value;

/// The paths that a run reports on.
fn looked_at(done: &Done) -> Vec<String> {
    let report: Value =
        serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{error}: {}", done.err));
    let files = report["files"].as_array().cloned().unwrap_or_default();
    files.iter().map(|file| file["path"].as_str().unwrap_or_default().to_owned()).collect()
}

fn checked(place: &Place, args: &[&str]) -> Vec<String> {
    let done = place.samwire(&[&["check", "--format", "json"], args].concat());
    looked_at(&done)
}

#[test]
fn a_list_names_files_that_are_taken_as_if_they_were_found() {
    let place = Place::with(&[
        ("a.yaml", TEMPLATE),
        ("b.yaml", TEMPLATE),
        ("c.yaml", TEMPLATE),
        ("notes.md", "AWS::Serverless"),
        ("other.yaml", "a: [1"),
    ]);
    place.write("list", "a.yaml\r\n\nnotes.md\nother.yaml\ngone.yaml\n");
    assert_eq!(checked(&place, &["--file-list", "list"]), ["a.yaml"]);
    assert_eq!(checked(&place, &["--file-list", "list", "c.yaml"]), ["a.yaml", "c.yaml"]);
    place.write("list", "b.yaml\0c.yaml");
    assert_eq!(checked(&place, &["--file-list", "list"]), ["b.yaml", "c.yaml"]);
    let piped = place.samwire_in(".", &["check", "--format", "json", "--file-list", "-"], "b.yaml\n");
    assert_eq!(looked_at(&piped), ["b.yaml"]);
    let empty = place.samwire_in(".", &["check", "--file-list", "-"], "");
    assert_eq!((empty.code, empty.out.as_str()), (0, "no SAM templates here\n"));
    let both = place.samwire_in(".", &["check", "--file-list", "-", "-"], TEMPLATE);
    assert!(both.code == 2 && both.err.contains("both the list and a template"), "{}", both.err);
    let gone = place.samwire(&["check", "--file-list", "no-list"]);
    assert!(gone.code == 2 && gone.err.contains("no-list"), "{}", gone.err);
}

#[test]
fn files_that_are_no_templates_are_an_error_unless_they_are_to_be_passed_over() {
    let place =
        Place::with(&[("a.yaml", TEMPLATE), ("other.yaml", "a: [1"), ("plain.yaml", "Resources: {}\n")]);
    let named = ["a.yaml", "other.yaml", "plain.yaml"];
    assert_eq!(place.samwire(&[&["check"], &named[..]].concat()).code, 3);
    assert_eq!(checked(&place, &[&["--skip-non-templates"], &named[..]].concat()), ["a.yaml"]);
    place.write("broken.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: [");
    let broken = place.samwire(&["check", "--skip-non-templates", "broken.yaml"]);
    assert_eq!(broken.code, 3, "a template that does not parse is no other file");
}

#[test]
fn changed_files_are_those_that_the_last_commit_does_not_have() {
    let place =
        Place::repository(&[("a.yaml", TEMPLATE), ("b.yaml", TEMPLATE), (".gitignore", "ignored.yaml\n")]);
    assert!(checked(&place, &["--changed"]).is_empty());
    place.write("b.yaml", &format!("{TEMPLATE}\n"));
    place.write("new name\n.yaml", TEMPLATE);
    place.write("ignored.yaml", TEMPLATE);
    assert_eq!(checked(&place, &["--changed"]), ["b.yaml", "new name\n.yaml"]);
    assert_eq!(checked(&place, &["--changed", "a.yaml", "b.yaml"]), ["b.yaml"]);
    place.git(&["add", "b.yaml"]);
    assert_eq!(checked(&place, &["--changed", "b.yaml"]), ["b.yaml"], "staged is changed, too");
    std::fs::remove_file(place.at("b.yaml")).expect("it is there");
    assert_eq!(checked(&place, &["--changed"]), ["new name\n.yaml"]);
}

#[test]
fn changed_since_a_revision_is_since_the_histories_parted() {
    let place = Place::repository(&[("a.yaml", TEMPLATE), ("b.yaml", TEMPLATE), ("sub/c.yaml", TEMPLATE)]);
    place.git(&["branch", "-M", "main"]);
    place.git(&["checkout", "-q", "-b", "feature"]);
    place.write("sub/c.yaml", &format!("{TEMPLATE}\n"));
    place.commit();
    place.git(&["checkout", "-q", "main"]);
    place.write("a.yaml", &format!("{TEMPLATE}\n"));
    place.commit();
    place.git(&["checkout", "-q", "feature"]);
    assert_eq!(checked(&place, &["--changed=main"]), ["sub/c.yaml"]);
    assert_eq!(
        looked_at(&place.samwire_in("sub", &["check", "--format", "json", "--changed=main"], "")),
        ["c.yaml"]
    );
    place.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    let in_a_pipeline =
        place.samwire_with(&[("GITHUB_BASE_REF", "main")], &["check", "--format", "json", "--changed"]);
    assert_eq!(looked_at(&in_a_pipeline), ["sub/c.yaml"]);
    let unknown = place.samwire(&["check", "--changed=-no-such"]);
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.err.contains("`-no-such` is no revision here") && unknown.err.contains("help: "),
        "{}",
        unknown.err
    );
}

#[test]
fn outside_of_git_and_before_the_first_commit() {
    let place = Place::with(&[("a.yaml", TEMPLATE)]);
    let outside = place.samwire(&["check", "--changed"]);
    assert!(outside.code == 2 && outside.err.contains("a.yaml: is in no git work tree"), "{}", outside.err);
    git(place.root(), &["init", "-q"]);
    assert_eq!(checked(&place, &["--changed"]), ["a.yaml"]);
    place.git(&["add", "a.yaml"]);
    assert_eq!(checked(&place, &["--changed"]), ["a.yaml"]);
}

//! A pull request as a whole: a branch with changed templates against its base, looked at by one run that makes the patch, the
//! annotations, the comment and the SARIF file, each of which holds for the files of the branch and for no other.

mod place_support;

use place_support::{Place, TEMPLATE, git};
use serde_json::Value;
use std::fs;

/// A repository whose branch `feature` changes one template, adds one, breaks nothing else, and leaves one as it was.
fn repository() -> Place {
    let place = Place::repository(&[
        ("services/orders/template.yaml", TEMPLATE),
        ("services/old/template.yaml", TEMPLATE),
        ("README.md", "AWS::Serverless\n"),
    ]);
    place.git(&["branch", "-M", "main"]);
    place.git(&["checkout", "-q", "-b", "feature"]);
    let role = "      Role: arn:aws:iam::123456789012:role/x\n      CodeUri: src/\n      Policies:\n        - DynamoDBWritePolicy:";
    let dead = TEMPLATE.replace("      CodeUri: src/\n      Policies:\n        - DynamoDBWritePolicy:", role);
    assert_ne!(dead, TEMPLATE);
    place.write("services/orders/template.yaml", &dead);
    place.write("services/new folder/template.yaml", TEMPLATE);
    place.write("README.md", "AWS::Serverless, changed\n");
    place.commit();
    place
}

#[test]
fn one_run_makes_all_that_a_pull_request_shows() {
    let place = repository();
    let done = place.samwire(&[
        "check",
        "--changed=main",
        "--format=github",
        "--format=sarif=samwire.sarif",
        "--format=markdown=comment.md",
        "--format=diff=the.patch",
        "--format=json=report.json",
    ]);
    assert_eq!(done.code, 1, "{}", done.err);
    let changed = ["services/new folder/template.yaml", "services/orders/template.yaml"];

    // Annotations stand on lines of the changed files.
    let annotations: Vec<&str> = done.out.lines().collect();
    assert!(
        annotations.iter().any(|line| line.starts_with("::warning file=services/orders/template.yaml,")),
        "{}",
        done.out
    );
    for annotation in &annotations {
        let told = |name: &str| {
            let (_, rest) = annotation.split_once(name).unwrap_or_else(|| panic!("{annotation}"));
            rest.split([',', ':']).next().unwrap_or_default().to_owned()
        };
        let (file, line) = (told(" file="), told(",line="));
        assert!(changed.contains(&file.as_str()), "{annotation}");
        let lines = place.read(&file).lines().count();
        assert!(line.parse::<usize>().is_ok_and(|line| (1..=lines).contains(&line)), "{annotation}");
    }

    // The patch applies to the branch, and changes what `fix` would.
    git(place.root(), &["apply", "--check", "the.patch"]);
    git(place.root(), &["apply", "the.patch"]);
    let patched: Vec<String> = changed.iter().map(|name| place.read(name)).collect();
    assert_eq!(place.read("services/old/template.yaml"), TEMPLATE);
    git(place.root(), &["checkout", "-q", "--", "services"]);
    let fixed = place.samwire(&["fix", "--yes", "--changed=main"]);
    assert_eq!(fixed.code, 0, "{}", fixed.err);
    assert_eq!(changed.iter().map(|name| place.read(name)).collect::<Vec<_>>(), patched);

    // SARIF and JSON speak of the same files, by addresses that a viewer can resolve.
    let sarif: Value = serde_json::from_str(&place.read("samwire.sarif")).expect("SARIF is JSON");
    let results = sarif["runs"][0]["results"].as_array().cloned().unwrap_or_default();
    assert!(!results.is_empty());
    for result in &results {
        let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        let known = ["services/new%20folder/template.yaml", "services/orders/template.yaml"];
        assert!(uri.as_str().is_some_and(|uri| known.contains(&uri)), "{result}");
    }
    let report: Value = serde_json::from_str(&place.read("report.json")).expect("JSON");
    let files: Vec<&str> =
        report["files"].as_array().into_iter().flatten().filter_map(|file| file["path"].as_str()).collect();
    assert_eq!(files, changed);

    // The comment names what a reviewer looks for.
    let comment = place.read("comment.md");
    for word in ["dead-policies", "function-to-table", "services/orders/template.yaml", "```diff"] {
        assert!(comment.contains(word), "{word}: {comment}");
    }
    assert!(!comment.contains("services/old"), "{comment}");
}

#[test]
fn a_branch_that_changes_no_template_passes() {
    let place = repository();
    fs::remove_dir_all(place.at("services/new folder")).expect("it is there");
    place.write("services/orders/template.yaml", TEMPLATE);
    let done = place.samwire(&["check", "--changed=main", "--format=markdown"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.out.contains("no SAM templates here"), "{}", done.out);
}

#[test]
fn what_the_branch_does_to_permissions_is_compared_with_its_base() {
    let place = repository();
    let elsewhere =
        place.samwire(&["compare", "main:services/orders/template.yaml", "services/orders/template.yaml"]);
    assert_eq!(elsewhere.code, 1, "{}", elsewhere.out);
    assert!(elsewhere.out.contains("unknown: came: arn:aws:iam::123456789012:role/x"), "{}", elsewhere.out);
    let back = place.samwire(&[
        "compare",
        "services/orders/template.yaml",
        "main:services/orders/template.yaml",
        "--format=markdown",
    ]);
    assert_eq!(back.code, 1, "{}", back.out);
    assert!(back.out.contains("MailerRole") && back.out.contains("dynamodb:PutItem"), "{}", back.out);
}

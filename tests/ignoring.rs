//! Silence that can be justified: comments and entries of the config file that ignore something, those that do so for nothing,
//! baselines, and adding comments for everything at once.

mod place_support;

use place_support::{Place, TEMPLATE};
use serde_json::Value;

/// Decisions about rewrites, ids of findings, and how many places are left alone.
fn told(place: &Place, args: &[&str]) -> (Vec<String>, Vec<String>, usize) {
    let done = place.samwire(&[&["check", "--format", "json"], args].concat());
    let report: Value =
        serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{error}: {}", done.err));
    let list = |name: &str, field: &str| -> Vec<String> {
        let files = report["files"].as_array().cloned().unwrap_or_default();
        let all = files.iter().flat_map(|file| file[name].as_array().cloned().unwrap_or_default());
        all.map(|entry| entry[field].as_str().unwrap_or_default().to_owned()).collect()
    };
    (list("rewrites", "decision"), list("findings", "id"), list("left_alone", "id").len())
}

/// The template with a comment above the first line that contains `anchor`.
fn commented(anchor: &str, comment: &str) -> String {
    let line = TEMPLATE.lines().find(|line| line.contains(anchor)).expect("the anchor is there");
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    TEMPLATE.replacen(line, &format!("{indent}{comment}\n{line}"), 1)
}

#[test]
fn a_comment_on_the_policy_or_around_it_leaves_it_alone() {
    let place = Place::with(&[("t.yaml", TEMPLATE)]);
    let (before, found, _) = told(&place, &[]);
    assert!(found.is_empty() && !before.contains(&"skipped".to_owned()), "{before:?} {found:?}");
    for anchor in ["DynamoDBCrudPolicy", "Policies:", "Type: AWS::Serverless::Function"] {
        place.write("t.yaml", &commented(anchor, "# samwire: ignore[*] audited"));
        let (decisions, found, _) = told(&place, &[]);
        if anchor.starts_with("Type") {
            assert_eq!(found, ["unused-suppression"], "a comment about the type says nothing about policies");
        } else {
            assert!(
                decisions.contains(&"skipped".to_owned()) && found.is_empty(),
                "{anchor}: {decisions:?} {found:?}"
            );
            assert_eq!(told(&place, &["--no-ignores"]).0, before, "{anchor}");
        }
    }
}

#[test]
fn what_ignores_nothing_is_told_and_taken_away_when_asked() {
    let place = Place::with(&[("t.yaml", "")]);
    let mistyped = commented("DynamoDBCrudPolicy", "# samwire: ignore[function-to-tabel] mistyped");
    place.write("t.yaml", &mistyped);
    let check = place.samwire(&["check"]);
    let expected = "did you mean `function-to-table`?";
    assert!(check.out.contains("unused-suppression") && check.out.contains(expected), "{}", check.out);
    place.write("t.yaml", &commented("DynamoDBCrudPolicy", "# samwire: ignore"));
    assert!(place.samwire(&["check"]).out.contains("does not say what to ignore"));
    // Of two ids the idle one goes, and a comment without any left goes with its line.
    let two = commented("DynamoDBCrudPolicy", "# samwire: ignore[function-to-table, deny] both");
    let one = commented("DynamoDBCrudPolicy", "# samwire: ignore[function-to-table] both");
    for (text, expected) in [(two.as_str(), one.as_str()), (mistyped.as_str(), TEMPLATE)] {
        place.write("t.yaml", text);
        let done = place.samwire(&[
            "fix",
            "--yes",
            "--allow-no-vcs",
            "--mend",
            "unused-suppression",
            "--only",
            "function-to-queue",
        ]);
        assert_eq!(done.code, 0, "{}", done.err);
        assert!(
            done.out.contains("mends  unused-suppression") && done.out.contains("1 mended"),
            "{}",
            done.out
        );
        assert_eq!(place.read("t.yaml"), expected);
    }
    let wrong = place.samwire(&["diff", "--mend", "unused-supression"]);
    assert!(wrong.code == 2 && wrong.err.contains("did you mean `unused-suppression`?"), "{}", wrong.err);
}

#[test]
fn a_comment_that_keeps_a_connector_has_its_use_on_the_way_back() {
    let place = Place::with(&[("t.yaml", TEMPLATE)]);
    assert_eq!(place.samwire(&["fix", "--yes", "--allow-no-vcs"]).code, 0);
    let text = place.read("t.yaml");
    let key = text.lines().find(|line| line.trim_start().starts_with("To")).expect("a connector");
    place.write("t.yaml", &text.replacen(key, &format!("      # samwire: ignore[*] stays\n{key}"), 1));
    assert!(told(&place, &[]).1.is_empty());
    let (back, found, _) = told(&place, &["--to", "policies"]);
    assert!(back.contains(&"skipped".to_owned()) && found.is_empty(), "{back:?} {found:?}");
}

#[test]
fn the_config_file_ignores_by_file_and_route() {
    let place = Place::with(&[("sub/t.yaml", TEMPLATE), ("u.yaml", TEMPLATE)]);
    let (all, ..) = told(&place, &[]);
    place.write(".samwire.yaml", "ignore:\n  - {file: sub/t.yaml, id: '*', reason: old}\n");
    let (some, found, _) = told(&place, &[]);
    assert_eq!(some.iter().filter(|decision| *decision == "skipped").count(), all.len() / 2, "{some:?}");
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(told(&place, &["--no-ignores"]).0, all);
    place.write(".samwire.yaml", "ignore:\n  - {file: u.yaml, id: '*', route: Resources.Nobody}\n");
    let (same, found, _) = told(&place, &[]);
    assert_eq!((same, found), (all, vec!["unused-suppression".to_owned()]));
}

#[test]
fn everything_can_be_ignored_at_once_with_a_reason() {
    let place = Place::with(&[("t.yaml", TEMPLATE)]);
    let asked = place.samwire(&["fix", "--add-ignore=x"]);
    assert_eq!(asked.code, 2, "{}", asked.err);
    let diff = place.samwire(&["diff", "--add-ignore", "not now"]);
    assert!(diff.out.contains("+        # samwire: ignore[function-to-table] not now"), "{}", diff.out);
    assert_eq!(diff.code, 1, "comments are a change: {}", diff.err);
    let done = place.samwire(&["fix", "--yes", "--allow-no-vcs", "--add-ignore=not now"]);
    assert_eq!(done.code, 0, "{}", done.err);
    // Nothing is told of as done that is not.
    assert!(done.out.contains("nothing to rewrite in 1 template, 1 left alone, 3 ignored"), "{}", done.out);
    assert!(!done.out.contains("applied") && !done.out.contains("whoever deploys"), "{}", done.out);
    let text = place.read("t.yaml");
    let without: Vec<&str> = text.lines().filter(|line| !line.contains("samwire: ignore")).collect();
    assert_eq!(without, TEMPLATE.lines().collect::<Vec<_>>());
    let check = place.samwire(&["check", "--fail-on", "held"]);
    assert_eq!(check.code, 0, "{}", check.out);
    assert!(told(&place, &[]).0.iter().all(|decision| decision == "skipped"));
}

#[test]
fn what_can_hold_no_comment_is_told_as_the_config_file_would_say_it() {
    let json = r#"{"Transform": "AWS::Serverless-2016-10-31", "Resources": {
  "T": {"Type": "AWS::DynamoDB::Table"},
  "F": {"Type": "AWS::Serverless::Function", "Properties": {
    "Policies": [{"DynamoDBCrudPolicy": {"TableName": {"Ref": "T"}}}]}}}}"#;
    let place = Place::with(&[("t.json", json)]);
    let done = place.samwire(&["fix", "--yes", "--allow-no-vcs", "--add-ignore=it's old"]);
    assert_eq!((done.code, place.read("t.json").as_str()), (0, json), "{}", done.err);
    let (_, rules) = done.err.split_once("ignore:\n").unwrap_or_else(|| panic!("{}", done.err));
    place.write(".samwire.yaml", &format!("ignore:\n{rules}"));
    assert_eq!(told(&place, &[]), (vec!["skipped".to_owned()], Vec::new(), 0), "{rules}");
}

#[test]
fn a_baseline_hides_what_was_there_and_nothing_else() {
    let place = Place::with(&[("sub/t.yaml", TEMPLATE)]);
    let before = told(&place, &["sub"]);
    let written = place.samwire(&["check", "--baseline", "b.json", "--write-baseline"]);
    assert_eq!((written.code, written.out.as_str()), (0, ""), "{}", written.err);
    assert!(written.err.ends_with("entries are in the baseline\n"), "{}", written.err);
    let (decisions, found, left) = told(&place, &["--baseline", "b.json", "--fail-on", "skipped"]);
    assert!(
        decisions.iter().all(|decision| decision == "skipped") && found.is_empty() && left == 0,
        "{decisions:?}"
    );
    assert_eq!(place.samwire(&["check", "--baseline", "b.json", "--fail-on", "skipped"]).code, 0);
    // Lines move, and the entries hold; from another directory, too.
    place.write("sub/t.yaml", &format!("# moved\n\n{TEMPLATE}"));
    let moved = place.samwire_in("sub", &["check", "--baseline", "../b.json", "--fail-on", "skipped"], "");
    assert_eq!(moved.code, 0, "{}", moved.out);
    let fixed = place.samwire(&["fix", "--yes", "--allow-no-vcs", "--baseline", "b.json"]);
    assert!(fixed.out.contains("nothing to rewrite"), "{}", fixed.out);
    // Something new is told.
    place.write("new.yaml", TEMPLATE);
    assert_eq!(told(&place, &["--baseline", "b.json", "new.yaml"]), before);
    for (text, expected) in [("{", "this is no baseline"), ("{\"schema\": 9, \"files\": {}}", "schema 9")] {
        place.write("b.json", text);
        let broken = place.samwire(&["check", "--baseline", "b.json"]);
        assert!(broken.code == 2 && broken.err.contains(expected), "{}", broken.err);
    }
    let fix = place.samwire(&["fix", "--yes", "--baseline", "b.json", "--write-baseline"]);
    assert_eq!(fix.code, 2, "{}", fix.err);
}

//! `compare` on revisions of git: what is committed, what is staged, folders of both, and names that mean something else.

mod place_support;

use place_support::Place;

const OLD: &str = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Policies:\n        - DynamoDBReadPolicy: {TableName: !Ref T}\n  T:\n    Type: AWS::DynamoDB::Table\n";

fn wider() -> String {
    OLD.replace("DynamoDBReadPolicy", "DynamoDBCrudPolicy")
}

#[test]
fn a_file_is_compared_with_what_is_committed_and_what_is_staged() {
    let place = Place::repository(&[("a/t.yaml", OLD)]);
    let compare = |old: &str, new: &str| place.samwire(&["compare", old, new]);
    assert_eq!(compare("HEAD:a/t.yaml", "a/t.yaml").code, 0);
    place.write("a/t.yaml", &wider());
    assert_eq!(compare("HEAD:a/t.yaml", ":a/t.yaml").code, 0);
    let told = compare("HEAD:a/t.yaml", "a/t.yaml");
    assert_eq!(told.code, 1, "{}", told.err);
    assert!(told.out.contains("+ dynamodb:DeleteItem, PutItem"), "{}", told.out);
    place.git(&["add", "-A"]);
    assert_eq!(compare("HEAD:a/t.yaml", ":a/t.yaml").code, 1);
    assert_eq!(compare(":a/t.yaml", "HEAD:a/t.yaml").code, 0);
    let below = place.samwire_in("a", &["compare", "HEAD:./t.yaml", "t.yaml"], "");
    assert_eq!(below.code, 1, "{}", below.err);
    let piped = place.samwire_in("", &["compare", "HEAD:a/t.yaml", "-"], OLD);
    assert_eq!(piped.code, 0, "{}", piped.err);
}

#[test]
fn folders_are_compared_template_by_template() {
    let place = Place::repository(&[("a/t.yaml", OLD), ("b/t.yaml", OLD), ("b/notes.yaml", "x: 1\n")]);
    place.write("a/t.yaml", &wider());
    place.write("c/new t.yaml", OLD);
    std::fs::remove_file(place.at("b/t.yaml")).expect("it was there");
    let told = place.samwire(&["compare", "HEAD:", "."]);
    assert_eq!(told.code, 1, "{}", told.err);
    for line in
        ["a/t.yaml  wider", "b/t.yaml  narrower  deleted template", "c/new t.yaml  wider  new template"]
    {
        assert!(told.out.contains(line), "{line} in {}", told.out);
    }
    assert!(!told.out.contains("notes"), "{}", told.out);
    // Nothing is staged yet.
    assert_eq!(place.samwire(&["compare", "HEAD:", ":"]).code, 0);
    place.git(&["add", "-A"]);
    let staged = place.samwire(&["compare", "HEAD:", ":"]);
    assert_eq!((staged.code, &staged.out), (1, &told.out));
    assert_eq!(place.samwire(&["compare", "HEAD:b", ":b"]).code, 0);
}

#[test]
fn what_cannot_be_read_makes_the_whole_unknown_in_every_format() {
    let place = Place::repository(&[("a/t.yaml", OLD), ("b/t.yaml", OLD)]);
    place.write("a/t.yaml", &wider());
    place.write("b/t.yaml", &OLD.replace("Resources:", "Resources: ["));
    let told = |format: &str| {
        let told = place.samwire(&["compare", "HEAD:", ".", "--format", format]);
        assert_eq!(told.code, 3, "{}", told.err);
        told.out
    };
    let text = told("text");
    assert!(text.contains("b/t.yaml  unknown\n  could not be compared: "), "{text}");
    assert!(
        text.ends_with("\nunknown: 1 principal changed, 0 unchanged, 1 template could not be compared\n"),
        "{text}"
    );
    let json: serde_json::Value = serde_json::from_str(&told("json")).expect("it is JSON");
    assert_eq!((&json["effect"], &json["files"][1]["effect"]), (&"unknown".into(), &"unknown".into()));
    assert_eq!(json["files"][1]["beyond_consent"], true);
    let markdown = told("markdown");
    let head = "### Permissions: **unknown**\n\nA template could not be compared, so what it permits is not known.\n\n- <code>b";
    assert!(markdown.starts_with(head), "{markdown}");
    assert!(markdown.contains("\n\n| principal"), "without a blank line a table is text: {markdown}");
}

#[test]
fn where_no_template_changed_nothing_is_said_of_principals() {
    let place = Place::repository(&[("a/t.yaml", OLD)]);
    let told = |format: &str| place.samwire(&["compare", "HEAD:", ".", "--format", format]).out;
    assert_eq!(told("text"), "same: no template changed\n");
    let markdown = "### Permissions: same\n\nNobody gains or loses anything.\n\nNo template changed.\n";
    assert_eq!(told("markdown"), markdown);
}

#[test]
fn a_path_that_a_revision_lacks_is_a_template_that_came_or_went() {
    let place = Place::repository(&[("t.yaml", OLD)]);
    let came = place.samwire(&["compare", "HEAD:u.yaml", "t.yaml"]);
    assert_eq!(came.code, 1);
    assert!(came.out.contains("new template"), "{}", came.out);
    let went = place.samwire(&["compare", "t.yaml", "HEAD:u.yaml"]);
    assert_eq!(went.code, 0);
    assert!(went.out.contains("t.yaml  narrower  deleted template"), "{}", went.out);
    let neither = place.samwire(&["compare", "HEAD:u.yaml", "HEAD:v.yaml"]);
    assert_eq!(neither.code, 2, "{}", neither.out);
}

#[test]
fn what_is_no_revision_is_refused() {
    let place = Place::repository(&[("t.yaml", OLD)]);
    for (old, said) in [
        ("nowhere:t.yaml", "no revision `nowhere`"),
        ("u.yaml", "no such file or directory"),
        ("--output=x:t.yaml", "unexpected argument"),
        ("HEAD^{blob}:t.yaml", "revision"),
    ] {
        let told = place.samwire(&["compare", old, "t.yaml"]);
        assert_eq!(told.code, 2, "{old}: {}{}", told.out, told.err);
        assert!(told.err.contains(said), "{old}: {}", told.err);
    }
    let loose = Place::with(&[("t.yaml", OLD)]);
    let told = loose.samwire(&["compare", "HEAD:t.yaml", "t.yaml"]);
    assert_eq!(told.code, 2, "{}", told.err);
}

#[test]
fn a_file_whose_name_looks_like_a_revision_is_the_file() {
    let place = Place::repository(&[("t.yaml", OLD)]);
    if cfg!(windows) {
        return;
    }
    place.write("HEAD:t.yaml", &wider());
    let told = place.samwire(&["compare", "t.yaml", "HEAD:t.yaml"]);
    assert_eq!(told.code, 1, "{}{}", told.out, told.err);
}

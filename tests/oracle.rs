//! The oracle itself: its Python self-tests, and the way to it from Rust.

mod support;

use samwire::catalog::Catalog;
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;
use support::{Form, Oracle, Request, oracle};

#[test]
fn the_judge_passes_its_own_tests() {
    let Some(oracle) = oracle() else { return };
    let output = oracle
        .python()
        .args(["-m", "unittest", "discover"])
        .output()
        .expect("the environment's Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn topic(id: &str, name: &str) -> Request {
    let template = |name| format!(r#"{{"Resources": {{"T{name}": {{"Type": "AWS::SNS::Topic"}}}}}}"#);
    Request {
        id: id.to_owned(),
        before: template("a"),
        after: template(name),
        format: Form::Json,
        added: Vec::new(),
        removed: Vec::new(),
        kept: Vec::new(),
        identical: None,
    }
}

#[test]
fn verdicts_come_in_the_order_of_the_requests() {
    let Some(oracle) = oracle() else { return };
    // More than one process takes part, and every third template changes.
    let requests: Vec<_> =
        (0..130).map(|index| topic(&index.to_string(), if index % 3 == 0 { "b" } else { "a" })).collect();
    let verdicts = oracle.judge(&requests);
    assert_eq!(verdicts.len(), requests.len());
    for (index, verdict) in verdicts.iter().enumerate() {
        assert_eq!(verdict.id, index.to_string());
        assert_eq!(verdict.is_good(), index % 3 != 0, "{verdict}");
    }
}

#[test]
fn a_false_declaration_is_no_good() {
    let Some(oracle) = oracle() else { return };
    let entry = json!({"principal": "NoRole", "action": "sns:Publish", "resource": "${Ta}", "inert": false});
    let verdicts = oracle.judge(&[Request { added: vec![entry], ..topic("claim", "a") }]);
    let [verdict] = verdicts.as_slice() else { panic!("one verdict per request") };
    assert_eq!(verdict.verdict, "unreal");
    assert!(verdict.to_string().contains("NoRole"), "{verdict}");
}

/// What differs between a catalogue and the tables of the installed translator: a line per difference.
fn drift(oracle: &Oracle, catalog: &Value) -> (bool, String) {
    let mut comparison = oracle
        .python()
        .arg("catalog_drift.py")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the environment's Python starts");
    let mut input = comparison.stdin.take().expect("it was asked for");
    input.write_all(catalog.to_string().as_bytes()).expect("the script reads all of it");
    drop(input);
    let output = comparison.wait_with_output().expect("the script ends");
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), text.concat())
}

#[test]
fn the_catalogue_equals_the_translators_own_tables() {
    let Some(oracle) = oracle() else { return };
    let catalog = Catalog::builtin().to_json();
    let (same, differences) = drift(oracle, &catalog);
    assert!(same, "{differences}");
    let mut other = catalog;
    other["profiles"][0]["permissions"] = json!([]);
    let (same, differences) = drift(oracle, &other);
    assert!(!same && !differences.is_empty(), "a profile without permissions is not noticed");
}

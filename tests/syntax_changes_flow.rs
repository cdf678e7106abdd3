//! What changes make of flow collections and JSON: commas, brackets and lines, case by case.

mod syntax_support;

use samwire::syntax::{Change, Fragment, Place, Refusal, lower};
use syntax_support::changes::{at, check_json, check_yaml, entry, insert, items, remove, replace, text};
use syntax_support::yaml;

#[test]
fn commas_stay_right_in_flow_collections() {
    let before = "A: [a, b, c]\n";
    check_yaml(before, "A: [b, c]\n", |doc| vec![remove(doc, "A.0")]);
    check_yaml(before, "A: [a, c]\n", |doc| vec![remove(doc, "A.1")]);
    check_yaml(before, "A: [a, b]\n", |doc| vec![remove(doc, "A.2")]);
    check_yaml(before, "A: [a]\n", |doc| vec![remove(doc, "A.2"), remove(doc, "A.1")]);
    check_yaml(before, "A: [b, x]\n", |doc| {
        vec![remove(doc, "A.0"), remove(doc, "A.2"), items(doc, "A", Place::Last, vec![text("x")])]
    });
    check_yaml(before, "A: [x, c]\n", |doc| {
        vec![remove(doc, "A.0"), remove(doc, "A.1"), items(doc, "A", Place::After(1), vec![text("x")])]
    });
    check_yaml(before, "A: [x]\n", |doc| {
        let mut changes: Vec<_> = ["A.0", "A.1", "A.2"].iter().map(|path| remove(doc, path)).collect();
        changes.push(items(doc, "A", Place::First, vec![text("x")]));
        changes
    });
    check_yaml("A: []\n", "A: [x, w]\n", |doc| {
        vec![items(doc, "A", Place::First, vec![text("x"), text("w")])]
    });
    let lines = "A: [\n    a, # 1\n    b, # 2\n    c # 3\n  ]\n";
    check_yaml(lines, "A: [\n    a, # 1\n    b # 2\n  ]\n", |doc| vec![remove(doc, "A.2")]);
    check_yaml(lines, "A: [\n    b, # 2\n    c # 3\n  ]\n", |doc| vec![remove(doc, "A.0")]);
    check_yaml(lines, "A: [\n    a, # 1\n    b, # 2\n    c, # 3\n    x\n  ]\n", |doc| {
        vec![items(doc, "A", Place::Last, vec![text("x")])]
    });
    check_yaml(lines, "A: [\n    a, # 1\n    x,\n    c # 3\n  ]\n", |doc| {
        vec![remove(doc, "A.1"), items(doc, "A", Place::After(0), vec![text("x")])]
    });
    check_yaml("A: [\n  a,\n  b,\n  ]\n", "A: [\n  a,\n  x,\n  ]\n", |doc| {
        vec![remove(doc, "A.1"), items(doc, "A", Place::Last, vec![text("x")])]
    });
}

#[test]
fn json_is_written_as_json() {
    let before =
        "{\n  \"R\": {\n    \"A\": {\"x\": 1},\n    \"P\": [\n      \"a\",\n      \"b\"\n    ]\n  }\n}\n";
    let after = "{\n  \"R\": {\n    \"C\": {\n      \"Id\": \"x\",\n      \"L\": [\n        \"Read\"\n      ]\n    },\n    \"A\": {\"x\": 1}\n  }\n}\n";
    check_json(before, after, |doc| {
        let value = Fragment::map([("Id", text("x")), ("L", Fragment::list([text("Read")]))]);
        vec![remove(doc, "R.P"), insert(doc, "R", Place::Before(0), vec![entry("C", value)])]
    });
    check_json(before, &before.replace("\"b\"", "\"b\",\n      {\n        \"Fn::GetAtt\": [\n          \"T\",\n          \"Arn\"\n        ]\n      }"), |doc| {
        vec![items(doc, "R.P", Place::Last, vec![Fragment::intrinsic("GetAtt", text("T.Arn"))])]
    });
    let tabs = before.replace("  ", "\t");
    check_json(&tabs, &tabs.replace("\"b\"", "\"b\",\n\t\t\t{\n\t\t\t\t\"Ref\": \"T\"\n\t\t\t}"), |doc| {
        vec![items(doc, "R.P", Place::Last, vec![Fragment::intrinsic("Ref", text("T"))])]
    });
    check_json("{\"a\":[1,2],\"b\":3}\n", "{\"a\":[1],\"b\":3,\"c\":{\"d\":[\"e\",\"f\"]}}\n", |doc| {
        let value = Fragment::map([("d", Fragment::list([text("e"), text("f")]))]);
        vec![remove(doc, "a.1"), insert(doc, "", Place::Last, vec![entry("c", value)])]
    });
}

#[test]
fn json_on_one_line_stays_there() {
    let before = "{\n  \"P\": [\n    {\"A\": {\"Ref\": \"T\"}},\n    \"b\"\n  ]\n}\n";
    let rest = || Fragment::map([("B", Fragment::list([text("c"), Fragment::intrinsic("Ref", text("T"))]))]);
    check_json(
        before,
        &before.replace("{\"A\": {\"Ref\": \"T\"}}", "{\"B\": [\"c\", {\"Ref\": \"T\"}]}"),
        |doc| vec![replace(doc, "P.0", vec![rest()])],
    );
    check_json(before, &before.replace("\"b\"", "\"b\",\n    {\"B\": [\"c\", {\"Ref\": \"T\"}]}"), |doc| {
        vec![items(doc, "P", Place::Last, vec![rest()])]
    });
    check_json(before, &before.replace("{\"Ref\": \"T\"}", "{\"Fn::Sub\": \"x\"}"), |doc| {
        vec![Change::ReplaceValue { node: at(doc, "P.0.A"), value: Fragment::intrinsic("Sub", text("x")) }]
    });
}

#[test]
fn a_comment_behind_the_header_of_a_block_scalar_has_no_place_in_brackets() {
    let doc = yaml("A: |- # told of it\n  text\nB: [x]\nC:\n  k: > # too\n    text\n");
    for (path, comes) in [("A", false), ("B.0", true), ("C", false)] {
        let copy = vec![Fragment::Copy(at(&doc, path))];
        let lowered = lower(&doc, &[items(&doc, "B", Place::Last, copy)]).map_err(|error| error.reason);
        assert_eq!(lowered.err(), (!comes).then_some(Refusal::CommentInGap), "{path}");
    }
}

//! What a document answers: lookups, routes, comments, sharing, duplicates, and the place and kind of each refusal.

mod syntax_support;

use samwire::syntax::{Document, NodeId, NodeKind, Reason, Route, ScalarStyle, SyntaxError};
use samwire::text::{Position, Source};
use serde_json::Value;
use std::path::Path;
use syntax_support::{files, parse, yaml};

fn refusal(name: &str, text: &str) -> SyntaxError {
    let source = Source::new(name, text.as_bytes().to_vec()).expect("a source");
    Document::parse(source).expect_err(text)
}

fn get(doc: &Document, keys: &[&str]) -> NodeId {
    keys.iter().fold(doc.root(), |node, key| doc.get(node, key).unwrap_or_else(|| panic!("no {key}")))
}

#[test]
fn lookups_see_values_tags_and_styles() {
    let doc = yaml("A: !Sub '${B}'\nC: [1, two]\nD:\nE: |\n  text\n\"F\\u00e9\": !<tag:x> {g: h}\n");
    let sub = get(&doc, &["A"]);
    assert_eq!((doc.tag(sub), doc.scalar(sub)), (Some("!Sub"), Some("${B}")));
    assert_eq!(doc.node(sub).kind, NodeKind::Scalar(ScalarStyle::SingleQuoted));
    assert_eq!(doc.source().slice(doc.node(sub).span), "'${B}'");
    assert_eq!(doc.source().slice(doc.full_span(sub)), "!Sub '${B}'");
    let list = get(&doc, &["C"]);
    assert!(doc.node(list).flow);
    assert_eq!(doc.items(list).filter_map(|id| doc.scalar(id)).collect::<Vec<_>>(), ["1", "two"]);
    assert_eq!(doc.pairs(list).count(), 0);
    assert_eq!(doc.node(get(&doc, &["D"])).kind, NodeKind::Empty);
    assert_eq!(doc.scalar(get(&doc, &["E"])), Some("text\n"));
    assert_eq!(doc.tag(get(&doc, &["Fé"])), Some("!<tag:x>"));
    assert_eq!(doc.pairs(doc.root()).map(|(key, ..)| key).collect::<Vec<_>>(), ["A", "C", "D", "E", "Fé"]);
    assert_eq!((doc.get(list, "A"), doc.get(doc.root(), "X")), (None, None));
    assert_eq!(doc.index_in_parent(list), Some(1));
    assert_eq!(doc.index_in_parent(doc.root()), None);
}

#[test]
fn entries_know_their_punctuation() {
    let doc = yaml("A:\n- x\n- y: [1, 2]\n? k\n: v\n");
    let text = doc.source().text();
    for id in doc.ids() {
        for entry in &doc.node(id).entries {
            let at = |offset: u32| text[offset as usize..].chars().next();
            assert!(entry.colon.is_none_or(|colon| at(colon) == Some(':')));
            assert!(entry.comma.is_none_or(|comma| at(comma) == Some(',')));
            assert!(entry.indicator.is_none_or(|mark| matches!(at(mark), Some('-' | '?'))));
        }
    }
    let items = &doc.node(get(&doc, &["A"])).entries;
    assert_eq!(items.iter().map(|entry| entry.indicator).collect::<Vec<_>>(), [Some(3), Some(7)]);
    assert_eq!(doc.node(doc.root()).entries[1].indicator, Some(19));
}

#[test]
fn routes_lead_there_and_back() {
    let doc = yaml("Resources:\n  Fn:\n    Policies:\n      - Statement: [a, {Fn::If: [x, y]}]\n");
    let deep = doc.ids().find(|id| doc.scalar(*id) == Some("y")).unwrap();
    let route = doc.route(deep);
    assert_eq!(route.to_string(), "Resources.Fn.Policies[0].Statement[1].Fn::If[1]");
    assert_eq!(doc.at(&route), Some(deep));
    assert_eq!(doc.at(&Route::new()), Some(doc.root()));
    assert_eq!(doc.at(&Route::new().child("Resources").child(0)), None);
    let key = doc.ids().find(|id| doc.scalar(*id) == Some("Policies")).unwrap();
    assert_eq!(doc.at(&doc.route(key)), Some(get(&doc, &["Resources", "Fn", "Policies"])));
}

#[test]
fn the_last_of_equal_keys_counts_and_all_are_reported() {
    let doc = yaml("A: 1\nB: {x: 1}\n'A': 2\nA: 3\n");
    assert_eq!(doc.scalar(get(&doc, &["A"])), Some("3"));
    let [duplicate] = doc.duplicates() else { panic!("{:?}", doc.duplicates()) };
    assert_eq!((duplicate.map, duplicate.key.as_str()), (doc.root(), "A"));
    assert_eq!((duplicate.first.start, duplicate.last.start), (0, 22));
    assert!(doc.has_duplicates(doc.root()));
    assert!(!doc.has_duplicates(get(&doc, &["B"])));
    let many: String = (0..200).map(|n| format!("k{}: {n}\n", n % 150)).collect();
    let doc = yaml(&many);
    assert_eq!(doc.duplicates().len(), 50);
    assert_eq!(doc.scalar(get(&doc, &["k7"])), Some("157"));
}

#[test]
fn sharing_goes_down_from_anchors_aliases_and_merge_keys() {
    let doc = yaml("a: &used {b: c}\nd: &unused {e: f}\ng: *used\nh:\n  <<: *used\n  i: {<<: {j: k}}\n");
    let shared = |keys: &[&str]| doc.is_shared(get(&doc, keys));
    assert!(shared(&["a"]) && shared(&["a", "b"]) && shared(&["g"]) && shared(&["h", "<<"]));
    assert!(shared(&["h", "i", "<<", "j"]));
    assert!(!shared(&["d", "e"]) && !shared(&["h", "i"]) && !doc.is_shared(doc.root()));
    assert!(doc.has_merge_key(get(&doc, &["h"])) && !doc.has_merge_key(get(&doc, &["a"])));
    assert_eq!(doc.resolve(get(&doc, &["g"])), get(&doc, &["a"]));
    assert_eq!(doc.resolve(doc.root()), doc.root());
}

#[test]
fn comments_have_places_and_columns() {
    let doc = yaml("# one\na: \"é # no\" # two\nb: |\n  # text\n\t# three\n");
    let texts: Vec<_> = doc.comments().iter().map(|c| doc.source().slice(c.span)).collect();
    assert_eq!(texts, ["# one", "# two", "# three"]);
    let places: Vec<_> = doc.comments().iter().map(|c| (c.own_line, c.column)).collect();
    assert_eq!(places, [(true, 0), (false, 12), (true, 1)]);
    assert_eq!(doc.comments_within(doc.node(doc.root()).span), [1]);
}

#[test]
fn refusals_say_what_and_where() {
    let at = |line, column| Position { line, column };
    let broken = refusal("t.yaml", "a: 1\nb: [x\nc: 2\n");
    assert!(matches!(broken.reason, Reason::NotYaml(_)), "{broken}");
    assert_eq!(broken.at.line, 3);
    let second = refusal("t.yaml", "a: 1\n---\nb: 2\n");
    assert_eq!((second.reason, second.at), (Reason::MultipleDocuments, at(2, 4)));
    let alias = refusal("t.yaml", "a: *nowhere\n");
    assert_eq!((alias.at, alias.is_placeholders()), (at(1, 4), false));
    let comma = refusal("t.json", "{\n  \"é\": [1,]\n}\n");
    assert_eq!((comma.reason, comma.at), (Reason::NotJson("expected value".into()), at(2, 11)));
    let tab = refusal("t.yaml", "a:\n\tb: 1\n");
    assert_eq!(tab.at.line, 2);
    for error in [refusal("t.yaml", "a: ]\n"), refusal("t.json", "{\"a\" 1}")] {
        assert!(!error.what().is_empty() && !error.why().is_empty() && !error.help().is_empty());
        assert!(error.to_string().starts_with("line 1, column "), "{error}");
    }
}

#[test]
fn one_document_may_have_its_markers() {
    let doc = yaml("%YAML 1.2\n# c\n---\na: 1\n...\n...\n# d\n");
    assert_eq!((doc.scalar(get(&doc, &["a"])), doc.comments().len()), (Some("1"), 2));
    let doc = yaml("--- text\n");
    assert_eq!(doc.scalar(doc.root()), Some("text"));
    let doc = yaml("");
    assert_eq!(doc.node(doc.root()).kind, NodeKind::Empty);
}

#[test]
fn placeholders_are_told_from_broken_yaml() {
    let at = |text: &str| {
        let error = refusal("t.yaml", text);
        assert!(error.is_placeholders(), "{error}");
        (error.at.line, error.at.column)
    };
    assert_eq!(at("a: 1\nRuntime: {{ cookiecutter.runtime }}\n"), (2, 10));
    assert_eq!(at("{%- if x %}\na: 1\n{%- endif %}\n"), (1, 1));
    assert_eq!(at("# {{ c }}\na: '{{ q }}'\n{{ name }}: 1\n"), (3, 1));
    assert!(!refusal("t.yaml", "a: [\nb: '{{resolve:ssm:x}}'\n").is_placeholders());
    assert!(!refusal("t.yaml", "a: '{{ x }}'\nb: [\n").is_placeholders());
    let quoted = yaml("a: '{{ x }}'\nb: \"{{resolve:ssm:y}}\"\nc: arn:{{resolve:ssm:z}}\n");
    assert_eq!(quoted.scalar(get(&quoted, &["c"])), Some("arn:{{resolve:ssm:z}}"));
}

#[test]
fn an_error_behind_an_unfinished_last_line_lies_on_it() {
    for text in ["name: x\nt\u{b}", "a: 1\nb", "a:\n  - b\n c", "a: [\nb", "a: 'x\ny", "a: {\r\n b: \"x\r\n"]
    {
        let error = refusal("t.yaml", text);
        let lines = text.replace('\r', "").split('\n').count();
        assert!(error.at.line as usize <= lines, "{text:?}: {error}");
    }
}

#[test]
fn an_error_among_carriage_returns_lies_on_its_line() {
    let text = "{\"b:\"\t\r\r\r\n\n\rame: python3.: AWSde\\";
    let error = refusal("t.yaml", text);
    let lines: Vec<&str> = text.split("\r\n").flat_map(|part| part.split(['\r', '\n'])).collect();
    let line = lines[error.at.line as usize - 1];
    assert!(error.at.column as usize <= line.chars().count() + 1, "{error}");
}

#[test]
fn a_byte_order_mark_is_no_content() {
    let doc = yaml("\u{feff}a: 1 # c\n");
    assert_eq!(doc.node(get(&doc, &["a"])).span.start, 6);
    assert_eq!(doc.comments()[0].column, 5);
}

#[test]
fn pasted_json_keeps_its_places() {
    let text = "é:\n  p: [{\n    \"a\": [\n  1\n]}, b: {c: d},\n\"\\ud83d\\ude00\": \"x\n y\"]\n";
    let doc = yaml(text);
    let list = get(&doc, &["é", "p"]);
    let items: Vec<_> = doc.items(list).map(|id| doc.source().slice(doc.node(id).span)).collect();
    assert_eq!(items, ["{\n    \"a\": [\n  1\n]}", "b: {c: d}", "\"\\ud83d\\ude00\": \"x\n y\""]);
    let pair = doc.items(list).nth(2).unwrap();
    assert_eq!(
        doc.pairs(pair).next().map(|(key, _, value)| (key, doc.scalar(value))),
        Some(("😀", Some("x y")))
    );
}

fn same(doc: &Document, id: NodeId, value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.iter().all(|(key, value)| doc.get(id, key).is_some_and(|id| same(doc, id, value)))
        }
        Value::Array(items) => {
            doc.items(id).count() == items.len()
                && doc.items(id).zip(items).all(|(id, value)| same(doc, id, value))
        }
        Value::String(text) => doc.scalar(id) == Some(text),
        Value::Null => doc.scalar(id) == Some("null"),
        Value::Bool(flag) => doc.scalar(id) == Some(if *flag { "true" } else { "false" }),
        Value::Number(number) => doc.scalar(id).and_then(|text| text.parse::<f64>().ok()) == number.as_f64(),
    }
}

#[test]
fn json_reads_as_json_does() {
    let mut count = 0;
    for path in files().iter().filter(|path| path.extension().is_some_and(|e| e == "json")) {
        let bytes = std::fs::read(path).expect("readable");
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        let Ok(value) = serde_json::from_str(text.trim_start_matches('\u{feff}')) else { continue };
        let doc = parse(path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(same(&doc, doc.root(), &value), "{}", path.display());
        count += 1;
    }
    assert!(count > 4);
    let exotic = "{\"\\u0000\\b\\f\": \"\u{2028}\u{7f}\\/\", \"a\" :\t[-0.5e+3]}";
    let doc = parse(Path::new("t.json"), exotic.as_bytes().to_vec()).unwrap();
    assert!(same(&doc, doc.root(), &serde_json::from_str(exotic).unwrap()));
}

//! Hostile and huge texts: each ends in a tree or an error, never in a crash. A quadratic step would show as a test that does
//! not end; how long parsing takes is measured in `benches/`.

mod syntax_support;

use samwire::syntax::{Document, Reason, SyntaxError};
use samwire::text::Source;
use std::path::Path;

fn parse(name: &str, text: String) -> Result<Document, SyntaxError> {
    Document::parse(Source::new(Path::new(name), text.into_bytes()).expect("a valid source"))
}

fn reason(result: Result<Document, SyntaxError>) -> Reason {
    result.expect_err("too much").reason
}

#[test]
fn deep_nesting_is_an_error() {
    let deep = 100_000;
    let ladder: String = (0..2000).map(|depth| format!("{}k:\n", " ".repeat(depth))).collect();
    for text in ["- ".repeat(deep), "? ".repeat(deep), ladder] {
        assert_eq!(reason(parse("t.yaml", text)), Reason::TooDeep);
    }
    for open in ["[", "{a: ", "[{", "{", "[? "] {
        let error = reason(parse("t.yaml", format!("a: {}", open.repeat(deep))));
        assert!(matches!(error, Reason::TooDeep | Reason::Placeholders), "{error}");
    }
    let json = format!("{}1{}", "[".repeat(deep), "]".repeat(deep));
    assert_eq!(reason(parse("t.json", json)), Reason::TooDeep);
    let json = format!("{}1{}", "[".repeat(129), "]".repeat(129));
    assert_eq!(reason(parse("t.json", json)), Reason::TooDeep);
}

#[test]
fn what_real_templates_need_is_within_the_limits() {
    let ladder: String = (0..100).map(|depth| format!("{}k:\n", "  ".repeat(depth))).collect();
    assert!(parse("t.yaml", ladder).is_ok());
    assert!(parse("t.json", format!("{{\"a\": {}1{}}}", "[".repeat(100), "]".repeat(100))).is_ok());
}

#[test]
fn too_many_nodes_are_an_error() {
    assert_eq!(reason(parse("t.yaml", format!("[{}]", "1,".repeat(1_500_000)))), Reason::TooManyNodes);
}

/// Anchors of which each holds the one before `times` times.
fn tower(levels: usize, times: usize) -> String {
    let mut text = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..levels {
        let inner = vec![format!("*a{}", level - 1); times].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
    }
    text
}

#[test]
fn aliases_that_would_expand_without_end_are_an_error() {
    assert_eq!(reason(parse("t.yaml", tower(60, 2))), Reason::TooManyNodes);
    assert_eq!(reason(parse("t.yaml", tower(10, 9))), Reason::TooManyNodes);
    assert_eq!(reason(parse("t.yaml", tower(10_000, 1))), Reason::TooDeep);
    let doc = parse("t.yaml", tower(15, 2)).expect("a tree");
    assert_eq!(doc.len(), 15 * 4 + 1);
}

#[test]
fn large_texts_are_read() {
    let megabytes = |unit: &str, count: usize| unit.repeat(count * 1_000_000 / unit.len());
    let numbered = |count: usize| (0..count).map(|n| format!("Key{n}: value {n} # c\n")).collect::<String>();
    let minified = |count: usize| {
        let entries: Vec<_> = (0..count).map(|n| format!("\"k{n}\":{{\"é\":[1,\"a\"]}}")).collect();
        format!("{{{}}}", entries.join(","))
    };
    assert!(parse("t.yaml", numbered(120_000)).is_ok());
    assert!(parse("t.json", minified(120_000)).is_ok());
    assert!(parse("t.yaml", minified(120_000)).is_ok());
    for text in [
        megabytes("# comment\n", 4),
        megabytes("\n", 4),
        megabytes(" ", 4),
        format!("a: |\n{}", megabytes("  text\n\n", 4)),
        format!("a: >+\n{}", megabytes("  text\n", 4)),
        format!("a: {}", megabytes("word ", 4)),
        format!("a:\n{}", megabytes("  word\n\n", 4)),
        format!("a: \"{}\"", megabytes("word \\n\n", 4)),
        format!("a: '{}'", megabytes("it''s\n", 4)),
        format!("a: [{}]", megabytes("{b: c}, # d\n ", 4)),
        megabytes("- a # b\n", 4),
        megabytes("same: 1\n", 2),
    ] {
        let _ = parse("t.yaml", text);
    }
}

#[test]
fn text_that_is_refused_again_and_again_ends() {
    let pasted = (0..2000).map(|n| format!("k{n}:\n  p: [\n  x\n  ]\n")).collect::<String>();
    assert!(parse("t.yaml", pasted).is_err());
    let emoji = (0..100_000).map(|n| format!("k{n}: \"\\ud83d\\ude00\"\n")).collect::<String>();
    let _ = parse("t.yaml", emoji);
    let emoji = (0..100_000).map(|n| format!("\"k{n}\": \"\\ud83d\\ude00\"")).collect::<Vec<_>>();
    assert!(parse("t.json", format!("{{{}}}", emoji.join(","))).is_ok());
    let pairs = (0..50_000).map(|n| format!("k{n}: [{{a: b}}]")).collect::<Vec<_>>();
    assert!(parse("t.yaml", format!("a: [{}]", pairs.join(", "))).is_ok());
    let _ = parse("t.yaml", "{{ a }} ".repeat(100_000));
    let _ = parse("t.yaml", "\"".repeat(1_000_001));
    let _ = parse("t.yaml", format!("a: {}", "[\"x\n".repeat(200)));
}

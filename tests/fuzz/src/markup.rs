//! What a report may look like whatever it tells of: no text of other people becomes markup, a formula, a command or a control
//! sequence. Each check reads a format as its readers do and panics where something does not belong.

use serde::de::IgnoredAny;

/// The elements of the page of HTML.
const PAGE: [&str; 51] = [
    "html", "head", "meta", "title", "style", "body", "a", "b", "bdi", "button", "caption", "code", "dd",
    "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "header", "i", "input", "label", "li", "main",
    "nav", "noscript", "ol", "optgroup", "option", "p", "rect", "script", "section", "select", "span", "svg",
    "table", "tbody", "td", "th", "thead", "tr", "ul", "wbr", "g", "text", "path", "br",
];

/// The elements within Markdown.
const INLINE: [&str; 4] = ["details", "summary", "code", "br"];

/// One document, or one in each line.
pub fn check_json(text: &str, in_lines: bool) {
    let one = |text: &str| {
        let read = serde_json::from_str::<IgnoredAny>(text);
        read.unwrap_or_else(|error| panic!("no JSON: {error}\n{text}"));
    };
    if in_lines { text.lines().for_each(one) } else { one(text) }
}

/// The elements that a text opens and closes, each with its attributes; panics on a `<` that begins none.
fn tags<'a>(text: &'a str, known: &[&str]) -> Vec<(&'a str, &'a str)> {
    let mut tags = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name = rest.strip_prefix('/').unwrap_or(rest);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let (name, behind) = name.split_at(end);
        let close = behind.find('>').unwrap_or_else(|| panic!("`<{name}` has no end"));
        assert!(known.contains(&name), "an element {name:?} in\n{text}");
        tags.push((name, &behind[..close]));
        rest = &behind[close + 1..];
    }
    tags
}

/// A page whose scripts are the one that belongs to it and data, and whose attributes run and load nothing.
pub fn check_html(page: &str) {
    let mut rest = page.strip_prefix("<!doctype html>").expect("a page of HTML");
    let mut scripts = 0;
    while let Some(at) = rest.find("<script").into_iter().chain(rest.find("<style")).min() {
        check_elements(&rest[..at]);
        let (open, behind) = rest[at..].split_once('>').expect("the end of a tag");
        let end = if open.starts_with("<script") { "</script>" } else { "</style>" };
        let (content, behind) = behind.split_once(end).expect("the end of an element");
        if open.contains("application/json") {
            check_json(content, false);
            assert!(!content.contains('<'), "data holds markup: {content}");
        } else {
            scripts += usize::from(open == "<script");
            assert!(matches!(open, "<script" | "<style"), "{open}");
        }
        rest = behind;
    }
    check_elements(rest);
    assert_eq!(scripts, 1, "the script of the page stands alone");
}

fn check_elements(text: &str) {
    for (name, attributes) in tags(text, &PAGE) {
        for (number, outside) in attributes.split('"').enumerate().filter(|(number, _)| number % 2 == 0) {
            let words = outside.split_whitespace().map(|word| word.trim_end_matches('='));
            for word in words {
                assert!(!word.starts_with("on") && word != "src" && word != "style", "{name}: {attributes}");
                if word == "href" {
                    let value = attributes.split('"').nth(number + 1).unwrap_or_default();
                    assert!(value.starts_with('#'), "{name} leads out of the page: {value}");
                }
            }
        }
    }
}

/// XML in which every element is closed and every `&` begins an entity.
pub fn check_xml(text: &str) {
    let body = text.trim_start();
    let body = if body.starts_with("<?xml") { body.split_once("?>").expect("a declaration").1 } else { body };
    let mut open: Vec<&str> = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find('<') {
        check_entities(&rest[..at]);
        assert!(!rest[..at].contains("]]>"), "a mark that ends nothing");
        rest = &rest[at + 1..];
        // A quoted value may hold `>`.
        let mut quoted = false;
        let close = rest.char_indices().find(|(_, c)| {
            quoted ^= *c == '"';
            *c == '>' && !quoted
        });
        let (tag, behind) = rest.split_at(close.expect("the end of a tag").0);
        let attributes = tag.split('"').skip(1).step_by(2);
        attributes.for_each(|value| {
            assert!(!value.contains('<'), "{tag}");
            check_entities(value);
        });
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "closed in another order"),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split_whitespace().next().expect("a name")),
        }
        rest = &behind[1..];
    }
    assert!(open.is_empty(), "{open:?} stay open");
    let forbidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    assert!(!text.contains(forbidden) && !text.contains(['\u{fffe}', '\u{ffff}']), "no characters of XML");
}

fn check_entities(text: &str) {
    for behind in text.split('&').skip(1) {
        let name = behind.split(';').next().unwrap_or_default();
        let known = matches!(name, "lt" | "gt" | "amp" | "quot" | "apos");
        let number = name.strip_prefix('#').is_some_and(|n| n.chars().all(|c| c.is_ascii_alphanumeric()));
        assert!((known || number) && name.len() < behind.len(), "`&{name}` is no entity");
    }
}

/// Markdown in which nothing but the elements of ours stands outside of code.
pub fn check_markdown(page: &str) {
    let mut fence: Option<&str> = None;
    let mut words = String::new();
    for line in page.lines() {
        let run = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if run.len() >= open.len() && line[run.len()..].trim().is_empty() => fence = None,
            Some(_) => {}
            None if run.len() >= 3 && !line[run.len()..].contains('`') => fence = Some(run),
            None => {
                words.push_str(&without_code(line));
                words.push('\n');
            }
        }
    }
    assert!(fence.is_none(), "a block of code stays open\n{page}");
    let tags = tags(&words, &INLINE);
    assert!(tags.iter().all(|(_, attributes)| attributes.is_empty()), "{tags:?}");
}

/// A line without its code spans: between runs of backticks of one length.
fn without_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        out.push_str(&rest[..at]);
        let behind = rest[at..].trim_start_matches('`');
        let length = rest.len() - at - behind.len();
        let mut from = 0;
        let mut next = None;
        while let Some(found) = behind[from..].find('`') {
            let start = from + found;
            let run = behind[start..].len() - behind[start..].trim_start_matches('`').len();
            if run == length {
                next = Some(start + run);
                break;
            }
            from = start + run;
        }
        rest = match next {
            Some(end) => &behind[end..],
            None => behind,
        };
    }
    out + rest
}

/// A table of which every line has as many fields as the first, and no field is a formula.
pub fn check_csv(text: &str) {
    let mut columns = None;
    for line in text.lines() {
        let mut fields = vec![String::new()];
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                c => fields.last_mut().expect("a field").push(c),
            }
        }
        assert!(!quoted, "a field stays open: {line}");
        assert_eq!(fields.len(), *columns.get_or_insert(fields.len()), "{line}");
        let formula = |field: &String| field.trim_start().starts_with(['=', '+', '-', '@']);
        assert!(!fields.iter().any(formula), "{line}");
    }
}

/// Lines for a terminal without anything that steers it.
pub fn check_lines(text: &str) {
    let steers = |c: char| {
        c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let found = text.lines().find(|line| line.contains(steers));
    assert!(found.is_none(), "a line steers the terminal: {found:?}");
}

/// Workflow commands, one on each line.
pub fn check_commands(text: &str) {
    check_lines(text);
    let known =
        |line: &str| ["::error ", "::warning ", "::notice "].iter().any(|word| line.starts_with(word));
    assert!(text.lines().all(known), "a line is no annotation\n{text}");
}

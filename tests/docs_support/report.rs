//! `docs/report.md`: the fields of the JSON report for people, from `docs/report.schema.json`, which is made from the program.

use super::root;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::fmt::Write as _;

const HEAD: &str = "\
# The JSON report

Generated from [the schema](report.schema.json), which is made from what the program writes; `tests/docs.rs` says when this page
is stale. [Report formats](formats.md#json) shows one. Fields are added and never moved: pass over those that you do not know.
";

/// A part of the report: under which name it is told, and its shape.
struct Part<'a> {
    name: String,
    shape: &'a Value,
}

/// The page.
pub(crate) fn page() -> String {
    let text = std::fs::read_to_string(root().join("docs/report.schema.json")).expect("the schema is there");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    let mut writer = Writer { schema: &schema, known: Vec::new(), open: VecDeque::new() };
    let mut out = HEAD.to_owned();
    writer.part(&mut out, &Part { name: "Report".to_owned(), shape: &schema });
    while let Some(part) = writer.open.pop_front() {
        writer.part(&mut out, &part);
    }
    out
}

struct Writer<'a> {
    schema: &'a Value,
    /// The definitions that have a heading, each with it.
    known: Vec<(&'a str, String)>,
    /// What is referred to and not written yet.
    open: VecDeque<Part<'a>>,
}

impl<'a> Writer<'a> {
    fn part(&mut self, out: &mut String, part: &Part<'a>) {
        let _ = writeln!(out, "\n## {}\n", part.name);
        if let Some(text) = part.shape["description"].as_str() {
            let _ = writeln!(out, "{text}\n");
        }
        if let Some(fields) = part.shape["properties"].as_object() {
            self.fields(out, part, fields);
        } else if let Some(values) = part.shape["oneOf"].as_array() {
            out.push_str("| value | meaning |\n|---|---|\n");
            for value in values {
                let _ =
                    writeln!(out, "| `{}` | {} |", text_of(&value["const"]), text_of(&value["description"]));
            }
        }
    }

    fn fields(&mut self, out: &mut String, part: &Part<'a>, fields: &'a Map<String, Value>) {
        out.push_str("| field | value | meaning |\n|---|---|---|\n");
        let required = part.shape["required"].as_array();
        for (name, field) in fields {
            let always = required.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(name)));
            let absent = if always { "" } else { ", or absent" };
            let value = self.value(&part.name, name, field);
            let meaning = text_of(&field["description"]);
            assert!(!meaning.is_empty(), "no field may be without a meaning: {}.{name}", part.name);
            let _ = writeln!(out, "| `{name}` | {value}{absent} | {meaning} |");
        }
    }

    /// What a field of a part holds. What has fields of its own gets a heading under the name of the field that first leads
    /// to it.
    fn value(&mut self, part: &str, field: &str, shape: &'a Value) -> String {
        if let Some(reference) = shape["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or(reference);
            let heading = self.heading(part, field, name);
            return format!("[{heading}](#{})", heading.replace('.', ""));
        }
        if let Some(choices) = shape["anyOf"].as_array() {
            let words: Vec<String> = choices.iter().map(|choice| self.value(part, field, choice)).collect();
            return words.join(" or ");
        }
        match &shape["type"] {
            Value::Array(kinds) => kinds.iter().map(word).collect::<Vec<_>>().join(" or "),
            Value::String(kind) if kind == "array" => {
                format!("list of {}", self.value(part, field, &shape["items"]))
            }
            kind => word(kind).to_owned(),
        }
    }

    fn heading(&mut self, part: &str, field: &str, name: &'a str) -> String {
        if let Some((_, heading)) = self.known.iter().find(|(known, _)| *known == name) {
            return heading.clone();
        }
        let taken = self.known.iter().any(|(_, heading)| heading == field);
        let heading = if taken { format!("{part}.{field}") } else { field.to_owned() };
        self.known.push((name, heading.clone()));
        self.open.push_back(Part { name: heading.clone(), shape: &self.schema["$defs"][name] });
        heading
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|")
}

/// A type of JSON in a word for people.
fn word(kind: &Value) -> &str {
    match kind.as_str() {
        Some("string") => "text",
        Some("integer") => "number",
        Some("boolean") => "true or false",
        Some(other) => other,
        None => "anything",
    }
}

//! `docs/report.schema.json`: the shape of the report for whoever reads it, made from the types that are written. Exists in
//! tests only.

use super::shape::{File, Head, Run, Tail};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

/// Set to rewrite the file instead of comparing it.
const REWRITE: &str = "SAMWIRE_BLESS";

/// A line of `jsonl`: the shape of its content, and the word that tells it.
fn line<T: JsonSchema>(generator: &mut SchemaGenerator, record: &str) -> Value {
    let content = generator.subschema_for::<T>();
    json!({
        "allOf": [content, { "properties": { "record": { "const": record } }, "required": ["record"] }],
    })
}

fn schema() -> String {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let lines = json!({
        "anyOf": [
            line::<Head<'_>>(&mut generator, "run"),
            line::<File<'_>>(&mut generator, "file"),
            line::<Tail<'_>>(&mut generator, "summary"),
        ],
    });
    let mut schema = generator.into_root_schema_for::<Run<'_>>();
    schema.insert("title".into(), json!("Report of samwire"));
    if let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
        definitions.insert("line".into(), lines);
    }
    let mut text = serde_json::to_string_pretty(&schema).unwrap();
    text.push('\n');
    text
}

#[test]
fn the_schema_follows_the_types() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json");
    let schema = schema();
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == schema, "docs/report.schema.json is stale: run this test once with {REWRITE}=1");
}

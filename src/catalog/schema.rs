//! `transforms/schema.json`: the shapes of definition files for editors, made from the types that read them.
//! Exists in tests only.

use super::definition::{
    ActionsFile, DeployerFile, ImplicationsFile, ManagedPoliciesFile, ProfileFile, TemplateFile, TypesFile,
};
use super::placed::{Pairs, Spanned};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Set to rewrite the file instead of comparing it.
const REWRITE: &str = "SAMWIRE_BLESS";

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<V: JsonSchema> JsonSchema for Pairs<V> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        BTreeMap::<String, V>::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, V>::json_schema(generator)
    }
}

fn schema() -> String {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let kinds = serde_json::json!({
        "profile": generator.subschema_for::<ProfileFile>(),
        "policy-template": generator.subschema_for::<TemplateFile>(),
        "types": generator.subschema_for::<TypesFile>(),
        "actions": generator.subschema_for::<ActionsFile>(),
        "implications": generator.subschema_for::<ImplicationsFile>(),
        "managed-policies": generator.subschema_for::<ManagedPoliciesFile>(),
        "deployer": generator.subschema_for::<DeployerFile>(),
    });
    let mut definitions = generator.take_definitions(true);
    if let serde_json::Value::Object(kinds) = kinds {
        definitions.extend(kinds);
    }
    let schema = json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Definition files of samwire",
        "description": "One entry of $defs per kind of file, such as #/$defs/profile.",
        "$defs": definitions,
    });
    let mut text = serde_json::to_string_pretty(&schema).unwrap();
    text.push('\n');
    text
}

#[test]
fn the_schema_follows_the_types() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("transforms/schema.json");
    let schema = schema();
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == schema, "transforms/schema.json is stale: run this test once with {REWRITE}=1");
}

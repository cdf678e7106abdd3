//! How a template is written: YAML in blocks, in flow or both, or JSON; indents, quotes, comments, anchors, line ends. Every
//! layout of a value is read back as the same value; the layout knows no meaning but CloudFormation's short tags.

use super::chance::Chance;
use super::yaml::Yaml;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::PrettyFormatter;

/// A written template.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    /// Its name: `template.yaml` or `template.json`.
    pub(crate) path: &'static str,
    /// What is in it.
    pub(crate) text: String,
    /// What is special about how it is written.
    pub(crate) features: Vec<&'static str>,
}

/// Writes a template.
pub(crate) fn write(template: &Value, chance: &mut Chance) -> Text {
    if chance.percent(18) {
        return json(template, chance);
    }
    let mut yaml = Yaml::new(chance.clone());
    let mut text = yaml.document(template);
    let mut features = yaml.features();
    if chance.percent(10) {
        text = text.replace('\n', "\r\n");
        features.push("CRLF");
    }
    if chance.percent(5) {
        text.insert(0, '\u{feff}');
        features.push("byte order mark");
    }
    if chance.percent(8) {
        text = text.trim_end_matches(['\n', '\r']).to_owned();
        features.push("no final newline");
    }
    Text { path: "template.yaml", text, features }
}

fn json(template: &Value, chance: &mut Chance) -> Text {
    let indent = chance.weighted(&[(2, ""), (4, "  "), (3, "    "), (1, "\t"), (1, "        ")]);
    let (text, feature) = match indent.is_empty() {
        true => (template.to_string(), "JSON, compact"),
        false => {
            let mut bytes = Vec::new();
            let formatter = PrettyFormatter::with_indent(indent.as_bytes());
            let mut writer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
            template.serialize(&mut writer).expect("a template is plain JSON");
            (String::from_utf8(bytes).expect("JSON is text"), "JSON, pretty")
        }
    };
    let mut features = vec![feature];
    let mut text = if chance.percent(70) { text + "\n" } else { text };
    if chance.percent(10) {
        text = text.replace('\n', "\r\n");
        features.push("CRLF");
    }
    Text { path: "template.json", text, features }
}

//! A template as text: JSON, or YAML in blocks with CloudFormation's short tags.

use serde_json::Value;

/// How a template is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notation {
    /// Block YAML with short tags.
    Yaml,
    /// JSON with an indent of two.
    Json,
}

impl Notation {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Yaml, Self::Json];

    /// Name of a template in this notation.
    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Self::Yaml => "template.yaml",
            Self::Json => "template.json",
        }
    }

    /// The text of a template.
    pub(crate) fn spell(self, template: &Value) -> String {
        match self {
            Self::Json => {
                let text = serde_json::to_string_pretty(template).expect("a template is plain JSON");
                text + "\n"
            }
            Self::Yaml => {
                let mut out = String::new();
                block(template, 0, &mut out);
                out
            }
        }
    }
}

/// The entries of a mapping or the items of a list, a line each and deeper ones below.
fn block(value: &Value, indent: usize, out: &mut String) {
    let blanks = " ".repeat(indent);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                out.push_str(&format!("{blanks}{key}:"));
                behind(value, indent + 2, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                let mut inner = String::new();
                match inline(item) {
                    Some(text) => inner = format!("{blanks}- {text}\n"),
                    None => {
                        block(item, indent + 2, &mut inner);
                        inner.replace_range(indent..=indent, "-");
                    }
                }
                out.push_str(&inner);
            }
        }
        _ => out.push_str(&inline(value).expect("a scalar stands in a line")),
    }
}

/// What stands behind a key: in its line where it fits, otherwise below.
fn behind(value: &Value, indent: usize, out: &mut String) {
    match (inline(value), short(value)) {
        (Some(text), _) => out.push_str(&format!(" {text}\n")),
        (None, Some((tag, inner))) => {
            out.push_str(&format!(" {tag}\n"));
            block(inner, indent, out);
        }
        (None, None) => {
            out.push('\n');
            block(value, indent, out);
        }
    }
}

/// A value that stands in one line.
fn inline(value: &Value) -> Option<String> {
    match (value, short(value)) {
        (_, Some((tag, inner))) if !inner.is_array() && !inner.is_object() => {
            inline(inner).map(|text| format!("{tag} {text}"))
        }
        (Value::Object(map), _) if map.is_empty() => Some("{}".into()),
        (Value::Array(items), _) if items.is_empty() => Some("[]".into()),
        (Value::Object(_) | Value::Array(_), _) => None,
        (Value::String(text), _) => Some(scalar(text)),
        (other, _) => Some(other.to_string()),
    }
}

/// An intrinsic function with a short tag, and its argument.
fn short(value: &Value) -> Option<(&'static str, &Value)> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    let (name, inner) = map.iter().next()?;
    let tag = match name.as_str() {
        "Ref" => "!Ref",
        "Fn::GetAtt" => "!GetAtt",
        "Fn::Sub" => "!Sub",
        "Fn::ImportValue" => "!ImportValue",
        "Fn::Equals" => "!Equals",
        _ => return None,
    };
    Some((tag, inner))
}

/// Text as a plain scalar where that is safe, otherwise in double quotes.
fn scalar(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c) || c == ':')
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(':')
        && !["true", "false", "null", "yes", "no", "on", "off"].contains(&text.to_lowercase().as_str());
    if plain { text.to_owned() } else { Value::from(text).to_string() }
}

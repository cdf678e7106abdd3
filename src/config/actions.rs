//! The list of actions that are in use, as people keep it and as tools write it that record calls: one action on a line, or an
//! IAM policy in JSON. Reads text; knows no file.

use crate::iam::ActionPattern;
use serde_json::Value;
use thiserror::Error;

/// A text that is no list of actions.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ActionsError {
    /// JSON that cannot be read.
    #[error("line {line}: {message}")]
    Json {
        /// 1-based.
        line: usize,
        /// What the reader met.
        message: String,
    },
    /// A line or value that is no action.
    #[error(
        "`{0}` is no action; an action is a service and a name with a colon between them, and `*` where several are meant"
    )]
    NoAction(String),
    /// Nothing at all, which would drop every permission.
    #[error("it names no action, so every permission would go")]
    Empty,
}

/// The actions in a text.
pub fn used_actions(text: &str) -> Result<Vec<ActionPattern>, ActionsError> {
    let words: Vec<String> = match text.trim_start().starts_with(['{', '[']) {
        true => {
            let value: Value = serde_json::from_str(text)
                .map_err(|error| ActionsError::Json { line: error.line(), message: error.to_string() })?;
            let mut words = Vec::new();
            collect(&value, value.is_array(), &mut words);
            words
        }
        false => text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim())
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect(),
    };
    let mut out: Vec<ActionPattern> = Vec::new();
    for word in words {
        let sound =
            word.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if !sound || word.contains(char::is_whitespace) {
            return Err(ActionsError::NoAction(word));
        }
        out.push(ActionPattern::new(&word));
    }
    if out.is_empty() { Err(ActionsError::Empty) } else { Ok(out) }
}

/// The texts below every `Action`; in a list that is nothing but actions, its texts.
fn collect(value: &Value, inside: bool, out: &mut Vec<String>) {
    match value {
        Value::String(text) if inside => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, inside, out)),
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| collect(field, name == "Action", out))
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        used_actions(text).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_list_a_json_list_and_a_policy_are_read_alike() {
        let wanted = ["dynamodb:GetItem", "s3:Get*"];
        assert_eq!(read("# seen\ndynamodb:GetItem\n\ns3:Get*  # later\n"), wanted);
        assert_eq!(read(r#"["dynamodb:GetItem", "s3:Get*"]"#), wanted);
        let policy = r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["dynamodb:GetItem", "s3:Get*"], "Resource": "arn:aws:s3:::b"}]}"#;
        assert_eq!(read(policy), wanted);
    }

    #[test]
    fn what_is_no_list_of_actions_is_refused() {
        assert_eq!(used_actions("GetItem"), Err(ActionsError::NoAction("GetItem".into())));
        assert_eq!(used_actions("\n# none\n"), Err(ActionsError::Empty));
        assert!(matches!(used_actions("{\n\"Action\": }"), Err(ActionsError::Json { line: 2, .. })));
    }
}

//! SAM policy templates: what `DynamoDBCrudPolicy: {TableName: …}` expands to. Knows no template file and no
//! values of parameters.

use super::StatementForm;
use serde::{Deserialize, Serialize};

/// What the value of a policy template's parameter stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterKind {
    /// The physical name of a resource of this type.
    Name(String),
    /// The ARN of a resource of this type.
    Arn(String),
    /// Text that says nothing about a resource which the catalogue knows.
    Plain,
}

/// Whether a statement allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum StatementEffect {
    /// Allows.
    #[default]
    Allow,
    /// Denies.
    Deny,
}

/// One statement of a policy template.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TemplateStatement {
    /// Whether it allows or denies.
    pub effect: StatementEffect,
    /// Actions as the translator writes them, in its order.
    pub actions: Vec<String>,
    /// Resources as `Fn::Sub` text with the translator's variable names.
    pub resources: Vec<String>,
    /// Pairs of a variable in `resources` and `condition`, and the parameter whose value it takes.
    pub variables: Vec<(String, String)>,
    /// The IAM condition, with `Fn::Sub` text in its strings.
    pub condition: Option<serde_json::Value>,
}

impl TemplateStatement {
    /// The statement's actions and resources alone.
    pub fn form(&self) -> StatementForm {
        StatementForm { actions: self.actions.clone(), resources: self.resources.clone() }
    }
}

/// A SAM policy template.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PolicyTemplate {
    /// The name that `Policies` uses, equal to the stem of its file.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Parameters, all of them required, in the translator's order.
    pub parameters: Vec<(String, ParameterKind)>,
    /// Statements in the translator's order.
    pub statements: Vec<TemplateStatement>,
}

impl PolicyTemplate {
    /// What the value of the parameter `name` stands for.
    pub fn parameter(&self, name: &str) -> Option<&ParameterKind> {
        self.parameters.iter().find(|(own, _)| own == name).map(|(_, kind)| kind)
    }
}

//! The policy document of the identity that deploys: which actions it holds, wholly or within limits. Deny wins. Knows no
//! template; resources are not matched, since what a deployment makes has no ARN yet.

use crate::iam::{ActionPattern, ResourcePattern};
use crate::syntax::{Document, NodeId, SyntaxError};
use crate::template::{SlotKind, Statement, StatementEffect, is_mapping, is_sequence, policy_document};
use crate::text::{Position, Source};
use std::collections::BTreeSet;

/// A policy document that was read and understood as a whole.
#[derive(Debug, Clone, Default)]
pub struct DeployerPolicy {
    statements: Vec<Granted>,
}

#[derive(Debug, Clone)]
struct Granted {
    allow: bool,
    patterns: Vec<ActionPattern>,
    /// Whether the patterns name what is not meant.
    inverted: bool,
    /// Whether it is about every resource.
    everywhere: bool,
    /// The resources, as written; for `NotResource` behind the word `not`.
    resources: Vec<String>,
    conditional: bool,
}

/// How an action is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holding {
    /// On every resource.
    Full,
    /// Not on every resource or not always.
    Limited(Limits),
    /// Not at all.
    None,
}

/// Within which limits an action is held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// The resources on which it is allowed; empty where it is allowed on all.
    pub resources: BTreeSet<String>,
    /// Whether it is allowed under a condition only.
    pub conditional: bool,
    /// Whether it is denied on some resources or under some condition.
    pub denied: bool,
}

/// Why a policy document cannot be judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// The place.
    pub at: Position,
    /// What is wrong, without a full stop.
    pub what: String,
    /// Why that stops us.
    pub why: &'static str,
    /// What mends it.
    pub help: String,
}

impl From<SyntaxError> for PolicyError {
    fn from(error: SyntaxError) -> Self {
        Self { at: error.at, what: error.what(), why: error.why(), help: error.help().to_owned() }
    }
}

/// Why anything that is not understood stops the run.
const WHY: &str = "a statement that is not understood could allow or deny anything";

/// Keys below which tools print a policy document.
const WRAPPERS: [&str; 3] = ["PolicyVersion", "Document", "PolicyDocument"];

impl DeployerPolicy {
    /// Reads a policy document in JSON or YAML, by itself or as it is printed by tools of AWS.
    pub fn read(source: Source) -> Result<Self, PolicyError> {
        let doc = Document::parse(source)?;
        let reader = Reader { doc: &doc };
        let mut node = doc.resolve(doc.root());
        for wrapper in WRAPPERS {
            node = doc.get(node, wrapper).map_or(node, |inner| doc.resolve(inner));
        }
        if let Some(double) = doc.duplicates().first() {
            let what = format!("the key `{}` stands here twice", double.key);
            return Err(reader.error_at(double.last.start, what, "keep one of the two"));
        }
        let help = "name a file with an IAM policy document: a map with `Statement`";
        if !is_mapping(&doc, node) || doc.get(node, "Statement").is_none() {
            return Err(reader.error(node, "no policy document", help));
        }
        let mut policy = Self::default();
        let SlotKind::Document(document) = policy_document(&doc, node) else {
            return Err(reader.error(node, "no policy document", help));
        };
        for statement in &document.statements {
            policy.statements.push(reader.statement(statement)?);
        }
        Ok(policy)
    }

    /// How an action is held.
    pub fn holding(&self, action: &str) -> Holding {
        let action = ActionPattern::new(action);
        let about = |allow: bool| {
            self.statements.iter().filter(move |s| s.allow == allow).filter(|s| s.is_about(&action))
        };
        if about(false).any(Granted::is_unlimited) {
            return Holding::None;
        }
        let denied = about(false).next().is_some();
        if about(true).any(Granted::is_unlimited) && !denied {
            return Holding::Full;
        }
        if about(true).next().is_none() {
            return Holding::None;
        }
        let everywhere = about(true).any(|s| s.everywhere);
        let resources = about(true).flat_map(|s| s.resources.iter().cloned());
        Holding::Limited(Limits {
            resources: if everywhere { BTreeSet::new() } else { resources.collect() },
            conditional: about(true).all(|s| s.conditional),
            denied,
        })
    }
}

impl Granted {
    fn is_about(&self, action: &ActionPattern) -> bool {
        self.patterns.iter().any(|pattern| pattern.covers(action)) != self.inverted
    }

    fn is_unlimited(&self) -> bool {
        self.everywhere && !self.conditional
    }
}

struct Reader<'a> {
    doc: &'a Document,
}

impl Reader<'_> {
    fn error_at(&self, offset: u32, what: impl Into<String>, help: &str) -> PolicyError {
        let at = self.doc.source().position(offset);
        PolicyError { at, what: what.into(), why: WHY, help: help.to_owned() }
    }

    fn error(&self, node: NodeId, what: impl Into<String>, help: &str) -> PolicyError {
        self.error_at(self.doc.full_span(node).start, what, help)
    }

    fn statement(&self, statement: &Statement) -> Result<Granted, PolicyError> {
        let node = statement.node;
        if statement.opaque || !statement.within.is_empty() {
            return Err(self.error(
                node,
                "no statement",
                "write a map with `Effect`, `Action` and `Resource`",
            ));
        }
        let allow = match statement.effect {
            StatementEffect::Allow => true,
            StatementEffect::Deny => false,
            StatementEffect::Unknown => {
                return Err(self.error(
                    node,
                    "a statement whose `Effect` is neither Allow nor Deny",
                    "write `Allow` or `Deny`; IAM heeds the case",
                ));
            }
        };
        if let Some(name) =
            ["Principal", "NotPrincipal"].iter().find(|name| statement.not_elements.contains(name))
        {
            let help =
                "name a policy that is attached to an identity, not one of a resource or a role's trust";
            return Err(self.error(node, format!("a statement with `{name}`"), help));
        }
        let (actions, inverted) = self.either(node, "Action", "NotAction")?;
        let (resources, spared) = self.either(node, "Resource", "NotResource")?;
        let everywhere =
            !spared && resources.iter().any(|text| ResourcePattern::from_text(text).is_everything());
        let shown = |text: String| if spared { format!("not {text}") } else { text };
        Ok(Granted {
            allow,
            patterns: actions.iter().map(|action| ActionPattern::new(action)).collect(),
            inverted,
            everywhere,
            resources: if everywhere { Vec::new() } else { resources.into_iter().map(shown).collect() },
            conditional: statement.condition.is_some(),
        })
    }

    /// The texts of an element or of its inversion, of which a statement has exactly one.
    fn either(&self, node: NodeId, name: &str, inverse: &str) -> Result<(Vec<String>, bool), PolicyError> {
        let doc = self.doc;
        let (value, inverted) = match (doc.get(node, name), doc.get(node, inverse)) {
            (Some(value), None) => (value, false),
            (None, Some(value)) => (value, true),
            _ => {
                let what = format!("a statement with neither or both of `{name}` and `{inverse}`");
                return Err(self.error(node, what, "give exactly one of the two"));
            }
        };
        let value = doc.resolve(value);
        let items = if is_sequence(doc, value) { doc.items(value).collect() } else { vec![value] };
        let text = |item: NodeId| {
            let item = doc.resolve(item);
            // Intrinsics are tagged or maps: neither has a text that IAM would see.
            let text = doc.tag(item).is_none().then(|| doc.scalar(item)).flatten();
            text.map(str::to_owned).ok_or_else(|| {
                let help = "write the text that IAM sees; deployed policies hold no intrinsics";
                self.error(item, format!("`{name}` with something other than text"), help)
            })
        };
        Ok((items.into_iter().map(text).collect::<Result<_, _>>()?, inverted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<DeployerPolicy, PolicyError> {
        DeployerPolicy::read(Source::new("p.yaml", text.as_bytes().to_vec()).unwrap())
    }

    fn limited(resources: &[&str], conditional: bool, denied: bool) -> Holding {
        let resources = resources.iter().map(|&text| text.to_owned()).collect();
        Holding::Limited(Limits { resources, conditional, denied })
    }

    #[test]
    fn an_action_is_held_wholly_within_limits_or_not_at_all() {
        for (statements, expected) in [
            ("{ Effect: Allow, Action: 'iam:*', Resource: '*' }", Holding::Full),
            ("{ Effect: Allow, Action: IAM:createpolicy, Resource: ['*'] }", Holding::Full),
            ("{ Effect: Allow, NotAction: 's3:*', Resource: '*' }", Holding::Full),
            ("{ Effect: Allow, NotAction: ['iam:Create*'], Resource: '*' }", Holding::None),
            ("{ Effect: Allow, Action: 'iam:Get*', Resource: '*' }", Holding::None),
            ("{ Effect: Allow, Action: '*', Resource: 'arn:x' }", limited(&["arn:x"], false, false)),
            ("{ Effect: Allow, Action: '*', NotResource: 'arn:x' }", limited(&["not arn:x"], false, false)),
            ("{ Effect: Allow, Action: '*', Resource: '*', Condition: {} }", limited(&[], true, false)),
            (
                "[{ Effect: Allow, Action: '*', Resource: a }, { Effect: Allow, Action: '*', Resource: '*', Condition: {} }]",
                limited(&[], false, false),
            ),
            (
                "[{ Effect: Allow, Action: '*', Resource: '*' }, { Effect: Deny, Action: 'iam:C*', Resource: '*' }]",
                Holding::None,
            ),
            (
                "[{ Effect: Allow, Action: '*', Resource: '*' }, { Effect: Deny, NotAction: 's3:*', Resource: b }]",
                limited(&[], false, true),
            ),
            (
                "[{ Effect: Allow, Action: '*', Resource: '*' }, { Effect: Deny, Action: 's3:*', Resource: '*' }]",
                Holding::Full,
            ),
        ] {
            let policy = read(&format!("Statement: {statements}\n")).unwrap();
            assert_eq!(policy.holding("iam:CreatePolicy"), expected, "{statements}");
        }
    }

    #[test]
    fn a_document_may_stand_where_tools_print_it() {
        let document = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        for text in [
            document.to_owned(),
            format!(r#"{{"PolicyVersion": {{"Document": {document}, "IsDefaultVersion": true}}}}"#),
            format!(r#"{{"RoleName": "x", "PolicyDocument": {document}}}"#),
        ] {
            assert_eq!(read(&text).unwrap().holding("iam:CreatePolicy"), Holding::Full, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_at_its_place() {
        for (text, line, column, what) in [
            ("[]\n", 1, 1, "no policy document"),
            ("Version: x\n", 1, 1, "no policy document"),
            ("Statement:\n  - x\n", 2, 5, "no statement"),
            ("Statement:\n  - Effect: allow\n", 2, 5, "a statement whose `Effect` is neither"),
            ("Statement:\n  - Effect: Allow\n    Principal: '*'\n", 2, 5, "a statement with `Principal`"),
            ("Statement:\n  - Effect: Deny\n    Resource: '*'\n", 2, 5, "neither or both of `Action`"),
            (
                "Statement:\n  - Effect: Deny\n    Action: x\n    Resource: !Sub a\n",
                4,
                15,
                "`Resource` with something",
            ),
            ("Statement: []\nStatement: []\n", 2, 1, "the key `Statement` stands here twice"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.what.contains(what), "{text}: {error:?}");
            assert_eq!((error.at.line, error.at.column), (line, column), "{text}: {error:?}");
        }
    }
}

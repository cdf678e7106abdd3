//! What a connector generates, as text: its statements, or the properties of its permission or resource policy. Exactly as
//! the translator writes it, or as a person would. Refuses to know where it is written.

use super::super::spell;
use crate::analysis::Resolver;
use crate::catalog::{GrantKind, Profile, ValueSource};
use crate::syntax::Fragment;
use crate::template::{Connector, Expr, Reference, expression, parse_sub};
use std::collections::BTreeSet;

/// The version of the documents that SAM writes for connectors.
const VERSION: &str = "2012-10-17";

/// How resources are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As the translator does, so that the stack sees no change.
    Exact,
    /// By the shortest expression that means the same.
    Short,
}

/// One connector towards one of its destinations.
#[derive(Clone, Copy)]
pub(super) struct Generated<'r, 'c> {
    /// What expressions denote.
    pub(super) resolver: &'r Resolver<'c>,
    /// The connector.
    pub(super) connector: &'r Connector,
    /// The destination.
    pub(super) destination: &'r Reference,
    /// The profile.
    pub(super) profile: &'r Profile,
}

impl Generated<'_, '_> {
    /// The statements without the grants that are dropped, by their numbers, in the order of the profile. `None` if a value
    /// cannot be spelled.
    pub(super) fn statements(&self, dropped: &BTreeSet<usize>, style: Style) -> Option<Vec<Fragment>> {
        let mut out = Vec::new();
        let mut number = 0;
        for (category, forms) in &self.profile.permissions {
            if !self.connector.permissions.contains(category) {
                continue;
            }
            for form in forms {
                // Resources on which the same actions stay share a statement.
                let mut groups: Vec<(Vec<&str>, Vec<Fragment>)> = Vec::new();
                for text in &form.resources {
                    let mut actions = Vec::new();
                    for action in &form.actions {
                        if !dropped.contains(&number) {
                            actions.push(action.as_str());
                        }
                        number += 1;
                    }
                    let resource = self.text(text, style)?;
                    match groups.last_mut() {
                        _ if actions.is_empty() => {}
                        Some((known, resources)) if *known == actions => resources.push(resource),
                        _ => groups.push((actions, vec![resource])),
                    }
                }
                out.extend(groups.into_iter().map(|(actions, resources)| {
                    let actions = actions.into_iter().map(Fragment::scalar).collect();
                    let member = match style {
                        Style::Exact => Fragment::Sequence,
                        Style::Short => spell::one_or_list,
                    };
                    Fragment::map([
                        ("Effect", Fragment::scalar("Allow")),
                        ("Action", member(actions)),
                        ("Resource", member(resources)),
                    ])
                }));
            }
        }
        Some(out)
    }

    /// The properties of the resource that the connector generates, for a managed policy attached to `role`.
    pub(super) fn properties(
        &self,
        dropped: &BTreeSet<usize>,
        role: Option<Fragment>,
        style: Style,
    ) -> Option<Fragment> {
        match (&self.profile.resource_side, self.profile.kind) {
            (None, _) | (_, GrantKind::ManagedPolicy) => {
                let statements = self.statements(dropped, style)?;
                Some(Fragment::map([
                    ("PolicyDocument", document(statements)),
                    ("Roles", Fragment::list([role?])),
                ]))
            }
            (Some(side), GrantKind::LambdaPermission) => {
                let mut entries = vec![
                    ("Action", Fragment::scalar(self.action()?)),
                    ("FunctionName", self.value("Destination.Arn")?),
                    ("Principal", Fragment::scalar(side.principal.as_str())),
                    ("SourceArn", self.text(&side.source_arn, style)?),
                ];
                if side.source_account {
                    let account = match style {
                        Style::Exact => Fragment::intrinsic("Sub", Fragment::scalar("${AWS::AccountId}")),
                        Style::Short => Fragment::intrinsic("Ref", Fragment::scalar("AWS::AccountId")),
                    };
                    entries.push(("SourceAccount", account));
                }
                Some(Fragment::map(entries))
            }
            (Some(side), GrantKind::QueuePolicy | GrantKind::TopicPolicy) => {
                let from = Fragment::map([("aws:SourceArn", self.text(&side.source_arn, style)?)]);
                let statement = Fragment::map([
                    ("Effect", Fragment::scalar("Allow")),
                    ("Principal", Fragment::map([("Service", Fragment::scalar(side.principal.as_str()))])),
                    ("Action", Fragment::scalar(self.action()?)),
                    ("Resource", self.value("Destination.Arn")?),
                    ("Condition", Fragment::map([("ArnEquals", from)])),
                ]);
                let on = match self.profile.kind {
                    GrantKind::QueuePolicy => ("Queues", self.value("Destination.QueueUrl")?),
                    _ => ("Topics", self.value("Destination.Arn")?),
                };
                Some(Fragment::map([
                    ("PolicyDocument", document(vec![statement])),
                    (on.0, Fragment::list([on.1])),
                ]))
            }
        }
    }

    /// The one action of a resource-side profile.
    fn action(&self) -> Option<&str> {
        let forms = self.profile.permissions.iter().flat_map(|(_, forms)| forms);
        forms.flat_map(|form| &form.actions).next().map(String::as_str)
    }

    /// A text of the profile with the values of the connector's ends.
    pub(super) fn text(&self, text: &str, style: Style) -> Option<Fragment> {
        if let Some(name) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'))
            && name.contains('.')
            && !name.contains("${")
        {
            return self.value(name);
        }
        let names = placeholders(text);
        let simple = parse_sub(text, |name| self.expression(name));
        if style == Style::Short
            && let Some(fragment) = spell::expression(&simple)
        {
            return Some(fragment);
        }
        if names.is_empty() {
            return Some(Fragment::intrinsic("Sub", Fragment::scalar(text)));
        }
        // The translator calls a variable after the end and the property: `DestinationArn`.
        let mut spelled = text.to_owned();
        let mut values: Vec<(String, Fragment)> = Vec::new();
        for name in names {
            let variable = name.replace('.', "");
            spelled = spelled.replace(&format!("${{{name}}}"), &format!("${{{variable}}}"));
            if !values.iter().any(|(known, _)| *known == variable) {
                values.push((variable, self.value(&name)?));
            }
        }
        let list = [Fragment::scalar(spelled), Fragment::map(values)];
        Some(Fragment::intrinsic("Sub", Fragment::list(list)))
    }

    fn end(&self, side: &str) -> Option<&Reference> {
        match side {
            "Source" => Some(&self.connector.source),
            "Destination" => Some(self.destination),
            _ => None,
        }
    }

    /// The value of `Side.Property`.
    fn value(&self, name: &str) -> Option<Fragment> {
        let (side, property) = name.split_once('.')?;
        let end = self.end(side)?;
        if let Some(node) = end.fields.get(property) {
            return Some(spell::copied(self.resolver.doc, *node));
        }
        spell::expression(&self.expression(name)?)
    }

    /// The same as an expression; `None` for a name that is no `Side.Property`.
    fn expression(&self, name: &str) -> Option<Expr> {
        let (side, property) = name.split_once('.')?;
        let end = self.end(side)?;
        if let Some(node) = end.fields.get(property) {
            return Some(expression(self.resolver.doc, *node));
        }
        let id = end.id.as_deref()?;
        let kind = self.resolver.type_of(self.resolver.template.resource(id)?)?;
        Some(match kind.connector.get(property)? {
            ValueSource::Ref => Expr::Ref(id.to_owned()),
            ValueSource::Attribute(attribute) => Expr::Attribute(id.to_owned(), attribute.clone()),
            ValueSource::Literal(text) => Expr::Text(text.clone()),
        })
    }
}

/// A document of some statements.
pub(super) fn document(statements: Vec<Fragment>) -> Fragment {
    Fragment::map([("Version", Fragment::scalar(VERSION)), ("Statement", Fragment::Sequence(statements))])
}

/// The names `Side.Property` in a text of a profile, in order.
fn placeholders(text: &str) -> Vec<String> {
    let names = text.split("${").skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name));
    names.filter(|name| name.contains('.')).map(str::to_owned).collect()
}

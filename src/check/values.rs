//! The values that a property of a resource can have, merged with `Globals` and with `Fn::If` taken apart, and
//! whether they set off a trigger of the catalogue. Knows no property by name but `Events`.

use crate::catalog::Trigger;
use crate::syntax::{Document, NodeId, NodeKind};
use crate::template::{Expr, Merged, Resource, Template, call, expression};

/// What stands at a place, as far as triggers tell values apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// As if the property were not there.
    Nothing,
    /// Literal text.
    Text(String),
    /// Anything else.
    Other,
}

/// A template and the document it was read from.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) doc: &'a Document,
    pub(super) template: &'a Template,
}

impl View<'_> {
    /// What a property can be, one value per branch of `Fn::If`. The path has dots for nested properties, and `*` for
    /// every entry or item.
    pub(super) fn values(self, resource: &Resource, path: &str) -> Vec<Value> {
        let mut steps = path.split('.');
        let first = steps.next().and_then(|name| self.template.merged(self.doc, resource, name));
        let mut values = first.map(|value| self.branches(value)).unwrap_or_default();
        for step in steps {
            let below = values.iter().flat_map(|&value| self.step(value, step));
            values = below.flat_map(|value| self.branches(value)).collect();
        }
        values.into_iter().map(|value| self.value(value.first())).collect()
    }

    /// Whether a resource may have a property.
    pub(super) fn may_have(self, resource: &Resource, path: &str) -> bool {
        self.values(resource, path).iter().any(|value| *value != Value::Nothing)
    }

    /// Whether a trigger may go off for a resource: in doubt it does.
    pub(super) fn may_fire(self, resource: &Resource, trigger: &Trigger) -> bool {
        let watched = self.watched(resource, trigger);
        watched.values.iter().any(|value| watched.fires(value, true))
    }

    /// Whether a trigger goes off for a resource in every case: in doubt it does not.
    pub(super) fn surely_fires(self, resource: &Resource, trigger: &Trigger) -> bool {
        let watched = self.watched(resource, trigger);
        !watched.values.is_empty() && watched.values.iter().all(|value| watched.fires(value, false))
    }

    fn watched<'t>(self, resource: &Resource, trigger: &'t Trigger) -> Watched<'t> {
        match trigger {
            Trigger::Property { path, equals, other_than } => Watched {
                values: self.values(resource, path),
                equals: equals.as_deref(),
                other_than: other_than.as_deref(),
            },
            Trigger::Event(kind) => Watched {
                values: self.values(resource, "Events.*.Type"),
                equals: Some(kind),
                other_than: None,
            },
        }
    }

    fn step(self, value: Merged, step: &str) -> Vec<Merged> {
        match step {
            "*" => value.entries(self.doc),
            _ => value.get(self.doc, step).into_iter().collect(),
        }
    }

    /// A value, or the values that `Fn::If` chooses from. The parser bounds what a text comes to with its aliases
    /// expanded, and with it this list.
    fn branches(self, value: Merged) -> Vec<Merged> {
        let (mut open, mut found) = (vec![value], Vec::new());
        while let Some(value) = open.pop() {
            match call(self.doc, value.first()) {
                Some(choice) if choice.name == "Fn::If" => {
                    let both = self.doc.items(choice.argument).skip(1).take(2);
                    open.extend(both.map(|branch| Merged::single(self.doc, branch)));
                }
                _ => found.push(value),
            }
        }
        found
    }

    fn value(self, node: NodeId) -> Value {
        let doc = self.doc;
        if call(doc, node).is_some() {
            return if expression(doc, node) == Expr::NoValue { Value::Nothing } else { Value::Other };
        }
        match doc.node(node).kind {
            NodeKind::Empty => Value::Nothing,
            _ => match doc.scalar(node) {
                Some("" | "null" | "~") => Value::Nothing,
                Some(text) => Value::Text(text.to_owned()),
                None => Value::Other,
            },
        }
    }
}

/// The values that a trigger looks at, the only text that counts, and the one that does not.
struct Watched<'t> {
    values: Vec<Value>,
    equals: Option<&'t str>,
    other_than: Option<&'t str>,
}

impl Watched<'_> {
    /// Whether a value sets the trigger off; `doubt` decides where the text is not known.
    fn fires(&self, value: &Value, doubt: bool) -> bool {
        match value {
            Value::Nothing => false,
            Value::Text(text) => {
                self.equals.is_none_or(|wanted| wanted.eq_ignore_ascii_case(text))
                    && self.other_than.is_none_or(|spared| spared != text)
            }
            Value::Other => doubt || (self.equals.is_none() && self.other_than.is_none()),
        }
    }
}

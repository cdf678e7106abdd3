//! The `Conditions` section as formulas. Conditions made of others (`Fn::And`, `Fn::Or`, `Fn::Not`, `Condition`) are
//! expanded; all others are atoms under the name of the first condition that spells them or, failing that, their opposite.

use super::intrinsic::{call, canonical};
use crate::iam::Presence;
use crate::syntax::{Document, NodeId};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;

/// Largest formula that is expanded, in nodes; a larger one is an atom. Without a bound, conditions that each name the
/// one before twice would double at every step.
const MAX_FORMULA: usize = 64;

/// How many conditions are followed one through another; the next one is an atom. A template can name thousands in a row,
/// more than the stack holds.
const MAX_FOLLOWED: usize = 64;

/// The formula of every named condition.
pub(super) fn read(doc: &Document, section: Option<NodeId>) -> BTreeMap<String, Presence> {
    let Some(section) = section else { return BTreeMap::new() };
    let mut reader = Reader {
        doc,
        nodes: HashMap::new(),
        names: HashMap::new(),
        denied: HashMap::new(),
        known: HashMap::new(),
        open: HashSet::new(),
    };
    for (name, _, value) in doc.pairs(section) {
        reader.nodes.insert(name, value);
        reader.names.entry(canonical(doc, value)).or_insert(name);
        if let Some(operand) = negated(doc, value) {
            reader.denied.entry(canonical(doc, operand)).or_insert(name);
        }
    }
    doc.pairs(section).map(|(name, _, _)| (name.to_owned(), reader.named(name))).collect()
}

struct Reader<'d> {
    doc: &'d Document,
    nodes: HashMap<&'d str, NodeId>,
    names: HashMap<String, &'d str>,
    /// By the text of what a condition is the opposite of: its name.
    denied: HashMap<String, &'d str>,
    known: HashMap<String, Presence>,
    open: HashSet<String>,
}

impl Reader<'_> {
    /// A condition that refers to itself is an atom: CloudFormation refuses it, so any answer will do.
    fn named(&mut self, name: &str) -> Presence {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let Some(&node) = self.nodes.get(name) else { return Presence::atom(name) };
        if self.open.len() == MAX_FOLLOWED {
            // Known as an atom from here on, so that it is the same to whoever names it.
            self.known.insert(name.to_owned(), Presence::atom(name));
            return Presence::atom(name);
        }
        if !self.open.insert(name.to_owned()) {
            return Presence::atom(name);
        }
        let mut formula = self.formula(node);
        if formula.size() > MAX_FORMULA {
            formula = Presence::atom(name);
        }
        self.open.remove(name);
        self.known.insert(name.to_owned(), formula.clone());
        formula
    }

    fn formula(&mut self, node: NodeId) -> Presence {
        let doc = self.doc;
        let node = doc.resolve(node);
        if let Some(name) = condition_name(doc, node) {
            return self.named(&name);
        }
        if let Some(call) = call(doc, node) {
            let operands: Vec<NodeId> = doc.items(call.argument).collect();
            match (&*call.name, operands.as_slice()) {
                ("Fn::Not", &[operand]) => return self.formula(operand).negated(),
                ("Fn::And", [_, ..]) => {
                    return operands.into_iter().fold(Presence::Always, |p, n| p.and(self.formula(n)));
                }
                ("Fn::Or", [_, ..]) => {
                    return operands.into_iter().fold(Presence::Never, |p, n| p.or(self.formula(n)));
                }
                _ => {}
            }
        }
        let text = canonical(doc, node);
        match (self.names.get(&text), self.denied.get(&text)) {
            (Some(name), _) => Presence::atom(*name),
            (None, Some(name)) => Presence::atom(*name).negated(),
            (None, None) => Presence::atom(text),
        }
    }
}

/// What a condition is the opposite of.
fn negated(doc: &Document, condition: NodeId) -> Option<NodeId> {
    let call = call(doc, condition).filter(|call| call.name == "Fn::Not")?;
    let mut operands = doc.items(call.argument);
    operands.next().filter(|_| operands.next().is_none()).map(|operand| doc.resolve(operand))
}

/// The name in `!Condition X` or `{Condition: X}`.
fn condition_name(doc: &Document, node: NodeId) -> Option<String> {
    if let Some(call) = call(doc, node) {
        return (call.name == "Condition").then(|| doc.scalar(call.argument).map(str::to_owned)).flatten();
    }
    let mut pairs = doc.pairs(node);
    match (pairs.next(), pairs.next()) {
        (Some(("Condition", _, value)), None) => doc.scalar(doc.resolve(value)).map(str::to_owned),
        _ => None,
    }
}

//! Every shape that `Policies` can have: string, map, list, `Fn::If` as item, branch or whole; policy templates and
//! documents; statements as map or list. Says where each part is; refuses to know what it grants.

use super::intrinsic::{Expr, call, expression};
use super::{is_mapping, is_sequence};
use crate::syntax::{Document, NodeId, NodeKind};

/// One policy, or an `Fn::If` around two.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The value.
    pub node: NodeId,
    /// Position in the list below `Policies`; `None` where `Policies` is this one value, and for a branch.
    pub index: Option<usize>,
    /// What it is.
    pub kind: SlotKind,
}

/// What stands in a slot.
#[derive(Debug, Clone)]
pub enum SlotKind {
    /// A policy document.
    Document(PolicyDocument),
    /// A SAM policy template.
    Template {
        /// Its name.
        name: String,
        /// The mapping of its parameters.
        parameters: NodeId,
    },
    /// The name or ARN of a managed policy, or an intrinsic that SAM takes for one.
    Managed(Expr),
    /// `Fn::If` around two slots.
    If {
        /// Name of the condition.
        condition: String,
        /// When it holds.
        then: Box<Slot>,
        /// When it does not.
        otherwise: Box<Slot>,
    },
    /// Nothing: null, `AWS::NoValue`, an empty map.
    Empty,
    /// An intrinsic whose result is not in the template, where a document should be.
    Opaque,
    /// No shape that SAM accepts; says what is wrong.
    Malformed(String),
}

/// A policy document: a map with `Statement`.
#[derive(Debug, Clone)]
pub struct PolicyDocument {
    /// The value of `Statement`.
    pub statement_node: NodeId,
    /// Whether `Statement` is a list.
    pub list: bool,
    /// The statements.
    pub statements: Vec<Statement>,
}

/// Whether a statement allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementEffect {
    /// `Effect: Allow`.
    Allow,
    /// `Effect: Deny`.
    Deny,
    /// Missing, misspelled, or an intrinsic.
    Unknown,
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The value: a mapping, or something else where the statement is opaque.
    pub node: NodeId,
    /// Position in the list below `Statement`, `None` where `Statement` is this one value.
    pub index: Option<usize>,
    /// Allow or Deny.
    pub effect: StatementEffect,
    /// The elements of `Action`.
    pub actions: Option<ListValue>,
    /// The elements of `Resource`.
    pub resources: Option<ListValue>,
    /// The value of `Condition`.
    pub condition: Option<NodeId>,
    /// The value of `Principal`.
    pub principal: Option<NodeId>,
    /// Names of `NotAction`, `NotResource`, `Principal` and `NotPrincipal` that are present.
    pub not_elements: Vec<&'static str>,
    /// Enclosing `Fn::If`s of the list below `Statement`: condition and branch.
    pub within: Vec<(String, bool)>,
    /// Whether the statement is an intrinsic or otherwise of unknown content.
    pub opaque: bool,
    /// Whether it holds policy variables (`${aws:…}`) that are plain text, since its document has not the version that knows
    /// them (IAM documentation, "IAM JSON policy elements: Version").
    pub literal_variables: bool,
}

/// What a policy document consists of (IAM documentation, "Grammar of the IAM JSON policy language").
const OF_DOCUMENTS: [&str; 3] = ["Version", "Id", "Statement"];

/// What a statement consists of, by the same grammar.
const OF_STATEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// The version of policy documents from which on IAM knows policy variables.
const WITH_VARIABLES: &str = "2012-10-17";

/// The value of `Action` or `Resource`: one element or a list.
#[derive(Debug, Clone)]
pub struct ListValue {
    /// The whole value.
    pub node: NodeId,
    /// Whether it is a list.
    pub list: bool,
    /// The elements, aliases resolved.
    pub elements: Vec<NodeId>,
}

/// Whose `Policies` a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Of a SAM function or state machine: documents, policy templates, managed policies.
    Sam,
    /// Of a role: items `{PolicyName, PolicyDocument}`.
    Role,
}

/// The slots of a `Policies` value, in order.
pub fn policy_slots(doc: &Document, node: NodeId, shape: Shape) -> Vec<Slot> {
    let node = doc.resolve(node);
    if is_sequence(doc, node) && call(doc, node).is_none() {
        doc.items(node).enumerate().map(|(i, item)| slot(doc, item, Some(i), shape)).collect()
    } else {
        vec![slot(doc, node, None, shape)]
    }
}

fn slot(doc: &Document, node: NodeId, index: Option<usize>, shape: Shape) -> Slot {
    let node = doc.resolve(node);
    Slot { node, index, kind: kind(doc, node, shape) }
}

fn kind(doc: &Document, node: NodeId, shape: Shape) -> SlotKind {
    if let Some(found) = call(doc, node) {
        if found.name == "Fn::If" {
            return conditional(doc, found.argument, shape);
        }
        return match (expression(doc, node), shape) {
            (Expr::NoValue, _) => SlotKind::Empty,
            (expr, Shape::Sam) => SlotKind::Managed(expr),
            (_, Shape::Role) => SlotKind::Opaque,
        };
    }
    if shape == Shape::Role {
        return of_role(doc, node);
    }
    match doc.node(node).kind {
        NodeKind::Scalar(_) => match doc.scalar(node).unwrap_or_default() {
            "" | "null" | "~" => SlotKind::Empty,
            text => SlotKind::Managed(Expr::Text(text.to_owned())),
        },
        NodeKind::Mapping => mapping(doc, node),
        NodeKind::Empty => SlotKind::Empty,
        NodeKind::Sequence => SlotKind::Malformed("a list inside the list of policies".into()),
        NodeKind::Alias => SlotKind::Malformed("an alias without a target".into()),
    }
}

fn conditional(doc: &Document, argument: NodeId, shape: Shape) -> SlotKind {
    let items: Vec<NodeId> = doc.items(argument).collect();
    let parts = match items.as_slice() {
        &[condition, then, otherwise] => {
            doc.scalar(doc.resolve(condition)).map(|name| (name.to_owned(), then, otherwise))
        }
        _ => None,
    };
    match parts {
        Some((condition, then, otherwise)) => {
            let branches = [then, otherwise].map(|branch| Box::new(slot(doc, branch, None, shape)));
            let [then, otherwise] = branches;
            match (shape, sort(&then.kind), sort(&otherwise.kind)) {
                (Shape::Sam, Some(one), Some(other)) if one != other => SlotKind::Malformed(format!(
                    "an `Fn::If` of which one branch is {one} and the other {other}"
                )),
                _ => SlotKind::If { condition, then, otherwise },
            }
        }
        None => SlotKind::Malformed("`Fn::If` without a condition and two branches".into()),
    }
}

/// What SAM takes a policy for, in words; the branches of an `Fn::If` must be of one sort (SAM translator,
/// `resource_policies.py`). `None` for nothing, and for what SAM refuses anyway.
fn sort(kind: &SlotKind) -> Option<&'static str> {
    match kind {
        SlotKind::Document(_) => Some("a policy document"),
        SlotKind::Template { .. } => Some("a policy template"),
        SlotKind::Managed(_) => Some("a managed policy"),
        SlotKind::If { then, otherwise, .. } => sort(&then.kind).or_else(|| sort(&otherwise.kind)),
        SlotKind::Empty | SlotKind::Opaque | SlotKind::Malformed(_) => None,
    }
}

/// An inline policy of a role.
fn of_role(doc: &Document, node: NodeId) -> SlotKind {
    match doc.node(node).kind {
        NodeKind::Empty => SlotKind::Empty,
        NodeKind::Mapping => match doc.get(node, "PolicyDocument") {
            Some(document) => policy_document(doc, document),
            None => SlotKind::Malformed("an inline policy of a role without `PolicyDocument`".into()),
        },
        _ => SlotKind::Malformed("an inline policy of a role that is no map".into()),
    }
}

/// The value of a `PolicyDocument`: a document, or something that is not understood.
pub fn policy_document(doc: &Document, node: NodeId) -> SlotKind {
    let node = doc.resolve(node);
    if call(doc, node).is_some() || !is_mapping(doc, node) {
        return SlotKind::Opaque;
    }
    match doc.get(node, "Statement") {
        Some(_) if has_others(doc, node, &OF_DOCUMENTS) => SlotKind::Opaque,
        Some(statements) => SlotKind::Document(document(doc, node, doc.resolve(statements))),
        None => SlotKind::Malformed("a policy document without `Statement`".into()),
    }
}

/// Whether a mapping has other keys than these. What they mean is not known: `Fn::Transform` among them brings in what cannot be
/// seen here.
fn has_others(doc: &Document, node: NodeId, known: &[&str]) -> bool {
    doc.pairs(node).any(|(key, ..)| !known.contains(&key))
}

fn mapping(doc: &Document, node: NodeId) -> SlotKind {
    if let Some(statement_node) = doc.get(node, "Statement") {
        if has_others(doc, node, &OF_DOCUMENTS) {
            return SlotKind::Opaque;
        }
        return SlotKind::Document(document(doc, node, doc.resolve(statement_node)));
    }
    let mut pairs = doc.pairs(node);
    match (pairs.next(), pairs.next()) {
        (None, _) => SlotKind::Empty,
        (Some((name, _, parameters)), None) => {
            SlotKind::Template { name: name.to_owned(), parameters: doc.resolve(parameters) }
        }
        (Some((first, ..)), Some((second, ..))) => SlotKind::Malformed(format!(
            "a map with `{first}` and `{second}` is neither a policy document (it has no `Statement`) nor one policy template"
        )),
    }
}

fn document(doc: &Document, map: NodeId, node: NodeId) -> PolicyDocument {
    let list = is_sequence(doc, node) && call(doc, node).is_none();
    let mut statements = Vec::new();
    if list {
        for (i, item) in doc.items(node).enumerate() {
            collect(doc, item, Some(i), &[], &mut statements);
        }
    } else {
        collect(doc, node, None, &[], &mut statements);
    }
    let version = doc.get(map, "Version").and_then(|version| doc.scalar(doc.resolve(version)));
    if version != Some(WITH_VARIABLES) {
        for statement in &mut statements {
            statement.literal_variables = has_variables(doc, statement.node);
        }
    }
    PolicyDocument { statement_node: node, list, statements }
}

/// Whether some text below a node holds `${` once its intrinsics are evaluated.
fn has_variables(doc: &Document, node: NodeId) -> bool {
    let in_text = |expr: &Expr| matches!(expr, Expr::Text(text) if text.contains("${"));
    let mut open = vec![doc.resolve(node)];
    while let Some(node) = open.pop() {
        // The text of `Fn::Sub` is no text of its own.
        let found = match call(doc, node) {
            Some(call) if call.name == "Fn::Sub" => match expression(doc, node) {
                Expr::Concat(parts) => parts.iter().any(in_text),
                expr => in_text(&expr),
            },
            _ => {
                open.extend(doc.node(node).entries.iter().map(|entry| doc.resolve(entry.value)));
                doc.scalar(node).is_some_and(|text| text.contains('$') && text.contains("${"))
            }
        };
        if found {
            return true;
        }
    }
    false
}

/// Reads a statement, looking through `Fn::If`. The depth of nesting is bounded by that of the document.
fn collect(
    doc: &Document,
    node: NodeId,
    index: Option<usize>,
    within: &[(String, bool)],
    out: &mut Vec<Statement>,
) {
    let node = doc.resolve(node);
    let Some(found) = call(doc, node) else {
        out.push(statement(doc, node, index, within));
        return;
    };
    if expression(doc, node) == Expr::NoValue {
        return;
    }
    let items: Vec<NodeId> = doc.items(found.argument).collect();
    if let ("Fn::If", &[condition, then, otherwise]) = (&*found.name, items.as_slice())
        && let Some(name) = doc.scalar(doc.resolve(condition))
    {
        for (branch, holds) in [(then, true), (otherwise, false)] {
            let mut path = within.to_vec();
            path.push((name.to_owned(), holds));
            let branch = doc.resolve(branch);
            if is_sequence(doc, branch) && call(doc, branch).is_none() {
                for item in doc.items(branch) {
                    collect(doc, item, index, &path, out);
                }
            } else {
                collect(doc, branch, index, &path, out);
            }
        }
        return;
    }
    out.push(statement(doc, node, index, within));
}

fn statement(doc: &Document, node: NodeId, index: Option<usize>, within: &[(String, bool)]) -> Statement {
    let opaque = !is_mapping(doc, node) || call(doc, node).is_some() || has_others(doc, node, &OF_STATEMENTS);
    let field = |name: &str| if opaque { None } else { doc.get(node, name).map(|n| doc.resolve(n)) };
    let effect = match field("Effect").map(|n| expression(doc, n)) {
        Some(Expr::Text(text)) if text == "Allow" => StatementEffect::Allow,
        Some(Expr::Text(text)) if text == "Deny" => StatementEffect::Deny,
        _ => StatementEffect::Unknown,
    };
    let not_elements = ["NotAction", "NotResource", "Principal", "NotPrincipal"]
        .into_iter()
        .filter(|name| field(name).is_some())
        .collect();
    Statement {
        node,
        index,
        effect,
        actions: field("Action").map(|n| list_value(doc, n)),
        resources: field("Resource").map(|n| list_value(doc, n)),
        condition: field("Condition"),
        principal: field("Principal"),
        not_elements,
        within: within.to_vec(),
        opaque,
        literal_variables: false,
    }
}

fn list_value(doc: &Document, node: NodeId) -> ListValue {
    let list = is_sequence(doc, node) && call(doc, node).is_none();
    let elements = if list { doc.items(node).map(|item| doc.resolve(item)).collect() } else { vec![node] };
    ListValue { node, list, elements }
}

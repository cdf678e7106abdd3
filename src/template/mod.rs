//! A document seen as a SAM template: resources, conditions, intrinsics, the shapes of `Policies` and of connectors.
//! Says what is written where; refuses to know what a resource type or an action means.

mod complaint;
mod condition;
mod connector;
mod events;
mod intrinsic;
mod merged;
mod policies;
mod references;
#[cfg(test)]
mod tests;

pub use complaint::{Complaint, Malformed};
pub use connector::{Connector, ConnectorPlace, Reference};
pub use events::{Event, events};
pub use intrinsic::{Call, Expr, SubPart, as_read_by_sam, call, canonical, expression, parse_sub, sub_parts};
pub use merged::Merged;
pub use policies::{
    ListValue, PolicyDocument, Shape, Slot, SlotKind, Statement, StatementEffect, policy_document,
    policy_slots,
};
pub use references::{Site, Sites, references, sites, waited_for};

use crate::iam::Presence;
use crate::syntax::{Document, NodeId, NodeKind, ScalarStyle};
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// The macro that turns SAM resources into CloudFormation; without it in `Transform`, connectors mean nothing.
pub const SAM_TRANSFORM: &str = "AWS::Serverless-2016-10-31";

/// What every SAM resource type and the SAM transform start with.
pub const SAM_PREFIX: &str = "AWS::Serverless";

/// The only resource type that this program knows by name.
pub const CONNECTOR_TYPE: &str = "AWS::Serverless::Connector";

/// One entry of `Resources`.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Logical id.
    pub id: String,
    /// Position among the entries of `Resources`.
    pub index: usize,
    /// The value: a mapping.
    pub node: NodeId,
    /// `Type`; empty if it is missing or no string, or if not all of the resource is written here.
    pub type_name: String,
    /// The name in the `Condition` attribute.
    pub condition: Option<String>,
    /// The value of `Properties`, if it is a mapping.
    pub properties: Option<NodeId>,
}

/// The parts of a template that matter here. Holds node ids of the document it was made from and is of use with that
/// document only.
#[derive(Debug, Clone)]
pub struct Template {
    resources: Vec<Resource>,
    by_id: HashMap<String, usize>,
    resources_node: Option<NodeId>,
    conditions_node: Option<NodeId>,
    conditions: BTreeMap<String, Presence>,
    globals: Option<NodeId>,
    sam: bool,
    generated: bool,
}

impl Template {
    /// Reads the sections of a document. Never fails: what is not there or has another shape is simply absent.
    pub fn view(doc: &Document) -> Self {
        let root = doc.resolve(doc.root());
        let section = |key: &str| {
            doc.get(root, key).map(|node| doc.resolve(node)).filter(|&node| is_mapping(doc, node))
        };
        let resources_node = section("Resources");
        let mut generated = doc.get(root, "Fn::Transform").is_some();
        let mut resources = Vec::new();
        let mut by_id = HashMap::new();
        if let Some(node) = resources_node {
            for (index, id, _, value) in doc.indexed_pairs(node) {
                generated |= id.starts_with("Fn::") || id == "<<";
                let value = doc.resolve(value);
                if !is_mapping(doc, value) {
                    continue;
                }
                generated |= is_included(doc, value);
                by_id.insert(id.to_owned(), resources.len());
                resources.push(read_resource(doc, id, index, value));
            }
        }
        let conditions_node = section("Conditions");
        let transforms = transform_names(doc, root);
        Self {
            resources,
            by_id,
            resources_node,
            conditions_node,
            conditions: condition::read(doc, conditions_node),
            globals: section("Globals"),
            sam: transforms.iter().any(|name| name == SAM_TRANSFORM),
            generated: generated || transforms.iter().any(|name| !name.starts_with("AWS::")),
        }
    }

    /// Whether the SAM macro processes this template.
    pub fn is_sam(&self) -> bool {
        self.sam
    }

    /// Whether macros, loops or includes may add what cannot be seen here.
    pub fn has_generated_resources(&self) -> bool {
        self.generated
    }

    /// The resources in template order. Of two with one logical id both are listed, the last one is meant.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The position of a resource in [`Template::resources`].
    pub fn position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The resource with a logical id.
    pub fn resource(&self, id: &str) -> Option<&Resource> {
        self.position(id).map(|i| &self.resources[i])
    }

    /// The mapping below `Resources`.
    pub fn resources_node(&self) -> Option<NodeId> {
        self.resources_node
    }

    /// The mapping below `Conditions`.
    pub fn conditions_node(&self) -> Option<NodeId> {
        self.conditions_node
    }

    /// Named conditions and their formulas.
    pub fn conditions(&self) -> &BTreeMap<String, Presence> {
        &self.conditions
    }

    /// When a named condition holds; an undeclared one is an atom of its own.
    pub fn condition(&self, name: &str) -> Presence {
        self.conditions.get(name).cloned().unwrap_or_else(|| Presence::atom(name))
    }

    /// When all of some conditions are as they must be: names, and whether each must hold.
    pub fn all_of<'p>(&self, parts: impl IntoIterator<Item = &'p (String, bool)>) -> Presence {
        parts.into_iter().fold(Presence::Always, |presence, (name, holds)| {
            let condition = self.condition(name);
            presence.and(if *holds { condition } else { condition.negated() })
        })
    }

    /// When a resource exists.
    pub fn presence(&self, resource: &Resource) -> Presence {
        resource.condition.as_deref().map_or(Presence::Always, |name| self.condition(name))
    }

    /// Every connector of the template, in template order; malformed ones with the translator's complaint.
    pub fn connectors(&self, doc: &Document) -> Vec<Connector> {
        connector::read(doc, self)
    }

    /// The attributes `Connectors` that are no mappings, so that SAM refuses the template.
    pub fn connector_maps(&self, doc: &Document) -> Vec<Malformed> {
        connector::no_maps(doc, self)
    }
}

pub(crate) fn is_mapping(doc: &Document, node: NodeId) -> bool {
    matches!(doc.node(node).kind, NodeKind::Mapping)
}

pub(crate) fn is_sequence(doc: &Document, node: NodeId) -> bool {
    matches!(doc.node(node).kind, NodeKind::Sequence)
}

/// The text of a node that is a scalar without a CloudFormation tag.
pub(crate) fn plain_text(doc: &Document, node: NodeId) -> Option<&str> {
    let node = doc.resolve(node);
    match doc.tag(node) {
        Some(tag) if tag.starts_with('!') && !tag.starts_with("!!") => None,
        _ => doc.scalar(node),
    }
}

/// Whether a scalar is nothing in YAML 1.1, which the translator reads, or in JSON: empty, `~` or `null`.
pub(crate) fn is_nothing(doc: &Document, node: NodeId) -> bool {
    let node = doc.resolve(node);
    match doc.node(node).kind {
        NodeKind::Empty => true,
        NodeKind::Scalar(ScalarStyle::Plain) => {
            plain_text(doc, node).is_some_and(|text| ["~", "null", "Null", "NULL"].contains(&text))
        }
        _ => false,
    }
}

/// Whether a node is a string for the translator, which reads YAML 1.1: a scalar without a tag that is neither a boolean, a
/// number nor nothing.
pub(crate) fn is_string(doc: &Document, node: NodeId) -> bool {
    let node = doc.resolve(node);
    let Some(text) = plain_text(doc, node) else { return false };
    if doc.node(node).kind != NodeKind::Scalar(ScalarStyle::Plain) {
        return true;
    }
    const BOOLEANS: [&str; 6] = ["true", "false", "yes", "no", "on", "off"];
    // Capitals are meaningful: `yes`, `Yes` and `YES` are booleans, `yEs` is none.
    let capitals = text.chars().filter(char::is_ascii_uppercase).count();
    let one_case =
        capitals == 0 || capitals == text.len() || capitals == 1 && text.starts_with(char::is_uppercase);
    let boolean = one_case && BOOLEANS.iter().any(|word| text.eq_ignore_ascii_case(word));
    let digits =
        text.trim_start_matches(['+', '-']).trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    let number = text.contains(|c: char| c.is_ascii_digit()) && (digits.is_empty() || digits == ".");
    !(boolean || number || is_nothing(doc, node))
}

/// Whether a value is one text or one intrinsic without a choice. Where SAM puts values into policies, it puts any other there as it is:
/// a choice, a list, a mapping, or what YAML 1.1 reads as a number.
pub(crate) fn comes_to_text(doc: &Document, node: NodeId) -> bool {
    let node = doc.resolve(node);
    match call(doc, node) {
        // A tag before nothing is nothing to SAM.
        Some(_) if doc.node(node).kind == NodeKind::Empty => false,
        Some(_) => !matches!(expression(doc, node), Expr::If { .. } | Expr::NoValue),
        None => is_string(doc, node),
    }
}

fn read_resource(doc: &Document, id: &str, index: usize, node: NodeId) -> Resource {
    let text = |key: &str| doc.get(node, key).and_then(|n| plain_text(doc, n)).map(str::to_owned);
    let properties = doc.get(node, "Properties").map(|n| doc.resolve(n)).filter(|&n| is_mapping(doc, n));
    if is_included(doc, node) {
        return Resource {
            id: id.to_owned(),
            index,
            node,
            type_name: String::new(),
            condition: None,
            properties,
        };
    }
    Resource {
        id: id.to_owned(),
        index,
        node,
        type_name: text("Type").unwrap_or_default(),
        condition: text("Condition"),
        properties,
    }
}

/// Whether a part of a resource comes from elsewhere by `Fn::Transform`, so that what it is cannot be seen here.
fn is_included(doc: &Document, resource: NodeId) -> bool {
    let properties = doc.get(resource, "Properties").map(|node| doc.resolve(node));
    [Some(resource), properties].into_iter().flatten().any(|node| doc.get(node, "Fn::Transform").is_some())
}

fn transform_names(doc: &Document, root: NodeId) -> Vec<String> {
    let Some(node) = doc.get(root, "Transform").map(|n| doc.resolve(n)) else { return Vec::new() };
    let names: Vec<NodeId> = if is_sequence(doc, node) { doc.items(node).collect() } else { vec![node] };
    names
        .into_iter()
        .map(|name| match plain_text(doc, name) {
            Some(text) => text.to_owned(),
            None => doc
                .get(doc.resolve(name), "Name")
                .and_then(|n| plain_text(doc, n))
                .unwrap_or("Fn::Transform")
                .to_owned(),
        })
        .collect()
}

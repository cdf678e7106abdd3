//! Connectors as they are written: embedded and standalone, with their references. Refuses to know which connectors
//! exist and what they grant.

use super::complaint::{Complaint, Malformed};
use super::{
    CONNECTOR_TYPE, Resource, Template, call, is_mapping, is_nothing, is_sequence, is_string, plain_text,
};
use crate::syntax::{Document, NodeId};
use std::collections::{BTreeMap, BTreeSet};

/// What a connector can have below `Properties`, apart from `SourceReference`.
const PROPERTIES: &[&str] = &["Source", "Destination", "Permissions"];

/// Attributes of a connector that SAM copies to each resource that it generates, beside `Condition`.
const COPIED_ATTRIBUTES: &[&str] =
    &["DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy", "Metadata"];

/// Where a connector is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectorPlace {
    /// In the `Connectors` mapping of a resource.
    Embedded {
        /// Position of the source in [`Template::resources`].
        owner: usize,
        /// The `Connectors` mapping.
        map: NodeId,
        /// Position in it.
        index: usize,
    },
    /// A resource of its own, by its position in [`Template::resources`].
    Standalone(usize),
}

/// One end of a connector.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// The literal `Id`.
    pub id: Option<String>,
    /// The literal `Type` of a reference without `Id`.
    pub type_name: Option<String>,
    /// The mapping, where there is one.
    pub node: Option<NodeId>,
    /// All other fields (`Arn`, `RoleName`, `Name`, `ResourceId`, `Qualifier`, `QueueUrl`).
    pub fields: BTreeMap<String, NodeId>,
}

/// A connector.
#[derive(Debug, Clone)]
pub struct Connector {
    /// Logical id after the transform: `<Source><Key>` for an embedded one.
    pub id: String,
    /// Where it is written.
    pub place: ConnectorPlace,
    /// The mapping that holds `Properties`.
    pub node: NodeId,
    /// The source.
    pub source: Reference,
    /// The destinations.
    pub destinations: Vec<Reference>,
    /// Whether `Destination` is a list, which changes the ids of what it generates.
    pub destination_list: bool,
    /// Categories, as written.
    pub permissions: Vec<String>,
    /// The value of `Permissions`.
    pub permissions_node: Option<NodeId>,
    /// The name in its `Condition` attribute.
    pub condition: Option<String>,
    /// Attributes that SAM copies to what it generates, apart from the condition: names and values.
    pub attributes: Vec<(String, NodeId)>,
    /// What is wrong with how it is written, whatever it connects: the first thing that the translator finds.
    pub malformed: Option<Malformed>,
}

/// Every connector of the template in template order.
pub(super) fn read(doc: &Document, template: &Template) -> Vec<Connector> {
    let mut out = Vec::new();
    for (position, resource) in template.resources().iter().enumerate() {
        if resource.type_name == CONNECTOR_TYPE {
            out.push(standalone(doc, position, resource));
            continue;
        }
        let Some(map) = doc.get(resource.node, "Connectors").map(|n| doc.resolve(n)) else { continue };
        if !is_mapping(doc, map) {
            continue;
        }
        for (index, key, key_node, value) in doc.indexed_pairs(map) {
            let place = ConnectorPlace::Embedded { owner: position, map, index };
            out.push(embedded(doc, resource, (key, key_node), doc.resolve(value), place));
        }
    }
    collisions(template, &mut out);
    out
}

/// The attributes `Connectors` that hold none, since they are no mappings.
pub(super) fn no_maps(doc: &Document, template: &Template) -> Vec<Malformed> {
    let attribute = |resource: &Resource| {
        let node = doc.get(resource.node, "Connectors").map(|n| doc.resolve(n))?;
        let complaint = Complaint::ConnectorsNotAMap(resource.id.clone());
        (!is_dict(doc, node)).then_some(Malformed { complaint, node })
    };
    let resources = template.resources().iter().filter(|resource| resource.type_name != CONNECTOR_TYPE);
    resources.filter_map(attribute).collect()
}

/// An embedded connector becomes a resource; where one of that id is there SAM refuses it, and of two embedded ones of one
/// id the last stays.
fn collisions(template: &Template, connectors: &mut [Connector]) {
    let mut later: BTreeSet<String> = BTreeSet::new();
    for connector in connectors.iter_mut().rev() {
        let ConnectorPlace::Embedded { owner, .. } = connector.place else { continue };
        if template.position(&connector.id).is_some() {
            let owner = template.resources()[owner].id.clone();
            let complaint = Complaint::Taken(owner, connector.id.clone(), CONNECTOR_TYPE.to_owned());
            connector.complain(complaint, connector.node);
        } else if !later.insert(connector.id.clone()) {
            connector.complain(Complaint::Replaced(connector.id.clone()), connector.node);
        }
    }
}

fn standalone(doc: &Document, position: usize, resource: &Resource) -> Connector {
    let id = resource.id.clone();
    let mut connector = base(doc, id, resource.node, ConnectorPlace::Standalone(position));
    match doc.get(resource.node, "Properties").map(|n| doc.resolve(n)) {
        Some(properties) if !is_dict(doc, properties) => {
            connector.complain(Complaint::PropertiesNotAnObject, properties);
        }
        properties => connector.fill(doc, properties, false),
    }
    connector
}

fn embedded(
    doc: &Document,
    owner: &Resource,
    (key, key_node): (&str, NodeId),
    node: NodeId,
    place: ConnectorPlace,
) -> Connector {
    let mut connector = base(doc, format!("{}{key}", owner.id), node, place);
    // SAM overwrites a `Source` written inside an embedded connector, so the owner is the source whatever it says.
    connector.source = Reference { id: Some(owner.id.clone()), ..Reference::default() };
    if !is_string(doc, key_node) {
        connector.complain(Complaint::KeyNotText(key.to_owned()), key_node);
    }
    if !is_dict(doc, node) {
        connector.complain(Complaint::NotAMap(owner.id.clone(), connector.id.clone()), node);
        return connector;
    }
    let properties = doc.get(node, "Properties").map(|n| doc.resolve(n));
    let Some(properties) = properties.filter(|&n| is_dict(doc, n)) else {
        let path = format!("Connectors.{key}.Properties");
        connector.complain(Complaint::PropertiesNotAMap(path, true), properties.unwrap_or(node));
        return connector;
    };
    if let Some(more) = doc.get(properties, "SourceReference").map(|n| doc.resolve(n)) {
        if !is_dict(doc, more) {
            let path = format!("Connectors.{key}.Properties.SourceReference");
            connector.complain(Complaint::PropertiesNotAMap(path, false), more);
        }
        for (field, _, value) in doc.pairs(more) {
            match field {
                "Id" => connector.complain(Complaint::IdInSourceReference, value),
                "Qualifier" => {
                    connector.source.fields.insert(field.to_owned(), value);
                }
                _ => connector.complain(Complaint::IdOrFields, more),
            }
        }
    }
    connector.fill(doc, Some(properties), true);
    connector
}

fn base(doc: &Document, id: String, node: NodeId, place: ConnectorPlace) -> Connector {
    Connector {
        id,
        place,
        node,
        source: Reference::default(),
        destinations: Vec::new(),
        destination_list: false,
        permissions: Vec::new(),
        permissions_node: None,
        condition: doc.get(node, "Condition").and_then(|n| plain_text(doc, n)).map(str::to_owned),
        attributes: doc
            .pairs(node)
            .filter(|(name, ..)| COPIED_ATTRIBUTES.contains(name))
            .map(|(name, _, value)| (name.to_owned(), value))
            .collect(),
        malformed: None,
    }
}

impl Connector {
    /// The first complaint stays: it is the one that the translator reports.
    fn complain(&mut self, complaint: Complaint, node: NodeId) {
        self.malformed.get_or_insert(Malformed { complaint, node });
    }

    /// Reads the properties in the order in which the translator checks them: names, types, references.
    fn fill(&mut self, doc: &Document, properties: Option<NodeId>, embedded: bool) {
        if !self.id.chars().all(|c| c.is_ascii_alphanumeric()) {
            self.complain(Complaint::NotAlphanumeric(self.id.clone()), self.node);
        }
        let of = properties.unwrap_or(self.node);
        for (name, key, _) in properties.into_iter().flat_map(|node| doc.pairs(node)) {
            let known = PROPERTIES.contains(&name) || embedded && name == "SourceReference";
            if !known {
                self.complain(Complaint::UnknownProperty(name.to_owned()), key);
            }
        }
        let value = |name: &'static str| {
            let node = properties.and_then(|node| doc.get(node, name)).map(|node| doc.resolve(node));
            node.filter(|&node| !is_null(doc, node))
        };
        let source = if embedded { None } else { self.required("Source", value("Source"), of) };
        let source = source.filter(|&node| self.dict(doc, "Source", node));
        let destination = self.required("Destination", value("Destination"), of);
        let mut destinations = Vec::new();
        if let Some(list) = destination.filter(|&node| is_list(doc, node)) {
            self.destination_list = true;
            destinations.extend(doc.items(list).map(|node| doc.resolve(node)));
            if destinations.is_empty() {
                self.complain(Complaint::NoDestination, list);
            }
        } else {
            destinations.extend(destination);
        }
        destinations.retain(|&node| self.dict(doc, "Destination", node));
        if let Some(node) = self.required("Permissions", value("Permissions"), of) {
            self.permissions(doc, node);
        }
        for node in destinations {
            let read = reference(doc, node).unwrap_or_else(|wrong| {
                self.complain(wrong.complaint, wrong.node);
                Reference::default()
            });
            self.destinations.push(read);
        }
        match source.map(|node| reference(doc, node)) {
            Some(Ok(read)) => self.source = read,
            Some(Err(wrong)) => self.complain(wrong.complaint, wrong.node),
            None => {}
        }
    }

    fn required(&mut self, name: &'static str, value: Option<NodeId>, of: NodeId) -> Option<NodeId> {
        if value.is_none() {
            self.complain(Complaint::MissingProperty(name), of);
        }
        value
    }

    fn dict(&mut self, doc: &Document, name: &'static str, node: NodeId) -> bool {
        let fits = is_dict(doc, node);
        if !fits {
            self.complain(Complaint::WrongType(name), node);
        }
        fits
    }

    fn permissions(&mut self, doc: &Document, node: NodeId) {
        if !is_list(doc, node) {
            return self.complain(Complaint::WrongType("Permissions"), node);
        }
        self.permissions_node = Some(node);
        for item in doc.items(node) {
            match plain_text(doc, item) {
                Some(text) if is_string(doc, item) => self.permissions.push(text.to_owned()),
                _ => self.complain(Complaint::WrongType("Permissions"), item),
            }
        }
    }
}

/// Whether the translator sees a mapping: one that is written so, or a function, whose short form is a mapping of one key.
fn is_dict(doc: &Document, node: NodeId) -> bool {
    call(doc, node).is_some() || is_mapping(doc, node)
}

fn is_list(doc: &Document, node: NodeId) -> bool {
    call(doc, node).is_none() && is_sequence(doc, node)
}

fn is_null(doc: &Document, node: NodeId) -> bool {
    !is_dict(doc, node) && !is_sequence(doc, node) && !is_string(doc, node) && is_nothing(doc, node)
}

fn reference(doc: &Document, node: NodeId) -> Result<Reference, Malformed> {
    let wrong = |complaint, node| Err(Malformed { complaint, node });
    if call(doc, node).is_some() {
        // The translator looks for fields and finds the name of the function.
        return wrong(Complaint::NoType, node);
    }
    let id = doc.get(node, "Id").map(|node| doc.resolve(node));
    let other = doc.pairs(node).any(|(field, ..)| !["Id", "Qualifier"].contains(&field));
    if id.is_some() == other {
        return wrong(Complaint::IdOrFields, node);
    }
    let mut read = Reference { node: Some(node), ..Reference::default() };
    for (field, _, value) in doc.pairs(node) {
        match field {
            "Id" => {}
            "Type" => read.type_name = plain_text(doc, value).filter(|t| !t.is_empty()).map(str::to_owned),
            _ => {
                read.fields.insert(field.to_owned(), value);
            }
        }
    }
    // An empty `Id` is none.
    let id = id.filter(|&node| !is_null(doc, node) && plain_text(doc, node) != Some(""));
    match id {
        Some(node) => match plain_text(doc, node).filter(|_| is_string(doc, node)) {
            Some(id) => read.id = Some(id.to_owned()),
            None => return wrong(Complaint::IdNotText, node),
        },
        None if read.type_name.is_none() => return wrong(Complaint::NoType, node),
        None => {}
    }
    Ok(read)
}

//! Connectors as they are written: embedded and standalone, with their references. Refuses to know which connectors
//! exist and what they grant.

use super::{CONNECTOR_TYPE, Resource, Template, is_mapping, is_sequence, plain_text};
use crate::syntax::{Document, NodeId};
use std::collections::BTreeMap;

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
    /// What is wrong with it, in the translator's terms.
    pub malformed: Option<String>,
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
        for (index, (key, key_node, value)) in doc.pairs(map).enumerate() {
            let place = ConnectorPlace::Embedded { owner: position, map, index };
            let mut connector = embedded(doc, resource, key, doc.resolve(value), place);
            if !doc.is_text(key_node) {
                complain(
                    &mut connector,
                    "The key of a connector must be text, and YAML reads this one as something else.",
                );
            } else if !key.chars().all(|c| c.is_ascii_alphanumeric()) {
                complain(&mut connector, "Logical ids must be alphanumeric.");
            }
            out.push(connector);
        }
    }
    out
}

fn standalone(doc: &Document, position: usize, resource: &Resource) -> Connector {
    let source = resource.properties.and_then(|p| doc.get(p, "Source"));
    let mut connector = base(doc, resource.id.clone(), resource.node, ConnectorPlace::Standalone(position));
    match source.map(|n| reference(doc, n)) {
        Some(Ok(source)) => connector.source = source,
        Some(Err(complaint)) => complain(&mut connector, &complaint),
        None => complain(&mut connector, "Missing required property 'Source'."),
    }
    connector
}

fn embedded(doc: &Document, owner: &Resource, key: &str, node: NodeId, place: ConnectorPlace) -> Connector {
    let mut connector = base(doc, format!("{}{key}", owner.id), node, place);
    // SAM overwrites a `Source` written inside an embedded connector, so the owner is the source whatever it says.
    connector.source = Reference { id: Some(owner.id.clone()), ..Reference::default() };
    let properties = doc.get(node, "Properties").map(|n| doc.resolve(n));
    if let Some(more) = properties.and_then(|p| doc.get(p, "SourceReference")).map(|n| doc.resolve(n)) {
        for (field, _, value) in doc.pairs(more) {
            connector.source.fields.insert(field.to_owned(), value);
        }
    }
    connector
}

fn base(doc: &Document, id: String, node: NodeId, place: ConnectorPlace) -> Connector {
    let mut connector = Connector {
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
    };
    let Some(properties) =
        doc.get(node, "Properties").map(|n| doc.resolve(n)).filter(|&n| is_mapping(doc, n))
    else {
        complain(&mut connector, "Attribute 'Properties' should be a map.");
        return connector;
    };
    match doc.get(properties, "Destination").map(|n| doc.resolve(n)) {
        None => complain(&mut connector, "Missing required property 'Destination'."),
        Some(list) if is_sequence(doc, list) && doc.tag(list).is_none() => {
            connector.destination_list = true;
            let references: Vec<NodeId> = doc.items(list).collect();
            if references.is_empty() {
                complain(&mut connector, "'Destination' is an empty list.");
            }
            for node in references {
                add_destination(doc, &mut connector, node);
            }
        }
        Some(node) => add_destination(doc, &mut connector, node),
    }
    match doc.get(properties, "Permissions").map(|n| doc.resolve(n)) {
        None => complain(&mut connector, "Missing required property 'Permissions'."),
        Some(node) if is_sequence(doc, node) => {
            connector.permissions_node = Some(node);
            for item in doc.items(node) {
                match plain_text(doc, item) {
                    Some(text) => connector.permissions.push(text.to_owned()),
                    None => complain(&mut connector, "Type of property 'Permissions' is invalid."),
                }
            }
        }
        Some(_) => complain(&mut connector, "Type of property 'Permissions' is invalid."),
    }
    connector
}

fn add_destination(doc: &Document, connector: &mut Connector, node: NodeId) {
    match reference(doc, node) {
        Ok(reference) => connector.destinations.push(reference),
        Err(complaint) => complain(connector, &complaint),
    }
}

fn complain(connector: &mut Connector, complaint: &str) {
    connector.malformed.get_or_insert_with(|| complaint.to_owned());
}

fn reference(doc: &Document, node: NodeId) -> Result<Reference, String> {
    let node = doc.resolve(node);
    if !is_mapping(doc, node) || doc.tag(node).is_some() {
        return Err("'Type' is missing or not a string.".into());
    }
    let mut reference = Reference::default();
    for (field, _, value) in doc.pairs(node) {
        match field {
            "Id" => {
                let id = plain_text(doc, value).ok_or("'Id' is missing or not a string.")?;
                reference.id = Some(id.to_owned());
            }
            "Type" => reference.type_name = plain_text(doc, value).map(str::to_owned),
            _ => {
                reference.fields.insert(field.to_owned(), value);
            }
        }
    }
    if reference.id.is_none() && reference.type_name.is_none() {
        return Err("'Type' is missing or not a string.".into());
    }
    if reference.id.is_some() && reference.fields.keys().any(|field| field != "Qualifier") {
        return Err(
            "Must provide 'Id' (with optional 'Qualifier') or a supported combination of other properties."
                .into(),
        );
    }
    Ok(reference)
}

//! The named events of a resource, as they are written. Refuses to know what any kind of event means.

use super::Resource;
use crate::syntax::{Document, NodeId};

/// One entry of `Events`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'d> {
    /// Its key.
    pub name: &'d str,
    /// Its value.
    pub node: NodeId,
    /// `Type`, if it is a string.
    pub kind: Option<&'d str>,
    /// The value of `Properties`.
    pub properties: Option<NodeId>,
}

/// The events of a resource in the order of the text; none where `Events` is no mapping.
pub fn events<'d>(doc: &'d Document, resource: &Resource) -> impl Iterator<Item = Event<'d>> + use<'d> {
    let map = resource.properties.and_then(|properties| doc.get(properties, "Events"));
    map.into_iter().flat_map(|map| doc.pairs(doc.resolve(map))).map(|(name, _, value)| {
        let node = doc.resolve(value);
        let value = |key| doc.get(node, key).map(|value| doc.resolve(value));
        Event {
            name,
            node,
            kind: value("Type").and_then(|kind| doc.scalar(kind)),
            properties: value("Properties"),
        }
    })
}

//! Properties as SAM merges them: what a resource says itself and what the section `Globals` says for its type. Knows the rules
//! of merging (`samtranslator/plugins/globals/globals.py`); refuses to know what a property is for.

use super::{Resource, SAM_PREFIX, Template, call, is_mapping, is_sequence};
use crate::syntax::{Document, NodeId};

/// The resource attribute that names the properties for which `Globals` does not count, or `*` for all.
const IGNORE_GLOBALS: &str = "IgnoreGlobals";

/// A value of which `Globals` may hold a part. Invariant: where both parts are there, both are mappings, whose keys are merged,
/// or both are lists, which are put together; of everything else the resource's own part is the only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    first: NodeId,
    global: Option<NodeId>,
}

impl Merged {
    /// A value that stands in one place.
    pub fn single(doc: &Document, node: NodeId) -> Self {
        Self { first: doc.resolve(node), global: None }
    }

    fn of(doc: &Document, own: Option<NodeId>, global: Option<NodeId>) -> Option<Self> {
        let (own, global) = (own.map(|n| doc.resolve(n)), global.map(|n| doc.resolve(n)));
        let plain = |node: NodeId| call(doc, node).is_none();
        let alike = |own: NodeId, global: NodeId| {
            let maps = is_mapping(doc, own) && is_mapping(doc, global);
            (maps || is_sequence(doc, own) && is_sequence(doc, global)) && plain(own) && plain(global)
        };
        match (own, global) {
            (Some(own), Some(global)) if alike(own, global) => {
                Some(Self { first: own, global: Some(global) })
            }
            (Some(first), _) | (None, Some(first)) => Some(Self { first, global: None }),
            (None, None) => None,
        }
    }

    /// The node that counts where there is but one: the resource's own, or that of `Globals`.
    pub fn first(self) -> NodeId {
        self.first
    }

    /// The nodes that make up the value, the resource's own first.
    pub fn nodes(self) -> impl Iterator<Item = NodeId> {
        [Some(self.first), self.global].into_iter().flatten()
    }

    /// The value under a key.
    pub fn get(self, doc: &Document, key: &str) -> Option<Self> {
        Self::of(doc, doc.get(self.first, key), self.global.and_then(|global| doc.get(global, key)))
    }

    /// Every entry of a mapping, or every item of a list; nothing for everything else.
    pub fn entries(self, doc: &Document) -> Vec<Self> {
        if is_sequence(doc, self.first) {
            return self
                .nodes()
                .flat_map(|list| doc.items(list))
                .map(|item| Self::single(doc, item))
                .collect();
        }
        let mut keys: Vec<&str> = self.nodes().flat_map(|map| doc.pairs(map)).map(|(key, ..)| key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().filter_map(|key| self.get(doc, key)).collect()
    }
}

impl Template {
    /// A property of a resource, merged with what the section of `Globals` for its SAM type has under that name
    /// (`AWS::Serverless::Function` → `Globals.Function`).
    pub fn merged(&self, doc: &Document, resource: &Resource, name: &str) -> Option<Merged> {
        let own = resource.properties.and_then(|properties| doc.get(properties, name));
        Merged::of(doc, own, self.global(doc, resource, name))
    }

    /// The same where only one place can hold it: the resource's own, else that of `Globals`.
    pub fn property(&self, doc: &Document, resource: &Resource, name: &str) -> Option<NodeId> {
        self.merged(doc, resource, name).map(Merged::first)
    }

    /// The values of the section of `Globals` for a resource's SAM type that count for it.
    pub fn globals_of(&self, doc: &Document, resource: &Resource) -> Vec<NodeId> {
        let section = resource.type_name.strip_prefix(SAM_PREFIX).and_then(|name| name.strip_prefix("::"));
        let section = section.and_then(|name| self.globals_section(doc, name));
        let names = section.into_iter().flat_map(|section| doc.pairs(section)).map(|(name, ..)| name);
        let global = names.filter_map(|name| {
            let value = self.merged(doc, resource, name)?;
            let own = resource.properties.and_then(|properties| doc.get(properties, name));
            if own.is_none() { Some(value.first) } else { value.global }
        });
        global.collect()
    }

    /// A section of `Globals`.
    pub fn globals_section(&self, doc: &Document, name: &str) -> Option<NodeId> {
        doc.get(self.globals?, name).map(|node| doc.resolve(node))
    }

    fn global(&self, doc: &Document, resource: &Resource, name: &str) -> Option<NodeId> {
        let section = resource.type_name.strip_prefix(SAM_PREFIX)?.strip_prefix("::")?;
        let section = self.globals_section(doc, section)?;
        let ignored =
            doc.get(resource.node, IGNORE_GLOBALS).map(|node| doc.resolve(node)).is_some_and(|node| {
                let named = |item| doc.scalar(doc.resolve(item)) == Some(name);
                doc.scalar(node) == Some("*") || doc.items(node).any(named)
            });
        if ignored { None } else { doc.get(section, name) }
    }
}

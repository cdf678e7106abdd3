//! The resources that an event of a resource makes refer to it, by what SAM writes into them or by what it adds for them.

use super::resolve::Resolver;
use crate::syntax::NodeId;
use crate::template::{Resource, events};

/// Something that comes to need the resource whose event it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependent<'a> {
    /// The name of the event.
    pub event: &'a str,
    /// What it is.
    pub what: DependentKind<'a>,
}

/// What comes to need the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DependentKind<'a> {
    /// What a value of the event refers to.
    Named(NodeId),
    /// A resource that SAM adds under this logical id, with the section of `Globals` that holds its properties.
    Added(&'a str, Option<NodeId>),
}

/// What the events of a resource make depend on it, in the order of the text.
pub fn dependents<'a>(
    resolver: &'a Resolver<'_>,
    resource: &Resource,
) -> impl Iterator<Item = Dependent<'a>> + use<'a> {
    let kind = resolver.type_of(resource);
    events(resolver.doc, resource).filter_map(move |event| {
        let (kind, type_name) = (kind?, event.kind?);
        let property = kind.event_dependents.get(type_name);
        let named = property.and_then(|property| resolver.doc.get(event.properties?, property));
        let what = match named {
            Some(value) => DependentKind::Named(value),
            None => {
                let id = kind.implicit_dependents.get(type_name)?;
                DependentKind::Added(id, resolver.template.globals_section(resolver.doc, type_name))
            }
        };
        Some(Dependent { event: event.name, what })
    })
}

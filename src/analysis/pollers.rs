//! Which functions poll which event sources: by an event of a SAM function or by an event source mapping. Says how they are
//! joined, since a connector makes only some mappings wait for its policy.

use super::resolve::Resolver;
use crate::catalog::Bearing;
use crate::template::{Expr, call, events, expression, references};

/// A function that polls a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Poller {
    /// Position of the source.
    pub source: usize,
    /// Position of the function.
    pub function: usize,
    /// Position of the event source mapping; `None` for an event of the function.
    pub mapping: Option<usize>,
    /// Whether both are named by `Ref` or `Fn::GetAtt`, as SAM needs it to let the mapping wait for a connector's policy.
    pub plain: bool,
}

impl Poller {
    /// What can be told to wait so that polling begins later: the mapping, or the function of an event.
    pub fn waiting(&self) -> usize {
        self.mapping.unwrap_or(self.function)
    }
}

/// Every pair of source and function in template order.
pub(super) fn read(resolver: &Resolver<'_>) -> Vec<Poller> {
    let (doc, template) = (resolver.doc, resolver.template);
    let mut out = Vec::new();
    // SAM compares the intrinsics as they are written, so `Fn::Sub` of the same is another thing to it, and so is the alias
    // that `Ref: Function.Alias` leads to.
    let is_plain = |node| {
        let written = call(doc, node).is_some_and(|found| ["Ref", "Fn::GetAtt"].contains(&&*found.name));
        let named = matches!(expression(doc, node), Expr::Ref(id) | Expr::Attribute(id, _) if template.position(&id).is_some());
        written && named
    };
    for (position, resource) in template.resources().iter().enumerate() {
        let Some(kind) = resolver.type_of(resource) else { continue };
        for event in events(doc, resource) {
            let property = event.kind.and_then(|name| kind.event_sources.get(name));
            let Some(node) = property.zip(event.properties).and_then(|(name, map)| doc.get(map, name)) else {
                continue;
            };
            let plain = is_plain(node)
                && kind
                    .alias_property
                    .as_deref()
                    .is_none_or(|p| template.property(doc, resource, p).is_none());
            let sources = references(doc, node).into_iter().filter_map(|id| template.position(&id));
            out.extend(sources.map(|source| Poller { source, function: position, mapping: None, plain }));
        }
        let Some(Bearing::EventSourceMapping { function, source }) = &kind.bears else { continue };
        let property = |name: &str| resource.properties.and_then(|p| doc.get(p, name));
        let (Some(function), Some(source)) = (property(function), property(source)) else { continue };
        let plain = is_plain(function) && is_plain(source);
        let positions = |node| {
            references(doc, node).into_iter().filter_map(|id| template.position(&id)).collect::<Vec<_>>()
        };
        for function in positions(function) {
            for source in positions(source) {
                out.push(Poller { source, function, mapping: Some(position), plain });
            }
        }
    }
    out
}

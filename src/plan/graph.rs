//! Which resources need which others before CloudFormation can make them, generated roles and connectors included. Decides
//! whether something can be reached; refuses to know why anybody asks.

use crate::analysis::{Analysis, Resolver, Role};
use crate::syntax::NodeId;
use crate::template::references;
use std::collections::{BTreeMap, BTreeSet};

/// Logical ids, each with those that it needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    needs: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// The graph of a template: what is written, and what SAM makes of it as far as it joins resources of the template.
    pub(super) fn of(resolver: &Resolver<'_>, analysis: &Analysis) -> Self {
        let (doc, template) = (resolver.doc, resolver.template);
        let mut graph = Self::default();
        for resource in template.resources() {
            let own = own_needs(resolver, resource.node);
            graph.needs.entry(resource.id.clone()).or_default().extend(own);
            let Some(kind) = resolver.type_of(resource) else { continue };
            let events = resource.properties.and_then(|p| doc.get(p, "Events")).map(|n| doc.resolve(n));
            for (_, _, event) in events.into_iter().flat_map(|map| doc.pairs(map)) {
                let event = doc.resolve(event);
                let named = doc.get(event, "Type").and_then(|n| doc.scalar(doc.resolve(n)));
                let property = named.and_then(|name| kind.event_dependents.get(name));
                let properties = doc.get(event, "Properties").map(|n| doc.resolve(n));
                let Some((property, properties)) = property.zip(properties) else { continue };
                let Some(value) = doc.get(properties, property) else { continue };
                for dependent in references(doc, value) {
                    graph.add(&dependent, &resource.id);
                }
            }
        }
        for principal in &analysis.principals {
            let Role::Generated(position) = principal.role else { continue };
            let resource = &template.resources()[position];
            graph.add(&resource.id, &principal.name);
            let property =
                resolver.type_of(resource).and_then(|kind| kind.principal.as_ref()?.policies.as_deref());
            let policies = property.and_then(|name| doc.get(resource.properties?, name));
            for needed in policies.map(|node| references(doc, node)).unwrap_or_default() {
                graph.add(&principal.name, &needed);
            }
        }
        for view in &analysis.connectors {
            let connector = &view.connector;
            let ends = view.source.iter().chain(view.destinations.iter().flatten());
            for end in ends {
                graph.add(&connector.id, &template.resources()[*end].id);
            }
            for part in &view.parts {
                graph.add(&connector.id, &part.holder);
            }
        }
        graph
    }

    /// Lets one id need another.
    pub(super) fn add(&mut self, from: &str, to: &str) {
        self.needs.entry(from.to_owned()).or_default().insert(to.to_owned());
    }

    /// Whether `from` needs `to`, at once or through others; everything needs itself.
    pub(super) fn reaches(&self, from: &str, to: &str) -> bool {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut queue = vec![from];
        while let Some(at) = queue.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                queue.extend(self.needs.get(at).into_iter().flatten().map(String::as_str));
            }
        }
        false
    }
}

/// What a resource refers to outside of its `Connectors`, which are resources of their own.
fn own_needs(resolver: &Resolver<'_>, node: NodeId) -> BTreeSet<String> {
    let doc = resolver.doc;
    let parts = doc.pairs(node).filter(|(name, ..)| *name != "Connectors");
    let mut out: BTreeSet<String> = parts.flat_map(|(_, _, value)| references(doc, value)).collect();
    let waits = doc.get(node, "DependsOn").map(|node| doc.resolve(node));
    for value in waits.into_iter().flat_map(|node| doc.items(node).chain([node])) {
        out.extend(doc.scalar(doc.resolve(value)).map(str::to_owned));
    }
    out
}

//! Which resources need which others before CloudFormation can make them, generated roles and connectors included. Decides
//! whether something can be reached; refuses to know why anybody asks.

use crate::analysis::{Analysis, DependentKind, Resolver, Role, dependents};
use crate::catalog::Waits;
use crate::template::{Resource, references, waited_for};
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
            let own = own_needs(resolver, resource);
            graph.needs.entry(resource.id.clone()).or_default().extend(own);
            graph.events(resolver, resource);
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
                let profile = resolver.catalog.profile_by_id(&part.profile);
                let waits = profile.is_some_and(|profile| profile.waits == Some(Waits::SourceStateMachine));
                if let Some(source) = view.source.filter(|_| waits) {
                    graph.add(&template.resources()[source].id, &connector.id);
                }
            }
        }
        graph
    }

    fn events(&mut self, resolver: &Resolver<'_>, resource: &Resource) {
        for dependent in dependents(resolver, resource) {
            match dependent.what {
                DependentKind::Named(value) => {
                    references(resolver.doc, value).iter().for_each(|other| self.add(other, &resource.id));
                }
                DependentKind::Added(added, properties) => {
                    self.add(added, &resource.id);
                    for needed in properties.map(|node| references(resolver.doc, node)).unwrap_or_default() {
                        self.add(added, &needed);
                    }
                }
            }
        }
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

/// What a resource refers to, by itself and by `Globals`, outside of its `Connectors`, which are resources of their own.
fn own_needs(resolver: &Resolver<'_>, resource: &Resource) -> BTreeSet<String> {
    let doc = resolver.doc;
    let parts =
        doc.pairs(resource.node).filter(|(name, ..)| *name != "Connectors").map(|(_, _, value)| value);
    let globals = resolver.template.globals_of(doc, resource);
    let mut out: BTreeSet<String> = parts.chain(globals).flat_map(|value| references(doc, value)).collect();
    out.extend(waited_for(doc, resource.node));
    out
}

//! What writes the one policy that a queue or topic can have, in which the last one written undoes the others. Refuses to
//! know what the policies grant.

use super::{Analysis, Resolver};
use crate::catalog::{Bearing, GrantKind};
use crate::iam::Presence;
use crate::syntax::NodeId;
use crate::template::{Reference, Resource, events, references};
use hashbrown::HashMap;
use std::collections::BTreeSet;

/// Whether a resource takes one policy of the kind only.
pub fn is_sole(kind: GrantKind) -> bool {
    matches!(kind, GrantKind::QueuePolicy | GrantKind::TopicPolicy)
}

/// What writes the policy of a queue or topic.
pub struct Writer {
    /// Logical id of the policy, the connector, or the function with the event.
    pub id: String,
    /// Where it stands.
    pub node: NodeId,
    /// When it is there.
    presence: Presence,
}

impl Writer {
    /// Whether there are times at which both are there.
    pub fn may_meet(&self, other: &Self) -> bool {
        self.presence.implies(&other.presence.clone().negated()) != Some(true)
    }
}

/// What in a template writes the one policy of each queue and topic: policies, connectors, and events that SAM makes a policy
/// for.
#[derive(Default)]
pub struct Writers(HashMap<usize, Vec<Writer>>);

impl Writers {
    /// The writers of a template.
    pub fn of(resolver: &Resolver<'_>, analysis: &Analysis) -> Self {
        let (doc, template) = (resolver.doc, resolver.template);
        let mut all = Self::default();
        let named = |node: NodeId| named(resolver, node);
        for resource in template.resources() {
            let write = |node: NodeId| Writer {
                id: resource.id.clone(),
                node,
                presence: template.presence(resource),
            };
            let bears = resolver.type_of(resource).and_then(|kind| kind.bears.as_ref());
            if let Some(Bearing::ResourcePolicy { on, .. }) = bears
                && let Some(node) = resource.properties.and_then(|p| doc.get(p, on))
            {
                named(node).into_iter().for_each(|on| all.add(on, write(resource.node)));
            }
            // Of several events of one function the first is told.
            let mut seen = BTreeSet::new();
            for (event, value) in subscribing(resolver, resource) {
                for on in named(value).into_iter().filter(|&on| seen.insert(on)) {
                    all.add(on, write(event));
                }
            }
        }
        for view in &analysis.connectors {
            let type_of = |position: usize| template.resources()[position].type_name.as_str();
            let connector = &view.connector;
            let from = view.source.map(type_of).or(connector.source.type_name.as_deref());
            let mut written = BTreeSet::new();
            for (reference, position) in connector.destinations.iter().zip(&view.destinations) {
                let to = position.map(type_of).or(reference.type_name.as_deref());
                let profile = from.zip(to).and_then(|(from, to)| resolver.catalog.profile(from, to));
                if profile.is_some_and(|profile| is_sole(profile.kind)) {
                    written.extend(meant(resolver, reference, *position));
                }
            }
            for on in written {
                let condition = connector.condition.as_deref();
                let presence = condition.map_or(Presence::Always, |name| template.condition(name));
                all.add(on, Writer { id: connector.id.clone(), node: connector.node, presence });
            }
        }
        all
    }

    fn add(&mut self, on: usize, writer: Writer) {
        self.0.entry(on).or_default().push(writer);
    }

    /// What writes the policy of a resource, in template order, connectors last.
    pub fn on(&self, resource: usize) -> &[Writer] {
        self.0.get(&resource).map_or(&[], Vec::as_slice)
    }
}

/// The resources of the template that an end of a connector may mean: the one at its position, or, where it is spelled out, what
/// its ARN or its URL refers to.
pub fn meant(resolver: &Resolver<'_>, end: &Reference, position: Option<usize>) -> BTreeSet<usize> {
    let spelled = end.fields.values().flat_map(|&node| named(resolver, node));
    position.into_iter().chain(spelled).collect()
}

fn named(resolver: &Resolver<'_>, node: NodeId) -> BTreeSet<usize> {
    let names = references(resolver.doc, node).into_iter();
    names.filter_map(|name| resolver.template.position(&name)).collect()
}

/// The events of a function that subscribe a queue to a topic or send to it what failed, for which SAM writes a policy of the
/// queue, each with a value that may name the queue.
fn subscribing(resolver: &Resolver<'_>, resource: &Resource) -> Vec<(NodeId, NodeId)> {
    let doc = resolver.doc;
    let mut out = Vec::new();
    for event in events(doc, resource) {
        let properties = event.properties.into_iter().flat_map(|map| doc.pairs(map));
        let told = properties.filter(|(name, ..)| ["SqsSubscription", "DeadLetterConfig"].contains(name));
        out.extend(told.map(|(_, _, value)| (event.node, value)));
    }
    out
}

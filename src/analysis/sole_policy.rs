//! What writes the one policy that a queue or topic can have, in which the last one written undoes the others. Refuses to
//! know what the policies grant.

use super::{Analysis, Resolver};
use crate::catalog::{Bearing, GrantKind};
use crate::iam::Presence;
use crate::syntax::NodeId;
use crate::template::{Resource, sites};

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

/// What in the template writes the one policy of a queue or topic: policies, connectors, and events that SAM makes a policy
/// for.
pub fn writers(resolver: &Resolver<'_>, analysis: &Analysis, kind: GrantKind, on: usize) -> Vec<Writer> {
    let (doc, template) = (resolver.doc, resolver.template);
    let id = &template.resources()[on].id;
    let names_it = |node: NodeId| sites(doc, node).iter().any(|site| site.name == *id);
    let of = |resource: &Resource, node: NodeId| Writer {
        id: resource.id.clone(),
        node,
        presence: template.presence(resource),
    };
    let mut out: Vec<Writer> = Vec::new();
    for resource in template.resources() {
        let bears = resolver.type_of(resource).and_then(|kind| kind.bears.as_ref());
        if let Some(Bearing::ResourcePolicy { on, .. }) = bears
            && resource.properties.and_then(|p| doc.get(p, on)).is_some_and(&names_it)
        {
            out.push(of(resource, resource.node));
        }
        out.extend(subscribing(resolver, resource, names_it).map(|event| of(resource, event)));
    }
    for view in &analysis.connectors {
        let from = view.source.map(|position| template.resources()[position].type_name.as_str());
        let profile =
            from.and_then(|from| resolver.catalog.profile(from, &template.resources()[on].type_name));
        if view.destinations.contains(&Some(on)) && profile.is_some_and(|profile| profile.kind == kind) {
            let connector = &view.connector;
            let condition = connector.condition.as_deref();
            out.push(Writer {
                id: connector.id.clone(),
                node: connector.node,
                presence: condition.map_or(Presence::Always, |name| template.condition(name)),
            });
        }
    }
    out
}

/// The event of a function that subscribes a queue to a topic or sends to it what failed, for which SAM writes a policy of
/// the queue.
fn subscribing(
    resolver: &Resolver<'_>,
    resource: &Resource,
    names_it: impl Fn(NodeId) -> bool,
) -> Option<NodeId> {
    let doc = resolver.doc;
    let events = doc.resolve(doc.get(resource.properties?, "Events")?);
    let events: Vec<NodeId> = doc.pairs(events).map(|(_, _, event)| doc.resolve(event)).collect();
    events.into_iter().find(|&event| {
        let properties = doc.get(event, "Properties").map(|n| doc.resolve(n));
        properties.into_iter().flat_map(|map| doc.pairs(map)).any(|(name, _, value)| {
            ["SqsSubscription", "DeadLetterConfig"].contains(&name) && names_it(value)
        })
    })
}

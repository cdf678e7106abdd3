//! Resources that wait for each other through a policy or a connector. Only edges that the template or SAM certainly makes
//! count, and each is named. Knows of the generated resources the roles and what connectors become.

use super::Scene;
use crate::analysis::{DependentKind, Role, dependents};
use crate::catalog::{GrantKind, Holder, Waits};
use crate::check::finding::Finding;
use crate::check::kinds::DEPENDENCY_CYCLE;
use crate::iam::Presence;
use crate::syntax::NodeId;
use crate::template::{CONNECTOR_TYPE, Resource, SAM_PREFIX, call, sites, waited_for};
use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::{BTreeSet, VecDeque};

/// Why one thing waits for another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edge {
    to: usize,
    /// Where the reference stands in words, such as `Policies`.
    by: String,
}

/// Something that CloudFormation makes.
#[derive(Debug, Clone)]
struct Thing {
    name: String,
    node: NodeId,
    presence: Presence,
    /// Whether it is a role or belongs to a connector: a cycle without any is not ours to judge.
    ours: bool,
    edges: Vec<Edge>,
}

#[derive(Default)]
struct Graph {
    things: Vec<Thing>,
    by_name: BTreeMap<String, Vec<usize>>,
}

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    let graph = Graph::of(scene);
    let mut out = Vec::new();
    for component in graph.components() {
        let Some(cycle) = graph.shortest(&component) else { continue };
        let together =
            cycle.iter().map(|&at| graph.things[at].presence.clone()).fold(Presence::Always, Presence::and);
        if together.implies(&Presence::Never) == Some(true) {
            continue;
        }
        out.push(told(scene, &graph, &cycle));
    }
    out
}

fn told(scene: Scene<'_>, graph: &Graph, cycle: &[usize]) -> Finding {
    let next = cycle.iter().cycle().skip(1);
    let steps: Vec<String> = cycle
        .iter()
        .zip(next)
        .map(|(&from, &to)| {
            let thing = &graph.things[from];
            let by = thing.edges.iter().find(|edge| edge.to == to).map_or("", |edge| edge.by.as_str());
            format!("`{}` needs `{}` ({by})", thing.name, graph.things[to].name)
        })
        .collect();
    let message = format!("{}; CloudFormation refuses to make what waits for itself", steps.join(", "));
    let names: Vec<&str> = cycle.iter().map(|&at| graph.things[at].name.as_str()).collect();
    let ours = cycle.iter().map(|&at| &graph.things[at]).find(|thing| thing.ours);
    let node = ours.map_or(scene.resolver.doc.root(), |thing| thing.node);
    scene.finding(&DEPENDENCY_CYCLE, node, &names, message)
}

impl Graph {
    fn of(scene: Scene<'_>) -> Self {
        let mut graph = Self::default();
        graph.resources(scene);
        graph.roles(scene);
        graph.connectors(scene);
        graph.references(scene);
        graph
    }

    fn thing(&mut self, name: &str, node: NodeId, presence: Presence, ours: bool) -> usize {
        let number = self.things.len();
        self.things.push(Thing { name: name.to_owned(), node, presence, ours, edges: Vec::new() });
        self.by_name.entry(name.to_owned()).or_default().push(number);
        number
    }

    fn resources(&mut self, scene: Scene<'_>) {
        let template = scene.resolver.template;
        for resource in template.resources().iter().filter(|resource| resource.type_name != CONNECTOR_TYPE) {
            self.thing(&resource.id, resource.node, template.presence(resource), false);
        }
        for resource in template.resources().iter().filter(|resource| makes_others_wait(resource)) {
            for dependent in dependents(scene.resolver, resource) {
                if let DependentKind::Added(id, _) = dependent.what
                    && !self.by_name.contains_key(id)
                {
                    self.thing(id, resource.node, Presence::Always, false);
                }
            }
        }
    }

    /// The roles, and what acts through them. A generated one holds what stands in the policies of its function.
    fn roles(&mut self, scene: Scene<'_>) {
        let (doc, template) = (scene.resolver.doc, scene.resolver.template);
        for principal in &scene.analysis.principals {
            let position = match principal.role {
                Role::Generated(position) => position,
                Role::InTemplate(_) => {
                    self.explicit(scene, &principal.name);
                    continue;
                }
                Role::Elsewhere => continue,
            };
            let resource = &template.resources()[position];
            let form = scene.resolver.type_of(resource).and_then(|kind| kind.principal.as_ref());
            let property = form.and_then(|form| form.policies.as_deref());
            let policies = property.and_then(|name| Some((name, doc.get(resource.properties?, name)?)));
            let node = policies.map_or(resource.node, |(_, node)| node);
            let role = self.thing(&principal.name, node, principal.presence.clone(), true);
            self.edge_from(&resource.id, role, "its role");
            for id in policies.map(|(_, node)| certain(scene, node)).unwrap_or_default() {
                self.wants(role, &id, "its policies");
            }
        }
    }

    fn explicit(&mut self, scene: Scene<'_>, role: &str) {
        let Some(number) = self.by_name.get(role).and_then(|found| found.first().copied()) else { return };
        if let Some(thing) = self.things.get_mut(number) {
            thing.ours = true;
        }
        for actor in scene.analysis.actors_of(role).filter(|actor| actor.by_id) {
            self.edge_from(&scene.resolver.template.resources()[actor.resource].id, number, "its role");
        }
    }

    /// What connectors become, one thing for each destination.
    fn connectors(&mut self, scene: Scene<'_>) {
        let (doc, template) = (scene.resolver.doc, scene.resolver.template);
        for view in scene.analysis.connectors.iter().filter(|view| view.complaint.is_none()) {
            let connector = &view.connector;
            let presence = connector.condition.as_deref();
            let presence = presence.map_or(Presence::Always, |name| template.condition(name));
            for (part, destination) in view.parts.iter().zip(&view.destinations) {
                let thing = self.thing(&connector.id, connector.node, presence.clone(), true);
                let profile = scene.resolver.catalog.profile_by_id(&part.profile);
                for end in [view.source, *destination].into_iter().flatten() {
                    // The role stands for its end where nothing else of it is named.
                    let named = profile.is_some_and(|profile| {
                        let holder = match profile.holder {
                            Holder::Source => view.source,
                            Holder::Destination => *destination,
                        };
                        profile.kind != GrantKind::ManagedPolicy || holder != Some(end)
                    });
                    if named {
                        self.wants(thing, &template.resources()[end].id, "its ends");
                    }
                }
                if profile.is_some_and(|profile| profile.kind == GrantKind::ManagedPolicy) {
                    self.wants(thing, &part.holder, "its role");
                }
                if let (Some(Waits::SourceStateMachine), Some(source), Some(_)) =
                    (profile.and_then(|profile| profile.waits), view.source, destination)
                {
                    self.edge_from(
                        &template.resources()[source].id,
                        thing,
                        "SAM lets it wait for the connector",
                    );
                }
                for id in waited_for(doc, connector.node) {
                    self.wants(thing, &id, "`DependsOn`");
                }
            }
        }
    }

    /// What the resources themselves refer to. Of a SAM type only the properties that certainly stay with the resource.
    fn references(&mut self, scene: Scene<'_>) {
        let (doc, template) = (scene.resolver.doc, scene.resolver.template);
        for resource in template.resources().iter().filter(|resource| resource.type_name != CONNECTOR_TYPE) {
            let Some(thing) = self.by_name.get(&resource.id).and_then(|found| found.first().copied()) else {
                continue;
            };
            for id in waited_for(doc, resource.node) {
                self.wants(thing, &id, "`DependsOn`");
            }
            let kind = scene.resolver.type_of(resource);
            let sam = resource.type_name.starts_with(SAM_PREFIX);
            let uses = kind.and_then(|kind| kind.principal.as_ref()).map(|form| form.uses.as_slice());
            let stays = |name: &str| !sam || uses.unwrap_or_default().iter().any(|own| own == name);
            for (name, _, value) in resource.properties.into_iter().flat_map(|node| doc.pairs(node)) {
                if stays(name) {
                    for id in certain(scene, value) {
                        self.wants(thing, &id, &format!("`{name}`"));
                    }
                }
            }
            if makes_others_wait(resource) {
                self.events(scene, resource, thing);
            }
        }
    }

    /// What SAM makes refer to a resource because of its events: resources that are not SAM's own, and those that it adds.
    fn events(&mut self, scene: Scene<'_>, resource: &Resource, thing: usize) {
        let template = scene.resolver.template;
        for dependent in dependents(scene.resolver, resource) {
            let by = format!("event `{}` of `{}`", dependent.event, resource.id);
            match dependent.what {
                DependentKind::Named(target) => {
                    for other in certain(scene, target) {
                        let own =
                            template.resource(&other).is_some_and(|r| !r.type_name.starts_with(SAM_PREFIX));
                        if own {
                            self.edge_from(&other, thing, &by);
                        }
                    }
                }
                // Not all that `Globals` says of it certainly stays with it.
                DependentKind::Added(id, _) => self.edge_from(id, thing, &by),
            }
        }
    }

    fn edge_from(&mut self, from: &str, to: usize, by: &str) {
        for from in self.by_name.get(from).cloned().unwrap_or_default() {
            self.things[from].edges.push(Edge { to, by: by.to_owned() });
        }
    }

    fn wants(&mut self, from: usize, to: &str, by: &str) {
        for to in self.by_name.get(to).cloned().unwrap_or_default() {
            self.things[from].edges.push(Edge { to, by: by.to_owned() });
        }
    }

    /// The strongly connected components in which something waits for itself (Kosaraju, without recursion).
    fn components(&self) -> Vec<BTreeSet<usize>> {
        let count = self.things.len();
        let mut seen = vec![false; count];
        let mut finished = Vec::with_capacity(count);
        for start in 0..count {
            let mut stack = vec![(start, 0)];
            if std::mem::replace(&mut seen[start], true) {
                continue;
            }
            while let Some((at, next)) = stack.pop() {
                match self.things[at].edges.get(next) {
                    Some(edge) => {
                        stack.push((at, next + 1));
                        if !std::mem::replace(&mut seen[edge.to], true) {
                            stack.push((edge.to, 0));
                        }
                    }
                    None => finished.push(at),
                }
            }
        }
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (from, thing) in self.things.iter().enumerate() {
            for edge in &thing.edges {
                back[edge.to].push(from);
            }
        }
        let mut placed = vec![false; count];
        let mut out = Vec::new();
        for &start in finished.iter().rev() {
            let mut component = BTreeSet::new();
            let mut queue = vec![start];
            while let Some(at) = queue.pop() {
                if !std::mem::replace(&mut placed[at], true) {
                    component.insert(at);
                    queue.extend(back[at].iter().copied().filter(|&other| !placed[other]));
                }
            }
            let first = component.first().copied();
            let own = |at: usize| self.things[at].edges.iter().any(|edge| edge.to == at);
            if component.len() > 1 || first.is_some_and(own) {
                out.push(component);
            }
        }
        out.sort();
        out
    }

    /// The shortest circle through something of ours within a component, from the first such thing on.
    fn shortest(&self, component: &BTreeSet<usize>) -> Option<Vec<usize>> {
        let ours = component.iter().copied().filter(|&at| self.things[at].ours);
        ours.filter_map(|start| self.circle(start, component)).min_by_key(Vec::len)
    }

    fn circle(&self, start: usize, within: &BTreeSet<usize>) -> Option<Vec<usize>> {
        let mut from: BTreeMap<usize, usize> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            for edge in self.things[at].edges.iter().filter(|edge| within.contains(&edge.to)) {
                if edge.to == start {
                    let mut path = vec![at];
                    let mut step = at;
                    while step != start {
                        step = *from.get(&step)?;
                        path.push(step);
                    }
                    path.reverse();
                    return Some(path);
                }
                if let Entry::Vacant(vacant) = from.entry(edge.to) {
                    vacant.insert(at);
                    queue.push_back(edge.to);
                }
            }
        }
        None
    }
}

/// Whether the events of a resource certainly are there.
fn makes_others_wait(resource: &Resource) -> bool {
    resource.type_name.starts_with(SAM_PREFIX) && resource.condition.is_none()
}

/// The names that a part of the template refers to, apart from those in a branch of `Fn::If`.
fn certain(scene: Scene<'_>, node: NodeId) -> BTreeSet<String> {
    let doc = scene.resolver.doc;
    let mut named = BTreeSet::new();
    for site in sites(doc, node) {
        let mut at = Some(site.node);
        let mut by_choice = false;
        while let Some(here) = at.filter(|&here| here != node) {
            by_choice |= call(doc, here).is_some_and(|found| found.name == "Fn::If");
            at = doc.node(here).parent;
        }
        by_choice |= call(doc, node).is_some_and(|found| found.name == "Fn::If");
        if !by_choice {
            named.insert(site.name);
        }
    }
    named
}

//! Where a phase of some rewrites may change a template, and the proof that everything else is as it was: sections, resources,
//! attributes, properties, connectors. Refuses to know what the changes do to permissions.

use super::changes::leaving;
use super::proposal::{Placing, Proposal, Use};
use super::verify::ToolBug;
use super::{Phase, RewriteId};
use crate::analysis::{Analysis, Origin, Resolver};
use crate::catalog::Bearing;
use crate::syntax::{Document, NodeId, NodeKind};
use crate::template::{ConnectorPlace, Template, canonical, sites, waited_for};
use std::collections::{BTreeMap, BTreeSet};

/// The places that may change.
#[derive(Debug, Default)]
pub(super) struct Footprint {
    /// Resources that are compared by attribute and property.
    pub(super) touched: BTreeSet<String>,
    /// Places that may change, come or go.
    pub(super) free: BTreeSet<String>,
    /// Logical ids that go, so that nothing may refer to them any more.
    pub(super) gone: BTreeSet<String>,
    /// By resource whose `DependsOn` changes: the names that it waits for afterwards.
    pub(super) waits: BTreeMap<String, BTreeSet<String>>,
}

/// Checks that everything outside the planned places is as it was.
pub(super) fn check(
    resolver: &Resolver<'_>,
    footprint: &Footprint,
    after: &Document,
    new: &Template,
) -> Result<(), ToolBug> {
    let (before, old) = (resolver.doc, resolver.template);
    let old_places = places(before, old, &footprint.touched);
    let new_places = places(after, new, &footprint.touched);
    let compare = Comparison::of(before, after);
    let is_as_it_was =
        |place: &str, node: NodeId| new_places.get(place).is_some_and(|&now| compare.same(node, now));
    let changed = old_places
        .iter()
        .find(|(place, node)| !footprint.free.contains(*place) && !is_as_it_was(place, **node));
    if let Some((place, _)) = changed {
        return Err(ToolBug(format!("`{place}` changed")));
    }
    let come =
        new_places.keys().find(|place| !old_places.contains_key(*place) && !footprint.free.contains(*place));
    if let Some(place) = come {
        return Err(ToolBug(format!("`{place}` is new")));
    }
    for (id, wanted) in &footprint.waits {
        if new.resource(id).is_some_and(|now| waited_for(after, now.node) != *wanted) {
            return Err(ToolBug(format!("`Resources.{id}.DependsOn` is not what was planned")));
        }
    }
    let dangling = sites(after, after.root()).into_iter().find(|site| footprint.gone.contains(&site.name));
    match dangling {
        Some(site) => Err(ToolBug(format!("`{}` is gone, but still referred to", site.name))),
        None => Ok(()),
    }
}

/// The places that a phase of some proposals may change.
pub(super) fn of(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    chosen: &[&Proposal],
    phase: Phase,
) -> Footprint {
    let mut footprint = Footprint::default();
    let resources = resolver.template.resources();
    for proposal in chosen {
        let source = &resources[proposal.edge.source()].id;
        footprint.touched.insert(source.clone());
        match &proposal.connector {
            Use::New { key, form: Placing::Embedded, .. } => {
                footprint.free.insert(format!("Resources.{source}.Connectors.{key}"));
            }
            Use::New { id, form: Placing::Standalone, .. } => {
                footprint.free.insert(format!("Resources.{id}"));
            }
            Use::Existing { missing, .. } if missing.is_empty() => {}
            Use::Existing { view, .. } => {
                let connector = &analysis.connectors[*view].connector;
                footprint.free.insert(match connector.place {
                    ConnectorPlace::Embedded { owner, .. } => {
                        let owner = &resources[owner].id;
                        footprint.touched.insert(owner.clone());
                        let key = connector.id.strip_prefix(owner.as_str()).unwrap_or(&connector.id);
                        format!("Resources.{owner}.Connectors.{key}")
                    }
                    ConnectorPlace::Standalone(_) => format!("Resources.{}", connector.id),
                });
            }
        }
        if let Some(condition) = proposal.condition.as_ref().filter(|condition| condition.new) {
            footprint.free.insert(format!("Conditions.{}", condition.name));
        }
    }
    removals(resolver, analysis, chosen, phase, &mut footprint);
    footprint
}

fn removals(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    chosen: &[&Proposal],
    phase: Phase,
    footprint: &mut Footprint,
) {
    let resources = resolver.template.resources();
    let proposals: Vec<Proposal> = chosen.iter().map(|proposal| (*proposal).clone()).collect();
    let mut gone: BTreeMap<usize, RewriteId> = BTreeMap::new();
    for (number, proposal) in proposals.iter().enumerate() {
        proposal.gone_in(phase).iter().for_each(|&cell| {
            gone.entry(cell).or_insert(RewriteId(number));
        });
    }
    let mut heirs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (position, connectors) in leaving(analysis, &proposals, &gone) {
        let id = resources[position].id.clone();
        footprint.free.insert(format!("Resources.{id}"));
        footprint.gone.insert(id.clone());
        heirs.insert(id, connectors.connectors);
    }
    for &cell in gone.keys() {
        let unit = &analysis.ledger.units[analysis.ledger.cells[cell].unit];
        let resource = &resources[unit.bearer];
        if footprint.gone.contains(&resource.id) {
            continue;
        }
        let kind = resolver.type_of(resource);
        let property = match (unit.origin, kind.and_then(|kind| kind.bears.as_ref())) {
            (_, Some(Bearing::Role { policies, .. })) => Some(policies),
            (
                Origin::Policy | Origin::ResourceSide,
                Some(
                    Bearing::InlinePolicy { document, .. }
                    | Bearing::ManagedPolicy { document, .. }
                    | Bearing::ResourcePolicy { document, .. },
                ),
            ) => Some(document),
            _ => kind.and_then(|kind| kind.principal.as_ref()?.policies.as_ref()),
        };
        footprint.touched.insert(resource.id.clone());
        footprint.free.extend(property.map(|name| format!("Resources.{}.Properties.{name}", resource.id)));
    }
    if footprint.gone.is_empty() {
        return;
    }
    // What names a resource that goes changes there, and only there.
    for resource in resources {
        let named =
            |node: NodeId| sites(resolver.doc, node).iter().any(|site| footprint.gone.contains(&site.name));
        if footprint.gone.contains(&resource.id) || !named(resource.node) {
            continue;
        }
        footprint.touched.insert(resource.id.clone());
        footprint.free.insert(format!("Resources.{}.DependsOn", resource.id));
        let turned = waited_for(resolver.doc, resource.node)
            .into_iter()
            .flat_map(|name| heirs.get(&name).cloned().unwrap_or_else(|| vec![name]));
        footprint.waits.insert(resource.id.clone(), turned.collect());
        let kind = resolver.type_of(resource);
        let listed = match kind.and_then(|kind| kind.bears.as_ref()) {
            Some(Bearing::Role { managed_policies, .. }) => Some(managed_policies),
            _ => kind.and_then(|kind| kind.principal.as_ref()?.policies.as_ref()),
        };
        footprint.free.extend(listed.map(|name| format!("Resources.{}.Properties.{name}", resource.id)));
    }
}

/// Two documents of which nodes are compared.
struct Comparison<'d> {
    before: &'d Document,
    after: &'d Document,
    /// Whether the text of a node says all that it means: nothing stands for what is elsewhere.
    by_text: bool,
}

impl<'d> Comparison<'d> {
    fn of(before: &'d Document, after: &'d Document) -> Self {
        let is_plain = |doc: &Document| doc.ids().all(|id| doc.node(id).kind != NodeKind::Alias);
        Self { before, after, by_text: is_plain(before) && is_plain(after) }
    }

    /// Whether two nodes mean the same. Most are the same text, which is seen at once: a collection is what its text says
    /// where it begins in the same column, on which the columns of its lines depend.
    fn same(&self, old: NodeId, new: NodeId) -> bool {
        let read = |doc: &'d Document, node: NodeId| {
            let span = doc.full_span(node);
            let is_collection = !doc.node(node).entries.is_empty();
            is_collection.then(|| (doc.source().slice(span), doc.source().position(span.start).column))
        };
        let same_text = || read(self.before, old).is_some_and(|text| Some(text) == read(self.after, new));
        self.by_text && same_text() || canonical(self.before, old) == canonical(self.after, new)
    }
}

/// The nodes by place: sections as a whole; conditions and resources one by one; touched resources by attribute and
/// property, connectors by key.
fn places(doc: &Document, template: &Template, touched: &BTreeSet<String>) -> BTreeMap<String, NodeId> {
    let mut out = BTreeMap::new();
    let root = doc.resolve(doc.root());
    for (section, _, value) in doc.pairs(root) {
        let value = doc.resolve(value);
        if Some(value) == template.conditions_node() || Some(value) == template.resources_node() {
            for (name, _, entry) in doc.pairs(value) {
                let place = format!("{section}.{name}");
                if section != "Resources" || !touched.contains(name) {
                    out.insert(place, entry);
                    continue;
                }
                for (attribute, _, value) in doc.pairs(doc.resolve(entry)) {
                    let value = doc.resolve(value);
                    if !["Properties", "Connectors"].contains(&attribute) {
                        out.insert(format!("{place}.{attribute}"), value);
                        continue;
                    }
                    for (name, _, value) in doc.pairs(value) {
                        out.insert(format!("{place}.{attribute}.{name}"), value);
                    }
                }
            }
        } else {
            out.insert(section.to_owned(), value);
        }
    }
    out
}

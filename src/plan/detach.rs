//! What names a resource that goes: `DependsOn` turns to the connectors that take its place, lists of managed policies lose the
//! entry, anything else keeps the resource. Decides places; bytes are decided by the document layer.

use super::changes::{Heirs, Impossible};
use crate::analysis::Resolver;
use crate::catalog::Bearing;
use crate::syntax::{Change, Fragment, NodeId};
use crate::template::{Shape, SlotKind, policy_slots, sites};
use std::collections::{BTreeMap, BTreeSet};

/// Attributes of a resource without which it is the same to the stack.
const PLAIN_ATTRIBUTES: &[&str] = &["Type", "Properties", "Condition", "DependsOn", "Metadata"];

/// What goes with some resources.
#[derive(Debug, Default)]
pub(super) struct Detached {
    /// Entries of `Policies` of functions and state machines, by the list: they name a policy that goes.
    pub(super) slots: BTreeMap<NodeId, BTreeSet<usize>>,
    /// All other changes.
    pub(super) out: Vec<Change>,
}

/// Works out what goes with resources, by position, each with the connectors that its dependents wait for instead.
pub(super) fn detach(
    resolver: &Resolver<'_>,
    leaving: &BTreeMap<usize, Heirs>,
) -> Result<Detached, Impossible> {
    let mut detached = Detached::default();
    if leaving.is_empty() {
        return Ok(detached);
    }
    let (doc, template) = (resolver.doc, resolver.template);
    for &position in leaving.keys() {
        let resource = &template.resources()[position];
        if doc.pairs(resource.node).any(|(name, ..)| !PLAIN_ATTRIBUTES.contains(&name)) {
            return Err(Impossible::NeededElsewhere);
        }
    }
    let mut settled: BTreeSet<NodeId> = BTreeSet::new();
    let goes = |name: &str| template.position(name).and_then(|position| leaving.get(&position));
    let ids = || leaving.keys().map(|&position| template.resources()[position].id.as_str());
    let naming = ids().flat_map(|id| resolver.resources_naming(id)).chain(leaving.keys().copied());
    for position in naming.collect::<BTreeSet<usize>>() {
        let resource = &template.resources()[position];
        if leaving.contains_key(&position) {
            settled.extend(sites(doc, resource.node).into_iter().map(|site| site.node));
            continue;
        }
        if let Some(node) = doc.get(resource.node, "DependsOn") {
            dependencies(resolver, resource.node, doc.resolve(node), &goes, &mut detached, &mut settled);
        }
        let kind = resolver.type_of(resource);
        let list = |name: &str| resource.properties.and_then(|p| doc.get(p, name)).map(|n| doc.resolve(n));
        if let Some(Bearing::Role { managed_policies, .. }) = kind.and_then(|kind| kind.bears.as_ref())
            && let Some(list) = list(managed_policies)
        {
            let entries: Vec<usize> = doc
                .items(list)
                .enumerate()
                .filter(|(_, item)| names(resolver, *item, &goes, &mut settled))
                .map(|(index, _)| index)
                .collect();
            remove(resolver, list, &entries, &mut detached.out);
        }
        let policies = kind.and_then(|kind| kind.principal.as_ref()?.policies.as_deref());
        if let Some(policies) = policies.and_then(list) {
            for slot in policy_slots(doc, policies, Shape::Sam) {
                if !matches!(slot.kind, SlotKind::Managed(_))
                    || !names(resolver, slot.node, &goes, &mut settled)
                {
                    continue;
                }
                match slot.index {
                    Some(index) => {
                        detached.slots.entry(policies).or_default().insert(index);
                    }
                    None => take_out(resolver, policies, &mut detached.out),
                }
            }
        }
    }
    let other = ids().flat_map(|id| resolver.sites_of(id)).any(|site| !settled.contains(&site));
    if other { Err(Impossible::NeededElsewhere) } else { Ok(detached) }
}

/// Whether an entry is nothing but a reference to a resource that goes.
fn names<'l>(
    resolver: &Resolver<'_>,
    item: NodeId,
    goes: &impl Fn(&str) -> Option<&'l Heirs>,
    settled: &mut BTreeSet<NodeId>,
) -> bool {
    let found = sites(resolver.doc, item);
    let [site] = found.as_slice() else { return false };
    let whole = site.node == resolver.doc.resolve(item) && goes(&site.name).is_some();
    if whole {
        settled.insert(site.node);
    }
    whole
}

/// Removes entries of a list, and the list's key when nothing is left.
fn remove(resolver: &Resolver<'_>, list: NodeId, entries: &[usize], out: &mut Vec<Change>) {
    let doc = resolver.doc;
    if entries.is_empty() {
        return;
    }
    if entries.len() < doc.items(list).count() {
        out.extend(entries.iter().map(|&index| Change::Remove { collection: list, index }));
    } else {
        take_out(resolver, list, out);
    }
}

/// Removes a value and its key.
fn take_out(resolver: &Resolver<'_>, value: NodeId, out: &mut Vec<Change>) {
    let doc = resolver.doc;
    if let (Some(parent), Some(index)) = (doc.node(value).parent, doc.index_in_parent(value)) {
        out.push(Change::Remove { collection: parent, index });
    }
}

/// Turns one `DependsOn` to what takes the place of the resources that go.
fn dependencies<'l>(
    resolver: &Resolver<'_>,
    resource: NodeId,
    value: NodeId,
    goes: &impl Fn(&str) -> Option<&'l Heirs>,
    detached: &mut Detached,
    settled: &mut BTreeSet<NodeId>,
) {
    let doc = resolver.doc;
    let items: Vec<NodeId> = match doc.node(value).is_scalar() {
        true => vec![value],
        false => doc.items(value).map(|item| doc.resolve(item)).collect(),
    };
    let name = |node: NodeId| doc.scalar(node).unwrap_or_default();
    let mut present: BTreeSet<&str> =
        items.iter().map(|&node| name(node)).filter(|name| goes(name).is_none()).collect();
    let mut replaced: Vec<(usize, Vec<&str>)> = Vec::new();
    for (index, &node) in items.iter().enumerate() {
        if let Some(heirs) = goes(name(node)) {
            settled.insert(node);
            let new = heirs.connectors.iter().map(String::as_str).filter(|id| present.insert(id)).collect();
            replaced.push((index, new));
        }
    }
    if replaced.is_empty() {
        return;
    }
    if present.is_empty() {
        if let Some(index) = doc.entry(resource, "DependsOn") {
            detached.out.push(Change::Remove { collection: resource, index });
        }
        return;
    }
    let scalars = |ids: &[&str]| ids.iter().map(|&id| Fragment::scalar(id)).collect::<Vec<_>>();
    let entries = &doc.node(value).entries;
    for (index, new) in replaced {
        detached.out.push(match (doc.node(value).is_scalar(), new.as_slice()) {
            (true, [only]) => Change::ReplaceValue { node: value, value: Fragment::scalar(*only) },
            (true, several) => {
                Change::ReplaceValue { node: value, value: Fragment::Sequence(scalars(several)) }
            }
            (false, []) => Change::Remove { collection: value, index },
            // One for one, so that its comments stay; what an alias stands for is not edited by way of it.
            (false, [only]) if doc.resolve(entries[index].value) == entries[index].value => {
                Change::ReplaceValue { node: entries[index].value, value: Fragment::scalar(*only) }
            }
            (false, several) => Change::ReplaceItem { collection: value, index, value: scalars(several) },
        });
    }
}

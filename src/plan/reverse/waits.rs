//! What waits for connectors that become policies: every `DependsOn` turns to what they become, and what SAM would add on its
//! own is added. Decides places and names; what the policies say is decided elsewhere.

use super::super::graph::Graph;
use super::decide::profile;
use super::home::Ctx;
use super::{Folding, PolicyForm};
use crate::analysis::{ConnectorView, Poller, Role};
use crate::catalog::Waits;
use crate::syntax::{Change, Fragment, FragmentEntry, Insertion, NodeId, Place};
use crate::template::ConnectorPlace;
use hashbrown::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// The changes of every `DependsOn`.
pub(super) struct Turned {
    /// The changes.
    pub(super) out: Vec<Change>,
    /// The comments that they take away, each with the number of the connector that it goes to.
    pub(super) claims: BTreeMap<usize, usize>,
}

/// Turns every `DependsOn` to what the connectors become, and adds those that SAM would add.
pub(super) fn turned(ctx: Ctx<'_, '_>, chosen: &[&Folding]) -> Turned {
    let mut turned = Turned { out: Vec::new(), claims: BTreeMap::new() };
    let added = added_waits(ctx, chosen);
    let heirs = Heirs::of(ctx, chosen);
    for position in 0..ctx.resolver.template.resources().len() {
        if let Some(new) = new_waits(&heirs, position, added.get(&position)) {
            turned.resource(&heirs, chosen, position, new);
        }
    }
    turned
}

impl Turned {
    fn resource(
        &mut self,
        heirs: &Heirs<'_, '_, '_>,
        chosen: &[&Folding],
        position: usize,
        new: Vec<String>,
    ) {
        let doc = heirs.ctx.resolver.doc;
        let resource = &heirs.ctx.resolver.template.resources()[position];
        let all = |names: &[String]| names.iter().map(|name| Fragment::scalar(name.as_str())).collect();
        let one_or_all = |names: &[String]| match names {
            [only] => Fragment::scalar(only.as_str()),
            several => Fragment::Sequence(all(several)),
        };
        let Some((entry, node)) =
            doc.entry(resource.node, "DependsOn").zip(doc.get(resource.node, "DependsOn"))
        else {
            let place = doc.entry(resource.node, "Properties").map_or(Place::Last, Place::Before);
            let value = one_or_all(&new);
            return self.out.push(Change::Insert {
                collection: resource.node,
                place,
                entries: Insertion::Entries(vec![FragmentEntry::new("DependsOn", value)]),
                blank_line_before: false,
            });
        };
        let node = doc.resolve(node);
        let name = |node: NodeId| doc.scalar(doc.resolve(node)).unwrap_or_default();
        let gone: Vec<(usize, NodeId)> =
            doc.items(node).enumerate().filter(|(_, item)| heirs.view(name(*item)).is_some()).collect();
        let first = doc.items(node).chain([node]).find_map(|node| heirs.view(name(node)));
        let heir = first.or(chosen.first().map(|folding| folding.view)).unwrap_or_default();
        if new.is_empty() {
            self.claim(doc.owned_comments(resource.node, entry), heir);
            return self.out.push(Change::Remove { collection: resource.node, index: entry });
        }
        if doc.node(node).is_scalar() {
            return self.out.push(Change::ReplaceValue { node, value: one_or_all(&new) });
        }
        // Item by item, so that the list keeps its form and the comments on what stays.
        let stays: BTreeSet<&str> =
            doc.items(node).map(name).filter(|name| heirs.view(name).is_none()).collect();
        let mut coming: Vec<String> = new.into_iter().filter(|name| !stays.contains(name.as_str())).collect();
        let mut turned: Vec<(usize, NodeId, Vec<String>)> = Vec::new();
        for (index, item) in gone {
            let own = heirs.names(name(item), Some(position)).unwrap_or_default();
            let (here, later) = coming.into_iter().partition(|name| own.contains(name));
            coming = later;
            turned.push((index, doc.resolve(item), here));
        }
        if stays.is_empty() && turned.iter().all(|(.., here)| here.is_empty()) {
            self.claim(doc.comments_within(doc.full_span(node)), heir);
            return self.out.push(Change::ReplaceValue { node, value: Fragment::Sequence(all(&coming)) });
        }
        for (index, item, here) in turned {
            match here.as_slice() {
                [only] => {
                    self.out.push(Change::ReplaceValue { node: item, value: Fragment::scalar(only.as_str()) })
                }
                [] => {
                    self.claim(doc.owned_comments(node, index), heirs.view(name(item)).unwrap_or(heir));
                    self.out.push(Change::Remove { collection: node, index });
                }
                several => {
                    self.claim(doc.owned_comments(node, index), heirs.view(name(item)).unwrap_or(heir));
                    self.out.push(Change::ReplaceItem { collection: node, index, value: all(several) });
                }
            }
        }
        if !coming.is_empty() {
            self.out.push(Change::Insert {
                collection: node,
                place: Place::Last,
                entries: Insertion::Items(all(&coming)),
                blank_line_before: false,
            });
        }
    }

    fn claim(&mut self, comments: impl IntoIterator<Item = usize>, view: usize) {
        self.claims.extend(comments.into_iter().map(|comment| (comment, view)));
    }
}

/// The names that a resource waits for after some foldings, in order; `None` if they stay as they are, or if it goes.
pub(super) fn new_waits(
    heirs: &Heirs<'_, '_, '_>,
    position: usize,
    added: Option<&Vec<String>>,
) -> Option<Vec<String>> {
    if heirs.goes(position) {
        return None;
    }
    let doc = heirs.ctx.resolver.doc;
    let resource = &heirs.ctx.resolver.template.resources()[position];
    let value = doc.get(resource.node, "DependsOn").map(|node| doc.resolve(node));
    let names = value.into_iter().flat_map(|node| doc.items(node).chain([node]));
    let old: Vec<&str> = names.filter_map(|node| doc.scalar(doc.resolve(node))).collect();
    // A name that stands there twice is nobody's business as long as nothing else changes.
    if !old.iter().any(|name| heirs.view(name).is_some()) && added.is_none_or(Vec::is_empty) {
        return None;
    }
    let turned = old
        .iter()
        .flat_map(|name| heirs.names(name, Some(position)).unwrap_or_else(|| vec![(*name).to_owned()]));
    let mut new: Vec<String> = Vec::new();
    for name in turned.chain(added.into_iter().flatten().cloned()) {
        if !new.contains(&name) {
            new.push(name);
        }
    }
    (!new.iter().map(String::as_str).eq(old)).then_some(new)
}

/// What takes the place of connectors, for whoever waits for them.
pub(super) struct Heirs<'r, 'a, 'f> {
    ctx: Ctx<'r, 'a>,
    /// By id of a connector: what becomes of it.
    foldings: HashMap<&'r str, &'f Folding>,
    /// The positions of the connectors that are resources.
    standalone: HashSet<usize>,
}

impl<'r, 'a, 'f> Heirs<'r, 'a, 'f> {
    /// The heirs of the connectors that some foldings take away.
    pub(super) fn of(ctx: Ctx<'r, 'a>, chosen: &[&'f Folding]) -> Self {
        let connector = |folding: &Folding| &ctx.analysis.connectors[folding.view].connector;
        let foldings = chosen.iter().map(|folding| (connector(folding).id.as_str(), *folding)).collect();
        let standalone = chosen.iter().filter_map(|folding| match connector(folding).place {
            ConnectorPlace::Standalone(position) => Some(position),
            ConnectorPlace::Embedded { .. } => None,
        });
        Self { ctx, foldings, standalone: standalone.collect() }
    }

    /// Whether a resource is a connector that goes, and so waits for nothing any more.
    fn goes(&self, position: usize) -> bool {
        self.standalone.contains(&position)
    }

    /// The connector of a name that goes, by its number.
    fn view(&self, name: &str) -> Option<usize> {
        self.foldings.get(name).map(|folding| folding.view)
    }

    /// What the resource at `waiting` waits for instead of a connector that goes: the resources that it becomes, or the roles
    /// that it is folded into, unless the one that waits acts through the role anyway.
    pub(super) fn names(&self, connector: &str, waiting: Option<usize>) -> Option<Vec<String>> {
        let folding = self.foldings.get(connector)?;
        let view = &self.ctx.analysis.connectors[folding.view];
        Some(match folding.form {
            PolicyForm::Resource => {
                let left = view.parts.iter().zip(&folding.shares);
                let left = left.filter(|(part, share)| part.grants.len() > share.dropped.len());
                left.map(|(_, share)| share.generated.clone()).collect()
            }
            PolicyForm::Inline => {
                let mut roles: Vec<String> = Vec::new();
                for part in &view.parts {
                    let acts = waiting.is_some_and(|waiting| self.ctx.analysis.acts(waiting, &part.holder));
                    if !acts && !roles.iter().any(|role| **role == *part.holder) {
                        roles.push(part.holder.to_string());
                    }
                }
                roles
            }
        })
    }
}

/// By resource: the generated resources that SAM would make it wait for.
pub(super) fn added_waits(ctx: Ctx<'_, '_>, chosen: &[&Folding]) -> BTreeMap<usize, Vec<String>> {
    let mut out: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for folding in chosen.iter().filter(|folding| folding.form == PolicyForm::Resource) {
        let view = &ctx.analysis.connectors[folding.view];
        for (number, (part, share)) in view.parts.iter().zip(&folding.shares).enumerate() {
            if part.grants.len() == share.dropped.len() {
                continue;
            }
            let waiting = match profile(ctx, &part.profile).and_then(|profile| profile.waits) {
                None => None,
                Some(Waits::SourceStateMachine) => view.source,
                Some(Waits::EventSourceMapping) => poller(ctx, view, number).map(|poller| poller.waiting()),
            };
            if let Some(waiting) = waiting {
                out.entry(waiting).or_default().push(share.generated.clone());
            }
        }
    }
    out
}

/// What polls the source of a part, where SAM lets that wait for the policy: the one event source mapping that joins source
/// and function. A mapping that SAM makes of an event cannot be told to wait; then the function has to, unless SAM itself lets
/// its generated role poll.
fn poller<'r>(ctx: Ctx<'r, '_>, view: &ConnectorView, number: usize) -> Option<&'r Poller> {
    let (source, function) = view.source.zip(view.destinations.get(number).copied().flatten())?;
    let pollers = ctx.analysis.pollers.iter();
    let mut joining =
        pollers.filter(|poller| poller.plain && (poller.source, poller.function) == (source, function));
    let (only, None) = (joining.next()?, joining.next()) else { return None };
    let role = ctx.analysis.principal(&view.parts.get(number)?.holder).map(|principal| &principal.role);
    let polls_anyway = only.mapping.is_none() && matches!(role, Some(Role::Generated(_)));
    (!polls_anyway).then_some(only)
}

/// Whether a function that has to wait for its policy needs itself then, by way of what it polls.
pub(super) fn close_a_cycle(ctx: Ctx<'_, '_>, chosen: &[&Folding]) -> bool {
    let resources = ctx.resolver.template.resources();
    let ejected = chosen.iter().filter(|folding| folding.form == PolicyForm::Resource);
    let parts = ejected.flat_map(|folding| folding.shares.iter().enumerate().map(|(n, _)| (folding.view, n)));
    let polled = parts.filter_map(|(view, number)| {
        let view = &ctx.analysis.connectors[view];
        let profile = profile(ctx, &view.parts.get(number)?.profile)?;
        (profile.waits == Some(Waits::EventSourceMapping)).then(|| poller(ctx, view, number))?
    });
    let mut by_event = polled.filter(|poller| poller.mapping.is_none()).peekable();
    by_event.peek().is_some() && {
        let graph = Graph::of(ctx.resolver, ctx.analysis);
        by_event.any(|p| graph.reaches(&resources[p.source].id, &resources[p.function].id))
    }
}

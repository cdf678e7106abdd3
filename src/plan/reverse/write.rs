//! The changes that turn connectors into policies: the connector goes with its comments, its statements or its resource come,
//! and what waits for it waits for that. Decides places and shapes; bytes are decided by the document layer.

use super::super::changes::Impossible;
use super::super::spell::copied;
use super::decide::profile;
use super::home::{Ctx, role};
use super::statement::{Generated, Style, document};
use super::waits::{Heirs, Turned, close_a_cycle, turned};
use super::{Folding, Home, PolicyForm, Share};
use crate::analysis::{Analysis, ConnectorView, Resolver};
use crate::catalog::Profile;
use crate::iam::Presence;
use crate::syntax::{Change, Fragment, FragmentEntry, Insertion, NodeId, NodeKind, Place};
use crate::template::{ConnectorPlace, Shape, SlotKind, call, policy_slots};
use std::collections::{BTreeMap, BTreeSet};

/// The changes that make some foldings.
pub(in crate::plan) fn changes(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    chosen: &[&Folding],
) -> Result<Vec<Change>, Impossible> {
    let ctx = Ctx { resolver, analysis };
    if close_a_cycle(ctx, chosen) {
        return Err(Impossible::Cycle);
    }
    let Turned { out, claims } = turned(ctx, chosen);
    let mut writer = Writer { ctx, chosen, comments: BTreeMap::new(), out };
    writer.take_out(claims);
    writer.policies()?;
    writer.resources()?;
    writer.comments_of_nothing()?;
    Ok(writer.out)
}

struct Writer<'r, 'c> {
    ctx: Ctx<'r, 'c>,
    chosen: &'r [&'r Folding],
    /// The comments that move, by the number of the connector.
    comments: BTreeMap<usize, Vec<String>>,
    out: Vec<Change>,
}

impl<'r> Writer<'r, '_> {
    fn view(&self, folding: &Folding) -> &'r ConnectorView {
        &self.ctx.analysis.connectors[folding.view]
    }

    /// Takes the connectors out and collects the comments that move: theirs, and those that are claimed for them by the number
    /// of the comment.
    fn take_out(&mut self, mut claims: BTreeMap<usize, usize>) {
        let doc = self.ctx.resolver.doc;
        let resources = self.ctx.resolver.template.resources();
        let mut embedded: BTreeMap<(usize, NodeId), Vec<(usize, usize)>> = BTreeMap::new();
        for folding in self.chosen {
            let (collection, index) = match self.view(folding).connector.place {
                ConnectorPlace::Embedded { owner, map, index } => {
                    embedded.entry((owner, map)).or_default().push((index, folding.view));
                    (map, index)
                }
                ConnectorPlace::Standalone(position) => {
                    let Some(all) = self.ctx.resolver.template.resources_node() else { continue };
                    let index = resources[position].index;
                    self.out.push(Change::Remove { collection: all, index });
                    (all, index)
                }
            };
            for comment in doc.owned_comments(collection, index) {
                claims.insert(comment, folding.view);
            }
        }
        for ((owner, map), entries) in embedded {
            let whole = entries.len() == doc.node(map).entries.len();
            let owner = resources[owner].node;
            match doc.entry(owner, "Connectors").filter(|_| whole) {
                Some(index) => {
                    let first = entries.iter().map(|(_, view)| *view).min();
                    for comment in doc.owned_comments(owner, index) {
                        claims.entry(comment).or_insert(first.unwrap_or_default());
                    }
                    self.out.push(Change::Remove { collection: owner, index });
                }
                None => self
                    .out
                    .extend(entries.iter().map(|&(index, _)| Change::Remove { collection: map, index })),
            }
        }
        for (comment, view) in claims {
            let text = doc.comments().get(comment).map(|c| doc.source().slice(c.span).trim_end().to_owned());
            self.comments.entry(view).or_default().extend(text);
        }
    }

    /// Adds what is folded to the policies of its roles.
    fn policies(&mut self) -> Result<(), Impossible> {
        let mut by_home: BTreeMap<(usize, String, bool), Vec<Fragment>> = BTreeMap::new();
        for folding in self.chosen.iter().filter(|folding| folding.form == PolicyForm::Inline) {
            let mut homes: Vec<&Home> = Vec::new();
            for home in folding.shares.iter().filter_map(|share| share.home.as_ref()) {
                if !homes.contains(&home) {
                    homes.push(home);
                }
            }
            for home in homes {
                let items = self.items(folding, home)?;
                let key = (home.resource, home.property.clone(), home.of_role);
                by_home.entry(key).or_default().extend(items);
            }
        }
        for ((resource, property, of_role), items) in by_home {
            if !items.is_empty() {
                self.append(resource, &property, of_role, items)?;
            }
        }
        Ok(())
    }

    /// The policies that one connector becomes in one place.
    fn items(&mut self, folding: &Folding, home: &Home) -> Result<Vec<Fragment>, Impossible> {
        let view = self.view(folding);
        let mut comments = self.comments.remove(&folding.view).unwrap_or_default();
        let mut items: Vec<Fragment> = Vec::new();
        let mut statements: Vec<Fragment> = Vec::new();
        for (number, share) in folding.shares.iter().enumerate() {
            if share.home.as_ref() != Some(home) {
                continue;
            }
            if let Some((name, parameter, value)) = &share.template {
                let parameters = Fragment::map([(parameter.as_str(), value.clone())]);
                let entry = FragmentEntry::new(name.as_str(), parameters)
                    .with_comments(std::mem::take(&mut comments));
                items.push(Fragment::Mapping(vec![entry]));
                continue;
            }
            let found = self.generated(view, number).and_then(|g| g.statements(&share.dropped, Style::Short));
            statements.extend(found.ok_or(Impossible::Unspellable)?);
        }
        if !statements.is_empty() {
            let mut entries = match document(statements) {
                Fragment::Mapping(entries) => entries,
                _ => Vec::new(),
            };
            if home.of_role {
                let name = self.policy_name(home, &view.connector.id);
                entries = vec![
                    FragmentEntry::new("PolicyName", Fragment::scalar(name)),
                    FragmentEntry::new("PolicyDocument", Fragment::Mapping(entries)),
                ];
            }
            if let Some(first) = entries.first_mut() {
                first.comments = std::mem::take(&mut comments);
            }
            items.push(Fragment::Mapping(entries));
        }
        if let Some(condition) = self.condition(view, folding, home) {
            items = items.into_iter().map(|item| conditional(&condition, item)).collect();
        }
        if !comments.is_empty() {
            // Nothing is left to carry them here.
            self.comments.insert(folding.view, comments);
        }
        Ok(items)
    }

    /// The condition of a connector, where its role exists at other times too.
    fn condition(&self, view: &ConnectorView, folding: &Folding, home: &Home) -> Option<String> {
        let condition = view.connector.condition.clone()?;
        let own = self.ctx.resolver.template.condition(&condition);
        let holders =
            view.parts.iter().zip(&folding.shares).filter(|(_, share)| share.home.as_ref() == Some(home));
        let role =
            holders.map(|(part, _)| part).next().and_then(|part| self.ctx.analysis.principal(&part.holder));
        let role = role.map_or(Presence::Always, |principal| principal.presence.clone());
        (role.implies(&own) != Some(true)).then_some(condition)
    }

    /// A name for an inline policy that its role does not have yet.
    fn policy_name(&self, home: &Home, wanted: &str) -> String {
        let doc = self.ctx.resolver.doc;
        let resource = &self.ctx.resolver.template.resources()[home.resource];
        let policies = resource.properties.and_then(|p| doc.get(p, &home.property)).map(|n| doc.resolve(n));
        let names: BTreeSet<&str> = policies
            .into_iter()
            .flat_map(|node| doc.items(node))
            .filter_map(|item| doc.get(doc.resolve(item), "PolicyName"))
            .filter_map(|node| doc.scalar(doc.resolve(node)))
            .collect();
        let numbered = (2..).map(|number| format!("{wanted}{number}"));
        let mut candidates = std::iter::once(wanted.to_owned()).chain(numbered);
        candidates.find(|name| !names.contains(name.as_str())).unwrap_or_else(|| wanted.to_owned())
    }

    /// Puts policies behind those that are there, whose names go by position.
    fn append(
        &mut self,
        resource: usize,
        property: &str,
        of_role: bool,
        items: Vec<Fragment>,
    ) -> Result<(), Impossible> {
        let doc = self.ctx.resolver.doc;
        let resource = &self.ctx.resolver.template.resources()[resource];
        let properties = resource.properties.ok_or(Impossible::Unspellable)?;
        let Some(node) = doc.get(properties, property) else {
            let entry = FragmentEntry::new(property, Fragment::Sequence(items));
            self.out.push(Change::Insert {
                collection: properties,
                place: Place::Last,
                entries: Insertion::Entries(vec![entry]),
                blank_line_before: false,
            });
            return Ok(());
        };
        let list = matches!(doc.node(node).kind, NodeKind::Sequence) && call(doc, node).is_none();
        if list && !doc.node(node).entries.is_empty() {
            self.out.push(Change::Insert {
                collection: node,
                place: Place::Last,
                entries: Insertion::Items(items),
                blank_line_before: false,
            });
            return Ok(());
        }
        let shape = if of_role { Shape::Role } else { Shape::Sam };
        let empty = policy_slots(doc, node, shape).iter().all(|slot| matches!(slot.kind, SlotKind::Empty));
        let value = match empty {
            true => Fragment::Sequence(items),
            false => Fragment::list([Fragment::Copy(node)].into_iter().chain(items)),
        };
        self.out.push(Change::ReplaceValue { node, value });
        Ok(())
    }

    /// Adds the resources that SAM would generate.
    fn resources(&mut self) -> Result<(), Impossible> {
        let template = self.ctx.resolver.template;
        for folding in self.chosen.iter().filter(|folding| folding.form == PolicyForm::Resource) {
            let view = self.view(folding);
            let mut comments = self.comments.remove(&folding.view).unwrap_or_default();
            let mut entries = Vec::new();
            for (number, share) in folding.shares.iter().enumerate() {
                if view.parts[number].grants.len() == share.dropped.len() {
                    continue;
                }
                let body = self.body(view, number, share).ok_or(Impossible::Unspellable)?;
                let comments = std::mem::take(&mut comments);
                entries.push(FragmentEntry::new(share.generated.as_str(), body).with_comments(comments));
            }
            let at = match view.connector.place {
                ConnectorPlace::Embedded { owner, .. } => owner,
                ConnectorPlace::Standalone(position) => position,
            };
            if !comments.is_empty() {
                self.comments.insert(folding.view, comments);
            }
            let (Some(collection), false) = (template.resources_node(), entries.is_empty()) else { continue };
            for entry in entries {
                self.out.push(Change::Insert {
                    collection,
                    place: Place::After(template.resources()[at].index),
                    entries: Insertion::Entries(vec![entry]),
                    blank_line_before: true,
                });
            }
        }
        Ok(())
    }

    /// Puts the comments of connectors that leave no policy above the resource that they were about.
    fn comments_of_nothing(&mut self) -> Result<(), Impossible> {
        let template = self.ctx.resolver.template;
        for (view, comments) in std::mem::take(&mut self.comments) {
            if comments.is_empty() {
                continue;
            }
            let view = &self.ctx.analysis.connectors[view];
            let about = match view.connector.place {
                ConnectorPlace::Embedded { owner, .. } => Some(owner),
                ConnectorPlace::Standalone(_) => {
                    view.source.or_else(|| view.destinations.iter().flatten().next().copied())
                }
            };
            let (Some(collection), Some(about)) = (template.resources_node(), about) else {
                return Err(Impossible::Unspellable);
            };
            self.out.push(Change::Comment { collection, index: template.resources()[about].index, comments });
        }
        Ok(())
    }

    fn body(&self, view: &ConnectorView, number: usize, share: &Share) -> Option<Fragment> {
        let generated = self.generated(view, number)?;
        let (kind, _) = self.ctx.resolver.catalog.generated(generated.profile.kind)?;
        let role = role(self.ctx, generated.profile, view, generated.destination, view.parts.get(number)?);
        let mut entries = vec![("Type".to_owned(), Fragment::scalar(kind.name.as_str()))];
        if let Some(condition) = &view.connector.condition {
            entries.push(("Condition".to_owned(), Fragment::scalar(condition.as_str())));
        }
        for (name, node) in &view.connector.attributes {
            let value = match name.as_str() {
                "DependsOn" => self.renamed(view, *node),
                _ => copied(self.ctx.resolver.doc, *node),
            };
            entries.push((name.clone(), value));
        }
        entries.push(("Properties".to_owned(), generated.properties(&share.dropped, role, Style::Exact)?));
        Some(Fragment::map(entries))
    }

    /// A `DependsOn` that moves, with the connectors in it that become something else.
    fn renamed(&self, view: &ConnectorView, node: NodeId) -> Fragment {
        let doc = self.ctx.resolver.doc;
        let node = doc.resolve(node);
        let heirs = Heirs::of(self.ctx, self.chosen);
        let names: Vec<&str> =
            doc.items(node).chain([node]).filter_map(|n| doc.scalar(doc.resolve(n))).collect();
        let turns = |name: &&str| *name != view.connector.id && heirs.names(name, None).is_some();
        if !names.iter().any(turns) {
            return copied(doc, node);
        }
        let mut out: Vec<String> = Vec::new();
        for name in names {
            out.extend(heirs.names(name, None).unwrap_or_else(|| vec![name.to_owned()]));
        }
        Fragment::list(out.into_iter().map(Fragment::scalar))
    }

    fn generated<'s>(&'s self, view: &'s ConnectorView, number: usize) -> Option<Generated<'s, 's>> {
        let profile: &Profile = profile(self.ctx, &view.parts.get(number)?.profile)?;
        Some(Generated {
            resolver: self.ctx.resolver,
            connector: &view.connector,
            destination: view.connector.destinations.get(number)?,
            profile,
        })
    }
}

/// An item that is there only under a condition.
fn conditional(condition: &str, item: Fragment) -> Fragment {
    let nothing = Fragment::intrinsic("Ref", Fragment::scalar("AWS::NoValue"));
    Fragment::intrinsic("If", Fragment::list([Fragment::scalar(condition), item, nothing]))
}

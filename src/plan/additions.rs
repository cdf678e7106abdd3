//! What comes with rewrites: connectors embedded or standalone, categories of connectors that are there, conditions, and the
//! comments that move to them. Decides places and shapes; layout is decided where they land.

use super::RewriteId;
use super::changes::Impossible;
use super::far::Far;
use super::join::default_qualifier;
use super::proposal::{Placing, Proposal, Use};
use crate::analysis::{Analysis, Resolver};
use crate::syntax::{Change, Fragment, FragmentEntry, Insertion, NodeId, Place};
use crate::template::{CONNECTOR_TYPE, ConnectorPlace};
use std::collections::{BTreeMap, BTreeSet};

/// Works out what comes.
pub(super) struct Additions<'r, 'a> {
    resolver: &'r Resolver<'a>,
    analysis: &'r Analysis,
    /// Comments that move, by the rewrite they go to.
    comments: BTreeMap<RewriteId, Vec<usize>>,
    /// The changes.
    out: Vec<Change>,
}

impl<'r, 'a> Additions<'r, 'a> {
    /// The changes that the chosen proposals add, each connector below the comments that move to it.
    pub(super) fn of(
        resolver: &'r Resolver<'a>,
        analysis: &'r Analysis,
        comments: BTreeMap<RewriteId, Vec<usize>>,
        chosen: &[(RewriteId, &Proposal)],
    ) -> Result<Vec<Change>, Impossible> {
        let mut additions = Self { resolver, analysis, comments, out: Vec::new() };
        additions.run(chosen)?;
        Ok(additions.out)
    }

    fn run(&mut self, chosen: &[(RewriteId, &Proposal)]) -> Result<(), Impossible> {
        let mut embedded: BTreeMap<usize, Vec<FragmentEntry>> = BTreeMap::new();
        for (id, proposal) in chosen {
            let comments = self.texts(*id);
            match &proposal.connector {
                Use::Existing { view, missing } => self.extend(*view, missing, comments),
                // SAM would refuse it; the resource that it is called after has no valid logical id.
                Use::New { id, .. } if !id.chars().all(|c| c.is_ascii_alphanumeric()) => {
                    return Err(Impossible::Unspellable);
                }
                Use::New { key, id, form } => {
                    let source = proposal.edge.source();
                    let owner = &self.resolver.template.resources()[source];
                    match form {
                        Placing::Embedded => {
                            let body = self.body(proposal, None).ok_or(Impossible::Unspellable)?;
                            let entry = FragmentEntry::new(key.as_str(), body);
                            embedded.entry(source).or_default().push(entry.with_comments(comments));
                        }
                        Placing::Standalone => {
                            let body = self.body(proposal, Some(&owner.id)).ok_or(Impossible::Unspellable)?;
                            let entry = FragmentEntry::new(id.as_str(), body).with_comments(comments);
                            if let Some(collection) = self.resolver.template.resources_node() {
                                self.out.push(Change::Insert {
                                    collection,
                                    place: Place::After(owner.index),
                                    entries: Insertion::Entries(vec![entry]),
                                    blank_line_before: true,
                                });
                            }
                        }
                    }
                }
            }
        }
        for (owner, entries) in embedded {
            self.embed(owner, entries);
        }
        self.conditions(chosen);
        Ok(())
    }

    fn texts(&self, id: RewriteId) -> Vec<String> {
        let doc = self.resolver.doc;
        let comments = self.comments.get(&id).map(Vec::as_slice).unwrap_or_default();
        comments
            .iter()
            .filter_map(|&number| doc.comments().get(number))
            .map(|comment| doc.source().slice(comment.span).trim_end().to_owned())
            .collect()
    }

    /// The value of a connector; with a source for a standalone one. `None` if an end cannot be spelled.
    fn body(&self, proposal: &Proposal, source: Option<&str>) -> Option<Fragment> {
        let edge = &proposal.edge;
        let resources = self.resolver.template.resources();
        let id = |id: &str| ("Id", Fragment::scalar(id));
        let by_id = |position: usize| Fragment::map([id(&resources[position].id)]);
        let part = edge
            .qualifier
            .as_ref()
            .filter(|text| default_qualifier(self.resolver, edge).as_ref() != Some(*text));
        let part = part.map(|text| {
            let scalar = Fragment::scalar(text.as_str());
            ("Qualifier", if text.contains("${") { Fragment::intrinsic("Sub", scalar) } else { scalar })
        });
        let mut properties = Vec::new();
        match (source, part) {
            (Some(source), part) => {
                properties.push(("Source", Fragment::map([id(source)].into_iter().chain(part))));
            }
            (None, Some(part)) => properties.push(("SourceReference", Fragment::map([part]))),
            (None, None) => {}
        }
        let destination = match (&edge.far, &edge.spelled) {
            (Far::Inferred(positions), _) if positions.len() > 1 => {
                Fragment::list(positions.iter().map(|&position| by_id(position)))
            }
            (Far::External(type_name, _), Some(spelled)) => {
                let mut entries = vec![
                    ("Type", Fragment::scalar(type_name.as_str())),
                    ("Arn", spelled.arn.fragment(self.resolver.doc)?),
                ];
                if let Some(name) = &spelled.name {
                    entries.push(("Name", name.fragment(self.resolver.doc)?));
                }
                Fragment::map(entries)
            }
            _ => by_id(*edge.destinations().first()?),
        };
        properties.push(("Destination", destination));
        let permissions = proposal.categories.iter().map(|category| Fragment::scalar(category.as_str()));
        properties.push(("Permissions", Fragment::list(permissions)));
        let mut entries = Vec::new();
        if source.is_some() {
            entries.push(("Type", Fragment::scalar(CONNECTOR_TYPE)));
        }
        if let Some(condition) = &proposal.condition {
            entries.push(("Condition", Fragment::scalar(condition.name.as_str())));
        }
        entries.push(("Properties", Fragment::map(properties)));
        Some(Fragment::map(entries))
    }

    fn embed(&mut self, owner: usize, entries: Vec<FragmentEntry>) {
        let doc = self.resolver.doc;
        let resource = &self.resolver.template.resources()[owner];
        let existing = doc.get(resource.node, "Connectors").map(|n| doc.resolve(n));
        let has_entries = |node: &NodeId| !doc.node(*node).entries.is_empty();
        self.out.push(match existing {
            Some(map) if has_entries(&map) => Change::Insert {
                collection: map,
                place: Place::Last,
                entries: Insertion::Entries(entries),
                blank_line_before: false,
            },
            Some(empty) => Change::ReplaceValue { node: empty, value: Fragment::Mapping(entries) },
            None => {
                let place = doc.entry(resource.node, "Properties").map_or(Place::Last, Place::Before);
                let connectors = FragmentEntry::new("Connectors", Fragment::Mapping(entries));
                Change::Insert {
                    collection: resource.node,
                    place,
                    entries: Insertion::Entries(vec![connectors]),
                    blank_line_before: false,
                }
            }
        });
    }

    /// Adds categories and comments to a connector that is there.
    fn extend(&mut self, view: usize, missing: &[String], comments: Vec<String>) {
        let connector = &self.analysis.connectors[view].connector;
        if let Some(collection) = connector.permissions_node {
            for category in missing {
                // `Read` stands before `Write`; categories are ordered by their names.
                let place = match connector.permissions.first() {
                    Some(first) if category < first => Place::First,
                    _ => Place::Last,
                };
                self.out.push(Change::Insert {
                    collection,
                    place,
                    entries: Insertion::Items(vec![Fragment::scalar(category.as_str())]),
                    blank_line_before: false,
                });
            }
        }
        if comments.is_empty() {
            return;
        }
        let (collection, index) = match connector.place {
            ConnectorPlace::Embedded { map, index, .. } => (Some(map), index),
            ConnectorPlace::Standalone(position) => {
                (self.resolver.template.resources_node(), self.resolver.template.resources()[position].index)
            }
        };
        if let Some(collection) = collection {
            self.out.push(Change::Comment { collection, index, comments });
        }
    }

    /// Declares the new conditions.
    fn conditions(&mut self, chosen: &[(RewriteId, &Proposal)]) {
        let mut declared = BTreeSet::new();
        let mut entries = Vec::new();
        for (_, proposal) in chosen {
            let Some(condition) = proposal.condition.as_ref().filter(|condition| condition.new) else {
                continue;
            };
            if !declared.insert(condition.name.as_str()) {
                continue;
            }
            let mut parts: Vec<Fragment> = condition
                .parts
                .iter()
                .map(|(name, holds)| {
                    let named = Fragment::intrinsic("Condition", Fragment::scalar(name.as_str()));
                    if *holds { named } else { Fragment::intrinsic("Not", Fragment::list([named])) }
                })
                .collect();
            let value = match parts.len() {
                1 => parts.remove(0),
                _ => Fragment::intrinsic("And", Fragment::Sequence(parts)),
            };
            entries.push(FragmentEntry::new(condition.name.as_str(), value));
        }
        if entries.is_empty() {
            return;
        }
        // A new condition is made of others, so the section is there unless the template names undeclared ones.
        if let Some(collection) = self.resolver.template.conditions_node() {
            self.out.push(Change::Insert {
                collection,
                place: Place::Last,
                entries: Insertion::Entries(entries),
                blank_line_before: false,
            });
        }
    }
}

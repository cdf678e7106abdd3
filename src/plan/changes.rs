//! From chosen rewrites to changes of the document: what goes from `Policies`, which connectors and conditions come, and
//! where the comments go that would be lost. Decides places; bytes are decided by the document layer.

use super::proposal::{Proposal, Use};
use super::rest::{Block, StatementOutcome, UnitOutcome, outcome};
use super::spell;
use super::{Form, RewriteId};
use crate::analysis::{Analysis, Ledger, Rectangle, Resolver, Row, Unit};
use crate::syntax::{Change, Fragment, FragmentEntry, Insertion, NodeId, Place};
use crate::template::{CONNECTOR_TYPE, ConnectorPlace, SlotKind, policy_slots};
use std::collections::{BTreeMap, BTreeSet};

/// Something in the text that a batch of changes cannot do; the rewrites of these units cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Impossible {
    /// The branches of an `Fn::If` would end as different kinds.
    MixedIf,
    /// A resource expression cannot be spelled.
    Unspellable,
}

/// The changes that make the chosen rewrites.
pub(super) fn changes(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    proposals: &[Proposal],
    chosen: &[RewriteId],
) -> Result<Vec<Change>, Impossible> {
    let chosen: Vec<(RewriteId, &Proposal)> =
        chosen.iter().filter_map(|id| Some((*id, proposals.get(id.0)?))).collect();
    let mut gone: BTreeMap<usize, RewriteId> = BTreeMap::new();
    for (id, proposal) in &chosen {
        for &cell in &proposal.gone {
            gone.entry(cell).or_insert(*id);
        }
    }
    let mut removal =
        Removal { resolver, ledger: &analysis.ledger, gone: &gone, out: Vec::new(), owners: BTreeMap::new() };
    removal.run()?;
    let Removal { out: mut changes, owners, .. } = removal;
    let comments = claimed_comments(resolver, &analysis.ledger, &changes, &gone, &owners, &chosen);
    let mut additions = Additions { resolver, analysis, comments, out: Vec::new() };
    additions.run(&chosen);
    changes.extend(additions.out);
    Ok(changes)
}

/// Works out what goes, policy by policy.
struct Removal<'r, 'a> {
    resolver: &'r Resolver<'a>,
    ledger: &'r Ledger,
    gone: &'r BTreeMap<usize, RewriteId>,
    out: Vec<Change>,
    /// Values of `Policies` that are touched, with the first rewrite that does.
    owners: BTreeMap<NodeId, RewriteId>,
}

impl Removal<'_, '_> {
    fn run(&mut self) -> Result<(), Impossible> {
        let gone: BTreeSet<usize> = self.gone.keys().copied().collect();
        let outcomes: Vec<UnitOutcome> =
            self.ledger.units.iter().map(|unit| outcome(self.ledger, unit, &gone)).collect();
        let mut at = 0;
        while at < self.ledger.units.len() {
            let policies = self.ledger.units[at].policies;
            let end =
                at + self.ledger.units[at..].iter().take_while(|unit| unit.policies == policies).count();
            if outcomes[at..end].iter().any(|outcome| *outcome != UnitOutcome::Keep) {
                self.policies(policies, at, &outcomes[at..end])?;
            }
            at = end;
        }
        Ok(())
    }

    /// The changes in one `Policies`, whose units start at number `first`.
    fn policies(
        &mut self,
        policies: NodeId,
        first: usize,
        outcomes: &[UnitOutcome],
    ) -> Result<(), Impossible> {
        let units = &self.ledger.units[first..first + outcomes.len()];
        if let Some(id) = units.iter().flat_map(|unit| self.first_rewrite(unit)).min() {
            self.owners.insert(policies, id);
        }
        let slots = policy_slots(self.resolver.doc, policies);
        let mut left = slots.len();
        let mut inner = Vec::new();
        for slot in &slots {
            let of_slot: Vec<(&Unit, &UnitOutcome)> =
                units.iter().zip(outcomes).filter(|(unit, _)| unit.slot == slot.index).collect();
            if of_slot.iter().all(|(_, outcome)| **outcome == UnitOutcome::Keep) {
                continue;
            }
            let empties = of_slot.iter().all(|(_, outcome)| **outcome == UnitOutcome::Remove)
                && leaves(&slot.kind) == of_slot.len();
            if empties {
                left -= 1;
                if let Some(index) = slot.index {
                    inner.push(Change::Remove { collection: policies, index });
                }
            } else {
                if of_slot.iter().any(|(_, outcome)| matches!(outcome, UnitOutcome::Change(_)))
                    && has_managed(&slot.kind)
                {
                    return Err(Impossible::MixedIf);
                }
                for (unit, outcome) in &of_slot {
                    self.unit(unit, outcome, &of_slot, &mut inner)?;
                }
            }
        }
        if left > 0 {
            self.out.append(&mut inner);
            return Ok(());
        }
        // Nothing is left, so the key goes too, and `Properties` with it if that was all it held.
        let doc = self.resolver.doc;
        let mut node = policies;
        while let Some(parent) = doc.node(node).parent {
            if doc.node(parent).entries.len() > 1 {
                if let Some(index) = doc.index_in_parent(node) {
                    self.out.push(Change::Remove { collection: parent, index });
                }
                break;
            }
            node = parent;
        }
        Ok(())
    }

    fn unit(
        &self,
        unit: &Unit,
        outcome: &UnitOutcome,
        siblings: &[(&Unit, &UnitOutcome)],
        out: &mut Vec<Change>,
    ) -> Result<(), Impossible> {
        let statements = match outcome {
            UnitOutcome::Keep => return Ok(()),
            UnitOutcome::Remove => {
                // A branch that empties while others stay.
                let nothing = Fragment::intrinsic("Ref", Fragment::scalar("AWS::NoValue"));
                out.push(Change::ReplaceValue { node: unit.node, value: nothing });
                return Ok(());
            }
            UnitOutcome::Change(statements) => statements,
        };
        if unit.template.is_none() {
            return self.document(unit, statements, out);
        }
        let mut rest = Vec::new();
        for (rectangle, outcome) in unit.rectangles.iter().zip(statements) {
            for block in blocks(rectangle, outcome) {
                rest.push(
                    spell::statement(self.resolver, rectangle, &block, None)
                        .ok_or(Impossible::Unspellable)?,
                );
            }
        }
        let value = spell::document(rest);
        match unit.slot.filter(|_| unit.branches.is_empty()) {
            Some(index) => {
                out.push(Change::ReplaceItem { collection: unit.policies, index, value: vec![value] })
            }
            None => out.push(Change::ReplaceValue { node: unit.node, value }),
        }
        if !unit.branches.is_empty() {
            self.siblings_become_statements(unit, siblings, out)?;
        }
        Ok(())
    }

    /// SAM refuses an `Fn::If` with a policy template in one branch and a document in the other.
    fn siblings_become_statements(
        &self,
        unit: &Unit,
        siblings: &[(&Unit, &UnitOutcome)],
        out: &mut Vec<Change>,
    ) -> Result<(), Impossible> {
        for (sibling, outcome) in siblings {
            if sibling.node == unit.node || sibling.template.is_none() || **outcome != UnitOutcome::Keep {
                continue;
            }
            let statements =
                spell::template_statements(self.resolver, sibling).ok_or(Impossible::Unspellable)?;
            out.push(Change::ReplaceValue { node: sibling.node, value: spell::document(statements) });
        }
        Ok(())
    }

    fn document(
        &self,
        unit: &Unit,
        outcomes: &[StatementOutcome],
        out: &mut Vec<Change>,
    ) -> Result<(), Impossible> {
        let Some((statement_node, list)) = unit.statements else { return Ok(()) };
        for (rectangle, outcome) in unit.rectangles.iter().zip(outcomes) {
            let Some(statement) = &rectangle.statement else { continue };
            match outcome {
                StatementOutcome::Keep => {}
                StatementOutcome::Remove => {
                    if let Some(index) = statement.index.filter(|_| list) {
                        out.push(Change::Remove { collection: statement_node, index });
                    }
                }
                StatementOutcome::Narrow(block) => self.narrow(rectangle, block, out)?,
                StatementOutcome::Split(blocks) => {
                    let sid = self.resolver.doc.get(statement.node, "Sid");
                    let mut parts = Vec::new();
                    for (number, block) in blocks.iter().enumerate() {
                        let sid = sid.filter(|_| number == 0);
                        let part = spell::statement(self.resolver, rectangle, block, sid);
                        parts.push(part.ok_or(Impossible::Unspellable)?);
                    }
                    match statement.index.filter(|_| list) {
                        Some(index) => {
                            out.push(Change::ReplaceItem { collection: statement_node, index, value: parts });
                        }
                        None => out.push(Change::ReplaceValue {
                            node: statement_node,
                            value: Fragment::Sequence(parts),
                        }),
                    }
                }
            }
        }
        Ok(())
    }

    /// Drops members of `Action` and `Resource`.
    fn narrow(&self, rectangle: &Rectangle, block: &Block, out: &mut Vec<Change>) -> Result<(), Impossible> {
        let doc = self.resolver.doc;
        let Some(statement) = &rectangle.statement else { return Ok(()) };
        if let Some(actions) = statement.actions.as_ref().filter(|list| list.list) {
            for index in (0..rectangle.actions.len()).filter(|row| !block.rows.contains(row)) {
                out.push(Change::Remove { collection: actions.node, index });
            }
        }
        let Some(list) = &statement.resources else { return Ok(()) };
        for (element, &node) in list.elements.iter().enumerate() {
            let kept: Vec<usize> = block
                .columns
                .iter()
                .copied()
                .filter(|&c| rectangle.resources[c].element == element)
                .collect();
            if kept.is_empty() {
                if list.list {
                    out.push(Change::Remove { collection: list.node, index: element });
                }
                continue;
            }
            if spell::is_whole(rectangle, element, &kept) {
                continue;
            }
            let parts: Option<Vec<Fragment>> =
                kept.iter().map(|&c| spell::resource(self.resolver, &rectangle.resources[c])).collect();
            let mut parts = parts.ok_or(Impossible::Unspellable)?;
            out.push(match (list.list, parts.len()) {
                (_, 1) => Change::ReplaceValue { node, value: parts.remove(0) },
                (true, _) if doc.index_in_parent(node) == Some(element) => {
                    Change::ReplaceItem { collection: list.node, index: element, value: parts }
                }
                _ => Change::ReplaceValue { node, value: Fragment::Sequence(parts) },
            });
        }
        Ok(())
    }

    fn first_rewrite(&self, unit: &Unit) -> Option<RewriteId> {
        unit.rectangles.iter().filter_map(|rectangle| first_in(self.gone, rectangle, None, None)).min()
    }
}

/// Number of policies in a slot, counting branches.
fn leaves(kind: &SlotKind) -> usize {
    match kind {
        SlotKind::If { then, otherwise, .. } => leaves(&then.kind) + leaves(&otherwise.kind),
        SlotKind::Empty => 0,
        _ => 1,
    }
}

/// Whether a branch of an `Fn::If` is a managed policy.
fn has_managed(kind: &SlotKind) -> bool {
    match kind {
        SlotKind::If { then, otherwise, .. } => has_managed(&then.kind) || has_managed(&otherwise.kind),
        SlotKind::Managed(_) => true,
        _ => false,
    }
}

fn blocks(rectangle: &Rectangle, outcome: &StatementOutcome) -> Vec<Block> {
    match outcome {
        StatementOutcome::Keep => vec![Block {
            rows: (0..rectangle.actions.len()).collect(),
            columns: (0..rectangle.resources.len()).collect(),
        }],
        StatementOutcome::Remove => Vec::new(),
        StatementOutcome::Narrow(block) => vec![block.clone()],
        StatementOutcome::Split(blocks) => blocks.clone(),
    }
}

/// The first rewrite that takes a cell of a rectangle, of one row or of one element.
fn first_in(
    gone: &BTreeMap<usize, RewriteId>,
    rectangle: &Rectangle,
    row: Option<usize>,
    element: Option<usize>,
) -> Option<RewriteId> {
    let width = rectangle.resources.len();
    (0..rectangle.actions.len() * width)
        .filter(|cell| row.is_none_or(|row| cell / width == row))
        .filter(|cell| element.is_none_or(|element| rectangle.resources[cell % width].element == element))
        .filter_map(|cell| gone.get(&(rectangle.first + cell)).copied())
        .min()
}

/// For every comment that a change takes away, the rewrite whose connector it goes to: that of the innermost list member it
/// belongs to (an action, a resource, a statement, a policy), else the first.
fn claimed_comments(
    resolver: &Resolver<'_>,
    ledger: &Ledger,
    changes: &[Change],
    gone: &BTreeMap<usize, RewriteId>,
    owners: &BTreeMap<NodeId, RewriteId>,
    chosen: &[(RewriteId, &Proposal)],
) -> BTreeMap<RewriteId, Vec<usize>> {
    let doc = resolver.doc;
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for change in changes {
        match change {
            Change::Remove { collection, index } | Change::ReplaceItem { collection, index, .. } => {
                taken.extend(doc.owned_comments(*collection, *index));
            }
            Change::ReplaceValue { node, .. } => taken.extend(doc.comments_within(doc.full_span(*node))),
            Change::Insert { .. } | Change::Comment { .. } => {}
        }
    }
    if taken.is_empty() {
        return BTreeMap::new();
    }
    // Outer claims first: inner ones overwrite them.
    let mut claims: BTreeMap<usize, RewriteId> = BTreeMap::new();
    let mut claim = |collection: NodeId, index: usize, id: Option<RewriteId>| {
        if let Some(id) = id {
            claims.extend(doc.owned_comments(collection, index).into_iter().map(|comment| (comment, id)));
        }
    };
    for (&policies, &id) in owners {
        if let (Some(parent), Some(index)) = (doc.node(policies).parent, doc.index_in_parent(policies)) {
            claim(parent, index, Some(id));
        }
    }
    for unit in &ledger.units {
        let first = unit.rectangles.iter().filter_map(|r| first_in(gone, r, None, None)).min();
        if first.is_none() {
            continue;
        }
        if let Some(index) = unit.slot {
            claim(unit.policies, index, first);
        }
        for rectangle in &unit.rectangles {
            let Some(statement) = &rectangle.statement else { continue };
            if let (Some(index), Some((node, true))) = (statement.index, unit.statements) {
                claim(node, index, first_in(gone, rectangle, None, None));
            }
            if let Some(list) = statement.actions.as_ref().filter(|list| list.list) {
                for (row, Row { .. }) in rectangle.actions.iter().enumerate() {
                    claim(list.node, row, first_in(gone, rectangle, Some(row), None));
                }
            }
            if let Some(list) = statement.resources.as_ref().filter(|list| list.list) {
                for element in 0..list.elements.len() {
                    claim(list.node, element, first_in(gone, rectangle, None, Some(element)));
                }
            }
        }
    }
    let fallback = chosen.iter().map(|(id, _)| *id).min();
    let mut out: BTreeMap<RewriteId, Vec<usize>> = BTreeMap::new();
    for comment in taken {
        if let Some(id) = claims.get(&comment).copied().or(fallback) {
            out.entry(id).or_default().push(comment);
        }
    }
    out
}

/// Works out what comes.
struct Additions<'r, 'a> {
    resolver: &'r Resolver<'a>,
    analysis: &'r Analysis,
    comments: BTreeMap<RewriteId, Vec<usize>>,
    out: Vec<Change>,
}

impl Additions<'_, '_> {
    fn run(&mut self, chosen: &[(RewriteId, &Proposal)]) {
        let mut embedded: BTreeMap<usize, Vec<FragmentEntry>> = BTreeMap::new();
        for (id, proposal) in chosen {
            let comments = self.texts(*id);
            match &proposal.connector {
                Use::Existing { view, missing } => self.extend(*view, missing, comments),
                Use::New { key, id, form } => {
                    let owner = &self.resolver.template.resources()[proposal.edge.owner];
                    match form {
                        Form::Embedded => {
                            let entry = FragmentEntry::new(key.as_str(), self.body(proposal, None));
                            embedded
                                .entry(proposal.edge.owner)
                                .or_default()
                                .push(entry.with_comments(comments));
                        }
                        Form::Standalone => {
                            let body = self.body(proposal, Some(&owner.id));
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

    /// The value of a connector; with a source for a standalone one.
    fn body(&self, proposal: &Proposal, source: Option<&str>) -> Fragment {
        let id = |id: &str| Fragment::map([("Id", Fragment::scalar(id))]);
        let destination = &self.resolver.template.resources()[proposal.edge.destination].id;
        let mut properties = Vec::new();
        if let Some(source) = source {
            properties.push(("Source", id(source)));
        }
        properties.push(("Destination", id(destination)));
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
        Fragment::map(entries)
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

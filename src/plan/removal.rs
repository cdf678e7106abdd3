//! What goes from `Policies` when cells go: list members, statements, policies, the key itself, and what is written in the
//! place of a rest. Knows which cells go, not why.

use super::RewriteId;
use super::changes::Impossible;
use super::rest::{Block, StatementOutcome, UnitOutcome, hollows, outcome};
use super::spell;
use crate::analysis::{Ledger, Origin, Rectangle, Resolver, Unit};
use crate::syntax::{Change, Fragment, NodeId};
use crate::template::{Shape, SlotKind, policy_slots};
use std::collections::{BTreeMap, BTreeSet};

/// Works out what goes, policy by policy.
pub(super) struct Removal<'r, 'a> {
    resolver: &'r Resolver<'a>,
    ledger: &'r Ledger,
    /// The cells that go, each with the first rewrite that takes it.
    gone: &'r BTreeMap<usize, RewriteId>,
    /// Entries of `Policies` that go because they name a resource that goes.
    named: &'r BTreeMap<NodeId, BTreeSet<usize>>,
    /// The changes.
    pub(super) out: Vec<Change>,
    /// Values of `Policies` that are touched, with the first rewrite that does.
    pub(super) owners: BTreeMap<NodeId, RewriteId>,
}

impl<'r, 'a> Removal<'r, 'a> {
    /// The changes that take these cells out.
    pub(super) fn of(
        resolver: &'r Resolver<'a>,
        ledger: &'r Ledger,
        gone: &'r BTreeMap<usize, RewriteId>,
        named: &'r BTreeMap<NodeId, BTreeSet<usize>>,
    ) -> Result<Self, Impossible> {
        let mut removal = Self { resolver, ledger, gone, named, out: Vec::new(), owners: BTreeMap::new() };
        removal.run()?;
        Ok(removal)
    }

    fn run(&mut self) -> Result<(), Impossible> {
        let gone: BTreeSet<usize> = self.gone.keys().copied().collect();
        let ledger = self.ledger;
        let mut touched = ledger.units_with(gone.iter().copied());
        let units = touched.iter().map(|&number| &ledger.units[number]);
        if units.into_iter().any(|unit| hollows(unit, &outcome(ledger, unit, &gone))) {
            return Err(Impossible::Hollow);
        }
        if !self.named.is_empty() {
            let units = ledger.units.iter().enumerate();
            touched.extend(units.filter(|(_, unit)| self.named.contains_key(&unit.policies)).map(|(n, _)| n));
        }
        let mut done: BTreeSet<NodeId> = BTreeSet::new();
        while let Some(&unit) = touched.first() {
            let group = ledger.beside(unit);
            touched = touched.split_off(&group.end);
            let (first, at) = (&ledger.units[group.start], group.start);
            let policies = first.policies;
            let outcomes: Vec<UnitOutcome> =
                ledger.units[group].iter().map(|unit| outcome(ledger, unit, &gone)).collect();
            match first.origin {
                Origin::Policy | Origin::ResourceSide => self.resource(first, &outcomes[0])?,
                Origin::Policies | Origin::Role => {
                    done.insert(policies);
                    self.policies(policies, at, &outcomes)?;
                }
            }
        }
        for &policies in self.named.keys().filter(|policies| !done.contains(policies)) {
            self.policies(policies, 0, &[])?;
        }
        Ok(())
    }

    /// The changes in a policy that is a resource of its own.
    fn resource(&mut self, unit: &Unit, outcome: &UnitOutcome) -> Result<(), Impossible> {
        match outcome {
            UnitOutcome::Keep => Ok(()),
            UnitOutcome::Change(statements) => {
                let mut inner = Vec::new();
                self.document(unit, statements, &mut inner)?;
                self.out.append(&mut inner);
                Ok(())
            }
            UnitOutcome::Remove => {
                if let Some(id) = self.first_rewrite(unit) {
                    self.owners.insert(unit.node, id);
                }
                self.take_out(unit.node);
                Ok(())
            }
        }
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
        let of_role = units.first().is_some_and(|unit| unit.origin == Origin::Role);
        let shape = if of_role { Shape::Role } else { Shape::Sam };
        let none = BTreeSet::new();
        let named = self.named.get(&policies).unwrap_or(&none);
        let slots = policy_slots(self.resolver.doc, policies, shape);
        let mut left = slots.len();
        let mut inner = Vec::new();
        for slot in &slots {
            if let Some(index) = slot.index.filter(|index| named.contains(index)) {
                left -= 1;
                inner.push(Change::Remove { collection: policies, index });
                continue;
            }
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
                // A branch that is no unit, such as a name that is no policy template, cannot become what the others become.
                let becomes_document = |(unit, outcome): &(&Unit, &UnitOutcome)| {
                    unit.template.is_some() && matches!(outcome, UnitOutcome::Change(_))
                };
                if of_slot.iter().any(becomes_document) && leaves(&slot.kind) > of_slot.len() {
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
        self.take_out(policies);
        Ok(())
    }

    /// Takes an entry out, and what held nothing but it.
    fn take_out(&mut self, node: NodeId) {
        let doc = self.resolver.doc;
        let mut node = node;
        while let Some(parent) = doc.node(node).parent {
            if doc.node(parent).entries.len() > 1 {
                if let Some(index) = doc.index_in_parent(node) {
                    self.out.push(Change::Remove { collection: parent, index });
                }
                break;
            }
            node = parent;
        }
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
            self.siblings_become_statements(siblings, out)?;
        }
        Ok(())
    }

    /// SAM refuses an `Fn::If` with a policy template in one branch and a document in the other.
    fn siblings_become_statements(
        &self,
        siblings: &[(&Unit, &UnitOutcome)],
        out: &mut Vec<Change>,
    ) -> Result<(), Impossible> {
        for (sibling, outcome) in siblings {
            if sibling.template.is_none() || **outcome != UnitOutcome::Keep {
                continue;
            }
            let statements = spell::template_statements(self.resolver, sibling).ok_or(Impossible::MixedIf)?;
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
                (true, _) => Change::ReplaceItem { collection: list.node, index: element, value: parts },
                (false, _) => Change::ReplaceValue { node, value: Fragment::Sequence(parts) },
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
pub(super) fn first_in(
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

//! Where comments go that stand on what is taken away: to the connector that replaces the innermost list member they
//! belong to. Which comments belong to a place is known by the document layer.

use super::RewriteId;
use super::removal::first_in;
use crate::analysis::{Ledger, Resolver, Row, Unit};
use crate::syntax::{Change, NodeId};
use std::collections::{BTreeMap, BTreeSet};

/// For every comment that a change takes away, the rewrite whose connector it goes to: that of the innermost list member it
/// belongs to (an action, a resource, a statement, a policy), else the first.
pub(super) fn claimed(
    resolver: &Resolver<'_>,
    ledger: &Ledger,
    changes: &[Change],
    gone: &BTreeMap<usize, RewriteId>,
    owners: &BTreeMap<NodeId, RewriteId>,
    fallback: Option<RewriteId>,
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
    let first_of = |unit: &Unit| unit.rectangles.iter().filter_map(|r| first_in(gone, r, None, None)).min();
    let mut slots: BTreeMap<(NodeId, usize), RewriteId> = BTreeMap::new();
    let touched = || ledger.units_with(gone.keys().copied()).into_iter().map(|number| &ledger.units[number]);
    for unit in touched() {
        if let (Some(index), Some(id)) = (unit.slot, first_of(unit)) {
            slots.entry((unit.policies, index)).and_modify(|first| *first = id.min(*first)).or_insert(id);
        }
    }
    for ((policies, index), id) in slots {
        claim(policies, index, Some(id));
    }
    for unit in touched() {
        let first = first_of(unit);
        // A branch is a member of the list of its `Fn::If`.
        if let (false, Some(parent), Some(index)) =
            (unit.branches.is_empty(), doc.node(unit.node).parent, doc.index_in_parent(unit.node))
        {
            claim(parent, index, first);
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
    let mut out: BTreeMap<RewriteId, Vec<usize>> = BTreeMap::new();
    for comment in taken {
        if let Some(id) = claims.get(&comment).copied().or(fallback) {
            out.entry(id).or_default().push(comment);
        }
    }
    out
}

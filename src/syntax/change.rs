//! Changes to a document, and lowering a batch of them to edits of its bytes. Decides which changes go
//! together and which are refused; where bytes begin and end is decided per notation in `lower_block` and
//! `lower_flow`.

use super::assemble::Draft;
use super::document::Document;
use super::fragment::{Fragment, FragmentEntry};
use super::layout::Layout;
use super::node::{NodeId, NodeKind};
use super::route::Route;
use super::{lower_block, lower_flow};
use crate::text::{EditSet, Source, Span};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Bytes of a text that is valid only as it stands, above which it is not changed: each change of it takes the time of reading it.
const MAX_REREAD: usize = 64 * 1024;

/// Where new entries go in a collection. Positions are those of the original, whatever else is removed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Before all entries.
    First,
    /// Before this entry and the comments that belong to it.
    Before(usize),
    /// Behind this entry and the comments that belong to it, before any blank line.
    After(usize),
    /// Behind all entries.
    Last,
}

impl Place {
    /// The entry that the place is at, and whether behind it, among `count` entries.
    pub(super) fn order(self, count: usize) -> (usize, bool) {
        match self {
            Self::First => (0, false),
            Self::Before(index) => (index, false),
            Self::After(index) => (index, true),
            Self::Last => (count.saturating_sub(1), true),
        }
    }
}

/// What an [`Change::Insert`] puts in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Insertion {
    /// Entries of a mapping.
    Entries(Vec<FragmentEntry>),
    /// Items of a sequence.
    Items(Vec<Fragment>),
}

/// One change of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Takes an entry out, with exactly its [owned comments](Document::owned_comments). Where blank lines would then
    /// meet, those above it go too.
    Remove {
        /// The mapping or sequence.
        collection: NodeId,
        /// Position of the entry.
        index: usize,
    },
    /// Puts one or more items in the place of an item with its owned comments, or one value in the place of a
    /// mapping entry's, whose key stays.
    ReplaceItem {
        /// The mapping or sequence.
        collection: NodeId,
        /// Position of the entry.
        index: usize,
        /// What comes; at least one fragment, and exactly one in a mapping.
        value: Vec<Fragment>,
    },
    /// Puts a value in the place of a node with its tag and anchor. Comments inside it go, all others stay.
    ReplaceValue {
        /// The node.
        node: NodeId,
        /// What comes.
        value: Fragment,
    },
    /// Puts comments on lines of their own directly above an entry of a block collection, at its column.
    Comment {
        /// The mapping or sequence.
        collection: NodeId,
        /// Position of the entry.
        index: usize,
        /// The comments, each starting with `#`.
        comments: Vec<String>,
    },
    /// Puts new entries into a collection. Several insertions at one place come in the order of the batch.
    Insert {
        /// The mapping or sequence.
        collection: NodeId,
        /// Where.
        place: Place,
        /// What.
        entries: Insertion,
        /// Whether a blank line stands before the first new entry; of no effect in flow collections and JSON.
        blank_line_before: bool,
    },
}

/// Why a batch of changes is refused; nothing of it is lowered then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{route}: {reason}")]
pub struct ChangeError {
    /// The collection or node that cannot be changed.
    pub route: Route,
    /// The bytes that stand in the way.
    pub span: Span,
    /// Why.
    pub reason: Refusal,
}

/// Why a change is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Every entry of the collection would go, which leaves no valid block collection.
    #[error("every entry would be removed")]
    WouldEmpty,
    /// A comment stands where it could neither stay nor be moved.
    #[error("a comment stands between what is removed and its neighbour")]
    CommentInGap,
    /// The mapping, or one around it, holds the key on the way twice.
    #[error("a key occurs twice")]
    DuplicateKeys,
    /// The place takes part in an anchor, an alias or a merge key.
    #[error("it is shared through an anchor, an alias or a merge key")]
    Shared,
    /// The notation at this place is not handled.
    #[error("{what} cannot be changed")]
    Unsupported {
        /// What is in the way.
        what: &'static str,
    },
    /// Two changes of the batch hit the same place.
    #[error("two changes meet here")]
    Overlap,
}

/// The changes of one collection, by position.
#[derive(Default)]
pub(super) struct CollectionChanges<'c> {
    pub(super) removed: BTreeSet<usize>,
    pub(super) replaced: BTreeMap<usize, &'c [Fragment]>,
    pub(super) inserts: Vec<NewEntries<'c>>,
}

/// New entries of one collection.
pub(super) struct NewEntries<'c> {
    pub(super) place: Place,
    pub(super) entries: &'c Insertion,
    pub(super) blank_line_before: bool,
}

impl NewEntries<'_> {
    /// The value of the last new entry.
    pub(super) fn last_value(&self) -> Option<&Fragment> {
        match self.entries {
            Insertion::Entries(entries) => entries.last().map(|entry| &entry.value),
            Insertion::Items(items) => items.last(),
        }
    }
}

/// What lowering one place needs to see.
pub(super) struct Context<'d> {
    pub(super) doc: &'d Document,
    pub(super) layout: Layout<'d>,
}

impl Context<'_> {
    /// An error at a node.
    pub(super) fn refuse(&self, node: NodeId, span: Span, reason: Refusal) -> ChangeError {
        ChangeError { route: self.doc.route(node), span, reason }
    }

    /// An error for a notation that is not handled.
    pub(super) fn unsupported(&self, node: NodeId, what: &'static str) -> ChangeError {
        self.refuse(node, self.doc.full_span(node), Refusal::Unsupported { what })
    }
}

/// Turns changes into edits of the original bytes. Removals, replacements and insertions compose in any order;
/// a batch in which one change hits what another one takes away is refused.
pub fn lower(doc: &Document, changes: &[Change]) -> Result<EditSet, ChangeError> {
    if changes.is_empty() {
        return Ok(EditSet::new());
    }
    let context = Context { doc, layout: Layout::of(doc) };
    if let Some(key) = context.layout.collection_key() {
        return Err(context.unsupported(key, "a text with a collection for a key"));
    }
    let mut collections: BTreeMap<NodeId, CollectionChanges<'_>> = BTreeMap::new();
    let mut values: BTreeMap<NodeId, &Fragment> = BTreeMap::new();
    let mut comments = Vec::new();
    for change in changes {
        match change {
            Change::Remove { collection, index } => {
                check_entry(&context, *collection, *index)?;
                collections.entry(*collection).or_default().removed.insert(*index);
            }
            Change::ReplaceItem { collection, index, value } => {
                check_entry(&context, *collection, *index)?;
                let is_map = doc.node(*collection).kind == NodeKind::Mapping;
                if value.is_empty() || (is_map && value.len() > 1) {
                    return Err(context.unsupported(*collection, "a number of values"));
                }
                let replaced = &mut collections.entry(*collection).or_default().replaced;
                if replaced.insert(*index, value).is_some_and(|before| before != value) {
                    return Err(context.refuse(*collection, doc.full_span(*collection), Refusal::Overlap));
                }
            }
            Change::ReplaceValue { node, value } => {
                check_place(&context, *node)?;
                check_anchors(&context, *node)?;
                if values.insert(*node, value).is_some_and(|before| before != value) {
                    return Err(context.refuse(*node, doc.full_span(*node), Refusal::Overlap));
                }
            }
            Change::Comment { collection, index, comments: texts } => {
                check_collection(&context, *collection)?;
                comments.push((*collection, *index, texts.as_slice()));
            }
            Change::Insert { collection, place, entries, blank_line_before } => {
                check_insert(&context, *collection, *place, entries)?;
                let new = NewEntries { place: *place, entries, blank_line_before: *blank_line_before };
                collections.entry(*collection).or_default().inserts.push(new);
            }
        }
    }
    check_disjoint(&context, &collections, &values)?;
    let mut draft = Draft::new(doc.source());
    for (collection, changes) in &mut collections {
        let node = doc.node(*collection);
        changes.inserts.sort_by_key(|new| new.place.order(node.entries.len()));
        if changes.removed.len() == node.entries.len()
            && changes.inserts.is_empty()
            && !node.entries.is_empty()
        {
            return Err(context.refuse(*collection, node.span, Refusal::WouldEmpty));
        }
        match node.flow {
            true => lower_flow::collection(&context, *collection, changes, &mut draft)?,
            false => lower_block::collection(&context, *collection, changes, &mut draft)?,
        }
    }
    for (node, value) in &values {
        lower_block::value(&context, *node, value, &mut draft)?;
    }
    for (collection, index, texts) in comments {
        lower_block::comments(&context, collection, index, texts, &mut draft)?;
    }
    let edits = draft.finish().map_err(|span| context.refuse(doc.root(), span, Refusal::Overlap))?;
    match context.layout.is_delicate() && !is_document(doc, &edits) {
        true => Err(context.unsupported(doc.root(), "a text that is valid only as it stands")),
        false => Ok(edits),
    }
}

/// Whether a text is still a document of its notation with all edits made; not known of one that is too large to be read for
/// every change.
fn is_document(doc: &Document, edits: &EditSet) -> bool {
    let source = doc.source();
    if source.text().len() > MAX_REREAD {
        return false;
    }
    let text = edits.apply(source.text()).ok();
    let after = text.and_then(|text| Source::new(source.path(), text.into_bytes()).ok());
    after.is_some_and(|after| after.format() == source.format() && Document::parse(after).is_ok())
}

/// Whether an entry exists and may go.
fn check_entry(context: &Context<'_>, collection: NodeId, index: usize) -> Result<(), ChangeError> {
    let node = context.doc.node(collection);
    check_collection(context, collection)?;
    let entry = node.entries.get(index).ok_or_else(|| context.unsupported(collection, "an absent entry"))?;
    for child in entry.key.into_iter().chain([entry.value]) {
        check_anchors(context, child)?;
    }
    Ok(())
}

fn check_insert(
    context: &Context<'_>,
    collection: NodeId,
    place: Place,
    entries: &Insertion,
) -> Result<(), ChangeError> {
    check_collection(context, collection)?;
    let node = context.doc.node(collection);
    let (fits, empty) = match entries {
        Insertion::Entries(entries) => (node.kind == NodeKind::Mapping, entries.is_empty()),
        Insertion::Items(items) => (node.kind == NodeKind::Sequence, items.is_empty()),
    };
    let inside = match place {
        Place::First | Place::Last => true,
        Place::Before(index) | Place::After(index) => index < node.entries.len(),
    };
    match fits && !empty && inside {
        true => Ok(()),
        false => Err(context.unsupported(collection, "this kind of value")),
    }
}

/// A collection's entries may change if nothing else sees them and none of its keys is there twice.
fn check_collection(context: &Context<'_>, collection: NodeId) -> Result<(), ChangeError> {
    let doc = context.doc;
    let node = doc.node(collection);
    if !node.is_collection() {
        return Err(context.unsupported(collection, "a value that is no collection"));
    }
    if doc.has_duplicates(collection) {
        return Err(context.refuse(collection, node.span, Refusal::DuplicateKeys));
    }
    if doc.has_merge_key(collection) {
        return Err(context.refuse(collection, node.span, Refusal::Shared));
    }
    check_place(context, collection)
}

/// A place may change if no alias sees it and no key on the way to it is there twice.
fn check_place(context: &Context<'_>, node: NodeId) -> Result<(), ChangeError> {
    let doc = context.doc;
    if doc.is_shared(node) {
        return Err(context.refuse(node, doc.full_span(node), Refusal::Shared));
    }
    let mut at = node;
    while let Some(parent) = doc.node(at).parent {
        let entry = doc.index_in_parent(at).and_then(|index| doc.node(parent).entries.get(index));
        let key = entry.and_then(|entry| doc.key(entry));
        let twice = |key: &str| doc.duplicates_of(parent).iter().any(|d| d.key == key);
        if key.is_some_and(twice) {
            return Err(context.refuse(node, doc.node(parent).span, Refusal::DuplicateKeys));
        }
        at = parent;
    }
    Ok(())
}

/// Nothing below a node that goes may be what an alias stands for.
fn check_anchors(context: &Context<'_>, node: NodeId) -> Result<(), ChangeError> {
    let doc = context.doc;
    match doc.holds_alias_target(node) {
        true => Err(context.refuse(node, doc.full_span(node), Refusal::Shared)),
        false => Ok(()),
    }
}

/// No change may lie inside what another change takes away.
fn check_disjoint(
    context: &Context<'_>,
    collections: &BTreeMap<NodeId, CollectionChanges<'_>>,
    values: &BTreeMap<NodeId, &Fragment>,
) -> Result<(), ChangeError> {
    let doc = context.doc;
    for (collection, changes) in collections {
        if let Some(index) = changes.replaced.keys().find(|index| changes.removed.contains(index)) {
            let span = doc.node(*collection).entries.get(*index).map(|e| doc.full_span(e.value));
            return Err(context.refuse(*collection, span.unwrap_or(Span::at(0)), Refusal::Overlap));
        }
    }
    for start in collections.keys().chain(values.keys()) {
        let is_value = values.contains_key(start);
        if is_value && collections.contains_key(start) {
            return Err(context.refuse(*start, doc.full_span(*start), Refusal::Overlap));
        }
        let mut at = *start;
        while let Some(parent) = doc.node(at).parent {
            let index = doc.index_in_parent(at).unwrap_or(0);
            let gone = collections
                .get(&parent)
                .is_some_and(|c| c.removed.contains(&index) || c.replaced.contains_key(&index));
            if gone || values.contains_key(&parent) {
                return Err(context.refuse(*start, doc.full_span(*start), Refusal::Overlap));
            }
            at = parent;
        }
    }
    Ok(())
}

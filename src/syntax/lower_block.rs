//! Lowers the changes of block collections: whole lines where an entry has its lines for itself, the rest of a
//! line where it begins behind a dash. Also lowers the replacement of single values, which may lie anywhere.

use super::assemble::{Draft, Rank};
use super::block_scalar::{BlockScalar, last_node};
use super::change::{ChangeError, CollectionChanges, Context, Insertion, NewEntries, Refusal};
use super::emit::{BlockWriter, Spot};
use super::emit_flow::FlowWriter;
use super::extent::Extent;
use super::fragment::Fragment;
use super::manner::Role;
use super::node::{Entry, Node, NodeId, NodeKind};
use crate::text::Span;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Lowers the changes of one block collection.
pub(super) fn collection(
    context: &Context<'_>,
    id: NodeId,
    changes: &CollectionChanges<'_>,
    draft: &mut Draft<'_>,
) -> Result<(), ChangeError> {
    let lowering = Lowering { context, id, node: context.doc.node(id) };
    let line = context.doc.source().lines().line_of(lowering.node.span.start);
    if context.doc.indentation(line).contains('\t') {
        return Err(context.unsupported(id, "a line indented with a tab"));
    }
    for (position, new) in changes.inserts.iter().enumerate() {
        // The entry behind goes on in a line of its own, unless it goes and nothing comes in between.
        let ahead_of_none =
            changes.removed.contains(&0) && !lowering.starts_collection(changes, position + 1);
        lowering.insert(new, ahead_of_none, draft)?;
    }
    for (index, value) in &changes.replaced {
        lowering.replace(*index, value, draft)?;
    }
    lowering.remove(changes, draft)
}

struct Lowering<'c, 'd> {
    context: &'c Context<'d>,
    id: NodeId,
    node: &'d Node,
}

impl Lowering<'_, '_> {
    fn extent(&self, index: usize) -> Result<Extent, ChangeError> {
        let extent = Extent::of(self.context.doc, self.id, index);
        extent.ok_or_else(|| self.context.unsupported(self.id, "an absent entry"))
    }

    fn column(&self) -> usize {
        self.context.doc.column(self.node.span.start)
    }

    /// Blanks between the dash and the item, as the first item on a line with its dash has them.
    fn gap(&self) -> usize {
        let doc = self.context.doc;
        let gap = |entry: &Entry| {
            let dash = entry.indicator? + 1;
            let start = doc.full_span(entry.value).start;
            let between = doc.source().text().get(dash as usize..start as usize)?;
            (!between.is_empty() && between.bytes().all(|b| b == b' ')).then_some(between.len())
        };
        self.node.entries.iter().find_map(gap).unwrap_or(1)
    }

    /// Whether the insertion at this position of the batch goes before all entries.
    fn starts_collection(&self, changes: &CollectionChanges<'_>, position: usize) -> bool {
        let new = changes.inserts.get(position);
        new.is_some_and(|new| new.place.order(self.node.entries.len()) == (0, false))
    }

    /// Puts new entries in. `ahead_of_none` says that behind new entries at the start nothing stays on the line.
    fn insert(
        &self,
        new: &NewEntries<'_>,
        ahead_of_none: bool,
        draft: &mut Draft<'_>,
    ) -> Result<(), ChangeError> {
        let doc = self.context.doc;
        let column = self.column();
        let (index, behind) = new.place.order(self.node.entries.len());
        let extent = self.extent(index)?;
        let (at, lines) = match (behind, extent.leads_line) {
            (true, _) => (doc.line_start(extent.last_line() + 1), true),
            (false, true) => (doc.line_start(extent.first_line()), true),
            (false, false) => (extent.start, false),
        };
        let scalar = if behind { self.block_scalar_at_end(index) } else { None };
        if scalar.is_some_and(|scalar| !scalar.header.strips) && ends_unfinished(self.context, at) {
            return Err(self.context.unsupported(self.id, "a block scalar without its last line break"));
        }
        if behind {
            check_end(self.context, self.id, extent.last_line(), column, new.last_value())?;
        }
        let writer = BlockWriter::new(self.context, self.id, extent.start);
        let mut text = if lines { " ".repeat(column) } else { String::new() };
        match new.entries {
            Insertion::Entries(entries) => writer.entries(&mut text, entries, column)?,
            Insertion::Items(items) => writer.items(&mut text, items, column, self.gap(), Role::Value)?,
        }
        let depth = doc.depth(self.id);
        let rank = if behind { Rank::Behind(Reverse(depth)) } else { Rank::Before(depth) };
        if lines {
            // A blank line behind a scalar that keeps its trailing lines would become part of it.
            let before = if behind { Some(index) } else { index.checked_sub(1) };
            let kept = before.is_some_and(|i| self.block_scalar_at_end(i).is_some_and(|s| s.header.keeps));
            draft.lines(at, rank, text, new.blank_line_before && !kept);
        } else {
            if !ahead_of_none {
                writer.line(&mut text, column);
            }
            draft.inline(at, rank, text);
        }
        Ok(())
    }

    fn replace(&self, index: usize, value: &[Fragment], draft: &mut Draft<'_>) -> Result<(), ChangeError> {
        let doc = self.context.doc;
        let extent = self.extent(index)?;
        check_end(self.context, self.id, extent.last_line(), self.column(), value.last())?;
        let entry = &self.node.entries[index];
        let writer = BlockWriter::new(self.context, self.id, extent.start);
        let mut text = String::new();
        let (start, rank) = match (self.node.kind, value) {
            (NodeKind::Sequence, items) => {
                writer.items(&mut text, items, self.column(), self.gap(), Role::Value)?;
                (extent.start, Rank::Before(doc.depth(self.id)))
            }
            (_, [value]) if entry.indicator.is_none() => {
                let colon = entry.colon.ok_or_else(|| self.context.unsupported(self.id, "a key alone"))?;
                writer.value(
                    &mut text,
                    value,
                    Spot::Key { column: self.column() },
                    Role::of_value(doc, entry),
                )?;
                (colon + 1, Rank::Value)
            }
            _ => return Err(self.context.unsupported(self.id, "an explicit key")),
        };
        draft.delete(doc.line_start(extent.first_line()), doc.line_start(extent.start_line));
        draft.delete(start, doc.line_end(extent.last_line()));
        draft.inline(start, rank, text);
        Ok(())
    }

    fn remove(&self, changes: &CollectionChanges<'_>, draft: &mut Draft<'_>) -> Result<(), ChangeError> {
        // An explicit key without value before an entry without key would become one entry with it.
        let doc = self.context.doc;
        let keyless = |entry: &Entry| entry.key.is_some_and(|key| doc.node(key).kind == NodeKind::Empty);
        if !changes.removed.is_empty() && self.node.entries.iter().any(keyless) {
            return Err(self.context.unsupported(self.id, "a mapping with an empty key"));
        }
        let mut regions: Vec<(usize, usize, usize)> = Vec::new();
        for &index in &changes.removed {
            let extent = self.extent(index)?;
            if !extent.leads_line {
                self.remove_behind_indicator(&extent, changes, draft)?;
                continue;
            }
            let (first, last) = (extent.first_line(), extent.last_line());
            match regions.last_mut().filter(|(_, _, end)| *end + 1 == first) {
                Some((_, _, end)) => *end = last,
                None => regions.push((index, first, last)),
            }
        }
        for (index, first, last) in regions {
            let kept = (0..index).rev().find(|i| !changes.removed.contains(i));
            self.remove_lines(kept, first, last, draft)?;
        }
        Ok(())
    }

    /// Deletes whole lines, with the blank lines above them where blank lines would meet.
    fn remove_lines(
        &self,
        kept_before: Option<usize>,
        first: usize,
        last: usize,
        draft: &mut Draft<'_>,
    ) -> Result<(), ChangeError> {
        let doc = self.context.doc;
        draft.delete(doc.line_start(first), doc.line_start(last + 1));
        let scalar = kept_before.and_then(|index| self.block_scalar_at_end(index));
        let mut below = last + 1;
        while doc.is_blank_line(below) {
            below += 1;
        }
        if let Some(scalar) = scalar {
            self.keep_scalar(&scalar, last + 1..below, draft)?;
        }
        let ends = doc.line_start(below) as usize >= doc.source().text().len();
        let floor = scalar.map_or(0, |scalar| scalar.last_line + 1);
        if below > last + 1 || ends {
            let mut above = first;
            while above > floor && doc.is_blank_line(above - 1) {
                above -= 1;
            }
            draft.delete(doc.line_start(above), doc.line_start(first));
        }
        Ok(())
    }

    /// Makes sure that lines which move up to a block scalar do not become its text.
    fn keep_scalar(
        &self,
        scalar: &BlockScalar,
        blank: std::ops::Range<usize>,
        draft: &mut Draft<'_>,
    ) -> Result<(), ChangeError> {
        let doc = self.context.doc;
        let what = if scalar.header.keeps && !blank.is_empty() {
            Some("a blank line that a block scalar would take in")
        } else if !scalar.header.strips && ends_unfinished(self.context, doc.line_start(blank.end)) {
            Some("a block scalar whose last line break would go")
        } else {
            let comment = doc.comment_on_line(blank.end);
            let swallowed = comment.is_some_and(|comment| comment.column as usize >= scalar.column);
            swallowed.then_some("a comment that a block scalar would take in")
        };
        if let Some(what) = what {
            return Err(self.context.unsupported(self.id, what));
        }
        for line in blank.filter(|line| doc.line_start(*line) < doc.line_end(*line)) {
            draft.delete(doc.line_start(line), doc.line_start(line + 1));
        }
        Ok(())
    }

    /// Removes the first entry of a collection that begins behind a dash. The next entry moves up to the dash, unless
    /// new ones take its place there or something else stands between; then the dash stays alone on its line.
    fn remove_behind_indicator(
        &self,
        extent: &Extent,
        changes: &CollectionChanges<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), ChangeError> {
        let doc = self.context.doc;
        let next = (0..self.node.entries.len()).find(|index| !changes.removed.contains(index));
        let undisturbed = changes.inserts.is_empty() && changes.replaced.is_empty();
        if let Some(next) = next.filter(|_| undisturbed) {
            let following = self.extent(next)?;
            let mut owned: BTreeSet<usize> = BTreeSet::new();
            for &index in &changes.removed {
                owned.extend(doc.owned_comments(self.id, index));
            }
            let between = doc.comments_within(Span::new(extent.end, following.start));
            if between.iter().all(|comment| owned.contains(comment)) {
                draft.delete(extent.start, following.start);
                return Ok(());
            }
        }
        if self.starts_collection(changes, 0) {
            draft.delete(extent.start, doc.line_end(extent.last_line()));
            return Ok(());
        }
        let line = doc.line_start(extent.start_line) as usize;
        let before = doc.source().text()[line..extent.start as usize].trim_end_matches([' ', '\t']);
        draft.delete((line + before.len()) as u32, doc.line_end(extent.last_line()));
        Ok(())
    }

    /// The block scalar that an entry ends in, if it does.
    fn block_scalar_at_end(&self, index: usize) -> Option<BlockScalar> {
        self.context.doc.block_scalar_at_end(last_node(self.node.entries.get(index)?))
    }
}

/// Puts comments on lines of their own directly above an entry.
pub(super) fn comments(
    context: &Context<'_>,
    collection: NodeId,
    index: usize,
    texts: &[String],
    draft: &mut Draft<'_>,
) -> Result<(), ChangeError> {
    let doc = context.doc;
    let node = doc.node(collection);
    let entry = node.entries.get(index).ok_or_else(|| context.unsupported(collection, "an absent entry"))?;
    let start = super::extent::start_of(doc, entry);
    let line = doc.source().lines().line_of(start);
    let indent = doc.indentation(line);
    let column = doc.column(start);
    if node.flow || indent.len() != column {
        return Err(context.refuse(collection, doc.full_span(collection), Refusal::CommentInGap));
    }
    let newline = doc.source().newline_at(start).as_str();
    let lines: Vec<String> = texts.iter().map(|text| format!("{indent}{text}")).collect();
    draft.lines(doc.line_start(line), Rank::Before(column), lines.join(newline), false);
    Ok(())
}

/// Lowers the replacement of one value.
pub(super) fn value(
    context: &Context<'_>,
    id: NodeId,
    value: &Fragment,
    draft: &mut Draft<'_>,
) -> Result<(), ChangeError> {
    let doc = context.doc;
    let full = doc.full_span(id);
    let parent = doc.node(id).parent.ok_or_else(|| context.unsupported(id, "the whole document"))?;
    let index = doc.index_in_parent(id).unwrap_or(0);
    let node = doc.node(parent);
    let entry = node.entries.get(index).ok_or_else(|| context.unsupported(parent, "an absent entry"))?;
    let column = doc.column(node.span.start);
    let role = Role::of_value(doc, entry);
    // What has no bytes of its own is written behind its colon.
    let rank = if full.is_empty() { Rank::Value } else { Rank::Before(doc.depth(parent)) };
    if node.flow {
        if entry.key.is_some() && entry.colon.is_none() {
            return Err(context.unsupported(parent, "a key alone"));
        }
        if entry.key == Some(id) && !matches!(value, Fragment::Scalar(_)) {
            return Err(context.unsupported(id, "a key"));
        }
        let writer = FlowWriter::new(context, parent, full.start).in_place_of(id);
        let line = doc.source().lines().line_of(full.start);
        let text = writer.text(value, doc.indentation(line), role)?;
        let tight = entry.colon.is_some_and(|colon| colon + 1 == full.start) && full.is_empty();
        draft.delete(full.start, full.end);
        draft.inline(
            full.start,
            rank,
            if tight { format!("{}{text}", writer.style.colon_gap) } else { text },
        );
        return Ok(());
    }
    let line = doc.source().lines().line_of(full.end);
    check_end(context, id, line, column, Some(value))?;
    let writer = BlockWriter::new(context, parent, full.start);
    if entry.key == Some(id) {
        let Fragment::Scalar(text) = value else { return Err(context.unsupported(id, "a key")) };
        draft.delete(full.start, full.end);
        draft.inline(full.start, rank, writer.scalar(text, Role::Key));
        return Ok(());
    }
    let (spot, behind) = match (entry.colon, entry.indicator) {
        (Some(colon), None) => (Spot::Key { column }, colon + 1),
        (None, Some(dash)) if node.kind == NodeKind::Sequence => (Spot::Dash { column, gap: 1 }, dash + 1),
        _ => return Err(context.unsupported(id, "the value of an explicit key")),
    };
    let trailing = Extent::of(doc, parent, index).and_then(|extent| extent.trailing);
    if trailing.is_some() && ends_in_block_scalar(context, value) {
        return Err(context.refuse(id, full, Refusal::CommentInGap));
    }
    let between = doc.comments_within(Span::new(behind, full.start));
    let mut text = String::new();
    writer.value(&mut text, value, spot, role)?;
    // Blanks behind the old value would be text of a block scalar.
    let end = if ends_in_block_scalar(context, value) { doc.line_end(line) } else { full.end };
    if trailing.is_some() {
        let below = text.split_off(before_comment(&writer, id, value, spot, &text)?);
        if !below.is_empty() {
            draft.inline(doc.line_end(line), Rank::Value, below);
        }
    }
    if between.is_empty() {
        draft.delete(behind, end);
        draft.inline(behind, Rank::Value, text);
        return Ok(());
    }
    // The comments between key and value stay, so that the new value starts on the old one's line.
    let line_start = doc.line_start(doc.source().lines().line_of(full.start));
    let unbroken = text.trim_start_matches(['\n', '\r']);
    let text = match unbroken.len() < text.len() {
        true => unbroken.to_owned(),
        false => format!("{}{}", " ".repeat(writer.column_of(spot, false)), text.trim_start_matches(' ')),
    };
    draft.delete(line_start, end);
    draft.inline(line_start, rank, text);
    Ok(())
}

/// How much of the `text` of a new value stands before the comment behind the old one: the copy of the old value, if the new one
/// is a list that begins with it, else all of it.
fn before_comment(
    writer: &BlockWriter<'_, '_>,
    old: NodeId,
    value: &Fragment,
    spot: Spot,
    text: &str,
) -> Result<usize, ChangeError> {
    let Fragment::Sequence(items) = value else { return Ok(text.len()) };
    let Some(first) = items.first().filter(|first| matches!(first, Fragment::Copy(id) if *id == old)) else {
        return Ok(text.len());
    };
    let mut head = String::new();
    writer.value(&mut head, &Fragment::list([first.clone()]), spot, Role::Value)?;
    Ok(if text.starts_with(&head) { head.len() } else { text.len() })
}

/// Whether an offset is the end of a text without final line break.
fn ends_unfinished(context: &Context<'_>, offset: u32) -> bool {
    let text = context.doc.source().text();
    offset as usize >= text.len() && !text.ends_with(['\n', '\r'])
}

/// Refuses a value that ends in a block scalar where what follows its line would change it: a missing final line
/// break, blanks on the lines below, or a comment deeper than the `column` of the entry.
fn check_end(
    context: &Context<'_>,
    id: NodeId,
    last_line: usize,
    column: usize,
    value: Option<&Fragment>,
) -> Result<(), ChangeError> {
    if !value.is_some_and(|value| ends_in_block_scalar(context, value)) {
        return Ok(());
    }
    let doc = context.doc;
    let mut below = last_line + 1;
    let mut blanks = false;
    while doc.is_blank_line(below) {
        blanks |= !doc.indentation(below).is_empty();
        below += 1;
    }
    let deeper = doc.comment_on_line(below).is_some_and(|comment| comment.column as usize > column);
    match blanks || deeper || ends_unfinished(context, doc.line_end(last_line)) {
        true => Err(context.unsupported(id, "what follows a block scalar")),
        false => Ok(()),
    }
}

/// Whether what is written for a fragment ends in a block scalar, behind which no comment can stand.
fn ends_in_block_scalar(context: &Context<'_>, value: &Fragment) -> bool {
    match value {
        Fragment::Scalar(_) => false,
        Fragment::Sequence(items) => items.last().is_some_and(|item| ends_in_block_scalar(context, item)),
        Fragment::Mapping(entries) => entries.last().is_some_and(|e| ends_in_block_scalar(context, &e.value)),
        Fragment::Intrinsic { argument, .. } => ends_in_block_scalar(context, argument),
        Fragment::Copy(id) => context.doc.block_scalar_at_end(*id).is_some(),
    }
}

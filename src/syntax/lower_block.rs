//! Lowers the changes of block collections: whole lines where an entry has its lines for itself, the rest of a
//! line where it begins behind a dash. Also lowers the replacement of single values, which may lie anywhere.

use super::assemble::{Draft, Rank};
use super::change::{ChangeError, CollectionChanges, Context, Insertion, NewEntries, Place, Refusal};
use super::emit::{BlockWriter, Spot};
use super::emit_flow::FlowWriter;
use super::extent::Extent;
use super::fragment::Fragment;
use super::node::{Entry, Node, NodeId, NodeKind, ScalarStyle};
use crate::text::Span;
use std::cmp::Reverse;

/// Lowers the changes of one block collection.
pub(super) fn collection(
    context: &Context<'_>,
    id: NodeId,
    changes: &CollectionChanges<'_>,
    draft: &mut Draft<'_>,
) -> Result<(), ChangeError> {
    let lowering = Lowering { context, id, node: context.doc.node(id) };
    for new in &changes.inserts {
        lowering.insert(new, draft)?;
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

    fn insert(&self, new: &NewEntries<'_>, draft: &mut Draft<'_>) -> Result<(), ChangeError> {
        let doc = self.context.doc;
        let column = self.column();
        let (index, behind) = match new.place {
            Place::First => (0, false),
            Place::Before(index) => (index, false),
            Place::After(index) => (index, true),
            Place::Last => (self.node.entries.len().saturating_sub(1), true),
        };
        let extent = self.extent(index)?;
        let (at, lines) = match (behind, extent.leads_line) {
            (true, _) => (doc.line_start(extent.last_line() + 1), true),
            (false, true) => (doc.line_start(extent.first_line()), true),
            (false, false) => (extent.start, false),
        };
        let scalar = if behind { self.block_scalar_at_end(index) } else { None };
        if scalar.is_some_and(|scalar| !scalar.strips) && ends_unfinished(self.context, at) {
            return Err(self.context.unsupported(self.id, "a block scalar without its last line break"));
        }
        let writer = BlockWriter::new(self.context, self.id, extent.start);
        let mut text = if lines { " ".repeat(column) } else { String::new() };
        match new.entries {
            Insertion::Entries(entries) => writer.entries(&mut text, entries, column)?,
            Insertion::Items(items) => writer.items(&mut text, items, column, self.gap())?,
        }
        let rank = if behind { Rank::Behind(Reverse(column)) } else { Rank::Before(column) };
        if lines {
            // A blank line behind a scalar that keeps its trailing lines would become part of it.
            let before = if behind { Some(index) } else { index.checked_sub(1) };
            let kept = before.is_some_and(|i| self.block_scalar_at_end(i).is_some_and(|s| s.keeps));
            draft.lines(at, rank, text, new.blank_line_before && !kept);
        } else {
            writer.line(&mut text, column);
            draft.inline(at, rank, text);
        }
        Ok(())
    }

    fn replace(&self, index: usize, value: &[Fragment], draft: &mut Draft<'_>) -> Result<(), ChangeError> {
        let doc = self.context.doc;
        let extent = self.extent(index)?;
        check_end(self.context, self.id, doc.line_end(extent.last_line()), value.last())?;
        let entry = &self.node.entries[index];
        let writer = BlockWriter::new(self.context, self.id, extent.start);
        let mut text = String::new();
        let start = match (self.node.kind, value) {
            (NodeKind::Sequence, items) => {
                writer.items(&mut text, items, self.column(), self.gap())?;
                extent.start
            }
            (_, [value]) if entry.indicator.is_none() => {
                let colon = entry.colon.ok_or_else(|| self.context.unsupported(self.id, "a key alone"))?;
                writer.value(&mut text, value, Spot::Key { column: self.column() })?;
                colon + 1
            }
            _ => return Err(self.context.unsupported(self.id, "an explicit key")),
        };
        draft.delete(doc.line_start(extent.first_line()), doc.line_start(extent.start_line));
        draft.delete(start, doc.line_end(extent.last_line()));
        draft.inline(start, Rank::Before(self.column()), text);
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
        let what = if scalar.keeps && !blank.is_empty() {
            Some("a blank line that a block scalar would take in")
        } else if !scalar.strips && ends_unfinished(self.context, doc.line_start(blank.end)) {
            Some("a block scalar whose last line break would go")
        } else {
            let next = doc.line_start(blank.end);
            let comment = doc.comments().partition_point(|c| c.span.start < next);
            let comment = doc.comments().get(comment).filter(|c| c.own_line);
            let swallowed = comment.is_some_and(|c| {
                doc.source().lines().line_of(c.span.start) == blank.end && c.column as usize >= scalar.indent
            });
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
    /// something else stands between; then the dash stays alone on its line.
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
            let mut owned: Vec<usize> = Vec::new();
            for &index in &changes.removed {
                owned.extend(doc.owned_comments(self.id, index));
            }
            let between = doc.comments_within(Span::new(extent.end, following.start));
            if between.iter().all(|comment| owned.contains(comment)) {
                draft.delete(extent.start, following.start);
                return Ok(());
            }
        }
        let line = doc.line_start(extent.start_line) as usize;
        let before = doc.source().text()[line..extent.start as usize].trim_end_matches([' ', '\t']);
        draft.delete((line + before.len()) as u32, doc.line_end(extent.last_line()));
        Ok(())
    }

    /// The block scalar that an entry ends in, if it does.
    fn block_scalar_at_end(&self, index: usize) -> Option<BlockScalar> {
        let doc = self.context.doc;
        let leaf = doc.node(doc.last_leaf(self.node.entries.get(index)?.value));
        if !matches!(leaf.kind, NodeKind::Scalar(ScalarStyle::Literal | ScalarStyle::Folded)) {
            return None;
        }
        let text = doc.source().slice(leaf.span);
        let mut lines = text.split(['\n', '\r']);
        let header = lines.next().unwrap_or("").split('#').next().unwrap_or("");
        let first = lines.find(|line| !line.trim_matches([' ', '\t']).is_empty());
        Some(BlockScalar {
            keeps: header.contains('+'),
            strips: header.contains('-'),
            indent: first.map_or(0, |line| line.len() - line.trim_start_matches(' ').len()),
            last_line: doc.source().lines().line_of(leaf.span.end),
        })
    }
}

/// What matters of a block scalar to the lines below it.
#[derive(Copy, Clone)]
struct BlockScalar {
    /// Whether blank lines below it are part of it.
    keeps: bool,
    /// Whether its last line break is not part of it.
    strips: bool,
    /// Column of its text.
    indent: usize,
    last_line: usize,
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
    let rank = Rank::Before(column);
    if node.flow {
        let writer = FlowWriter::new(context, parent, full.start);
        let line = doc.source().lines().line_of(full.start);
        let text = writer.text(value, doc.indentation(line))?;
        let tight = entry.colon.is_some_and(|colon| colon + 1 == full.start) && full.is_empty();
        draft.delete(full.start, full.end);
        draft.inline(
            full.start,
            rank,
            if tight { format!("{}{text}", writer.style.colon_gap) } else { text },
        );
        return Ok(());
    }
    check_end(context, id, full.end, Some(value))?;
    let writer = BlockWriter::new(context, parent, full.start);
    if entry.key == Some(id) {
        let Fragment::Scalar(text) = value else { return Err(context.unsupported(id, "a key")) };
        draft.delete(full.start, full.end);
        draft.inline(full.start, rank, writer.scalar(text));
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
    writer.value(&mut text, value, spot)?;
    if between.is_empty() {
        draft.delete(behind, full.end);
        draft.inline(behind, rank, text);
        return Ok(());
    }
    // The comments between key and value stay, so that the new value starts on the old one's line.
    let line = doc.line_start(doc.source().lines().line_of(full.start));
    let indent = writer.column_of(spot, matches!(value, Fragment::Sequence(_))).max(column + 1);
    draft.delete(line, full.end);
    draft.inline(line, rank, format!("{}{}", " ".repeat(indent), text.trim_start_matches([' ', '\n', '\r'])));
    Ok(())
}

/// Whether an offset is the end of a text without final line break.
fn ends_unfinished(context: &Context<'_>, offset: u32) -> bool {
    let text = context.doc.source().text();
    offset as usize >= text.len() && !text.ends_with(['\n', '\r'])
}

/// A block scalar at the end of a text without final line break would have another value than elsewhere.
fn check_end(
    context: &Context<'_>,
    id: NodeId,
    end: u32,
    value: Option<&Fragment>,
) -> Result<(), ChangeError> {
    let last = value.is_some_and(|value| ends_in_block_scalar(context, value));
    match last && ends_unfinished(context, end) {
        true => Err(context.unsupported(id, "a block scalar without its last line break")),
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
        Fragment::Copy(id) => {
            let leaf = context.doc.node(context.doc.last_leaf(*id));
            matches!(leaf.kind, NodeKind::Scalar(ScalarStyle::Literal | ScalarStyle::Folded))
        }
    }
}

//! Lowers the changes of flow collections and JSON: the commas stay right whatever goes and comes, entries on
//! lines of their own keep them, and a comment that would be lost refuses the batch.

use super::assemble::{Draft, Rank};
use super::change::{ChangeError, CollectionChanges, Context, NewEntries, Refusal};
use super::copy::is_bare_pair;
use super::emit_flow::FlowWriter;
use super::extent::{Extent, end_of, start_of};
use super::fragment::Fragment;
use super::manner::Role;
use super::node::{Node, NodeId, NodeKind};
use crate::text::Span;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Lowers the changes of one flow collection.
pub(super) fn collection(
    context: &Context<'_>,
    id: NodeId,
    changes: &CollectionChanges<'_>,
    draft: &mut Draft<'_>,
) -> Result<(), ChangeError> {
    let node = context.doc.node(id);
    let bracketed = !is_bare_pair(context, id);
    let resized = !changes.removed.is_empty() || !changes.inserts.is_empty();
    if resized && !bracketed {
        return Err(context.unsupported(id, "a single pair without braces"));
    }
    let lowering = Lowering { context, id, node, changes };
    if node.entries.is_empty() {
        return lowering.fill(draft);
    }
    let mut inserts: BTreeMap<Anchor, Vec<&NewEntries<'_>>> = BTreeMap::new();
    for new in &changes.inserts {
        inserts.entry(lowering.anchor(new)).or_default().push(new);
    }
    for (anchor, news) in &inserts {
        match *anchor {
            Anchor::Behind(index) => lowering.insert_behind(index, news, draft)?,
            Anchor::Before(index) => lowering.insert_before(index, news, draft)?,
            Anchor::Instead => lowering.insert_instead(news, draft)?,
        }
    }
    for (index, value) in &changes.replaced {
        lowering.replace(*index, value, draft)?;
    }
    let mut removed = changes.removed.iter().copied().peekable();
    while let Some(first) = removed.next() {
        let mut last = first;
        while let Some(next) = removed.next_if_eq(&(last + 1)) {
            last = next;
        }
        lowering.remove(first, last, draft)?;
    }
    Ok(())
}

/// Where new entries go among those that stay, so that their commas are right.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Anchor {
    /// Before the first entry that stays.
    Before(usize),
    /// Behind this entry.
    Behind(usize),
    /// In the place of all entries.
    Instead,
}

struct Lowering<'c, 'd> {
    context: &'c Context<'d>,
    id: NodeId,
    node: &'d Node,
    changes: &'c CollectionChanges<'c>,
}

impl Lowering<'_, '_> {
    fn extent(&self, index: usize) -> Result<Extent, ChangeError> {
        let extent = Extent::of(self.context.doc, self.id, index);
        extent.ok_or_else(|| self.context.unsupported(self.id, "an absent entry"))
    }

    fn survives(&self, index: usize) -> bool {
        !self.changes.removed.contains(&index)
    }

    fn start(&self, index: usize) -> u32 {
        self.node.entries.get(index).map_or(self.node.span.end, |entry| start_of(self.context.doc, entry))
    }

    /// Behind an entry and its comma.
    fn tail(&self, index: usize) -> u32 {
        let end = |entry| end_of(self.context.doc, entry);
        self.node
            .entries
            .get(index)
            .map_or(0, |entry| entry.comma.map_or_else(|| end(entry), |comma| comma + 1))
    }

    fn line_of(&self, offset: u32) -> usize {
        self.context.doc.source().lines().line_of(offset)
    }

    /// Whether nothing but blanks and the entry's own trailing comment follows it on its line.
    fn ends_line(&self, extent: &Extent, index: usize) -> bool {
        let doc = self.context.doc;
        let from =
            extent.trailing.map_or(self.tail(index), |c| doc.comments()[c].span.end.max(self.tail(index)));
        let rest = doc.source().text().get(from as usize..doc.line_end(self.line_of(from)) as usize);
        rest.is_some_and(|rest| rest.bytes().all(|b| b == b' ' || b == b'\t'))
    }

    /// Deletes bytes if every comment among them is owned by one of the entries `first..=last`.
    fn delete(
        &self,
        (start, end): (u32, u32),
        (first, last): (usize, usize),
        draft: &mut Draft<'_>,
    ) -> Result<(), ChangeError> {
        let span = Span::new(start, end);
        let within = self.context.doc.comments_within(span);
        if !within.is_empty() {
            let owned: BTreeSet<usize> =
                (first..=last).flat_map(|index| self.context.doc.owned_comments(self.id, index)).collect();
            if within.iter().any(|comment| !owned.contains(comment)) {
                return Err(self.context.refuse(self.id, span, Refusal::CommentInGap));
            }
        }
        draft.delete(start, end);
        Ok(())
    }

    /// Removes the adjacent entries `first..=last`.
    fn remove(&self, first: usize, last: usize, draft: &mut Draft<'_>) -> Result<(), ChangeError> {
        let doc = self.context.doc;
        let (head, foot) = (self.extent(first)?, self.extent(last)?);
        let run = (first, last);
        let comma_before = first.checked_sub(1).and_then(|i| self.node.entries[i].comma);
        let to_the_end = last + 1 == self.node.entries.len();
        let comma_behind = self.node.entries[last].comma;
        let tail = self.tail(last);
        if head.leads_line && self.ends_line(&foot, last) {
            let lines = (doc.line_start(head.first_line()), doc.line_start(foot.last_line() + 1));
            self.delete(lines, run, draft)?;
            if let (true, None, Some(comma)) = (to_the_end, comma_behind, comma_before) {
                draft.delete(comma, comma + 1);
            }
            return Ok(());
        }
        self.delete((doc.line_start(head.first_line()), doc.line_start(head.start_line)), run, draft)?;
        let with_comment = foot.trailing.map_or(tail, |c| doc.comments()[c].span.end.max(tail));
        let next = self.start(last + 1);
        let next_on_line = !to_the_end && self.line_of(next) == self.line_of(tail);
        let range = match comma_before {
            Some(comma) if to_the_end && comma_behind.is_none() => (comma, with_comment),
            Some(comma) if to_the_end || !next_on_line => (comma + 1, with_comment),
            _ if to_the_end => (self.start(first), with_comment),
            _ => (self.start(first), next),
        };
        self.delete(range, run, draft)
    }

    fn replace(&self, index: usize, value: &[Fragment], draft: &mut Draft<'_>) -> Result<(), ChangeError> {
        let doc = self.context.doc;
        let extent = self.extent(index)?;
        let entry = &self.node.entries[index];
        let writer = FlowWriter::new(self.context, self.id, extent.start).in_place_of(entry.value);
        let indent = doc.indentation(extent.start_line);
        let depth = doc.depth(self.id);
        let (start, rank, text) = match (self.node.kind, value) {
            (NodeKind::Sequence, items) => {
                let texts = items
                    .iter()
                    .map(|item| writer.text(item, indent, Role::Value))
                    .collect::<Result<Vec<_>, _>>()?;
                let separator = match writer.style.lines.is_some() && extent.leads_line {
                    true => format!(",{}{indent}", writer.newline),
                    false => format!(",{}", writer.style.comma_gap),
                };
                (extent.start, Rank::Before(depth), texts.join(&separator))
            }
            (_, [value]) => {
                let colon = entry.colon.ok_or_else(|| self.context.unsupported(self.id, "a key alone"))?;
                (
                    colon + 1,
                    Rank::Value,
                    format!(
                        "{}{}",
                        writer.style.colon_gap,
                        writer.text(value, indent, Role::of_value(doc, entry))?
                    ),
                )
            }
            _ => return Err(self.context.unsupported(self.id, "a number of values")),
        };
        draft.delete(doc.line_start(extent.first_line()), doc.line_start(extent.start_line));
        self.delete((start, extent.end), (index, index), draft)?;
        if let Some(comment) = extent.trailing.map(|comment| doc.comments()[comment].span) {
            let before = doc.source().text()[..comment.start as usize].trim_end_matches([' ', '\t']);
            draft.delete(before.len() as u32, comment.end);
        }
        draft.delete(doc.line_start(extent.end_line + 1), doc.line_start(extent.last_line() + 1));
        draft.inline(start, rank, text);
        Ok(())
    }

    fn anchor(&self, new: &NewEntries<'_>) -> Anchor {
        let count = self.node.entries.len();
        let (index, behind) = new.place.order(count);
        let behind = if behind { Some(index) } else { index.checked_sub(1) };
        let before = behind.and_then(|index| (0..=index).rev().find(|i| self.survives(*i)));
        let after = (0..count).find(|i| self.survives(*i));
        match (before, after) {
            (Some(index), _) => Anchor::Behind(index),
            (None, Some(index)) => Anchor::Before(index),
            (None, None) => Anchor::Instead,
        }
    }

    fn insert_behind(
        &self,
        index: usize,
        news: &[&NewEntries<'_>],
        draft: &mut Draft<'_>,
    ) -> Result<(), ChangeError> {
        let doc = self.context.doc;
        let extent = self.extent(index)?;
        let writer = FlowWriter::new(self.context, self.id, extent.start);
        let (indent, lines) = writer.indent();
        let lines = lines && self.ends_line(&extent, index);
        let text = writer.insertion(news, lines)?;
        let rank = Rank::Behind(Reverse(self.context.doc.depth(self.id)));
        let last_survivor = !(index + 1..self.node.entries.len()).any(|i| self.survives(i));
        let habit = self.node.entries.last().is_some_and(|entry| entry.comma.is_some());
        let comma = self.node.entries[index].comma.filter(|_| !last_survivor || habit);
        if comma.is_none() {
            draft.inline(extent.end, rank, ",".to_owned());
        }
        let closing = if comma.is_some() { "," } else { "" };
        match lines {
            true => {
                let at = doc.line_start(extent.last_line() + 1);
                draft.lines(at, rank, format!("{indent}{text}{closing}"), false);
            }
            false => {
                let at = comma.map_or(extent.end, |comma| comma + 1);
                draft.inline(at, rank, format!("{}{text}{closing}", writer.style.comma_gap));
            }
        }
        Ok(())
    }

    fn insert_before(
        &self,
        index: usize,
        news: &[&NewEntries<'_>],
        draft: &mut Draft<'_>,
    ) -> Result<(), ChangeError> {
        let extent = self.extent(index)?;
        let writer = FlowWriter::new(self.context, self.id, extent.start);
        let (indent, lines) = writer.indent();
        let lines = lines && extent.leads_line;
        let text = writer.insertion(news, lines)?;
        let rank = Rank::Before(self.context.doc.depth(self.id));
        match lines {
            true => {
                let at = self.context.doc.line_start(extent.first_line());
                draft.lines(at, rank, format!("{indent}{text},"), false);
            }
            false => draft.inline(extent.start, rank, format!("{text},{}", writer.style.comma_gap)),
        }
        Ok(())
    }

    /// Puts new entries where all old ones go.
    fn insert_instead(&self, news: &[&NewEntries<'_>], draft: &mut Draft<'_>) -> Result<(), ChangeError> {
        let extent = self.extent(0)?;
        let writer = FlowWriter::new(self.context, self.id, extent.start);
        let (indent, lines) = writer.indent();
        let lines = lines && extent.leads_line;
        let text = writer.insertion(news, lines)?;
        let last = self.node.entries.len() - 1;
        let rank = Rank::Before(self.context.doc.depth(self.id));
        match lines && self.ends_line(&self.extent(last)?, last) {
            true => {
                let at = self.context.doc.line_start(extent.first_line());
                draft.lines(at, rank, format!("{indent}{text}"), false);
            }
            false => draft.inline(extent.start, rank, text),
        }
        Ok(())
    }

    /// Fills an empty collection.
    fn fill(&self, draft: &mut Draft<'_>) -> Result<(), ChangeError> {
        let inner = Span::new(self.node.span.start + 1, self.node.span.end.saturating_sub(1));
        if !self.context.doc.comments_within(inner).is_empty() {
            return Err(self.context.refuse(self.id, inner, Refusal::CommentInGap));
        }
        let writer = FlowWriter::new(self.context, self.id, inner.start);
        let (indent, lines) = writer.indent();
        let news: Vec<_> = self.changes.inserts.iter().collect();
        let mut text = writer.insertion(&news, lines)?;
        if lines {
            let outer = self.context.doc.indentation(self.line_of(self.node.span.start));
            text = format!("{0}{indent}{text}{0}{outer}", writer.newline);
        }
        draft.delete(inner.start, inner.end);
        draft.inline(inner.start, Rank::Before(0), text);
        Ok(())
    }
}

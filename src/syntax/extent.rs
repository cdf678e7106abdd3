//! Where an entry of a collection begins and ends, with the comments that belong to it and the lines it fills.
//! Measures only; what happens to the bytes is decided by the lowering.

use super::document::Document;
use super::node::{Comment, Entry, NodeId};
use std::ops::Range;

/// The bytes, lines and comments of one entry.
#[derive(Clone, Debug)]
pub(super) struct Extent {
    /// First byte of the entry: dash, `?`, or key or item with its tag and anchor.
    pub(super) start: u32,
    /// Behind the last byte of its value; a comma is outside.
    pub(super) end: u32,
    /// Whether only blanks stand before it on its line.
    pub(super) leads_line: bool,
    /// 0-based column of `start`, in bytes.
    pub(super) column: usize,
    /// Line of `start`.
    pub(super) start_line: usize,
    /// Line of the last byte, the comma included.
    pub(super) end_line: usize,
    /// Positions of the comments directly above.
    pub(super) leading: Range<usize>,
    /// Position of the comment behind the last byte on its line.
    pub(super) trailing: Option<usize>,
    /// Positions of the deeper comments directly below.
    pub(super) below: Range<usize>,
}

impl Extent {
    /// The extent of an entry, or `None` if there is no such entry.
    pub(super) fn of(doc: &Document, collection: NodeId, index: usize) -> Option<Self> {
        let node = doc.node(collection);
        let entry = node.entries.get(index)?;
        let (start, end) = (start_of(doc, entry), end_of(doc, entry));
        let tail = entry.comma.map_or(end, |comma| comma + 1);
        let lines = doc.source().lines();
        let (start_line, end_line) = (lines.line_of(start), lines.line_of(tail));
        let line_start = doc.line_start(start_line);
        let before = &doc.source().text()[line_start as usize..start as usize];
        let leads_line = before.bytes().all(|b| b == b' ' || b == b'\t');
        let mut extent = Self {
            start,
            end,
            leads_line,
            column: (start - line_start) as usize,
            start_line,
            end_line,
            leading: 0..0,
            trailing: None,
            below: 0..0,
        };
        // Comments behind the start of the next entry are inside of that one or behind it.
        let next = node.entries.get(index + 1).map(|entry| start_of(doc, entry));
        let limit = next.unwrap_or(if node.flow { node.span.end } else { u32::MAX });
        extent.attach(doc, limit);
        Some(extent)
    }

    /// Finds the comments around the entry; all lie before the next entry or the closing bracket at `limit`.
    fn attach(&mut self, doc: &Document, limit: u32) {
        let comments = doc.comments();
        let line = |position: usize| doc.source().lines().line_of(comments[position].span.start);
        let mut next = comments.partition_point(|c| c.span.start < self.end);
        let directly_behind = |comment: &Comment| {
            let between = doc.source().text().get(self.end as usize..comment.span.start as usize);
            comment.span.start < limit
                && between.is_some_and(|text| text.bytes().all(|b| matches!(b, b' ' | b'\t' | b',')))
        };
        if comments.get(next).is_some_and(directly_behind) {
            self.trailing = Some(next);
            next += 1;
        }
        let first_above = comments.partition_point(|c| c.span.start < self.start);
        self.leading = first_above..first_above;
        self.below = next..next;
        if !self.leads_line {
            return;
        }
        let belongs = |position: usize| comments[position].own_line && !doc.is_banner(&comments[position]);
        let mut above = self.start_line;
        while let Some(position) = self.leading.start.checked_sub(1) {
            let in_column = comments[position].column as usize == self.column;
            if !belongs(position) || !in_column || line(position) + 1 != above {
                break;
            }
            above -= 1;
            self.leading.start = position;
        }
        let mut under = self.end_line;
        while self.below.end < comments.len() && comments[self.below.end].span.start < limit {
            let position = self.below.end;
            let deeper = comments[position].column as usize > self.column;
            if !belongs(position) || !deeper || line(position) != under + 1 {
                break;
            }
            under += 1;
            self.below.end += 1;
        }
    }

    /// First line of the entry with the comments above it.
    pub(super) fn first_line(&self) -> usize {
        self.start_line - self.leading.len()
    }

    /// Last line of the entry with the comments below it.
    pub(super) fn last_line(&self) -> usize {
        self.end_line + self.below.len()
    }
}

/// First byte of an entry.
pub(super) fn start_of(doc: &Document, entry: &Entry) -> u32 {
    let content = doc.full_span(entry.key.unwrap_or(entry.value)).start;
    // A key without content lies behind its `?`, or at its colon.
    entry.indicator.into_iter().chain(entry.colon).fold(content, u32::min)
}

/// Behind the last byte of an entry, its comma apart.
pub(super) fn end_of(doc: &Document, entry: &Entry) -> u32 {
    let punctuation = entry.colon.into_iter().chain(entry.indicator).map(|at| at + 1);
    let parts = entry.key.into_iter().chain([entry.value]).map(|id| doc.full_span(id).end);
    parts.chain(punctuation).max().unwrap_or(0)
}

impl Document {
    /// Offset at which a line starts, behind a byte order mark; the end of the text for lines behind the last.
    pub(super) fn line_start(&self, line: usize) -> u32 {
        let source = self.source();
        let start = source.lines().start_of(line).unwrap_or(source.text().len() as u32);
        start.max(source.bom_len())
    }

    /// Offset of the end of a line, without its line break.
    pub(super) fn line_end(&self, line: usize) -> u32 {
        let bytes = self.source().text().as_bytes();
        super::lexer::line_end(bytes, self.line_start(line) as usize) as u32
    }

    /// Whether a line exists and holds nothing but blanks. The empty line behind a final line break is none.
    pub(super) fn is_blank_line(&self, line: usize) -> bool {
        let text = self.source().text();
        let start = self.line_start(line) as usize;
        start < text.len()
            && text[start..self.line_end(line) as usize].bytes().all(|b| b == b' ' || b == b'\t')
    }

    /// 0-based column of an offset, in bytes.
    pub(super) fn column(&self, offset: u32) -> usize {
        (offset - self.line_start(self.source().lines().line_of(offset))) as usize
    }

    /// The last node of a subtree in document order.
    pub(super) fn last_leaf(&self, node: NodeId) -> NodeId {
        let mut at = node;
        while let Some(entry) = self.node(at).entries.last() {
            at = entry.value;
        }
        at
    }
}

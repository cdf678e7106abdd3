//! Which comments belong to which entry. A comment belongs to the entry that a reader would take it for: inside
//! it, behind its lines, below it and deeper, or directly above it in its column. What is set apart by a blank
//! line, or has no letter or digit, stays where it is.

use super::document::Document;
use super::extent::Extent;
use super::node::{Comment, NodeId};
use crate::text::Span;

impl Document {
    /// Positions in [`comments`](Self::comments) of the comments that belong to an entry and go with it: those inside
    /// the entry, behind its last line, directly below it in a deeper column, and directly above it in its column.
    /// In order of the text; nothing for an entry that is not there.
    pub fn owned_comments(&self, collection: NodeId, index: usize) -> Vec<usize> {
        let Some(extent) = Extent::of(self, collection, index) else { return Vec::new() };
        let mut owned = extent.leading.clone().collect::<Vec<_>>();
        owned.extend(self.comments_within(Span::new(extent.start, extent.end)));
        owned.extend(extent.trailing);
        owned.extend(extent.below);
        owned
    }

    /// Where an entry starts: its dash, `?`, key, or item with tag and anchor.
    pub fn entry_start(&self, collection: NodeId, index: usize) -> Option<u32> {
        Extent::of(self, collection, index).map(|extent| extent.start)
    }

    /// The outermost node that covers exactly these bytes, tag and anchor with it.
    pub fn node_at(&self, span: Span) -> Option<NodeId> {
        self.ids().find(|&id| self.full_span(id) == span)
    }

    /// Whether a comment has neither letter nor digit, so that it is a rule or a frame and not about an entry.
    pub(super) fn is_banner(&self, comment: &Comment) -> bool {
        !self.source().slice(comment.span).chars().any(char::is_alphanumeric)
    }

    /// The comment that has a line for itself.
    pub(super) fn comment_on_line(&self, line: usize) -> Option<&Comment> {
        let start = self.line_start(line);
        let next = self.comments().partition_point(|c| c.span.start < start);
        let comment = self.comments().get(next)?;
        (comment.own_line && self.source().lines().line_of(comment.span.start) == line).then_some(comment)
    }
}

//! Literal and folded scalars: what their header says, where their text ends and which line breaks are theirs.
//! Knows one scalar at a time, and no tree beyond it.

use super::document::Document;
use super::lexer::{break_len, is_separator, line_end};
use super::node::{Entry, NodeId, NodeKind, ScalarStyle};

/// What stands behind `|` or `>`.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// `+`: blank lines below the text are part of it.
    pub(super) keeps: bool,
    /// `-`: not even the last line break is part of it.
    pub(super) strips: bool,
    /// The indentation of the text relative to its parent, where it is given.
    pub(super) indent: Option<u8>,
}

impl Header {
    /// Reads the indicators at the start of `bytes`; also returns how many there are. `None` if others follow.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut header = Self::default();
        let length = bytes.iter().take_while(|b| !is_separator(Some(**b))).count();
        for byte in &bytes[..length] {
            match byte {
                b'+' => header.keeps = true,
                b'-' => header.strips = true,
                b'1'..=b'9' => header.indent = Some(byte - b'0'),
                _ => return None,
            }
        }
        Some((header, length))
    }

    /// Where the text ends whose lines begin at `body`: behind its last line, or where it keeps blank lines, behind
    /// these but for the last line break. `None` if there is no line of text. The text is deeper than
    /// `parent_column`, which is -1 at the root.
    pub(super) fn body_end(self, bytes: &[u8], body: usize, parent_column: i64) -> Option<usize> {
        let mut indent = self.indent.map(|indent| parent_column.max(0) + i64::from(indent));
        let (mut end, mut at) = (None, body);
        while at < bytes.len() {
            let stop = line_end(bytes, at);
            let spaces = bytes[at..stop].iter().take_while(|b| **b == b' ').count();
            if at + spaces == stop {
                // Spaces beyond the indentation are text.
                if self.keeps || indent.is_some_and(|indent| spaces as i64 > indent) {
                    end = Some(stop);
                }
            } else {
                let indent = *indent.get_or_insert((spaces as i64).max(parent_column + 1));
                let marker = [b"---".as_slice(), b"..."].iter().any(|m| bytes[at..].starts_with(m));
                if (spaces as i64) < indent || (indent == 0 && marker) {
                    break;
                }
                end = Some(stop);
            }
            at = stop + break_len(bytes, stop);
        }
        end
    }
}

/// Takes back the line breaks that the parser gives a scalar at the end of a text and that are not there. `text` is
/// the scalar's source text, `unfinished` says that nothing follows it, not even a line break.
pub(super) fn correct_line_breaks(text: &str, unfinished: bool, value: &mut String) {
    let Some((first, _)) = text.split_once(['\n', '\r']) else { return value.clear() };
    let header =
        first.as_bytes().get(1..).and_then(Header::read).map(|(header, _)| header).unwrap_or_default();
    if !header.keeps {
        let breaks = usize::from(!header.strips && !unfinished);
        let solid = value.trim_end_matches('\n').len();
        value.truncate((solid + breaks).min(value.len()));
    } else if unfinished && value.ends_with('\n') {
        value.pop();
    }
}

/// What matters of a block scalar to the lines below it.
#[derive(Copy, Clone, Debug)]
pub(super) struct BlockScalar {
    /// Its header.
    pub(super) header: Header,
    /// Column of its text.
    pub(super) column: usize,
    /// Line of its last byte.
    pub(super) last_line: usize,
}

impl Document {
    /// The block scalar that a node is or ends in.
    pub(super) fn block_scalar_at_end(&self, node: NodeId) -> Option<BlockScalar> {
        let mut leaf = self.node(node);
        while let Some(entry) = leaf.entries.last() {
            leaf = self.node(last_node(entry));
        }
        if !matches!(leaf.kind, NodeKind::Scalar(ScalarStyle::Literal | ScalarStyle::Folded)) {
            return None;
        }
        let text = self.source().slice(leaf.span);
        let (header, _) = text.as_bytes().get(1..).and_then(Header::read)?;
        let mut lines = text.split(['\n', '\r']).skip(1);
        let first = lines.find(|line| !line.trim_matches([' ', '\t']).is_empty());
        let column = first.map_or(0, |line| line.len() - line.trim_start_matches(' ').len());
        Some(BlockScalar { header, column, last_line: self.source().lines().line_of(leaf.span.end) })
    }
}

/// The node that an entry ends in: its value, or the key of an explicit one without a colon.
pub(super) fn last_node(entry: &Entry) -> NodeId {
    entry.key.filter(|_| entry.colon.is_none()).unwrap_or(entry.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(header: &str, body: &str, parent_column: i64) -> Option<usize> {
        Header::read(header.as_bytes()).unwrap().0.body_end(body.as_bytes(), 0, parent_column)
    }

    #[test]
    fn headers_are_read_up_to_a_blank() {
        let (header, length) = Header::read(b"2+ # comment").unwrap();
        assert_eq!((header, length), (Header { keeps: true, strips: false, indent: Some(2) }, 2));
        assert_eq!(Header::read(b"x"), None);
    }

    #[test]
    fn text_ends_with_its_last_line() {
        assert_eq!(body("", "  a\n\n  b\n\nc", 0), Some(8));
        assert_eq!(body("+", "  a\n\n\nc", 0), Some(5));
        assert_eq!(body("", "  a\n      \nc", 0), Some(10));
        assert_eq!(body("4", "    a\n  c", 0), Some(5));
        assert_eq!(body("", "c: 1", 0), None);
        assert_eq!(body("", "a\n---\n", -1), Some(1));
        assert_eq!(body("+", "\n", 0), Some(0));
    }

    #[test]
    fn line_breaks_that_are_not_there_go() {
        let corrected = |text: &str, unfinished: bool, value: &str| {
            let mut value = value.to_owned();
            correct_line_breaks(text, unfinished, &mut value);
            value
        };
        assert_eq!(corrected("|\n  a", true, "a\n"), "a");
        assert_eq!(corrected("|\n  a", false, "a\n"), "a\n");
        assert_eq!(corrected("|-\n  a", false, "a"), "a");
        assert_eq!(corrected("|", false, "\n"), "");
        assert_eq!(corrected("|+\n", false, "\n"), "\n");
        assert_eq!(corrected("|+\n  a\n", false, "a\n\n"), "a\n\n");
    }
}

//! The nodes of the tree: what kind each is, where its bytes are and how collections hold their entries.
//! Holds no text of the source and computes nothing.

use crate::text::Span;

/// Names one node of one [`Document`](super::Document). Ids follow the order of the text: a collection comes
/// before what it holds, a key before its value.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// Position of the node in document order, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// A scalar with at least one byte of its own; also `~` and `null`, whose meaning is not decided here.
    Scalar(ScalarStyle),
    /// A mapping: block, flow, or a single pair in a flow sequence.
    Mapping,
    /// A sequence: block or flow.
    Sequence,
    /// `*name`; [`Node::target`] says what it stands for.
    Alias,
    /// No content at all, as in `key:`; its span is empty.
    Empty,
}

/// How a scalar is written.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// In `'…'`.
    SingleQuoted,
    /// In `"…"`; every JSON string.
    DoubleQuoted,
    /// Behind `|`.
    Literal,
    /// Behind `>`.
    Folded,
}

/// One node. Invariant: `span` covers exactly the content, without tag, anchor, surrounding blanks or
/// the line break behind it; a collection's span covers those of its entries.
#[derive(Clone, Debug)]
pub struct Node {
    /// What the node is.
    pub kind: NodeKind,
    /// Whether a collection is written with brackets; false for everything else.
    pub flow: bool,
    /// The tag as written, `!` included.
    pub tag: Option<Span>,
    /// The anchor as written, `&` included.
    pub anchor: Option<Span>,
    /// The content. A block scalar's begins at its `|` or `>` and ends behind its last line of text; where
    /// the header says keep (`+`), blank lines at its end are inside.
    pub span: Span,
    /// The collection that holds the node as a key, value or item; `None` for the root.
    pub parent: Option<NodeId>,
    /// The entries of a collection, in order; empty for everything else.
    pub entries: Vec<Entry>,
    /// The decoded text of a scalar; empty for everything else.
    pub value: String,
    /// What an alias stands for.
    pub target: Option<NodeId>,
}

impl Node {
    /// Whether the node is a scalar of any style.
    pub fn is_scalar(&self) -> bool {
        matches!(self.kind, NodeKind::Scalar(_))
    }

    /// Whether the node is a mapping or a sequence.
    pub fn is_collection(&self) -> bool {
        matches!(self.kind, NodeKind::Mapping | NodeKind::Sequence)
    }

    /// Whether the node is a collection written by indentation.
    pub fn is_block_collection(&self) -> bool {
        self.is_collection() && !self.flow
    }
}

/// An item of a sequence or an entry of a mapping, with the places of its punctuation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Offset of the `-` of a block item, or of the `?` of an explicit key.
    pub indicator: Option<u32>,
    /// The key; `None` exactly in sequences.
    pub key: Option<NodeId>,
    /// Offset of the `:`; `None` in sequences and for a key that stands alone.
    pub colon: Option<u32>,
    /// The value or item.
    pub value: NodeId,
    /// Offset of the `,` behind the entry.
    pub comma: Option<u32>,
}

/// A comment.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to the end of the line, trailing blanks included, the line break not.
    pub span: Span,
    /// Whether nothing but blanks stands before it on its line.
    pub own_line: bool,
    /// 0-based column of the `#`, in characters.
    pub column: u32,
}

/// A key that a mapping holds more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The mapping.
    pub map: NodeId,
    /// The decoded key.
    pub key: String,
    /// The key's first place.
    pub first: Span,
    /// The key's last place, whose value counts.
    pub last: Span,
}

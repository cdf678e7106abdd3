//! Builds the tree from the parser's events and the lexer's spans, in lockstep: for each event the bytes that
//! must spell it are consumed, and a text with a byte that no event explains is refused. Knows no parser but
//! through [`EventSource`], and resolves nothing but aliases.

use super::block_scalar::correct_line_breaks;
use super::error::{MAX_DEPTH, MAX_NODES, Reason, SyntaxError};
use super::events::{Event, EventKind, EventSource, Mark, ParseFailure, Properties};
use super::lexer::{Lexer, Mismatch, is_separator};
use super::node::{Comment, Entry, Node, NodeId, NodeKind, ScalarStyle};
use crate::text::{Source, Span};
use hashbrown::HashMap;

/// The nodes and comments of one text.
#[derive(Debug)]
pub(super) struct Tree {
    /// Whether the parser took another text for it, see `adapt`.
    pub(super) adapted: bool,
    pub(super) nodes: Vec<Node>,
    pub(super) comments: Vec<Comment>,
}

/// Why there is no tree.
#[derive(Debug)]
pub(super) enum BuildError {
    /// The parser stopped; `reached` is the end of what was matched before, and `flow` the start of the outermost
    /// flow collection that was open then.
    Parser { failure: ParseFailure, reached: usize, flow: Option<usize> },
    /// The parser's events do not fit the text, perhaps since it misread the outermost flow collection at `flow`.
    Misread { error: SyntaxError, flow: Option<usize> },
    /// The text is refused for good.
    Refused(SyntaxError),
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Shape {
    BlockMapping,
    BlockSequence,
    FlowMapping,
    FlowSequence,
    /// `key: value` as an item of a flow sequence, without braces.
    Pair,
}

/// A collection whose end has not come yet.
struct Frame {
    node: NodeId,
    shape: Shape,
    /// Column of a block collection.
    column: i64,
    /// In a mapping, whether the next child is a value.
    value_next: bool,
}

struct Builder<'s, E> {
    source: &'s Source,
    lexer: Lexer<'s>,
    events: E,
    peeked: Option<Event>,
    nodes: Vec<Node>,
    frames: Vec<Frame>,
    anchors: HashMap<usize, NodeId>,
    documents: usize,
}

/// Builds the tree of `source` from events of the same text.
pub(super) fn build(source: &Source, events: impl EventSource) -> Result<Tree, BuildError> {
    let lexer = Lexer::new(source.text(), source.bom_len() as usize);
    let mut builder = Builder {
        source,
        lexer,
        events,
        peeked: None,
        nodes: Vec::new(),
        frames: Vec::new(),
        anchors: HashMap::new(),
        documents: 0,
    };
    builder.run()?;
    Ok(Tree { adapted: false, nodes: builder.nodes, comments: builder.lexer.into_comments() })
}

impl<E: EventSource> Builder<'_, E> {
    fn run(&mut self) -> Result<(), BuildError> {
        loop {
            let event = self.next_event()?;
            match event.kind {
                EventKind::DocumentStart => {
                    self.lexer.document_start();
                    self.documents += 1;
                    if self.documents > 1 {
                        return Err(self.refuse(Reason::MultipleDocuments));
                    }
                }
                EventKind::DocumentEnd => self.lexer.document_end(),
                EventKind::StreamEnd => {
                    if self.nodes.is_empty() {
                        let at = Span::at(self.lexer.position());
                        self.allocate(NodeKind::Empty, at)?;
                    }
                    self.lexer.skip_trivia();
                    let done = self.lexer.at_end() && self.frames.is_empty();
                    return if done { Ok(()) } else { Err(self.refuse(Reason::Unexplained("the end"))) };
                }
                EventKind::CollectionEnd => self.close()?,
                kind => {
                    let slot = self.open_slot(&kind)?;
                    self.node(kind, event.mark, slot)?;
                }
            }
        }
    }

    fn next_event(&mut self) -> Result<Event, BuildError> {
        if let Some(event) = self.peeked.take() {
            return Ok(event);
        }
        self.events.next().map_err(|failure| BuildError::Parser {
            failure,
            reached: self.lexer.position() as usize,
            flow: self.outermost_flow(),
        })
    }

    /// Start of the outermost open flow collection.
    fn outermost_flow(&self) -> Option<usize> {
        let flow = |f: &&Frame| !matches!(f.shape, Shape::BlockMapping | Shape::BlockSequence);
        self.frames.iter().find(flow).map(|f| self.nodes[f.node.index()].span.start as usize)
    }

    fn refuse(&self, reason: Reason) -> BuildError {
        let misread = matches!(reason, Reason::Unexplained(_));
        let error = SyntaxError { at: self.source.position(self.lexer.position()), reason };
        match misread {
            true => BuildError::Misread { error, flow: self.outermost_flow() },
            false => BuildError::Refused(error),
        }
    }

    fn explain<T>(&self, result: Result<T, Mismatch>) -> Result<T, BuildError> {
        result.map_err(|what| self.refuse(Reason::Unexplained(what)))
    }

    /// Moves over what stands between the previous child and the next one: dash, comma, `?` or colon. Returns
    /// the place of a child without content, which is directly behind that.
    fn open_slot(&mut self, kind: &EventKind) -> Result<u32, BuildError> {
        let Some(frame) = self.frames.last() else {
            return match self.nodes.is_empty() {
                true => Ok(self.lexer.position()),
                false => Err(self.refuse(Reason::Unexplained("a second root"))),
            };
        };
        let (shape, parent, column) = (frame.shape, frame.node.index(), frame.column);
        let next = NodeId(self.nodes.len() as u32);
        if frame.value_next {
            let before = self.lexer.position();
            let colon = self.colon(shape, column);
            if colon.is_none() && !kind.is_nothing() {
                return Err(self.refuse(Reason::Unexplained("the ':' of an entry")));
            }
            if let Some(entry) = self.nodes[parent].entries.last_mut() {
                entry.colon = colon;
                entry.value = next;
            }
            return Ok(colon.map_or(before, |colon| colon + 1));
        }
        self.lexer.skip_trivia();
        let lacks_comma = self.nodes[parent].entries.last().is_some_and(|e| e.comma.is_none());
        if lacks_comma && matches!(shape, Shape::FlowMapping | Shape::FlowSequence) {
            return Err(self.refuse(Reason::Unexplained("a ','")));
        }
        let indicator = match shape {
            Shape::BlockSequence => {
                let dash = self.lexer.take_indicator(b'-');
                Some(self.explain(dash.ok_or("the '-' of an item"))?)
            }
            Shape::FlowSequence => None,
            Shape::BlockMapping | Shape::FlowMapping | Shape::Pair => self.lexer.take_indicator(b'?'),
        };
        let key = (!matches!(shape, Shape::BlockSequence | Shape::FlowSequence)).then_some(next);
        let entry = Entry { indicator, key, colon: None, value: next, comma: None };
        self.nodes[parent].entries.push(entry);
        Ok(self.lexer.position())
    }

    /// The colon before a value, if there is one. In a block mapping, one that starts a line belongs to the mapping
    /// in whose column it stands.
    fn colon(&mut self, shape: Shape, column: i64) -> Option<u32> {
        self.lexer.skip_trivia();
        if shape != Shape::BlockMapping {
            return self.lexer.take(b':');
        }
        let starts_line = {
            let start = self.lexer.position() as usize - self.lexer.byte_column();
            self.source.text().as_bytes()[start..self.lexer.position() as usize].iter().all(|b| *b == b' ')
        };
        if starts_line && self.lexer.byte_column() as i64 != column {
            return None;
        }
        self.lexer.take_indicator(b':')
    }

    fn allocate(&mut self, kind: NodeKind, span: Span) -> Result<NodeId, BuildError> {
        if self.nodes.len() >= MAX_NODES {
            return Err(self.refuse(Reason::TooManyNodes));
        }
        let id = NodeId(self.nodes.len() as u32);
        let parent = self.frames.last().map(|f| f.node);
        self.nodes.push(Node {
            kind,
            flow: false,
            tag: None,
            anchor: None,
            span,
            parent,
            entries: Vec::new(),
            value: String::new(),
            target: None,
        });
        Ok(id)
    }

    /// Consumes the bytes of a node, or of its start if it is a collection. `slot` is its place if it has none.
    fn node(&mut self, kind: EventKind, mark: Mark, slot: u32) -> Result<(), BuildError> {
        if kind.is_nothing() {
            self.allocate(NodeKind::Empty, Span::at(slot))?;
            self.finish();
            return Ok(());
        }
        let properties = match &kind {
            EventKind::Scalar(_, _, p) | EventKind::SequenceStart(p) | EventKind::MappingStart(p) => *p,
            _ => Properties::default(),
        };
        self.lexer.skip_trivia();
        let (tag, anchor) = self.properties(properties)?;
        let contentless =
            matches!(&kind, EventKind::Scalar(value, ScalarStyle::Plain, _) if value.is_empty());
        if !contentless {
            self.lexer.skip_trivia();
        }
        let start = self.lexer.position();
        let id = self.allocate(NodeKind::Empty, Span::at(start))?;
        if let Some(number) = properties.anchor {
            self.anchors.insert(number, id);
        }
        let node = &mut self.nodes[id.index()];
        (node.tag, node.anchor) = (tag, anchor);
        match kind {
            EventKind::Scalar(..) if contentless => self.finish(),
            EventKind::Scalar(mut value, style, _) => {
                let parent_column = self.block_column();
                let span = self.lexer.scalar(style, &value, parent_column);
                let span = self.explain(span)?;
                if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                    let text = self.source.text();
                    correct_line_breaks(self.source.slice(span), span.end as usize == text.len(), &mut value);
                }
                let node = &mut self.nodes[id.index()];
                (node.kind, node.span, node.value) = (NodeKind::Scalar(style), span, value);
                self.finish();
            }
            EventKind::Alias(number) => {
                let span = self.lexer.alias();
                let span = self.explain(span)?;
                let target = self.anchors.get(&number).copied();
                if self.frames.iter().any(|frame| Some(frame.node) == target) {
                    return Err(self.refuse(Reason::SelfReference));
                }
                let node = &mut self.nodes[id.index()];
                (node.kind, node.span, node.target) = (NodeKind::Alias, span, target);
                self.finish();
            }
            EventKind::SequenceStart(_) => self.open_sequence(id)?,
            EventKind::MappingStart(_) => self.open_mapping(id, mark)?,
            EventKind::DocumentStart
            | EventKind::DocumentEnd
            | EventKind::StreamEnd
            | EventKind::CollectionEnd => {}
        }
        Ok(())
    }

    fn properties(&mut self, wanted: Properties) -> Result<(Option<Span>, Option<Span>), BuildError> {
        let (mut tag, mut anchor) = (None, None);
        while (wanted.tagged && tag.is_none()) || (wanted.anchor.is_some() && anchor.is_none()) {
            self.lexer.skip_trivia();
            match self.lexer.peek() {
                Some(b'!') if wanted.tagged && tag.is_none() => {
                    let span = self.lexer.tag();
                    tag = Some(self.explain(span)?);
                }
                Some(b'&') if wanted.anchor.is_some() && anchor.is_none() => {
                    let span = self.lexer.anchor();
                    anchor = Some(self.explain(span)?);
                }
                _ => return Err(self.refuse(Reason::Unexplained("a tag or an anchor"))),
            }
        }
        Ok((tag, anchor))
    }

    /// Column of the innermost block collection, -1 outside of all.
    fn block_column(&self) -> i64 {
        let block = |f: &&Frame| matches!(f.shape, Shape::BlockMapping | Shape::BlockSequence);
        self.frames.iter().rev().find(block).map_or(-1, |f| f.column)
    }

    fn open_sequence(&mut self, id: NodeId) -> Result<(), BuildError> {
        let column = self.lexer.byte_column();
        if self.lexer.take(b'[').is_some() {
            return self.push(id, Shape::FlowSequence, column);
        }
        let bytes = self.source.text().as_bytes();
        let next = bytes.get(self.lexer.position() as usize + 1).copied();
        match self.lexer.peek() == Some(b'-') && is_separator(next) && !self.in_flow() {
            true => self.push(id, Shape::BlockSequence, column),
            false => Err(self.refuse(Reason::Unexplained("the start of a sequence"))),
        }
    }

    fn open_mapping(&mut self, id: NodeId, mark: Mark) -> Result<(), BuildError> {
        let column = self.lexer.byte_column();
        let parent = self.frames.last().map(|f| f.shape);
        if self.lexer.peek() == Some(b'{') && self.braces_are_the_mapping(mark, parent)? {
            let outer = self.frames.last().map(|f| self.nodes[f.node.index()].span.start);
            let doubled =
                parent == Some(Shape::FlowMapping) && outer.map(|s| s + 1) == Some(self.lexer.position());
            if doubled {
                return Err(self.refuse(Reason::Placeholders));
            }
            self.lexer.take(b'{');
            return self.push(id, Shape::FlowMapping, column);
        }
        match parent {
            Some(Shape::FlowSequence) => self.push(id, Shape::Pair, column),
            Some(Shape::FlowMapping | Shape::Pair) => Err(self.refuse(Reason::Unexplained("a '{'"))),
            _ => self.push(id, Shape::BlockMapping, column),
        }
    }

    /// Whether the `{` under the cursor opens the mapping that begins, not its first key. In block context the
    /// mark tells: it is at the `{`, or else at the colon behind the first key. In a flow sequence a pair's mark
    /// is where its key begins, so a second mapping at the same mark is that key.
    fn braces_are_the_mapping(&mut self, mark: Mark, parent: Option<Shape>) -> Result<bool, BuildError> {
        let (line, column) = self.lexer.line_and_column();
        if (mark.line, mark.column) != (line, column) {
            return Ok(false);
        }
        if parent != Some(Shape::FlowSequence) {
            return Ok(true);
        }
        let next = self.next_event()?;
        let key = matches!(next.kind, EventKind::MappingStart(_)) && next.mark == mark;
        self.peeked = Some(next);
        Ok(!key)
    }

    fn in_flow(&self) -> bool {
        self.frames.last().is_some_and(|f| !matches!(f.shape, Shape::BlockMapping | Shape::BlockSequence))
    }

    fn push(&mut self, id: NodeId, shape: Shape, column: usize) -> Result<(), BuildError> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(self.refuse(Reason::TooDeep));
        }
        let node = &mut self.nodes[id.index()];
        node.kind = match shape {
            Shape::BlockSequence | Shape::FlowSequence => NodeKind::Sequence,
            Shape::BlockMapping | Shape::FlowMapping | Shape::Pair => NodeKind::Mapping,
        };
        node.flow = !matches!(shape, Shape::BlockMapping | Shape::BlockSequence);
        self.frames.push(Frame { node: id, shape, column: column as i64, value_next: false });
        Ok(())
    }

    fn close(&mut self) -> Result<(), BuildError> {
        let Some(frame) = self.frames.last() else {
            return Err(self.refuse(Reason::Unexplained("the end of a collection")));
        };
        let (shape, id) = (frame.shape, frame.node);
        let bracket = match shape {
            Shape::FlowMapping => Some(b'}'),
            Shape::FlowSequence => Some(b']'),
            _ => None,
        };
        let end = match bracket {
            Some(bracket) => {
                self.lexer.skip_trivia();
                let closed = self.lexer.take(bracket);
                self.explain(closed.ok_or("a closing bracket"))? + 1
            }
            None => {
                let last = self.nodes[id.index()].entries.last().map(|e| e.value);
                last.map_or(self.lexer.position(), |last| self.nodes[last.index()].span.end)
            }
        };
        let node = &mut self.nodes[id.index()];
        node.span = Span::new(node.span.start, end);
        self.frames.pop();
        self.finish();
        Ok(())
    }

    /// Notes in the parent that a child is complete, and consumes the comma behind it.
    fn finish(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        let (shape, parent) = (frame.shape, frame.node.index());
        if matches!(shape, Shape::BlockMapping | Shape::FlowMapping | Shape::Pair) {
            frame.value_next = !frame.value_next;
        }
        let complete = !frame.value_next;
        if complete && matches!(shape, Shape::FlowMapping | Shape::FlowSequence) {
            self.lexer.skip_trivia();
            let comma = self.lexer.take(b',');
            if let Some(entry) = self.nodes[parent].entries.last_mut() {
                entry.comma = comma;
            }
        }
    }
}

//! The seam to the YAML parser: a stream of events with structure, styles and decoded values. The only place
//! that names yaml-rust2. Of its positions only line and column are passed on, since its byte index counts
//! neither bytes nor characters behind some block scalars.

use super::node::ScalarStyle;
use yaml_rust2::parser::{Event as ParserEvent, Parser};
use yaml_rust2::scanner::{Marker, ScanError, TScalarStyle};

/// A place as the parser counts it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// 0-based line.
    pub(super) line: usize,
    /// 0-based column in characters.
    pub(super) column: usize,
}

/// The properties that stand before a node's content.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Properties {
    /// Whether there is a tag.
    pub(super) tagged: bool,
    /// The anchor's number, by which aliases name it.
    pub(super) anchor: Option<usize>,
}

impl Properties {
    /// Whether there is neither tag nor anchor.
    pub(super) fn is_empty(self) -> bool {
        !self.tagged && self.anchor.is_none()
    }
}

/// One step of the parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    /// The beginning of a document.
    DocumentStart,
    /// The end of a document.
    DocumentEnd,
    /// The end of the text.
    StreamEnd,
    /// An alias of the anchor with this number.
    Alias(usize),
    /// A scalar with its decoded value; a plain one without text is a node without content.
    Scalar(String, ScalarStyle, Properties),
    /// A sequence begins.
    SequenceStart(Properties),
    /// A mapping begins.
    MappingStart(Properties),
    /// The innermost open collection ends.
    CollectionEnd,
}

impl EventKind {
    /// Whether this is a node without content, tag and anchor, which no byte of the text spells.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Scalar(value, ScalarStyle::Plain, p) if value.is_empty() && p.is_empty())
    }
}

/// A step and where the parser saw it.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) kind: EventKind,
    pub(super) mark: Mark,
}

/// Why the parser stopped.
#[derive(Clone, Debug)]
pub(super) struct ParseFailure {
    pub(super) message: String,
    pub(super) mark: Mark,
}

/// A source of events, pulled one at a time so that limits act before anything deep is built.
pub(super) trait EventSource {
    /// The next event; behind the end of the stream, the end again.
    fn next(&mut self) -> Result<Event, ParseFailure>;
}

/// yaml-rust2 as an event source.
pub(super) struct YamlRust2<'a> {
    parser: Parser<std::str::Chars<'a>>,
}

impl<'a> YamlRust2<'a> {
    /// Reads `text`, which must not start with a byte order mark: the parser would take it for content.
    pub(super) fn new(text: &'a str) -> Self {
        Self { parser: Parser::new_from_str(text) }
    }
}

fn mark(marker: &Marker) -> Mark {
    // The column counts from 0, although the parser's documentation says 1.
    Mark { line: marker.line().saturating_sub(1), column: marker.col() }
}

fn failure(error: &ScanError) -> ParseFailure {
    ParseFailure { message: error.info().to_owned(), mark: mark(error.marker()) }
}

fn properties<T>(anchor: usize, tag: &Option<T>) -> Properties {
    Properties { tagged: tag.is_some(), anchor: (anchor > 0).then_some(anchor) }
}

fn style(style: TScalarStyle) -> ScalarStyle {
    match style {
        TScalarStyle::Plain => ScalarStyle::Plain,
        TScalarStyle::SingleQuoted => ScalarStyle::SingleQuoted,
        TScalarStyle::DoubleQuoted => ScalarStyle::DoubleQuoted,
        TScalarStyle::Literal => ScalarStyle::Literal,
        TScalarStyle::Folded => ScalarStyle::Folded,
    }
}

impl EventSource for YamlRust2<'_> {
    fn next(&mut self) -> Result<Event, ParseFailure> {
        loop {
            let (event, marker) = self.parser.next_token().map_err(|e| failure(&e))?;
            let kind = match event {
                ParserEvent::Nothing | ParserEvent::StreamStart => continue,
                ParserEvent::StreamEnd => EventKind::StreamEnd,
                ParserEvent::DocumentStart => EventKind::DocumentStart,
                ParserEvent::DocumentEnd => EventKind::DocumentEnd,
                ParserEvent::Alias(id) => EventKind::Alias(id),
                ParserEvent::Scalar(value, scalar_style, anchor, tag) => {
                    EventKind::Scalar(value, style(scalar_style), properties(anchor, &tag))
                }
                ParserEvent::SequenceStart(anchor, tag) => EventKind::SequenceStart(properties(anchor, &tag)),
                ParserEvent::MappingStart(anchor, tag) => EventKind::MappingStart(properties(anchor, &tag)),
                ParserEvent::SequenceEnd | ParserEvent::MappingEnd => EventKind::CollectionEnd,
            };
            return Ok(Event { kind, mark: mark(&marker) });
        }
    }
}

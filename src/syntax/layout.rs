//! The layout habits of a text: indentation, dashes, quotes and the spelling of intrinsics, each taken from the
//! nearest evidence to a place. Measures the tree and decides nothing about edits.

use super::document::Document;
use super::manner::Choices;
use super::node::{NodeId, NodeKind, ScalarStyle};
use super::spell::{Quote, Surroundings};
use crate::text::{Format, Span};
use std::collections::BTreeMap;

/// Indentation where a text gives no evidence.
const DEFAULT_STEP: usize = 2;

/// Entries of a collection that are looked at for blanks behind punctuation.
const SAMPLES: usize = 32;

/// A document with its habits.
#[derive(Debug)]
pub(super) struct Layout<'d> {
    doc: &'d Document,
    habits: &'d Habits,
}

/// The habits of one document, measured once.
#[derive(Debug)]
pub(super) struct Habits {
    /// Start of each block sequence that is a mapping's value, and the column of its dashes relative to the key.
    dashes: Vec<(u32, usize)>,
    /// Start and quotes of each quoted scalar.
    quotes: Vec<(u32, Quote)>,
    /// The most frequent indentation of a block mapping below its key.
    common_step: usize,
    common_quote: Quote,
    choices: Choices,
    collection_key: Option<NodeId>,
    delicate: bool,
}

/// How a flow collection is laid out.
#[derive(Clone, Debug)]
pub(super) struct FlowStyle {
    /// Plain and single-quoted scalars and comments are allowed.
    pub(super) surroundings: Surroundings,
    /// The indentation of entries on lines of their own and its increase per level; `None` on one line.
    pub(super) lines: Option<(String, String)>,
    /// Whether collections in it stand on one line each, although it has lines itself.
    pub(super) compact: bool,
    /// Between a comma and the next entry on the line.
    pub(super) comma_gap: &'static str,
    /// Between a colon and the value.
    pub(super) colon_gap: &'static str,
}

impl Habits {
    /// Measures a document.
    pub(super) fn of(doc: &Document) -> Self {
        let (mut dashes, mut quotes) = (Vec::new(), Vec::new());
        let mut steps: BTreeMap<usize, usize> = BTreeMap::new();
        for id in doc.ids() {
            let node = doc.node(id);
            match node.kind {
                NodeKind::Scalar(ScalarStyle::SingleQuoted) => quotes.push((node.span.start, Quote::Single)),
                // What needs an escape could be written in no other way, so it shows no habit.
                NodeKind::Scalar(ScalarStyle::DoubleQuoted)
                    if doc.source().slice(node.span).contains('\\') => {}
                NodeKind::Scalar(ScalarStyle::DoubleQuoted) => quotes.push((node.span.start, Quote::Double)),
                NodeKind::Sequence => {
                    dashes.extend(step_below_key(doc, id).map(|step| (node.span.start, step)))
                }
                NodeKind::Mapping => {
                    if let Some(step) = step_below_key(doc, id) {
                        *steps.entry(step).or_default() += 1;
                    }
                }
                _ => {}
            }
        }
        let common_step =
            steps.iter().max_by_key(|(_, count)| **count).map_or(DEFAULT_STEP, |(step, _)| *step);
        let doubles = quotes.iter().filter(|(_, quote)| *quote == Quote::Double).count();
        let common_quote = if doubles * 2 > quotes.len() { Quote::Double } else { Quote::Single };
        Self {
            dashes,
            quotes,
            common_step,
            common_quote,
            choices: Choices::of(doc),
            collection_key: doc.ids().find(|id| is_collection_key(doc, *id)),
            delicate: is_delicate(doc),
        }
    }
}

impl<'d> Layout<'d> {
    /// The layout of a document.
    pub(super) fn of(doc: &'d Document) -> Self {
        Self { doc, habits: doc.habits() }
    }

    /// Indentation of a block mapping below a key of this collection.
    pub(super) fn step(&self, collection: NodeId) -> usize {
        let below = self.doc.node(collection).entries.iter().map(|entry| entry.value);
        let below = below.filter(|id| self.doc.node(*id).kind == NodeKind::Mapping);
        let ancestors = std::iter::successors(Some(collection), |id| self.doc.node(*id).parent);
        let ancestors = ancestors.filter(|id| self.doc.node(*id).kind == NodeKind::Mapping);
        below.chain(ancestors).find_map(|id| step_below_key(self.doc, id)).unwrap_or(self.habits.common_step)
    }

    /// Column of the dashes of a block sequence relative to its key, for a new one at `offset` in a collection. A text without any
    /// gets the same everywhere, so that what is written in two steps looks as if in one.
    pub(super) fn dash(&self, collection: NodeId, offset: u32) -> usize {
        let span = self.doc.node(collection).span;
        let near = nearest(inside(&self.habits.dashes, span), offset);
        near.or_else(|| nearest(&self.habits.dashes, offset)).unwrap_or(self.habits.common_step)
    }

    /// The quotes for a new scalar that needs some, at `offset` in a collection.
    pub(super) fn quote(&self, collection: NodeId, offset: u32) -> Quote {
        let span = self.doc.node(collection).span;
        nearest(inside(&self.habits.quotes, span), offset).unwrap_or(self.habits.common_quote)
    }

    /// The document.
    pub(super) fn document(&self) -> &'d Document {
        self.doc
    }

    /// The first key that is a collection. No template can have one, and where what holds it ends does not follow from
    /// indentation alone.
    pub(super) fn collection_key(&self) -> Option<NodeId> {
        self.habits.collection_key
    }

    /// Whether the parser takes some places of the text only because of what stands elsewhere, so that a change could make
    /// what it leaves invalid: a text of which the parser was shown another one, with brackets that hold something no deeper than the
    /// block around them, or with a key that is explicit or nothing at all, behind which other indentations pass.
    pub(super) fn is_delicate(&self) -> bool {
        self.habits.delicate
    }

    /// The choices that the document shows.
    pub(super) fn choices(&self) -> &'d Choices {
        &self.habits.choices
    }

    /// The manner of a flow collection.
    pub(super) fn flow_style(&self, collection: NodeId) -> FlowStyle {
        let doc = self.doc;
        let json = doc.source().format() == Format::Json;
        let surroundings = if json { Surroundings::Json } else { Surroundings::Flow };
        let text = doc.source().text();
        let lines = self.lines_of(collection).or_else(|| {
            // An empty collection tells nothing: where the one around it has lines, so does it.
            let node = doc.node(collection);
            let parent = node.parent.filter(|_| node.entries.is_empty())?;
            let (indent, step) = self.lines_of(parent)?;
            Some((format!("{indent}{step}"), step))
        });
        // The collection itself tells first, then those around it.
        let mut around = std::iter::successors(Some(collection), |id| doc.node(*id).parent);
        let mut tight_comma = None;
        let mut tight_colon = None;
        while let Some(id) = around.next().filter(|_| tight_comma.is_none() || tight_colon.is_none()) {
            for entry in doc.node(id).entries.iter().take(SAMPLES) {
                let comma = entry.comma.filter(|at| !is_line_end(text, *at + 1));
                tight_comma = tight_comma.or_else(|| comma.map(|at| is_tight(text, at)));
                tight_colon = tight_colon.or_else(|| entry.colon.map(|at| is_tight(text, at)));
            }
        }
        // In YAML a plain key needs the blank. Without a comma inside a line, a tight colon tells minified JSON.
        let tight_colon = json && tight_colon.unwrap_or(false);
        let tight_comma = tight_comma.unwrap_or(tight_colon);
        FlowStyle {
            surroundings,
            lines,
            compact: self.is_compact(collection),
            comma_gap: if tight_comma { "" } else { " " },
            colon_gap: if tight_colon { "" } else { " " },
        }
    }

    /// Whether every collection in a collection stands on one line, and there is one.
    fn is_compact(&self, collection: NodeId) -> bool {
        let entries = self.doc.node(collection).entries.iter().take(SAMPLES);
        let mut manners = entries.filter_map(|entry| self.doc.is_on_one_line(entry.value)).peekable();
        manners.peek().is_some() && manners.all(|one_line| one_line)
    }

    /// The indentation of a flow collection's entries where they stand on lines of their own, and its step.
    fn lines_of(&self, collection: NodeId) -> Option<(String, String)> {
        let node = self.doc.node(collection);
        let first = node.entries.first().filter(|_| node.flow)?;
        let start = super::extent::start_of(self.doc, first);
        let lines = self.doc.source().lines();
        let (open, line) = (lines.line_of(node.span.start), lines.line_of(start));
        if open == line {
            return None;
        }
        let indent = self.doc.indentation(line);
        let outer = self.doc.indentation(open);
        let step = indent.strip_prefix(outer).filter(|step| !step.is_empty()).unwrap_or("  ");
        Some((indent.to_owned(), step.to_owned()))
    }
}

impl Document {
    /// Whether a collection with entries stands on one line; `None` for anything else.
    pub(super) fn is_on_one_line(&self, id: NodeId) -> Option<bool> {
        let node = self.node(id);
        (!node.entries.is_empty()).then(|| !self.source().slice(node.span).contains(['\n', '\r']))
    }

    /// The blanks at the start of a line.
    pub(super) fn indentation(&self, line: usize) -> &str {
        let start = self.line_start(line) as usize;
        let rest = &self.source().text()[start..self.line_end(line) as usize];
        &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
    }
}

fn is_collection_key(doc: &Document, id: NodeId) -> bool {
    let node = doc.node(id);
    let entry = || doc.node(node.parent?).entries.get(doc.index_in_parent(id)?);
    node.is_collection() && entry().is_some_and(|entry| entry.key == Some(id))
}

/// See [`Layout::is_delicate`].
fn is_delicate(doc: &Document) -> bool {
    if doc.source().format() == Format::Json {
        return false;
    }
    let lines = doc.source().lines();
    let at = |id| {
        let node = doc.node(id);
        let mut keys = node.entries.iter().filter_map(|entry| Some((entry.key?, entry.indicator)));
        if keys.any(|(key, explicit)| explicit.is_some() || doc.node(key).kind == NodeKind::Empty) {
            return true;
        }
        let block = node.parent.map(|parent| doc.node(parent)).filter(|parent| node.flow && !parent.flow);
        let Some(block) = block.filter(|_| node.is_collection()) else { return false };
        let within = lines.line_of(node.span.start) + 1..lines.line_of(node.span.end) + 1;
        let column = doc.column(block.span.start);
        within.into_iter().any(|line| {
            let start = doc.line_start(line) + doc.indentation(line).len() as u32;
            // Brackets are closed like this in many a text, and the parser takes that everywhere.
            let closes = doc.source().text()[start as usize..].starts_with([']', '}']);
            doc.column(start) < column + usize::from(!closes) && !doc.is_blank_line(line)
        })
    };
    doc.is_adapted() || doc.ids().any(at)
}

/// Whether no blank stands behind the punctuation at an offset.
fn is_tight(text: &str, offset: u32) -> bool {
    !matches!(text.as_bytes().get(offset as usize + 1), Some(b' ' | b'\t' | b'\n' | b'\r'))
}

/// Whether nothing but blanks follows on the line.
fn is_line_end(text: &str, offset: u32) -> bool {
    let rest = text.get(offset as usize..).unwrap_or("").trim_start_matches([' ', '\t']);
    rest.is_empty() || rest.starts_with(['\n', '\r', '#'])
}

/// Column of a block collection relative to the block mapping whose value it is.
fn step_below_key(doc: &Document, id: NodeId) -> Option<usize> {
    let node = doc.node(id);
    let parent = doc.node(node.parent?);
    if node.flow || parent.flow || parent.kind != NodeKind::Mapping {
        return None;
    }
    let step = doc.column(node.span.start).checked_sub(doc.column(parent.span.start))?;
    (step > 0 || node.kind == NodeKind::Sequence).then_some(step)
}

/// Those that start within a span, of a list in the order of the text.
fn inside<T>(all: &[(u32, T)], span: Span) -> &[(u32, T)] {
    let first = all.partition_point(|(start, _)| *start < span.start);
    let end = all.partition_point(|(start, _)| *start < span.end);
    &all[first..end.max(first)]
}

/// What belongs to the start nearest to an offset, of a list in the order of the text; of two the earlier one.
fn nearest<T: Copy>(all: &[(u32, T)], offset: u32) -> Option<T> {
    let behind = all.partition_point(|(start, _)| *start < offset);
    let near = &all[behind.saturating_sub(1)..all.len().min(behind + 1)];
    near.iter().min_by_key(|(start, _)| start.abs_diff(offset)).map(|(_, found)| *found)
}

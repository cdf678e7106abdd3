//! Writes fragments as block YAML. Decides lines and columns; how a scalar is spelled, and what stands in flow
//! collections, is decided elsewhere.

use super::change::{ChangeError, Context};
use super::copy;
use super::fragment::{Fragment, FragmentEntry};
use super::node::NodeId;
use super::spell::{Quote, Surroundings, spell};

/// What a value is written behind.
#[derive(Copy, Clone, Debug)]
pub(super) enum Spot {
    /// The colon of an entry of a block mapping in this column.
    Key { column: usize },
    /// A dash in this column, with this many blanks behind it.
    Dash { column: usize, gap: usize },
}

impl Spot {
    /// Column of the block collection that the value is in.
    pub(super) fn parent_column(self) -> usize {
        match self {
            Self::Key { column } | Self::Dash { column, .. } => column,
        }
    }
}

/// A writer of block YAML for one place.
pub(super) struct BlockWriter<'c, 'd> {
    pub(super) context: &'c Context<'d>,
    newline: &'static str,
    step: usize,
    dash: usize,
    quote: Quote,
}

impl<'c, 'd> BlockWriter<'c, 'd> {
    /// A writer for text at `offset` in or beside a collection.
    pub(super) fn new(context: &'c Context<'d>, near: NodeId, offset: u32) -> Self {
        let layout = &context.layout;
        Self {
            context,
            newline: context.doc.source().newline_at(offset).as_str(),
            step: layout.step(near),
            dash: layout.dash(near, offset),
            quote: layout.quote(near, offset),
        }
    }

    /// Starts a new line in a column.
    pub(super) fn line(&self, out: &mut String, column: usize) {
        out.push_str(self.newline);
        out.extend(std::iter::repeat_n(' ', column));
    }

    /// A scalar for block context.
    pub(super) fn scalar(&self, text: &str) -> String {
        spell(text, self.quote, Surroundings::Block)
    }

    /// Entries of a mapping from the cursor on, which stands in `column`.
    pub(super) fn entries(
        &self,
        out: &mut String,
        entries: &[FragmentEntry],
        column: usize,
    ) -> Result<(), ChangeError> {
        for (index, entry) in entries.iter().enumerate() {
            if index > 0 {
                self.line(out, column);
            }
            self.comments(out, &entry.comments, column);
            self.entry(out, entry, column)?;
        }
        Ok(())
    }

    /// Comments on lines of their own, with the cursor back in `column` below them.
    fn comments(&self, out: &mut String, comments: &[String], column: usize) {
        for comment in comments {
            out.push_str(comment);
            self.line(out, column);
        }
    }

    fn entry(&self, out: &mut String, entry: &FragmentEntry, column: usize) -> Result<(), ChangeError> {
        out.push_str(&self.scalar(&entry.key));
        out.push(':');
        self.value(out, &entry.value, Spot::Key { column })
    }

    /// Items of a sequence from the cursor on, which stands in `column`.
    pub(super) fn items(
        &self,
        out: &mut String,
        items: &[Fragment],
        column: usize,
        gap: usize,
    ) -> Result<(), ChangeError> {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.line(out, column);
            }
            let spot = Spot::Dash { column, gap };
            match item {
                // Comments of the first key stand above the dash, where a reader looks for them.
                Fragment::Mapping(entries) if entries.first().is_some_and(|e| !e.comments.is_empty()) => {
                    let mut entries = entries.clone();
                    let comments = entries.first_mut().map(|e| std::mem::take(&mut e.comments));
                    self.comments(out, &comments.unwrap_or_default(), column);
                    out.push('-');
                    self.value(out, &Fragment::Mapping(entries), spot)?;
                }
                _ => {
                    out.push('-');
                    self.value(out, item, spot)?;
                }
            }
        }
        Ok(())
    }

    /// A value with the blanks or the line break before it.
    pub(super) fn value(&self, out: &mut String, value: &Fragment, spot: Spot) -> Result<(), ChangeError> {
        match value {
            Fragment::Scalar(text) => self.inline(out, &self.scalar(text), spot),
            Fragment::Sequence(items) if items.is_empty() => self.inline(out, "[]", spot),
            Fragment::Mapping(entries) if entries.is_empty() => self.inline(out, "{}", spot),
            Fragment::Sequence(items) => {
                let column = self.open(out, spot, self.dash);
                self.items(out, items, column, 1)?;
            }
            Fragment::Mapping(entries) => {
                let column = self.open(out, spot, self.step);
                self.entries(out, entries, column)?;
            }
            Fragment::Intrinsic { name, argument } => match short_form(self.context, argument) {
                false => {
                    let long = long_form(name, argument);
                    self.value(out, &long, spot)?;
                }
                true => self.short_intrinsic(out, name, argument, spot)?,
            },
            Fragment::Copy(node) => copy::block(self, out, *node, spot)?,
        }
        Ok(())
    }

    /// Text on the line of the spot.
    pub(super) fn inline(&self, out: &mut String, text: &str, spot: Spot) {
        let gap = match spot {
            Spot::Key { .. } => 1,
            Spot::Dash { gap, .. } => gap,
        };
        if !text.is_empty() {
            out.extend(std::iter::repeat_n(' ', gap));
            out.push_str(text);
        }
    }

    /// Moves to where a block collection begins, and returns its column. `step` counts from a key.
    pub(super) fn open(&self, out: &mut String, spot: Spot, step: usize) -> usize {
        match spot {
            Spot::Key { column } => {
                self.line(out, column + step);
                column + step
            }
            Spot::Dash { column, gap } => {
                out.extend(std::iter::repeat_n(' ', gap));
                column + 1 + gap
            }
        }
    }

    /// Column of a block collection at a spot; sequences below a key have their own step.
    pub(super) fn column_of(&self, spot: Spot, sequence: bool) -> usize {
        match spot {
            Spot::Key { column } => column + if sequence { self.dash } else { self.step },
            Spot::Dash { column, gap } => column + 1 + gap,
        }
    }

    fn short_intrinsic(
        &self,
        out: &mut String,
        name: &str,
        argument: &Fragment,
        spot: Spot,
    ) -> Result<(), ChangeError> {
        let mut text = String::new();
        self.inline(&mut text, &format!("!{name}"), spot);
        out.push_str(&text);
        let below = match argument {
            Fragment::Sequence(items) if !items.is_empty() => Some(true),
            Fragment::Mapping(entries) if !entries.is_empty() => Some(false),
            _ => None,
        };
        match (below, argument) {
            (Some(sequence), _) => {
                // Behind a tag a block collection starts on a line of its own, also behind a dash.
                let column = self.column_of(spot, sequence);
                self.line(out, column);
                match argument {
                    Fragment::Sequence(items) => self.items(out, items, column, 1),
                    Fragment::Mapping(entries) => self.entries(out, entries, column),
                    _ => Ok(()),
                }
            }
            (None, Fragment::Copy(node)) => copy::behind_tag(self, out, *node, spot),
            (None, _) => self.value(out, argument, Spot::Key { column: spot.parent_column() }),
        }
    }
}

/// Whether an intrinsic of this argument is written with a tag. A node has one tag at most, so that an intrinsic
/// directly in an intrinsic needs the long form outside.
pub(super) fn short_form(context: &Context<'_>, argument: &Fragment) -> bool {
    if context.layout.long_forms_only() {
        return false;
    }
    match argument {
        Fragment::Intrinsic { argument, .. } => !short_form(context, argument),
        Fragment::Copy(node) => context.doc.node(*node).tag.is_none(),
        _ => true,
    }
}

/// An intrinsic as a mapping of one key. `Fn::GetAtt` takes a list there, which every reader understands.
pub(super) fn long_form(name: &str, argument: &Fragment) -> Fragment {
    let key = match name {
        "Ref" | "Condition" => name.to_owned(),
        _ => format!("Fn::{name}"),
    };
    let argument = match argument {
        Fragment::Scalar(text) if name == "GetAtt" => {
            Fragment::list(text.splitn(2, '.').map(Fragment::scalar))
        }
        _ => argument.clone(),
    };
    Fragment::map([(key, argument)])
}

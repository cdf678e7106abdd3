//! Writes fragments as block YAML. Decides lines and columns; how a scalar is spelled, and what stands in flow
//! collections, is decided elsewhere.

use super::change::{ChangeError, Context};
use super::copy;
use super::emit_flow::FlowWriter;
use super::fragment::{Fragment, FragmentEntry};
use super::manner::{Manner, Role};
use super::node::NodeId;
use super::spell::{Surroundings, spell};

/// Characters of a line with a collection in brackets in block text; what would be longer goes over lines.
const LONGEST_LINE: usize = 100;

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
    pub(super) newline: &'static str,
    step: usize,
    dash: usize,
    pub(super) near: NodeId,
    pub(super) manner: Manner,
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
            near,
            manner: Manner::of(layout, near, offset),
        }
    }

    /// Starts a new line in a column.
    pub(super) fn line(&self, out: &mut String, column: usize) {
        out.push_str(self.newline);
        out.extend(std::iter::repeat_n(' ', column));
    }

    /// A scalar for block context.
    pub(super) fn scalar(&self, text: &str, role: Role) -> String {
        spell(text, self.manner.quoting(role, false), Surroundings::Block)
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
        out.push_str(&self.scalar(&entry.key, Role::of_key(&entry.key)));
        out.push(':');
        self.value(out, &entry.value, Spot::Key { column }, Role::behind(&entry.key))
    }

    /// Items of a sequence from the cursor on, which stands in `column`.
    pub(super) fn items(
        &self,
        out: &mut String,
        items: &[Fragment],
        column: usize,
        gap: usize,
        role: Role,
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
                    self.value(out, &Fragment::Mapping(entries), spot, role)?;
                }
                _ => {
                    out.push('-');
                    self.value(out, item, spot, role)?;
                }
            }
        }
        Ok(())
    }

    /// A value with the blanks or the line break before it.
    pub(super) fn value(
        &self,
        out: &mut String,
        value: &Fragment,
        spot: Spot,
        role: Role,
    ) -> Result<(), ChangeError> {
        match value {
            Fragment::Scalar(text) => self.inline(out, &self.scalar(text, role), spot),
            Fragment::Sequence(items) if items.is_empty() => self.inline(out, "[]", spot),
            Fragment::Mapping(entries) if entries.is_empty() => self.inline(out, "{}", spot),
            Fragment::Sequence(items) => match self.bracketed(out, value, role) {
                Some(text) => self.inline(out, &text, spot),
                None => {
                    let column = self.open(out, spot, self.dash);
                    self.items(out, items, column, 1, role)?;
                }
            },
            Fragment::Mapping(entries) => {
                let column = self.open(out, spot, self.step);
                self.entries(out, entries, column)?;
            }
            Fragment::Intrinsic { name, argument } => {
                match short_form(self.context, argument, &self.manner) {
                    true => self.short_intrinsic(out, name, argument, spot)?,
                    false => {
                        let long = long_form(name, argument);
                        match self.braced(out, &long, argument) {
                            Some(text) => self.inline(out, &text, spot),
                            None => self.value(out, &long, spot, role)?,
                        }
                    }
                }
            }
            Fragment::Copy(node) => copy::block(self, out, *node, spot)?,
        }
        Ok(())
    }

    /// A list in brackets, where lists around are and it fits.
    fn bracketed(&self, out: &str, list: &Fragment, role: Role) -> Option<String> {
        let wanted = match list {
            // Outside of brackets a text needs fewer quotes than inside.
            Fragment::Scalar(_) => false,
            _ if role.is_argument() => self.manner.bracketed_arguments,
            Fragment::Sequence(items) => {
                self.manner.bracketed_lists && items.iter().all(|item| matches!(item, Fragment::Scalar(_)))
            }
            _ => false,
        };
        if wanted && fits_one_line(list) { self.one_line(out, list, role) } else { None }
    }

    /// A function in its long form in braces, where functions around are and it fits.
    fn braced(&self, out: &str, long: &Fragment, argument: &Fragment) -> Option<String> {
        if self.manner.braces && fits_one_line(argument) {
            self.one_line(out, long, Role::Value)
        } else {
            None
        }
    }

    fn one_line(&self, out: &str, value: &Fragment, role: Role) -> Option<String> {
        let text = FlowWriter::on_one_line(self).text(value, "", role).ok()?;
        let before = out.rsplit('\n').next().unwrap_or(out);
        (before.chars().count() + text.chars().count() < LONGEST_LINE).then_some(text)
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
        let role = Role::of_argument(name);
        if let Some(text) = self.bracketed(out, argument, role) {
            self.inline(out, &text, Spot::Key { column: spot.parent_column() });
            return Ok(());
        }
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
                    Fragment::Sequence(items) => self.items(out, items, column, 1, role),
                    Fragment::Mapping(entries) => self.entries(out, entries, column),
                    _ => Ok(()),
                }
            }
            (None, Fragment::Copy(node)) => copy::behind_tag(self, out, *node, spot),
            (None, _) => self.value(out, argument, Spot::Key { column: spot.parent_column() }, role),
        }
    }
}

/// Whether a fragment is made of scalars, lists and functions alone, so that it reads well on one line.
fn fits_one_line(value: &Fragment) -> bool {
    match value {
        Fragment::Scalar(_) => true,
        Fragment::Sequence(items) => items.iter().all(fits_one_line),
        Fragment::Intrinsic { argument, .. } => fits_one_line(argument),
        Fragment::Mapping(_) | Fragment::Copy(_) => false,
    }
}

/// Whether an intrinsic of this argument is written with a tag. A node has one tag at most, so that an intrinsic
/// directly in an intrinsic needs the long form outside.
pub(super) fn short_form(context: &Context<'_>, argument: &Fragment, manner: &Manner) -> bool {
    if manner.long_forms {
        return false;
    }
    match argument {
        Fragment::Intrinsic { argument, .. } => !short_form(context, argument, manner),
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

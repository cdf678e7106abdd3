//! Writes fragments as flow YAML or JSON, in the manner of the collection around them. Decides brackets, commas
//! and the lines of JSON; how a scalar is spelled is decided elsewhere.

use super::change::{ChangeError, Context, Insertion, NewEntries, Refusal};
use super::copy;
use super::emit::{BlockWriter, long_form, short_form};
use super::fragment::{Fragment, FragmentEntry};
use super::layout::FlowStyle;
use super::manner::{Manner, Role};
use super::node::{NodeId, NodeKind, ScalarStyle};
use super::spell::{Quote, Quoting, Surroundings, spell};

/// A writer of flow text for one place.
pub(super) struct FlowWriter<'c, 'd> {
    context: &'c Context<'d>,
    near: NodeId,
    pub(super) style: FlowStyle,
    pub(super) newline: &'static str,
    manner: Manner,
}

impl<'c, 'd> FlowWriter<'c, 'd> {
    /// A writer for text at `offset` in a flow collection.
    pub(super) fn new(context: &'c Context<'d>, near: NodeId, offset: u32) -> Self {
        Self {
            context,
            near,
            style: context.layout.flow_style(near),
            newline: context.doc.source().newline_at(offset).as_str(),
            manner: Manner::of(&context.layout, near, offset),
        }
    }

    /// A writer for a collection on one line in the place of a writer of block text.
    pub(super) fn on_one_line(block: &BlockWriter<'c, 'd>) -> Self {
        let style = FlowStyle {
            surroundings: Surroundings::Flow,
            lines: None,
            compact: true,
            comma_gap: if block.manner.tight_commas { "" } else { " " },
            colon_gap: " ",
        };
        Self {
            context: block.context,
            near: block.near,
            style,
            newline: block.newline,
            manner: block.manner.clone(),
        }
    }

    /// The same writer in the manner of a node that goes, where that is a collection.
    pub(super) fn in_place_of(mut self, old: NodeId) -> Self {
        self.style.compact = self.context.doc.is_on_one_line(old).unwrap_or(self.style.compact);
        self
    }

    fn is_json(&self) -> bool {
        self.style.surroundings == Surroundings::Json
    }

    /// The indentation of entries and `true` where each has its own line, else nothing and `false`.
    pub(super) fn indent(&self) -> (&str, bool) {
        self.style.lines.as_ref().map_or(("", false), |(indent, _)| (indent, true))
    }

    /// A scalar for this place.
    fn scalar(&self, text: &str, role: Role) -> String {
        spell(text, self.manner.quoting(role, true), self.style.surroundings)
    }

    /// New entries with commas between them, each on its own line if `lines`; comments need lines.
    pub(super) fn insertion(&self, news: &[&NewEntries<'_>], lines: bool) -> Result<String, ChangeError> {
        let (indent, _) = self.indent();
        let mut texts = Vec::new();
        for new in news {
            match new.entries {
                Insertion::Items(items) => {
                    for item in items {
                        texts.push(self.text(item, indent, Role::Value)?);
                    }
                }
                Insertion::Entries(entries) => {
                    for entry in entries {
                        texts.push(self.entry_with_comments(entry, lines)?);
                    }
                }
            }
        }
        let separator = match lines {
            true => format!(",{}{indent}", self.newline),
            false => format!(",{}", self.style.comma_gap),
        };
        Ok(texts.join(&separator))
    }

    fn entry_with_comments(&self, entry: &FragmentEntry, lines: bool) -> Result<String, ChangeError> {
        if self.is_json() && !entry.comments.is_empty() {
            return Err(self.context.unsupported(self.near, "a comment in JSON"));
        }
        let (indent, _) = self.indent();
        let mut text = String::new();
        for comment in entry.comments.iter().filter(|_| lines) {
            text.push_str(comment);
            text.push_str(self.newline);
            text.push_str(indent);
        }
        self.entry(&mut text, entry, indent, lines)?;
        Ok(text)
    }

    /// A value as text whose first line has this indentation.
    pub(super) fn text(&self, value: &Fragment, indent: &str, role: Role) -> Result<String, ChangeError> {
        let mut out = String::new();
        self.value(&mut out, value, indent, role)?;
        Ok(out)
    }

    fn entry(
        &self,
        out: &mut String,
        entry: &FragmentEntry,
        indent: &str,
        comments_written: bool,
    ) -> Result<(), ChangeError> {
        if !entry.comments.is_empty() && !comments_written {
            let span = self.context.doc.full_span(self.near);
            return Err(self.context.refuse(self.near, span, Refusal::CommentInGap));
        }
        out.push_str(&self.scalar(&entry.key, Role::of_key(&entry.key)));
        out.push(':');
        out.push_str(self.style.colon_gap);
        self.value(out, &entry.value, indent, Role::behind(&entry.key))
    }

    fn value(&self, out: &mut String, value: &Fragment, indent: &str, role: Role) -> Result<(), ChangeError> {
        match value {
            Fragment::Scalar(text) => out.push_str(&self.scalar(text, role)),
            Fragment::Sequence(items) => {
                self.collection(out, ['[', ']'], items, indent, |out, item, indent| {
                    self.value(out, item, indent, role)
                })?;
            }
            Fragment::Mapping(entries) => {
                self.collection(out, ['{', '}'], entries, indent, |out, entry, indent| {
                    self.entry(out, entry, indent, false)
                })?;
            }
            Fragment::Intrinsic { name, argument } => {
                match short_form(self.context, argument, &self.manner) {
                    true => {
                        out.push_str(&format!("!{name} "));
                        self.value(out, argument, indent, Role::of_argument(name))?;
                    }
                    false => self.value(out, &long_form(name, argument), indent, role)?,
                }
            }
            Fragment::Copy(node) => {
                copy::check(self.context, *node)?;
                self.copy(out, *node, indent)?;
            }
        }
        Ok(())
    }

    /// A collection; in JSON over lines, each entry on its own line.
    fn collection<T>(
        &self,
        out: &mut String,
        brackets: [char; 2],
        entries: &[T],
        indent: &str,
        mut write: impl FnMut(&mut String, &T, &str) -> Result<(), ChangeError>,
    ) -> Result<(), ChangeError> {
        let spread = self.is_json() && !self.style.compact && !entries.is_empty();
        let step = self.style.lines.as_ref().filter(|_| spread).map(|(_, step)| step);
        let inner = step.map(|step| format!("{indent}{step}"));
        out.push(brackets[0]);
        let padded = match brackets[0] {
            '[' => self.manner.padded_lists,
            _ => self.manner.padded_mappings,
        };
        let pad = if padded && inner.is_none() && !entries.is_empty() { " " } else { "" };
        out.push_str(pad);
        for (index, entry) in entries.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            match &inner {
                Some(inner) => {
                    out.push_str(self.newline);
                    out.push_str(inner);
                }
                None if index > 0 => out.push_str(self.style.comma_gap),
                None => {}
            }
            write(out, entry, inner.as_deref().unwrap_or(indent))?;
        }
        if inner.is_some() {
            out.push_str(self.newline);
            out.push_str(indent);
        }
        out.push_str(pad);
        out.push(brackets[1]);
        Ok(())
    }

    /// A node of the original. Flow text keeps its bytes; a block collection is written again in brackets.
    fn copy(&self, out: &mut String, id: NodeId, indent: &str) -> Result<(), ChangeError> {
        let doc = self.context.doc;
        let node = doc.node(id);
        if let Some(tag) = doc.tag(id) {
            out.push_str(tag);
            out.push(' ');
        }
        let raw = doc.source().slice(node.span);
        match node.kind {
            // What is written again has no line on which a comment could stand, be it only that of a block scalar's header.
            _ if !node.flow && !doc.comments_within(node.span).is_empty() => {
                return Err(self.context.refuse(id, node.span, Refusal::CommentInGap));
            }
            NodeKind::Empty if node.tag.is_some() => {}
            NodeKind::Empty => out.push_str("null"),
            NodeKind::Alias => out.push_str(raw),
            NodeKind::Scalar(ScalarStyle::Plain) if raw.contains([',', '[', ']', '{', '}', '\n', '\r']) => {
                out.push_str(&self.scalar(&node.value, Role::Value));
            }
            NodeKind::Scalar(ScalarStyle::Plain) => out.push_str(raw),
            NodeKind::Scalar(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted)
                if !raw.contains(['\n', '\r']) =>
            {
                out.push_str(raw);
            }
            NodeKind::Scalar(_) => {
                let quoting = Quoting { throughout: true, quote: Quote::Double };
                out.push_str(&spell(&node.value, quoting, Surroundings::Json));
            }
            NodeKind::Mapping | NodeKind::Sequence if node.flow => {
                let line = doc.source().lines().line_of(node.span.start);
                let bare = copy::is_bare_pair(self.context, id);
                out.push_str(if bare { "{" } else { "" });
                copy::move_flow_lines(raw, doc.indentation(line), indent, out);
                out.push_str(if bare { "}" } else { "" });
            }
            NodeKind::Sequence => {
                self.collection(out, ['[', ']'], &node.entries, indent, |out, entry, indent| {
                    self.copy(out, entry.value, indent)
                })?;
            }
            NodeKind::Mapping => {
                self.collection(out, ['{', '}'], &node.entries, indent, |out, entry, indent| {
                    if let Some(key) = entry.key {
                        self.copy(out, key, indent)?;
                        out.push_str(": ");
                    }
                    self.copy(out, entry.value, indent)
                })?;
            }
        }
        Ok(())
    }
}

//! Writes a node of the original again in another place: the same bytes, with the lines behind the first moved
//! to the new column, so that block scalars keep their value and comments inside come along.

use super::change::{ChangeError, Context, Refusal};
use super::emit::{BlockWriter, Spot};
use super::extent::start_of;
use super::lexer::{break_len, line_end};
use super::node::{NodeId, NodeKind, ScalarStyle};

/// A node as the value of a block collection.
pub(super) fn block(
    writer: &BlockWriter<'_, '_>,
    out: &mut String,
    id: NodeId,
    spot: Spot,
) -> Result<(), ChangeError> {
    let doc = writer.context.doc;
    check(writer.context, id)?;
    let node = doc.node(id);
    if !node.is_block_collection() {
        let delta = spot.parent_column() as i64 - parent_column(writer.context, id);
        // Blank lines of a block scalar may be shorter than its indentation; all else is deeper than its parent.
        let block_scalar = matches!(node.kind, NodeKind::Scalar(ScalarStyle::Literal | ScalarStyle::Folded));
        let least = if block_scalar { 0 } else { spot.parent_column() + 1 };
        let mut text = String::new();
        if starts_a_line_like_an_entry(doc.source().slice(node.span)) && !block_scalar {
            return Err(writer.context.unsupported(id, "a line that looks like an entry"));
        }
        move_lines(doc.source().slice(doc.full_span(id)), delta, least, &mut text);
        writer.inline(
            out,
            &if is_bare_pair(writer.context, id) { format!("{{{text}}}") } else { text },
            spot,
        );
        return Ok(());
    }
    let column = writer.column_of(spot, node.kind == NodeKind::Sequence);
    let delta = column as i64 - doc.column(node.span.start) as i64;
    if node.tag.is_some() {
        let mut text = String::new();
        move_lines(doc.source().slice(doc.full_span(id)), delta, 0, &mut text);
        writer.inline(out, &text, spot);
        return Ok(());
    }
    match spot {
        Spot::Key { .. } => writer.line(out, column),
        Spot::Dash { gap, .. } => out.extend(std::iter::repeat_n(' ', gap)),
    }
    move_lines(doc.source().slice(node.span), delta, 0, out);
    Ok(())
}

/// A node without a tag of its own as the content behind a tag that is already written.
pub(super) fn behind_tag(
    writer: &BlockWriter<'_, '_>,
    out: &mut String,
    id: NodeId,
    spot: Spot,
) -> Result<(), ChangeError> {
    let node = writer.context.doc.node(id);
    if !node.is_block_collection() {
        return block(writer, out, id, Spot::Key { column: spot.parent_column() });
    }
    check(writer.context, id)?;
    let column = writer.column_of(spot, node.kind == NodeKind::Sequence);
    writer.line(out, column);
    let delta = column as i64 - writer.context.doc.column(node.span.start) as i64;
    move_lines(writer.context.doc.source().slice(node.span), delta, 0, out);
    Ok(())
}

/// Whether a node is a `key: value` in a flow sequence, which needs braces everywhere else.
pub(super) fn is_bare_pair(context: &Context<'_>, id: NodeId) -> bool {
    let node = context.doc.node(id);
    let pair = node.kind == NodeKind::Mapping && node.flow;
    // Only braces of the pair's own end where it ends; those of its key do not.
    let text = context.doc.source().slice(node.span);
    let starts_with_key = node.entries.first().is_some_and(|e| start_of(context.doc, e) == node.span.start);
    pair && (starts_with_key || !text.starts_with('{'))
}

/// A node can be copied if that gives no anchor twice, takes no alias to where its anchor does not reach, and
/// leaves no scalar that takes in the blank lines below its new place.
pub(super) fn check(context: &Context<'_>, id: NodeId) -> Result<(), ChangeError> {
    let doc = context.doc;
    let keyless = |id: NodeId| {
        let mut keys = doc.node(id).entries.iter().filter_map(|entry| entry.key);
        keys.any(|key| doc.node(key).kind == NodeKind::Empty)
    };
    if doc.subtree(id).any(keyless) {
        return Err(context.unsupported(id, "a mapping with an empty key"));
    }
    // Before a comma a `?` is a text, before a blank it begins a key.
    let indicator = |id: NodeId| {
        let node = doc.node(id);
        node.kind == NodeKind::Scalar(ScalarStyle::Plain) && ["?", "-", ":"].contains(&&*node.value)
    };
    if doc.subtree(id).any(indicator) {
        return Err(context.unsupported(id, "a plain text that means something else at another place"));
    }
    let shared = |id: &NodeId| doc.node(*id).anchor.is_some() || doc.node(*id).kind == NodeKind::Alias;
    if let Some(shared) = doc.subtree(id).find(shared) {
        return Err(context.refuse(shared, doc.full_span(shared), Refusal::Shared));
    }
    let unfinished = doc.full_span(id).end as usize == doc.source().text().len();
    match doc.block_scalar_at_end(id).map(|scalar| scalar.header) {
        Some(header) if header.keeps => Err(context.unsupported(id, "a block scalar that keeps blank lines")),
        Some(header) if unfinished && !header.strips => {
            Err(context.unsupported(id, "a block scalar without its last line break"))
        }
        _ => Ok(()),
    }
}

/// Column of the block collection around a node, 0 outside of all.
fn parent_column(context: &Context<'_>, id: NodeId) -> i64 {
    let doc = context.doc;
    let mut around = std::iter::successors(doc.node(id).parent, |id| doc.node(*id).parent);
    let block = around.find(|id| doc.node(*id).is_block_collection());
    block.map_or(0, |id| doc.column(doc.node(id).span.start) as i64)
}

/// Copies text, with the blanks at the start of each line but the first made more or fewer by `delta`, to at least
/// `least`.
fn move_lines(text: &str, delta: i64, least: usize, out: &mut String) {
    for (index, line) in lines(text).enumerate() {
        let spaces = line.bytes().take_while(|b| *b == b' ').count();
        let body = &line[spaces..];
        if index == 0 || (spaces == 0 && body.starts_with(['\n', '\r'])) {
            out.push_str(line);
            continue;
        }
        let spaces = (spaces as i64 + delta).max(least as i64) as usize;
        out.extend(std::iter::repeat_n(' ', spaces));
        out.push_str(body);
    }
}

/// Copies flow text, with the indentation `old` at the start of each line but the first replaced by `new`.
pub(super) fn move_flow_lines(text: &str, old: &str, new: &str, out: &mut String) {
    for (index, line) in lines(text).enumerate() {
        match line.strip_prefix(old).filter(|_| index > 0) {
            Some(body) => {
                out.push_str(new);
                out.push_str(body);
            }
            None => out.push_str(line),
        }
    }
}

/// Whether a line but the first begins like an item or an entry, which a multi-line plain scalar may at some places
/// only.
fn starts_a_line_like_an_entry(text: &str) -> bool {
    lines(text).skip(1).any(|line| line.trim_start_matches(' ').starts_with(['-', '?', ':']))
}

/// The lines of a text with their line breaks.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let bytes = rest.as_bytes();
        let end = line_end(bytes, 0);
        let (line, after) = rest.split_at(end + break_len(bytes, end));
        rest = after;
        (!line.is_empty()).then_some(line)
    })
}

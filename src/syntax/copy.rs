//! Writes a node of the original again in another place: the same bytes, with the lines behind the first moved
//! to the new column, so that block scalars keep their value and comments inside come along.

use super::change::{ChangeError, Context, Refusal};
use super::emit::{BlockWriter, Spot};
use super::lexer::{break_len, line_end};
use super::node::{NodeId, NodeKind};

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
        let mut text = String::new();
        move_lines(doc.source().slice(doc.full_span(id)), delta, &mut text);
        writer.inline(out, &text, spot);
        return Ok(());
    }
    let column = writer.column_of(spot, node.kind == NodeKind::Sequence);
    let delta = column as i64 - doc.column(node.span.start) as i64;
    if node.tag.is_some() {
        let mut text = String::new();
        move_lines(doc.source().slice(doc.full_span(id)), delta, &mut text);
        writer.inline(out, &text, spot);
        return Ok(());
    }
    match spot {
        Spot::Key { .. } => writer.line(out, column),
        Spot::Dash { gap, .. } => out.extend(std::iter::repeat_n(' ', gap)),
    }
    move_lines(doc.source().slice(node.span), delta, out);
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
    move_lines(writer.context.doc.source().slice(node.span), delta, out);
    Ok(())
}

/// A second anchor of one name would catch the aliases behind it.
pub(super) fn check(context: &Context<'_>, id: NodeId) -> Result<(), ChangeError> {
    let doc = context.doc;
    match doc.subtree(id).find(|id| doc.node(*id).anchor.is_some()) {
        Some(anchored) => Err(context.refuse(anchored, doc.full_span(anchored), Refusal::Shared)),
        None => Ok(()),
    }
}

/// Column of the block collection around a node, 0 outside of all.
fn parent_column(context: &Context<'_>, id: NodeId) -> i64 {
    let doc = context.doc;
    let mut around = std::iter::successors(doc.node(id).parent, |id| doc.node(*id).parent);
    let block = around.find(|id| doc.node(*id).is_block_collection());
    block.map_or(0, |id| doc.column(doc.node(id).span.start) as i64)
}

/// Copies text, with the blanks at the start of each line but the first made more or fewer by `delta`.
fn move_lines(text: &str, delta: i64, out: &mut String) {
    for (index, line) in lines(text).enumerate() {
        let spaces = line.bytes().take_while(|b| *b == b' ').count();
        let body = &line[spaces..];
        if index == 0 || body.is_empty() || (spaces == 0 && body.starts_with(['\n', '\r'])) {
            out.push_str(line);
            continue;
        }
        let spaces = (spaces as i64 + delta).max(0) as usize;
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

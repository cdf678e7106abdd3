//! CloudFormation intrinsics of every spelling as expressions. Normalises notation (`!Sub`, `Fn::Sub`, `!Join`, string
//! and list forms); refuses to know what a reference returns.

use super::{is_mapping, is_sequence};
use crate::syntax::{Document, Entry, NodeId, NodeKind};
use crate::text::Span;
use hashbrown::HashMap;
use std::borrow::Cow;
use std::fmt::Write as _;

/// The most that the variables of one `Fn::Sub` may come to where they stand in its text, in bytes; CloudFormation takes no
/// template of this size. Without a bound, texts that each name the one before twice would double at every step.
const MAX_SUB: usize = 1 << 20;

/// A value of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// Literal text.
    Text(String),
    /// `Ref` to a resource, parameter or pseudo parameter.
    Ref(String),
    /// `Fn::GetAtt`: logical id and attribute.
    Attribute(String, String),
    /// Parts put together, by `Fn::Sub` or `Fn::Join`; never nested and never of one part.
    Concat(Vec<Self>),
    /// `Fn::If`.
    If {
        /// Name of the condition.
        condition: String,
        /// Value when it holds.
        then: Box<Self>,
        /// Value when it does not.
        otherwise: Box<Self>,
    },
    /// `AWS::NoValue`: the property is absent.
    NoValue,
    /// Anything else, by its canonical text.
    Opaque(String),
}

/// An intrinsic function call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call<'d> {
    /// `Ref`, `Condition` or `Fn::…`.
    pub name: Cow<'d, str>,
    /// The argument; for a short tag the tagged node itself, whose content is the argument.
    pub argument: NodeId,
}

/// The intrinsic that a node spells, in short or long form.
pub fn call(doc: &Document, node: NodeId) -> Option<Call<'_>> {
    let node = doc.resolve(node);
    if let Some(tag) = doc.tag(node) {
        let name = tag.strip_prefix('!').filter(|name| !name.is_empty() && !name.starts_with('!'))?;
        return Some(Call { name: long_name(name), argument: node });
    }
    content_call(doc, node)
}

/// The intrinsic that the content of a node spells in long form, whatever its tag: `Fn::Sub` in `!Base64 { Fn::Sub: … }`.
fn content_call(doc: &Document, node: NodeId) -> Option<Call<'_>> {
    if !is_mapping(doc, node) {
        return None;
    }
    let mut pairs = doc.pairs(node);
    let (key, _, value) = pairs.next()?;
    let only = pairs.next().is_none();
    let known = key == "Ref" || key.starts_with("Fn::");
    (only && known).then(|| Call { name: key.into(), argument: doc.resolve(value) })
}

/// What a short tag is called where it is spelled out. The usual ones cost no memory.
fn long_name(tag: &str) -> Cow<'_, str> {
    match tag {
        "Ref" | "Condition" => tag.into(),
        "Sub" => "Fn::Sub".into(),
        "GetAtt" => "Fn::GetAtt".into(),
        "Join" => "Fn::Join".into(),
        "If" => "Fn::If".into(),
        "Equals" => "Fn::Equals".into(),
        other => format!("Fn::{other}").into(),
    }
}

/// Reads a node as an expression.
pub fn expression(doc: &Document, node: NodeId) -> Expr {
    let node = doc.resolve(node);
    let Some(call) = call(doc, node) else {
        return match doc.scalar(node) {
            Some(text) => Expr::Text(text.to_owned()),
            None => Expr::Opaque(canonical(doc, node)),
        };
    };
    read(doc, node, &call)
}

/// Each intrinsic that a node spells as an expression: that of its tag, then that of its content.
pub(super) fn expressions(doc: &Document, node: NodeId) -> impl Iterator<Item = Expr> {
    let node = doc.resolve(node);
    let tagged = doc.tag(node).is_some().then(|| call(doc, node)).flatten();
    tagged.into_iter().chain(content_call(doc, node)).map(move |call| read(doc, node, &call))
}

fn read(doc: &Document, node: NodeId, call: &Call<'_>) -> Expr {
    let argument = call.argument;
    let read = match &*call.name {
        "Ref" => doc.scalar(argument).map(|name| match name {
            "AWS::NoValue" => Expr::NoValue,
            name => Expr::Ref(name.to_owned()),
        }),
        "Fn::GetAtt" => attribute(doc, argument),
        "Fn::Sub" => substitution(doc, argument),
        "Fn::Join" => joined(doc, argument),
        "Fn::If" => conditional(doc, argument),
        _ => None,
    };
    read.unwrap_or_else(|| Expr::Opaque(canonical(doc, node)))
}

fn attribute(doc: &Document, argument: NodeId) -> Option<Expr> {
    if let Some(text) = doc.scalar(argument) {
        let (id, name) = text.split_once('.')?;
        return Some(Expr::Attribute(id.to_owned(), name.to_owned()));
    }
    let mut items = doc.items(argument);
    let id = doc.scalar(doc.resolve(items.next()?))?;
    let mut names = Vec::new();
    for item in items {
        let item = doc.resolve(item);
        if call(doc, item).is_some() {
            return None;
        }
        names.push(doc.scalar(item)?);
    }
    (!names.is_empty()).then(|| Expr::Attribute(id.to_owned(), names.join(".")))
}

fn substitution(doc: &Document, argument: NodeId) -> Option<Expr> {
    if let Some(text) = doc.scalar(argument) {
        return Some(parse_sub(text, |_| None));
    }
    let items: Vec<NodeId> = doc.items(argument).collect();
    let [text, variables] = items.as_slice() else { return None };
    let text = doc.scalar(doc.resolve(*text))?;
    let variables = doc.resolve(*variables);
    if !is_mapping(doc, variables) {
        return None;
    }
    let mut read: HashMap<&str, Expr> = HashMap::new();
    let mut room = MAX_SUB;
    for part in sub_parts(text) {
        let SubPart::Name(name) = part else { continue };
        let Some(value) = doc.get(variables, name) else { continue };
        let value = read.entry(name).or_insert_with(|| expression(doc, value));
        room = room.checked_sub(weight(value))?;
    }
    Some(parse_sub(text, |name| read.get(name).cloned()))
}

/// How much memory an expression takes, about in bytes.
fn weight(expr: &Expr) -> usize {
    let text = match expr {
        Expr::Text(text) | Expr::Ref(text) | Expr::Opaque(text) => text.len(),
        Expr::Attribute(id, name) => id.len() + name.len(),
        Expr::Concat(parts) => parts.iter().map(weight).sum(),
        Expr::If { condition, then, otherwise } => condition.len() + weight(then) + weight(otherwise),
        Expr::NoValue => 0,
    };
    text + size_of::<Expr>()
}

/// A part of `Fn::Sub` text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubPart<'t> {
    /// Text as it stands.
    Text(&'t str),
    /// What stands in `${!x}`, which is the literal text `${x}`.
    Literal(&'t str),
    /// What stands in `${x}`: the name of a variable, or of a resource, parameter or attribute.
    Name(&'t str),
}

/// The parts of `Fn::Sub` text, none of them empty text.
pub fn sub_parts(text: &str) -> impl Iterator<Item = SubPart<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let variable = rest.find("${").and_then(|start| Some((start, start + rest[start..].find('}')?)));
        let end = variable.map_or(rest.len(), |(start, _)| start);
        if end > 0 {
            let (text, behind) = rest.split_at(end);
            rest = behind;
            return Some(SubPart::Text(text));
        }
        let (start, end) = variable?;
        let name = rest[start + 2..end].trim();
        rest = &rest[end + 1..];
        Some(name.strip_prefix('!').map_or(SubPart::Name(name), SubPart::Literal))
    })
}

/// Reads `Fn::Sub` text. `variable` gives the value of a name of the map that comes with the text; other names refer
/// to resources, parameters and attributes.
pub fn parse_sub(text: &str, mut variable: impl FnMut(&str) -> Option<Expr>) -> Expr {
    let part = |part| match part {
        SubPart::Text(text) => Expr::Text(text.to_owned()),
        SubPart::Literal(literal) => Expr::Text(format!("${{{literal}}}")),
        SubPart::Name(name) => variable(name).unwrap_or_else(|| match name.split_once('.') {
            Some((id, attribute)) => Expr::Attribute(id.to_owned(), attribute.to_owned()),
            None => Expr::Ref(name.to_owned()),
        }),
    };
    concat(sub_parts(text).map(part).collect())
}

fn joined(doc: &Document, argument: NodeId) -> Option<Expr> {
    let items: Vec<NodeId> = doc.items(argument).collect();
    let [delimiter, list] = items.as_slice() else { return None };
    let delimiter = doc.scalar(doc.resolve(*delimiter))?;
    let list = doc.resolve(*list);
    if !is_sequence(doc, list) || call(doc, list).is_some() {
        return None;
    }
    let mut parts = Vec::new();
    for (i, item) in doc.items(list).enumerate() {
        if i > 0 {
            parts.push(Expr::Text(delimiter.to_owned()));
        }
        parts.push(expression(doc, item));
    }
    Some(concat(parts))
}

fn conditional(doc: &Document, argument: NodeId) -> Option<Expr> {
    let items: Vec<NodeId> = doc.items(argument).collect();
    let [condition, then, otherwise] = items.as_slice() else { return None };
    Some(Expr::If {
        condition: doc.scalar(doc.resolve(*condition))?.to_owned(),
        then: Box::new(expression(doc, *then)),
        otherwise: Box::new(expression(doc, *otherwise)),
    })
}

/// Parts in a row, flattened, with adjacent texts joined and empty ones dropped.
fn concat(parts: Vec<Expr>) -> Expr {
    let mut flat: Vec<Expr> = Vec::with_capacity(parts.len());
    let mut queue: Vec<Expr> = parts.into_iter().rev().collect();
    while let Some(part) = queue.pop() {
        match (flat.last_mut(), part) {
            (_, Expr::Concat(inner)) => queue.extend(inner.into_iter().rev()),
            (_, Expr::Text(text)) if text.is_empty() => {}
            (Some(Expr::Text(text)), Expr::Text(more)) => text.push_str(&more),
            (_, part) => flat.push(part),
        }
    }
    match flat.len() {
        0 => Expr::Text(String::new()),
        1 => flat.remove(0),
        _ => Expr::Concat(flat),
    }
}

/// One text for all spellings of a node: intrinsics as `Fn::Name(…)`, mappings with sorted keys. Equal texts mean equal
/// values; the reverse need not hold.
pub fn canonical(doc: &Document, node: NodeId) -> String {
    text_of(doc, node, Attributes::AnySpelling)
}

/// One text for all nodes that SAM reads as the same value: it splits the argument of `!GetAtt`, and that of `Fn::GetAtt` stays as
/// it is written, so that `Fn::GetAtt: A.Arn` is no `!GetAtt A.Arn` to it where it compares values.
pub fn as_read_by_sam(doc: &Document, node: NodeId) -> String {
    text_of(doc, node, Attributes::AsRead)
}

/// How `Fn::GetAtt` is written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attributes {
    /// In the same way whatever its spelling.
    AnySpelling,
    /// As a text where SAM reads a text, as a list where it reads a list.
    AsRead,
}

fn text_of(doc: &Document, node: NodeId, attributes: Attributes) -> String {
    let mut out = String::new();
    write_value(doc, node, attributes, &mut out);
    out
}

fn write_value(doc: &Document, node: NodeId, attributes: Attributes, out: &mut String) {
    let node = doc.resolve(node);
    match call(doc, node) {
        Some(call) => write_call(doc, node, &call, attributes, out),
        None => write_content(doc, node, attributes, out),
    }
}

fn write_call(doc: &Document, node: NodeId, call: &Call<'_>, attributes: Attributes, out: &mut String) {
    out.push_str(&call.name);
    out.push('(');
    let is_text = call.argument != node && doc.scalar(doc.resolve(call.argument)).is_some();
    match (attribute(doc, call.argument).filter(|_| call.name == "Fn::GetAtt"), attributes) {
        (Some(Expr::Attribute(id, name)), Attributes::AnySpelling) => {
            let _ = write!(out, "{id}.{name}");
        }
        (Some(Expr::Attribute(id, name)), Attributes::AsRead) if !is_text => {
            let _ = write!(out, "[{id}, {name}]");
        }
        // Below a tag the content is the argument, which can spell an intrinsic of its own.
        _ if call.argument == node => match content_call(doc, node) {
            Some(inner) => write_call(doc, node, &inner, attributes, out),
            None => write_content(doc, node, attributes, out),
        },
        _ => write_value(doc, call.argument, attributes, out),
    }
    out.push(')');
}

fn write_content(doc: &Document, node: NodeId, attributes: Attributes, out: &mut String) {
    match doc.node(node).kind {
        NodeKind::Scalar(_) => write_text(doc.scalar(node).unwrap_or_default(), out),
        NodeKind::Empty => out.push_str("null"),
        NodeKind::Sequence => {
            out.push('[');
            for (i, item) in doc.items(node).enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_value(doc, item, attributes, out);
            }
            out.push(']');
        }
        NodeKind::Mapping => {
            let mut pairs: Vec<(Result<&str, &str>, NodeId)> =
                doc.node(node).entries.iter().map(|entry| (key_of(doc, entry), entry.value)).collect();
            pairs.sort_by_key(|&(key, _)| key);
            out.push('{');
            for (i, (key, value)) in pairs.into_iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                match key {
                    Ok(key) => write_text(key, out),
                    Err(source) => drop(write!(out, "? {source:?}")),
                }
                out.push_str(": ");
                write_value(doc, value, attributes, out);
            }
            out.push('}');
        }
        // `resolve` has followed every alias that has a target.
        NodeKind::Alias => out.push('*'),
    }
}

/// The text of a key, or what is written where it is no text.
fn key_of<'d>(doc: &'d Document, entry: &Entry) -> Result<&'d str, &'d str> {
    doc.key(entry).ok_or_else(|| doc.source().slice(entry.key.map_or(Span::at(0), |key| doc.full_span(key))))
}

/// Simple words as they are, other text in quotes, so that no text can look like structure.
fn write_text(text: &str, out: &mut String) {
    let simple = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/' | '*' | '$');
    if !text.is_empty() && text.chars().all(simple) {
        out.push_str(text);
    } else {
        let _ = write!(out, "{text:?}");
    }
}

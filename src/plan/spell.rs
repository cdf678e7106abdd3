//! How a rest is written: statements from the rows and columns that stay, each resource by its original expression. Decides
//! what the text says; how it is laid out is decided where it lands.

use super::rest::Block;
use crate::analysis::{Column, Rectangle, Resolver, Unit};
use crate::catalog::Meaning;
use crate::syntax::{Document, Fragment, FragmentEntry, NodeId, NodeKind};
use crate::template::{self, Expr, SubPart};

/// The version of every policy document that is written; the one that SAM itself writes for connectors.
const POLICY_VERSION: &str = "2012-10-17";

/// A node of the original again in another place. Comments in it go with what is taken away, or stay with what is not, so that the
/// copy is without them: it is made of copies of the parts that have none.
pub(super) fn copied(doc: &Document, id: NodeId) -> Fragment {
    let node = doc.node(id);
    if doc.comments_within(doc.full_span(id)).is_empty() {
        return Fragment::Copy(id);
    }
    let bare = match node.kind {
        NodeKind::Sequence => Fragment::list(node.entries.iter().map(|item| copied(doc, item.value))),
        NodeKind::Mapping => {
            let keys: Option<Vec<&str>> = node.entries.iter().map(|entry| doc.key(entry)).collect();
            let Some(keys) = keys else { return Fragment::Copy(id) };
            Fragment::map(keys.into_iter().zip(&node.entries).map(|(key, e)| (key, copied(doc, e.value))))
        }
        _ => return Fragment::Copy(id),
    };
    match node.tag.map(|tag| doc.source().slice(tag).trim_start_matches('!')) {
        Some(name) => Fragment::intrinsic(name, bare),
        None => bare,
    }
}

/// A document with the given statements.
pub(super) fn document(statements: Vec<Fragment>) -> Fragment {
    Fragment::map([("Version", Fragment::scalar(POLICY_VERSION)), ("Statement", Fragment::list(statements))])
}

/// A statement that allows the rows and columns of a block; `None` for what cannot be spelled, such as the denials and the IAM
/// conditions of policy templates.
pub(super) fn statement(
    resolver: &Resolver<'_>,
    rectangle: &Rectangle,
    block: &Block,
    sid: Option<NodeId>,
) -> Option<Fragment> {
    let of_template = rectangle.statement.is_none();
    if of_template && (!rectangle.allow || rectangle.condition.is_some()) {
        return None;
    }
    let actions = block
        .rows
        .iter()
        .map(|&row| {
            let row = &rectangle.actions[row];
            row.node.map_or_else(|| Fragment::scalar(row.action.as_str()), |node| copied(resolver.doc, node))
        })
        .collect();
    let resources = resources(resolver, rectangle, &block.columns)?;
    let mut entries = Vec::new();
    if let Some(sid) = sid {
        entries.push(FragmentEntry::new("Sid", Fragment::Copy(sid)));
    }
    entries.push(FragmentEntry::new("Effect", Fragment::scalar("Allow")));
    entries.push(FragmentEntry::new("Action", one_or_list(actions)));
    entries.push(FragmentEntry::new("Resource", one_or_list(resources)));
    Some(Fragment::Mapping(entries))
}

/// Every statement of a policy template, as it expands.
pub(super) fn template_statements(resolver: &Resolver<'_>, unit: &Unit) -> Option<Vec<Fragment>> {
    unit.rectangles
        .iter()
        .map(|rectangle| {
            let block = Block {
                rows: (0..rectangle.actions.len()).collect(),
                columns: (0..rectangle.resources.len()).collect(),
            };
            statement(resolver, rectangle, &block, None)
        })
        .collect()
}

/// One value by itself, several as a list.
pub(super) fn one_or_list(mut all: Vec<Fragment>) -> Fragment {
    if all.len() == 1 { all.remove(0) } else { Fragment::Sequence(all) }
}

/// The resources of some columns: whole elements as they were written, parts of elements spelled anew.
fn resources(resolver: &Resolver<'_>, rectangle: &Rectangle, columns: &[usize]) -> Option<Vec<Fragment>> {
    let mut out = Vec::new();
    let mut done: Option<usize> = None;
    for &number in columns {
        let column = &rectangle.resources[number];
        if done == Some(column.element) {
            continue;
        }
        match column.node.filter(|_| is_whole(rectangle, column.element, columns)) {
            Some(node) => {
                done = Some(column.element);
                out.push(copied(resolver.doc, node));
            }
            // Of a prefix that stays the part in which it ends says all of it but the resource itself.
            None if columns.iter().any(|&other| is_within(rectangle, number, other)) => {}
            None => out.push(resource(resolver, column)?),
        }
    }
    Some(out)
}

/// Whether a part of an element is said by another part of it.
fn is_within(rectangle: &Rectangle, part: usize, whole: usize) -> bool {
    let (part, whole) = (&rectangle.resources[part], &rectangle.resources[whole]);
    part.element == whole.element
        && part.pattern != whole.pattern
        && part.presence == whole.presence
        && whole.pattern.covers(&part.pattern)
}

/// Whether all columns of an element are among those given.
pub(super) fn is_whole(rectangle: &Rectangle, element: usize, columns: &[usize]) -> bool {
    rectangle
        .resources
        .iter()
        .enumerate()
        .filter(|(_, column)| column.element == element)
        .all(|(number, _)| columns.contains(&number))
}

/// The text of one column; `None` if it cannot be spelled.
pub(super) fn resource(resolver: &Resolver<'_>, column: &Column) -> Option<Fragment> {
    if let Some((text, variables)) = &column.form {
        if let Some(by_reference) = by_reference(resolver, column, variables) {
            return Some(by_reference);
        }
        return Some(match sub_text(&column.expr) {
            Some(text) => spelled(&column.expr, text),
            None => {
                let values = variables.iter().map(|(name, node)| (name.clone(), copied(resolver.doc, *node)));
                let list = [Fragment::scalar(text.as_str()), Fragment::map(values)];
                Fragment::intrinsic("Sub", Fragment::list(list))
            }
        });
    }
    if column.node.is_none()
        && let Some(target) = &column.target
        && mentions(&column.expr, &resolver.template.resources()[target.resource].id)
        && let Some(fragment) = reference_with(resolver, target.resource, &target.scope)
    {
        return Some(fragment);
    }
    expression(&column.expr)
}

/// Whether an expression refers to a resource already, so that a reference to it closes no new cycle.
fn mentions(expr: &Expr, id: &str) -> bool {
    match expr {
        Expr::Ref(name) | Expr::Attribute(name, _) => name == id,
        Expr::Concat(parts) => parts.iter().any(|part| mentions(part, id)),
        _ => false,
    }
}

/// `!GetAtt X.Arn` (or what gives the ARN of its type), where the argument of the policy template refers to X already, so
/// that no new reference can close a cycle.
fn by_reference(
    resolver: &Resolver<'_>,
    column: &Column,
    variables: &[(String, NodeId)],
) -> Option<Fragment> {
    let target = column.target.as_ref()?;
    let id = &resolver.template.resources()[target.resource].id;
    let refers = variables.iter().any(|(_, node)| match template::expression(resolver.doc, *node) {
        Expr::Ref(name) | Expr::Attribute(name, _) => name == *id,
        _ => false,
    });
    if refers { reference_with(resolver, target.resource, &target.scope) } else { None }
}

/// The ARN of a resource with text behind it, by reference.
fn reference_with(resolver: &Resolver<'_>, position: usize, scope: &str) -> Option<Fragment> {
    let resource = &resolver.template.resources()[position];
    let kind = resolver.type_of(resource)?;
    // A scope with references in it is not text that could follow `${…}`.
    if scope.starts_with("arn:") || scope.contains("${") {
        return None;
    }
    let attribute =
        kind.attributes.iter().find(|(_, meaning)| **meaning == Meaning::Arn).map(|(name, _)| name);
    let by_ref = kind.reference == Meaning::Arn;
    let (name, whole) = match attribute.filter(|_| !by_ref) {
        Some(attribute) => {
            let name = format!("{}.{attribute}", resource.id);
            let whole = Fragment::intrinsic("GetAtt", Fragment::scalar(name.as_str()));
            (name, whole)
        }
        None if by_ref => {
            (resource.id.clone(), Fragment::intrinsic("Ref", Fragment::scalar(resource.id.as_str())))
        }
        None => return None,
    };
    Some(match scope {
        "" => whole,
        scope => Fragment::intrinsic("Sub", Fragment::scalar(format!("${{{name}}}{scope}"))),
    })
}

/// An expression by its shortest spelling; `None` if it cannot be spelled.
pub(super) fn expression(expr: &Expr) -> Option<Fragment> {
    Some(spelled(expr, sub_text(expr)?))
}

/// An expression by its shortest spelling, given its `Fn::Sub` text.
fn spelled(expr: &Expr, text: String) -> Fragment {
    match expr {
        Expr::Text(text) => Fragment::scalar(text.as_str()),
        Expr::Ref(name) => Fragment::intrinsic("Ref", Fragment::scalar(name.as_str())),
        Expr::Attribute(id, name) => Fragment::intrinsic("GetAtt", Fragment::scalar(format!("{id}.{name}"))),
        _ => Fragment::intrinsic("Sub", Fragment::scalar(text)),
    }
}

/// Whether a part keeps its meaning among the other parts of a `Fn::Sub` text: no `${` stands in a text that no `}` follows,
/// and a reference is one up to the `}` that is written for it.
fn stands_among_others(part: &Expr) -> bool {
    match part {
        Expr::Text(text) => text.rsplit('}').next().is_none_or(|end| !end.contains("${")),
        Expr::Ref(_) | Expr::Attribute(..) => sub_text(part).is_some_and(|text| {
            let mut parts = template::sub_parts(&text);
            matches!((parts.next(), parts.next()), (Some(SubPart::Name(name)), None) if text[2..text.len() - 1] == *name)
        }),
        _ => true,
    }
}

/// `Fn::Sub` text for an expression of texts and references; `None` if it has other parts.
fn sub_text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Text(text) => Some(text.replace("${", "${!")),
        Expr::Ref(name) => Some(format!("${{{name}}}")),
        Expr::Attribute(id, name) => Some(format!("${{{id}.{name}}}")),
        Expr::Concat(parts) if !parts.iter().all(stands_among_others) => None,
        Expr::Concat(parts) => parts.iter().map(sub_text).collect(),
        Expr::If { .. } | Expr::NoValue | Expr::Opaque(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_another_part_would_close_is_not_spelled() {
        let text = |text: &str| Expr::Text(text.to_owned());
        let with = |before: &str| Expr::Concat(vec![text(before), Expr::Ref("Name".to_owned())]);
        assert_eq!(sub_text(&with("a/${b}/")).as_deref(), Some("a/${!b}/${Name}"));
        assert_eq!(sub_text(&with("a/${b/")), None);
        assert_eq!(sub_text(&with("a/${b}/${c")), None);
        assert!(expression(&text("a/${b/")).is_some(), "a text alone is no variable");
        let named = |name: &str| sub_text(&Expr::Concat(vec![text("a/"), Expr::Ref(name.to_owned())]));
        assert_eq!(named("AWS::Region").as_deref(), Some("a/${AWS::Region}"));
        assert_eq!([named("b{}c"), named("!b"), named(" b")], [None, None, None]);
    }
}

//! Which resources a part of a template refers to. Knows the spellings of references; refuses to know what they return.

use super::intrinsic::{Expr, call, expression};
use crate::syntax::{Document, NodeId};
use std::collections::BTreeSet;

/// The logical ids and parameter names that `node` and everything below it refers to by `Ref`, `Fn::GetAtt`, `Fn::Sub` or
/// `DependsOn`.
pub fn references(doc: &Document, node: NodeId) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut queue = vec![doc.resolve(node)];
    while let Some(node) = queue.pop() {
        if call(doc, node).is_some() {
            collect(&expression(doc, node), &mut found);
        }
        for (key, _, value) in doc.pairs(node) {
            if key == "DependsOn" {
                let value = doc.resolve(value);
                let names = doc.items(value).chain([value]).filter_map(|name| doc.scalar(doc.resolve(name)));
                found.extend(names.map(str::to_owned));
            }
        }
        // An alias leads to a node that is above it in the text and is looked at there.
        queue.extend(doc.node(node).entries.iter().map(|entry| entry.value));
    }
    found
}

fn collect(expr: &Expr, found: &mut BTreeSet<String>) {
    match expr {
        Expr::Ref(name) | Expr::Attribute(name, _) => {
            // `Ref: Function.Alias` refers to the function.
            found.insert(name.split('.').next().unwrap_or(name).to_owned());
        }
        Expr::Concat(parts) => parts.iter().for_each(|part| collect(part, found)),
        Expr::If { then, otherwise, .. } => {
            collect(then, found);
            collect(otherwise, found);
        }
        Expr::Text(_) | Expr::NoValue | Expr::Opaque(_) => {}
    }
}

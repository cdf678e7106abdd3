//! Which resources a part of a template refers to, and where. Knows the spellings of references; refuses to know what they
//! return.

use super::Template;
use super::intrinsic::{Expr, expressions};
use crate::iam::ResourcePattern;
use crate::syntax::{Document, NodeId};
use hashbrown::HashMap;
use std::collections::BTreeSet;

/// A place that names a resource or parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The name.
    pub name: String,
    /// The intrinsic, or the name below `DependsOn`.
    pub node: NodeId,
}

/// The logical ids and parameter names that `node` and everything below it refers to by `Ref`, `Fn::GetAtt`, `Fn::Sub` or
/// `DependsOn`.
pub fn references(doc: &Document, node: NodeId) -> BTreeSet<String> {
    sites(doc, node).into_iter().map(|site| site.name).collect()
}

/// The same, place by place.
pub fn sites(doc: &Document, node: NodeId) -> Vec<Site> {
    let mut found = Vec::new();
    let mut queue = vec![doc.resolve(node)];
    while let Some(node) = queue.pop() {
        for expr in expressions(doc, node) {
            collect(&expr, &mut |name| {
                // `Ref: Function.Alias` refers to the function.
                let name = name.split('.').next().unwrap_or(name).to_owned();
                found.push(Site { name, node });
            });
        }
        for (key, _, value) in doc.pairs(node) {
            if key == "DependsOn" {
                let value = doc.resolve(value);
                for entry in doc.items(value).chain([value]).map(|entry| doc.resolve(entry)) {
                    found.extend(doc.scalar(entry).map(|name| Site { name: name.to_owned(), node: entry }));
                }
            }
        }
        // An alias leads to a node that is above it in the text and is looked at there.
        queue.extend(doc.node(node).entries.iter().map(|entry| entry.value));
    }
    found
}

/// The names below the `DependsOn` of a resource.
pub fn waited_for(doc: &Document, resource: NodeId) -> BTreeSet<String> {
    let Some(value) = doc.get(resource, "DependsOn").map(|node| doc.resolve(node)) else {
        return BTreeSet::new();
    };
    let entries = doc.items(value).chain([value]).map(|node| doc.resolve(node));
    entries.filter_map(|node| doc.scalar(node)).map(str::to_owned).collect()
}

impl Template {
    /// Every place that names a resource or parameter, by the name. A name that a loop puts together counts for every resource
    /// that it may name.
    pub fn sites(&self, doc: &Document) -> HashMap<String, Vec<NodeId>> {
        let mut by_name: HashMap<String, Vec<NodeId>> = HashMap::new();
        for site in sites(doc, doc.root()) {
            if let Some(pattern) = loop_pattern(&site.name) {
                let ids = self.resources().iter().map(|resource| &resource.id);
                for id in ids.filter(|id| pattern.covers(&ResourcePattern::from_text(id))) {
                    by_name.entry(id.clone()).or_default().push(site.node);
                }
            }
            by_name.entry(site.name).or_default().push(site.node);
        }
        by_name
    }
}

/// What a name in the body of `Fn::ForEach` may become: `${Item}` and `&{Item}` stand for any text.
fn loop_pattern(name: &str) -> Option<ResourcePattern> {
    // Nearly no name has a brace.
    if !name.contains('{') {
        return None;
    }
    let variable = |text: &str| text.find("${").into_iter().chain(text.find("&{")).min();
    let (mut rest, mut pattern) = (name, String::new());
    while let Some(start) = variable(rest) {
        let end = start + rest[start..].find('}')?;
        pattern.push_str(&rest[..start]);
        pattern.push('*');
        rest = &rest[end + 1..];
    }
    let varies = !pattern.is_empty();
    pattern.push_str(rest);
    varies.then(|| ResourcePattern::from_text(&pattern))
}

fn collect(expr: &Expr, give: &mut impl FnMut(&str)) {
    match expr {
        Expr::Ref(name) | Expr::Attribute(name, _) => give(name),
        Expr::Concat(parts) => parts.iter().for_each(|part| collect(part, give)),
        Expr::If { then, otherwise, .. } => {
            collect(then, give);
            collect(otherwise, give);
        }
        Expr::Text(_) | Expr::NoValue | Expr::Opaque(_) => {}
    }
}

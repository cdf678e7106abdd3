//! Which resources a part of a template refers to, and where. Knows the spellings of references; refuses to know what they
//! return.

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
    let mut found = BTreeSet::new();
    let (mut open, mut seen) = (vec![doc.resolve(node)], BTreeSet::new());
    while let Some(node) = open.pop() {
        if seen.insert(node) {
            found.extend(sites_at(doc, node).map(|site| site.name));
            open.extend(doc.node(node).entries.iter().map(|entry| doc.resolve(entry.value)));
        }
    }
    found
}

/// The same, place by place. What stands behind an alias has its place where it is written.
pub fn sites(doc: &Document, node: NodeId) -> Vec<Site> {
    let mut found = Vec::new();
    let mut queue = vec![doc.resolve(node)];
    while let Some(node) = queue.pop() {
        found.extend(sites_at(doc, node));
        queue.extend(doc.node(node).entries.iter().map(|entry| entry.value));
    }
    found
}

/// The places at a node itself.
fn sites_at(doc: &Document, node: NodeId) -> impl Iterator<Item = Site> {
    let mut found = Vec::new();
    for expr in expressions(doc, node) {
        collect(&expr, &mut |name| {
            // `Ref: Function.Alias` refers to the function.
            let name = name.split('.').next().unwrap_or(name).to_owned();
            found.push(Site { name, node });
        });
    }
    for (_, key, _, value) in doc.indexed_pairs(node) {
        if key == "DependsOn" {
            let value = doc.resolve(value);
            for entry in doc.items(value).chain([value]).map(|entry| doc.resolve(entry)) {
                found.extend(doc.scalar(entry).map(|name| Site { name: name.to_owned(), node: entry }));
            }
        }
    }
    found.into_iter()
}

/// The names below the `DependsOn` of a resource.
pub fn waited_for(doc: &Document, resource: NodeId) -> BTreeSet<String> {
    let Some(value) = doc.get(resource, "DependsOn").map(|node| doc.resolve(node)) else {
        return BTreeSet::new();
    };
    let entries = doc.items(value).chain([value]).map(|node| doc.resolve(node));
    entries.filter_map(|node| doc.scalar(node)).map(str::to_owned).collect()
}

/// Every place of a document that names something.
#[derive(Debug, Clone, Default)]
pub struct Sites {
    by_name: HashMap<String, Vec<NodeId>>,
    /// Names that loops put together, with where they stand.
    by_loops: Vec<(ResourcePattern, NodeId)>,
}

impl Sites {
    /// The places in a document.
    pub fn of(doc: &Document) -> Self {
        let mut out = Self::default();
        for site in sites(doc, doc.root()) {
            if let Some(pattern) = loop_pattern(&site.name) {
                out.by_loops.push((pattern, site.node));
            }
            out.by_name.entry(site.name).or_default().push(site.node);
        }
        out
    }

    /// The places that name something, or may, since a loop puts their name together.
    pub fn naming(&self, name: &str) -> Vec<NodeId> {
        let mut found = self.by_name.get(name).cloned().unwrap_or_default();
        if !self.by_loops.is_empty() {
            let name = ResourcePattern::from_text(name);
            let may = self.by_loops.iter().filter(|(pattern, _)| pattern.covers(&name));
            found.extend(may.map(|(_, node)| *node));
        }
        found
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

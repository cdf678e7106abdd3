//! Names for new connectors and conditions that collide with nothing: neither with what is written nor with the logical
//! ids that SAM generates. What SAM generates is data of the catalogue.

use super::edge::Edge;
use super::far::Far;
use crate::analysis::{Analysis, Resolver};
use crate::catalog::GrantKind;
use crate::syntax::NodeKind;
use crate::template::{Expr, expression};
use std::collections::BTreeSet;

/// Longest name that is made from an expression; a longer one is no name that a person would give.
const MAX_EXTERNAL_NAME: usize = 60;

/// Logical ids that are taken.
#[derive(Debug, Clone)]
pub(super) struct Names {
    ids: BTreeSet<String>,
    conditions: BTreeSet<String>,
}

impl Names {
    /// Every id of the template, written or generated.
    pub(super) fn of(resolver: &Resolver<'_>, analysis: &Analysis) -> Self {
        let mut ids = BTreeSet::new();
        for resource in resolver.template.resources() {
            ids.insert(resource.id.clone());
            let forms =
                resolver.type_of(resource).map(|kind| kind.generated_ids.as_slice()).unwrap_or_default();
            for form in forms {
                ids.extend(expand(resolver, resource, form));
            }
        }
        for view in &analysis.connectors {
            let connector = &view.connector;
            ids.insert(connector.id.clone());
            for plain in generated_ids(resolver, &connector.id, None) {
                for index in 0..connector.destinations.len() {
                    ids.insert(format!("{plain}Destination{index}"));
                }
                ids.insert(plain);
            }
        }
        let conditions = resolver.template.conditions().keys().cloned().collect();
        Self { ids, conditions }
    }

    /// The key and the logical id of a new connector from `source` to `destination`, which are then taken.
    pub(super) fn connector(
        &mut self,
        resolver: &Resolver<'_>,
        kind: GrantKind,
        source: &str,
        destination: &str,
    ) -> (String, String) {
        let mut number = 1;
        loop {
            let key = match number {
                1 => format!("To{destination}"),
                n => format!("To{destination}{n}"),
            };
            let id = format!("{source}{key}");
            let generated = generated_ids(resolver, &id, Some(kind));
            if !self.ids.contains(&id) && generated.iter().all(|g| !self.ids.contains(g)) {
                self.take(resolver, kind, &id);
                return (key, id);
            }
            number += 1;
        }
    }

    /// Whether nothing has a logical id.
    pub(super) fn is_free(&self, id: &str) -> bool {
        !self.ids.contains(id)
    }

    /// Takes the logical id of a connector and those of what it generates.
    pub(super) fn take(&mut self, resolver: &Resolver<'_>, kind: GrantKind, id: &str) {
        self.ids.insert(id.to_owned());
        self.ids.extend(generated_ids(resolver, id, Some(kind)));
    }

    /// The name of a new condition that holds when all `parts` do (each the name of a condition and whether it must
    /// hold), such as `ProdAndNotBlue`. It is then taken.
    pub(super) fn condition(&mut self, parts: &[(String, bool)]) -> String {
        let words: Vec<String> =
            parts.iter().map(|(name, holds)| format!("{}{name}", if *holds { "" } else { "Not" })).collect();
        let base = words.join("And");
        let mut name = base.clone();
        let mut number = 2;
        while !self.conditions.insert(name.clone()) {
            name = format!("{base}{number}");
            number += 1;
        }
        name
    }
}

/// What the far end is called in the name of a connector: a logical id, the words of what an ARN comes from, or the ids of
/// all destinations.
pub(super) fn far_name(resolver: &Resolver<'_>, edge: &Edge) -> String {
    let id = |position: usize| resolver.template.resources()[position].id.clone();
    match &edge.far {
        _ if edge.polls => id(edge.near),
        Far::Resource(position) => id(*position),
        Far::Inferred(positions) => match positions.as_slice() {
            [first, second] => format!("{}And{}", id(*first), id(*second)),
            [only] => id(*only),
            several => format!("{}AndOthers", several.first().map(|&p| id(p)).unwrap_or_default()),
        },
        Far::External(_, arn) => external_name(arn),
    }
}

/// The parameter, export or alias in an ARN, alphanumerics only.
fn external_name(arn: &str) -> String {
    let named = arn
        .split("${")
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .filter(|name| !name.starts_with("AWS::"))
        .last();
    let name = named.map(|name| match name.strip_prefix("Fn::ImportValue(") {
        Some(export) => export.trim_end_matches(')').trim_matches('"'),
        None => name,
    });
    let words: String = name.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    if words.is_empty() || words.len() > MAX_EXTERNAL_NAME { "External".into() } else { words }
}

/// The ids of the resources that a connector generates, of one kind or of all.
fn generated_ids(resolver: &Resolver<'_>, connector: &str, kind: Option<GrantKind>) -> Vec<String> {
    let mut out = Vec::new();
    for found in resolver.catalog.resource_types() {
        let Some(generated) = found.generated.as_ref().filter(|g| kind.is_none_or(|kind| g.by == kind))
        else {
            continue;
        };
        let id = generated.id.replace("${Connector}", connector);
        if id.contains("${Category}") {
            out.extend(["Read", "Write"].map(|category| id.replace("${Category}", category)));
        } else {
            out.push(id);
        }
    }
    out
}

/// Fills a form such as `${LogicalId}${Events.*}Role` for one resource.
fn expand(resolver: &Resolver<'_>, resource: &crate::template::Resource, form: &str) -> Vec<String> {
    let doc = resolver.doc;
    let form = form.replace("${LogicalId}", &resource.id);
    let Some((head, rest)) = form.split_once("${") else { return vec![form] };
    let Some((property, tail)) = rest.split_once('}') else { return vec![form] };
    let (name, keys) = match property.split_once('.') {
        Some((name, _)) => (name, true),
        None => (property, false),
    };
    let Some(node) = resolver.template.property(doc, resource, name).map(|n| doc.resolve(n)) else {
        return vec![];
    };
    if keys {
        if !matches!(doc.node(node).kind, NodeKind::Mapping) {
            return Vec::new();
        }
        return doc.pairs(node).map(|(key, ..)| format!("{head}{key}{tail}")).collect();
    }
    match expression(doc, node) {
        Expr::Text(text) => vec![format!("{head}{text}{tail}")],
        _ => Vec::new(),
    }
}

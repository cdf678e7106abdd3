//! The logical ids that SAM generates, beside a resource and for a connector. Which ids there are is data of the catalogue.

use super::resolve::Resolver;
use crate::catalog::{Catalog, GrantKind, Profile};
use crate::syntax::NodeKind;
use crate::template::{Connector, Expr, Resource, expression};
use hashbrown::HashMap;
use std::cell::OnceCell;

/// All logical ids that SAM may generate beside resources, each with the position of the first resource that it may be
/// generated for. Few templates ask, so it is made when one does.
#[derive(Default)]
pub(super) struct GeneratedIds(OnceCell<HashMap<String, usize>>);

impl GeneratedIds {
    /// Position of the first resource beside which an id may be generated.
    pub(super) fn beside(&self, resolver: &Resolver<'_>, id: &str) -> Option<usize> {
        let ids = self.0.get_or_init(|| {
            let mut ids = HashMap::new();
            for (position, resource) in resolver.template.resources().iter().enumerate() {
                for id in of_resource(resolver, resource) {
                    ids.entry(id).or_insert(position);
                }
            }
            ids
        });
        ids.get(id).copied()
    }
}

/// The logical ids that SAM may generate beside a resource.
pub fn of_resource(resolver: &Resolver<'_>, resource: &Resource) -> impl Iterator<Item = String> {
    let forms = resolver.type_of(resource).map(|kind| kind.generated_ids.as_slice()).unwrap_or_default();
    forms.iter().flat_map(move |form| expand(resolver, resource, form))
}

/// The logical id and the type of what a connector of `profile` generates for one of its destinations.
pub fn of_connector(
    catalog: &Catalog,
    profile: &Profile,
    connector: &Connector,
    number: usize,
) -> Option<(String, String)> {
    let (kind, generated) = catalog.generated(profile.kind)?;
    let category = connector.permissions.first()?;
    let id = generated.id.replace("${Connector}", &connector.id).replace("${Category}", category);
    let id = if connector.destination_list { format!("{id}Destination{number}") } else { id };
    Some((id, kind.name.clone()))
}

/// The logical ids of all that a connector of the id `connector` to one destination may generate, of one kind or of all.
pub fn of_any(catalog: &Catalog, connector: &str, kind: Option<GrantKind>) -> Vec<String> {
    let mut out = Vec::new();
    for found in catalog.resource_types() {
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
fn expand(resolver: &Resolver<'_>, resource: &Resource, form: &str) -> Vec<String> {
    let doc = resolver.doc;
    if let Some((head, tail)) = form.split_once("${LogicalId}")
        && !tail.contains("${")
    {
        return vec![[head, &resource.id, tail].concat()];
    }
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

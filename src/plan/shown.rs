//! Grants and places as they are shown: a permission with what it is attached to, a node with its route.

use super::model::Location;
use crate::analysis::{Analysis, Resolver};
use crate::iam::{Grant, Permission};
use crate::syntax::{Document, NodeId};
use std::collections::BTreeSet;

/// A grant in words. One to a service, an account or everybody also says on which resource of the template it stands.
pub(super) fn permission(resolver: &Resolver<'_>, analysis: &Analysis, grant: &Grant) -> Permission {
    let mut shown = grant.permission();
    if analysis.is_resource_side(grant) {
        let target = resolver.target(&grant.resource);
        shown.on = target.map(|target| resolver.template.resources()[target.resource].id.clone());
    }
    shown
}

/// A list without what it says again.
pub(super) fn distinct(permissions: impl Iterator<Item = Permission>) -> Vec<Permission> {
    let mut seen: BTreeSet<Permission> = BTreeSet::new();
    permissions.filter(|permission| seen.insert(permission.clone())).collect()
}

/// The place of a node.
pub fn location(doc: &Document, node: NodeId) -> Location {
    Location { route: doc.route(node).to_string(), span: doc.full_span(node) }
}

//! Roles that have as many managed policies as IAM allows, or more. Each connector costs one for each
//! destination; what is attached under a condition only is not counted.

use super::Scene;
use crate::analysis::Role;
use crate::check::finding::Finding;
use crate::check::kinds::{MANAGED_POLICIES_AT_QUOTA, MANAGED_POLICIES_OVER_QUOTA};

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    let quota = scene.options.max_managed_policies;
    let mut out = Vec::new();
    for principal in &scene.analysis.principals {
        let (Role::Generated(position) | Role::InTemplate(position)) = principal.role else { continue };
        let count = scene.analysis.lasting_managed_policies(scene.resolver, principal);
        if count < quota {
            continue;
        }
        let holders = scene.analysis.connectors.iter().flat_map(|view| &view.holders);
        let by_connectors = holders.filter(|holder| **holder == principal.name).count();
        let part = match by_connectors {
            0 => String::new(),
            1 => ", one of them by a connector".to_owned(),
            many => format!(", {many} of them by connectors"),
        };
        let (kind, what) = match count > quota {
            true => (&MANAGED_POLICIES_OVER_QUOTA, "over the quota of"),
            false => (&MANAGED_POLICIES_AT_QUOTA, "which is the quota of"),
        };
        let message = format!("role `{}` has {count} managed policies{part}, {what} {quota}", principal.name);
        let node = scene.resolver.template.resources()[position].node;
        out.push(scene.finding(kind, node, &[&principal.name], message));
    }
    out
}

//! Policies that SAM ignores or refuses.

use super::{Scene, mends};
use crate::analysis::{Obstacle, Unreadable};
use crate::catalog::BesideRole;
use crate::check::finding::Finding;
use crate::check::kinds::{DEAD_POLICIES, MALFORMED_POLICY, POLICIES_BESIDE_ROLE};

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    scene.analysis.ledger.unreadable.iter().filter_map(|found| judge(scene, found)).collect()
}

fn judge(scene: Scene<'_>, found: &Unreadable) -> Option<Finding> {
    let resource = &scene.resolver.template.resources()[found.bearer];
    let id = &resource.id;
    match found.obstacle {
        Obstacle::BesideRole => {
            let form = scene.resolver.type_of(resource).and_then(|kind| kind.principal.as_ref());
            match form.map(|form| form.policies_beside_role) {
                Some(BesideRole::Error) => {
                    let message =
                        format!("SAM refuses `{id}`, which has a role and policies; keep one of the two");
                    Some(scene.finding(&POLICIES_BESIDE_ROLE, found.node, &[id], message))
                }
                _ => {
                    let message = format!(
                        "`{id}` has a role, so SAM ignores its policies; remove them, or write them into the role where they are needed"
                    );
                    let mut finding = scene.finding(&DEAD_POLICIES, found.node, &[id], message);
                    finding.mend = mends::remove(scene.resolver.doc, found.node);
                    Some(finding)
                }
            }
        }
        // A macro of somebody may make a policy of what is none.
        Obstacle::Malformed if !scene.resolver.template.has_generated_resources() => {
            let message = format!("policy of `{id}`: {}", found.message);
            Some(scene.finding(&MALFORMED_POLICY, found.node, &[id], message))
        }
        _ => None,
    }
}

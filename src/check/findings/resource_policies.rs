//! Queues and topics whose one policy several resources write.

use super::Scene;
use crate::analysis::{Writers, is_sole};
use crate::check::finding::Finding;
use crate::check::kinds::SECOND_RESOURCE_POLICY;

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    let Scene { resolver, analysis, .. } = scene;
    let all = Writers::of(resolver, analysis);
    let mut out = Vec::new();
    for (position, resource) in resolver.template.resources().iter().enumerate() {
        let Some(kind) = resolver.type_of(resource) else { continue };
        let mut profiles = resolver.catalog.profiles();
        if !profiles.any(|p| p.destination == kind.canonical && is_sole(p.kind)) {
            continue;
        }
        let writers = all.on(position);
        let both = writers.iter().enumerate().find_map(|(at, second)| {
            let first = writers[..at].iter().find(|first| first.may_meet(second))?;
            Some((first, second))
        });
        if let Some((first, second)) = both {
            let message = format!(
                "`{}` and `{}` both write the one policy of `{}`, and the last one written undoes the other",
                first.id, second.id, resource.id
            );
            out.push(scene.finding(&SECOND_RESOURCE_POLICY, second.node, &[&resource.id], message));
        }
    }
    out
}

//! Where foldings may change a template.

use super::super::footprint::Footprint;
use super::home::Ctx;
use super::waits::{Heirs, added_waits, new_waits};
use super::{Folding, PolicyForm};
use crate::analysis::{Analysis, Resolver};
use crate::template::ConnectorPlace;

/// The places that foldings may change, and what everything waits for afterwards.
pub(in crate::plan) fn free(resolver: &Resolver<'_>, analysis: &Analysis, chosen: &[&Folding]) -> Footprint {
    let ctx = Ctx { resolver, analysis };
    let resources = resolver.template.resources();
    let mut footprint = Footprint::default();
    for folding in chosen {
        let view = &analysis.connectors[folding.view];
        footprint.gone.insert(view.connector.id.clone());
        match view.connector.place {
            ConnectorPlace::Embedded { owner, .. } => {
                let owner = &resources[owner].id;
                let key = view.connector.id.strip_prefix(owner.as_str()).unwrap_or(&view.connector.id);
                footprint.touched.insert(owner.clone());
                footprint.free.insert(format!("Resources.{owner}.Connectors.{key}"));
            }
            ConnectorPlace::Standalone(position) => {
                footprint.free.insert(format!("Resources.{}", resources[position].id));
            }
        }
        for share in &folding.shares {
            match (folding.form, &share.home) {
                (PolicyForm::Inline, Some(home)) => {
                    let id = &resources[home.resource].id;
                    footprint.touched.insert(id.clone());
                    footprint.free.insert(format!("Resources.{id}.Properties.{}", home.property));
                }
                _ => {
                    footprint.free.insert(format!("Resources.{}", share.generated));
                }
            }
        }
    }
    let added = added_waits(ctx, chosen);
    let heirs = Heirs::of(ctx, chosen);
    for (position, resource) in resources.iter().enumerate() {
        if let Some(new) = new_waits(&heirs, position, added.get(&position)) {
            footprint.touched.insert(resource.id.clone());
            footprint.free.insert(format!("Resources.{}.DependsOn", resource.id));
            footprint.waits.insert(resource.id.clone(), new.into_iter().collect());
        }
    }
    footprint
}

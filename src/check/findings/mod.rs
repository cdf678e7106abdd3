//! The findings of one template, each kind found by a function of its own over what the plan knows. Knows neither what is
//! suppressed nor how findings are told.

mod complaints;
mod conditions;
mod connectors;
mod cycles;
mod ignored;
mod keys;
mod meaning;
mod mends;
mod parameters;
mod policies;
mod publishing;
mod quota;
mod redundancy;
mod resource_policies;
mod resources;

use super::finding::{Finding, FindingKind};
use crate::analysis::{Analysis, Resolver};
use crate::plan::{Options, Plan, fingerprint, location};
use crate::syntax::NodeId;

/// What findings are made from.
#[derive(Clone, Copy)]
struct Scene<'a> {
    resolver: &'a Resolver<'a>,
    analysis: &'a Analysis,
    options: &'a Options,
}

impl Scene<'_> {
    /// A finding about a node. `about` names what it is about beside the place, so that two at one place differ.
    fn finding(&self, kind: &'static FindingKind, node: NodeId, about: &[&str], message: String) -> Finding {
        let location = location(self.resolver.doc, node);
        let mut texts = vec![kind.id, location.route.as_str()];
        texts.extend(about);
        let fingerprint = fingerprint(&texts);
        Finding { kind, message, location, fingerprint, mend: Vec::new() }
    }
}

/// All findings of a template, in template order; none for one that was not looked into.
pub fn findings(plan: &Plan<'_>) -> Vec<Finding> {
    if plan.skipped().is_some() {
        return Vec::new();
    }
    let resolver = plan.resolver();
    let scene = Scene { resolver: &resolver, analysis: plan.analysis(), options: plan.options() };
    let finders = [
        keys::find,
        connectors::find,
        conditions::find,
        ignored::find,
        redundancy::find,
        resource_policies::find,
        quota::find,
        cycles::find,
        publishing::find,
        policies::find,
        parameters::find,
        resources::find,
    ];
    let mut out: Vec<Finding> = finders.iter().flat_map(|find| find(scene)).collect();
    out.sort_by(|a, b| {
        (a.location.span, a.kind.id, &a.message).cmp(&(b.location.span, b.kind.id, &b.message))
    });
    out
}

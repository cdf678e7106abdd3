//! The findings of one template, each kind found by a function of its own over what the plan knows. Knows neither what is
//! suppressed nor how findings are told.

mod complaints;
mod connectors;
mod keys;
mod resource_policies;

use super::finding::{Finding, FindingKind};
use crate::analysis::{Analysis, Resolver};
use crate::plan::{Plan, fingerprint, location};
use crate::syntax::NodeId;

/// What findings are made from.
#[derive(Clone, Copy)]
struct Scene<'a> {
    resolver: &'a Resolver<'a>,
    analysis: &'a Analysis,
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
    let resolver = plan.resolver();
    let scene = Scene { resolver: &resolver, analysis: plan.analysis() };
    let mut out = keys::find(scene);
    out.extend(connectors::find(scene));
    out.extend(resource_policies::find(scene));
    out.sort_by(|a, b| {
        (a.location.span, a.kind.id, &a.message).cmp(&(b.location.span, b.kind.id, &b.message))
    });
    out
}

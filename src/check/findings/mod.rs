//! The findings of one template, each kind found by a function of its own over what the plan knows. Knows not
//! how findings are told.

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
mod suppressions;

use super::finding::{Finding, FindingKind};
use crate::analysis::{Analysis, Resolver};
use crate::plan::{Decision, Direction, Options, Phase, Plan, fingerprint, location};
use crate::syntax::NodeId;
use crate::text::Span;
use std::collections::BTreeSet;

/// What findings are made from.
#[derive(Clone, Copy)]
struct Scene<'a> {
    resolver: &'a Resolver<'a>,
    analysis: &'a Analysis,
    options: &'a Options,
    /// The policies that this run takes away because connectors give the same: nothing is to be told of those.
    leaving: &'a BTreeSet<Span>,
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

/// What is to be told of the findings of a template.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// The findings, in template order.
    pub findings: Vec<Finding>,
    /// How many more there would be, were they not ignored.
    pub ignored: usize,
}

/// The findings of a template without those that it asks to ignore, and with what is ignored for nothing.
pub fn judge(plan: &Plan<'_>) -> Judged {
    let mut all = findings(plan);
    let suppressions = plan.suppressions();
    let select = &plan.options().select;
    if select.no_ignores || plan.skipped().is_some() {
        return Judged { findings: all, ignored: 0 };
    }
    let resolver = plan.resolver();
    let count = all.len();
    let mut heeded = plan.heeded().clone();
    all.retain(|finding| {
        if suppressions.all().is_empty() {
            return true;
        }
        let node = resolver.doc.node_at(finding.location.span);
        let by = node.map(|node| suppressions.covering(resolver.doc, finding.kind.id, node));
        let by = by.unwrap_or_default();
        heeded.extend(by.iter().copied());
        by.is_empty()
    });
    let ignored = count - all.len();
    // On the way back there are no policies to be rewritten, so what keeps them looks idle.
    if plan.options().direction == Direction::Connectors {
        let leaving = BTreeSet::new();
        let (analysis, options) = (plan.analysis(), plan.options());
        let scene = Scene { resolver: &resolver, analysis, options, leaving: &leaving };
        all.extend(suppressions::find(scene, suppressions.all(), &heeded));
    }
    sort(&mut all);
    Judged { findings: all, ignored }
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        (a.location.span, a.kind.id, &a.message).cmp(&(b.location.span, b.kind.id, &b.message))
    });
}

/// All findings of a template, in template order, whatever is ignored; none for one that was not looked into.
pub fn findings(plan: &Plan<'_>) -> Vec<Finding> {
    if plan.skipped().is_some() {
        return Vec::new();
    }
    let resolver = plan.resolver();
    let (analysis, options) = (plan.analysis(), plan.options());
    let taken = plan.rewrites().iter().filter(|rewrite| rewrite.decision == Decision::Taken);
    let taken = taken.filter(|_| options.phase == Phase::Remove);
    let leaving = taken.flat_map(|rewrite| &rewrite.places).map(|place| place.span).collect();
    let scene = Scene { resolver: &resolver, analysis, options, leaving: &leaving };
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
    sort(&mut out);
    out
}

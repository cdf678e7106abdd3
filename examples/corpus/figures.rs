//! What is counted of a plan: its edges by service, by where the grants were written, and by what became of them. Judges
//! nothing.

use super::Tally;
use samwire::plan::{Decision, Plan, Rewrite};
use samwire::syntax::Document;
use samwire::text::Source;
use std::collections::BTreeSet;

/// Counts what was found.
pub(super) fn count(tally: &mut Tally, plan: &Plan<'_>, choice: &str) {
    let document = Source::new("template", plan.source().text().as_bytes().to_vec());
    let document = document.ok().and_then(|source| Document::parse(source).ok());
    for rewrite in plan.rewrites() {
        let kind = rewrite.profile.split_once("-to-").map_or("", |(_, kind)| kind);
        let decision = match rewrite.decision {
            Decision::Taken => "taken",
            Decision::Held(by) => by.as_str(),
            Decision::Skipped => "skipped",
        };
        tally.count(format!("edge  {choice}: to {kind}"));
        tally.count(format!("edge  {choice}: to {kind}: {} {decision}", rewrite.effect.as_str()));
        let origin = document.as_ref().map_or("?", |document| origin(document, rewrite));
        tally.count(format!("edge  {choice}: from {origin}: {decision}"));
    }
    if choice != "default" {
        return;
    }
    for left in plan.left_alone() {
        let services: BTreeSet<&str> = left
            .grants
            .iter()
            .filter_map(|grant| grant.action.split_once(':').map(|(service, _)| service))
            .collect();
        let watched = ["dynamodb", "lambda"].into_iter().find(|service| services.contains(service));
        tally.count(format!("left  {}: {}", watched.unwrap_or("other"), left.reason.id()));
    }
}

/// Where the first grant of a rewrite was written, by the type of the resource that it stands in.
fn origin(document: &Document, rewrite: &Rewrite) -> &'static str {
    let bearer = rewrite.places.first().and_then(|place| place.route.split('.').nth(1));
    let resource = || document.get(document.get(document.root(), "Resources")?, bearer?);
    let kind = resource().and_then(|resource| document.get(resource, "Type"));
    match kind.and_then(|kind| document.scalar(kind)).unwrap_or_default() {
        "AWS::IAM::Role" => "a role's own policies",
        "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => "a policy resource",
        "AWS::Lambda::Permission" => "a Lambda permission",
        "AWS::SQS::QueuePolicy" | "AWS::SNS::TopicPolicy" => "a queue or topic policy",
        _ => "Policies",
    }
}

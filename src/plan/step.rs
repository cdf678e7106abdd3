//! Which hazards belong to one step of a migration: in the first the connector comes and the policies stay, in the second they
//! go and the connector is there. Knows hazards by their ids, not how they are found.

use super::Phase;
use super::proposal::Proposal;

/// Hazards of a connector that comes.
const COMING: &[&str] = &[
    "deny-on-role",
    "opaque-policy",
    "permissions-boundary",
    "serverless-repository",
    "generated-resources",
];

/// Hazards of policies that go.
const GOING: &[&str] = &["policy-renamed", "alias-invoked", "custom-resource"];

/// The hazard of both at once.
const GAP: &str = "deploy-gap";

/// Whether a hazard of a whole proposal is one of this step, too.
pub(super) fn concerns(hazard: &str, phase: Phase, proposal: &Proposal) -> bool {
    match phase {
        Phase::Both => true,
        Phase::Add => {
            let goes = !proposal.gone_in(phase).is_empty();
            hazard != GAP && (goes || !GOING.contains(&hazard))
        }
        Phase::Remove => hazard != GAP && !COMING.contains(&hazard),
    }
}

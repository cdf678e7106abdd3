//! What a plan says: rewrites, what was left alone, hazards and quotas. Plain values that every verb and every
//! report consumes; knows neither how they were found nor how they are shown.

use super::identity::fingerprint;
use super::reason::Reason;
use crate::iam::{Effect, Permission};
use crate::text::Span;

/// Number of a rewrite within its plan; plans list their rewrites in template order, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RewriteId(pub usize);

/// A place in the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Path of keys and indices, such as `Resources.Orders.Properties.Policies[0]`.
    pub route: String,
    /// Bytes of the place in the original.
    pub span: Span,
}

/// How a connector, or the policy that it becomes, is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In the `Connectors` attribute of its source.
    Embedded,
    /// As a resource of its own.
    Standalone,
    /// As a policy of the role.
    Inline,
    /// As the policy resource that SAM would generate.
    Resource,
}

impl Form {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Standalone => "standalone",
            Self::Inline => "inline",
            Self::Resource => "resource",
        }
    }
}

/// Why a rewrite is not applied without being asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBy {
    /// Its delta goes beyond the consent given.
    Consent,
    /// A role would pass the quota of managed policies.
    Quota,
    /// Its delta cannot be decided.
    Unknown,
}

impl HeldBy {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Quota => "quota",
            Self::Unknown => "unknown",
        }
    }
}

/// What becomes of a rewrite under the options of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Within consent: applied by an unattended run.
    Taken,
    /// Possible, but not without a word from the user.
    Held(HeldBy),
    /// Filtered out by the selection, by a comment that ignores it, or by an answer.
    Skipped,
}

/// Something a user should know before deploying a rewrite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hazard {
    /// Stable id, such as `deploy-gap`.
    pub id: &'static str,
    /// What may happen and the way round it.
    pub message: String,
}

/// One proposed change: a connector and the grants that it takes over. All-or-nothing.
#[derive(Debug, Clone)]
pub struct Rewrite {
    /// Its number in the plan.
    pub id: RewriteId,
    /// Who holds the grants that it takes over: the logical id of a role, or a service.
    pub principal: String,
    /// Logical ids of the other resources that act through the same role and so gain and lose the same.
    pub shared_with: Vec<String>,
    /// Id of the connector profile, such as `function-to-table`.
    pub profile: String,
    /// Digest of profile, source, destination and grants; stable while lines move.
    pub fingerprint: String,
    /// Logical id of the connector's source.
    pub source: String,
    /// Logical id of the destination; several are separated by commas, of something outside it is the ARN.
    pub destination: String,
    /// Categories of the connector after the rewrite, `Read` before `Write`.
    pub permissions: Vec<String>,
    /// How the connector is written.
    pub form: Form,
    /// Logical id of the connector after SAM's transform, such as `OrdersToOrdersTable`.
    pub connector: String,
    /// Whether a connector that is already there is extended or relied upon instead of a new one written.
    pub existing: bool,
    /// The policies it takes from, in template order.
    pub places: Vec<Location>,
    /// Class of the delta.
    pub effect: Effect,
    /// What becomes of it.
    pub decision: Decision,
    /// Permissions that the roles gain.
    pub added: Vec<Permission>,
    /// Permissions that the roles lose.
    pub removed: Vec<Permission>,
    /// Of what is removed: what IAM never matches, by actions of which nothing else is told and that the connector does not name.
    pub traceless: Vec<Permission>,
    /// The fewest added actions to accept so that no other addition is new power.
    pub needs: Vec<String>,
    /// Permissions of the edge that stay as a policy.
    pub kept: Vec<Permission>,
    /// What this step does to permissions, where the rewrite is made in two; all the rest is about the whole.
    pub step: Option<StepDelta>,
    /// What to know before deploying.
    pub hazards: Vec<Hazard>,
}

/// What one step of a rewrite does to permissions, against the state after the same step of the rewrites taken before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepDelta {
    /// Class of the delta.
    pub effect: Effect,
    /// Permissions that the roles gain.
    pub added: Vec<Permission>,
    /// Permissions that the roles lose.
    pub removed: Vec<Permission>,
}

/// Something seen and not rewritten.
#[derive(Debug, Clone)]
pub struct LeftAlone {
    /// Why.
    pub reason: Reason,
    /// Who holds the grants: the logical id of a role.
    pub principal: String,
    /// Logical id of the resource whose template text it is.
    pub owner: String,
    /// The grants; empty where the text could not be read as grants.
    pub grants: Vec<Permission>,
    /// Of grants on every resource: the logical ids of those that whoever holds them refers to, to which they could be
    /// narrowed.
    pub refers_to: Vec<String>,
    /// Where.
    pub location: Location,
    /// What exactly was seen, in one sentence.
    pub message: String,
}

impl LeftAlone {
    /// Digest of the reason, the place and the grants; stable while lines move.
    pub fn fingerprint(&self) -> String {
        let grant = |grant: &Permission| format!("{} {} {}", grant.principal, grant.action, grant.resource);
        let grants: Vec<String> = self.grants.iter().map(grant).collect();
        let texts = [self.reason.id(), &self.location.route, &self.owner];
        fingerprint(&texts.into_iter().chain(grants.iter().map(String::as_str)).collect::<Vec<_>>())
    }
}

/// Managed policies of one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleQuota {
    /// Logical id of the role.
    pub role: String,
    /// Attached before.
    pub before: usize,
    /// Attached after the taken rewrites.
    pub after: usize,
    /// The limit.
    pub quota: usize,
}

/// Why a file is not looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Stable id, such as `no-transform`.
    pub id: &'static str,
    /// Why, in one sentence.
    pub message: String,
}

/// What changes in the permissions of all roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionDelta {
    /// What is new.
    pub added: Vec<Permission>,
    /// What is gone.
    pub removed: Vec<Permission>,
}

//! From a template to a plan: which grants become connectors, what that changes in permissions, which edits do it,
//! and the proof that the result is what was said. Knows neither terminals nor files.

mod additions;
mod answers;
mod changes;
mod comments;
mod compare;
mod cycle;
mod delta;
mod deployer;
mod detach;
mod drawn;
mod edge;
mod engine;
mod far;
mod footprint;
mod forward;
mod given;
mod graph;
mod hazard;
mod identity;
mod join;
mod left_alone;
mod model;
mod naming;
mod options;
mod pair;
mod proposal;
mod quota;
mod reason;
mod removal;
mod rest;
mod reverse;
mod shown;
mod side;
mod spell;
mod state;
mod suppress;
#[cfg(test)]
mod tests;
mod to_connectors;
mod transition;
mod verify;
mod work;

pub use crate::analysis::Partition;
pub use answers::{Answer, Answers, Variant};
pub use compare::{Comparison, HolderDelta, compare, compare_holder};
pub use delta::View;
pub use engine::{Outcome, Plan, plan};
pub use hazard::{HAZARDS, HazardKind};
pub use identity::fingerprint;
pub use model::{
    Decision, Form, Hazard, HeldBy, LeftAlone, Location, PermissionDelta, Rewrite, RewriteId, RoleQuota,
    Skipped, StepDelta,
};
pub use options::{
    Consent, DEFAULT_MAX_MANAGED_POLICIES, Direction, FormChoice, Ignored, Options, Phase, PolicyFormChoice,
    Rest, Selection,
};
pub use reason::Reason;
pub use shown::location;
pub use suppress::{Asks, Scope, Suppression, Suppressions, asks, ignoring_edits};
pub use transition::{Transition, transition};
pub use verify::ToolBug;

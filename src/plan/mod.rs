//! From a template to a plan: which grants become connectors, what that changes in permissions, which edits do it,
//! and the proof that the result is what was said. Knows neither terminals nor files.

mod model;
mod options;
mod reason;

pub use model::{
    Decision, Form, Hazard, HeldBy, LeftAlone, Location, Rewrite, RewriteId, RoleQuota, Skipped,
};
pub use options::{
    Consent, DEFAULT_MAX_MANAGED_POLICIES, Direction, FormChoice, Options, Partition, Rest, Selection,
};
pub use reason::Reason;

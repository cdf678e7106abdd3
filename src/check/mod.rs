//! Judgements about templates that no rewrite follows from: what is wrong with the connectors and policies of one, and
//! whether an identity may deploy it. Knows neither how a rewrite is made nor where words go.

mod access;
mod comparison;
mod deployer_policy;
mod finding;
mod findings;
mod holders;
mod kinds;
mod mending;
mod needs;
mod preflight;
mod unread;
mod values;

pub use access::{Access, AccessIndex};
pub use comparison::{HolderChange, Subject, TemplateComparison, UnreadChange, compare_templates};
pub use deployer_policy::{DeployerPolicy, Holding, Limits, PolicyError};
pub use finding::{Finding, FindingKind, Severity};
pub use findings::{Judged, findings, judge};
pub use holders::{
    Acting, GrantFilter, GrantOrigin, GrantTable, HeldGrant, Holder, OnResource, RoleKind, grant_table,
};
pub use kinds::FINDINGS;
pub use mending::{MendError, Mended, mend};
pub use needs::{Cause, Need, Needs, Unseen, UnseenReason, needs};
pub use preflight::{Lack, Limited, Preflight, Side, preflight};
pub use unread::{Unread, UnreadKind};

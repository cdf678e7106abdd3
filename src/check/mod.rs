//! Judgements about templates that no rewrite follows from: whether an identity may deploy one. Knows neither edits nor
//! where words go.

mod deployer_policy;
mod needs;
mod preflight;
mod values;

pub use deployer_policy::{DeployerPolicy, Holding, Limits, PolicyError};
pub use needs::{Cause, Need, Needs, Unseen, UnseenReason, needs};
pub use preflight::{Lack, Limited, Preflight, Side, preflight};

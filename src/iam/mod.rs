//! Permissions as values: action and resource patterns, when a grant exists, what covers what, and the
//! difference between two sets of grants. Knows neither YAML nor where a grant came from.

mod action;
mod condition;
mod consent;
mod glob;
mod grant;
mod lookup;
mod prefix;
mod presence;
mod resource;

pub use action::ActionPattern;
pub use condition::Condition;
pub use consent::{ConsentPattern, ConsentPatternError};
pub use grant::{Coverage, Effect, Grant, GrantSet, Permission};
pub use lookup::GrantIndex;
pub use prefix::PrefixIndex;
pub use presence::{MAX_ATOMS, Presence};
pub use resource::{ResourcePattern, Segment, Token, text_segments};

//! What a direction makes of a template, for the plan to hold.

use super::model::{LeftAlone, Rewrite, RoleQuota};
use super::work::Work;
use crate::text::EditSet;

/// What a direction makes of a template.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    /// The rewrites, to be made.
    pub(super) work: Work,
    /// The edits of each alone.
    pub(super) alone: Vec<EditSet>,
    /// The edits of all together, where they are known.
    pub(super) together: Option<EditSet>,
    /// The rewrites, to be shown.
    pub(super) rewrites: Vec<Rewrite>,
    /// What stays.
    pub(super) left_alone: Vec<LeftAlone>,
    /// The roles that the rewrites touch.
    pub(super) roles: Vec<RoleQuota>,
    /// What the deploying identity newly needs.
    pub(super) deployer_actions: Vec<String>,
}

//! What a direction makes of a template, for the plan to hold.

use super::model::{LeftAlone, Rewrite, RoleQuota};
use super::work::Work;
use crate::text::EditSet;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What a direction makes of a template.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    /// The rewrites, to be made.
    pub(super) work: Work,
    /// The edits of each alone.
    pub(super) alone: Vec<EditSet>,
    /// The rewrites, to be shown.
    pub(super) rewrites: Vec<Rewrite>,
    /// What stays.
    pub(super) left_alone: Vec<LeftAlone>,
    /// The roles that the rewrites touch.
    pub(super) roles: Vec<RoleQuota>,
    /// What the deploying identity newly needs.
    pub(super) deployer_actions: Vec<String>,
}

/// The fingerprint of some texts: half of a SHA-256, in hexadecimal.
pub(super) fn digest<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(16).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

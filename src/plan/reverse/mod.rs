//! Connectors → policies: for each connector the policy that says exactly what it grants, folded into the policies of its role
//! or as the resource that SAM would generate, and what the user lets go on the way. Works on connectors as they are; consent
//! and proof are those of the other direction.

mod decide;
mod draw;
mod footprint;
mod home;
mod size;
mod state;
mod statement;
mod template;
mod waits;
mod write;

pub(super) use draw::draw;
pub(super) use footprint::free;
pub(super) use state::State;
pub(super) use write::changes;

use super::Decision;
use super::delta::Delta;
use crate::iam::Grant;
use std::collections::BTreeSet;
use std::fmt;

/// How a connector is written as a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PolicyForm {
    /// In the policies of its role.
    Inline,
    /// As the resource that SAM would generate, under the same logical id.
    Resource,
}

/// Why a connector cannot be folded into the policies of its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfoldable {
    /// It generates a permission or policy of another resource, which no role can hold.
    OtherSide,
    /// Its role is no role of this template.
    ForeignRole,
    /// An attribute says something of the generated resource that an inline policy cannot carry.
    Attribute(String),
    /// Something refers to the generated resource.
    Referenced(String),
    /// The role would need its destination, which needs the role.
    Cycle(String),
    /// The inline policies of the role would be larger than IAM takes; the role.
    Size(String),
    /// The text of the policies cannot be edited.
    Text,
}

impl fmt::Display for Unfoldable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherSide => f.write_str("what it generates belongs to the destination, not to a role"),
            Self::ForeignRole => f.write_str("its role is not in this template"),
            Self::Attribute(name) => write!(f, "an inline policy cannot carry its `{name}`"),
            Self::Referenced(id) => write!(f, "something refers to `{id}`"),
            Self::Cycle(id) => write!(f, "the role would need `{id}`, which needs the role"),
            Self::Size(role) => {
                write!(f, "the inline policies of `{role}` might pass the 10,240 characters that IAM takes")
            }
            Self::Text => f.write_str("the policies of the role are shared or cannot be edited"),
        }
    }
}

/// Where the policies of a role are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Home {
    /// Position of the resource.
    pub(super) resource: usize,
    /// The property.
    pub(super) property: String,
    /// Whether it is the role itself, whose policies have names.
    pub(super) of_role: bool,
}

/// One destination of a connector on its way back.
#[derive(Debug, Clone)]
pub(super) struct Share {
    /// Logical id of what SAM generates.
    pub(super) generated: String,
    /// Where the statements go when they are folded.
    pub(super) home: Option<Home>,
    /// Numbers of the grants that go.
    pub(super) dropped: BTreeSet<usize>,
    /// The policy template that says exactly the same, where one is wanted: its name, its parameter, and the value.
    pub(super) template: Option<(String, String, crate::syntax::Fragment)>,
}

/// A connector on its way back.
#[derive(Debug, Clone)]
pub(super) struct Folding {
    /// Its number in the analysis.
    pub(super) view: usize,
    /// What it is known by.
    pub(super) fingerprint: String,
    /// How it is written.
    pub(super) form: PolicyForm,
    /// Why it is not folded although that would be preferred.
    pub(super) instead: Option<Unfoldable>,
    /// Its destinations.
    pub(super) shares: Vec<Share>,
    /// What it grants afterwards.
    pub(super) grants: Vec<Grant>,
}

/// A folding with what was decided about it.
pub(super) struct Folded {
    /// The folding.
    pub(super) folding: Folding,
    /// What it does to permissions.
    pub(super) delta: Delta,
    /// What becomes of it.
    pub(super) decision: Decision,
}

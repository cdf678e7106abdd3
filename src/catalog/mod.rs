//! The definitions of `transforms/` as checked, ready types: profiles, policy templates, resource types,
//! actions and implications. Refuses to know files and templates.

mod implication;
mod policy_template;
mod profile;
mod resource_type;
mod sub;

pub use implication::{Implication, ImplicationScope};
pub use policy_template::{ParameterKind, PolicyTemplate, StatementEffect, TemplateStatement};
pub use profile::{GrantKind, Holder, Profile, ResourceSide, StatementForm, Waits};
pub use resource_type::{
    AddedStatements, Bearing, BesideRole, Generated, ManagedAttachment, Meaning, PrincipalForm, ResourceType,
    RoleSource, Trigger, ValueSource,
};
pub use sub::placeholders;

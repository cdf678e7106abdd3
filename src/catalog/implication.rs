//! Arguments for why an added permission is no new power. Data with reasons; the closure over grants is
//! taken elsewhere.

use serde::Serialize;

/// A part of a resource, such as the indexes of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImplicationScope {
    /// CloudFormation type of the resource.
    pub resource_type: String,
    /// The suffix behind its ARN, such as `/index/*`.
    pub suffix: String,
    /// Holds only for a resource of the template that has none of its type's
    /// [`index_properties`](super::ResourceType::index_properties), or whose type has no such property.
    pub only_without_index: bool,
}

/// One line of `implications.yaml`.
///
/// An added permission `action` on resource R (R with [`ImplicationScope::suffix`] behind it where there is a
/// scope) is implied if the principal held every one of `implied_by` on R itself and, with
/// `same_action_on_base`, also `action` on R.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Implication {
    /// The actions that the line is about, each by itself.
    pub added: Vec<String>,
    /// The part of the resource that the addition is on; `None` for the same resource as `implied_by`.
    pub scope: Option<ImplicationScope>,
    /// What must be held, all of it. Empty only where the scope alone decides.
    pub implied_by: Vec<String>,
    /// Whether the added action itself must be held on the base resource too.
    pub same_action_on_base: bool,
    /// The argument, for people.
    pub reason: String,
}

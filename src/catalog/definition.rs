//! The shapes of definition files, as they are written. Nothing here is checked against anything else; that
//! turns them into the public types.

use super::policy_template::StatementEffect;
use super::profile::{GrantKind, Holder, Waits};
use super::read::{Pairs, Spanned};
use super::resource_type::{Bearing, BesideRole, Generated, Meaning};
use serde::Deserialize;
use std::collections::BTreeMap;

type Words = Vec<Spanned<String>>;

/// `profiles/<id>.yaml`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileFile {
    pub(super) id: Spanned<String>,
    pub(super) title: String,
    pub(super) source: Spanned<String>,
    pub(super) destination: Spanned<String>,
    pub(super) grants: Spanned<GrantKind>,
    pub(super) holder: Option<Holder>,
    pub(super) combinations: Vec<Words>,
    pub(super) permissions: Pairs<Vec<StatementFile>>,
    pub(super) resource_side: Option<ResourceSideFile>,
    pub(super) waits: Option<Waits>,
    #[serde(default)]
    pub(super) notes: String,
}

/// Actions on resources.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct StatementFile {
    pub(super) actions: Words,
    pub(super) resources: Words,
}

/// Who is allowed by a grant attached to the destination.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceSideFile {
    pub(super) principal: String,
    pub(super) source_arn: Spanned<String>,
    #[serde(default)]
    pub(super) source_account: bool,
}

/// `policy-templates/<name>.yaml`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateFile {
    pub(super) name: Spanned<String>,
    pub(super) title: String,
    pub(super) parameters: Pairs<ParameterFile>,
    pub(super) statements: Vec<TemplateStatementFile>,
}

/// What the value of a parameter stands for.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum ParameterFile {
    Names(Spanned<String>),
    Arn(Spanned<String>),
    Plain,
}

/// One statement of a policy template.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateStatementFile {
    #[serde(default)]
    pub(super) effect: StatementEffect,
    pub(super) actions: Words,
    pub(super) resources: Words,
    #[serde(default)]
    pub(super) variables: Pairs<Spanned<String>>,
    pub(super) condition: Option<Spanned<serde_json::Value>>,
}

/// `types.yaml`
pub(super) type TypesFile = Pairs<TypeFile>;

/// One resource type. With `same_as`, what is absent is inherited.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TypeFile {
    pub(super) same_as: Option<Spanned<String>>,
    pub(super) service: Option<String>,
    #[serde(rename = "ref")]
    pub(super) reference: Option<Meaning>,
    pub(super) attributes: Option<BTreeMap<String, Meaning>>,
    pub(super) name_property: Option<String>,
    pub(super) arn: Option<Spanned<String>>,
    pub(super) scopes: Option<Pairs<Vec<String>>>,
    pub(super) other_arns: Option<Pairs<Vec<String>>>,
    pub(super) prefix_is_qualifier: Option<String>,
    pub(super) declares_index: Option<Vec<String>>,
    pub(super) connector: Option<Pairs<Spanned<String>>>,
    #[serde(default)]
    pub(super) by_id_only: bool,
    pub(super) suffix_refs: Option<BTreeMap<String, String>>,
    pub(super) alias_property: Option<String>,
    pub(super) event_sources: Option<BTreeMap<String, String>>,
    pub(super) generated_ids: Option<Words>,
    pub(super) globals: Option<String>,
    pub(super) principal: Option<PrincipalFile>,
    pub(super) bears: Option<Bearing>,
    pub(super) generated: Option<Generated>,
}

/// How a resource holds permissions through a role.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct PrincipalFile {
    pub(super) role: RoleFile,
    pub(super) policies: Option<String>,
    pub(super) generated_role: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) policies_beside_role: BesideRole,
    #[serde(default)]
    pub(super) managed: Vec<ManagedFile>,
    #[serde(default)]
    pub(super) adds: Vec<AddsFile>,
}

/// Where a role is written.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RoleFile {
    pub(super) property: Spanned<String>,
    pub(super) list: Option<String>,
    #[serde(rename = "where")]
    pub(super) destination: Option<String>,
}

/// An AWS managed policy that SAM attaches.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ManagedFile {
    pub(super) policy: String,
    pub(super) when: Option<Spanned<TriggerFile>>,
    pub(super) unless: Option<Spanned<TriggerFile>>,
}

/// When SAM attaches something: a property or an event.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TriggerFile {
    pub(super) property: Option<String>,
    pub(super) equals: Option<String>,
    pub(super) other_than: Option<String>,
    pub(super) event: Option<String>,
}

/// Inline statements that SAM adds.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct AddsFile {
    pub(super) at: Vec<String>,
    #[serde(default)]
    pub(super) events: Vec<String>,
    pub(super) select: Option<Spanned<String>>,
    pub(super) target: Spanned<String>,
    #[serde(default)]
    pub(super) generated_target: BTreeMap<String, String>,
    pub(super) cases: Option<Pairs<Vec<StatementFile>>>,
    pub(super) statements: Option<Vec<StatementFile>>,
}

/// `actions/<service>.yaml`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ActionsFile {
    pub(super) service: Spanned<String>,
    #[serde(default)]
    pub(super) actions: Pairs<Vec<String>>,
    #[serde(default)]
    pub(super) corrections: Vec<KindsFile>,
    #[serde(default)]
    pub(super) inert: Vec<KindsFile>,
    #[serde(default)]
    pub(super) no_actions: Vec<NoActionsFile>,
}

/// IAM resource types of some actions, with the reason.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct KindsFile {
    pub(super) actions: Words,
    pub(super) kinds: Vec<String>,
    pub(super) reason: String,
}

/// Names that policies use although IAM has no such action.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct NoActionsFile {
    pub(super) actions: Vec<String>,
    pub(super) reason: String,
}

/// `implications.yaml`
pub(super) type ImplicationsFile = Vec<ImplicationFile>;

/// One argument for why an addition is no new power.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ImplicationFile {
    pub(super) added: Words,
    pub(super) on: Option<ScopeFile>,
    #[serde(default)]
    pub(super) implied_by: Words,
    #[serde(default)]
    pub(super) same_action_on_base: bool,
    pub(super) reason: Spanned<String>,
}

/// A part of a resource.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeFile {
    #[serde(rename = "type")]
    pub(super) resource_type: Spanned<String>,
    pub(super) scope: Spanned<String>,
    pub(super) without: Option<WithoutFile>,
}

/// What the resource must not have.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum WithoutFile {
    DeclaresIndex,
}

/// `managed-policies.yaml`
pub(super) type ManagedPoliciesFile = Pairs<Words>;

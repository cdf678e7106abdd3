//! The shapes of definition files, as they are written. Nothing here is checked against anything else; that
//! turns them into the public types.

use super::placed::{Pairs, Spanned};
use super::policy_template::StatementEffect;
use super::profile::{GrantKind, Holder, Waits};
use super::resource_type::{Bearing, BesideRole, Meaning};
use serde::Deserialize;
use std::collections::BTreeMap;

type Words = Vec<Spanned<String>>;

/// `profiles/<id>.yaml`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileFile {
    /// Stable name, equal to the stem of the file.
    pub(super) id: Spanned<String>,
    /// One line for people.
    pub(super) title: String,
    /// CloudFormation type of the source.
    pub(super) source: Spanned<String>,
    /// CloudFormation type of the destination.
    pub(super) destination: Spanned<String>,
    /// What connectors of this pair generate.
    pub(super) grants: Spanned<GrantKind>,
    /// Whose role gets the managed policy; only for managed policies.
    pub(super) holder: Option<Holder>,
    /// The lists of access categories that `Permissions` accepts.
    pub(super) combinations: Vec<Words>,
    /// Statements per access category, in the translator's order.
    pub(super) permissions: Pairs<Vec<StatementFile>>,
    /// Who is allowed, for every kind but managed policies.
    pub(super) resource_side: Option<ResourceSideFile>,
    /// What waits for the generated policy by an additional DependsOn.
    pub(super) waits: Option<Waits>,
    /// Traps, for people.
    #[serde(default)]
    pub(super) notes: String,
}

/// Actions on resources.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct StatementFile {
    /// IAM actions, as `service:Action`.
    pub(super) actions: Words,
    /// Resources as Fn::Sub text.
    pub(super) resources: Words,
}

/// Who is allowed by a grant attached to the destination.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceSideFile {
    /// Service principal, such as events.amazonaws.com.
    pub(super) principal: String,
    /// ARN that the request must come from, as Fn::Sub text.
    pub(super) source_arn: Spanned<String>,
    /// Whether the request must come from the account of the stack too.
    #[serde(default)]
    pub(super) source_account: bool,
    /// Whether the service tries the permission when a source that names the destination is created.
    #[serde(default)]
    pub(super) tried_at_creation: bool,
}

/// `policy-templates/<name>.yaml`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateFile {
    /// The name that `Policies` uses, equal to the stem of the file.
    pub(super) name: Spanned<String>,
    /// One line for people.
    pub(super) title: String,
    /// What the value of each parameter stands for; all are required.
    pub(super) parameters: Pairs<ParameterFile>,
    /// What the template expands to.
    pub(super) statements: Vec<TemplateStatementFile>,
}

/// What the value of a parameter stands for.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum ParameterFile {
    /// The physical name of a resource of this type.
    Names(Spanned<String>),
    /// The ARN of a resource of this type.
    Arn(Spanned<String>),
    /// Text that names no resource of a known type.
    Plain,
}

/// One statement of a policy template.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateStatementFile {
    /// Whether it allows or denies.
    #[serde(default)]
    pub(super) effect: StatementEffect,
    /// IAM actions, as `service:Action`.
    pub(super) actions: Words,
    /// Resources as Fn::Sub text.
    pub(super) resources: Words,
    /// Variables in the texts, each with the parameter whose value it takes.
    #[serde(default)]
    pub(super) variables: Pairs<Spanned<String>>,
    /// IAM condition, with the same variables in its texts.
    pub(super) condition: Option<Spanned<serde_json::Value>>,
}

/// `types.yaml`
pub(super) type TypesFile = Pairs<TypeFile>;

/// One resource type. With `same_as`, what is absent is inherited.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TypeFile {
    /// CloudFormation type that SAM translates this type to; what is absent here is inherited.
    pub(super) same_as: Option<Spanned<String>>,
    /// Service prefix of the actions on it.
    pub(super) service: Option<String>,
    /// What !Ref returns: name, arn, url, or a word for anything else.
    #[serde(rename = "ref")]
    pub(super) reference: Option<Meaning>,
    /// What !GetAtt returns, per attribute.
    pub(super) attributes: Option<BTreeMap<String, Meaning>>,
    /// Property with an explicit physical name.
    pub(super) name_property: Option<String>,
    /// ARN as Fn::Sub text with ${Name}.
    pub(super) arn: Option<Spanned<String>>,
    /// IAM resource types of ARNs that have this suffix behind the ARN.
    pub(super) scopes: Option<Pairs<Vec<String>>>,
    /// IAM resource types of other ARNs that are made with ${Name}.
    pub(super) other_arns: Option<Pairs<Vec<String>>>,
    /// Suffix for which `name*` stands beside `name`, where names are generated.
    pub(super) prefix_is_qualifier: Option<String>,
    /// Properties whose presence means that the resource has indexes.
    pub(super) declares_index: Option<Vec<String>>,
    /// What connectors take for each property of a side given by Id.
    pub(super) connector: Option<Pairs<Spanned<String>>>,
    /// Whether connectors take this type by Id only, not by Type.
    #[serde(default)]
    pub(super) by_id_only: bool,
    /// What `!Ref Id.Suffix` stands for, per suffix.
    pub(super) suffix_refs: Option<BTreeMap<String, String>>,
    /// Property with the name of the alias that SAM publishes.
    pub(super) alias_property: Option<String>,
    /// Properties by which SAM lets callers in, through permissions that nothing here reads.
    pub(super) lets_in: Option<Vec<String>>,
    /// Types of Events that poll, and the property with the ARN of their source.
    pub(super) event_sources: Option<BTreeMap<String, String>>,
    /// Types of Events that make another resource refer to this one, and the property that names it.
    pub(super) event_dependents: Option<BTreeMap<String, String>>,
    /// Types of Events that make a resource refer to this one which SAM adds where none is named, and its logical id.
    pub(super) implicit_dependents: Option<BTreeMap<String, String>>,
    /// Logical ids that SAM may generate beside the resource.
    pub(super) generated_ids: Option<Words>,
    /// Key in Globals whose properties are merged in.
    pub(super) globals: Option<String>,
    /// How it holds permissions through a role.
    pub(super) principal: Option<PrincipalFile>,
    /// How it states permissions itself.
    pub(super) bears: Option<Bearing>,
    /// That connectors generate it.
    pub(super) generated: Option<GeneratedFile>,
}

/// How a resource holds permissions through a role.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct PrincipalFile {
    /// Where an explicit role is written.
    pub(super) role: RoleFile,
    /// Property with policies for the generated role.
    pub(super) policies: Option<String>,
    /// Logical id of the generated role, with ${LogicalId}.
    pub(super) generated_role: Option<Spanned<String>>,
    /// What SAM makes of policies beside an explicit role.
    #[serde(default)]
    pub(super) policies_beside_role: BesideRole,
    /// Properties in which it names the resources that it uses.
    #[serde(default)]
    pub(super) uses: Vec<String>,
    /// AWS managed policies that SAM attaches by itself.
    #[serde(default)]
    pub(super) managed: Vec<ManagedFile>,
    /// Inline statements that SAM adds by itself.
    #[serde(default)]
    pub(super) adds: Vec<AddsFile>,
}

/// Where a role is written.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RoleFile {
    /// Property with the ARN of the role; with `list`, the key in its items.
    pub(super) property: Spanned<String>,
    /// Property with a list, one of whose items holds the role.
    pub(super) list: Option<String>,
    /// Key of the item that names the destination of the connector.
    #[serde(rename = "where")]
    pub(super) destination: Option<String>,
}

/// An AWS managed policy that SAM attaches.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ManagedFile {
    /// Path and name behind `arn:…:iam::aws:policy/`.
    pub(super) policy: String,
    /// Attached only then.
    pub(super) when: Option<Spanned<TriggerFile>>,
    /// Not attached then.
    pub(super) unless: Option<Spanned<TriggerFile>>,
}

/// That connectors generate resources of a type.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct GeneratedFile {
    /// The profiles that generate it.
    pub(super) by: GrantKind,
    /// Logical id, with `${Connector}` and `${Category}`; `Destination<index>` follows where `Destination` is a list.
    pub(super) id: Spanned<String>,
    /// The properties that it has, where a deployer needs more for them.
    #[serde(default)]
    pub(super) sets: Vec<String>,
}

/// When SAM attaches or makes something: a property or an event.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TriggerFile {
    /// A property that is present and not empty, with dots for nested ones.
    pub(super) property: Option<String>,
    /// The only value that counts.
    pub(super) equals: Option<String>,
    /// The value that does not count.
    pub(super) other_than: Option<String>,
    /// Type of some entry of Events.
    pub(super) event: Option<String>,
}

/// Inline statements that SAM adds.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct AddsFile {
    /// Paths of properties with dots; `*` is every entry or item.
    pub(super) at: Vec<String>,
    /// Types of the entry of Events that count, for a path through it.
    #[serde(default)]
    pub(super) events: Vec<String>,
    /// Key at that place whose text chooses among `cases`.
    pub(super) select: Option<Spanned<String>>,
    /// Key at that place whose value is ${Target}.
    pub(super) target: Spanned<String>,
    /// Logical id, per case, of what SAM creates where the target is absent; ${Key} is the end of the path.
    #[serde(default)]
    pub(super) generated_target: BTreeMap<String, String>,
    /// Statements per text of `select`.
    pub(super) cases: Option<Pairs<Vec<StatementFile>>>,
    /// Statements where nothing is selected.
    pub(super) statements: Option<Vec<StatementFile>>,
}

/// `actions/<service>.yaml`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ActionsFile {
    /// Prefix of the actions, equal to the stem of the file.
    pub(super) service: Spanned<String>,
    /// IAM resource types that each action can match, names in lower case; none: the resource * only.
    #[serde(default)]
    pub(super) actions: Pairs<Vec<String>>,
    /// Lines that overrule `actions`.
    #[serde(default)]
    pub(super) corrections: Vec<KindsFile>,
    /// What to say of pairs that never match.
    #[serde(default)]
    pub(super) inert: Vec<KindsFile>,
    /// Names that policies use although IAM has no such action.
    #[serde(default)]
    pub(super) no_actions: Vec<NoActionsFile>,
}

/// IAM resource types of some actions, with the reason.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct KindsFile {
    /// Names in lower case, without the prefix.
    pub(super) actions: Words,
    /// IAM resource types.
    pub(super) kinds: Vec<String>,
    /// Why, for people.
    pub(super) reason: String,
}

/// Names that policies use although IAM has no such action.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct NoActionsFile {
    /// Names in lower case, without the prefix.
    pub(super) actions: Vec<String>,
    /// Why, for people.
    pub(super) reason: String,
}

/// `implications.yaml`
pub(super) type ImplicationsFile = Vec<ImplicationFile>;

/// One argument for why an addition is no new power.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ImplicationFile {
    /// Actions that the line is about, each by itself.
    pub(super) added: Words,
    /// The part of a resource that the addition is on.
    pub(super) on: Option<ScopeFile>,
    /// Actions that must be held on the resource, all of them.
    #[serde(default)]
    pub(super) implied_by: Words,
    /// Whether the added action must be held on the resource itself too.
    #[serde(default)]
    pub(super) same_action_on_base: bool,
    /// The argument, for people.
    pub(super) reason: Spanned<String>,
}

/// A part of a resource.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeFile {
    /// Type of the resource.
    #[serde(rename = "type")]
    pub(super) resource_type: Spanned<String>,
    /// Suffix behind its ARN, one of `scopes` of the type.
    pub(super) scope: Spanned<String>,
    /// What the resource must not have.
    pub(super) without: Option<WithoutFile>,
}

/// What the resource must not have.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum WithoutFile {
    /// Any of the properties in `declares_index` of its type.
    DeclaresIndex,
}

/// `managed-policies.yaml`
pub(super) type ManagedPoliciesFile = Pairs<Words>;

/// `deployer/<any>.yaml`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct DeployerFile {
    /// IAM actions of every deployment.
    #[serde(default)]
    pub(super) deployment: Words,
    /// What is needed where local files are named.
    pub(super) upload: Option<UploadFile>,
    /// Per CloudFormation type, what its resources need. A name may end in `*`.
    #[serde(default)]
    pub(super) types: Pairs<HandlersFile>,
    /// Per SAM type, what SAM makes of it.
    #[serde(default)]
    pub(super) becomes: Pairs<Vec<BecomesFile>>,
}

/// What is needed to store local files.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct UploadFile {
    /// IAM actions on the bucket.
    pub(super) actions: Words,
    /// Per resource type, the properties that may hold a local path, with dots for nested ones.
    pub(super) properties: BTreeMap<String, Vec<String>>,
}

/// The IAM actions that resources of one type need.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct HandlersFile {
    /// To create one.
    #[serde(default)]
    pub(super) create: Words,
    /// To change one in place.
    #[serde(default)]
    pub(super) update: Words,
    /// To remove one.
    #[serde(default)]
    pub(super) delete: Words,
    /// Whether it brings a template of its own, which needs more.
    #[serde(default)]
    pub(super) nested_template: bool,
    /// For each of these, where the resource has the property; dots for nested ones, `*` for every entry or item.
    #[serde(default)]
    pub(super) with: Pairs<Words>,
}

/// Resources that SAM makes of one of its own.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct BecomesFile {
    /// Their types.
    pub(super) types: Vec<String>,
    /// Properties that SAM sets on them.
    #[serde(default)]
    pub(super) sets: Vec<String>,
    /// Made only then.
    pub(super) when: Option<Spanned<TriggerFile>>,
    /// Not made then.
    pub(super) unless: Option<Spanned<TriggerFile>>,
}

//! What is known of a resource type: what `Ref` and `Fn::GetAtt` return, how its ARN is made, and how it takes
//! part in permissions. Knows no template.

use super::{GrantKind, StatementForm};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What the value of a reference stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// The physical name.
    Name,
    /// The ARN.
    Arn,
    /// A URL.
    Url,
    /// Something else that names no resource by itself: `id`, `stream`, `alias` …
    Other(String),
}

impl<'de> Deserialize<'de> for Meaning {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.as_str() {
            "name" => Self::Name,
            "arn" => Self::Arn,
            "url" => Self::Url,
            _ => Self::Other(text),
        })
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Arn => "arn",
            Self::Url => "url",
            Self::Other(word) => word,
        })
    }
}

/// What a connector takes for a property of a side that is given by `Id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueSource {
    /// `!Ref` of the resource.
    Ref,
    /// `!GetAtt` of this attribute.
    Attribute(String),
    /// This text.
    Literal(String),
}

/// Where a principal's role is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleSource {
    /// A property with the ARN of the role.
    Property(String),
    /// In the first item of `list` whose property `destination` names the destination, the property `role`.
    Target {
        /// Property that holds the list.
        list: String,
        /// Key of an item that names the destination.
        destination: String,
        /// Key of the same item that holds the role.
        role: String,
    },
}

/// What SAM makes of policies beside an explicit role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BesideRole {
    /// They are silently ignored: they grant nothing.
    #[default]
    Ignored,
    /// The transform refuses the template.
    Error,
}

/// When SAM attaches something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// A property is present, and not null or empty.
    Property {
        /// Property, with dots for nested ones.
        path: String,
        /// The value that it must have, where only one counts.
        equals: Option<String>,
        /// The value that it must not have.
        other_than: Option<String>,
    },
    /// Some entry of `Events` has this type.
    Event(String),
}

/// An AWS managed policy that SAM attaches to a generated role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ManagedAttachment {
    /// Path and name behind `arn:…:iam::aws:policy/`.
    pub policy: String,
    /// Attached only then; `None` for always.
    pub when: Option<Trigger>,
    /// Not attached then.
    pub unless: Option<Trigger>,
}

/// Inline statements that SAM adds to a generated role for a property of the resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AddedStatements {
    /// Paths of properties with dots; `*` stands for every entry or item.
    pub at: Vec<String>,
    /// Types of the entry of `Events` that count, for a path through it; empty for all.
    pub events: Vec<String>,
    /// Key at that place whose text chooses among `cases`.
    pub select: Option<String>,
    /// Key at that place whose value is `${Target}`; without it nothing is added, but see `generated_target`.
    pub target: String,
    /// Statements per text of `select`; without `select` one case named by the empty text.
    pub cases: Vec<(String, Vec<StatementForm>)>,
    /// Logical id, per case, of the resource that SAM creates where `target` is absent; its ARN is then
    /// `${Target}`. `${Key}` is the last part of the path.
    pub generated_target: BTreeMap<String, String>,
}

/// How a resource of the type holds permissions through a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrincipalForm {
    /// Where an explicit role is written.
    pub role: RoleSource,
    /// Property with policies for the generated role; `None` where the type has none.
    pub policies: Option<String>,
    /// Logical id of the generated role, with `${LogicalId}`; `None` where none is generated.
    pub generated_role: Option<String>,
    /// What happens to `policies` beside an explicit role.
    pub policies_beside_role: BesideRole,
    /// Properties in which it names the resources that it uses: environment variables, a definition and its
    /// substitutions, targets.
    pub uses: Vec<String>,
    /// AWS managed policies that SAM attaches to the generated role by itself.
    pub managed: Vec<ManagedAttachment>,
    /// Inline statements that SAM adds to the generated role by itself.
    pub adds: Vec<AddedStatements>,
}

/// How a resource of the type states permissions itself. The texts are names of properties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Bearing {
    /// A role with its own policies.
    Role {
        /// List of `{PolicyName, PolicyDocument}`.
        policies: String,
        /// List of ARNs.
        managed_policies: String,
        /// ARN of the permissions boundary.
        boundary: String,
    },
    /// A document that becomes an inline policy of roles.
    InlinePolicy {
        /// The document.
        document: String,
        /// The policy's name.
        name: String,
        /// A role's name, or a list of them.
        roles: String,
        /// Properties that attach the same policy to something that is no role.
        #[serde(default)]
        others: Vec<String>,
    },
    /// A document that becomes a managed policy attached to roles.
    ManagedPolicy {
        /// The document.
        document: String,
        /// List of role names.
        roles: String,
        /// Properties that attach the same policy to something that is no role.
        #[serde(default)]
        others: Vec<String>,
    },
    /// A document attached to resources.
    ResourcePolicy {
        /// The document.
        document: String,
        /// List of the resources it is attached to.
        on: String,
        /// What the items of that list stand for.
        names_by: Meaning,
    },
    /// A permission on a function.
    LambdaPermission {
        /// The one action.
        action: String,
        /// Name or ARN of the function.
        function: String,
        /// Service or account that is allowed.
        principal: String,
        /// ARN that the call must come from.
        source_arn: String,
        /// Account that the call must come from.
        source_account: String,
    },
    /// No permission itself: makes a function poll a source under the function's role.
    EventSourceMapping {
        /// Name or ARN of the function.
        function: String,
        /// ARN of the source.
        source: String,
    },
}

/// That connectors generate resources of this type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Generated {
    /// The profiles that generate it.
    pub by: GrantKind,
    /// Logical id, with `${Connector}` and `${Category}`; `Destination<index>` follows where `Destination` is a
    /// list.
    pub id: String,
    /// The properties that it has.
    pub sets: Vec<String>,
    /// IAM actions that the identity which deploys a stack needs for such a resource, after the table of deployer
    /// permissions.
    pub deployer_actions: Vec<String>,
}

/// A resource type, with everything that it inherits by `same_as` filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceType {
    /// The type as templates write it.
    pub name: String,
    /// The CloudFormation type that SAM translates it to; equal to `name` for a CloudFormation type.
    pub canonical: String,
    /// Service prefix of the actions on it.
    pub service: String,
    /// What `Ref` returns.
    pub reference: Meaning,
    /// What `Fn::GetAtt` returns, per attribute. Attributes that stand for no resource may be missing.
    pub attributes: BTreeMap<String, Meaning>,
    /// Property with an explicit physical name.
    pub name_property: Option<String>,
    /// The ARN as `Fn::Sub` text with `${Name}` for the physical name.
    pub arn: Option<String>,
    /// Pairs of a suffix behind the ARN and an IAM resource type that ARNs of this form belong to. A suffix with
    /// several types is there several times; the empty suffix is the resource itself.
    pub scopes: Vec<(String, String)>,
    /// Pairs of another ARN that is made with `${Name}` and its IAM resource type.
    pub other_arns: Vec<(String, String)>,
    /// The suffix for which `name*` stands beside `name` itself where the name is generated.
    pub prefix_is_qualifier: Option<String>,
    /// Properties whose presence means that the resource has indexes. Empty: it can have none.
    pub index_properties: Vec<String>,
    /// What connectors take for `Arn`, `Name`, `QueueUrl`, `ResourceId`, `Qualifier` of a side given by `Id`.
    pub connector: BTreeMap<String, ValueSource>,
    /// Whether a side of this type can be given by `Id` only, never by `Type`.
    pub by_id_only: bool,
    /// What `!Ref Id.Suffix` stands for, per suffix.
    pub suffix_refs: BTreeMap<String, String>,
    /// Property with the name of the alias that SAM publishes.
    pub alias_property: Option<String>,
    /// Properties by which SAM lets callers in, through permissions that nothing here reads.
    pub lets_in: Vec<String>,
    /// Types of `Events` that poll, and the property with the ARN of their source.
    pub event_sources: BTreeMap<String, String>,
    /// Types of `Events` that make another resource refer to this one, and the property that names it.
    pub event_dependents: BTreeMap<String, String>,
    /// Types of `Events` that make a resource refer to this one which SAM adds where none is named, and its logical id. What
    /// that resource says beside comes from the section of `Globals` of the name of the event.
    pub implicit_dependents: BTreeMap<String, String>,
    /// Logical ids that SAM may generate, with `${LogicalId}` and paths of properties; `*` is every key.
    pub generated_ids: Vec<String>,
    /// Key in the section `Globals` whose properties are merged in.
    pub globals: Option<String>,
    /// How it holds permissions through a role.
    pub principal: Option<PrincipalForm>,
    /// How it states permissions itself.
    pub bears: Option<Bearing>,
    /// That connectors generate it.
    pub generated: Option<Generated>,
}

impl ResourceType {
    /// The IAM resource types of ARNs that end in exactly this suffix pattern; empty where nothing is known.
    pub fn kinds_of_suffix<'a>(&'a self, suffix: &'a str) -> impl Iterator<Item = &'a str> {
        self.scopes.iter().filter(move |(own, _)| own == suffix).map(|(_, kind)| kind.as_str())
    }
}

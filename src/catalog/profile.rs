//! What a connector from one resource type to another grants. A profile is a relation, used in both
//! directions; it does not know templates, nor whether taking it up is wise.

use serde::{Deserialize, Serialize};

/// The resource that a connector of a profile generates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GrantKind {
    /// A managed policy attached to the role of one side, see [`Profile::holder`].
    ManagedPolicy,
    /// A permission on the destination function for the service of the source.
    LambdaPermission,
    /// A policy of the destination queue for the service of the source.
    QueuePolicy,
    /// A policy of the destination topic for the service of the source.
    TopicPolicy,
}

/// A side of a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// The `Source` of the connector.
    Source,
    /// The `Destination` of the connector.
    Destination,
}

/// What the connector makes another resource wait for, by an additional `DependsOn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Waits {
    /// The one event source mapping that joins source and destination waits for the policy.
    EventSourceMapping,
    /// The source itself, a state machine, waits for the policy.
    SourceStateMachine,
}

/// Actions on resources, always `Allow`.
///
/// Resources are `Fn::Sub` text; what the placeholders mean depends on where the form stands:
/// `${Source.Arn}`, `${Destination.Name}` in a profile, `${Target}` in [`super::AddedStatements`], and
/// pseudo parameters everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementForm {
    /// Actions as the translator writes them, in its order.
    pub actions: Vec<String>,
    /// Resource patterns in the translator's order.
    pub resources: Vec<String>,
}

/// Who is allowed by a grant that is attached to the destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceSide {
    /// The service principal, such as `events.amazonaws.com`.
    pub principal: String,
    /// What the request must come from, as `Fn::Sub` text.
    pub source_arn: String,
    /// Whether the request must also come from the account of the stack.
    pub source_account: bool,
    /// Whether the service tries the permission when a source that names the destination is created, so that the source has
    /// to wait for it.
    pub tried_at_creation: bool,
}

/// What connectors from one resource type to another grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// Stable name, equal to the stem of its file: `function-to-table`.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// CloudFormation type of the source (never a SAM alias).
    pub source: String,
    /// CloudFormation type of the destination (never a SAM alias).
    pub destination: String,
    /// The resource that the connector generates.
    pub kind: GrantKind,
    /// Whose role gets the managed policy; for the other kinds the destination, to which they are attached.
    pub holder: Holder,
    /// The lists of categories that `Permissions` accepts, smallest first.
    pub combinations: Vec<Vec<String>>,
    /// Statements per access category, in the order in which the translator writes them.
    pub permissions: Vec<(String, Vec<StatementForm>)>,
    /// Who is allowed, for every kind but [`GrantKind::ManagedPolicy`].
    pub resource_side: Option<ResourceSide>,
    /// The additional `DependsOn`, where there is one.
    pub waits: Option<Waits>,
    /// Traps, for people.
    pub notes: String,
}

impl Profile {
    /// The statements of one access category; empty for an unknown category.
    pub fn statements(&self, category: &str) -> &[StatementForm] {
        self.permissions.iter().find(|(name, _)| name == category).map_or(&[], |(_, forms)| forms.as_slice())
    }

    /// Whether the translator accepts this set of categories, in whatever order and with repetitions.
    pub fn accepts<S: AsRef<str>>(&self, categories: &[S]) -> bool {
        let names = |list: &[String], name: &str| list.iter().any(|item| item == name);
        self.combinations.iter().any(|combination| {
            categories.iter().all(|category| names(combination, category.as_ref()))
                && combination.iter().all(|name| categories.iter().any(|category| category.as_ref() == name))
        })
    }

    /// The properties that a reference without `Id` must carry on `side`, besides `Type`, sorted: every
    /// placeholder of the whole profile must resolve, even those of categories that are not asked for.
    pub fn needed_properties(&self, side: Holder) -> Vec<&str> {
        let prefix = match side {
            Holder::Source => "Source.",
            Holder::Destination => "Destination.",
        };
        let forms = self.permissions.iter().flat_map(|(_, forms)| forms).flat_map(|form| &form.resources);
        let texts = forms.chain(self.resource_side.iter().map(|resource_side| &resource_side.source_arn));
        let mut needed: Vec<&str> = texts
            .flat_map(|text| super::placeholders(text))
            .filter_map(|placeholder| placeholder.strip_prefix(prefix))
            .collect();
        match self.kind {
            GrantKind::ManagedPolicy if self.holder == side => needed.push("RoleName"),
            GrantKind::QueuePolicy if side == Holder::Destination => needed.push("QueueUrl"),
            _ => {}
        }
        needed.sort_unstable();
        needed.dedup();
        needed
    }
}

//! What a caller may choose about a plan: direction, form, rest, consent, selection and limits. Knows no command
//! line and no file; the `config` layer checks texts and fills these in.

use super::answers::Answers;
use crate::analysis::Partition;
use crate::iam::{ActionPattern, ConsentPattern};

/// Which way to rewrite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Policies become connectors.
    #[default]
    Connectors,
    /// Connectors become policies.
    Policies,
}

impl Direction {
    /// The word in options and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connectors => "connectors",
            Self::Policies => "policies",
        }
    }
}

/// Where a new connector is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FormChoice {
    /// Embedded, unless a condition is needed or the template already uses standalone connectors.
    #[default]
    Auto,
    /// In the `Connectors` attribute of the source.
    Embedded,
    /// As a resource of its own.
    Standalone,
}

/// Where the policy that a connector becomes is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PolicyFormChoice {
    /// In the policies of the role; where that is impossible or would lose something, as a resource.
    #[default]
    Auto,
    /// In the policies of the role.
    Inline,
    /// As the resource that SAM would generate, under the same logical id.
    Resource,
}

/// What happens to grants of an edge that the connector does not give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rest {
    /// They stay as a policy, apart from those that `accept.remove` names.
    #[default]
    Keep,
    /// They go, as a removal that needs consent.
    Drop,
}

/// Which step of a migration is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Connectors come and policies go.
    #[default]
    Both,
    /// Connectors come, policies stay: what `Both` would take.
    Add,
    /// Policies go whose grants connectors give already, whoever wrote them.
    Remove,
}

impl Phase {
    /// The word in options and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Add => "add",
            Self::Remove => "remove",
        }
    }
}

/// What the user accepts without being asked.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Permissions that may be added.
    pub add: Vec<ConsentPattern>,
    /// Permissions that may be removed; what is named here is not kept as a rest.
    pub remove: Vec<ConsentPattern>,
    /// Anything that is left after keeping the rest may be added or removed; never an undecided delta.
    pub any: bool,
    /// Only rewrites whose delta is empty.
    pub strict: bool,
}

/// Something that the config file asks to leave alone in one template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Id of a profile, reason or finding; `*` for all.
    pub id: String,
    /// The node from which on, such as `Resources.Orders`; the whole file without one.
    pub route: Option<String>,
}

/// Which rewrites are considered at all. Empty lists select everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Profile ids to take.
    pub only: Vec<String>,
    /// Profile ids to pass over.
    pub skip: Vec<String>,
    /// Patterns of the source's logical id (`*` and `?`).
    pub sources: Vec<String>,
    /// Patterns of the destination's logical id.
    pub destinations: Vec<String>,
    /// What the config file asks to leave alone.
    pub ignored: Vec<Ignored>,
    /// Whether to consider also what comments and the config file ask to leave alone.
    pub no_ignores: bool,
}

/// Choices about one plan.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which way.
    pub direction: Direction,
    /// Where connectors go.
    pub form: FormChoice,
    /// Where the policies go that connectors become.
    pub policy_form: PolicyFormChoice,
    /// Whether a policy template is used where one says exactly what a connector does.
    pub prefer_templates: bool,
    /// The actions that are in use: connectors that become policies keep no others.
    pub used_actions: Option<Vec<ActionPattern>>,
    /// Which step.
    pub phase: Phase,
    /// What happens to the rest.
    pub rest: Rest,
    /// Whether to take fewer categories where the full connector is beyond consent.
    pub partial: bool,
    /// Whether ARNs from outside of the template, and versions and aliases of functions, become destinations.
    pub external: bool,
    /// Whether a grant on every resource may be narrowed to those that the principal refers to.
    pub infer_destinations: bool,
    /// What is accepted.
    pub consent: Consent,
    /// What was answered about single rewrites, which stands above consent, selection and quota.
    pub answers: Answers,
    /// What is considered.
    pub select: Selection,
    /// Most managed policies that a role may hold after a rewrite.
    pub max_managed_policies: usize,
    /// How literal partitions are read.
    pub partition: Partition,
}

/// IAM's default quota of managed policies attached to one role ("Managed policies attached to an IAM role").
pub const DEFAULT_MAX_MANAGED_POLICIES: usize = 10;

impl Default for Options {
    fn default() -> Self {
        Self {
            direction: Direction::default(),
            form: FormChoice::default(),
            policy_form: PolicyFormChoice::default(),
            prefer_templates: false,
            used_actions: None,
            phase: Phase::default(),
            rest: Rest::default(),
            partial: false,
            external: false,
            infer_destinations: false,
            consent: Consent::default(),
            answers: Answers::default(),
            select: Selection::default(),
            max_managed_policies: DEFAULT_MAX_MANAGED_POLICIES,
            partition: Partition::default(),
        }
    }
}

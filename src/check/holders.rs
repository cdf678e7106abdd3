//! Who may do what in one template: every principal with every grant that it holds, where each comes from, and what could
//! not be read. Refuses to know how a table looks.

use super::access::{Access, AccessIndex};
use super::unread::{self, Unread};
use crate::analysis::{AddedBy, Analysis, Origin, Resolver, Role};
use crate::iam::{Grant, Permission, ResourcePattern, Segment};
use crate::plan::{Location, location};
use crate::syntax::NodeId;
use crate::template::ConnectorPlace;

/// All grants of one template.
///
/// Invariant: a grant that [`Analysis::effective`] has is either in the table or stands for a statement in `unread`.
#[derive(Debug, Clone, Default)]
pub struct GrantTable {
    /// The principals: those of the template in its order, then those of resource-side grants.
    pub holders: Vec<Holder>,
    /// What is not in the table and may grant or limit something.
    pub unread: Vec<Unread>,
}

impl GrantTable {
    /// Whether nothing is known to be missing.
    pub fn is_complete(&self) -> bool {
        !self.unread.iter().any(|unread| unread.kind.hides_grants())
    }
}

/// What a principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleKind {
    /// A role that SAM generates.
    Generated,
    /// A role of the template.
    InTemplate,
    /// A role from elsewhere.
    Elsewhere,
    /// A service, an account or everybody: whom a permission of a resource lets in.
    LetIn,
}

impl RoleKind {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::InTemplate => "template",
            Self::Elsewhere => "elsewhere",
            Self::LetIn => "let-in",
        }
    }
}

/// A resource that acts through a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// Logical id.
    pub id: String,
    /// Type, as the template has it.
    pub type_name: String,
}

/// A principal and what it holds.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Logical id of the role, canonical text of a role elsewhere, or who is let in.
    pub name: String,
    /// What it is.
    pub kind: RoleKind,
    /// What acts through it, in template order.
    pub acting: Vec<Acting>,
    /// Its grants: those of policies in template order, of connectors, and what SAM adds.
    pub grants: Vec<HeldGrant>,
}

/// Where a grant comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantOrigin {
    /// A statement of a policy.
    Policy,
    /// A SAM policy template, by its name.
    PolicyTemplate(String),
    /// A policy or permission of the resource that is given access to.
    ResourcePolicy,
    /// A connector, by its logical id.
    Connector(String),
    /// A managed policy that the template names.
    ManagedPolicy(String),
    /// SAM: a managed policy that it attaches, or without a name a statement that it adds.
    Sam(Option<String>),
}

impl GrantOrigin {
    /// The word in reports.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::PolicyTemplate(_) => "policy-template",
            Self::ResourcePolicy => "resource-policy",
            Self::Connector(_) => "connector",
            Self::ManagedPolicy(_) => "managed-policy",
            Self::Sam(_) => "sam",
        }
    }

    /// What it is called, where it has a name.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::PolicyTemplate(name) | Self::Connector(name) | Self::ManagedPolicy(name) => Some(name),
            Self::Sam(name) => name.as_deref(),
            Self::Policy | Self::ResourcePolicy => None,
        }
    }
}

/// The resource of the template that a grant is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnResource {
    /// Logical id.
    pub id: String,
    /// Type, as the template has it.
    pub type_name: String,
    /// What follows the resource's ARN, such as `/index/*`; for an ARN of another form that whole form.
    pub scope: String,
}

/// One grant with where it comes from.
#[derive(Debug, Clone)]
pub struct HeldGrant {
    /// The grant in words.
    pub permission: Permission,
    /// Whether it reads or writes.
    pub access: Access,
    /// What of the template it is on; `None` for anything else, and for what is not provably one of its resources.
    pub on: Option<OnResource>,
    /// Where it comes from.
    pub origin: GrantOrigin,
    /// The place of that.
    pub location: Location,
}

/// Which grants of a table are shown.
#[derive(Debug, Clone, Default)]
pub struct GrantFilter {
    sources: Vec<ResourcePattern>,
    destinations: Vec<ResourcePattern>,
}

impl GrantFilter {
    /// A filter by patterns in which `*` and `?` are wildcards: one of the names of a principal, or of what acts through
    /// it; the logical id of what a grant is on, or else its text. An empty list selects everything.
    pub fn new(sources: &[String], destinations: &[String]) -> Self {
        let patterns = |list: &[String]| list.iter().map(|text| ResourcePattern::from_text(text)).collect();
        Self { sources: patterns(sources), destinations: patterns(destinations) }
    }

    /// Whether it leaves anything out at all.
    pub fn is_some(&self) -> bool {
        !self.sources.is_empty() || !self.destinations.is_empty()
    }

    /// The table without what is not selected. What is unread stays: it could be about what is selected.
    pub fn apply(&self, mut table: GrantTable) -> GrantTable {
        let one_of = |patterns: &[ResourcePattern], text: &str| {
            let text = ResourcePattern::new(vec![Segment::Text(text.to_owned())]);
            patterns.iter().any(|pattern| pattern.covers(&text))
        };
        if !self.sources.is_empty() {
            table.holders.retain(|holder| {
                let mut names = holder.acting.iter().map(|acting| &acting.id).chain([&holder.name]);
                names.any(|name| one_of(&self.sources, name))
            });
        }
        if !self.destinations.is_empty() {
            for holder in &mut table.holders {
                holder.grants.retain(|grant| {
                    let id = grant.on.as_ref().map_or(&grant.permission.resource, |on| &on.id);
                    one_of(&self.destinations, id)
                });
            }
            table.holders.retain(|holder| !holder.grants.is_empty());
        }
        table
    }
}

/// The table of one template.
pub fn grant_table(resolver: &Resolver<'_>, analysis: &Analysis, index: &AccessIndex) -> GrantTable {
    let mut table = Builder { resolver, analysis, index, holders: Vec::new() };
    for principal in &analysis.principals {
        let kind = match principal.role {
            Role::Generated(_) => RoleKind::Generated,
            Role::InTemplate(_) => RoleKind::InTemplate,
            Role::Elsewhere => RoleKind::Elsewhere,
        };
        table.holder(&principal.name, kind);
    }
    table.policies();
    table.connectors();
    for added in &analysis.added {
        let origin = match &added.by {
            AddedBy::Sam => GrantOrigin::Sam(None),
            AddedBy::SamManaged(name) => GrantOrigin::Sam(Some(name.clone())),
            AddedBy::NamedManaged(name) => GrantOrigin::ManagedPolicy(name.clone()),
        };
        table.push(&added.grant, origin, added.node);
    }
    GrantTable { holders: table.holders, unread: unread::find(resolver, analysis) }
}

struct Builder<'a> {
    resolver: &'a Resolver<'a>,
    analysis: &'a Analysis,
    index: &'a AccessIndex,
    holders: Vec<Holder>,
}

impl Builder<'_> {
    fn policies(&mut self) {
        let ledger = &self.analysis.ledger;
        for cell in &ledger.cells {
            let (unit, rectangle) = (&ledger.units[cell.unit], ledger.rectangle(cell));
            if rectangle.is_unreadable() {
                continue;
            }
            let origin = match (&unit.template, unit.origin) {
                (Some(name), _) => GrantOrigin::PolicyTemplate(name.clone()),
                (None, Origin::ResourceSide) => GrantOrigin::ResourcePolicy,
                (None, _) => GrantOrigin::Policy,
            };
            let node = rectangle.statement.as_ref().map_or(unit.node, |statement| statement.node);
            self.push(&cell.grant, origin, node);
        }
    }

    fn connectors(&mut self) {
        for view in &self.analysis.connectors {
            let node = match view.connector.place {
                ConnectorPlace::Embedded { .. } => view.connector.node,
                ConnectorPlace::Standalone(position) => self.resolver.template.resources()[position].node,
            };
            for grant in &view.grants {
                self.push(grant, GrantOrigin::Connector(view.connector.id.clone()), node);
            }
        }
    }

    fn push(&mut self, grant: &Grant, origin: GrantOrigin, node: NodeId) {
        let resources = self.resolver.template.resources();
        let target = self.resolver.target(&grant.resource);
        let mut permission = grant.permission();
        permission.inert = self.analysis.is_inert(self.resolver, &grant.action, target.as_ref());
        let on = target.map(|target| OnResource {
            id: resources[target.resource].id.clone(),
            type_name: resources[target.resource].type_name.clone(),
            scope: target.scope,
        });
        if self.analysis.is_resource_side(grant) {
            permission.on = on.as_ref().map(|on| on.id.clone());
        }
        let held = HeldGrant {
            permission,
            access: self.index.access(&grant.action),
            on,
            origin,
            location: location(self.resolver.doc, node),
        };
        let holder = self.holder(&grant.principal, RoleKind::LetIn);
        let same = |known: &HeldGrant| {
            known.permission == held.permission
                && known.origin == held.origin
                && known.location == held.location
        };
        if !holder.grants.iter().any(same) {
            holder.grants.push(held);
        }
    }

    /// The holder of a name; one that is not there yet is of the given kind.
    fn holder(&mut self, name: &str, kind: RoleKind) -> &mut Holder {
        let at = self.holders.iter().position(|holder| holder.name == name).unwrap_or_else(|| {
            let resources = self.resolver.template.resources();
            let mut acting: Vec<Acting> = Vec::new();
            for actor in self.analysis.actors_of(name) {
                let resource = &resources[actor.resource];
                if !acting.iter().any(|known| known.id == resource.id) {
                    acting.push(Acting { id: resource.id.clone(), type_name: resource.type_name.clone() });
                }
            }
            // A role that a policy names, and that is no principal of the template, stands somewhere else.
            let kind = if name.starts_with("role/") { RoleKind::Elsewhere } else { kind };
            self.holders.push(Holder { name: name.to_owned(), kind, acting, grants: Vec::new() });
            self.holders.len() - 1
        });
        &mut self.holders[at]
    }
}

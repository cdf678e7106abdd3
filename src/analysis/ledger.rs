//! Every permission that policies grant, one cell per action, resource and policy, with the place it is written at.
//! Says why a cell cannot become part of a connector where the text itself is the reason; refuses to know connectors.

use super::resolve::{Resolver, Target};
use crate::iam::{ActionPattern, Condition, Grant, Presence, ResourcePattern, Segment};
use crate::syntax::NodeId;
use crate::template::{Expr, Statement, SubPart, sub_parts};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Why the text of a grant, wherever its resource may lead, is not one that a connector can replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obstacle {
    /// The statement denies.
    Deny,
    /// `NotAction`, `NotResource`, `Principal` or `NotPrincipal`.
    NotElement,
    /// An IAM condition.
    IamCondition,
    /// `Fn::If` around or inside the statement.
    ConditionalStatement,
    /// An intrinsic or a shape of unknown content.
    Opaque,
    /// `Policies` that SAM ignores or refuses, since the resource has a role of its own.
    BesideRole,
    /// `Policies` beside a role that SAM generates under a condition only, since the property may be absent.
    RoleByChoice,
    /// A policy that SAM refuses.
    Malformed,
    /// A policy of several roles, or of users or groups too.
    SeveralHolders,
    /// A resource-side grant to a service without naming the resource that it comes from.
    NoSource,
    /// A resource-side grant to an account, a role or everybody.
    NoService,
}

/// Something in policies that is no list of grants.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// Position of the resource in whose text it stands.
    pub bearer: usize,
    /// Whose permissions it would be.
    pub principal: Arc<str>,
    /// Where.
    pub node: NodeId,
    /// When it is there.
    pub presence: Presence,
    /// Why.
    pub obstacle: Obstacle,
    /// What exactly was seen.
    pub message: String,
}

/// Where a policy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In `Policies` of a function or state machine, whose names go by position.
    Policies,
    /// In the inline policies of a role.
    Role,
    /// It is a resource of its own: an identity policy.
    Policy,
    /// It is a resource of its own: a permission or policy of another resource, for a service.
    ResourceSide,
}

impl Origin {
    /// Whether the resource is nothing but this policy, so that it goes when nothing of the policy is left.
    pub fn is_resource(self) -> bool {
        matches!(self, Self::Policy | Self::ResourceSide)
    }
}

/// One policy: a document, a policy template or a permission, possibly a branch of `Fn::If`.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Position of the resource in whose text it stands.
    pub bearer: usize,
    /// Whose permissions they are; for a resource-side grant the service.
    pub principal: Arc<str>,
    /// Where it stands.
    pub origin: Origin,
    /// The value of `Policies`; the resource where the policy is one.
    pub policies: NodeId,
    /// Position in the list of policies; `None` where `Policies` is this one value, or there is no such list.
    pub slot: Option<usize>,
    /// The condition of the resource that is this policy.
    pub when: Option<String>,
    /// The branches of `Fn::If` that lead to it, outermost first: the condition's name and whether it must hold.
    pub branches: Vec<(String, bool)>,
    /// The value of the policy.
    pub node: NodeId,
    /// Name of the policy template, `None` for a document.
    pub template: Option<String>,
    /// For a document, the value of `Statement` and whether it is a list.
    pub statements: Option<(NodeId, bool)>,
    /// The statements.
    pub rectangles: Vec<Rectangle>,
    /// Why nothing of the policy can be replaced, whatever it grants.
    pub obstacle: Option<Obstacle>,
}

impl Unit {
    /// What must hold beside the role for the policy to be there: names of conditions and whether each must hold.
    pub fn conditions(&self) -> Vec<(String, bool)> {
        let own = self.when.iter().map(|name| (name.clone(), true));
        own.chain(self.branches.iter().cloned()).collect()
    }
}

impl Unit {
    /// The numbers of its cells; those of a unit follow each other.
    pub fn cells(&self) -> Range<usize> {
        let ends = self.rectangles.first().zip(self.rectangles.last());
        ends.map_or(0..0, |(first, last)| first.first..last.cells().end)
    }
}

/// One statement as a rectangle of actions × resources.
#[derive(Debug, Clone)]
pub struct Rectangle {
    /// The statement, `None` for those of a policy template and for a permission.
    pub statement: Option<Statement>,
    /// Whether it allows.
    pub allow: bool,
    /// The service that a resource-side statement allows.
    pub grantee: Option<Arc<str>>,
    /// Its IAM condition.
    pub condition: Option<Condition>,
    /// Rows.
    pub actions: Vec<Row>,
    /// Columns.
    pub resources: Vec<Column>,
    /// Number of the first cell; the cell of row r and column c is `first + r * columns + c`.
    pub first: usize,
    /// Why none of its cells can be replaced.
    pub obstacle: Option<Obstacle>,
}

impl Rectangle {
    /// The numbers of its cells.
    pub fn cells(&self) -> Range<usize> {
        self.first..self.first + self.actions.len() * self.resources.len()
    }

    /// Whether some actions are there under conditions only.
    pub(super) fn has_conditional_action(&self) -> bool {
        self.actions.iter().any(|row| row.presence != Presence::Always)
    }

    /// Whether the statement could not be read as grants. Its one cell then stands for the whole text, which is compared
    /// before and after and never converted.
    pub fn is_unreadable(&self) -> bool {
        match self.obstacle {
            Some(Obstacle::Opaque | Obstacle::NotElement) => true,
            // A permission is read whatever it allows; a statement for others than a service is not.
            Some(Obstacle::NoService) => self.statement.is_some(),
            _ => false,
        }
    }
}

impl Column {
    /// A column that is written without `Fn::If` and denotes no known resource.
    pub(super) fn unresolved(
        element: usize,
        node: Option<NodeId>,
        expr: Expr,
        pattern: ResourcePattern,
    ) -> Self {
        Self {
            element,
            node,
            pattern,
            expr,
            form: None,
            presence: Presence::Always,
            conditional: false,
            target: None,
            refers: false,
            literal_partition: false,
        }
    }
}

/// An action of a statement.
#[derive(Debug, Clone)]
pub struct Row {
    /// The element of the list, `None` in a policy template.
    pub node: Option<NodeId>,
    /// The pattern.
    pub action: ActionPattern,
    /// Under which `Fn::If` branches inside the element it holds.
    pub presence: Presence,
}

impl Row {
    /// A row that is written without `Fn::If`.
    pub(super) fn always(node: Option<NodeId>, action: &str) -> Self {
        Self { node, action: ActionPattern::new(action), presence: Presence::Always }
    }
}

/// A resource of a statement, or a part of one.
#[derive(Debug, Clone)]
pub struct Column {
    /// Number of the element of the list that it is written as. An element that denotes several things (a prefix,
    /// an `Fn::If`) gives several columns.
    pub element: usize,
    /// The element, `None` in a policy template.
    pub node: Option<NodeId>,
    /// The pattern.
    pub pattern: ResourcePattern,
    /// The expression that denotes exactly this column.
    pub expr: Expr,
    /// The values that `expr` was made from, where it comes from a policy template: text and variables.
    pub form: Option<(String, Vec<(String, NodeId)>)>,
    /// Under which `Fn::If` branches inside the element it holds.
    pub presence: Presence,
    /// Whether the element holds an `Fn::If`.
    pub conditional: bool,
    /// The resource it denotes.
    pub target: Option<Target>,
    /// Whether it refers to that resource, instead of naming it by the same physical name.
    pub refers: bool,
    /// Whether a literal partition was read as the partition of the deployment.
    pub literal_partition: bool,
}

/// One action on one resource.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The grant.
    pub grant: Grant,
    /// Number of its unit.
    pub unit: usize,
    /// Number of its rectangle in the unit.
    pub rectangle: usize,
    /// Its row.
    pub row: usize,
    /// Its column.
    pub column: usize,
    /// Whether IAM can never match the pair.
    pub inert: bool,
}

/// All grants of all policies, of roles and of resources.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// The policies, in template order.
    pub units: Vec<Unit>,
    /// Their grants.
    pub cells: Vec<Cell>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
}

impl Ledger {
    /// Adds a policy that is there when `presence` holds, with its cells.
    pub(super) fn push(&mut self, resolver: &Resolver<'_>, mut unit: Unit, presence: &Presence) {
        let number = self.units.len();
        let template = resolver.template;
        let presence = presence.clone().and(template.all_of(&unit.conditions()));
        for (r, rectangle) in unit.rectangles.iter_mut().enumerate() {
            rectangle.first = self.cells.len();
            let within = rectangle.statement.iter().flat_map(|statement| &statement.within);
            let there =
                |name: &str| template.resource(name).map_or(Presence::Always, |r| template.presence(r));
            let presence = presence.clone().and(template.all_of(within));
            let presence = let_in(rectangle).map(there).fold(presence, Presence::and);
            for (row, action) in rectangle.actions.iter().enumerate() {
                for (column, resource) in rectangle.resources.iter().enumerate() {
                    let within = action.presence.clone().and(resource.presence.clone());
                    let mut presence = presence.clone().and(within);
                    if let Some(target) = resource.target.as_ref().filter(|_| resource.refers) {
                        // A reference to a resource that is not there fails the deployment, so the grant exists at most
                        // when the resource does.
                        presence = presence.and(template.presence(&template.resources()[target.resource]));
                    }
                    let grant = Grant {
                        principal: rectangle.grantee.clone().unwrap_or_else(|| unit.principal.clone()),
                        allow: rectangle.allow,
                        action: action.action.clone(),
                        resource: resource.pattern.clone(),
                        condition: rectangle.condition.clone(),
                        presence,
                    };
                    let inert = is_inert(resolver, &action.action, resource.target.as_ref());
                    self.cells.push(Cell { grant, unit: number, rectangle: r, row, column, inert });
                }
            }
        }
        self.units.push(unit);
    }

    /// Numbers of the units that hold some of these cells.
    pub fn units_with(&self, cells: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        cells.into_iter().map(|cell| self.cells[cell].unit).collect()
    }

    /// Numbers of all units that stand in the same value of `Policies` as this one. They are next to each other.
    pub fn beside(&self, unit: usize) -> Range<usize> {
        let policies = self.units[unit].policies;
        let same = |unit: &&Unit| unit.policies == policies;
        let before = self.units[..unit].iter().rev().take_while(same).count();
        let behind = self.units[unit..].iter().take_while(same).count();
        unit - before..unit + behind
    }

    /// The column of a cell.
    pub fn column(&self, cell: &Cell) -> &Column {
        &self.units[cell.unit].rectangles[cell.rectangle].resources[cell.column]
    }

    /// The rectangle of a cell.
    pub fn rectangle(&self, cell: &Cell) -> &Rectangle {
        &self.units[cell.unit].rectangles[cell.rectangle]
    }
}

/// The names of what a statement of a resource lets in, and of the source for which it does. They have to be there, as what the
/// statement is on has to be.
fn let_in(rectangle: &Rectangle) -> impl Iterator<Item = &str> {
    let source = match &rectangle.condition {
        Some(Condition::Source { arn, .. }) => arn.segments(),
        _ => &[],
    };
    let of_source = source.iter().filter_map(|segment| match segment {
        Segment::Token(token) => Some(token.name()),
        _ => None,
    });
    let of_grantee = rectangle.grantee.iter().flat_map(|grantee| sub_parts(grantee));
    let of_grantee = of_grantee.filter_map(|part| match part {
        SubPart::Name(name) => Some(name),
        _ => None,
    });
    of_source.chain(of_grantee).filter_map(|name| name.split('.').next())
}

/// Whether IAM can never match an action with what a pattern denotes: the service differs, or the action takes none of
/// the resource types. Decided only where the target is known and the action is listed with its types.
pub(super) fn is_inert(resolver: &Resolver<'_>, action: &ActionPattern, target: Option<&Target>) -> bool {
    let Some(target) = target else { return false };
    let resource = &resolver.template.resources()[target.resource];
    let Some(kind) = resolver.type_of(resource) else { return false };
    if !action.service().contains(['*', '?']) && action.service() != kind.service {
        return true;
    }
    let Some(kinds) = &target.kinds else { return false };
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    !action.is_open() && resolver.catalog.inert_reason(action.as_str(), &kinds).is_some()
}

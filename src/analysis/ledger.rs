//! Every permission that `Policies` grant, one cell per action, resource and policy, with the place it is written at.
//! Says why a cell cannot become part of a connector where the text itself is the reason; refuses to know connectors.

use super::resolve::{Resolver, Target};
use crate::iam::{ActionPattern, Grant, Presence, ResourcePattern};
use crate::syntax::NodeId;
use crate::template::{Expr, Statement};
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
    /// A policy that SAM refuses.
    Malformed,
    /// Policies that come in through a merge key.
    Shared,
}

/// Something in `Policies` that is no list of grants.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// Position of the resource that holds `Policies`.
    pub owner: usize,
    /// Whose permissions it would be.
    pub principal: Arc<str>,
    /// Where.
    pub node: NodeId,
    /// Why.
    pub obstacle: Obstacle,
    /// What exactly was seen.
    pub message: String,
}

/// One policy: a document or a policy template, possibly a branch of `Fn::If`.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Position of the resource that holds it.
    pub owner: usize,
    /// Whose permissions they are.
    pub principal: Arc<str>,
    /// The value of `Policies`.
    pub policies: NodeId,
    /// Position in the list of policies; `None` where `Policies` is this one value.
    pub slot: Option<usize>,
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
    /// The statement, `None` for those of a policy template.
    pub statement: Option<Statement>,
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
}

impl Rectangle {
    /// Whether the statement could not be read as grants. Its one cell then stands for the whole text, which is compared
    /// before and after and never converted.
    pub fn is_unreadable(&self) -> bool {
        matches!(self.obstacle, Some(Obstacle::Opaque | Obstacle::NotElement))
    }
}

/// An action of a statement.
#[derive(Debug, Clone)]
pub struct Row {
    /// The element of the list, `None` in a policy template.
    pub node: Option<NodeId>,
    /// The pattern.
    pub action: ActionPattern,
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

/// All grants of all `Policies`.
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
    /// The column of a cell.
    pub fn column(&self, cell: &Cell) -> &Column {
        &self.units[cell.unit].rectangles[cell.rectangle].resources[cell.column]
    }

    /// The rectangle of a cell.
    pub fn rectangle(&self, cell: &Cell) -> &Rectangle {
        &self.units[cell.unit].rectangles[cell.rectangle]
    }
}

/// Whether IAM can never match an action with what a pattern denotes: the service differs, or the action takes none of
/// the resource types. Decided only where the target is known and the action is listed with its types.
pub(super) fn is_inert(resolver: &Resolver<'_>, action: &ActionPattern, target: Option<&Target>) -> bool {
    let Some(target) = target else { return false };
    let resource = &resolver.template.resources()[target.resource];
    let Some(kind) = resolver.type_of(resource) else { return false };
    if action.service() != "*" && !action.service().contains(['*', '?']) && action.service() != kind.service {
        return true;
    }
    let Some(kinds) = &target.kinds else { return false };
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    !action.is_open() && resolver.catalog.inert_reason(action.as_str(), &kinds).is_some()
}

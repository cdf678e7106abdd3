//! Reads `Policies` into the ledger: documents, policy templates and `Fn::If`, each statement as a rectangle of actions and
//! resources. Which resource an expression denotes is asked of the resolver.

use super::ledger::{Cell, Column, Ledger, Obstacle, Rectangle, Row, Unit, Unreadable, is_inert};
use super::principal::{Principal, Role};
use super::resolve::{Denoted, Resolved, Resolver};
use crate::catalog::{BesideRole, StatementEffect as TemplateEffect, TemplateStatement};
use crate::iam::{ActionPattern, Grant, Presence, ResourcePattern};
use crate::syntax::NodeId;
use crate::template::{
    Expr, ListValue, Slot, SlotKind, Statement, StatementEffect, canonical, expression, parse_sub,
    policy_slots,
};
use std::sync::Arc;

/// Reads the policies of every principal.
pub(super) fn read(resolver: &Resolver<'_>, principals: &[Principal]) -> Ledger {
    let mut reader = Reader { resolver, ledger: Ledger::default() };
    for principal in principals {
        let Some(policies) = principal.policies else {
            reader.merged(principal);
            continue;
        };
        let policies = resolver.doc.resolve(policies);
        if principal.role != Role::Generated {
            reader.beside_role(principal, policies);
            continue;
        }
        for slot in policy_slots(resolver.doc, policies) {
            reader.slot(principal, policies, slot.index, &slot, &mut Vec::new());
        }
    }
    reader.ledger
}

struct Reader<'r, 'a> {
    resolver: &'r Resolver<'a>,
    ledger: Ledger,
}

impl Reader<'_, '_> {
    /// Policies that a merge key (`<<`) brings in are not of the resource's own text.
    fn merged(&mut self, principal: &Principal) {
        let doc = self.resolver.doc;
        let resource = &self.resolver.template.resources()[principal.owner];
        let form = self.resolver.type_of(resource).and_then(|kind| kind.principal.as_ref());
        let Some(property) = form.and_then(|form| form.policies.as_deref()) else { return };
        let Some(properties) = resource.properties.filter(|&node| doc.has_merge_key(node)) else { return };
        let Some(value) = doc.get(properties, "<<").map(|node| doc.resolve(node)) else { return };
        let sources: Vec<NodeId> = doc.items(value).chain([value]).map(|node| doc.resolve(node)).collect();
        if sources.iter().any(|&source| doc.get(source, property).is_some()) {
            let message = format!("`{property}` of `{}` comes in through a merge key", resource.id);
            self.unreadable(principal, properties, Obstacle::Shared, message);
        }
    }

    fn beside_role(&mut self, principal: &Principal, policies: NodeId) {
        if policy_slots(self.resolver.doc, policies).iter().all(|slot| matches!(slot.kind, SlotKind::Empty)) {
            return;
        }
        let resource = &self.resolver.template.resources()[principal.owner];
        let form = self.resolver.type_of(resource).and_then(|kind| kind.principal.as_ref());
        let message = match form.map(|form| form.policies_beside_role) {
            Some(BesideRole::Error) => format!("SAM refuses `{}`: it has a role and policies", resource.id),
            _ => format!("SAM ignores these policies, since `{}` has a role", resource.id),
        };
        self.unreadable(principal, policies, Obstacle::BesideRole, message);
    }

    fn unreadable(&mut self, principal: &Principal, node: NodeId, obstacle: Obstacle, message: String) {
        let principal_name = principal.name.clone();
        self.ledger.unreadable.push(Unreadable {
            owner: principal.owner,
            principal: principal_name,
            node,
            obstacle,
            message,
        });
    }

    fn slot(
        &mut self,
        principal: &Principal,
        policies: NodeId,
        index: Option<usize>,
        slot: &Slot,
        branches: &mut Vec<(String, bool)>,
    ) {
        match &slot.kind {
            SlotKind::Empty | SlotKind::Managed(_) => {}
            SlotKind::Malformed(message) => {
                self.unreadable(principal, slot.node, Obstacle::Malformed, message.clone());
            }
            SlotKind::If { condition, then, otherwise } => {
                for (branch, holds) in [(then, true), (otherwise, false)] {
                    branches.push((condition.clone(), holds));
                    self.slot(principal, policies, index, branch, branches);
                    branches.pop();
                }
            }
            SlotKind::Template { name, parameters } => {
                let rectangles = match self.resolver.catalog.template(name) {
                    None => {
                        let message = format!(
                            "`{name}` is no policy template of SAM, and a map without `Statement` is no policy document"
                        );
                        return self.unreadable(principal, slot.node, Obstacle::Malformed, message);
                    }
                    Some(template) => {
                        let missing = template
                            .parameters
                            .iter()
                            .find(|(p, _)| self.resolver.doc.get(*parameters, p).is_none());
                        if let Some((parameter, _)) = missing {
                            let message =
                                format!("policy template `{name}` lacks its parameter `{parameter}`");
                            return self.unreadable(principal, slot.node, Obstacle::Malformed, message);
                        }
                        template.statements.iter().map(|s| self.template_rectangle(s, *parameters)).collect()
                    }
                };
                self.unit(
                    principal,
                    policies,
                    index,
                    slot.node,
                    branches,
                    Some(name.clone()),
                    None,
                    rectangles,
                );
            }
            SlotKind::Document(document) => {
                let rectangles = document.statements.iter().map(|s| self.statement_rectangle(s)).collect();
                let place = Some((document.statement_node, document.list));
                self.unit(principal, policies, index, slot.node, branches, None, place, rectangles);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call per shape of policy, each with all of the place")]
    fn unit(
        &mut self,
        principal: &Principal,
        policies: NodeId,
        slot: Option<usize>,
        node: NodeId,
        branches: &[(String, bool)],
        template: Option<String>,
        statements: Option<(NodeId, bool)>,
        mut rectangles: Vec<Rectangle>,
    ) {
        let number = self.ledger.units.len();
        let mut presence = principal.presence.clone();
        for (condition, holds) in branches {
            presence = presence.and(branch(self.resolver.template.condition(condition), *holds));
        }
        for (r, rectangle) in rectangles.iter_mut().enumerate() {
            rectangle.first = self.ledger.cells.len();
            self.cells(principal, number, r, rectangle, &presence);
        }
        self.ledger.units.push(Unit {
            owner: principal.owner,
            principal: principal.name.clone(),
            policies,
            slot,
            branches: branches.to_vec(),
            node,
            template,
            statements,
            rectangles,
        });
    }

    fn cells(
        &mut self,
        principal: &Principal,
        unit: usize,
        number: usize,
        rectangle: &Rectangle,
        presence: &Presence,
    ) {
        let template = self.resolver.template;
        let mut presence = presence.clone();
        let mut allow = true;
        let mut condition: Option<Arc<str>> = None;
        if let Some(statement) = &rectangle.statement {
            for (name, holds) in &statement.within {
                presence = presence.and(branch(template.condition(name), *holds));
            }
            allow = statement.effect != StatementEffect::Deny;
            condition = statement.condition.map(|node| canonical(self.resolver.doc, node).into());
        }
        for (row, action) in rectangle.actions.iter().enumerate() {
            for (column, resource) in rectangle.resources.iter().enumerate() {
                let mut presence = presence.clone().and(resource.presence.clone());
                if let Some(target) = resource.target.as_ref().filter(|_| resource.refers) {
                    // A reference to a resource that is not there fails the deployment, so the grant exists at most
                    // when the resource does.
                    presence = presence.and(template.presence(&template.resources()[target.resource]));
                }
                let grant = Grant {
                    principal: principal.name.clone(),
                    allow,
                    action: action.action.clone(),
                    resource: resource.pattern.clone(),
                    condition: condition.clone(),
                    presence,
                };
                let inert = is_inert(self.resolver, &action.action, resource.target.as_ref());
                self.ledger.cells.push(Cell { grant, unit, rectangle: number, row, column, inert });
            }
        }
    }

    fn statement_rectangle(&self, statement: &Statement) -> Rectangle {
        let doc = self.resolver.doc;
        let opaque_rectangle = |obstacle| {
            // One cell whose texts equal nothing else: it is compared before and after, and never converted.
            let text = canonical(doc, statement.node);
            let token = crate::iam::Segment::Token(crate::iam::Token::opaque(format!("statement {text}")));
            Rectangle {
                statement: Some(statement.clone()),
                actions: vec![Row { node: None, action: ActionPattern::new("(statement)") }],
                resources: vec![Column {
                    element: 0,
                    node: None,
                    pattern: ResourcePattern::new(vec![token]),
                    expr: Expr::NoValue,
                    form: None,
                    presence: Presence::Always,
                    conditional: false,
                    target: None,
                    refers: false,
                    literal_partition: false,
                }],
                first: 0,
                obstacle: Some(obstacle),
            }
        };
        if statement.opaque {
            return opaque_rectangle(Obstacle::Opaque);
        }
        if !statement.not_elements.is_empty() {
            return opaque_rectangle(Obstacle::NotElement);
        }
        let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else {
            return opaque_rectangle(Obstacle::Opaque);
        };
        let Some(rows) = self.rows(actions) else { return opaque_rectangle(Obstacle::Opaque) };
        let resources = self.columns(resources);
        let obstacle = match statement.effect {
            StatementEffect::Deny => Some(Obstacle::Deny),
            StatementEffect::Unknown => return opaque_rectangle(Obstacle::Opaque),
            StatementEffect::Allow if statement.condition.is_some() => Some(Obstacle::IamCondition),
            StatementEffect::Allow if !statement.within.is_empty() => Some(Obstacle::ConditionalStatement),
            StatementEffect::Allow => None,
        };
        Rectangle { statement: Some(statement.clone()), actions: rows, resources, first: 0, obstacle }
    }

    /// The actions of a statement; `None` if one is an intrinsic.
    fn rows(&self, list: &ListValue) -> Option<Vec<Row>> {
        list.elements
            .iter()
            .map(|&node| match expression(self.resolver.doc, node) {
                Expr::Text(text) => Some(Row { node: Some(node), action: ActionPattern::new(text) }),
                _ => None,
            })
            .collect()
    }

    fn columns(&self, list: &ListValue) -> Vec<Column> {
        let mut out = Vec::new();
        for (element, &node) in list.elements.iter().enumerate() {
            let alternatives = self.resolver.alternatives(node);
            let conditional = !matches!(alternatives.as_slice(), [(Presence::Always, _)]);
            for (presence, expr) in alternatives {
                self.split(&expr, |expr, resolved| {
                    let Denoted { pattern, target, refers } = self.resolver.denote(&resolved);
                    out.push(Column {
                        element,
                        node: Some(node),
                        pattern,
                        expr,
                        form: None,
                        presence: presence.clone(),
                        conditional,
                        target,
                        refers,
                        literal_partition: resolved.literal_partition,
                    });
                });
            }
        }
        out
    }

    fn template_rectangle(&self, statement: &TemplateStatement, parameters: NodeId) -> Rectangle {
        let doc = self.resolver.doc;
        let actions = statement
            .actions
            .iter()
            .map(|a| Row { node: None, action: ActionPattern::new(a.as_str()) })
            .collect();
        let variables: Vec<(String, NodeId)> = statement
            .variables
            .iter()
            .filter_map(|(variable, parameter)| Some((variable.clone(), doc.get(parameters, parameter)?)))
            .collect();
        let mut resources = Vec::new();
        for (element, text) in statement.resources.iter().enumerate() {
            let whole = parse_sub(text, |name| {
                variables
                    .iter()
                    .find(|(variable, _)| variable == name)
                    .map(|(_, node)| expression(doc, *node))
            });
            self.split(&whole, |expr, resolved| {
                let form = (expr == whole).then(|| (text.clone(), variables.clone()));
                let Denoted { pattern, target, refers } = self.resolver.denote(&resolved);
                resources.push(Column {
                    element,
                    node: None,
                    pattern,
                    expr,
                    form,
                    presence: Presence::Always,
                    conditional: false,
                    target,
                    refers,
                    literal_partition: resolved.literal_partition,
                });
            });
        }
        // Conditions and denials of policy templates concern services without connectors; they are never converted.
        let obstacle = match (&statement.condition, statement.effect) {
            (Some(_), _) => Some(Obstacle::IamCondition),
            (None, TemplateEffect::Deny) => Some(Obstacle::Deny),
            (None, TemplateEffect::Allow) => None,
        };
        Rectangle { statement: None, actions, resources, first: 0, obstacle }
    }

    /// Gives the parts of a resource expression. A prefix `name*` of a resource whose type has qualifiers is the resource
    /// itself plus its qualifiers, plus (only where the name is chosen and so may begin another name) longer names.
    fn split(&self, expr: &Expr, mut give: impl FnMut(Expr, Resolved)) {
        let resolver = self.resolver;
        let parts = without_final_star(expr).and_then(|base| {
            let target = resolver
                .target(&resolver.resolve(&base).deployed)
                .filter(|target| target.scope.is_empty())?;
            let resource = &resolver.template.resources()[target.resource];
            let qualifier = resolver.type_of(resource)?.prefix_is_qualifier.clone()?;
            let mut suffixes = vec![String::new(), qualifier];
            if resolver.has_explicit_name(resource) {
                suffixes.push("?*".into());
            }
            Some((base, suffixes))
        });
        match parts {
            None => give(expr.clone(), resolver.resolve(expr)),
            Some((base, suffixes)) => {
                for suffix in suffixes {
                    let part = with_suffix(&base, &suffix);
                    let resolved = resolver.resolve(&part);
                    give(part, resolved);
                }
            }
        }
    }
}

fn branch(condition: Presence, holds: bool) -> Presence {
    if holds { condition } else { condition.negated() }
}

/// The expression without the `*` that it ends in.
fn without_final_star(expr: &Expr) -> Option<Expr> {
    let Expr::Concat(parts) = expr else { return None };
    let (Expr::Text(last), head) = parts.split_last()? else { return None };
    let mut parts = head.to_vec();
    let text = last.strip_suffix('*')?;
    if !text.is_empty() {
        parts.push(Expr::Text(text.to_owned()));
    }
    Some(if parts.len() == 1 { parts.remove(0) } else { Expr::Concat(parts) })
}

fn with_suffix(base: &Expr, suffix: &str) -> Expr {
    if suffix.is_empty() {
        return base.clone();
    }
    let mut parts = match base {
        Expr::Concat(parts) => parts.clone(),
        single => vec![single.clone()],
    };
    match parts.last_mut() {
        Some(Expr::Text(text)) => text.push_str(suffix),
        _ => parts.push(Expr::Text(suffix.to_owned())),
    }
    Expr::Concat(parts)
}

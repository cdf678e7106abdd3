//! A statement as a rectangle of actions × resources: what each list member denotes, and why a statement cannot be replaced.
//! Which resource an expression denotes is asked of the resolver; refuses to know where the statement stands.

use super::ledger::{Column, Obstacle, Rectangle, Row};
use super::resolve::{Denoted, Resolved, Resolver};
use crate::catalog::{StatementEffect as TemplateEffect, TemplateStatement};
use crate::iam::{Condition, Presence, ResourcePattern, Segment, Token};
use crate::syntax::NodeId;
use crate::template::{
    Expr, ListValue, Statement, StatementEffect, call, canonical, expression, is_sequence, parse_sub,
};

/// Reads statements of one template.
pub(super) struct Statements<'r, 'a> {
    /// What expressions denote.
    pub(super) resolver: &'r Resolver<'a>,
}

impl Statements<'_, '_> {
    /// The rectangle of a statement of an identity policy.
    pub(super) fn identity(&self, statement: &Statement) -> Rectangle {
        if statement.opaque {
            return self.unreadable(statement, Obstacle::Opaque);
        }
        if !statement.not_elements.is_empty() {
            return self.unreadable(statement, Obstacle::NotElement);
        }
        let mut rectangle = self.granted(statement);
        if rectangle.obstacle.is_none() {
            rectangle.obstacle = match statement.effect {
                StatementEffect::Deny => Some(Obstacle::Deny),
                _ if statement.condition.is_some() => Some(Obstacle::IamCondition),
                _ if !statement.within.is_empty() || rectangle.has_conditional_action() => {
                    Some(Obstacle::ConditionalStatement)
                }
                _ => None,
            };
        }
        rectangle
    }

    /// What a statement grants or denies, whoever holds it; no obstacle but that it cannot be read.
    pub(super) fn granted(&self, statement: &Statement) -> Rectangle {
        let unreadable = || self.unreadable(statement, Obstacle::Opaque);
        let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else {
            return unreadable();
        };
        if statement.literal_variables {
            return unreadable();
        }
        // IAM takes no list in a list, and where only that stays it would become the list itself.
        let doc = self.resolver.doc;
        let nested = |&node: &NodeId| is_sequence(doc, doc.resolve(node)) && call(doc, node).is_none();
        if resources.elements.iter().any(nested) {
            return unreadable();
        }
        let Some(actions) = self.rows(actions) else { return unreadable() };
        let allow = match statement.effect {
            StatementEffect::Allow => true,
            StatementEffect::Deny => false,
            StatementEffect::Unknown => return unreadable(),
        };
        Rectangle {
            statement: Some(statement.clone()),
            allow,
            grantee: None,
            condition: statement.condition.map(|node| Condition::Opaque(canonical(doc, node).into())),
            actions,
            resources: self.columns(resources),
            first: 0,
            obstacle: None,
        }
    }

    /// One cell whose texts equal nothing else: it is compared before and after, and never converted.
    pub(super) fn unreadable(&self, statement: &Statement, obstacle: Obstacle) -> Rectangle {
        let text = canonical(self.resolver.doc, statement.node);
        let how = if statement.literal_variables { "literal statement" } else { "statement" };
        let token = Segment::Token(Token::opaque(format!("{how} {text}")));
        Rectangle {
            statement: Some(statement.clone()),
            allow: statement.effect != StatementEffect::Deny,
            grantee: None,
            condition: None,
            actions: vec![Row::always(None, "(statement)")],
            resources: vec![Column::unresolved(0, None, Expr::NoValue, ResourcePattern::new(vec![token]))],
            first: 0,
            obstacle: Some(obstacle),
        }
    }

    /// The actions of a statement; `None` if one is an intrinsic other than `Fn::If`.
    fn rows(&self, list: &ListValue) -> Option<Vec<Row>> {
        let mut rows = Vec::with_capacity(list.elements.len());
        for &node in &list.elements {
            if let Expr::Text(text) = expression(self.resolver.doc, node) {
                rows.push(Row::always(Some(node), &text));
                continue;
            }
            for (presence, expr) in self.resolver.alternatives(node) {
                let Expr::Text(text) = expr else { return None };
                rows.push(Row { presence, ..Row::always(Some(node), &text) });
            }
        }
        Some(rows)
    }

    /// What the members of `Resource` denote.
    pub(super) fn columns(&self, list: &ListValue) -> Vec<Column> {
        let mut out = Vec::new();
        for (element, &node) in list.elements.iter().enumerate() {
            let alternatives = self.resolver.alternatives(node);
            let conditional = !matches!(alternatives.as_slice(), [(Presence::Always, _)]);
            for (presence, expr) in alternatives {
                self.split(&expr, |expr, resolved| {
                    let column = self.column(element, Some(node), expr, &resolved);
                    out.push(Column { presence: presence.clone(), conditional, ..column });
                });
            }
        }
        out
    }

    fn column(&self, element: usize, node: Option<NodeId>, expr: Expr, resolved: &Resolved) -> Column {
        let Denoted { pattern, target, refers } = self.resolver.denote(resolved);
        let literal_partition = resolved.literal_partition;
        Column { target, refers, literal_partition, ..Column::unresolved(element, node, expr, pattern) }
    }

    /// The rectangle of a statement of a policy template.
    pub(super) fn template(&self, statement: &TemplateStatement, parameters: NodeId) -> Rectangle {
        let doc = self.resolver.doc;
        let actions = statement.actions.iter().map(|action| Row::always(None, action)).collect();
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
                resources.push(Column { form, ..self.column(element, None, expr, &resolved) });
            });
        }
        // Conditions and denials of policy templates concern services without connectors; they are never converted.
        let obstacle = match (&statement.condition, statement.effect) {
            (Some(_), _) => Some(Obstacle::IamCondition),
            (None, TemplateEffect::Deny) => Some(Obstacle::Deny),
            (None, TemplateEffect::Allow) => None,
        };
        Rectangle {
            statement: None,
            allow: statement.effect == TemplateEffect::Allow,
            grantee: None,
            condition: statement.condition.as_ref().map(|text| Condition::Opaque(text.to_string().into())),
            actions,
            resources,
            first: 0,
            obstacle,
        }
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

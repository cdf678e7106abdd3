//! Where a grant leads: to a resource of the template, to something outside that its expression spells, or to the resources
//! that a principal refers to although its policy says `*`. Knows patterns and types; refuses to know who holds the grant.

use super::options::Options;
use super::pair;
use super::reason::Reason;
use super::spell::copied;
use crate::analysis::{Analysis, Cell, Column, End, External, Resolver};
use crate::catalog::{GrantKind, Holder, ResourceType};
use crate::iam::{ResourcePattern, Segment, Token};
use crate::syntax::{Document, Fragment, NodeId};
use crate::template::{Expr, Merged, canonical, comes_to_text, expression, references};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a connector leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Far {
    /// A resource of the template, by its position.
    Resource(usize),
    /// Something that is spelled out: CloudFormation type and ARN.
    External(String, String),
    /// The resources that a principal refers to, by their positions.
    Inferred(Vec<usize>),
}

/// How the ends of an external connector are written.
#[derive(Debug, Clone)]
pub(super) struct Spelled {
    /// The end, for its grants.
    pub(super) end: Arc<External>,
    /// Value of `Arn`.
    pub(super) arn: Value,
    /// Value of `Name`.
    pub(super) name: Option<Value>,
}

/// A value to be written.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// As it is written elsewhere.
    Node(NodeId),
    /// By an expression.
    Expr(Expr),
    /// `Fn::Sub` text and its variables.
    Sub(String, Vec<(String, NodeId)>),
    /// A part, counted between colons from 0, of an ARN that is written elsewhere.
    Part(NodeId, usize),
}

/// Where a grant leads, and how that is spelled if it is no resource of the template.
#[derive(Debug, Clone)]
pub(super) struct Lead {
    /// Where.
    pub(super) far: Far,
    /// How it is spelled.
    pub(super) spelled: Option<Spelled>,
}

impl Far {
    /// The ends of connectors that lead there.
    pub(super) fn ends(&self, spelled: Option<&Spelled>) -> Vec<End<'static>> {
        match self {
            Self::Resource(position) => vec![End::resource(*position)],
            Self::External(..) => spelled.map(|s| End::External(s.end.clone())).into_iter().collect(),
            Self::Inferred(positions) => positions.iter().map(|&position| End::resource(position)).collect(),
        }
    }

    /// The resources of the template that a reference to it refers to.
    pub(super) fn needs(&self, spelled: Option<&Spelled>) -> Vec<usize> {
        match self {
            Self::Resource(position) => vec![*position],
            Self::External(..) => spelled.map(|s| s.end.needs.clone()).unwrap_or_default(),
            Self::Inferred(positions) => positions.clone(),
        }
    }

    /// The resource type as a connector takes it.
    pub(super) fn type_name<'r>(&'r self, resolver: &'r Resolver<'_>) -> &'r str {
        let of = |position: usize| resolver.template.resources()[position].type_name.as_str();
        match self {
            Self::Resource(position) => of(*position),
            Self::External(type_name, _) => type_name,
            Self::Inferred(positions) => positions.first().map_or("", |&position| of(position)),
        }
    }
}

/// Where a grant with an action of `service` leads, or why nowhere.
pub(super) fn lead(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    options: &Options,
    cell: &Cell,
) -> Result<Lead, Reason> {
    let column = analysis.ledger.column(cell);
    let service = cell.grant.action.service();
    if let Some(target) = &column.target
        && !(target.qualifier && options.external && !given_by_id(resolver, analysis, cell, target.resource))
    {
        return Ok(Lead { far: Far::Resource(target.resource), spelled: None });
    }
    if column.target.is_none() && is_wildcard(resolver, service, &column.pattern) {
        if options.infer_destinations && column.pattern.is_everything() && !cell.grant.action.is_open() {
            let used = used(resolver, analysis, cell);
            // One connector to several is there when all of them are.
            let when = |position: usize| resolver.template.presence(&resolver.template.resources()[position]);
            let together = used.windows(2).all(|pair| when(pair[0]) == when(pair[1]));
            if !used.is_empty() && together {
                return Ok(Lead { far: Far::Inferred(used), spelled: None });
            }
        }
        return Err(Reason::WildcardResource);
    }
    // A choice between resources inside of a name is told as such: around the policy it would be a condition.
    let unresolved = match chooses(&column.expr) {
        true => Reason::ConditionalStatement,
        false => Reason::UnresolvedResource,
    };
    if !options.external {
        return Err(unresolved);
    }
    let spelled = external(resolver, service, column).ok_or(unresolved)?;
    let far = Far::External(spelled.end.type_name.clone(), spelled.end.arn.to_string());
    Ok(Lead { far, spelled: Some(spelled) })
}

/// Whether a connector by the logical id of a function gives what is granted on its versions, as one from a data source does.
fn given_by_id(resolver: &Resolver<'_>, analysis: &Analysis, cell: &Cell, function: usize) -> bool {
    let far = Far::Resource(function);
    let actors = analysis.actors_of(&cell.grant.principal).filter(|actor| actor.by_id);
    let mut pairs =
        actors.filter_map(|actor| pair::forward(resolver, analysis, actor.resource, (&far, None)));
    pairs.any(|pair| pair.covers(&far, &cell.grant))
}

/// The resources of the template that the actors of a principal refer to where they name what they use, as far as a
/// connector to them gives the action.
pub(super) fn used(resolver: &Resolver<'_>, analysis: &Analysis, cell: &Cell) -> Vec<usize> {
    let template = resolver.template;
    let mut out: Vec<usize> = Vec::new();
    for actor in analysis.actors_of(&cell.grant.principal).filter(|actor| actor.by_id) {
        let from = &template.resources()[actor.resource];
        for position in uses(resolver, actor.resource) {
            let to = &template.resources()[position];
            let profile = resolver.catalog.profile(&from.type_name, &to.type_name);
            let profile = profile.filter(|profile| profile.holder == Holder::Source);
            let gives = profile.is_some_and(|profile| {
                let mut actions =
                    profile.permissions.iter().flat_map(|(_, forms)| forms).flat_map(|f| &f.actions);
                actions.any(|action| action.eq_ignore_ascii_case(cell.grant.action.as_str()))
            });
            if gives && !out.contains(&position) {
                out.push(position);
            }
        }
    }
    out.sort_unstable();
    let first = out.first().map(|&position| template.resources()[position].type_name.clone());
    out.retain(|&position| Some(&template.resources()[position].type_name) == first.as_ref());
    out
}

/// The resources that a resource refers to in the properties where its type names what it uses.
pub(super) fn uses(resolver: &Resolver<'_>, position: usize) -> BTreeSet<usize> {
    let (doc, resource) = (resolver.doc, &resolver.template.resources()[position]);
    let form = resolver.type_of(resource).and_then(|kind| kind.principal.as_ref());
    form.into_iter()
        .flat_map(|form| &form.uses)
        .filter_map(|name| resolver.template.merged(doc, resource, name))
        .flat_map(Merged::nodes)
        .flat_map(|node| references(doc, node))
        .filter_map(|id| resolver.template.position(&id))
        .collect()
}

/// The ARN outside of the template that a column spells, without what follows the resource's own ARN.
fn external(resolver: &Resolver<'_>, service: &str, column: &Column) -> Option<Spelled> {
    let (doc, template) = (resolver.doc, resolver.template);
    let kind = destination_type(resolver, service)?;
    let mut mentioned = mentioned(&column.expr);
    if let (Expr::Opaque(_), Some(node)) = (&column.expr, column.node) {
        mentioned.extend(references(doc, node));
    }
    for id in &mentioned {
        // What a resource of the template returns that is no ARN of it makes no ARN here either.
        let Some(resource) = template.resource(id.split('.').next().unwrap_or(id)) else { continue };
        let qualified = column.target.as_ref().is_some_and(|target| target.qualifier);
        let published = resolver.type_of(resource).is_none_or(|known| {
            id.split_once('.').is_some_and(|(_, suffix)| known.suffix_refs.contains_key(suffix))
        });
        if !qualified && !published {
            return None;
        }
    }
    let scope = kind
        .scopes
        .iter()
        .filter_map(|(scope, _)| scope.strip_suffix('*'))
        .filter(|scope| scope.starts_with('/'))
        .find(|scope| last_text(&column.expr).is_some_and(|text| text.contains(scope)));
    let (expr, arn) = match scope {
        None => {
            let whole = column.node.filter(|&node| expression(doc, node) == column.expr);
            // A copy takes the comments inside along, and they also go with what is taken away.
            if whole.is_some_and(|node| !doc.comments_within(doc.full_span(node)).is_empty()) {
                return None;
            }
            if whole.is_some_and(|node| !comes_to_text(doc, node)) {
                return None;
            }
            let value = whole.map_or_else(|| sub_of(column, None), |node| Some(Value::Node(node)))?;
            (column.expr.clone(), value)
        }
        Some(scope) => {
            let expr = without(&column.expr, scope)?;
            let value = match &column.form {
                Some(_) => sub_of(column, Some(scope))?,
                None => Value::Expr(expr.clone()),
            };
            (expr, value)
        }
    };
    let pattern = resolver.resolve(&expr).pattern;
    if pattern.is_open() && !column.target.as_ref().is_some_and(|target| target.qualifier) {
        return None;
    }
    // An ARN inside of an ARN, as a policy template makes of one where it takes a name, is the ARN of nothing.
    if pattern.to_string().matches("arn:").count() > 1 {
        return None;
    }
    let name = match kind.connector.contains_key("Name") {
        true => Some(name_of(resolver, kind, &expr, &arn)?),
        false => None,
    };
    let needs: BTreeSet<usize> =
        mentioned.iter().filter_map(|id| template.position(id.split('.').next().unwrap_or(id))).collect();
    let (name, name_pattern) = name.unzip();
    let end = External {
        type_name: kind.canonical.clone(),
        arn: pattern,
        name: name_pattern,
        needs: needs.into_iter().collect(),
    };
    Some(Spelled { end: Arc::new(end), arn, name })
}

/// The type that connectors lead to for a service.
fn destination_type<'c>(resolver: &Resolver<'c>, service: &str) -> Option<&'c ResourceType> {
    resolver
        .catalog
        .profiles()
        .filter(|profile| profile.kind == GrantKind::ManagedPolicy && profile.holder == Holder::Source)
        .filter_map(|profile| resolver.catalog.resource_type(&profile.destination))
        .find(|kind| kind.service == service)
}

/// The name in an ARN: what follows the form of the type's ARN, or the last part of an ARN that is known only later.
fn name_of(
    resolver: &Resolver<'_>,
    kind: &ResourceType,
    expr: &Expr,
    arn: &Value,
) -> Option<(Value, ResourcePattern)> {
    let form = kind.arn.as_deref()?;
    let before = form.strip_suffix("${Name}")?.rsplit('}').next()?;
    let parts = match expr {
        Expr::Concat(parts) => parts.as_slice(),
        single => std::slice::from_ref(single),
    };
    let behind = parts.iter().enumerate().find_map(|(at, part)| match part {
        Expr::Text(text) => text.split_once(before).map(|(_, rest)| (at, rest)),
        _ => None,
    });
    if let Some((at, rest)) = behind {
        let mut name: Vec<Expr> = Vec::new();
        if !rest.is_empty() {
            name.push(Expr::Text(rest.to_owned()));
        }
        name.extend(parts[at + 1..].iter().cloned());
        let name = if name.len() == 1 { name.remove(0) } else { Expr::Concat(name) };
        let pattern = resolver.resolve(&name).pattern;
        return Some((Value::Expr(name), pattern));
    }
    let Value::Node(node) = arn else { return None };
    let position = colons(form);
    let text = format!("Fn::Select([{position}, Fn::Split([:, {}])])", canonical(resolver.doc, *node));
    Some((Value::Part(*node, position), ResourcePattern::new(vec![Segment::Token(Token::opaque(text))])))
}

impl Value {
    /// The text to write.
    pub(super) fn fragment(&self, doc: &Document) -> Option<Fragment> {
        Some(match self {
            Self::Node(node) => copied(doc, *node),
            Self::Expr(expr) => super::spell::expression(expr)?,
            Self::Sub(text, variables) => {
                let values = variables.iter().map(|(name, node)| (name.clone(), copied(doc, *node)));
                Fragment::intrinsic(
                    "Sub",
                    Fragment::list([Fragment::scalar(text.as_str()), Fragment::map(values)]),
                )
            }
            Self::Part(node, position) => {
                let parts = Fragment::list([Fragment::scalar(":"), copied(doc, *node)]);
                let split = Fragment::intrinsic("Split", parts);
                Fragment::intrinsic("Select", Fragment::list([Fragment::scalar(position.to_string()), split]))
            }
        })
    }
}

/// A policy template's resource as `Fn::Sub`, without a scope.
fn sub_of(column: &Column, scope: Option<&str>) -> Option<Value> {
    let bare =
        |text: &str| scope.and_then(|scope| text.split_once(scope)).map_or(text, |(head, _)| head).to_owned();
    match &column.form {
        Some((text, variables)) => {
            let expr = match scope {
                Some(scope) => without(&column.expr, scope)?,
                None => column.expr.clone(),
            };
            Some(match super::spell::expression(&expr) {
                Some(_) => Value::Expr(expr),
                None => Value::Sub(bare(text), variables.clone()),
            })
        }
        None => Some(Value::Expr(column.expr.clone())),
    }
}

fn last_text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Text(text) => Some(text),
        Expr::Concat(parts) => parts.iter().rev().find_map(|part| match part {
            Expr::Text(text) => Some(text.as_str()),
            _ => None,
        }),
        _ => None,
    }
}

/// An expression up to the text `scope` in its last text.
fn without(expr: &Expr, scope: &str) -> Option<Expr> {
    let parts = match expr {
        Expr::Concat(parts) => parts.as_slice(),
        single => std::slice::from_ref(single),
    };
    let at = parts.iter().rposition(|part| matches!(part, Expr::Text(text) if text.contains(scope)))?;
    let mut out = parts[..at].to_vec();
    if let Expr::Text(text) = &parts[at]
        && let Some((head, _)) = text.split_once(scope)
        && !head.is_empty()
    {
        out.push(Expr::Text(head.to_owned()));
    }
    match out.len() {
        0 => None,
        1 => out.pop(),
        _ => Some(Expr::Concat(out)),
    }
}

/// Whether an expression depends on a condition.
fn chooses(expr: &Expr) -> bool {
    match expr {
        Expr::If { .. } => true,
        Expr::Concat(parts) => parts.iter().any(chooses),
        _ => false,
    }
}

/// The names that an expression refers to, with attributes.
fn mentioned(expr: &Expr) -> Vec<String> {
    match expr {
        Expr::Ref(name) => vec![name.clone()],
        Expr::Attribute(id, name) => vec![format!("{id}.{name}")],
        Expr::Concat(parts) => parts.iter().flat_map(mentioned).collect(),
        Expr::If { then, otherwise, .. } => {
            [then, otherwise].into_iter().flat_map(|e| mentioned(e)).collect()
        }
        Expr::Text(_) | Expr::NoValue | Expr::Opaque(_) => Vec::new(),
    }
}

/// Whether a pattern without a target matches more than one resource: it has a wildcard that is not merely the scope
/// (`/index/*`, `/*`) behind the ARN of one resource.
fn is_wildcard(resolver: &Resolver<'_>, service: &str, pattern: &ResourcePattern) -> bool {
    if !pattern.is_open() {
        return false;
    }
    let text = pattern.to_string();
    let bare = resolver.catalog.resource_types().filter(|kind| kind.service == service).flat_map(|kind| {
        // What is left without the scope must still be long enough to be the ARN of a resource.
        let depth = kind.arn.as_deref().map_or(0, colons);
        let scopes = kind.scopes.iter().filter_map(|(scope, _)| text.strip_suffix(scope.as_str()));
        scopes.filter(move |bare| colons(bare) >= depth || !bare.starts_with("arn:")).collect::<Vec<_>>()
    });
    bare.chain([text.as_str()]).all(|text| text.contains(['*', '?']) || text.ends_with(['/', ':']))
}

/// The colons of an ARN, apart from those in the names of references.
fn colons(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut count = 0;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => count += 1,
            _ => {}
        }
    }
    count
}

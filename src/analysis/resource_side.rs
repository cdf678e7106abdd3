//! Reads grants that stand on the other side: permissions of functions, policies of queues and topics. They allow a service
//! to act on behalf of a resource; which resource that is, is found here too. Refuses to know what replaces them.

use super::ledger::{Column, Ledger, Obstacle, Origin, Rectangle, Row, Unit, Unreadable};
use super::rectangle::Statements;
use super::resolve::{Denoted, Resolved, Resolver};
use crate::catalog::{Bearing, GrantKind, Meaning, Profile};
use crate::iam::{Condition, Grant, Presence, ResourcePattern};
use crate::syntax::NodeId;
use crate::template::{
    Expr, Resource, SlotKind, Statement, call, canonical, expression, is_mapping, is_sequence,
    policy_document,
};
use std::sync::Arc;

/// The account of the stack.
const ACCOUNT: &str = "AWS::AccountId";

/// What every service principal contains.
const SERVICE_DOMAIN: &str = ".amazonaws.com";

/// Reads the resource-side grants of every resource.
pub(super) fn read(resolver: &Resolver<'_>, ledger: &mut Ledger) {
    let reader = Reader { resolver, statements: Statements { resolver } };
    for (position, resource) in resolver.template.resources().iter().enumerate() {
        match resolver.type_of(resource).and_then(|kind| kind.bears.as_ref()) {
            Some(bearing @ Bearing::LambdaPermission { .. }) => {
                if let Some(unit) = reader.permission(position, resource, bearing) {
                    ledger.push(resolver, unit, &Presence::Always);
                }
            }
            Some(Bearing::ResourcePolicy { document, on, names_by }) => {
                reader.policy(position, resource, (document, on, names_by), ledger);
            }
            _ => {}
        }
    }
}

/// The resource of the template that a resource-side grant lets in, with the profile that says the same.
#[derive(Debug, Clone)]
pub struct LetIn<'c> {
    /// The profile.
    pub profile: &'c Arc<Profile>,
    /// Position of the source.
    pub source: usize,
    /// The part of an API behind which calls may come, as `Fn::Sub` text; `None` where the profile knows no such part.
    pub qualifier: Option<String>,
}

/// Finds what a grant to a service on a resource of the template lets in.
pub fn let_in<'c>(resolver: &Resolver<'c>, grant: &Grant, destination: usize) -> Option<LetIn<'c>> {
    let Some(Condition::Source { arn, .. }) = &grant.condition else { return None };
    let resources = resolver.template.resources();
    let to = &resources[destination].type_name;
    for (source, resource) in resources.iter().enumerate() {
        let Some(profile) = resolver.catalog.profile(&resource.type_name, to) else { continue };
        let Some(side) = profile.resource_side.as_ref().filter(|side| side.principal == *grant.principal)
        else {
            continue;
        };
        let value = |property: &str| super::connectors::value_by_id(resolver, source, property);
        let fill = |text: &str| resolver.fill(text, |name| name.strip_prefix("Source.").map(&value));
        match side.source_arn.split_once("${Source.Qualifier}") {
            None if fill(&side.source_arn) == *arn => {
                return Some(LetIn { profile, source, qualifier: None });
            }
            None => {}
            Some((head, tail)) => {
                let behind = arn.suffix_behind(&fill(head));
                if let Some(qualifier) = behind.as_deref().and_then(|text| text.strip_suffix(tail)) {
                    return Some(LetIn { profile, source, qualifier: Some(qualifier.to_owned()) });
                }
            }
        }
    }
    None
}

struct Reader<'r, 'a> {
    resolver: &'r Resolver<'a>,
    statements: Statements<'r, 'a>,
}

impl Reader<'_, '_> {
    fn permission(&self, position: usize, resource: &Resource, bearing: &Bearing) -> Option<Unit> {
        let Bearing::LambdaPermission { action, function, principal, source_arn, source_account } = bearing
        else {
            return None;
        };
        let doc = self.resolver.doc;
        let properties = resource.properties?;
        let property = |name: &str| doc.get(properties, name).map(|node| doc.resolve(node));
        let known = [action, function, principal, source_arn, source_account];
        let mut others = doc.pairs(properties).filter(|(name, ..)| known.iter().all(|own| own != name));
        let grantee = property(principal).map(|node| self.text(node)).unwrap_or_default();
        let source = property(source_arn);
        let account = property(source_account);
        let whole = || Some(Condition::Opaque(canonical(doc, properties).into()));
        let (condition, obstacle) = match source {
            _ if others.next().is_some() => (whole(), Some(Obstacle::IamCondition)),
            None => {
                let text = account.map(|node| canonical(doc, node));
                (text.map(|text| Condition::Opaque(text.into())), Some(Obstacle::NoSource))
            }
            Some(_) if account.is_some_and(|node| !self.is_own_account(node)) => {
                (whole(), Some(Obstacle::IamCondition))
            }
            Some(node) => (Some(self.source(node, account.is_some())), None),
        };
        let obstacle = match obstacle {
            Some(Obstacle::NoSource) | None if !grantee.contains(SERVICE_DOMAIN) => Some(Obstacle::NoService),
            obstacle => obstacle,
        };
        let literal =
            source.is_some_and(|node| self.resolver.resolve(&expression(doc, node)).literal_partition);
        let mut column = self.function(property(function)?);
        column.literal_partition |= literal;
        let rectangle = Rectangle {
            statement: None,
            allow: true,
            grantee: Some(grantee.as_str().into()),
            condition,
            actions: vec![Row::always(None, &self.text(property(action)?))],
            resources: vec![column],
            first: 0,
            obstacle,
        };
        Some(unit(position, resource, grantee.as_str().into(), vec![rectangle]))
    }

    /// The function of a permission, which may be given by name or by ARN.
    fn function(&self, node: NodeId) -> Column {
        let resolver = self.resolver;
        let expr = expression(resolver.doc, node);
        let resolved = resolver.resolve(&expr);
        let by_arn = resolver.denote(&resolved);
        let form = resolver
            .catalog
            .profiles()
            .find(|profile| profile.kind == GrantKind::LambdaPermission)
            .and_then(|profile| resolver.catalog.resource_type(&profile.destination)?.arn.as_deref());
        let Denoted { pattern, target, refers } = match (&by_arn.target, form) {
            (None, Some(form)) => {
                let name = || resolved.pattern.segments().to_vec();
                let whole = resolver.fill(form, |n| (n == "Name").then(name));
                let whole = Resolved { pattern: whole.clone(), deployed: whole, literal_partition: false };
                let by_name = resolver.denote(&whole);
                if by_name.target.is_some() { by_name } else { by_arn }
            }
            _ => by_arn,
        };
        Column {
            target,
            refers,
            literal_partition: resolved.literal_partition,
            ..Column::unresolved(0, Some(node), expr, pattern)
        }
    }

    fn policy(
        &self,
        position: usize,
        resource: &Resource,
        (document, on, names_by): (&str, &str, &Meaning),
        ledger: &mut Ledger,
    ) {
        let doc = self.resolver.doc;
        let property =
            |name: &str| resource.properties.and_then(|p| doc.get(p, name)).map(|n| doc.resolve(n));
        let Some(node) = property(document) else { return };
        let SlotKind::Document(found) = policy_document(doc, node) else {
            ledger.unreadable.push(Unreadable {
                bearer: position,
                principal: resource.id.as_str().into(),
                node,
                presence: self.resolver.template.presence(resource),
                obstacle: Obstacle::Opaque,
                message: "the document is not written out as one".to_owned(),
            });
            return;
        };
        let rectangles: Vec<Rectangle> = found.statements.iter().map(|s| self.statement(s)).collect();
        let grantee = rectangles.iter().find_map(|r| r.grantee.clone()).unwrap_or_else(|| "*".into());
        let mut unit = unit(position, resource, grantee, rectangles);
        unit.statements = Some((found.statement_node, found.list));
        if self.only_holder(property(on), names_by).is_none() {
            unit.obstacle = Some(Obstacle::SeveralHolders);
        }
        ledger.push(self.resolver, unit, &Presence::Always);
    }

    /// The one resource of the template that a resource policy is attached to.
    fn only_holder(&self, list: Option<NodeId>, names_by: &Meaning) -> Option<usize> {
        let (doc, template) = (self.resolver.doc, self.resolver.template);
        let list = list.filter(|&node| is_sequence(doc, node) && call(doc, node).is_none())?;
        let mut items = doc.items(list);
        let (only, None) = (items.next()?, items.next()) else { return None };
        let (id, attribute) = match expression(doc, only) {
            Expr::Ref(id) => (id, None),
            Expr::Attribute(id, attribute) => (id, Some(attribute)),
            _ => return None,
        };
        let position = template.position(&id)?;
        let kind = self.resolver.type_of(&template.resources()[position])?;
        let meaning = match &attribute {
            None => Some(&kind.reference),
            Some(attribute) => kind.attributes.get(attribute),
        };
        (meaning == Some(names_by)).then_some(position)
    }

    fn statement(&self, statement: &Statement) -> Rectangle {
        if statement.opaque {
            return self.statements.unreadable(statement, Obstacle::Opaque);
        }
        if statement.not_elements != ["Principal"] {
            return self.statements.unreadable(statement, Obstacle::NotElement);
        }
        let service = statement.principal.and_then(|node| self.service(node));
        let Some(service) = service else {
            return self.statements.unreadable(statement, Obstacle::NoService);
        };
        let mut rectangle = self.statements.granted(statement);
        rectangle.grantee = Some(service.as_str().into());
        if rectangle.obstacle.is_some() {
            return rectangle;
        }
        let from = statement.condition.and_then(|node| self.from(node));
        rectangle.obstacle = match (statement.condition, &from) {
            _ if !rectangle.allow => Some(Obstacle::Deny),
            (None, _) => Some(Obstacle::NoSource),
            (Some(_), None) => Some(Obstacle::IamCondition),
            _ if !statement.within.is_empty() || rectangle.has_conditional_action() => {
                Some(Obstacle::ConditionalStatement)
            }
            (Some(_), Some(_)) => None,
        };
        if let Some((condition, literal)) = from {
            rectangle.condition = Some(condition);
            rectangle.resources.iter_mut().for_each(|column| column.literal_partition |= literal);
        }
        rectangle
    }

    /// The one service in `Principal: {Service: …}`.
    fn service(&self, node: NodeId) -> Option<String> {
        let doc = self.resolver.doc;
        let node = doc.resolve(node);
        let mut pairs = is_mapping(doc, node).then(|| doc.pairs(node))?;
        let (Some(("Service", _, value)), None) = (pairs.next(), pairs.next()) else { return None };
        let value = doc.resolve(value);
        if is_sequence(doc, value) && call(doc, value).is_none() {
            let mut items = doc.items(value);
            let (only, None) = (items.next()?, items.next()) else { return None };
            return Some(self.text(only));
        }
        Some(self.text(value))
    }

    /// The condition `ArnEquals: {aws:SourceArn: …}` and whether it holds a literal partition. `ArnLike` and conditions on
    /// accounts are no connector's.
    fn from(&self, node: NodeId) -> Option<(Condition, bool)> {
        let doc = self.resolver.doc;
        let only = |node: NodeId, key: &str| {
            let node = doc.resolve(node);
            let mut pairs = is_mapping(doc, node).then(|| doc.pairs(node))?;
            let (Some((name, _, value)), None) = (pairs.next(), pairs.next()) else { return None };
            name.eq_ignore_ascii_case(key).then(|| doc.resolve(value))
        };
        let value = only(only(node, "ArnEquals")?, "aws:SourceArn")?;
        if is_sequence(doc, value) && call(doc, value).is_none() {
            return None;
        }
        let literal = self.resolver.resolve(&expression(doc, value)).literal_partition;
        Some((self.source(value, false), literal))
    }

    fn source(&self, node: NodeId, same_account: bool) -> Condition {
        let resolved = self.resolver.resolve(&expression(self.resolver.doc, node));
        Condition::Source { arn: self.resolver.denote(&resolved).pattern, same_account }
    }

    fn is_own_account(&self, node: NodeId) -> bool {
        let own = ResourcePattern::new(vec![crate::iam::Segment::Token(crate::iam::Token::opaque(ACCOUNT))]);
        self.resolver.resolve(&expression(self.resolver.doc, node)).pattern == own
    }

    /// A value in `Fn::Sub` notation.
    fn text(&self, node: NodeId) -> String {
        self.resolver.resolve(&expression(self.resolver.doc, node)).pattern.to_string()
    }
}

fn unit(position: usize, resource: &Resource, principal: Arc<str>, rectangles: Vec<Rectangle>) -> Unit {
    Unit {
        bearer: position,
        principal,
        origin: Origin::ResourceSide,
        policies: resource.node,
        slot: None,
        when: resource.condition.clone(),
        branches: Vec::new(),
        node: resource.node,
        template: None,
        statements: None,
        rectangles,
        obstacle: None,
    }
}

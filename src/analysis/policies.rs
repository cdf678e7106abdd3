//! Reads identity policies into the ledger: `Policies` of functions and state machines, inline policies of roles, and
//! policies that are resources of their own. Says whose they are; what a statement grants is read elsewhere.

use super::connectors::Roles;
use super::ledger::{Ledger, Obstacle, Origin, Unit, Unreadable};
use super::managed::{Managed, named};
use super::principal::{Actor, Principal, Role, holder};
use super::rectangle::Statements;
use super::resolve::Resolver;
use crate::catalog::{Bearing, BesideRole, RoleSource};
use crate::iam::Presence;
use crate::syntax::NodeId;
use crate::template::{
    Expr, Shape, Slot, SlotKind, call, expression, is_sequence, policy_document, policy_slots,
};
use std::sync::Arc;

/// Reads the policies of every principal.
pub(super) fn read(resolver: &Resolver<'_>, roles: Roles<'_>) -> Ledger {
    let statements = Statements { resolver };
    let mut reader = Reader { resolver, statements, roles, ledger: Ledger::default() };
    for (position, resource) in resolver.template.resources().iter().enumerate() {
        for actor in roles.actors_that_are(position) {
            reader.actor(actor);
        }
        match resolver.type_of(resource).and_then(|kind| kind.bears.as_ref()) {
            Some(Bearing::Role { policies, .. }) => reader.role(position, policies),
            Some(Bearing::InlinePolicy { document, roles, others, .. }) => {
                reader.policy(position, document, roles, others, false);
            }
            Some(Bearing::ManagedPolicy { document, roles, others }) => {
                reader.policy(position, document, roles, others, true);
            }
            _ => {}
        }
    }
    reader.ledger
}

/// A role that a policy resource is attached to, and when.
struct Attachment {
    principal: Arc<str>,
    presence: Presence,
    /// Whether the attachment itself depends on a condition.
    conditional: bool,
}

/// Where the slots of one value stand.
struct Home<'p> {
    bearer: usize,
    principal: &'p Principal,
    origin: Origin,
    policies: NodeId,
}

struct Reader<'r, 'a> {
    resolver: &'r Resolver<'a>,
    statements: Statements<'r, 'a>,
    roles: Roles<'r>,
    ledger: Ledger,
}

impl Reader<'_, '_> {
    fn actor(&mut self, actor: &Actor) {
        let principal = &self.roles.principals[actor.principal];
        let Some(policies) = actor.policies else { return };
        let policies = self.resolver.doc.resolve(policies);
        if !matches!(principal.role, Role::Generated(_)) {
            return self.beside_role(actor, policies);
        }
        let home = Home { bearer: actor.resource, principal, origin: Origin::Policies, policies };
        for slot in policy_slots(self.resolver.doc, policies, Shape::Sam) {
            self.slot(&home, slot.index, &slot, &mut Vec::new());
        }
    }

    fn role(&mut self, position: usize, property: &str) {
        let (doc, resource) = (self.resolver.doc, &self.resolver.template.resources()[position]);
        let Some(policies) = resource.properties.and_then(|p| doc.get(p, property)) else { return };
        let Some(principal) = self.roles.named(&resource.id).filter(|p| p.role == Role::InTemplate(position))
        else {
            return;
        };
        let policies = doc.resolve(policies);
        let home = Home { bearer: position, principal, origin: Origin::Role, policies };
        for slot in policy_slots(doc, policies, Shape::Role) {
            self.slot(&home, slot.index, &slot, &mut Vec::new());
        }
    }

    fn beside_role(&mut self, actor: &Actor, policies: NodeId) {
        let slots = policy_slots(self.resolver.doc, policies, Shape::Sam);
        if slots.iter().all(|slot| matches!(slot.kind, SlotKind::Empty)) {
            return;
        }
        let resource = &self.resolver.template.resources()[actor.resource];
        let form = self.resolver.type_of(resource).and_then(|kind| kind.principal.as_ref());
        let (obstacle, message) = match form.map(|form| form.policies_beside_role) {
            Some(BesideRole::Error) => {
                (Obstacle::BesideRole, format!("SAM refuses `{}`: it has a role and policies", resource.id))
            }
            _ if self.may_lack_role(actor) => (
                Obstacle::RoleByChoice,
                format!(
                    "SAM makes a role with these policies only where the role of `{}` is absent",
                    resource.id
                ),
            ),
            _ => (
                Obstacle::BesideRole,
                format!("SAM ignores these policies, since `{}` has a role", resource.id),
            ),
        };
        self.unreadable_of(actor, policies, obstacle, message);
    }

    /// Whether a choice in the role property leaves it out, so that SAM generates a role under a condition.
    fn may_lack_role(&self, actor: &Actor) -> bool {
        let (doc, resource) = (self.resolver.doc, &self.resolver.template.resources()[actor.resource]);
        let form = self.resolver.type_of(resource).and_then(|kind| kind.principal.as_ref());
        let Some(RoleSource::Property(property)) = form.map(|form| &form.role) else { return false };
        let role = resource.properties.and_then(|p| doc.get(p, property)).map(|node| expression(doc, node));
        matches!(role, Some(Expr::If { then, otherwise, .. })
            if *then == Expr::NoValue || *otherwise == Expr::NoValue)
    }

    fn unreadable_of(&mut self, actor: &Actor, node: NodeId, obstacle: Obstacle, message: String) {
        let principal = self.roles.principals[actor.principal].name.clone();
        self.unreadable(actor.resource, principal, (node, &[]), obstacle, message);
    }

    fn unreadable(
        &mut self,
        bearer: usize,
        principal: Arc<str>,
        (node, branches): (NodeId, &[(String, bool)]),
        obstacle: Obstacle,
        message: String,
    ) {
        let template = self.resolver.template;
        let presence = template.presence(&template.resources()[bearer]).and(template.all_of(branches));
        self.ledger.unreadable.push(Unreadable { bearer, principal, node, presence, obstacle, message });
    }

    fn slot(
        &mut self,
        home: &Home<'_>,
        index: Option<usize>,
        slot: &Slot,
        branches: &mut Vec<(String, bool)>,
    ) {
        let principal = &home.principal.name;
        let unit = |rectangles| Unit {
            bearer: home.bearer,
            principal: principal.clone(),
            origin: home.origin,
            policies: home.policies,
            slot: index,
            when: None,
            branches: branches.clone(),
            node: slot.node,
            template: None,
            statements: None,
            rectangles,
            obstacle: None,
        };
        let unit = match &slot.kind {
            SlotKind::Empty | SlotKind::Managed(_) => return,
            SlotKind::Opaque => {
                let message = "the document has parts that cannot be read".to_owned();
                let place = (slot.node, branches.as_slice());
                return self.unreadable(home.bearer, principal.clone(), place, Obstacle::Opaque, message);
            }
            SlotKind::Malformed(message) => {
                return self.unreadable(
                    home.bearer,
                    principal.clone(),
                    (slot.node, branches.as_slice()),
                    Obstacle::Malformed,
                    message.clone(),
                );
            }
            SlotKind::If { condition, then, otherwise } => {
                for (branch, holds) in [(then, true), (otherwise, false)] {
                    branches.push((condition.clone(), holds));
                    self.slot(home, index, branch, branches);
                    branches.pop();
                }
                return;
            }
            SlotKind::Template { name, parameters } => match self.template(name, *parameters) {
                Ok(rectangles) => Unit { template: Some(name.clone()), ..unit(rectangles) },
                Err(message) => {
                    return self.unreadable(
                        home.bearer,
                        principal.clone(),
                        (slot.node, branches.as_slice()),
                        Obstacle::Malformed,
                        message,
                    );
                }
            },
            SlotKind::Document(document) => Unit {
                statements: Some((document.statement_node, document.list)),
                ..unit(document.statements.iter().map(|s| self.statements.identity(s)).collect())
            },
        };
        self.ledger.push(self.resolver, unit, &home.principal.presence);
    }

    fn template(&self, name: &str, parameters: NodeId) -> Result<Vec<super::ledger::Rectangle>, String> {
        let Some(template) = self.resolver.catalog.template(name) else {
            return Err(format!(
                "`{name}` is no policy template of SAM, and a map without `Statement` is no policy document"
            ));
        };
        let doc = self.resolver.doc;
        if let Some((parameter, _)) =
            template.parameters.iter().find(|(p, _)| doc.get(parameters, p).is_none())
        {
            return Err(format!("policy template `{name}` lacks its parameter `{parameter}`"));
        }
        Ok(template.statements.iter().map(|s| self.statements.template(s, parameters)).collect())
    }

    /// A policy that is a resource of its own: one unit per role that it is attached to.
    fn policy(&mut self, position: usize, document: &str, roles: &str, others: &[String], managed: bool) {
        let (doc, resource) = (self.resolver.doc, &self.resolver.template.resources()[position]);
        let property = |name: &str| resource.properties.and_then(|p| doc.get(p, name));
        let Some(document) = property(document) else { return };
        let mut attachments = self.by_its_roles(property(roles));
        if managed {
            self.by_the_roles(position, &mut attachments);
        }
        let shared = attachments.len() > 1 || others.iter().any(|name| property(name).is_some());
        let obstacle = match &attachments[..] {
            _ if shared => Some(Obstacle::SeveralHolders),
            [only] if only.conditional => Some(Obstacle::ConditionalStatement),
            _ => None,
        };
        for Attachment { principal, presence, .. } in attachments {
            let unit = Unit {
                bearer: position,
                principal,
                origin: Origin::Policy,
                policies: resource.node,
                slot: None,
                when: resource.condition.clone(),
                branches: Vec::new(),
                node: resource.node,
                template: None,
                statements: None,
                rectangles: Vec::new(),
                obstacle,
            };
            match policy_document(doc, document) {
                SlotKind::Document(found) => {
                    let rectangles = found.statements.iter().map(|s| self.statements.identity(s)).collect();
                    let statements = Some((found.statement_node, found.list));
                    self.ledger.push(self.resolver, Unit { statements, rectangles, ..unit }, &presence);
                }
                SlotKind::Malformed(message) => {
                    self.unreadable(position, unit.principal, (document, &[]), Obstacle::Malformed, message);
                }
                _ => {
                    let message = "the document has parts that cannot be read".to_owned();
                    self.unreadable(position, unit.principal, (document, &[]), Obstacle::Opaque, message);
                }
            }
        }
    }

    /// The roles that a policy names.
    fn by_its_roles(&self, roles: Option<NodeId>) -> Vec<Attachment> {
        let doc = self.resolver.doc;
        let Some(roles) = roles.map(|node| doc.resolve(node)) else { return Vec::new() };
        let list = is_sequence(doc, roles) && call(doc, roles).is_none();
        let items: Vec<NodeId> = if list { doc.items(roles).collect() } else { vec![roles] };
        let mut out = Vec::new();
        for item in items {
            let alternatives = self.resolver.alternatives(item);
            let conditional = !matches!(alternatives.as_slice(), [(Presence::Always, _)]);
            for (presence, expr) in alternatives {
                let (principal, known) = holder(self.resolver, self.roles, &expr);
                let presence = known.map_or(Presence::Always, |p| p.presence.clone()).and(presence);
                out.push(Attachment { principal, presence, conditional });
            }
        }
        out
    }

    /// The roles that name a managed policy.
    fn by_the_roles(&self, policy: usize, out: &mut Vec<Attachment>) {
        for principal in self.roles.principals {
            for (managed, presence) in named(self.resolver, principal) {
                let here = managed == Managed::InTemplate(policy);
                if here && !out.iter().any(|known| known.principal == principal.name) {
                    out.push(Attachment {
                        principal: principal.name.clone(),
                        conditional: presence != Presence::Always,
                        presence: principal.presence.clone().and(presence),
                    });
                }
            }
        }
    }
}

//! What a table of grants cannot show: text that could not be read as grants, policies whose content stands elsewhere, and
//! what SAM generates beside roles. Names each with its place, so that no table is taken for complete when it is not.

use crate::analysis::{Analysis, Managed, Obstacle, Resolver, Role, Unreadable};
use crate::catalog::Bearing;
use crate::iam::Presence;
use crate::plan::{Location, location};
use crate::syntax::NodeId;
use crate::template::{Merged, Resource, SAM_PREFIX, call, canonical, events, is_mapping, is_sequence};
use std::collections::BTreeSet;

/// The property of a role that says who may take it on.
const TRUST_POLICY: &str = "AssumeRolePolicyDocument";

/// What is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnreadKind {
    /// A policy, statement or document that is of no form that can be read.
    Policy,
    /// A managed policy whose content is not in the template.
    ManagedPolicy,
    /// A role from elsewhere, and what it holds there.
    Role,
    /// A policy document of a resource of which nothing is known, or of a policy that no role here has.
    Document,
    /// A connector that SAM refuses, or whose grants it alone can tell.
    Connector,
    /// What SAM generates for an event.
    Event,
    /// Whom SAM lets in for a property: by the URL of a function, by an authorizer.
    LetIn,
    /// Resources that macros and loops make.
    Macro,
    /// Policies that SAM ignores: they grant nothing.
    Dead,
    /// A boundary, which limits what a role can do.
    Boundary,
    /// Who may take on a role.
    Trust,
}

impl UnreadKind {
    /// Stable id in reports.
    pub fn id(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::ManagedPolicy => "managed-policy",
            Self::Role => "role",
            Self::Document => "document",
            Self::Connector => "connector",
            Self::Event => "event",
            Self::LetIn => "let-in",
            Self::Macro => "macro",
            Self::Dead => "dead-policies",
            Self::Boundary => "permissions-boundary",
            Self::Trust => "trust-policy",
        }
    }

    /// Whether it may grant something that the table lacks.
    pub fn hides_grants(self) -> bool {
        !matches!(self, Self::Dead | Self::Boundary | Self::Trust)
    }
}

/// Something that is not in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What it is.
    pub kind: UnreadKind,
    /// Whose permissions it is about, where that is known.
    pub principal: Option<String>,
    /// Logical id of the resource in whose text it stands; empty for the template.
    pub owner: String,
    /// What was seen, in a few words.
    pub message: String,
    /// Its text in canonical form: what has the same under the same conditions is the same.
    pub text: String,
    /// When it is there.
    pub presence: Presence,
    /// Where.
    pub location: Location,
}

impl Unread {
    /// It is about the permissions of a principal.
    fn of(self, principal: &str) -> Self {
        Self { principal: Some(principal.to_owned()), ..self }
    }

    /// It has another text than that of its node.
    fn saying(self, text: String) -> Self {
        Self { text, ..self }
    }

    /// It is there under conditions of its own.
    fn when(self, presence: &Presence) -> Self {
        if self.presence == *presence {
            return self;
        }
        Self { message: format!("{} when {presence}", self.message), presence: presence.clone(), ..self }
    }
}

/// Everything of a template that a table of its grants does not show, in template order.
pub(super) fn find(resolver: &Resolver<'_>, analysis: &Analysis) -> Vec<Unread> {
    let mut finder = Finder { resolver, analysis, found: Vec::new() };
    finder.statements();
    for unreadable in &analysis.ledger.unreadable {
        finder.unreadable(unreadable);
    }
    finder.roles();
    finder.connectors();
    let read = finder.read_already();
    for resource in resolver.template.resources() {
        finder.documents(resource, &read);
        finder.events(resource);
        finder.let_in(resource);
    }
    if resolver.template.has_generated_resources() {
        let message = "macros or loops may add resources that cannot be seen here".to_owned();
        let unread = finder.unread(UnreadKind::Macro, "", resolver.doc.root(), message);
        // Of the whole template only that it is so counts, not its text.
        finder.found.push(unread.saying(String::new()));
    }
    let mut found = finder.found;
    found.sort_by(|a, b| {
        (a.location.span, a.kind, &a.principal, &a.message).cmp(&(
            b.location.span,
            b.kind,
            &b.principal,
            &b.message,
        ))
    });
    found.dedup();
    found
}

struct Finder<'a> {
    resolver: &'a Resolver<'a>,
    analysis: &'a Analysis,
    found: Vec<Unread>,
}

impl Finder<'_> {
    /// What is there whenever the resource is in whose text it stands.
    fn unread(&self, kind: UnreadKind, owner: &str, node: NodeId, message: String) -> Unread {
        let (doc, template) = (self.resolver.doc, self.resolver.template);
        let presence = template.resource(owner).map_or(Presence::Always, |owner| template.presence(owner));
        Unread {
            kind,
            principal: None,
            owner: owner.to_owned(),
            message,
            text: canonical(doc, node),
            presence,
            location: location(doc, node),
        }
    }

    fn statements(&mut self) {
        let ledger = &self.analysis.ledger;
        for unit in &ledger.units {
            let owner = &self.resolver.template.resources()[unit.bearer].id;
            for rectangle in unit.rectangles.iter().filter(|rectangle| rectangle.is_unreadable()) {
                let node = rectangle.statement.as_ref().map_or(unit.node, |statement| statement.node);
                let message = match rectangle.obstacle {
                    Some(Obstacle::NotElement) => "a statement that says what is not meant",
                    Some(Obstacle::NoService) => "a statement for others than a service",
                    _ => "a statement of unknown content",
                };
                let effect = if rectangle.allow { "" } else { ", which denies" };
                let message = format!("{message}{effect}");
                let unread = self.unread(UnreadKind::Policy, owner, node, message).of(&unit.principal);
                let cell = ledger.cells.get(rectangle.cells()).and_then(<[_]>::first);
                self.found.push(match cell {
                    Some(cell) => unread.when(&cell.grant.presence),
                    None => unread,
                });
            }
        }
    }

    fn unreadable(&mut self, unreadable: &Unreadable) {
        let owner = &self.resolver.template.resources()[unreadable.bearer].id;
        let kind = match unreadable.obstacle {
            Obstacle::BesideRole => UnreadKind::Dead,
            _ => UnreadKind::Policy,
        };
        let unread = self.unread(kind, owner, unreadable.node, unreadable.message.clone());
        self.found.push(unread.of(&unreadable.principal).when(&unreadable.presence));
    }

    fn roles(&mut self) {
        let (doc, template, analysis) = (self.resolver.doc, self.resolver.template, self.analysis);
        for principal in &analysis.principals {
            let name = &*principal.name;
            let (Role::Generated(position) | Role::InTemplate(position)) = principal.role else {
                for actor in analysis.actors_of(&principal.name) {
                    let resource = &template.resources()[actor.resource];
                    let message = format!("what the role of `{}` holds elsewhere", resource.id);
                    let unread = self.unread(UnreadKind::Role, &resource.id, resource.node, message);
                    self.found.push(unread.of(name).saying(resource.id.clone()));
                }
                continue;
            };
            let resource = &template.resources()[position];
            for (managed, presence) in analysis.named_policies(principal) {
                let (Managed::BySam(policy) | Managed::Named(policy)) = managed else { continue };
                if self.resolver.catalog.managed_policy(policy).is_none() {
                    let message = format!("the managed policy `{policy}`");
                    let presence = template.presence(resource).and(presence.clone());
                    let unread = self.unread(UnreadKind::ManagedPolicy, &resource.id, resource.node, message);
                    self.found.push(unread.of(name).saying(policy.clone()).when(&presence));
                }
            }
            let boundary = match self.resolver.type_of(resource).and_then(|kind| kind.bears.as_ref()) {
                Some(Bearing::Role { boundary, .. }) => boundary,
                _ => "PermissionsBoundary",
            };
            if let Some(node) = template.property(doc, resource, boundary) {
                let message = "a permissions boundary limits all of this".to_owned();
                self.found.push(self.unread(UnreadKind::Boundary, &resource.id, node, message).of(name));
            }
        }
    }

    fn connectors(&mut self) {
        let mut broken: Vec<(String, NodeId, String)> = Vec::new();
        for view in &self.analysis.connectors {
            if let Some(found) = &view.complaint {
                let refuses = if found.complaint.is_refusal() { "SAM refuses" } else { "not known:" };
                let id = &view.connector.id;
                broken.push((
                    id.clone(),
                    found.node,
                    format!("{refuses} connector `{id}`: {}", found.complaint),
                ));
            }
        }
        for found in self.resolver.template.connector_maps(self.resolver.doc) {
            broken.push((String::new(), found.node, format!("SAM refuses connectors: {}", found.complaint)));
        }
        for (owner, node, message) in broken {
            self.found.push(self.unread(UnreadKind::Connector, &owner, node, message));
        }
    }

    /// The nodes whose text is accounted for: lists of statements that were read, and what is told of already.
    fn read_already(&self) -> BTreeSet<NodeId> {
        let ledger = &self.analysis.ledger;
        let statements = ledger.units.iter().filter_map(|unit| unit.statements.map(|(node, _)| node));
        let told = ledger.unreadable.iter().map(|unreadable| unreadable.node);
        statements.chain(told).map(|node| self.resolver.doc.resolve(node)).collect()
    }

    /// Policy documents that nothing has read: whatever has a `Statement` is one.
    fn documents(&mut self, resource: &Resource, read: &BTreeSet<NodeId>) {
        let doc = self.resolver.doc;
        let trust = self.resolver.template.merged(doc, resource, TRUST_POLICY);
        let trust = trust.into_iter().flat_map(Merged::nodes).map(|node| (node, true));
        let own = resource.properties.map(|properties| (doc.resolve(properties), false));
        let (mut open, mut seen) = (own.into_iter().chain(trust).collect::<Vec<_>>(), BTreeSet::new());
        while let Some((node, trust)) = open.pop() {
            if read.contains(&node) || !seen.insert(node) {
                continue;
            }
            if is_sequence(doc, node) {
                open.extend(doc.items(node).map(|item| (doc.resolve(item), trust)));
                continue;
            }
            if !is_mapping(doc, node) {
                continue;
            }
            let statement = doc.get(node, "Statement").map(|n| doc.resolve(n));
            if statement.is_some_and(|statement| read.contains(&statement)) {
                continue;
            }
            if statement.is_some_and(|n| is_sequence(doc, n) || is_mapping(doc, n) || call(doc, n).is_some())
            {
                let (kind, message) = match trust {
                    true => (UnreadKind::Trust, format!("who may take on `{}`", resource.id)),
                    false => (
                        UnreadKind::Document,
                        format!("a policy document of `{}` ({})", resource.id, resource.type_name),
                    ),
                };
                self.found.push(self.unread(kind, &resource.id, node, message));
                continue;
            }
            open.extend(
                doc.pairs(node).map(|(key, _, value)| (doc.resolve(value), trust || key == TRUST_POLICY)),
            );
        }
    }

    /// Whom SAM lets in for what a resource says, by itself or by `Globals`.
    fn let_in(&mut self, resource: &Resource) {
        let (doc, resolver) = (self.resolver.doc, self.resolver);
        for name in resolver.type_of(resource).map(|kind| kind.lets_in.as_slice()).unwrap_or_default() {
            let Some(value) = resolver.template.merged(doc, resource, name) else { continue };
            let message = format!("whom SAM lets in for `{name}` of `{}`", resource.id);
            let parts: Vec<String> = value.nodes().map(|node| canonical(doc, node)).collect();
            let unread = self.unread(UnreadKind::LetIn, &resource.id, value.first(), message);
            self.found.push(unread.saying(parts.join(" ")));
        }
    }

    /// SAM lets the source of an event call, by a permission or a role of its own; polled sources are the exception.
    fn events(&mut self, resource: &Resource) {
        if !resource.type_name.starts_with(SAM_PREFIX) {
            return;
        }
        let polled = self.resolver.type_of(resource).map(|kind| &kind.event_sources);
        for event in events(self.resolver.doc, resource) {
            let kind = event.kind.unwrap_or("?");
            if polled.is_some_and(|polled| polled.contains_key(kind)) {
                continue;
            }
            let (name, id) = (event.name, &resource.id);
            let message = format!("what SAM generates for event `{name}` ({kind}) of `{id}`");
            self.found.push(self.unread(UnreadKind::Event, id, event.node, message));
        }
    }
}

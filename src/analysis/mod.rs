//! A template seen through the catalogue: who holds which permissions, from policies and connectors alike. The heart is
//! [`Analysis::effective`], the set of all grants. Refuses to know edits and consent.

mod added;
mod connectors;
pub mod generated;
mod ledger;
mod managed;
mod policies;
mod pollers;
mod principal;
mod rectangle;
mod refusal;
mod resolve;
mod resource_side;
mod sole_policy;

pub use added::{Added, AddedBy};
pub use connectors::{ConnectorView, End, Ends, External, Part};
pub use ledger::{Cell, Column, Ledger, Obstacle, Origin, Rectangle, Row, Unit, Unreadable};
pub use managed::Managed;
pub use pollers::Poller;
pub use principal::{Actor, Principal, Role, Towards};
pub use resolve::{Denoted, Resolved, Resolver, Target};
pub use resource_side::{LetIn, let_in};
pub use sole_policy::{Writer, is_sole, writers};

use crate::catalog::Profile;
use crate::iam::{ActionPattern, Condition, Grant, GrantSet, Presence};
use connectors::Roles;

/// The partition for which literal ARNs are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Partition {
    /// A literal `arn:aws:` is `${AWS::Partition}`.
    #[default]
    Aws,
    /// A literal `arn:aws:` is one partition of several.
    Any,
}

/// Everything that grants permissions in one template.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// The roles.
    pub principals: Vec<Principal>,
    /// The resources that act through them.
    pub actors: Vec<Actor>,
    /// The grants of policies, of roles and of resources.
    pub ledger: Ledger,
    /// The connectors.
    pub connectors: Vec<ConnectorView>,
    /// What SAM adds, and what AWS managed policies are known to hold.
    pub added: Vec<Added>,
    /// The event sources that functions poll.
    pub pollers: Vec<Poller>,
}

/// Analyses a template.
pub fn analyse(resolver: &Resolver<'_>) -> Analysis {
    let (principals, actors) = principal::read(resolver);
    let mut ledger = policies::read(resolver, &principals, &actors);
    resource_side::read(resolver, &mut ledger);
    let roles = Roles { principals: &principals, actors: &actors };
    let connectors = resolver.template.connectors(resolver.doc).into_iter();
    let connectors = connectors.map(|connector| connectors::view(resolver, roles, connector)).collect();
    let added = principals.iter().flat_map(|principal| added::grants(resolver, principal)).collect();
    let pollers = pollers::read(resolver);
    Analysis { principals, actors, ledger, connectors, added, pollers }
}

impl Analysis {
    /// All permissions of all principals: policies, connectors and what SAM adds.
    pub fn effective(&self) -> GrantSet {
        self.ledger.cells.iter().map(|cell| &cell.grant).chain(self.beside_policies()).cloned().collect()
    }

    /// The permissions that do not come from policies of the template.
    pub fn beside_policies(&self) -> impl Iterator<Item = &Grant> {
        self.connectors
            .iter()
            .flat_map(|view| &view.grants)
            .chain(self.added.iter().map(|added| &added.grant))
    }

    /// The principal of a name.
    pub fn principal(&self, name: &str) -> Option<&Principal> {
        self.principals.iter().find(|principal| *principal.name == *name)
    }

    /// What acts through a principal, in template order.
    pub fn actors_of(&self, name: &str) -> impl Iterator<Item = &Actor> {
        let number = self.principals.iter().position(|principal| *principal.name == *name);
        self.actors.iter().filter(move |actor| Some(actor.principal) == number)
    }

    /// The grants of a connector between two ends.
    pub fn connector_grants(
        &self,
        resolver: &Resolver<'_>,
        profile: &Profile,
        ends: &Ends<'_>,
        categories: &[String],
        presence: &Presence,
    ) -> Vec<Grant> {
        let roles = Roles { principals: &self.principals, actors: &self.actors };
        connectors::grants(resolver, roles, profile, ends, categories, presence)
    }

    /// The managed policies that are attached to a role: by SAM, by name, by policies of the template and by connectors,
    /// under whatever conditions.
    pub fn managed_policies(&self, resolver: &Resolver<'_>, principal: &Principal) -> usize {
        self.attached(resolver, principal, |_| true)
    }

    /// The managed policies that are attached to a role whenever it is there.
    pub fn lasting_managed_policies(&self, resolver: &Resolver<'_>, principal: &Principal) -> usize {
        self.attached(resolver, principal, |presence| principal.presence.implies(presence) == Some(true))
    }

    fn attached(
        &self,
        resolver: &Resolver<'_>,
        principal: &Principal,
        counts: impl Fn(&Presence) -> bool,
    ) -> usize {
        let template = resolver.template;
        let mut by_policies: Vec<usize> = Vec::new();
        let mut others = 0;
        for (managed, presence) in managed::named(resolver, principal) {
            match managed {
                _ if !counts(&presence) => {}
                Managed::InTemplate(position) => by_policies.push(position),
                Managed::BySam(_) | Managed::Named(_) => others += 1,
            }
        }
        for unit in self.ledger.units.iter().filter(|unit| unit.principal == principal.name) {
            let there = counts(&template.presence(&template.resources()[unit.bearer]));
            if there && self.is_managed_policy(resolver, unit) && !by_policies.contains(&unit.bearer) {
                by_policies.push(unit.bearer);
            }
        }
        let present = |view: &&ConnectorView| {
            let condition = view.connector.condition.as_deref();
            counts(&condition.map_or(Presence::Always, |name| template.condition(name)))
        };
        let by_connectors = self.connectors.iter().filter(present).flat_map(|view| &view.holders);
        others + by_policies.len() + by_connectors.filter(|role| **role == principal.name).count()
    }

    /// Whether a policy is a resource that takes a place among the managed policies of its role.
    pub fn is_managed_policy(&self, resolver: &Resolver<'_>, unit: &Unit) -> bool {
        let kind = resolver.type_of(&resolver.template.resources()[unit.bearer]);
        unit.origin == Origin::Policy
            && kind
                .is_some_and(|kind| matches!(kind.bears, Some(crate::catalog::Bearing::ManagedPolicy { .. })))
    }

    /// The managed policies that a role's own text or SAM names.
    pub fn named_policies(&self, resolver: &Resolver<'_>, principal: &Principal) -> Vec<Managed> {
        managed::named(resolver, principal).into_iter().map(|(managed, _)| managed).collect()
    }

    /// Whether a grant stands on what it gives access to: in a permission or policy of a resource, not in one of a role.
    pub fn is_resource_side(&self, grant: &Grant) -> bool {
        if matches!(grant.condition, Some(Condition::Source { .. })) {
            return true;
        }
        let mut units = self.ledger.units.iter().filter(|unit| unit.origin == Origin::ResourceSide);
        let gives = |unit: &Unit| {
            let mut grantees = unit.rectangles.iter().map(|r| r.grantee.as_ref().unwrap_or(&unit.principal));
            grantees.any(|grantee| *grantee == grant.principal)
        };
        self.principal(&grant.principal).is_none() && units.any(gives)
    }

    /// Whether IAM can never match an action with a target.
    pub fn is_inert(&self, resolver: &Resolver<'_>, action: &ActionPattern, target: Option<&Target>) -> bool {
        ledger::is_inert(resolver, action, target)
    }
}

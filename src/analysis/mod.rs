//! A template seen through the catalogue: who holds which permissions, from policies and connectors alike. The heart is
//! [`Analysis::effective`], the set of all grants. Refuses to know edits and consent.

mod added;
mod connectors;
mod dependents;
pub mod generated;
mod index;
mod known;
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
pub use dependents::{Dependent, DependentKind, dependents};
pub use known::Known;
pub use ledger::{Cell, Column, Ledger, Obstacle, Origin, Rectangle, Row, Unit, Unreadable};
pub use managed::Managed;
pub use pollers::Poller;
pub use principal::{Actor, Principal, Role, Towards};
pub use resolve::{Denoted, Resolved, Resolver, Target};
pub use resource_side::{LetIn, let_in};
pub use sole_policy::{Writer, Writers, is_sole, meant};

use crate::catalog::Profile;
use crate::iam::{ActionPattern, Condition, Grant, GrantSet, Presence};
use connectors::Roles;
use generated::GeneratedIds;
use index::Index;

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
    /// By number of a principal: the managed policies that its text or SAM names, and when.
    managed: Vec<Vec<(Managed, Presence)>>,
    /// Where to find what concerns one of them.
    index: Index,
}

/// Analyses a template.
pub fn analyse(resolver: &Resolver<'_>) -> Analysis {
    let (principals, actors) = principal::read(resolver);
    let mut index = Index::of(&principals, &actors);
    let roles = Roles { principals: &principals, actors: &actors, index: &index };
    let mut ledger = policies::read(resolver, roles);
    resource_side::read(resolver, &mut ledger);
    let ids = GeneratedIds::default();
    let connectors = resolver.template.connectors(resolver.doc).into_iter();
    let connectors: Vec<ConnectorView> =
        connectors.map(|connector| connectors::view(resolver, roles, &ids, connector)).collect();
    let managed: Vec<_> = principals.iter().map(|principal| managed::named(resolver, principal)).collect();
    let added = principals.iter().zip(&managed);
    let added: Vec<Added> =
        added.flat_map(|(principal, managed)| added::grants(resolver, principal, managed)).collect();
    let pollers = pollers::read(resolver);
    index.add(&ledger, &connectors, &added, &pollers);
    Analysis { principals, actors, ledger, connectors, added, pollers, managed, index }
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
        self.index.principal(name).map(|number| &self.principals[number])
    }

    /// What acts through a principal, in template order.
    pub fn actors_of(&self, name: &str) -> impl Iterator<Item = &Actor> {
        let number = self.index.principal(name);
        number.into_iter().flat_map(|number| self.index.through(number)).map(|&actor| &self.actors[actor])
    }

    /// Whether a resource acts through a principal.
    pub fn acts(&self, resource: usize, name: &str) -> bool {
        let number = self.index.principal(name);
        self.index.acting(resource).iter().any(|&actor| Some(self.actors[actor].principal) == number)
    }

    /// Numbers of the connectors that lead from a resource or to it, in template order.
    pub fn connectors_at(&self, resource: usize) -> impl Iterator<Item = usize> {
        self.index.ending(resource).iter().copied()
    }

    /// What polls an event source, in template order.
    pub fn pollers_of(&self, source: usize) -> impl Iterator<Item = &Poller> {
        self.index.polling(source).iter().map(|&number| &self.pollers[number])
    }

    /// Numbers of the policies that are a principal's or hold a grant of it, in template order.
    pub fn units_of(&self, name: &str) -> impl Iterator<Item = usize> {
        self.index.units(name).iter().copied()
    }

    /// The permissions of one principal that do not come from policies of the template.
    pub fn beside_policies_of(&self, name: &str) -> impl Iterator<Item = &Grant> {
        self.index.beside(name, &self.connectors, &self.added)
    }

    /// Numbers of the connectors that grant one principal something, in template order.
    pub fn connectors_for(&self, name: &str) -> impl Iterator<Item = usize> {
        self.index.granting(name)
    }

    /// What SAM adds for one principal, and what AWS managed policies are known to give it.
    pub fn added_for(&self, name: &str) -> impl Iterator<Item = &Added> {
        self.index.added(name, &self.added)
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
        let roles = Roles { principals: &self.principals, actors: &self.actors, index: &self.index };
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
        for (managed, presence) in self.named_policies(principal) {
            match managed {
                _ if !counts(presence) => {}
                Managed::InTemplate(position) => by_policies.push(*position),
                Managed::BySam(_) | Managed::Named(_) => others += 1,
            }
        }
        let units = self.index.units(&principal.name).iter().map(|&number| &self.ledger.units[number]);
        for unit in units.filter(|unit| unit.principal == principal.name) {
            let there = counts(&template.presence(&template.resources()[unit.bearer]));
            if there && self.is_managed_policy(resolver, unit) && !by_policies.contains(&unit.bearer) {
                by_policies.push(unit.bearer);
            }
        }
        let present = |view: &&ConnectorView| {
            let condition = view.connector.condition.as_deref();
            counts(&condition.map_or(Presence::Always, |name| template.condition(name)))
        };
        let connectors = self.index.attaching(&principal.name).iter().map(|&number| &self.connectors[number]);
        others + by_policies.len() + connectors.filter(present).count()
    }

    /// Whether a policy is a resource that takes a place among the managed policies of its role.
    pub fn is_managed_policy(&self, resolver: &Resolver<'_>, unit: &Unit) -> bool {
        let kind = resolver.type_of(&resolver.template.resources()[unit.bearer]);
        unit.origin == Origin::Policy
            && kind
                .is_some_and(|kind| matches!(kind.bears, Some(crate::catalog::Bearing::ManagedPolicy { .. })))
    }

    /// The managed policies that a role's own text or SAM names, each with when it does.
    pub fn named_policies(&self, principal: &Principal) -> &[(Managed, Presence)] {
        let number = self.index.principal(&principal.name);
        number.and_then(|number| self.managed.get(number)).map_or(&[], Vec::as_slice)
    }

    /// Whether a grant stands on what it gives access to: in a permission or policy of a resource, not in one of a role.
    pub fn is_resource_side(&self, grant: &Grant) -> bool {
        if matches!(grant.condition, Some(Condition::Source { .. })) {
            return true;
        }
        let units = self.index.units(&grant.principal).iter().map(|&number| &self.ledger.units[number]);
        let mut units = units.filter(|unit| unit.origin == Origin::ResourceSide);
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

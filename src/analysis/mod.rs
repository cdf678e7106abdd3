//! A template seen through the catalogue: who holds which permissions, from policies and connectors alike. The heart is
//! [`Analysis::effective`], the set of all grants. Refuses to know edits and consent.

mod added;
mod connectors;
mod ledger;
mod policies;
mod principal;
mod resolve;

pub use connectors::{ConnectorView, End, Ends};
pub use ledger::{Cell, Column, Ledger, Obstacle, Rectangle, Row, Unit, Unreadable};
pub use principal::{Principal, Role};
pub use resolve::{Denoted, Resolved, Resolver, Target};

use crate::catalog::Profile;
use crate::iam::{ActionPattern, Grant, GrantSet, Presence};
use crate::template::{SlotKind, policy_slots};

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
#[derive(Debug, Clone)]
pub struct Analysis {
    /// The resources that act through a role.
    pub principals: Vec<Principal>,
    /// The grants of their policies.
    pub ledger: Ledger,
    /// The connectors.
    pub connectors: Vec<ConnectorView>,
    /// What SAM adds.
    pub added: Vec<Grant>,
}

/// Analyses a template.
pub fn analyse(resolver: &Resolver<'_>) -> Analysis {
    let principals: Vec<Principal> =
        (0..resolver.template.resources().len()).filter_map(|i| principal::principal(resolver, i)).collect();
    let ledger = policies::read(resolver, &principals);
    let connectors = resolver
        .template
        .connectors(resolver.doc)
        .into_iter()
        .map(|connector| connectors::view(resolver, &principals, connector))
        .collect();
    let added = principals.iter().flat_map(|principal| added::grants(resolver, principal)).collect();
    Analysis { principals, ledger, connectors, added }
}

impl Analysis {
    /// All permissions of all principals: policies, connectors and what SAM adds.
    pub fn effective(&self) -> GrantSet {
        self.ledger.cells.iter().map(|cell| &cell.grant).chain(self.beside_policies()).cloned().collect()
    }

    /// The permissions that do not come from `Policies`.
    pub fn beside_policies(&self) -> impl Iterator<Item = &Grant> {
        self.connectors.iter().flat_map(|view| &view.grants).chain(&self.added)
    }

    /// The principal that acts for a resource.
    pub fn principal_of(&self, owner: usize) -> Option<&Principal> {
        self.principals.iter().find(|principal| principal.owner == owner)
    }

    /// The grants of a connector by `Id` between two resources of the template.
    pub fn connector_grants(
        &self,
        resolver: &Resolver<'_>,
        profile: &Profile,
        source: usize,
        destination: usize,
        categories: &[String],
        presence: &Presence,
    ) -> Vec<Grant> {
        let ends = Ends { source: End::Resource(source), destination: End::Resource(destination) };
        connectors::grants(resolver, &self.principals, profile, &ends, categories, presence)
    }

    /// The number of managed policies attached to the role of a principal: by SAM, by `Policies` and by connectors.
    pub fn managed_policies(&self, resolver: &Resolver<'_>, principal: &Principal) -> usize {
        let resource = &resolver.template.resources()[principal.owner];
        let form = resolver.type_of(resource).and_then(|kind| kind.principal.as_ref());
        let own = match (form, &principal.role) {
            (Some(form), Role::Generated) => {
                let mut names: Vec<String> =
                    principal::attached(resolver, resource, form).into_iter().map(str::to_owned).collect();
                for slot in principal.policies.map(|n| policy_slots(resolver.doc, n)).unwrap_or_default() {
                    if let SlotKind::Managed(expr) = slot.kind {
                        let name = resolver.resolve(&expr).pattern.to_string();
                        if !names
                            .iter()
                            .any(|known| known.ends_with(name.rsplit('/').next().unwrap_or(&name)))
                        {
                            names.push(name);
                        }
                    }
                }
                names.len()
            }
            _ => 0,
        };
        let by_connectors = self
            .connectors
            .iter()
            .flat_map(|view| &view.holders)
            .filter(|role| **role == *principal.name)
            .count();
        own + by_connectors
    }

    /// Whether IAM can never match an action with a target.
    pub fn is_inert(&self, resolver: &Resolver<'_>, action: &ActionPattern, target: Option<&Target>) -> bool {
        ledger::is_inert(resolver, action, target)
    }
}

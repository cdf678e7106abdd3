//! Tables over an analysis, so that what concerns one principal is found without a look at all the others: a template of
//! thousands of resources has thousands of rewrites, and each asks. Holds positions only; refuses to know what a grant means.

use super::connectors::ConnectorView;
use super::principal::{Actor, Principal};
use super::{Added, Ledger, Poller};
use crate::iam::Grant;
use hashbrown::HashMap;
use std::sync::Arc;

/// By name of a principal or by resource: where to look. Invariant: positions are those of the lists it was made from, in
/// their order, each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    named: HashMap<Arc<str>, usize>,
    /// By number of a principal: the numbers of the actors that act through it.
    through: Vec<Vec<usize>>,
    /// By resource: the numbers of the actors that it is.
    acting: HashMap<usize, Vec<usize>>,
    /// The units that are a principal's or hold a grant of it.
    units: HashMap<Arc<str>, Vec<usize>>,
    /// What a principal may do beside policies: by connectors first.
    beside: HashMap<Arc<str>, Vec<Beside>>,
    /// The connectors that attach a policy to a role, once for each policy.
    attaching: HashMap<Arc<str>, Vec<usize>>,
    /// By resource: the numbers of the connectors that lead from it or to it.
    ending: HashMap<usize, Vec<usize>>,
    /// By event source: the numbers of what polls it.
    polling: HashMap<usize, Vec<usize>>,
}

/// Where a grant stands that no policy of the template gives.
#[derive(Debug, Clone, Copy)]
enum Beside {
    /// Number of the connector and of the grant in it.
    Connector(usize, usize),
    /// Number of what is added.
    Added(usize),
}

impl Index {
    /// The table of who acts through which role.
    pub(super) fn of(principals: &[Principal], actors: &[Actor]) -> Self {
        let mut index = Self { through: vec![Vec::new(); principals.len()], ..Self::default() };
        for (number, principal) in principals.iter().enumerate() {
            index.named.insert(principal.name.clone(), number);
        }
        for (number, actor) in actors.iter().enumerate() {
            index.through[actor.principal].push(number);
            index.acting.entry(actor.resource).or_default().push(number);
        }
        index
    }

    /// Adds the tables of what grants permissions.
    pub(super) fn add(
        &mut self,
        ledger: &Ledger,
        connectors: &[ConnectorView],
        added: &[Added],
        pollers: &[Poller],
    ) {
        for (number, unit) in ledger.units.iter().enumerate() {
            let grantees = unit.rectangles.iter().filter_map(|rectangle| rectangle.grantee.as_ref());
            for name in grantees.chain([&unit.principal]) {
                let units = self.units.entry(name.clone()).or_default();
                if units.last() != Some(&number) {
                    units.push(number);
                }
            }
        }
        for (number, view) in connectors.iter().enumerate() {
            for (at, grant) in view.grants.iter().enumerate() {
                let beside = self.beside.entry(grant.principal.clone()).or_default();
                beside.push(Beside::Connector(number, at));
            }
            for &resource in view.source.iter().chain(view.destinations.iter().flatten()) {
                let ending = self.ending.entry(resource).or_default();
                if ending.last() != Some(&number) {
                    ending.push(number);
                }
            }
            for role in &view.holders {
                self.attaching.entry(role.clone()).or_default().push(number);
            }
        }
        for (number, added) in added.iter().enumerate() {
            self.beside.entry(added.grant.principal.clone()).or_default().push(Beside::Added(number));
        }
        for (number, poller) in pollers.iter().enumerate() {
            self.polling.entry(poller.source).or_default().push(number);
        }
    }

    /// Number of the principal of a name.
    pub(super) fn principal(&self, name: &str) -> Option<usize> {
        self.named.get(name).copied()
    }

    /// Numbers of the actors that act through a principal.
    pub(super) fn through(&self, principal: usize) -> &[usize] {
        self.through.get(principal).map_or(&[], Vec::as_slice)
    }

    /// Numbers of the actors that a resource is.
    pub(super) fn acting(&self, resource: usize) -> &[usize] {
        self.acting.get(&resource).map_or(&[], Vec::as_slice)
    }

    /// Numbers of the units that are a principal's or hold a grant of it.
    pub(super) fn units(&self, name: &str) -> &[usize] {
        self.units.get(name).map_or(&[], Vec::as_slice)
    }

    /// Numbers of the connectors that attach a policy to a role, once for each policy.
    pub(super) fn attaching(&self, role: &str) -> &[usize] {
        self.attaching.get(role).map_or(&[], Vec::as_slice)
    }

    /// Numbers of the connectors that lead from a resource or to it.
    pub(super) fn ending(&self, resource: usize) -> &[usize] {
        self.ending.get(&resource).map_or(&[], Vec::as_slice)
    }

    /// Numbers of what polls an event source.
    pub(super) fn polling(&self, source: usize) -> &[usize] {
        self.polling.get(&source).map_or(&[], Vec::as_slice)
    }

    /// What a principal may do beside policies, by connectors and by what SAM adds.
    pub(super) fn beside<'a>(
        &'a self,
        name: &str,
        connectors: &'a [ConnectorView],
        added: &'a [Added],
    ) -> impl Iterator<Item = &'a Grant> {
        self.beside.get(name).into_iter().flatten().map(move |place| match *place {
            Beside::Connector(number, at) => &connectors[number].grants[at],
            Beside::Added(number) => &added[number].grant,
        })
    }

    /// Numbers of the connectors that grant a principal something.
    pub(super) fn granting(&self, name: &str) -> impl Iterator<Item = usize> {
        let mut last = None;
        self.beside.get(name).into_iter().flatten().filter_map(move |place| match *place {
            Beside::Connector(number, _) if last.replace(number) != Some(number) => Some(number),
            _ => None,
        })
    }

    /// What SAM adds for a principal, and what AWS managed policies are known to give it.
    pub(super) fn added<'a>(&'a self, name: &str, added: &'a [Added]) -> impl Iterator<Item = &'a Added> {
        self.beside.get(name).into_iter().flatten().filter_map(move |place| match *place {
            Beside::Connector(..) => None,
            Beside::Added(number) => added.get(number),
        })
    }
}

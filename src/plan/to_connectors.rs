//! Policies → connectors: which connector each edge gets, what it costs in permissions, and whether consent and quota allow
//! it. Works on grants alone; the text is written by `changes`.

use super::delta::{Delta, delta, within};
use super::edge::{Edge, covers, drops};
use super::naming::Names;
use super::options::{FormChoice, Options};
use super::proposal::{ConditionUse, Proposal, Use};
use super::rest::{outcome, remaining};
use super::{Decision, Form, HeldBy};
use crate::analysis::{Analysis, Resolver};
use crate::iam::{Effect, Grant, GrantSet, Presence};
use crate::template::ConnectorPlace;
use std::collections::{BTreeMap, BTreeSet};

/// A proposal with what was decided about it.
pub(super) struct Decided {
    /// The proposal.
    pub(super) proposal: Proposal,
    /// What it does to permissions.
    pub(super) delta: Delta,
    /// Live cells of the edge that stay.
    pub(super) kept: Vec<usize>,
    /// What becomes of it.
    pub(super) decision: Decision,
}

/// Decides every edge in order, each against the state after those taken before it.
pub(super) fn decide(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    options: &Options,
    edges: Vec<Edge>,
) -> Vec<Decided> {
    let mut engine = Engine {
        resolver,
        analysis,
        options,
        names: Names::of(resolver, analysis),
        conditions: BTreeMap::new(),
        standalone: analysis
            .connectors
            .iter()
            .any(|view| matches!(view.connector.place, ConnectorPlace::Standalone(_))),
        state: State::default(),
        managed: BTreeMap::new(),
    };
    edges.into_iter().filter_map(|edge| engine.decide(edge)).collect()
}

/// What the rewrites taken so far have changed.
#[derive(Debug, Default)]
pub(super) struct State {
    gone: BTreeSet<usize>,
    grants: Vec<Grant>,
}

impl State {
    /// The state after some proposals.
    pub(super) fn after<'p>(proposals: impl IntoIterator<Item = &'p Proposal>) -> Self {
        let mut state = Self::default();
        proposals.into_iter().for_each(|proposal| state.take(proposal));
        state
    }

    fn take(&mut self, proposal: &Proposal) {
        self.gone.extend(&proposal.gone);
        self.grants.extend(proposal.grants.iter().cloned());
    }

    /// All grants in this state, of one owner of policies or of all.
    pub(super) fn grants(&self, analysis: &Analysis, owner: Option<usize>) -> GrantSet {
        self.grants_with(analysis, owner, None)
    }

    /// The same after one more proposal, which is not taken.
    fn grants_with(&self, analysis: &Analysis, owner: Option<usize>, more: Option<&Proposal>) -> GrantSet {
        let principal = owner.and_then(|owner| analysis.principal_of(owner)).map(|p| p.name.clone());
        let concerns = |grant: &Grant| principal.as_ref().is_none_or(|name| grant.principal == *name);
        let mut set = GrantSet::new();
        for unit in &analysis.ledger.units {
            if owner.is_some_and(|owner| owner != unit.owner) {
                continue;
            }
            let mut gone: BTreeSet<usize> = self.gone.range(unit.cells()).copied().collect();
            gone.extend(more.iter().flat_map(|proposal| proposal.gone.range(unit.cells())));
            for cell in remaining(unit, &outcome(&analysis.ledger, unit, &gone)) {
                set.push(analysis.ledger.cells[cell].grant.clone());
            }
        }
        let more = more.map_or(&[][..], |proposal| &proposal.grants);
        let beside = analysis.beside_policies().chain(&self.grants).chain(more);
        beside.filter(|grant| concerns(grant)).for_each(|grant| set.push(grant.clone()));
        set
    }
}

struct Engine<'r, 'c> {
    resolver: &'r Resolver<'c>,
    analysis: &'r Analysis,
    options: &'r Options,
    names: Names,
    /// New conditions by what they are made of.
    conditions: BTreeMap<Vec<(String, bool)>, ConditionUse>,
    standalone: bool,
    state: State,
    /// Connectors taken per owner.
    managed: BTreeMap<usize, usize>,
}

impl Engine<'_, '_> {
    fn decide(&mut self, edge: Edge) -> Option<Decided> {
        let parts = self.condition_parts(&edge);
        let presence = self.presence(&parts);
        let existing = self.existing(&edge, &presence);
        let full = self.categories(&edge, existing)?;
        let mut alternatives = vec![full.clone()];
        if self.options.partial {
            alternatives.extend(self.fewer(&edge, existing, &full));
        }
        let selected = self.selected(&edge);
        let mut best: Option<Decided> = None;
        for categories in alternatives {
            let proposal = self.propose(&edge, categories, existing, &parts, &presence)?;
            let decided = self.judge(proposal, selected);
            let taken = decided.decision == Decision::Taken;
            if best.is_none() || taken {
                best = Some(decided);
            }
            if taken {
                break;
            }
        }
        let mut decided = best?;
        self.name(&mut decided.proposal, parts);
        if decided.decision == Decision::Taken {
            self.state.take(&decided.proposal);
            if matches!(decided.proposal.connector, Use::New { .. }) {
                *self.managed.entry(decided.proposal.edge.owner).or_default() += 1;
            }
        }
        Some(decided)
    }

    /// The conditions that must hold for the connector: that of the role, of the destination, and the branches.
    fn condition_parts(&self, edge: &Edge) -> Vec<(String, bool)> {
        let resources = self.resolver.template.resources();
        let own = |position: usize| resources[position].condition.clone().map(|name| (name, true));
        let mut parts: Vec<(String, bool)> = Vec::new();
        for part in
            [own(edge.owner), own(edge.destination)].into_iter().flatten().chain(edge.branches.clone())
        {
            // A condition that follows from the others adds nothing.
            let meaning = self.presence(std::slice::from_ref(&part));
            if self.presence(&parts).implies(&meaning) == Some(true) {
                continue;
            }
            parts.retain(|earlier| {
                meaning.implies(&self.presence(std::slice::from_ref(earlier))) != Some(true)
            });
            parts.push(part);
        }
        parts
    }

    fn presence(&self, parts: &[(String, bool)]) -> Presence {
        parts.iter().fold(Presence::Always, |presence, (name, holds)| {
            let condition = self.resolver.template.condition(name);
            presence.and(if *holds { condition } else { condition.negated() })
        })
    }

    /// A connector that already joins the two ends at least as often.
    fn existing(&self, edge: &Edge, presence: &Presence) -> Option<usize> {
        self.analysis.connectors.iter().position(|view| {
            let own = view.connector.condition.as_deref();
            let own = own.map_or(Presence::Always, |name| self.resolver.template.condition(name));
            view.complaint.is_none()
                && view.source == Some(edge.owner)
                && view.destinations.contains(&Some(edge.destination))
                && presence.implies(&own) == Some(true)
        })
    }

    /// The smallest set of categories that covers what can be covered. A connector with several destinations cannot be
    /// extended without touching the others, so there it is all or nothing.
    fn categories(&self, edge: &Edge, existing: Option<usize>) -> Option<Vec<String>> {
        let has = self.has(existing);
        let mut candidates: Vec<&Vec<String>> = edge.profile.combinations.iter().collect();
        candidates.sort_by_key(|combination| combination.len());
        let cells = &self.analysis.ledger.cells;
        candidates
            .into_iter()
            .filter(|combination| has.iter().all(|category| combination.contains(category)))
            .find(|combination| {
                let grants = self.grants(edge, combination, &Presence::Always);
                edge.coverable.iter().all(|&n| cells[n].inert || covers(&grants, &cells[n].grant))
                    && edge.open.iter().flat_map(|(_, actions)| actions).all(|grant| covers(&grants, grant))
            })
            .map(|combination| ordered(combination))
    }

    /// Smaller alternatives, fullest first.
    fn fewer(&self, edge: &Edge, existing: Option<usize>, full: &[String]) -> Vec<Vec<String>> {
        let has = self.has(existing);
        let cells = &self.analysis.ledger.cells;
        let mut found: Vec<(usize, Vec<String>)> = edge
            .profile
            .combinations
            .iter()
            .filter(|combination| combination.len() < full.len())
            .filter(|combination| has.iter().all(|category| combination.contains(category)))
            .map(|combination| {
                let grants = self.grants(edge, combination, &Presence::Always);
                let covered = edge.coverable.iter().filter(|&&n| covers(&grants, &cells[n].grant)).count();
                (covered, ordered(combination))
            })
            .filter(|(covered, _)| *covered > 0)
            .collect();
        found.sort_by_key(|(covered, _)| std::cmp::Reverse(*covered));
        found.into_iter().map(|(_, categories)| categories).collect()
    }

    fn has(&self, existing: Option<usize>) -> Vec<String> {
        existing.map(|view| self.analysis.connectors[view].connector.permissions.clone()).unwrap_or_default()
    }

    fn grants(&self, edge: &Edge, categories: &[String], presence: &Presence) -> Vec<Grant> {
        self.analysis.connector_grants(
            self.resolver,
            &edge.profile,
            edge.owner,
            edge.destination,
            categories,
            presence,
        )
    }

    fn propose(
        &self,
        edge: &Edge,
        categories: Vec<String>,
        existing: Option<usize>,
        parts: &[(String, bool)],
        presence: &Presence,
    ) -> Option<Proposal> {
        let cells = &self.analysis.ledger.cells;
        let covering = self.grants(edge, &categories, &Presence::Always);
        let mut gone: BTreeSet<usize> =
            edge.coverable.iter().copied().filter(|&n| covers(&covering, &cells[n].grant)).collect();
        let dropped =
            edge.rest.iter().filter(|&n| !edge.fixed.contains(n) && drops(self.options, &cells[*n])).copied();
        gone.extend(dropped);
        if gone.is_empty() {
            return None;
        }
        let (connector, grants) = match existing {
            Some(view) => {
                let found = &self.analysis.connectors[view];
                let missing: Vec<String> = categories
                    .iter()
                    .filter(|category| !found.connector.permissions.contains(category))
                    .cloned()
                    .collect();
                let own = found.connector.condition.as_deref();
                let own = own.map_or(Presence::Always, |name| self.resolver.template.condition(name));
                let same = own.equivalent(presence) == Some(true) && !found.connector.destination_list;
                if missing.is_empty() || same {
                    let grants = self.grants(edge, &missing, &own);
                    (Use::Existing { view, missing }, grants)
                } else {
                    (self.fresh(parts), self.grants(edge, &categories, presence))
                }
            }
            None => (self.fresh(parts), self.grants(edge, &categories, presence)),
        };
        Some(Proposal { edge: edge.clone(), categories, gone, grants, connector, condition: None })
    }

    fn fresh(&self, parts: &[(String, bool)]) -> Use {
        let form = match self.options.form {
            FormChoice::Embedded => Form::Embedded,
            FormChoice::Standalone => Form::Standalone,
            // A linter rejects a condition inside an embedded connector.
            FormChoice::Auto if self.standalone || !parts.is_empty() => Form::Standalone,
            FormChoice::Auto => Form::Embedded,
        };
        Use::New { key: String::new(), id: String::new(), form }
    }

    fn judge(&self, proposal: Proposal, selected: bool) -> Decided {
        let owner = proposal.edge.owner;
        let before = self.state.grants(self.analysis, Some(owner));
        let after = self.state.grants_with(self.analysis, Some(owner), Some(&proposal));
        let delta = delta(self.resolver, self.analysis, &self.options.consent, &before, &after);
        let cells = &self.analysis.ledger.cells;
        let live = |n: &usize| !cells[*n].inert && !proposal.gone.contains(n);
        let mut kept: Vec<usize> =
            proposal.edge.rest.iter().chain(&proposal.edge.coverable).copied().filter(|n| live(n)).collect();
        kept.sort_unstable();
        let decision = if !selected {
            Decision::Skipped
        } else if delta.effect == Effect::Unknown {
            Decision::Held(HeldBy::Unknown)
        } else if !within(&self.options.consent, &delta) {
            Decision::Held(HeldBy::Consent)
        } else if self.beyond_quota(&proposal) {
            Decision::Held(HeldBy::Quota)
        } else {
            Decision::Taken
        };
        Decided { proposal, delta, kept, decision }
    }

    fn beyond_quota(&self, proposal: &Proposal) -> bool {
        if !matches!(proposal.connector, Use::New { .. }) {
            return false;
        }
        let owner = proposal.edge.owner;
        let attached = self
            .analysis
            .principal_of(owner)
            .map_or(0, |principal| self.analysis.managed_policies(self.resolver, principal));
        attached + self.managed.get(&owner).copied().unwrap_or(0) + 1 > self.options.max_managed_policies
    }

    fn selected(&self, edge: &Edge) -> bool {
        let select = &self.options.select;
        let id = |position: usize| self.resolver.template.resources()[position].id.as_str();
        let named = |list: &[String], text: &str| list.iter().any(|pattern| matches(pattern, text));
        (select.only.is_empty() || named(&select.only, &edge.profile.id))
            && !named(&select.skip, &edge.profile.id)
            && (select.sources.is_empty() || named(&select.sources, id(edge.owner)))
            && (select.destinations.is_empty() || named(&select.destinations, id(edge.destination)))
    }

    /// Gives a new connector its name and its condition.
    fn name(&mut self, proposal: &mut Proposal, parts: Vec<(String, bool)>) {
        let Use::New { key, id, .. } = &mut proposal.connector else { return };
        let resources = self.resolver.template.resources();
        let (owner, destination) =
            (&resources[proposal.edge.owner].id, &resources[proposal.edge.destination].id);
        (*key, *id) = self.names.connector(self.resolver, proposal.edge.profile.kind, owner, destination);
        proposal.condition = self.condition(parts);
    }

    fn condition(&mut self, parts: Vec<(String, bool)>) -> Option<ConditionUse> {
        if parts.is_empty() {
            return None;
        }
        if let Some(known) = self.conditions.get(&parts) {
            return Some(known.clone());
        }
        let wanted = self.presence(&parts);
        let named = match parts.as_slice() {
            [(name, true)] => Some(name.clone()),
            _ => self
                .resolver
                .template
                .conditions()
                .iter()
                .find(|(_, formula)| formula.equivalent(&wanted) == Some(true))
                .map(|(name, _)| name.clone()),
        };
        let found = match named {
            Some(name) => ConditionUse { name, new: false, parts: parts.clone() },
            None => ConditionUse { name: self.names.condition(&parts), new: true, parts: parts.clone() },
        };
        self.conditions.insert(parts, found.clone());
        Some(found)
    }
}

/// Categories in the order in which they are written: `Read` before `Write`.
fn ordered(categories: &[String]) -> Vec<String> {
    let mut out = categories.to_vec();
    out.sort();
    out
}

/// Whether a pattern with `*` and `?` matches a text.
fn matches(pattern: &str, text: &str) -> bool {
    crate::iam::ResourcePattern::from_text(pattern).covers(&crate::iam::ResourcePattern::from_text(text))
}

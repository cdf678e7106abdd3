//! Policies → connectors: which connector each edge gets, what it costs in permissions, and whether consent and quota allow
//! it. Works on grants alone; the text is written by `changes`.

use super::delta::{Delta, delta, within};
use super::edge::{Edge, basis, drops};
use super::join::{self, existing};
use super::naming::{Names, far_name};
use super::options::{FormChoice, Options, Phase};
use super::proposal::{ConditionUse, Placing, Proposal, Use};
use super::side::{in_place, reserved};
use super::state::State;
use super::suppress::Suppressions;
use super::{Decision, HeldBy};
use crate::analysis::{Analysis, Ends, Resolver, is_sole};
use crate::catalog::GrantKind;
use crate::iam::{Effect, Grant, Presence};
use crate::template::ConnectorPlace;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A proposal with what was decided about it.
pub(super) struct Decided {
    /// The proposal.
    pub(super) proposal: Proposal,
    /// What it does to permissions as a whole.
    pub(super) delta: Delta,
    /// What the step of the options does to them, if it is one of two.
    pub(super) step: Option<Delta>,
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
    edges: Vec<Arc<Edge>>,
) -> Vec<Decided> {
    let mut engine = Engine {
        resolver,
        analysis,
        options,
        suppressions: Suppressions::of(resolver.doc, &options.select),
        names: Names::of(resolver, analysis),
        conditions: BTreeMap::new(),
        standalone: analysis
            .connectors
            .iter()
            .any(|view| matches!(view.connector.place, ConnectorPlace::Standalone(_))),
        state: State::default(),
        step: State::default(),
        managed: BTreeMap::new(),
        reserved: edges.iter().filter_map(|edge| reserved(resolver, analysis, edge)).collect(),
    };
    edges.into_iter().filter_map(|edge| engine.decide(edge)).collect()
}

struct Engine<'r, 'c> {
    resolver: &'r Resolver<'c>,
    analysis: &'r Analysis,
    options: &'r Options,
    suppressions: Suppressions,
    names: Names,
    /// New conditions by what they are made of.
    conditions: BTreeMap<Vec<(String, bool)>, ConditionUse>,
    standalone: bool,
    state: State,
    /// The state after the same step of what was taken.
    step: State,
    /// Managed policies that come with what is taken, per role.
    managed: BTreeMap<Arc<str>, usize>,
    /// Ids that connectors of queue and topic policies need.
    reserved: BTreeSet<String>,
}

impl Engine<'_, '_> {
    fn decide(&mut self, edge: Arc<Edge>) -> Option<Decided> {
        let parts = self.condition_parts(&edge);
        let presence = self.presence(&parts);
        let suffices = |view| self.suffices(&edge, &self.has(Some(view)));
        let existing = existing(self.resolver, self.analysis, &edge, &presence, suffices);
        let selected = self.selected(&edge);
        let mut best: Option<Decided> = None;
        for categories in self.alternatives(&edge, existing) {
            let Some(proposal) = self.propose(&edge, categories, existing, &parts, &presence) else {
                continue;
            };
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
        decided.step = self.step_of(&decided);
        if decided.decision == Decision::Taken {
            self.state.take(&decided.proposal, Phase::Both);
            self.step.take(&decided.proposal, self.options.phase);
            let more = self.attaches(&decided.proposal);
            *self.managed.entry(decided.proposal.edge.principal.clone()).or_default() += more;
        }
        Some(decided)
    }

    /// What the connector may give, the best first: all that is wanted, then less where that is asked for, then what the
    /// connector that is there gives already.
    fn alternatives(&self, edge: &Edge, existing: Option<usize>) -> Vec<Vec<String>> {
        let has = existing.map(|_| self.has(existing));
        let full = match self.options.phase {
            Phase::Remove => None,
            Phase::Both | Phase::Add => self.categories(edge, existing),
        };
        let fewer = full.iter().filter(|_| self.options.partial);
        let fewer: Vec<Vec<String>> = fewer.flat_map(|full| self.fewer(edge, existing, full)).collect();
        let mut all: Vec<Vec<String>> = full.into_iter().chain(fewer).collect();
        all.extend(has.filter(|has| !all.contains(has)));
        all
    }

    /// What the step of the options does to permissions, against the state after the same step of what was taken before.
    fn step_of(&self, decided: &Decided) -> Option<Delta> {
        let phase = self.options.phase;
        match phase {
            Phase::Both => None,
            Phase::Remove => Some(decided.delta.clone()),
            Phase::Add => Some(self.difference(&self.step, &decided.proposal, phase)),
        }
    }

    /// What a phase of a proposal does to permissions in a state.
    fn difference(&self, state: &State, proposal: &Proposal, phase: Phase) -> Delta {
        let of_cells = proposal.gone.iter().map(|&n| &self.analysis.ledger.cells[n].grant);
        let principals: BTreeSet<Arc<str>> =
            of_cells.chain(&proposal.grants).map(|grant| grant.principal.clone()).collect();
        let before = state.grants(self.analysis, Some(&principals));
        let after = state.grants_with(self.analysis, Some(&principals), Some((proposal, phase)));
        delta(self.resolver, self.analysis, &self.options.consent, &before, &after)
    }

    /// The conditions that must hold for the connector: those of what it refers to, and those around the policies.
    fn condition_parts(&self, edge: &Edge) -> Vec<(String, bool)> {
        let mut parts: Vec<(String, bool)> = Vec::new();
        for part in basis(self.resolver, self.analysis, edge).into_iter().chain(edge.conditions.clone()) {
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
        self.resolver.template.all_of(parts)
    }

    /// The smallest set of categories that covers what can be covered. A connector with several destinations cannot be
    /// extended without touching the others, so there it is all or nothing.
    fn categories(&self, edge: &Edge, existing: Option<usize>) -> Option<Vec<String>> {
        let has = self.has(existing);
        let mut candidates: Vec<&Vec<String>> = edge.profile.combinations.iter().collect();
        candidates.sort_by_key(|combination| combination.len());
        candidates
            .into_iter()
            .filter(|combination| has.iter().all(|category| combination.contains(category)))
            .find(|combination| self.suffices(edge, combination))
            .map(|combination| ordered(combination))
    }

    /// Whether some categories cover all that a connector could take over.
    fn suffices(&self, edge: &Edge, categories: &[String]) -> bool {
        let cells = &self.analysis.ledger.cells;
        let grants = self.grants(edge, categories, &Presence::Always);
        edge.coverable.iter().all(|&n| cells[n].inert || edge.covers(&grants, &cells[n].grant))
            && edge.open.iter().flat_map(|(_, actions)| actions).all(|grant| edge.covers(&grants, grant))
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
                let covered =
                    edge.coverable.iter().filter(|&&n| edge.covers(&grants, &cells[n].grant)).count();
                (covered, ordered(combination))
            })
            .collect();
        found.sort_by_key(|(covered, _)| std::cmp::Reverse(*covered));
        found.into_iter().map(|(_, categories)| categories).collect()
    }

    fn has(&self, existing: Option<usize>) -> Vec<String> {
        existing.map(|view| self.analysis.connectors[view].connector.permissions.clone()).unwrap_or_default()
    }

    fn grants(&self, edge: &Edge, categories: &[String], presence: &Presence) -> Vec<Grant> {
        let of = |ends: &Ends<'_>| {
            self.analysis.connector_grants(self.resolver, &edge.profile, ends, categories, presence)
        };
        edge.ends(self.resolver).iter().flat_map(of).collect()
    }

    fn propose(
        &self,
        edge: &Arc<Edge>,
        categories: Vec<String>,
        existing: Option<usize>,
        parts: &[(String, bool)],
        presence: &Presence,
    ) -> Option<Proposal> {
        let cells = &self.analysis.ledger.cells;
        let covering = self.grants(edge, &categories, &Presence::Always);
        let mut gone: BTreeSet<usize> =
            edge.coverable.iter().copied().filter(|&n| edge.covers(&covering, &cells[n].grant)).collect();
        // An open pattern goes only with a connector that gives what it is used for.
        let (open, beyond): (Vec<_>, Vec<_>) = edge
            .open
            .iter()
            .partition(|(_, actions)| actions.iter().all(|grant| edge.covers(&covering, grant)));
        if open.is_empty() && gone.iter().all(|&n| cells[n].inert) {
            return None;
        }
        let dropped = edge.rest.iter().copied().filter(|n| {
            !edge.fixed.contains(n)
                && drops(self.options, edge, &cells[*n])
                && beyond.iter().all(|(b, _)| b != n)
        });
        gone.extend(dropped);
        let in_place = match existing {
            None => in_place(self.resolver, self.analysis, edge.profile.kind, &gone)
                .filter(|(_, id)| self.names.is_free(id))
                .filter(|(_, id)| is_sole(edge.profile.kind) || !self.reserved.contains(id)),
            Some(_) => None,
        };
        let (connector, grants) = match existing {
            Some(view) => {
                let found = &self.analysis.connectors[view];
                let missing: Vec<String> = categories
                    .iter()
                    .filter(|category| !found.connector.permissions.contains(category))
                    .cloned()
                    .collect();
                let own = join::own(self.resolver, found);
                let same = own.equivalent(presence) == Some(true) && !found.connector.destination_list;
                if missing.is_empty() || same {
                    let grants = self.grants(edge, &missing, &own);
                    (Use::Existing { view, missing }, grants)
                } else {
                    (self.fresh(edge, parts), self.grants(edge, &categories, presence))
                }
            }
            None => (self.fresh(edge, parts), self.grants(edge, &categories, presence)),
        };
        let (in_place, connector) = match (in_place, connector) {
            (Some((position, id)), Use::New { key, .. }) => {
                (Some(position), Use::New { key, id, form: Placing::Standalone })
            }
            (_, connector) => (None, connector),
        };
        Some(Proposal {
            edge: Arc::clone(edge),
            categories,
            gone,
            grants,
            connector,
            condition: None,
            in_place,
        })
    }

    fn fresh(&self, edge: &Edge, parts: &[(String, bool)]) -> Use {
        let form = match self.options.form_of(&edge.fingerprint) {
            FormChoice::Embedded => Placing::Embedded,
            FormChoice::Standalone => Placing::Standalone,
            // A linter rejects a condition inside an embedded connector.
            FormChoice::Auto if self.standalone || edge.apart || !parts.is_empty() => Placing::Standalone,
            FormChoice::Auto => Placing::Embedded,
        };
        Use::New { key: String::new(), id: String::new(), form }
    }

    fn judge(&self, proposal: Proposal, selected: bool) -> Decided {
        let delta = self.difference(&self.state, &proposal, Phase::Both);
        let cells = &self.analysis.ledger.cells;
        let never = |n: &usize| cells[*n].grant.presence.implies(&Presence::Never) == Some(true);
        let live = |n: &usize| !cells[*n].inert && !proposal.gone.contains(n) && !never(n);
        let mut kept: Vec<usize> =
            proposal.edge.rest.iter().chain(&proposal.edge.coverable).copied().filter(|n| live(n)).collect();
        kept.sort_unstable();
        let decision = if let Some(take) = self.options.answers.of(&proposal.edge.fingerprint).take {
            if take { Decision::Taken } else { Decision::Skipped }
        } else if !selected {
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
        Decided { proposal, delta, step: None, kept, decision }
    }

    fn beyond_quota(&self, proposal: &Proposal) -> bool {
        let more = self.attaches(proposal);
        if more == 0 {
            return false;
        }
        let role = &proposal.edge.principal;
        let attached = self
            .analysis
            .principal(role)
            .map_or(0, |principal| self.analysis.managed_policies(self.resolver, principal));
        attached + self.managed.get(role).copied().unwrap_or(0) + more > self.options.max_managed_policies
    }

    /// How many managed policies the role gets while the rewrite is deployed. One that takes the place of another needs none.
    fn attaches(&self, proposal: &Proposal) -> usize {
        let managed = proposal.edge.profile.kind == GrantKind::ManagedPolicy && proposal.in_place.is_none();
        if managed { proposal.generates() } else { 0 }
    }

    fn selected(&self, edge: &Edge) -> bool {
        let select = &self.options.select;
        let id = |position: usize| self.resolver.template.resources()[position].id.as_str();
        let named = |list: &[String], text: &str| list.iter().any(|pattern| matches(pattern, text));
        let to = |position: usize| named(&select.destinations, id(position));
        let units: BTreeSet<usize> =
            edge.cells().map(|number| self.analysis.ledger.cells[number].unit).collect();
        let ignored = units.into_iter().any(|unit| {
            let node = self.analysis.ledger.units[unit].node;
            self.suppressions.cover(self.resolver.doc, &edge.profile.id, node)
        });
        !ignored
            && (select.only.is_empty() || named(&select.only, &edge.profile.id))
            && !named(&select.skip, &edge.profile.id)
            && (select.sources.is_empty() || named(&select.sources, id(edge.source())))
            && (select.destinations.is_empty() || edge.destinations().into_iter().any(to))
    }

    /// Gives a new connector its name and its condition.
    fn name(&mut self, proposal: &mut Proposal, parts: Vec<(String, bool)>) {
        let Use::New { key, id, .. } = &mut proposal.connector else { return };
        let kind = proposal.edge.profile.kind;
        if proposal.in_place.is_some() {
            self.names.take(self.resolver, kind, id);
        } else {
            let source = &self.resolver.template.resources()[proposal.edge.source()].id;
            let far = far_name(self.resolver, &proposal.edge);
            (*key, *id) = self.names.connector(self.resolver, kind, source, &far);
        }
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

//! Grants, sets of them, and what one set has that another lacks. Deny statements are held but take no part in
//! coverage: they stay where they are, whatever a rewrite does.

use super::{ActionPattern, Condition, GrantIndex, Presence, ResourcePattern};
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// Grants of one principal above which they are looked up instead of compared one by one.
const INDEXED_ABOVE: usize = 32;

/// One permission of one principal: the atom of all comparisons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who holds it: the logical id of a role, or a service for resource-side grants.
    pub principal: Arc<str>,
    /// Whether the statement allows (`true`) or denies.
    pub allow: bool,
    /// What may be done.
    pub action: ActionPattern,
    /// To what.
    pub resource: ResourcePattern,
    /// The IAM condition, if the statement has one.
    pub condition: Option<Condition>,
    /// When the grant exists.
    pub presence: Presence,
}

impl Grant {
    /// Whether this grant alone permits what `other` permits at the time both exist: same principal and effect, wider
    /// action and resource, and no IAM condition or one that admits every request that the other does.
    pub fn reaches(&self, other: &Self) -> bool {
        // What tells most pairs apart comes first.
        self.action.covers(&other.action)
            && self.resource.covers(&other.resource)
            && self.allow == other.allow
            && self
                .condition
                .as_ref()
                .is_none_or(|own| other.condition.as_ref().is_some_and(|c| own.admits(c)))
            && self.principal == other.principal
    }

    /// The grant as it is shown to people and written to reports.
    pub fn permission(&self) -> Permission {
        Permission {
            principal: self.principal.to_string(),
            action: self.action.to_string(),
            resource: self.resource.to_string(),
            on: None,
            condition: self.condition.as_ref().map(ToString::to_string),
            when: (self.presence != Presence::Always).then(|| self.presence.to_string()),
            implied_by: Vec::new(),
            because: None,
            inert: false,
            deny: !self.allow,
        }
    }
}

/// A grant in words, for reports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Permission {
    /// Logical id of the role, or the service of a resource-side grant.
    pub principal: String,
    /// Action pattern as written.
    pub action: String,
    /// Resource in `Fn::Sub` notation.
    pub resource: String,
    /// For a grant to a service, the logical id of the resource that it is attached to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// The IAM condition of the grant; absent when it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The conditions of the template under which the grant exists; absent when it always does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Actions that the principal held before and that give the same power; empty if there are none.
    pub implied_by: Vec<String>,
    /// Why the permission is no new power although no action implies it; absent if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Whether IAM can never match this pair of action and resource.
    pub inert: bool,
    /// Whether it is denied instead of allowed; absent where it is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deny: bool,
}

impl Permission {
    /// Whether holding it gives no power that was not there before.
    pub fn is_implied(&self) -> bool {
        !self.implied_by.is_empty() || self.because.is_some()
    }
}

/// Whether a set covers a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// At all times.
    Covered,
    /// Not, or not at all times.
    Uncovered,
    /// Too many conditions are involved to tell.
    Unknown,
}

/// Grants by principal.
#[derive(Debug, Clone, Default)]
pub struct GrantSet {
    by_principal: HashMap<Arc<str>, Held>,
    order: Vec<Arc<str>>,
}

/// The grants of one principal, in the order in which they were added.
#[derive(Debug, Clone, Default)]
struct Held {
    grants: Vec<Grant>,
    /// Made when first asked for.
    index: OnceLock<GrantIndex>,
}

impl Held {
    fn push(&mut self, grant: Grant) {
        if let Some(index) = self.index.get_mut() {
            index.push(self.grants.len(), &grant);
        }
        self.grants.push(grant);
    }

    /// The grants that may cover an action on a resource, in their order.
    fn candidates(&self, action: &ActionPattern, resource: &ResourcePattern) -> impl Iterator<Item = &Grant> {
        let is_small = self.grants.len() <= INDEXED_ABOVE;
        let all: &[Grant] = if is_small { &self.grants } else { &[] };
        let index = (!is_small).then(|| self.index.get_or_init(|| GrantIndex::of(&self.grants)));
        let found = index.into_iter().flat_map(|index| index.candidates(action, resource));
        all.iter().chain(found.filter_map(|at| self.grants.get(at)))
    }
}

impl GrantSet {
    /// No grants.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a grant.
    pub fn push(&mut self, grant: Grant) {
        match self.by_principal.get_mut(&grant.principal) {
            Some(list) => list.push(grant),
            None => {
                self.order.push(grant.principal.clone());
                self.by_principal.entry(grant.principal.clone()).or_default().push(grant);
            }
        }
    }

    /// All grants, principals in the order of their first grant.
    pub fn iter(&self) -> impl Iterator<Item = &Grant> {
        self.order.iter().flat_map(|p| self.of(p))
    }

    /// The grants of one principal.
    pub fn of(&self, principal: &str) -> &[Grant] {
        self.by_principal.get(principal).map_or(&[], |held| held.grants.as_slice())
    }

    /// Whether the grants of this set together permit `grant` whenever it exists. A Deny is covered only by an
    /// equal Deny, since removing or adding one changes what is permitted in the other direction.
    pub fn covers(&self, grant: &Grant) -> Coverage {
        if !grant.allow {
            return covered_if(self.of(&grant.principal).contains(grant));
        }
        match grant.presence.implies(&self.presence_of(grant)) {
            Some(yes) => covered_if(yes),
            None => Coverage::Unknown,
        }
    }

    /// When the grants of this set permit what `grant` does.
    fn presence_of(&self, grant: &Grant) -> Presence {
        let mut present = Presence::Never;
        let Some(held) = self.by_principal.get(&grant.principal) else { return present };
        for candidate in
            held.candidates(&grant.action, &grant.resource).filter(|candidate| candidate.reaches(grant))
        {
            if candidate.presence == Presence::Always || candidate.presence == grant.presence {
                return candidate.presence.clone();
            }
            present = present.or(candidate.presence.clone());
        }
        present
    }

    /// The grants of this set that `other` does not cover, each at the times at which it is not covered, and whether
    /// something could not be decided.
    pub fn beyond(&self, other: &Self) -> (Vec<Grant>, bool) {
        let mut unknown = false;
        let mut beyond = Vec::new();
        for grant in self.iter() {
            match other.covers(grant) {
                Coverage::Covered => continue,
                Coverage::Uncovered => {}
                Coverage::Unknown => unknown = true,
            }
            let elsewhere = if grant.allow { other.presence_of(grant) } else { Presence::Never };
            beyond.push(Grant { presence: grant.presence.clone().without(elsewhere), ..grant.clone() });
        }
        (beyond, unknown)
    }
}

impl FromIterator<Grant> for GrantSet {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        let mut set = Self::new();
        grants.into_iter().for_each(|g| set.push(g));
        set
    }
}

fn covered_if(yes: bool) -> Coverage {
    if yes { Coverage::Covered } else { Coverage::Uncovered }
}

/// Class of a delta (what a rewrite does to the permissions of the roles it touches).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Effect {
    /// Nothing is added or removed, inert pairs apart.
    Same,
    /// Only permissions are added that earlier ones imply.
    Equivalent,
    /// Adds permissions.
    Wider,
    /// Removes permissions.
    Narrower,
    /// Adds some and removes others.
    Mixed,
    /// Cannot be decided.
    #[default]
    Unknown,
}

impl Effect {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Equivalent => "equivalent",
            Self::Wider => "wider",
            Self::Narrower => "narrower",
            Self::Mixed => "mixed",
            Self::Unknown => "unknown",
        }
    }

    /// The class of a delta whose live entries are `added` (each with whether it is implied) and `removed`.
    pub fn of<'a>(added: &'a [Permission], removed: &'a [Permission], unknown: bool) -> Self {
        let live = |list: &'a [Permission]| list.iter().filter(|p| !p.inert);
        // A denial works the other way round: where one goes, something is permitted that was not.
        let widens = live(added).any(|p| !p.deny && !p.is_implied()) || live(removed).any(|p| p.deny);
        let narrows = live(removed).any(|p| !p.deny) || live(added).any(|p| p.deny);
        match (unknown, widens, narrows) {
            (true, ..) => Self::Unknown,
            (_, true, true) => Self::Mixed,
            (_, true, false) => Self::Wider,
            (_, false, true) => Self::Narrower,
            (_, false, false) if live(added).next().is_some() => Self::Equivalent,
            _ => Self::Same,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(action: &str, resource: &str, presence: Presence) -> Grant {
        Grant {
            principal: "R".into(),
            allow: true,
            action: ActionPattern::new(action),
            resource: ResourcePattern::from_text(resource),
            condition: None,
            presence,
        }
    }

    #[test]
    fn a_set_covers_with_the_union_of_presences() {
        let c = Presence::atom("C");
        let set: GrantSet =
            [grant("s3:Get*", "b", c.clone()), grant("s3:GetObject", "*", c.clone().negated())]
                .into_iter()
                .collect();
        assert_eq!(set.covers(&grant("s3:GetObject", "b", Presence::Always)), Coverage::Covered);
        assert_eq!(set.covers(&grant("s3:GetObjectAcl", "b", Presence::Always)), Coverage::Uncovered);
        assert_eq!(set.covers(&grant("s3:GetObjectAcl", "b", c)), Coverage::Covered);
    }

    #[test]
    fn many_grants_cover_what_few_of_them_do() {
        let mut set = GrantSet::new();
        for number in 0..=INDEXED_ABOVE {
            set.push(grant(&format!("s3:Get{number}"), "b", Presence::Always));
        }
        assert_eq!(set.covers(&grant("S3:get7", "b", Presence::Always)), Coverage::Covered);
        assert_eq!(set.covers(&grant("s3:Get7", "c", Presence::Always)), Coverage::Uncovered);
        assert_eq!(set.covers(&grant("s3:Put", "c", Presence::Always)), Coverage::Uncovered);
        set.push(grant("s3:P*", "*", Presence::Always));
        assert_eq!(set.covers(&grant("s3:Put", "c", Presence::Always)), Coverage::Covered);
    }

    #[test]
    fn the_same_presence_is_seen_among_too_many_to_compare() {
        let at = |i| grant("s3:GetObject", "b", Presence::atom(format!("C{i}")));
        let set: GrantSet = (0..20).map(at).collect();
        assert_eq!(set.covers(&at(19)), Coverage::Covered);
        assert_eq!(set.covers(&at(20)), Coverage::Unknown);
    }

    #[test]
    fn what_is_beyond_a_set_is_told_for_the_times_at_which_it_is() {
        let (c, d) = (Presence::atom("C"), Presence::atom("D"));
        let wide: GrantSet = [grant("s3:GetObject", "b", c.clone())].into_iter().collect();
        let narrow: GrantSet = [grant("s3:GetObject", "b", c.and(d))].into_iter().collect();
        let (beyond, unknown) = wide.beyond(&narrow);
        assert_eq!(beyond.iter().map(|g| g.presence.to_string()).collect::<Vec<_>>(), ["C and not D"]);
        assert!(!unknown && narrow.beyond(&wide).0.is_empty());
    }

    #[test]
    fn a_conditional_statement_is_covered_by_an_unconditional_one_and_not_the_reverse() {
        let plain = grant("s3:GetObject", "b", Presence::Always);
        let mut guarded = plain.clone();
        guarded.condition = Some(Condition::Opaque("{\"Bool\":{}}".into()));
        assert!(plain.reaches(&guarded) && !guarded.reaches(&plain));
    }

    #[test]
    fn effects_are_told_from_live_entries() {
        let live = grant("a:B", "c", Presence::Always).permission();
        let inert = Permission { inert: true, ..live.clone() };
        let implied = Permission { implied_by: vec!["a:C".into()], ..live.clone() };
        let of = |a: &[Permission], r: &[Permission]| Effect::of(a, r, false);
        assert_eq!(of(std::slice::from_ref(&inert), std::slice::from_ref(&inert)), Effect::Same);
        assert_eq!(of(&[implied], &[]), Effect::Equivalent);
        assert_eq!(of(std::slice::from_ref(&live), &[]), Effect::Wider);
        assert_eq!(of(&[], std::slice::from_ref(&live)), Effect::Narrower);
        assert_eq!(of(std::slice::from_ref(&live), std::slice::from_ref(&live)), Effect::Mixed);
        assert_eq!(Effect::of(&[], &[], true), Effect::Unknown);
    }
}

//! What it takes to deploy one text of a template over another, beside the permissions that come and go: whoever has made the
//! later text, a plan or a person. Knows both texts, and no proposal.

use super::deployer;
use super::hazard::{Change, HAZARDS};
use super::model::{Hazard, Rewrite};
use super::options::Options;
use crate::analysis::{Analysis, ConnectorView, Managed, Origin, Resolver, Unit, analyse};
use crate::catalog::{Catalog, GrantKind};
use crate::iam::{Coverage, Grant, GrantSet};
use crate::syntax::{Document, SyntaxError};
use crate::template::Template;
use crate::text::Source;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The way from one text of a template to another.
#[derive(Debug, Clone, Default)]
pub struct Transition {
    /// IAM actions that the deploying identity newly needs.
    pub deployer_actions: Vec<String>,
    /// Who is given something by another policy or connector than before.
    any: BTreeSet<Arc<str>>,
    /// Who gets something by a connector.
    comes: BTreeSet<Arc<str>>,
    /// Who loses a grant of a policy.
    goes: BTreeSet<Arc<str>>,
    /// Who lacks for a moment what policies gave and connectors will give.
    gaps: BTreeSet<Arc<str>>,
    /// The managed policies of each role afterwards.
    managed_policies: BTreeMap<Arc<str>, usize>,
}

impl Transition {
    /// Whether deploying it in one step leaves somebody without permissions for a moment.
    pub fn has_gap(&self) -> bool {
        !self.gaps.is_empty()
    }

    /// The managed policies of a role afterwards; `None` where the later text has no such role.
    pub fn managed_policies(&self, role: &str) -> Option<usize> {
        self.managed_policies.get(role).copied()
    }

    /// The hazards of a rewrite that are still ahead where this way is gone in its stead.
    pub fn hazards_of(&self, rewrite: &Rewrite) -> Vec<Hazard> {
        let principal = rewrite.principal.as_str();
        let change = Change {
            any: self.any.contains(principal),
            comes: self.comes.contains(principal),
            goes: self.goes.contains(principal),
            gap: self.gaps.contains(principal),
        };
        let ahead =
            |hazard: &&Hazard| HAZARDS.iter().any(|kind| kind.id == hazard.id && kind.concerns(change));
        rewrite.hazards.iter().filter(ahead).cloned().collect()
    }
}

/// The way from `before` to `after`. Fails where one of them cannot be parsed; the place in the error is in that one.
pub fn transition(
    before: &Source,
    after: &Source,
    catalog: &Catalog,
    options: &Options,
) -> Result<Transition, SyntaxError> {
    let (old, new) = (Document::parse(before.clone())?, Document::parse(after.clone())?);
    let (old_template, new_template) = (Template::view(&old), Template::view(&new));
    let resolver = Resolver::new(&old, &old_template, catalog, options.partition);
    let new_resolver = Resolver::new(&new, &new_template, catalog, options.partition);
    let (analysis, new_analysis) = (analyse(&resolver), analyse(&new_resolver));
    let way = Way { old: (&resolver, &analysis), new: (&new_resolver, &new_analysis) };
    let coming = way.coming();
    let comes: BTreeSet<Arc<str>> =
        coming.iter().flat_map(|view| &view.parts).map(|part| part.holder.clone()).collect();
    let managed_policies = new_analysis.principals.iter().map(|principal| {
        let count = new_analysis.managed_policies(&new_resolver, principal);
        (principal.name.clone(), count)
    });
    let (goes, any) = way.concerned();
    Ok(Transition {
        deployer_actions: way.deployer_actions(&coming),
        any,
        goes,
        gaps: way.gaps(&coming),
        comes,
        managed_policies: managed_policies.collect(),
    })
}

/// Two states of a template, each with its expressions and who holds what.
struct Way<'a> {
    old: (&'a Resolver<'a>, &'a Analysis),
    new: (&'a Resolver<'a>, &'a Analysis),
}

impl<'a> Way<'a> {
    /// The connectors that are new, or give more than all gave before.
    fn coming(&self) -> Vec<&'a ConnectorView> {
        let (old, new) = (self.old.1, self.new.1);
        let known: BTreeSet<&str> = old.connectors.iter().map(|view| view.connector.id.as_str()).collect();
        let had: GrantSet = old.beside_policies().cloned().collect();
        let more = |view: &&ConnectorView| {
            !known.contains(view.connector.id.as_str())
                || view.grants.iter().any(|grant| !covers(&had, grant))
        };
        new.connectors.iter().filter(more).collect()
    }

    fn deployer_actions(&self, coming: &[&ConnectorView]) -> Vec<String> {
        let (resolver, analysis) = self.old;
        let kinds = coming.iter().flat_map(|view| &view.parts).filter_map(|part| {
            let profile = resolver.catalog.profiles().find(|profile| profile.id == part.profile)?;
            Some(profile.kind)
        });
        let kinds: Vec<GrantKind> = kinds.collect();
        let mut actions: BTreeSet<String> =
            deployer::for_connectors(resolver, analysis, kinds.into_iter()).into_iter().collect();
        if !deployer::has_inline_policies(analysis) && deployer::has_inline_policies(self.new.1) {
            actions.extend(deployer::for_inline_policies(resolver.catalog));
        }
        actions.into_iter().collect()
    }

    /// Who loses a grant of a policy, and who is given something by another policy or connector than before.
    fn concerned(&self) -> (BTreeSet<Arc<str>>, BTreeSet<Arc<str>>) {
        let states = [self.old.1, self.new.1];
        let policies = states.map(|analysis| -> GrantSet {
            analysis.ledger.cells.iter().map(|cell| cell.grant.clone()).collect()
        });
        let others = states.map(|analysis| -> GrantSet { analysis.beside_policies().cloned().collect() });
        let lacking = |set: &GrantSet, other: &GrantSet| -> BTreeSet<Arc<str>> {
            let lacking = set.iter().filter(|grant| !covers(other, grant));
            lacking.map(|grant| grant.principal.clone()).collect()
        };
        let both = |[old, new]: &[GrantSet; 2]| [lacking(old, new), lacking(new, old)];
        let (of_policies, of_others) = (both(&policies), both(&others));
        let goes = of_policies[0].clone();
        (goes, of_policies.into_iter().chain(of_others).flatten().collect())
    }

    /// Roles are updated before the policies of connectors are created, and what is deleted is deleted at the end.
    fn gaps(&self, coming: &[&ConnectorView]) -> BTreeSet<Arc<str>> {
        let (old, new) = (self.old.1, self.new.1);
        let policies = new.ledger.cells.iter().map(|cell| &cell.grant);
        let during: GrantSet = policies.chain(old.beside_policies()).cloned().collect();
        let afterwards = new.effective();
        let parts = || coming.iter().flat_map(|view| &view.grants);
        let comes_back = |grant: &Grant| {
            (covers(&afterwards, grant) && !covers(&during, grant))
                || parts().any(|part| grant.reaches(part) && !covers(&during, part))
        };
        let cells = old.ledger.cells.iter().filter(|cell| !cell.inert && cell.grant.allow);
        let early = cells.filter(|cell| self.is_early(&old.ledger.units[cell.unit]));
        early.map(|cell| &cell.grant).filter(|grant| comes_back(grant)).map(|g| g.principal.clone()).collect()
    }

    /// Whether a change of a policy is there before connectors are: a policy that is a resource is deleted at the end, unless
    /// its role lists it.
    fn is_early(&self, unit: &Unit) -> bool {
        let (resolver, analysis) = self.old;
        let bearer = &resolver.template.resources()[unit.bearer].id;
        let is_there = self.new.0.template.resources().iter().any(|resource| resource.id == *bearer);
        let listed = || {
            let principal = analysis.principal(&unit.principal);
            principal.is_some_and(|principal| {
                let mut named = analysis.named_policies(principal).iter();
                named.any(|(managed, _)| *managed == Managed::InTemplate(unit.bearer))
            })
        };
        match unit.origin {
            Origin::Policies | Origin::Role => true,
            Origin::Policy => is_there || listed(),
            Origin::ResourceSide => is_there,
        }
    }
}

fn covers(set: &GrantSet, grant: &Grant) -> bool {
    set.covers(grant) == Coverage::Covered
}

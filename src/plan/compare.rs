//! Two texts of one template compared: what the change between them, made by whomever, means for permissions.

use super::delta::{Delta, View, accepts_added, delta_between};
use super::options::{Consent, Options};
use crate::analysis::{Managed, Obstacle, Resolver, analyse};
use crate::catalog::Catalog;
use crate::iam::{Effect, Grant, GrantSet, Permission, Presence};
use crate::syntax::{Document, SyntaxError};
use crate::template::{Template, canonical};
use crate::text::Source;

/// What changed.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Permissions that are new.
    pub added: Vec<Permission>,
    /// Permissions that are gone.
    pub removed: Vec<Permission>,
    /// The class of the change.
    pub effect: Effect,
    /// Connectors of the later text that SAM would refuse, or whose grants it alone can tell, and were not there before: what is wrong.
    pub complaints: Vec<String>,
}

/// Compares `after` with `before`. Fails where one of them cannot be parsed; the place in the error is in that one.
pub fn compare(
    before: &Source,
    after: &Source,
    catalog: &Catalog,
    options: &Options,
) -> Result<Comparison, SyntaxError> {
    let (old, new) = (Document::parse(before.clone())?, Document::parse(after.clone())?);
    let (old_template, new_template) = (Template::view(&old), Template::view(&new));
    let resolver = Resolver::new(&old, &old_template, catalog, options.partition);
    let new_resolver = Resolver::new(&new, &new_template, catalog, options.partition);
    let (analysis, new_analysis) = (analyse(&resolver), analyse(&new_resolver));
    let (had, has) = (analysis.effective(), new_analysis.effective());
    let old = View { resolver: &resolver, analysis: &analysis };
    let now = View { resolver: &new_resolver, analysis: &new_analysis };
    let Delta { added, removed, effect, .. } = delta_between((old, &had), (now, &has), &options.consent);
    // Of what cannot be read only its text is known, so whether another text allows more is not.
    let effect = if unread(old) != unread(now) { Effect::Unknown } else { effect };
    let known: Vec<&str> = analysis
        .connectors
        .iter()
        .filter(|view| view.complaint.is_some())
        .map(|view| view.connector.id.as_str())
        .collect();
    let complaints = new_analysis
        .connectors
        .iter()
        .filter(|view| !known.contains(&view.connector.id.as_str()))
        .filter_map(|view| {
            let complaint = &view.complaint.as_ref()?.complaint;
            Some(format!("connector `{}`: {complaint} {}", view.connector.id, complaint.mend()))
        })
        .collect();
    Ok(Comparison { added, removed, effect, complaints })
}

/// What changed for one principal.
#[derive(Debug, Clone)]
pub struct HolderDelta {
    /// Permissions that are new, each with whether consent accepts it.
    pub added: Vec<(Permission, bool)>,
    /// Permissions that are gone.
    pub removed: Vec<Permission>,
    /// Whether something could not be decided.
    pub undecided: bool,
}

/// Compares what the principal `is` holds now with what the principal `was` held before; `None` holds nothing. Statements
/// that cannot be read take no part.
pub fn compare_holder(
    (old, was): (View<'_>, Option<&str>),
    (now, is): (View<'_>, Option<&str>),
    consent: &Consent,
) -> HolderDelta {
    let name = is.or(was).unwrap_or_default();
    let held = |view: View<'_>, holder: Option<&str>| -> GrantSet {
        let readable = |grant: &&Grant| Some(&*grant.principal) == holder;
        let renamed = |grant: &Grant| Grant { principal: name.into(), ..grant.clone() };
        readable_grants(view).filter(readable).map(renamed).collect()
    };
    let (had, has) = (held(old, was), held(now, is));
    let Delta { added, removed, effect, .. } = delta_between((old, &had), (now, &has), consent);
    let added = added.into_iter().map(|permission| {
        let accepted = accepts_added(consent, &permission);
        (permission, accepted)
    });
    HolderDelta { added: added.collect(), removed, undecided: effect == Effect::Unknown }
}

/// Every grant that was read as one.
fn readable_grants<'a>(view: View<'a>) -> impl Iterator<Item = &'a Grant> {
    let ledger = &view.analysis.ledger;
    let cells = ledger.cells.iter().filter(|cell| !ledger.rectangle(cell).is_unreadable());
    cells.map(|cell| &cell.grant).chain(view.analysis.beside_policies())
}

/// What could not be read: whose permissions it is about, its text, and when it is there. Sorted, since the order of policies
/// means nothing.
fn unread(view: View<'_>) -> Vec<(&str, String, Presence)> {
    let View { resolver, analysis } = view;
    let ledger = &analysis.ledger;
    let cells = ledger.cells.iter().filter(|cell| ledger.rectangle(cell).is_unreadable());
    let statements = cells.map(|cell| {
        let grant = &cell.grant;
        (&*grant.principal, grant.resource.to_string(), grant.presence.clone())
    });
    let alive = ledger.unreadable.iter().filter(|found| found.obstacle != Obstacle::BesideRole);
    let policies =
        alive.map(|found| (&*found.principal, canonical(resolver.doc, found.node), found.presence.clone()));
    let named = analysis.principals.iter().flat_map(|principal| {
        let named = analysis.named_policies(principal).iter();
        named.filter_map(|(managed, presence)| match managed {
            Managed::BySam(name) | Managed::Named(name)
                if resolver.catalog.managed_policy(name).is_none() =>
            {
                Some((&*principal.name, name.clone(), presence.clone()))
            }
            _ => None,
        })
    });
    let mut all: Vec<_> = statements.chain(policies).chain(named).collect();
    all.sort();
    all
}

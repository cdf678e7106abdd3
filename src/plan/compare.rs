//! Two texts of one template compared: what the change between them, made by whomever, means for permissions.

use super::delta::{Delta, View, accepts_added, delta_between};
use super::options::{Consent, Options};
use crate::analysis::{Resolver, analyse};
use crate::catalog::Catalog;
use crate::iam::{Effect, Grant, GrantSet, Permission};
use crate::syntax::{Document, SyntaxError};
use crate::template::Template;
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
    // Of a statement that cannot be read only its text is known, so whether another one allows more is not.
    let unread = unread_statements(old) != unread_statements(now);
    let effect = if unread { Effect::Unknown } else { effect };
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

/// The statements that could not be read, each as the one grant that stands for its text.
fn unread_statements<'a>(view: View<'a>) -> Vec<&'a Grant> {
    let ledger = &view.analysis.ledger;
    let cells = ledger.cells.iter().filter(|cell| ledger.rectangle(cell).is_unreadable());
    cells.map(|cell| &cell.grant).collect()
}

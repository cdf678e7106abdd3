//! Two texts of one template compared: what the change between them, made by whomever, means for permissions.

use super::delta::{Delta, delta};
use super::options::Options;
use crate::analysis::{Resolver, analyse};
use crate::catalog::Catalog;
use crate::iam::{Effect, Permission};
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
    let Delta { added, removed, effect, .. } = delta(&resolver, &analysis, &options.consent, &had, &has);
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

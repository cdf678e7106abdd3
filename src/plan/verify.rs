//! Translation validation: the edited bytes are parsed and analysed again from nothing, and compared with what the plan said.
//! Any difference is a bug of this program, and the file stays untouched.

use super::footprint::{self, Footprint};
use crate::analysis::{Analysis, Resolver, analyse};
use crate::catalog::Catalog;
use crate::iam::{Coverage, GrantSet};
use crate::syntax::Document;
use crate::template::Template;
use crate::text::Source;
use std::collections::BTreeMap;
use thiserror::Error;

/// A plan whose result is not what it said. Always a bug of this program.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the result of the rewrite is not what was planned: {0}")]
pub struct ToolBug(pub String);

/// What a result has to be.
pub(super) struct Promise {
    /// The permissions of all principals.
    pub(super) grants: GrantSet,
    /// The places that may differ.
    pub(super) footprint: Footprint,
}

/// Checks that `text` is what was promised.
pub(super) fn verify(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    promise: &Promise,
    text: &str,
    catalog: &Catalog,
) -> Result<(), ToolBug> {
    let bug = |message: String| Err(ToolBug(message));
    let before = resolver.doc;
    let source = Source::new(before.source().path(), text.as_bytes().to_vec());
    let source = source.map_err(|error| ToolBug(format!("it cannot be read: {error}")))?;
    if source.format() != before.source().format() {
        return bug("it has another notation".into());
    }
    let after = Document::parse(source).map_err(|error| ToolBug(format!("it does not parse: {error}")))?;
    comments(before, &after)?;
    if after.duplicates().len() > before.duplicates().len() {
        return bug("it has a new duplicate key".into());
    }
    let template = Template::view(&after);
    footprint::check(resolver, &promise.footprint, &after, &template)?;
    let new_resolver = Resolver::new(&after, &template, catalog, resolver.partition);
    let new_analysis = analyse(&new_resolver);
    if let Some(view) = new_analysis.connectors.iter().find(|view| {
        view.complaint.is_some()
            && !analysis.connectors.iter().any(|old| old.connector.id == view.connector.id)
    }) {
        let complaint = view.complaint.as_ref().map(|found| found.complaint.to_string()).unwrap_or_default();
        return bug(format!("SAM would refuse connector `{}`: {complaint}", view.connector.id));
    }
    let expected = &promise.grants;
    let actual = new_analysis.effective();
    same(expected, &actual, "is missing")?;
    same(&actual, expected, "was not planned")
}

fn same(one: &GrantSet, other: &GrantSet, complaint: &str) -> Result<(), ToolBug> {
    for grant in one.iter() {
        let found = other.covers(grant);
        let literally = || other.of(&grant.principal).contains(grant);
        if found == Coverage::Uncovered || (found == Coverage::Unknown && !literally()) {
            let p = grant.permission();
            let when = p.when.map(|when| format!(" when {when}")).unwrap_or_default();
            return Err(ToolBug(format!(
                "`{}` on `{}` for `{}`{when} {complaint}",
                p.action, p.resource, p.principal
            )));
        }
    }
    Ok(())
}

/// Every comment text is still there, as often as before.
fn comments(before: &Document, after: &Document) -> Result<(), ToolBug> {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for (doc, step) in [(before, 1), (after, -1)] {
        for comment in doc.comments() {
            *counts.entry(doc.source().slice(comment.span).trim_end()).or_default() += step;
        }
    }
    match counts.into_iter().find(|(_, count)| *count != 0) {
        Some((text, count)) if count > 0 => Err(ToolBug(format!("the comment `{text}` is lost"))),
        Some((text, _)) => Err(ToolBug(format!("the comment `{text}` appears from nowhere"))),
        None => Ok(()),
    }
}

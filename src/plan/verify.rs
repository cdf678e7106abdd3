//! Translation validation: the edited bytes are parsed and analysed again from nothing, and compared with what the plan said.
//! Any difference is a bug of this program, and the file stays untouched.

use super::Form;
use super::proposal::{Proposal, Use};
use super::to_connectors::State;
use crate::analysis::{Analysis, Resolver, analyse};
use crate::catalog::Catalog;
use crate::iam::{Coverage, GrantSet};
use crate::syntax::Document;
use crate::template::{ConnectorPlace, Template, canonical};
use crate::text::Source;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// A plan whose result is not what it said. Always a bug of this program.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the result of the rewrite is not what was planned: {0}")]
pub struct ToolBug(pub String);

/// Checks that `text` is what the chosen proposals promise.
pub(super) fn verify(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    chosen: &[&Proposal],
    text: &str,
    catalog: &Catalog,
    partition: crate::analysis::Partition,
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
    elsewhere(resolver, analysis, &after, &template, chosen)?;
    let new_resolver = Resolver::new(&after, &template, catalog, partition);
    let new_analysis = analyse(&new_resolver);
    if let Some(view) = new_analysis.connectors.iter().find(|view| {
        view.complaint.is_some()
            && !analysis.connectors.iter().any(|old| old.connector.id == view.connector.id)
    }) {
        let complaint = view.complaint.clone().unwrap_or_default();
        return bug(format!("SAM would refuse connector `{}`: {complaint}", view.connector.id));
    }
    let expected = State::after(chosen.iter().copied()).grants(analysis, None);
    let actual = new_analysis.effective();
    same(&expected, &actual, "is missing")?;
    same(&actual, &expected, "was not planned")
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

/// Everything outside the planned places is as it was: sections, resources, attributes, properties, connectors.
fn elsewhere(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    after: &Document,
    new: &Template,
    chosen: &[&Proposal],
) -> Result<(), ToolBug> {
    let (before, old) = (resolver.doc, resolver.template);
    let mut touched: BTreeSet<&str> = BTreeSet::new();
    let mut planned: BTreeSet<String> = BTreeSet::new();
    for proposal in chosen {
        let owner = &old.resources()[proposal.edge.owner].id;
        touched.insert(owner);
        match &proposal.connector {
            Use::New { key, form: Form::Embedded, .. } => {
                planned.insert(format!("Resources.{owner}.Connectors.{key}"));
            }
            Use::New { id, form: Form::Standalone, .. } => {
                planned.insert(format!("Resources.{id}"));
            }
            Use::Existing { missing, .. } if missing.is_empty() => {}
            Use::Existing { view, .. } => {
                let connector = &analysis.connectors[*view].connector;
                planned.insert(match connector.place {
                    ConnectorPlace::Embedded { .. } => {
                        let key = connector.id.strip_prefix(owner.as_str()).unwrap_or(&connector.id);
                        format!("Resources.{owner}.Connectors.{key}")
                    }
                    ConnectorPlace::Standalone(_) => format!("Resources.{}", connector.id),
                });
            }
        }
        if let Some(condition) = proposal.condition.as_ref().filter(|condition| condition.new) {
            planned.insert(format!("Conditions.{}", condition.name));
        }
    }
    let old_places = places(before, old, &touched);
    let new_places = places(after, new, &touched);
    let changed = old_places
        .iter()
        .find(|(place, text)| new_places.get(*place) != Some(*text) && !planned.contains(*place));
    if let Some((place, _)) = changed {
        return Err(ToolBug(format!("`{place}` changed")));
    }
    match new_places.keys().find(|place| !old_places.contains_key(*place) && !planned.contains(*place)) {
        Some(place) => Err(ToolBug(format!("`{place}` is new"))),
        None => Ok(()),
    }
}

/// Canonical texts by place: sections as a whole; conditions and resources one by one; touched resources by attribute and
/// property, connectors by key, without the property that the rewrites change.
fn places(doc: &Document, template: &Template, touched: &BTreeSet<&str>) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let root = doc.resolve(doc.root());
    for (section, _, value) in doc.pairs(root) {
        let value = doc.resolve(value);
        if Some(value) == template.conditions_node() || Some(value) == template.resources_node() {
            for (name, _, entry) in doc.pairs(value) {
                let place = format!("{section}.{name}");
                if section != "Resources" || !touched.contains(name) {
                    out.insert(place, canonical(doc, entry));
                    continue;
                }
                for (attribute, _, value) in doc.pairs(doc.resolve(entry)) {
                    let value = doc.resolve(value);
                    if !["Properties", "Connectors"].contains(&attribute) {
                        out.insert(format!("{place}.{attribute}"), canonical(doc, value));
                        continue;
                    }
                    for (name, _, value) in doc.pairs(value).filter(|(name, ..)| *name != "Policies") {
                        out.insert(format!("{place}.{attribute}.{name}"), canonical(doc, value));
                    }
                }
            }
        } else {
            out.insert(section.to_owned(), canonical(doc, value));
        }
    }
    out
}

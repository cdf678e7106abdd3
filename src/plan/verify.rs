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
        // What cannot be compared is covered by its equal, so the unknown is a difference too.
        if other.covers(grant) != Coverage::Covered {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{ActionPattern, Grant, Presence, ResourcePattern};

    fn document(text: &str) -> Document {
        Document::parse(Source::new("template.yaml", text.as_bytes().to_vec()).unwrap()).unwrap()
    }

    fn said<T>(result: Result<T, ToolBug>) -> Option<String> {
        result.err().map(|bug| bug.0)
    }

    #[test]
    fn comments_are_counted() {
        let compared = |before, after| said(comments(&document(before), &document(after)));
        assert_eq!(compared("# a\nA: 1 # b\n", "A: 1 # b\n# a \n"), None);
        assert_eq!(compared("# a\n# a\nA: 1\n", "# a\nA: 1\n"), Some("the comment `# a` is lost".into()));
        assert_eq!(compared("A: 1\n", "A: 1 # a\n"), Some("the comment `# a` appears from nowhere".into()));
    }

    #[test]
    fn every_grant_of_one_side_is_on_the_other() {
        let at = |name: String| Grant {
            principal: "R".into(),
            allow: true,
            action: ActionPattern::new("s3:GetObject"),
            resource: ResourcePattern::from_text("b"),
            condition: None,
            presence: Presence::atom(name),
        };
        let set = |count: usize| -> GrantSet { (0..count).map(|i| at(format!("C{i}"))).collect() };
        assert_eq!(said(same(&set(20), &set(20), "is missing")), None);
        let missing = |i| Some(format!("`s3:GetObject` on `b` for `R` when C{i} is missing"));
        assert_eq!(said(same(&set(2), &set(1), "is missing")), missing(1));
        assert_eq!(said(same(&set(20), &set(19), "is missing")), missing(19), "more than can be compared");
    }

    const WITHOUT: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Policies: []}}
";

    #[test]
    fn a_result_is_held_to_its_promise() {
        let with = WITHOUT.replace("[]", "[DynamoDBReadPolicy: {TableName: t}]");
        let check = |before: &str, after: &str, promised: &str| {
            let (doc, promised) = (document(before), document(promised));
            let (template, of_promised) = (Template::view(&doc), Template::view(&promised));
            let catalog = Catalog::builtin();
            let partition = crate::analysis::Partition::default();
            let resolver = Resolver::new(&doc, &template, catalog, partition);
            let grants = analyse(&Resolver::new(&promised, &of_promised, catalog, partition)).effective();
            let promise = Promise { grants, footprint: Footprint::default() };
            said(verify(&resolver, &analyse(&resolver), &promise, after, catalog)).unwrap_or_default()
        };
        assert_eq!(check(WITHOUT, WITHOUT, WITHOUT), "");
        assert!(check(WITHOUT, WITHOUT, &with).ends_with("is missing"));
        assert!(check(&with, &with, WITHOUT).ends_with("was not planned"));
        assert!(check(WITHOUT, "Resources: [", WITHOUT).starts_with("it does not parse"));
        assert_eq!(check(WITHOUT, "{}", WITHOUT), "it has another notation");
        assert!(!check(WITHOUT, &with, &with).is_empty(), "a place that may not differ");
        let twice = format!("{WITHOUT}Transform: AWS::Serverless-2016-10-31\n");
        assert_eq!(check(WITHOUT, &twice, WITHOUT), "it has a new duplicate key");
    }
}

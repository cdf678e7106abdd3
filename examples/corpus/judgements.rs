//! What `check` says of real templates, and of what samwire makes of them: findings by kind, mends that mend, and that no
//! rewrite brings a finding that was neither there before nor foretold.

use crate::{Choice, Tally};
use samwire::catalog::Catalog;
use samwire::check::{Finding, Severity, judge, mend};
use samwire::plan::{Options, plan};
use samwire::text::Source;
use std::collections::{BTreeMap, BTreeSet};

/// Findings about the result that a hazard of the rewrite foretells.
const ANNOUNCED: [(&str, &str); 1] = [("connector-in-published-application", "serverless-repository")];

/// Judges a template as it is, mended, and rewritten.
pub(crate) fn check(tally: &mut Tally, choice: &Choice, name: &str, before: &str, after: &str) {
    let options = &choice.options;
    let Some((found, announced)) = findings(options, name, before) else { return };
    for finding in &found {
        tally.count(format!("finding  {}: {}", choice.name, finding.kind.id));
    }
    let catalog = Catalog::builtin();
    let Ok(source) = Source::new(name, before.as_bytes().to_vec()) else { return };
    match mend(&source, catalog, options, |_| true) {
        Err(error) => tally.fail(name, format!("mending: {error:?}")),
        Ok(None) => {}
        Ok(Some(mended)) => {
            tally.add(format!("finding  {}: mended", choice.name), mended.done.len());
            let left = findings(options, name, &mended.text).unwrap_or_default().0;
            if let Some(left) = left.iter().find(|finding| !finding.mend.is_empty()) {
                tally.fail(name, format!("{} is there again once it is mended", left.kind.id));
            }
        }
    }
    let (had, has) = (by_kind(&found), by_kind(&findings(options, name, after).unwrap_or_default().0));
    for (kind, count) in has {
        let told = ANNOUNCED.iter().any(|(known, hazard)| *known == kind && announced.contains(hazard));
        if !told && count > had.get(kind).copied().unwrap_or_default() {
            tally.fail(name, format!("a rewrite brings the finding {kind}"));
        }
    }
}

/// The findings of a text, and the hazards of its rewrites.
fn findings(options: &Options, name: &str, text: &str) -> Option<(Vec<Finding>, BTreeSet<&'static str>)> {
    let source = Source::new(name, text.as_bytes().to_vec()).ok()?;
    let plan = plan(source, Catalog::builtin(), options).ok()?;
    let hazards = plan.rewrites().iter().flat_map(|rewrite| &rewrite.hazards).map(|hazard| hazard.id);
    Some((judge(&plan).findings, hazards.collect()))
}

fn by_kind(findings: &[Finding]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.kind.severity != Severity::Info) {
        *counts.entry(finding.kind.id).or_default() += 1;
    }
    counts
}

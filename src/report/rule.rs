//! What stands behind the id of a notice: what it means, why it matters and where more is written. One rule for each id,
//! however many notices bear it.

use super::notice::{Level, Notice, Subject};
use crate::check::Severity;
use crate::plan::{Form, Rewrite};
use std::collections::BTreeMap;

/// The page of the project, from which the pages of ids are reached. The package names it; while it names none, no page is
/// told, since a guessed address would lead somewhere else.
const HOME: &str = env!("CARGO_PKG_HOMEPAGE");

/// The meaning of an id. Invariant: texts are whole sentences of ours, in Markdown that reads well as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// The id.
    pub(super) id: String,
    /// What was seen.
    pub(super) what: String,
    /// Why it matters.
    pub(super) why: String,
    /// What to do about it.
    pub(super) mend: String,
    /// How to learn more.
    pub(super) more: String,
    /// How bad it is.
    pub(super) level: Level,
    /// The address of its page, where there is one.
    pub(super) page: Option<String>,
}

/// The address of the project, if the package names one.
pub(super) fn home() -> Option<&'static str> {
    (!HOME.is_empty()).then_some(HOME)
}

/// The rules of all notices, by id. Where a finding and a reason share an id, the finding says what it means.
pub(super) fn rules(notices: &[Notice<'_>]) -> Vec<Rule> {
    let mut found: BTreeMap<String, (u8, Rule)> = BTreeMap::new();
    for notice in notices {
        let rank = match notice.subject {
            Subject::Finding(_) => 0,
            Subject::LeftAlone(_) => 1,
            Subject::Taken(_) | Subject::Held(_) | Subject::Passed(_) => 2,
            Subject::Problem(_) => 3,
        };
        let known = found.get(notice.subject.id()).map(|(rank, _)| *rank);
        if known.is_none_or(|known| rank < known) {
            let rule = of(notice, HOME);
            found.insert(rule.id.clone(), (rank, rule));
        }
    }
    found.into_values().map(|(_, rule)| rule).collect()
}

fn of(notice: &Notice<'_>, home: &str) -> Rule {
    let page = |name: &str| (!home.is_empty()).then(|| format!("{}/{name}", home.trim_end_matches('/')));
    let explained = |id: &str| format!("`samwire explain {id}` tells more.");
    let id = notice.subject.id().to_owned();
    match notice.subject {
        Subject::Finding(finding) => Rule {
            what: finding.kind.what.to_owned(),
            why: finding.kind.why.to_owned(),
            mend: finding.kind.mend.to_owned(),
            more: explained(&id),
            level: match finding.kind.severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
                Severity::Info => Level::Note,
            },
            page: page(&finding.kind.page()),
            id,
        },
        Subject::LeftAlone(left) => Rule {
            what: left.reason.what().to_owned(),
            why: left.reason.why().to_owned(),
            mend: left.reason.mend().to_owned(),
            more: explained(&id),
            level: Level::Note,
            page: page(&format!("reasons.html#{id}")),
            id,
        },
        Subject::Taken(rewrite) | Subject::Held(rewrite) | Subject::Passed(rewrite) => {
            let (what, why) = spellings(rewrite);
            Rule {
                what,
                why: why.to_owned(),
                mend: "Run `samwire fix`, or leave it as it is: neither spelling is a mistake.".to_owned(),
                more: explained(&id),
                level: Level::Note,
                page: page("policies-and-connectors.html"),
                id,
            }
        }
        Subject::Problem(problem) => Rule {
            what: "A file could not be done.".to_owned(),
            why: problem.why.map_or_else(
                || "Of such a file nothing is known, so nothing in it counts as clean.".to_owned(),
                |why| format!("The reason: {why}."),
            ),
            mend: "Do what the message says, then run again.".to_owned(),
            more: "The other files are done all the same.".to_owned(),
            level: Level::Error,
            page: page("usage.html"),
            id,
        },
    }
}

fn spellings(rewrite: &Rewrite) -> (String, &'static str) {
    match rewrite.form {
        Form::Embedded | Form::Standalone => (
            format!("A policy grants what a connector of the profile `{}` grants.", rewrite.profile),
            "A connector names the two resources and leaves actions and ARNs to SAM.",
        ),
        Form::Inline | Form::Resource => (
            format!("A connector of the profile `{}` grants what a policy can spell out.", rewrite.profile),
            "A policy shows every action in the template, and can be narrowed to those that are needed.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Decision, Reason};
    use crate::report::model::samples::{facts, file, left_alone, rewrite};
    use crate::report::notice::notices;

    #[test]
    fn an_id_has_one_rule_and_a_page_only_where_the_package_has_one() {
        let mut report = file(vec![rewrite(Decision::Taken), rewrite(Decision::Skipped)]);
        report.planned.as_mut().unwrap().left_alone = vec![left_alone(Reason::Deny, "x")];
        let files = [report];
        let notices = notices(&files, &facts());
        let ids: Vec<String> = rules(&notices).into_iter().map(|rule| rule.id).collect();
        assert_eq!(ids, ["deny", "function-to-table"]);
        let pages: Vec<Option<String>> =
            notices.iter().map(|notice| of(notice, "https://example.org/samwire/").page).collect();
        assert_eq!(pages[0].as_deref(), Some("https://example.org/samwire/reasons.html#deny"));
        assert!(notices.iter().all(|notice| of(notice, "").page.is_none()));
    }
}

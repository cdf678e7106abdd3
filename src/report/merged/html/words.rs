//! Words of the page: numbers as people read them, and what the ids of reports mean.

use crate::check::FINDINGS;
use crate::plan::{HAZARDS, Reason};
use crate::report::merged::{Figures, RepoStatus};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What each effect means, as `iam` orders them.
pub(super) const EFFECTS: [(&str, &str); 6] = [
    ("same", "no permission changes"),
    ("equivalent", "only permissions are added that earlier ones imply"),
    ("wider", "adds permissions"),
    ("narrower", "removes permissions"),
    ("mixed", "adds some permissions and removes others"),
    ("unknown", "what it changes cannot be decided"),
];

/// What holds a rewrite back.
pub(super) const HELD: [(&str, &str); 3] = [
    ("consent", "beyond the consent given"),
    (
        "quota",
        "the role would hold more managed policies than it may; a higher quota of the account and --max-managed-policies, or fewer connectors, would allow it",
    ),
    ("unknown", "whether the permissions stay the same cannot be decided; no option allows it"),
];

/// The status of a repository as people say it.
pub(super) fn status(status: RepoStatus) -> &'static str {
    match status {
        RepoStatus::Failed => "failed",
        RepoStatus::Partial => "done in part",
        RepoStatus::Changed => "changed",
        RepoStatus::WouldChange => "would change",
        RepoStatus::Skipped => "skipped",
        RepoStatus::Nothing => "nothing to change",
        RepoStatus::NoTemplates => "no templates",
    }
}

/// The number with a comma between thousands.
pub(super) fn figure(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The number with its noun.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", figure(number), if number == 1 { one } else { many })
}

/// What the ids mean that occur in this report, for the script of the page.
pub(super) fn glossary(total: &Figures) -> Value {
    let pairs = |list: &[(&str, &str)]| -> Map<String, Value> {
        list.iter().map(|(id, meaning)| ((*id).to_owned(), Value::from(*meaning))).collect()
    };
    let occurring = |counts: &BTreeMap<String, u64>, meanings: Vec<(&str, &str)>| {
        let known: Vec<_> = meanings.into_iter().filter(|(id, _)| counts.contains_key(*id)).collect();
        pairs(&known)
    };
    let statuses: Vec<_> = RepoStatus::ALL.map(|each| (each.as_str(), status(each))).into();
    let reasons = Reason::ALL.iter().map(|reason| (reason.id(), reason.what())).collect();
    let findings = FINDINGS.iter().map(|kind| (kind.id, kind.what)).collect();
    let hazards = HAZARDS.iter().map(|kind| (kind.id, kind.remedy)).collect();
    json!({
        "statuses": pairs(&statuses),
        "effects": pairs(&EFFECTS),
        "held": pairs(&HELD),
        "reasons": occurring(&total.reasons, reasons),
        "findings": occurring(&total.findings, findings),
        "hazards": occurring(&total.hazards, hazards),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_comma_between_thousands() {
        for (number, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(figure(number), expected);
        }
        assert_eq!((counted(1, "row", "rows"), counted(0, "row", "rows")), ("1 row".into(), "0 rows".into()));
    }
}

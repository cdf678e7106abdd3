//! Which option would release a held rewrite, and which one would drop the most rests.

use super::model::FileReport;
use crate::iam::Permission;
use crate::plan::{Decision, HeldBy, Rewrite};
use std::collections::{BTreeMap, BTreeSet};

/// The one `--accept-remove` that would drop the most rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestAdvice {
    /// The option with its value, ready for a shell.
    pub flag: String,
    /// How many rests it would drop.
    pub rests: usize,
    /// The actions that the roles would lose.
    pub actions: Vec<String>,
    /// On what they would lose them, in order.
    pub resources: Vec<String>,
}

/// Finds the actions that most often make up a whole rest of the taken rewrites; of equally frequent ones the fewer
/// actions win, as they give up less, and then the first by name.
pub fn rest_advice(files: &[FileReport]) -> Option<RestAdvice> {
    let rests: Vec<BTreeSet<&str>> = files
        .iter()
        .flat_map(FileReport::rewrites)
        .filter(|rewrite| rewrite.decision == Decision::Taken)
        .map(|rewrite| rewrite.kept.iter().map(|kept| kept.action.as_str()).collect())
        .filter(|rest: &BTreeSet<&str>| !rest.is_empty())
        .collect();
    let mut frequency: BTreeMap<&BTreeSet<&str>, usize> = BTreeMap::new();
    for rest in &rests {
        *frequency.entry(rest).or_default() += 1;
    }
    let chosen = frequency
        .into_iter()
        .min_by(|(a, x), (b, y)| y.cmp(x).then(a.len().cmp(&b.len())).then(a.cmp(b)))
        .map(|(rest, _)| rest)?;
    let resources: BTreeSet<&str> = files
        .iter()
        .flat_map(FileReport::rewrites)
        .filter(|rewrite| rewrite.decision == Decision::Taken)
        .flat_map(|rewrite| &rewrite.kept)
        .filter(|kept| chosen.contains(kept.action.as_str()))
        .map(|kept| kept.resource.as_str())
        .collect();
    Some(RestAdvice {
        flag: flag("--accept-remove", chosen),
        rests: rests.iter().filter(|rest| rest.is_subset(chosen)).count(),
        actions: chosen.iter().map(|action| (*action).to_owned()).collect(),
        resources: resources.into_iter().map(str::to_owned).collect(),
    })
}

/// The one set of options that would release the most rewrites that are held back for want of consent, with how many; of
/// equally frequent ones the shorter, and then the first by name. `None` where no set releases two.
pub(super) fn release_advice(files: &[FileReport]) -> Option<(String, usize)> {
    let mut frequency: BTreeMap<String, usize> = BTreeMap::new();
    for rewrite in files.iter().flat_map(FileReport::rewrites) {
        if rewrite.decision == Decision::Held(HeldBy::Consent) {
            *frequency.entry(release(rewrite, HeldBy::Consent, false)).or_default() += 1;
        }
    }
    let best = frequency.into_iter().filter(|(_, count)| *count > 1);
    best.min_by(|(a, x), (b, y)| y.cmp(x).then(a.len().cmp(&b.len())).then(a.cmp(b)))
}

/// What would release a held rewrite, in words that end a sentence starting with "release by".
pub(super) fn release(rewrite: &Rewrite, held: HeldBy, strict: bool) -> String {
    match held {
        HeldBy::Unknown => "no option: whether the permissions stay the same cannot be decided".to_owned(),
        HeldBy::Quota => {
            "a higher quota of the account and --max-managed-policies, or by fewer connectors".to_owned()
        }
        HeldBy::Consent if strict => "leaving out --strict".to_owned(),
        HeldBy::Consent => {
            let added: BTreeSet<&str> = rewrite.needs.iter().map(String::as_str).collect();
            let removed: BTreeSet<&str> =
                live(&rewrite.removed).map(|permission| permission.action.as_str()).collect();
            let flags = [("--accept-add", added), ("--accept-remove", removed)];
            let flags: Vec<String> =
                flags.iter().filter(|(_, set)| !set.is_empty()).map(|(name, set)| flag(name, set)).collect();
            flags.join(" ")
        }
    }
}

fn live(list: &[Permission]) -> impl Iterator<Item = &Permission> {
    list.iter().filter(|permission| !permission.inert)
}

/// An option with a comma-separated value, quoted for a shell where it needs to be.
pub(super) fn flag(name: &str, values: &BTreeSet<&str>) -> String {
    let value = values.iter().copied().collect::<Vec<_>>().join(",");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | ',' | '-' | '_' | '.' | '/');
    if value.chars().all(plain) {
        format!("{name} {value}")
    } else {
        format!("{name} '{}'", value.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::samples::{file, permission, rewrite};

    fn keeping(actions: &[&str]) -> Rewrite {
        let kept = actions.iter().map(|action| permission(action, "${T.Arn}")).collect();
        Rewrite { kept, ..rewrite(Decision::Taken) }
    }

    #[test]
    fn the_rest_found_most_often_is_named_with_what_it_gives_up() {
        let files = [
            file(vec![keeping(&["d:Describe"]), keeping(&["d:Create", "d:Describe"])]),
            file(vec![keeping(&["d:Describe"]), keeping(&[])]),
        ];
        let advice = rest_advice(&files).unwrap();
        assert_eq!(advice.flag, "--accept-remove d:Describe");
        assert_eq!((advice.rests, advice.resources), (2, vec!["${T.Arn}".to_owned()]));
        assert_eq!(rest_advice(&[file(vec![keeping(&[])])]), None);
    }

    #[test]
    fn a_held_rewrite_names_the_options_that_release_it() {
        let mut held = rewrite(Decision::Held(HeldBy::Consent));
        held.added = vec![permission("d:Delete", "r"), permission("d:PartiQLDelete", "r")];
        held.needs = vec!["d:Delete".into()];
        assert_eq!(release(&held, HeldBy::Consent, false), "--accept-add d:Delete");
        let once = file(vec![held.clone(), rewrite(Decision::Taken)]);
        assert_eq!(release_advice(std::slice::from_ref(&once)), None);
        let more = release_advice(&[once.clone(), once]);
        assert_eq!(more, Some(("--accept-add d:Delete".to_owned(), 2)));
        held.removed = vec![permission("d:*", "r")];
        assert_eq!(release(&held, HeldBy::Consent, false), "--accept-add d:Delete --accept-remove 'd:*'");
        assert_eq!(release(&held, HeldBy::Consent, true), "leaving out --strict");
    }
}

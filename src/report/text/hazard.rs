//! What is to know before deploying, below the rewrites of a file. Knows which hazards mean the same for all of a run;
//! every other one is told wherever it is, with the names that it is about.

use super::{Detail, TextOptions};
use crate::plan::{Decision, Rewrite};
use crate::report::escape::escaped;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Hazards that ask for one decision on the whole run, or for none: their first message stands for all of a file, and in
/// later files their id does. What other messages name is what somebody has to look at or to change.
const TOLD_ONCE: [&str; 6] = [
    "deploy-gap",
    "policy-renamed",
    "permissions-boundary",
    "opaque-policy",
    "generated-resources",
    "literal-partition",
];

/// Writes the hazards of the rewrites that are taken or held back. `told` are the ids that were told in full.
pub(super) fn write_hazards(
    out: &mut dyn Write,
    rewrites: &[&Rewrite],
    told: &mut BTreeSet<&'static str>,
    options: TextOptions,
) -> io::Result<()> {
    let paint = options.paint;
    let mut kinds: Vec<(&'static str, Vec<&str>)> = Vec::new();
    let meant = rewrites.iter().filter(|rewrite| rewrite.decision != Decision::Skipped);
    for hazard in meant.flat_map(|rewrite| &rewrite.hazards) {
        match kinds.iter_mut().find(|(id, _)| *id == hazard.id) {
            None => kinds.push((hazard.id, vec![&hazard.message])),
            Some((_, messages)) if messages.contains(&hazard.message.as_str()) => {}
            Some((_, messages)) => messages.push(&hazard.message),
        }
    }
    let mut again: Vec<String> = Vec::new();
    for (id, messages) in kinds {
        let count = messages.len();
        let each = options.detail == Detail::Everything || !TOLD_ONCE.contains(&id);
        if !told.insert(id) && !each {
            again.push(if count == 1 { id.to_owned() } else { format!("{id} ({count})") });
            continue;
        }
        let shown = if each { count } else { 1 };
        let more = match count - shown {
            0 => String::new(),
            more => format!(" (and {more} more like this)"),
        };
        for message in messages.iter().take(shown) {
            let (mark, id) = (paint.caution("!"), paint.caution(id));
            writeln!(out, "    {mark} {id}: {}{more}", escaped(message))?;
        }
    }
    if !again.is_empty() {
        writeln!(out, "    {} as above: {}", paint.caution("!"), again.join(", "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{HAZARDS, Hazard, HeldBy};
    use crate::report::Paint;
    use crate::report::model::samples::rewrite;

    fn told(files: &[&[&Rewrite]], detail: Detail) -> String {
        let (mut out, mut told) = (Vec::new(), BTreeSet::new());
        let options = TextOptions {
            detail,
            paint: Paint::PLAIN,
            strict: false,
            applied: false,
            phase: crate::plan::Phase::Both,
        };
        for rewrites in files {
            write_hazards(&mut out, rewrites, &mut told, options).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    fn with(decision: Decision, hazards: &[(&'static str, &str)]) -> Rewrite {
        let hazards = hazards.iter().map(|(id, message)| Hazard { id, message: (*message).to_owned() });
        Rewrite { hazards: hazards.collect(), ..rewrite(decision) }
    }

    #[test]
    fn what_names_something_to_be_done_is_told_of_each() {
        let one = with(Decision::Taken, &[("deploy-gap", "A waits"), ("custom-resource", "X needs Y")]);
        let two = with(
            Decision::Held(HeldBy::Consent),
            &[("deploy-gap", "B waits"), ("custom-resource", "Z needs Y"), ("custom-resource", "X needs Y")],
        );
        assert_eq!(
            told(&[&[&one, &two], &[&two]], Detail::Grouped),
            "    ! deploy-gap: A waits (and 1 more like this)\n    ! custom-resource: X needs Y\n    ! custom-resource: Z needs Y\n    \
             ! custom-resource: Z needs Y\n    ! custom-resource: X needs Y\n    ! as above: deploy-gap\n"
        );
    }

    #[test]
    fn what_is_filtered_out_has_no_hazards() {
        let skipped = with(Decision::Skipped, &[("deploy-gap", "A waits")]);
        assert_eq!(told(&[&[&skipped]], Detail::Everything), "");
    }

    #[test]
    fn what_is_told_once_is_a_hazard() {
        assert!(TOLD_ONCE.iter().all(|id| HAZARDS.iter().any(|kind| kind.id == *id)));
    }
}

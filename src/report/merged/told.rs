//! Sums in sentences, the same in every format for people. Words of reports are passed on as they are: each format makes
//! them harmless for where they go.

use super::figures::{Counts, Figures};
use super::row::Row;
use super::status::RepoStatus;
use super::sum::{Choices, Merged, Sum};
use crate::check::FINDINGS;
use crate::plan::{HAZARDS, Reason};
use std::cmp::Reverse;

/// How many hexadecimal digits of a digest are shown: enough to tell two apart.
const DIGITS: usize = 12;

/// The number with its noun.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Counts with the most frequent first, equally frequent ones by name.
pub(super) fn ranked(counts: &Counts) -> Vec<(&str, u64)> {
    let mut ranked: Vec<(&str, u64)> = counts.iter().map(|(word, count)| (word.as_str(), *count)).collect();
    ranked.sort_by_key(|(word, count)| (Reverse(*count), *word));
    ranked
}

/// Counts in a row: `30 equivalent, 4 same`.
pub(super) fn listed(counts: &Counts) -> String {
    let parts: Vec<String> = ranked(counts).iter().map(|(word, count)| format!("{count} {word}")).collect();
    parts.join(", ")
}

/// What a reason of leaving something alone says; nothing for one that this version does not know.
pub(super) fn reason(id: &str) -> &'static str {
    Reason::ALL.iter().find(|reason| reason.id() == id).map_or("", |reason| reason.what())
}

/// What a hazard is, in one sentence; nothing for one that this version does not know.
pub(super) fn hazard(id: &str) -> &'static str {
    HAZARDS.iter().find(|kind| kind.id == id).map_or("", |kind| first_sentence(kind.what))
}

/// What a finding is, in one sentence; nothing for one that this version does not know.
pub(super) fn finding(id: &str) -> &'static str {
    FINDINGS.iter().find(|kind| kind.id == id).map_or("", |kind| first_sentence(kind.what))
}

fn first_sentence(text: &str) -> &str {
    text.split_inclusive(". ").next().unwrap_or(text).trim_end()
}

/// How many repositories there are, by what became of them.
pub(super) fn repositories(sum: &Sum) -> String {
    let number = counted(sum.repositories, "repository", "repositories");
    let parts: Vec<String> = sum
        .statuses
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(status, count)| format!("{count} {}", in_words(*status)))
        .collect();
    if parts.is_empty() { number } else { format!("{number}: {}", parts.join(", ")) }
}

/// A status as people say it behind a number.
fn in_words(status: RepoStatus) -> &'static str {
    match status {
        RepoStatus::Failed => "failed",
        RepoStatus::Partial => "done in part",
        RepoStatus::Changed => "changed",
        RepoStatus::WouldChange => "would change",
        RepoStatus::Skipped => "skipped",
        RepoStatus::Nothing => "with nothing to change",
        RepoStatus::NoTemplates => "without templates",
    }
}

/// What was found, in one line.
pub(super) fn work(figures: &Figures) -> String {
    // Those that were not looked into have words of their own.
    let looked = figures.files.saturating_sub(figures.skipped).saturating_sub(figures.failed);
    let files = counted(looked, "file", "files");
    let rewrites = counted(figures.rewrites, "rewrite", "rewrites");
    let mut parts = vec![match figures.rewrites {
        0 => format!("nothing to rewrite in {files}"),
        _ => {
            format!("{rewrites} in {} of {files}{}", figures.changed, in_brackets(&listed(&figures.effects)))
        }
    }];
    let mut more = |count: u64, words: String| {
        if count > 0 {
            parts.push(words);
        }
    };
    more(figures.held, format!("{} held back{}", figures.held, in_brackets(&listed(&figures.held_by))));
    more(figures.left_alone, format!("{} left alone", figures.left_alone));
    more(figures.errors, counted(figures.errors, "error", "errors"));
    more(figures.warnings, counted(figures.warnings, "warning", "warnings"));
    more(figures.mended, format!("{} mended or to mend", figures.mended));
    more(figures.ignored, format!("{} ignored", figures.ignored));
    more(figures.skipped, format!("{} skipped", counted(figures.skipped, "file", "files")));
    more(figures.failed, format!("{} failed", counted(figures.failed, "file", "files")));
    parts.join(", ")
}

fn in_brackets(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}

/// What the rewrites do to permissions, in one line; nothing where there are none.
pub(super) fn permissions(figures: &Figures) -> Option<String> {
    if figures.rewrites == 0 {
        return None;
    }
    let implied = match (figures.added, figures.new_power) {
        (0, _) => String::new(),
        (_, 0) => " (none of them new power)".to_owned(),
        (_, new) => format!(" ({new} of them new power)"),
    };
    Some(format!(
        "permissions: {} added{implied}, {} removed, {} kept as policies",
        figures.added, figures.removed, figures.kept
    ))
}

/// What has to be seen to before deploying, one line each.
pub(super) fn before_deploying(figures: &Figures) -> Vec<String> {
    let mut lines = Vec::new();
    if !figures.deployer_actions.is_empty() {
        let actions: Vec<&str> = figures.deployer_actions.iter().map(String::as_str).collect();
        lines.push(format!("whoever deploys this also needs {}", actions.join(", ")));
    }
    if figures.over_quota > 0 {
        let roles = counted(figures.over_quota, "role", "roles");
        lines.push(format!("{roles} would hold more managed policies than allowed"));
    }
    lines
}

/// Where rows from different choices are added up: that it is so, and what each of them comes to.
pub(super) fn mixed(merged: &Merged) -> Option<(String, Vec<String>)> {
    if !merged.is_mixed() {
        return None;
    }
    let number = merged.by_choices.len();
    let head = format!("these sums add up what is not alike: the reports come from {number} sets of options");
    let line = |(choices, sum): (&Choices, &Sum)| {
        let Choices { direction, phase, transforms, config_digest } = choices;
        let digest = short(config_digest);
        let (repositories, work) = (repositories(sum), work(&sum.figures));
        format!("to {direction}, phase {phase}, {transforms}, {digest}: {repositories}; {work}")
    };
    Some((head, merged.by_choices.iter().map(line).collect()))
}

/// The first digits of a digest, with or without the name of its algorithm before it.
fn short(digest: &str) -> String {
    let kept = digest.split_once(':').map_or(0, |(name, _)| name.len() + 1) + DIGITS;
    digest.chars().take(kept).collect()
}

/// What to do next, one line each.
pub(super) fn next_steps(merged: &Merged) -> Vec<String> {
    let total = &merged.total;
    let mut steps = Vec::new();
    if total.with(RepoStatus::Failed) + total.with(RepoStatus::Partial) > 0 {
        steps.push(
            "`samwire report … --status failed,partial --names` lists what to do again by `samwire bulk --repos`"
                .to_owned(),
        );
    }
    if total.with(RepoStatus::WouldChange) > 0 {
        steps.push("`would-change` is not written yet: the same command writes with `--write`, or onto a new branch with `--write --branch NAME`".to_owned());
    }
    if total.figures.held > 0 {
        steps.push("`--accept-add` and `--accept-remove` release what is held back for consent; the details say which".to_owned());
    }
    steps
}

/// Why a repository is where it is, in one line.
pub(super) fn note(row: &Row) -> String {
    match (&row.reason, &row.message) {
        (Some(reason), Some(message)) => format!("{reason}: {message}"),
        (Some(text), None) | (None, Some(text)) => text.clone(),
        (None, None) => String::new(),
    }
}

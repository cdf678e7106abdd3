//! What a change of templates means for permissions, one writer per format. Knows neither how versions were compared nor
//! where the words go.

mod json;
mod markdown;
mod text;

pub use json::write_comparison_json;
pub use markdown::write_comparison_markdown;
pub use text::write_comparison_text;

use super::model::Status;
use super::problem::Problem;
use crate::check::TemplateComparison;
use crate::iam::{Effect, Permission};
use crate::text::Source;
use std::path::PathBuf;

/// What `compare` says of one template.
#[derive(Debug)]
pub struct ComparisonReport {
    /// The path as the user knows it.
    pub path: PathBuf,
    /// Whether both versions could be compared.
    pub status: Status,
    /// Why not.
    pub problem: Option<Problem>,
    /// The earlier version, if there is one.
    pub before: Option<Source>,
    /// The later version, if there is one.
    pub after: Option<Source>,
    /// The answer.
    pub answer: Option<TemplateComparison>,
}

impl ComparisonReport {
    /// What of the file is new to a reader: that it came or went.
    fn presence(&self) -> Option<&'static str> {
        match (&self.before, &self.after) {
            (None, Some(_)) => Some("new template"),
            (Some(_), None) => Some("deleted template"),
            _ => None,
        }
    }

    /// The class of what changed in it.
    fn effect(&self) -> Effect {
        self.answer.as_ref().map_or(Effect::Unknown, |answer| answer.effect)
    }
}

/// Facts of a comparison that no file knows.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonFacts<'a> {
    /// Release of the tool.
    pub version: &'a str,
    /// Release of the definitions.
    pub transforms: &'a str,
    /// What the earlier version was called.
    pub old: &'a str,
    /// What the later version was called.
    pub new: &'a str,
    /// The exit code of the run.
    pub exit: u8,
}

/// The class of several comparisons together. What could not be compared may hold anything, so one such template makes the
/// whole unknown.
pub fn overall_effect(reports: &[ComparisonReport]) -> Effect {
    if reports.iter().any(|report| report.answer.is_none()) {
        return Effect::Unknown;
    }
    let (mut added, mut removed) = (Vec::<Permission>::new(), Vec::new());
    let mut effects = Vec::new();
    for answer in reports.iter().filter_map(|report| report.answer.as_ref()) {
        effects.push(answer.effect);
        for change in &answer.changes {
            added.extend(change.added.iter().map(|(permission, _)| permission.clone()));
            removed.extend(change.removed.iter().cloned());
        }
    }
    let has = |effect: Effect| effects.contains(&effect);
    match Effect::of(&added, &removed, has(Effect::Unknown)) {
        // Something that is not told as permissions may have gone.
        Effect::Wider if has(Effect::Narrower) || has(Effect::Mixed) => Effect::Mixed,
        Effect::Same | Effect::Equivalent if has(Effect::Narrower) => Effect::Narrower,
        effect => effect,
    }
}

/// What happened to a principal, behind its name.
fn about(change: &crate::check::HolderChange) -> String {
    use crate::check::Subject;
    let acting = change.acting.join(", ");
    let acting = if acting.is_empty() { String::new() } else { format!("role of {acting}") };
    let word = match &change.subject {
        Subject::Kept => String::new(),
        Subject::New => "new".to_owned(),
        Subject::Gone => "gone".to_owned(),
        Subject::Moved { was: None, is } => format!("now acts through {is}"),
        Subject::Moved { was: Some(was), is } => format!("acts through {is} instead of {was}"),
    };
    [word, acting].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

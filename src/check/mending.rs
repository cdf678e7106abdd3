//! Making the changes that mend findings, and proving them: the text parses, no comment is lost, and what they do to permissions
//! is computed by comparing all of them before and after.

use super::finding::{Finding, FindingKind};
use super::findings::judge;
use crate::catalog::Catalog;
use crate::plan::{Comparison, Options, ToolBug, compare, plan};
use crate::syntax::{Document, SyntaxError};
use crate::text::{EditSet, Source};

/// Rounds after which a text that is not done never will be.
const MAX_ROUNDS: usize = 20;

/// What mending came to.
#[derive(Debug, Clone)]
pub struct Mended {
    /// The text.
    pub text: String,
    /// What was mended, in the order in which it was done.
    pub done: Vec<(&'static FindingKind, String)>,
    /// What it does to permissions.
    pub comparison: Comparison,
}

/// Mends every finding of a text that is `wanted` and of which it is sure how; `None` if there is none. Fails where the text
/// cannot be parsed, or where a result would not be what was meant.
pub fn mend(
    source: &Source,
    catalog: &Catalog,
    options: &Options,
    wanted: impl Fn(&Finding) -> bool,
) -> Result<Option<Mended>, MendError> {
    let mut text = source.text().to_owned();
    let mut done = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let current = again(source, &text)?;
        let planned = plan(current, catalog, options)?;
        let mut edits = EditSet::new();
        // Mends that touch each other wait for the next round, in which they are found anew if they are still needed.
        for finding in judge(&planned).findings.into_iter().filter(|f| !f.mend.is_empty() && wanted(f)) {
            let mut with = edits.clone();
            if finding.mend.iter().cloned().try_for_each(|edit| with.push(edit)).is_ok() {
                edits = with;
                done.push((finding.kind, finding.message));
            }
        }
        if edits.is_empty() {
            break;
        }
        text = edits.apply(&text).map_err(|error| ToolBug(format!("a mend cannot be applied: {error}")))?;
    }
    if done.is_empty() {
        return Ok(None);
    }
    let after = again(source, &text)?;
    let comparison = compare(source, &after, catalog, options)
        .map_err(|error| ToolBug(format!("what was mended cannot be parsed: {error}")))?;
    kept_comments(source, &after)?;
    Ok(Some(Mended { text, done, comparison }))
}

/// Why nothing was mended.
#[derive(Debug)]
pub enum MendError {
    /// The text cannot be parsed.
    Syntax(SyntaxError),
    /// The result is not what was meant.
    Bug(ToolBug),
}

impl From<SyntaxError> for MendError {
    fn from(error: SyntaxError) -> Self {
        Self::Syntax(error)
    }
}

impl From<ToolBug> for MendError {
    fn from(bug: ToolBug) -> Self {
        Self::Bug(bug)
    }
}

fn again(source: &Source, text: &str) -> Result<Source, ToolBug> {
    Source::new(source.path(), text.to_owned().into_bytes())
        .map_err(|error| ToolBug(format!("what was mended is no text: {error}")))
}

/// Every comment but those to this program is still there.
fn kept_comments(before: &Source, after: &Source) -> Result<(), MendError> {
    let comments = |source: &Source| -> Result<Vec<String>, SyntaxError> {
        let doc = Document::parse(source.clone())?;
        let texts = doc.comments().iter().map(|comment| source.slice(comment.span).trim().to_owned());
        let mut texts: Vec<String> = texts.filter(|text| !text.contains("samwire:")).collect();
        texts.sort();
        Ok(texts)
    };
    let (had, mut has) = (comments(before)?, comments(after)?);
    let lost = had.into_iter().find(|text| match has.binary_search(text) {
        Ok(at) => {
            has.remove(at);
            false
        }
        Err(_) => true,
    });
    match lost {
        Some(text) => Err(ToolBug(format!("mending lost the comment `{text}`")).into()),
        None => Ok(()),
    }
}

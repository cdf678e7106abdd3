//! What is promised about every rewrite of every text: each promise as a check that says what is wrong.

use super::Case;
use samwire::plan::{Plan, RewriteId};
use samwire::syntax::Document;
use samwire::text::{EditSet, Format, Source};

/// All that is promised about one text under the options of a case: every chosen subset of what is proposed can be made and
/// proves to be what was said, and behind what is taken a second run is silent. A text that cannot be read promises nothing.
pub fn whole(
    case: &Case,
    text: &str,
    choose: impl FnOnce(&Plan<'_>) -> Vec<Vec<RewriteId>>,
) -> Result<(), String> {
    let name = format!("template.{}", case.extension);
    let Ok(source) = Source::new(&name, text.as_bytes().to_vec()) else { return Ok(()) };
    let json = source.format() == Format::Json;
    let Ok(plan) = case.plan(text) else { return Ok(()) };
    for subset in choose(&plan) {
        let outcome = plan.outcome(&subset).map_err(|bug| format!("{subset:?}: {bug}"))?;
        locality(text, &outcome.text, &outcome.edits)?;
        comments(text, &outcome.text, &name)?;
        notation(text, &outcome.text, json && !text.contains(['#', '\'']))?;
    }
    let taken = plan.outcome(&plan.taken()).map_err(|bug| bug.to_string())?;
    let second = case.plan(&taken.text).map_err(|error| format!("the result does not parse: {error}"))?;
    match second.taken().is_empty() {
        true => Ok(()),
        false => Err(format!("a second run changes something: {:#?}", second.rewrites())),
    }
}

/// Nothing, each rewrite alone, those taken, all of them.
pub fn subsets(plan: &Plan<'_>) -> Vec<Vec<RewriteId>> {
    let all: Vec<RewriteId> = plan.rewrites().iter().map(|rewrite| rewrite.id).collect();
    let mut subsets: Vec<Vec<RewriteId>> = all.iter().map(|id| vec![*id]).collect();
    subsets.extend([Vec::new(), plan.taken(), all]);
    subsets.sort();
    subsets.dedup();
    subsets
}

/// The result is the original with the edits made, and nothing else; the edits are disjoint and in order.
pub fn locality(before: &str, after: &str, edits: &EditSet) -> Result<(), String> {
    let mut rest = after;
    let mut done = 0;
    for edit in edits.iter() {
        let range = edit.span.range();
        if range.start < done {
            return Err("edits overlap".into());
        }
        let unchanged = rest.strip_prefix(&before[done..range.start]);
        rest = unchanged
            .and_then(|rest| rest.strip_prefix(edit.text.as_str()))
            .ok_or("bytes change outside of the edits")?;
        done = range.end;
    }
    if rest == &before[done..] { Ok(()) } else { Err("bytes change behind the last edit".into()) }
}

/// The same comments before and after, in whatever order.
pub fn comments(before: &str, after: &str, name: &str) -> Result<(), String> {
    let (old, new) = (comment_texts(before, name), comment_texts(after, name));
    if old.is_some() && old == new { Ok(()) } else { Err(format!("comments {old:?} become {new:?}")) }
}

fn comment_texts(text: &str, name: &str) -> Option<Vec<String>> {
    let doc = Document::parse(Source::new(name, text.as_bytes().to_vec()).ok()?).ok()?;
    let mut texts: Vec<String> =
        doc.comments().iter().map(|c| doc.source().slice(c.span).trim_end().to_owned()).collect();
    texts.sort();
    Some(texts)
}

/// Strict JSON stays strict JSON, line ends stay what they are, and so do the end and the beginning of the file.
pub fn notation(before: &str, after: &str, json: bool) -> Result<(), String> {
    if json {
        let text = after.trim_start_matches('\u{feff}');
        serde_json::from_str::<serde_json::Value>(text)
            .map_err(|error| format!("the result is no strict JSON: {error}"))?;
    }
    let bare = |text: &str| text.replace("\r\n", "").contains('\n');
    if before.contains("\r\n") && !bare(before) && bare(after) {
        return Err("line ends are mixed".into());
    }
    if !before.contains('\r') && after.contains('\r') {
        return Err("a carriage return appears".into());
    }
    if before.ends_with('\n') != after.ends_with('\n') {
        return Err("the end of the file changes".into());
    }
    if before.starts_with('\u{feff}') != after.starts_with('\u{feff}') {
        return Err("the byte order mark changes".into());
    }
    Ok(())
}

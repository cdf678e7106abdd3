//! The text of one resource, cut out of a file for a person to edit and put back again. Refuses to know what it grants.

use super::desk::{Question, source};
use crate::plan::Form;
use crate::syntax::Document;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

/// A resource of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// Its logical id.
    pub(super) id: String,
    /// Its bytes in the text: whole lines.
    range: Range<usize>,
    /// Those lines.
    pub(super) text: String,
    /// Number of its first line in the file, from 1.
    pub(super) first_line: usize,
}

impl Excerpt {
    /// The file with other lines in the place of these.
    pub(super) fn splice(&self, file: &str, edited: &str) -> String {
        let of = |text: &str| ["\r\n", "\n", "\r"].into_iter().find(|newline| text.contains(newline));
        let newline = of(&self.text).or_else(|| of(file)).unwrap_or("\n");
        let mut edited = edited.replace("\r\n", "\n").replace('\n', newline);
        if self.text.ends_with(newline) && !edited.ends_with(newline) {
            edited.push_str(newline);
        }
        format!("{}{edited}{}", &file[..self.range.start], &file[self.range.end..])
    }
}

/// The resource that a rewrite is most about, as it would be: the source that holds the connector or the role that holds
/// the policy, or the resource that comes.
pub(super) fn excerpt(path: &Path, question: &Question) -> Option<Excerpt> {
    let (before, after) = (resources(path, &question.before)?, resources(path, &question.after)?);
    let rewrite = &question.rewrite;
    let changed =
        |id: &&String| after.get(*id).map(|(_, text)| text) != before.get(*id).map(|(_, text)| text);
    let mut ids: Vec<&String> = after.keys().filter(changed).collect();
    let own = |id: &String| match rewrite.form {
        Form::Standalone => *id == rewrite.connector,
        Form::Embedded => *id == rewrite.source,
        Form::Inline | Form::Resource => rewrite.principal.starts_with(id.as_str()),
    };
    ids.sort_by_key(|id| (!own(id), after[*id].0.start));
    let id = ids.first()?;
    let (range, text) = &after[*id];
    let first_line = question.after[..range.start].matches('\n').count() + 1;
    Some(Excerpt { id: (*id).clone(), range: range.clone(), text: text.clone(), first_line })
}

/// Whether an edited file is one that can be gone on with; else what is wrong, with the line of the file.
pub(super) fn check(path: &Path, question: &Question, excerpt: &Excerpt, text: &str) -> Result<(), String> {
    let Some(edited) = source(path, text.to_owned()) else {
        return Err("the text is too large, or holds a NUL byte".to_owned());
    };
    let doc = Document::parse(edited).map_err(|error| {
        let line = (error.at.line as usize).saturating_sub(excerpt.first_line) + 1;
        format!("line {line}, column {}: {}; {}", error.at.column, error.what(), error.help())
    })?;
    let untouched = source(path, question.after.clone()).and_then(|source| Document::parse(source).ok());
    if doc.duplicates().len() > untouched.map_or(0, |doc| doc.duplicates().len()) {
        let key = doc.duplicates().first().map(|duplicate| duplicate.key.clone()).unwrap_or_default();
        return Err(format!("the key `{key}` is there twice; only the last one would count"));
    }
    let (Some(before), Some(after)) = (resources(path, &question.after), resources(path, text)) else {
        return Err("`Resources` is gone".to_owned());
    };
    let others = |all: &BTreeMap<String, (Range<usize>, String)>| -> Vec<(String, String)> {
        let others = all.iter().filter(|(id, _)| **id != excerpt.id);
        others.map(|(id, (_, text))| (id.clone(), text.clone())).collect()
    };
    if !after.contains_key(&excerpt.id) {
        return Err(format!("the resource `{}` is gone; to leave the rewrite out answer `n`", excerpt.id));
    }
    if others(&before) != others(&after) {
        return Err(format!("it reaches beyond `{}`; edit only this resource", excerpt.id));
    }
    Ok(())
}

/// The resources of a text: the whole lines of each, and what they say.
fn resources(path: &Path, text: &str) -> Option<BTreeMap<String, (Range<usize>, String)>> {
    let doc = Document::parse(source(path, text.to_owned())?).ok()?;
    let map = doc.resolve(doc.get(doc.root(), "Resources")?);
    let mut out = BTreeMap::new();
    for (id, key, value) in doc.pairs(map) {
        let first = doc.source().line_at(doc.full_span(key).start);
        let lines = first.join(doc.source().line_at(doc.full_span(value).end));
        out.insert(id.to_owned(), (lines.range(), doc.source().slice(lines).to_owned()));
    }
    Some(out)
}

//! The baseline: what was there when a team began to look, and is not told again. Entries are known by their fingerprints,
//! which stay while lines move. Reads and writes text; knows no file.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Version of the format.
const SCHEMA: u32 = 1;

/// Everything that is known already. Files are named from the directory of the baseline, with `/`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The directory of the baseline, links resolved.
    root: PathBuf,
    /// Per file the fingerprints, each with the id of what it is about.
    files: BTreeMap<String, BTreeMap<String, String>>,
}

/// A text that is no baseline.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// It cannot be read as one.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A later format.
    #[error("it has schema {0}, and this version reads schema {SCHEMA}")]
    Schema(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    schema: u32,
    files: BTreeMap<String, Vec<Entry>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    fingerprint: String,
}

impl Baseline {
    /// One that knows nothing yet. `root` is an absolute path without links.
    pub fn new(root: PathBuf) -> Self {
        Self { root, files: BTreeMap::new() }
    }

    /// Reads what [`to_text`](Self::to_text) wrote.
    pub fn read(root: PathBuf, text: &str) -> Result<Self, BaselineError> {
        let written: Written = serde_json::from_str(text)?;
        if written.schema != SCHEMA {
            return Err(BaselineError::Schema(written.schema));
        }
        let entries =
            |list: Vec<Entry>| list.into_iter().map(|entry| (entry.fingerprint, entry.id)).collect();
        let files = written.files.into_iter().map(|(file, list)| (file, entries(list))).collect();
        Ok(Self { root, files })
    }

    /// The text of the baseline, the same for the same entries.
    pub fn to_text(&self) -> String {
        let entry = |(fingerprint, id): (&String, &String)| Entry {
            id: id.clone(),
            fingerprint: fingerprint.clone(),
        };
        let files =
            self.files.iter().map(|(file, entries)| (file.clone(), entries.iter().map(entry).collect()));
        let written = Written { schema: SCHEMA, files: files.collect() };
        let text = serde_json::to_string_pretty(&written);
        text.expect("impossible: plain strings in maps are JSON") + "\n"
    }

    /// Adds an entry about the file at `real`, an absolute path without links.
    pub fn add(&mut self, real: &Path, fingerprint: &str, id: &str) {
        let file = self.files.entry(self.name(real)).or_default();
        file.insert(fingerprint.to_owned(), id.to_owned());
    }

    /// What is known of the file at `real`: fingerprints with ids.
    pub fn of(&self, real: &Path) -> impl Iterator<Item = (&str, &str)> {
        let known = self.files.get(&self.name(real));
        known.into_iter().flatten().map(|(fingerprint, id)| (fingerprint.as_str(), id.as_str()))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.files.values().map(BTreeMap::len).sum()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn name(&self, real: &Path) -> String {
        real.strip_prefix(&self.root).unwrap_or(real).to_string_lossy().replace('\\', "/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut baseline = Baseline::new("/r".into());
        baseline.add(Path::new("/r/a/t.yaml"), "f00d", "function-to-table");
        baseline.add(Path::new("/elsewhere/t.yaml"), "beef", "deny");
        let text = baseline.to_text();
        let read = Baseline::read("/r".into(), &text).unwrap();
        assert_eq!((&read, read.len()), (&baseline, 2));
        assert_eq!(read.of(Path::new("/r/a/t.yaml")).collect::<Vec<_>>(), [("f00d", "function-to-table")]);
        assert_eq!(read.of(Path::new("/r/b.yaml")).count(), 0);
        assert!(text.contains("\"a/t.yaml\"") && text.ends_with("}\n"), "{text}");
    }

    #[test]
    fn another_text_is_refused() {
        let error = |text: &str| Baseline::read(PathBuf::new(), text).unwrap_err().to_string();
        assert!(error("[]").contains("line 1"));
        assert!(error("{\"schema\": 1, \"file\": {}}").contains("unknown field `file`"));
        assert_eq!(
            error("{\"schema\": 2, \"files\": {}}"),
            "it has schema 2, and this version reads schema 1"
        );
    }
}

//! What the tidy rules look at: the files of the repository, read once. Owns where they lie; knows no rule.

pub(crate) mod code;

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the repository.
pub(crate) struct File {
    /// Path below the root of the repository, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below the `folders` whose name ends in `.extension`, sorted by path. A folder that is not there has none.
pub(crate) fn files(folders: &[&str], extension: &str) -> Vec<File> {
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("the folder is readable").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                found.push(file(&path));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn file(path: &Path) -> File {
    let below = path.strip_prefix(root()).expect("every folder lies below the root");
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    let text = fs::read_to_string(path).expect("the file is readable UTF-8");
    File { path: parts.join("/"), text }
}

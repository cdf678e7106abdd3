//! Under which name a file stands in a patch: one that `git apply` finds from the current directory, or from the
//! directory that is told. Knows no patch format.

use super::git::work_tree_of;
use std::io;
use std::path::{Path, PathBuf};

/// A file's name in a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffName {
    /// The path, relative to the base, without `.` and `..`.
    pub path: PathBuf,
    /// To what it is relative, where that is not the current directory: the work tree that holds the file, or without
    /// one the directory of the file.
    pub base: Option<PathBuf>,
}

/// Where a path leads, links resolved as far as there is something at it; what is not there yet stays as it is written.
pub fn real_path(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|folder| Some((folder, folder.canonicalize().ok()?)));
    match there {
        Some((folder, real)) => match path.strip_prefix(folder) {
            Ok(rest) if !rest.as_os_str().is_empty() => real.join(rest),
            _ => real,
        },
        None => path.to_owned(),
    }
}

/// The directory in which the tool runs.
#[derive(Debug, Clone)]
pub struct Surroundings {
    current: PathBuf,
}

impl Surroundings {
    /// Asks the operating system for the current directory.
    pub fn observe() -> io::Result<Self> {
        Ok(Self { current: std::env::current_dir()?.canonicalize()? })
    }

    /// The current directory, links resolved.
    pub fn current(&self) -> &Path {
        &self.current
    }

    /// The name in a patch of the file at `real`, an absolute path without links. The file itself is named and not a
    /// link to it, since git refuses to patch through a link.
    pub fn diff_name(&self, real: &Path) -> DiffName {
        if let Ok(path) = real.strip_prefix(&self.current) {
            return DiffName { path: path.to_owned(), base: None };
        }
        let base = work_tree_of(real).or_else(|| real.parent().map(Path::to_owned)).unwrap_or_default();
        let path = real.strip_prefix(&base).unwrap_or(real).to_owned();
        DiffName { path, base: Some(base) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_to_the_current_directory_else_to_the_work_tree_else_to_their_folder() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for folder in ["here/sub", "other/.git", "other/deep", "loose"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        let at = Surroundings { current: root.join("here") };
        for (file, path, base) in [
            ("here/sub/t.yaml", "sub/t.yaml", None),
            ("other/deep/t.yaml", "deep/t.yaml", Some(root.join("other"))),
            ("loose/t.yaml", "t.yaml", Some(root.join("loose"))),
        ] {
            let name = at.diff_name(&root.join(file));
            assert_eq!(name, DiffName { path: path.into(), base }, "{file}");
        }
    }
}

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
    /// To what it is relative, where that is not the current directory.
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

/// The directory in which the tool runs, and what the command line names beside it.
#[derive(Debug, Clone)]
pub struct Surroundings {
    current: PathBuf,
    /// The directories named that lie outside of the current one, with that to which names below them are relative.
    named: Vec<(PathBuf, PathBuf)>,
}

impl Surroundings {
    /// Asks the operating system for the current directory.
    pub fn observe() -> io::Result<Self> {
        Ok(Self { current: std::env::current_dir()?.canonicalize()?, named: Vec::new() })
    }

    /// The same with the paths that the command line names: whatever lies below one of them has names relative to one
    /// base, so that no two files have the same. The base is the work tree that holds what is named, or without one the
    /// directory that holds all that is named outside of work trees.
    #[must_use]
    pub fn naming(self, paths: &[PathBuf]) -> Self {
        let real = paths.iter().filter_map(|path| path.canonicalize().ok());
        let outside: Vec<PathBuf> = real.filter(|path| !path.starts_with(&self.current)).collect();
        let folder = |path: &Path| {
            if path.is_dir() { Some(path.to_owned()) } else { path.parent().map(Path::to_owned) }
        };
        let loose =
            outside.iter().filter(|path| work_tree_of(path).is_none()).filter_map(|path| folder(path));
        let loose = loose.reduce(|one, other| common(&one, &other));
        let base = |path: &Path| work_tree_of(path).or_else(|| loose.clone());
        let named = outside.into_iter().filter_map(|path| base(&path).map(|base| (path, base))).collect();
        Self { named, ..self }
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
        let named = self.named.iter().find(|(path, _)| real.starts_with(path)).map(|(_, base)| base.clone());
        let own = || work_tree_of(real).or_else(|| real.parent().map(Path::to_owned));
        let base = named.or_else(own).unwrap_or_default();
        let path = real.strip_prefix(&base).unwrap_or(real).to_owned();
        DiffName { path, base: Some(base) }
    }
}

/// The directory that holds both.
fn common(one: &Path, other: &Path) -> PathBuf {
    one.components().zip(other.components()).take_while(|(a, b)| a == b).map(|(part, _)| part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(folders: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        folders.iter().for_each(|folder| std::fs::create_dir_all(root.join(folder)).unwrap());
        (dir, root)
    }

    #[test]
    fn names_are_relative_to_the_current_directory_else_to_the_work_tree_else_to_their_folder() {
        let (_dir, root) = tree(&["here/sub", "other/.git", "other/deep", "loose"]);
        let at = Surroundings { current: root.join("here"), named: Vec::new() };
        for (file, path, base) in [
            ("here/sub/t.yaml", "sub/t.yaml", None),
            ("other/deep/t.yaml", "deep/t.yaml", Some(root.join("other"))),
            ("loose/t.yaml", "t.yaml", Some(root.join("loose"))),
        ] {
            let name = at.diff_name(&root.join(file));
            assert_eq!(name, DiffName { path: path.into(), base }, "{file}");
        }
    }

    #[test]
    fn files_below_what_is_named_have_names_of_their_own() {
        let (_dir, root) = tree(&["here", "loose/a", "loose/b/.git", "work/.git", "work/x/y", "more/c"]);
        let here = || Surroundings { current: root.join("here"), named: Vec::new() };
        let name = |at: &Surroundings, file: &str| {
            let DiffName { path, base } = at.diff_name(&root.join(file));
            (path.display().to_string(), base.unwrap().strip_prefix(&root).unwrap().display().to_string())
        };
        let pair = |path: &str, base: &str| (path.to_owned(), base.to_owned());
        let at = here().naming(&[root.join("loose"), root.join("work/x")]);
        assert_eq!(name(&at, "loose/a/t.yaml"), pair("a/t.yaml", "loose"));
        // A work tree within what is named does not get names that another one could have.
        assert_eq!(name(&at, "loose/b/t.yaml"), pair("b/t.yaml", "loose"));
        assert_eq!(name(&at, "work/x/y/t.yaml"), pair("x/y/t.yaml", "work"));
        std::fs::write(root.join("more/c/t.yaml"), "").unwrap();
        let at = here().naming(&[root.join("loose/a"), root.join("more/c/t.yaml")]);
        assert_eq!(name(&at, "loose/a/t.yaml"), pair("loose/a/t.yaml", ""));
        assert_eq!(name(&at, "more/c/t.yaml"), pair("more/c/t.yaml", ""));
    }
}

//! Where a repository keeps its parts, by what its files say before git is asked: the work tree, the git directory, and
//! that of the repository which a linked work tree belongs to. Refuses what points out of the repository without being
//! pointed back at.

use super::RepositoryError;
use super::settings::Settings;
use crate::io::git::work_tree_of;
use crate::io::git_call::{Whose, answer, answer_soon, ceiling, git, name_of, path_of};
use crate::io::read::read;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The parts of a repository, all of them absolute and without links.
#[derive(Debug)]
pub(super) struct Layout {
    /// The directory that was opened.
    pub(super) root: PathBuf,
    /// Its own git directory: HEAD and the index.
    pub(super) git_dir: PathBuf,
    /// The git directory with the objects and branches.
    pub(super) common_dir: PathBuf,
    /// Whether there is no work tree.
    pub(super) bare: bool,
}

impl Layout {
    /// The parts of the repository at `path`.
    pub(super) fn of(path: &Path) -> Result<Self, RepositoryError> {
        let none = |error: &dyn ToString| RepositoryError::NoRepository(error.to_string());
        let root = path.canonicalize().map_err(|error| none(&error))?;
        let entry = root.join(".git");
        let Ok(kind) = fs::symlink_metadata(&entry).map(|found| found.file_type()) else {
            if !is_bare(&root) {
                return Err(none(&"it has no `.git`"));
            }
            return own(Self { git_dir: root.clone(), common_dir: root.clone(), root, bare: true });
        };
        if kind.is_symlink() {
            let target = fs::read_link(&entry).unwrap_or(entry);
            return Err(RepositoryError::GitDirElsewhere(target));
        }
        if kind.is_dir() {
            return own(Self { git_dir: entry.clone(), common_dir: entry, root, bare: false });
        }
        let told = told_in(&entry, b"gitdir: ").ok_or_else(|| broken("`.git` leads nowhere"))?;
        let git_dir = root.join(&told).canonicalize();
        let git_dir = git_dir.map_err(|_| broken(&format!("`.git` leads to nothing: {}", told.display())))?;
        if !git_dir.join("commondir").exists() {
            let of_other =
                |above: &&Path| above.ends_with("modules") && above.with_file_name("HEAD").exists();
            let is_submodule = git_dir.ancestors().any(|above| of_other(&above));
            let submodule = RepositoryError::Submodule;
            return Err(if is_submodule { submodule } else { RepositoryError::GitDirElsewhere(git_dir) });
        }
        linked(&root, &git_dir).ok_or(RepositoryError::GitDirElsewhere(git_dir))
    }

    /// A call that goes to this repository, and to none above it if this one is broken.
    pub(super) fn git(&self) -> Command {
        let mut command = git(Some(&self.root), Whose::Anybodys);
        command.env("GIT_CEILING_DIRECTORIES", ceiling(&self.root));
        command
    }

    /// The first of the places that hold content, names of commits and settings which is a link, and so may be a part of
    /// another repository.
    pub(super) fn link(&self) -> Option<PathBuf> {
        const PARTS: [&str; 9] = [
            "HEAD",
            "config",
            "objects",
            "objects/info",
            "objects/pack",
            "packed-refs",
            "refs",
            "refs/heads",
            "reftable",
        ];
        let own = self.git_dir.join("HEAD");
        let parts = PARTS.iter().map(|part| self.common_dir.join(part));
        parts.chain([own, self.git_dir.join("index")]).find(|part| part.is_symlink())
    }

    /// Refuses a work tree that is not the directory itself, and one that is part of another repository.
    pub(super) fn check_work_tree(&self, settings: &Settings) -> Result<(), RepositoryError> {
        if let Some(told) = settings.last("core.worktree") {
            let top = answer_soon(self.git().args(["rev-parse", "--show-toplevel"]))?;
            if path_of(top.strip_suffix(b"\n").unwrap_or(&top)).canonicalize().ok().as_ref()
                != Some(&self.root)
            {
                return Err(RepositoryError::WorkTreeElsewhere(told));
            }
        }
        if self.is_registered_above() { Err(RepositoryError::Submodule) } else { Ok(()) }
    }

    /// Whether a repository around this one says that it is a submodule. One that cannot be asked says nothing.
    fn is_registered_above(&self) -> bool {
        let Some(above) = self.root.parent().and_then(work_tree_of) else { return false };
        let Ok(below) = self.root.strip_prefix(&above) else { return false };
        let mut command = git(Some(&above), Whose::Anybodys);
        command.env("GIT_CEILING_DIRECTORIES", ceiling(&above));
        let listed = answer(command.args(["ls-files", "--stage", "-z", "--"]).arg(path_of(&name_of(below))));
        listed.is_ok_and(|listed| listed.starts_with(b"160000 "))
    }
}

/// Whether a directory looks as git's own do.
pub(super) fn is_bare(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").is_dir()
}

/// Refuses a git directory that takes its objects and branches from another one.
fn own(layout: Layout) -> Result<Layout, RepositoryError> {
    match told_in(&layout.git_dir.join("commondir"), b"") {
        Some(told) => Err(RepositoryError::GitDirElsewhere(told)),
        None => Ok(layout),
    }
}

/// A linked work tree, if the repository that it names knows of it.
fn linked(root: &Path, git_dir: &Path) -> Option<Layout> {
    let common_dir = git_dir.join(told_in(&git_dir.join("commondir"), b"")?).canonicalize().ok()?;
    let back = git_dir.join(told_in(&git_dir.join("gitdir"), b"")?);
    let is_back = back.ends_with(".git") && back.parent()?.canonicalize().ok()? == root;
    let is_below = git_dir.parent()? == common_dir.join("worktrees");
    (is_back && is_below && !common_dir.join("commondir").exists()).then(|| Layout {
        root: root.to_owned(),
        git_dir: git_dir.to_owned(),
        common_dir,
        bare: false,
    })
}

/// The path that a file of git's holds behind a word.
fn told_in(file: &Path, word: &[u8]) -> Option<PathBuf> {
    // What is no file, such as a pipe, could keep the reader waiting forever.
    if !fs::metadata(file).ok()?.is_file() {
        return None;
    }
    let text = read(file).ok()?;
    let path = text.strip_prefix(word)?.trim_ascii_end();
    (!path.is_empty()).then(|| path_of(path))
}

fn broken(what: &str) -> RepositoryError {
    RepositoryError::Broken(what.to_owned())
}

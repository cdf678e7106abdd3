//! What is going on in a repository, by the files that git keeps meanwhile, and whether its work tree may be written to.

use super::Repository;
use super::commit::link_in_git_dir;
use crate::io::state::link_to_records;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Something that a person has begun and not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `git merge`.
    Merge,
    /// `git rebase`.
    Rebase,
    /// `git am`.
    Apply,
    /// `git cherry-pick`.
    CherryPick,
    /// `git revert`.
    Revert,
    /// `git bisect`.
    Bisect,
}

impl Operation {
    /// What goes on in the repository with this git directory.
    pub(super) fn of(git_dir: &Path) -> Option<Self> {
        const SIGNS: [(&str, Operation); 7] = [
            ("rebase-merge", Operation::Rebase),
            ("rebase-apply/applying", Operation::Apply),
            ("rebase-apply", Operation::Rebase),
            ("CHERRY_PICK_HEAD", Operation::CherryPick),
            ("REVERT_HEAD", Operation::Revert),
            ("MERGE_HEAD", Operation::Merge),
            ("BISECT_LOG", Operation::Bisect),
        ];
        SIGNS.into_iter().find(|(sign, _)| git_dir.join(sign).exists()).map(|(_, operation)| operation)
    }

    /// The command that goes on with it, and ends it.
    pub fn command(self) -> &'static str {
        match self {
            Self::Merge => "git merge",
            Self::Rebase => "git rebase",
            Self::Apply => "git am",
            Self::CherryPick => "git cherry-pick",
            Self::Revert => "git revert",
            Self::Bisect => "git bisect",
        }
    }
}

/// Why the work tree of a repository may not be written to.
#[derive(Debug, Error)]
pub enum Unwritable {
    /// It has none.
    #[error("it has no work tree")]
    Bare,
    /// Another git command works on it, or one was killed.
    #[error("its index is locked")]
    Locked,
    /// A person is in the middle of something.
    #[error("`{}` is not finished", .0.command())]
    InProgress(Operation),
    /// A part of its git directory is a link.
    #[error("a part of its git directory is a link: {}", .0.display())]
    LinkedGitDir(PathBuf),
}

impl Unwritable {
    /// The name of the reason in reports.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Locked => "locked",
            Self::InProgress(_) => "in-progress",
            Self::LinkedGitDir(_) => "linked-git-dir",
        }
    }

    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Bare => "commit on a branch with --branch",
            Self::Locked => "wait for the other command; if there is none, remove `index.lock`",
            Self::InProgress(_) => "finish it or give it up first",
            Self::LinkedGitDir(_) => "make a clone of its own",
        }
    }
}

impl Repository {
    /// Whether another git command works on the index, or has left its lock behind.
    pub fn is_locked(&self) -> bool {
        self.layout.git_dir.join("index.lock").symlink_metadata().is_ok()
    }

    /// Why the work tree may not be written to; `None` if it may.
    pub fn unwritable(&self) -> Option<Unwritable> {
        if self.is_bare() {
            return Some(Unwritable::Bare);
        }
        if self.is_locked() {
            return Some(Unwritable::Locked);
        }
        if let Some(operation) = self.operation {
            return Some(Unwritable::InProgress(operation));
        }
        let link = link_in_git_dir(&self.layout.common_dir, "");
        link.or_else(|| link_to_records(&self.layout.git_dir)).map(Unwritable::LinkedGitDir)
    }
}

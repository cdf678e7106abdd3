//! Why a repository is not opened, and why one of its files cannot be had: each with the id that reports name it by, the
//! reason behind it, and what to do.

use super::GitError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a repository is not opened. What git says in it may hold any text that the repository holds.
#[derive(Debug, Error)]
pub enum RepositoryError {
    /// Git does not start.
    #[error("git does not start: {0}")]
    NoGit(#[source] io::Error),
    /// The directory is not there, or it is no repository.
    #[error("is no git repository: {0}")]
    NoRepository(String),
    /// HEAD names a branch without a commit.
    #[error("has no commit yet")]
    NoCommit,
    /// Git does not trust it, since somebody else owns it.
    #[error("git does not trust it: {0}")]
    NotOurs(String),
    /// Its git directory, or a part of it, is somewhere else.
    #[error("its git directory is elsewhere: {}", .0.display())]
    GitDirElsewhere(PathBuf),
    /// The work tree that it names is another directory.
    #[error("its work tree is elsewhere: {0}")]
    WorkTreeElsewhere(String),
    /// It is a submodule of another repository.
    #[error("is a submodule")]
    Submodule,
    /// A part of its git directory is a link, so that what it shows might be another repository's.
    #[error("a part of its git directory is a link: {}", .0.display())]
    LinkedGitDir(PathBuf),
    /// It lists more files than are looked at, or more that may be templates than are kept.
    #[error("has more than {entries} files, or {kept} that may be templates")]
    TooLarge {
        /// The files that are looked at.
        entries: usize,
        /// Those that are kept.
        kept: usize,
    },
    /// Git cannot read it.
    #[error("git cannot read it: {0}")]
    Broken(String),
}

impl RepositoryError {
    /// The name of the reason in reports.
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoGit(_) => "git-missing",
            Self::NoRepository(_) => "no-repository",
            Self::NoCommit => "no-commit",
            Self::NotOurs(_) => "not-ours",
            Self::GitDirElsewhere(_) => "git-dir-elsewhere",
            Self::WorkTreeElsewhere(_) => "work-tree-elsewhere",
            Self::Submodule => "submodule",
            Self::LinkedGitDir(_) => "linked-git-dir",
            Self::TooLarge { .. } => "too-large",
            Self::Broken(_) => "broken-repository",
        }
    }

    /// Why it is not gone on with.
    pub fn why(&self) -> &'static str {
        match self {
            Self::NoGit(_) => "repositories are read by the `git` program",
            Self::NoRepository(_) => "only what git holds can be planned and taken back",
            Self::NoCommit => "what is planned is what is committed",
            Self::NotOurs(_) => "git reads the settings of a repository only if its owner is trusted",
            Self::GitDirElsewhere(_) => "a repository must not make another one be written to",
            Self::WorkTreeElsewhere(_) => "a repository must not make files outside of it be read or written",
            Self::Submodule => "a change of it has to be committed in the repository that it comes from",
            Self::LinkedGitDir(_) => "a report must not show what another repository holds",
            Self::TooLarge { .. } => {
                "a small repository can list more files than there is time or memory for"
            }
            Self::Broken(_) => "a change is only as good as the content that it starts from",
        }
    }

    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoGit(_) => "install git, version 2.30 or later, and put it into PATH",
            Self::NoRepository(_) => "name a directory that `git clone` has made, or one above it",
            Self::NoCommit => "commit something first",
            Self::NotOurs(said) if said.contains("safe.bareRepository") => {
                "run without safe.bareRepository=explicit, or in a clone with a work tree"
            }
            Self::NotOurs(_) => "if you trust it: git config --global --add safe.directory DIRECTORY",
            Self::GitDirElsewhere(_) => {
                "make a clone of its own, or run on the repository that it belongs to"
            }
            Self::WorkTreeElsewhere(_) => "unset core.worktree in it, or run in a clone",
            Self::Submodule => "run on a clone of the repository that it comes from",
            Self::LinkedGitDir(_) => "make a clone of its own",
            Self::TooLarge { .. } => "see what `git ls-tree -r HEAD` lists; run `samwire fix` in parts of it",
            Self::Broken(_) => "see what `git fsck` says of it, or clone it again",
        }
    }

    /// The error of a call that did not take place. Only where there is no git at all it is none of this repository: its
    /// settings can make a call too long as well.
    pub(super) fn of_start(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Self::NoGit(error),
            _ => Self::Broken(error.to_string()),
        }
    }

    /// The error of a call that went wrong, by what git complains about.
    pub(super) fn of_complaint(complaint: &[u8], said: String) -> Self {
        let has = |words: &[u8]| memchr::memmem::find(complaint, words).is_some();
        if has(b"detected dubious ownership") || has(b"unsafe repository") || has(b"safe.bareRepository") {
            Self::NotOurs(said)
        } else {
            Self::Broken(said)
        }
    }
}

impl From<GitError> for RepositoryError {
    fn from(error: GitError) -> Self {
        match error {
            GitError::Start(error) => Self::of_start(error),
            GitError::Refused(said) => Self::of_complaint(said.as_bytes(), said.clone()),
        }
    }
}

/// Why one file of a repository cannot be had.
#[derive(Debug, Error)]
pub enum FileError {
    /// The repository lacks the content, as a partial clone does, or cannot read it.
    #[error("its content is not in this clone: {0}")]
    MissingObject(String),
    /// The index holds several versions of it after a merge.
    #[error("has conflicts that are not resolved")]
    Conflict,
    /// Its name leads out of the repository, or into its git directory.
    #[error("its name leads out of the work tree")]
    UnsafeName,
    /// On the way to it is a link.
    #[error("a link stands in its place or above it")]
    Linked,
    /// The operating system refused.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Git does not answer.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl FileError {
    /// The name of the reason in reports.
    pub fn id(&self) -> &'static str {
        match self {
            Self::MissingObject(_) => "missing-object",
            Self::Conflict => "conflict",
            Self::UnsafeName => "unsafe-name",
            Self::Linked => "linked-file",
            Self::Io(_) => "unreadable",
            Self::Git(_) => "git",
        }
    }

    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::MissingObject(_) => "make a full clone: nothing is fetched from here",
            Self::Conflict => "resolve the conflicts and commit first",
            Self::UnsafeName | Self::Linked => "look at how this name came into the repository",
            Self::Io(_) => "check the file",
            Self::Git(_) => "see what `git fsck` says of the repository",
        }
    }
}

//! Committing changed files on a new branch by plumbing: objects first, the branch in one last step. The work tree, the
//! index and HEAD stay as they are, and a run that is killed leaves at most objects that nothing names.

use super::Repository;
use super::listing::FileMode;
use crate::io::folders::open_folder;
use crate::io::git_call::{GitError, answer, answer_to, name_of, path_of};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use thiserror::Error;

/// What a file shall hold.
#[derive(Debug, Clone, Copy)]
pub struct NewContent<'a> {
    /// The path in the repository.
    pub path: &'a Path,
    /// What git keeps beside the content.
    pub mode: FileMode,
    /// The content.
    pub bytes: &'a [u8],
}

/// A branch with one commit on top of the base.
#[derive(Debug, Clone, Copy)]
pub struct Branch<'a> {
    /// The name, without `refs/heads/`; [`check_branch_name`](super::check_branch_name) has let it pass.
    pub name: &'a str,
    /// What the commit says.
    pub message: &'a str,
    /// What it changes.
    pub changes: &'a [NewContent<'a>],
}

/// A commit that is on the branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Its full hash.
    pub commit: String,
    /// Whether it was there before, with the same content on the same base, as a run that was killed leaves it.
    pub was_there: bool,
}

/// Why there is no commit.
#[derive(Debug, Error)]
pub enum CommitError {
    /// A part of the git directory is a link: what is written there might arrive in another repository.
    #[error("a part of its git directory is a link: {}", .0.display())]
    LinkedGitDir(PathBuf),
    /// Git does not know whose commit it would be.
    #[error("git does not know who you are: {0}")]
    NoIdentity(String),
    /// There is such a branch, or one in the way of its name, with something else on it.
    #[error("there is a branch `{0}` already")]
    BranchExists(String),
    /// Another git command works on the branch, or one was killed.
    #[error("the branch is locked: {0}")]
    Locked(String),
    /// Git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The draft of the commit cannot be written.
    #[error("the draft of the commit cannot be written: {0}")]
    Draft(#[from] io::Error),
}

impl CommitError {
    /// The name of the reason in reports.
    pub fn id(&self) -> &'static str {
        match self {
            Self::LinkedGitDir(_) => "linked-git-dir",
            Self::NoIdentity(_) => "no-identity",
            Self::BranchExists(_) => "branch-exists",
            Self::Locked(_) => "locked",
            Self::Git(_) => "no-commit-made",
            Self::Draft(_) => "unwritable",
        }
    }

    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::LinkedGitDir(_) => "make a clone of its own",
            Self::NoIdentity(_) => "set user.name and user.email by `git config --global`",
            Self::BranchExists(_) => "choose another name with --branch, or delete the branch",
            Self::Locked(_) => "wait for the other command; if there is none, remove the lock",
            Self::Git(_) => "see what `git fsck` says of the repository",
            Self::Draft(_) => "check the directory for temporary files",
        }
    }

    fn of(error: GitError) -> Self {
        let GitError::Refused(said) = error else { return Self::Git(error) };
        let has = |words: &[&str]| words.iter().any(|words| said.contains(words));
        if has(&[
            "identity unknown",
            "empty ident",
            "auto-detection is disabled",
            "name consists only of disallowed",
        ]) {
            Self::NoIdentity(said)
        } else if has(&[".lock': File exists", "unable to lock", "cannot lock references"]) {
            Self::Locked(said)
        } else {
            Self::Git(GitError::Refused(said))
        }
    }
}

impl Repository {
    /// Makes the branch with a commit on [`base`](Self::base). A branch that holds the same content on the same base
    /// is as good.
    pub fn commit_on_branch(&self, branch: &Branch<'_>) -> Result<Committed, CommitError> {
        if let Some(link) = link_in_git_dir(&self.layout.common_dir, branch.name) {
            return Err(CommitError::LinkedGitDir(link));
        }
        let existing = self.existing(branch.name)?;
        let facts = (self.tree_with(branch.changes)?, self.base.clone());
        if let Some(existing) = existing {
            return existing.if_same(branch.name, &facts);
        }
        let (tree, _) = &facts;
        let mut command = self.git();
        command.args(["commit-tree", tree, "-p", &self.base, "-F", "-"]);
        let commit = line(&answer_to(&mut command, branch.message.as_bytes()).map_err(CommitError::of)?);
        match self.create(branch.name, &commit) {
            Ok(()) => Ok(Committed { commit, was_there: false }),
            // Another run may have made it meanwhile, be it this very branch.
            Err(error) => match self.existing(branch.name)? {
                Some(existing) => existing.if_same(branch.name, &facts),
                None => Err(error),
            },
        }
    }

    /// The branch of this name, or one whose name has it as a folder.
    fn existing(&self, name: &str) -> Result<Option<Existing>, CommitError> {
        let format = "--format=%(refname:lstrip=2)%00%(objectname)%00%(tree)%00%(parent)%00%(symref)";
        let listed =
            answer(self.git().args(["for-each-ref", "--count=1", format, &format!("refs/heads/{name}")]))?;
        let text = String::from_utf8_lossy(&listed).into_owned();
        let facts: Vec<&str> = text.trim_end_matches('\n').split('\0').collect();
        Ok(match facts.as_slice() {
            &[name, commit, tree, parent, symref] => Some(Existing {
                name: name.to_owned(),
                commit: commit.to_owned(),
                facts: (tree.to_owned(), parent.to_owned()),
                symbolic: !symref.is_empty(),
            }),
            _ => None,
        })
    }

    /// Writes the tree of the base with these changes. Its index is a draft outside of the repository.
    fn tree_with(&self, changes: &[NewContent<'_>]) -> Result<String, CommitError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("samwire-");
        // The temporary directory is everybody's, and what templates hold need not be.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let draft = builder.tempdir()?;
        // The absolute path, since git runs in another directory.
        let folder = draft.path().canonicalize()?;
        let mut names = Vec::new();
        for (number, change) in changes.iter().enumerate() {
            let file = folder.join(number.to_string());
            fs::write(&file, change.bytes)?;
            names.extend(name_of(&file));
            names.push(b'\n');
        }
        let mut command = self.git();
        let hashes = answer_to(command.args(["hash-object", "-w", "--no-filters", "--stdin-paths"]), &names)?;
        let hashes = String::from_utf8_lossy(&hashes).into_owned();
        let mut entries = Vec::new();
        for (change, hash) in changes.iter().zip(hashes.lines()) {
            entries.extend(format!("{} {hash}\t", change.mode.octal()).bytes());
            entries.extend(name_of(change.path));
            entries.push(0);
        }
        let index = || {
            let mut command = self.git();
            command.env("GIT_INDEX_FILE", folder.join("index"));
            command.args(["-c", "core.sparseCheckout=false", "-c", "index.sparse=false"]);
            command
        };
        answer(index().args(["read-tree", &self.base]))?;
        answer_to(index().args(["update-index", "-z", "--index-info"]), &entries)?;
        // What the base names need not be here: it is not ours, and a partial clone lacks some of it.
        Ok(line(&answer(index().args(["write-tree", "--missing-ok"]))?))
    }

    /// Makes the branch, if there is none of this name.
    fn create(&self, name: &str, commit: &str) -> Result<(), CommitError> {
        let mut command: Command = self.git();
        command.args(["update-ref", "-m", "samwire: connectors", "--stdin", "-z"]);
        let order = format!("option no-deref\0create refs/heads/{name}\0{commit}\0");
        answer_to(&mut command, order.as_bytes()).map_err(|error| match &error {
            GitError::Refused(said) if said.contains("already exists") || said.contains("cannot create") => {
                CommitError::BranchExists(name.to_owned())
            }
            _ => CommitError::of(error),
        })?;
        Ok(())
    }
}

/// A branch that is there.
struct Existing {
    name: String,
    commit: String,
    /// Its tree and its parents.
    facts: (String, String),
    symbolic: bool,
}

impl Existing {
    /// What is there, if it is the branch `name` with this tree and parent.
    fn if_same(self, name: &str, facts: &(String, String)) -> Result<Committed, CommitError> {
        if self.name == name && &self.facts == facts && !self.symbolic {
            return Ok(Committed { commit: self.commit, was_there: true });
        }
        Err(CommitError::BranchExists(self.name))
    }
}

fn line(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer.trim_ascii()).into_owned()
}

/// The first of the places that a commit on `branch` writes to which is a link.
pub(super) fn link_in_git_dir(common_dir: &Path, branch: &str) -> Option<PathBuf> {
    let mut places: Vec<PathBuf> =
        ["packed-refs", "reftable", "objects", "refs", "logs"].map(PathBuf::from).into();
    for start in ["refs/heads", "logs/refs", "logs/refs/heads"] {
        places.push(start.into());
    }
    for start in ["refs/heads", "logs/refs/heads"] {
        let mut at = PathBuf::from(start);
        for part in branch.split('/').filter(|part| !part.is_empty()) {
            at.push(path_of(part.as_bytes()));
            places.push(at.clone());
        }
    }
    let is_link = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| found.is_symlink());
    let places = places.into_iter().map(|place| common_dir.join(place));
    let objects = open_folder(&common_dir.join("objects")).into_iter().flatten().flatten();
    places.chain(objects.map(|entry| entry.path())).find(is_link)
}

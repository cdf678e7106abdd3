//! Repositories of other people, many in one run: finding them, saying what state each is in, reading the templates that
//! are committed or checked out, and committing changed ones on a branch. Nothing that a repository names is executed,
//! and nothing outside of it is written because it says so, nor read but for one thing: the objects of another store that
//! `objects/info/alternates` names, as `git clone --shared` and `--reference` leave it. Knows nothing of what a template
//! means.

mod blobs;
mod branch;
mod commit;
mod contents;
mod error;
mod find;
mod layout;
mod listing;
mod settings;
mod state;
mod uncommitted;

pub use branch::{BranchNameError, check_branch_name};
pub use commit::{Branch, CommitError, Committed, NewContent};
pub use contents::{Contents, TemplateFile};
pub use error::{FileError, RepositoryError};
pub use find::{FoundRepositories, FoundRepository, find_repositories};
pub use listing::FileMode;
pub(in crate::io) use listing::is_below;
pub use state::{Operation, Unwritable};

use super::git::name_in_url;
use super::git_call::{GitError, answer_soon, finish_soon, first_line, path_of};
use layout::Layout;
use settings::Settings;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The commit of HEAD.
const COMMIT: &str = "HEAD^{commit}";

/// A repository that may be read: its place, and what is true of it at the time of opening.
#[derive(Debug)]
pub struct Repository {
    layout: Layout,
    settings: Settings,
    /// The commit that HEAD names, as a full hash.
    pub base: String,
    /// The branch that HEAD is on, without `refs/heads/`; `None` if it is on none (detached).
    pub branch: Option<String>,
    /// Whether its history is cut off.
    pub shallow: bool,
    /// What of merging, rebasing and the like is not finished.
    pub operation: Option<Operation>,
    /// `owner/name` by the address of the remote `origin`.
    pub name: Option<String>,
}

impl Repository {
    /// Opens the repository whose work tree (or, if it is bare, git directory) is the directory at `path` itself.
    /// Asks git twice.
    pub fn open(path: &Path) -> Result<Self, RepositoryError> {
        let mut layout = Layout::of(path)?;
        if let Some(link) = layout.link() {
            return Err(RepositoryError::LinkedGitDir(link));
        }
        let facts = Facts::ask(&layout)?;
        if facts.git_dir != layout.git_dir {
            return Err(RepositoryError::GitDirElsewhere(facts.git_dir));
        }
        layout.bare |= facts.bare;
        let settings = Settings::ask(&layout)?;
        if !layout.bare {
            layout.check_work_tree(&settings)?;
        }
        let base = match facts.base {
            Some(base) => base,
            None => return Err(without_commit(&layout, facts.complaint)),
        };
        let name = settings.last("remote.origin.url").and_then(|url| name_in_url(&url));
        let operation = Operation::of(&layout.git_dir);
        Ok(Self { base, branch: facts.branch, shallow: facts.shallow, operation, name, layout, settings })
    }

    /// The directory of the work tree, or of a bare repository; absolute, without links.
    pub fn root(&self) -> &Path {
        &self.layout.root
    }

    /// Whether it has no work tree.
    pub fn is_bare(&self) -> bool {
        self.layout.bare
    }

    /// Whether it is a further work tree of a repository that is somewhere else (`git worktree add`).
    pub fn is_linked(&self) -> bool {
        self.layout.git_dir != self.layout.common_dir
    }

    /// A call that goes to this repository.
    fn git(&self) -> Command {
        let mut command = self.layout.git();
        self.settings.silence(&mut command);
        command
    }
}

/// What git says of a repository in one answer.
struct Facts {
    bare: bool,
    shallow: bool,
    git_dir: PathBuf,
    base: Option<String>,
    branch: Option<String>,
    /// What git says where it finds no commit.
    complaint: String,
}

impl Facts {
    fn ask(layout: &Layout) -> Result<Self, RepositoryError> {
        let mut command = layout.git();
        command.args(["rev-parse", "--is-bare-repository", "--is-shallow-repository", "--absolute-git-dir"]);
        command.args([COMMIT, "--symbolic-full-name", "HEAD"]);
        let done = finish_soon(&mut command).map_err(RepositoryError::of_start)?;
        let complaint = first_line(&done.stderr);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let answer = done.stdout.strip_suffix(b"\n").unwrap_or(&done.stdout);
        let lines: Vec<&[u8]> = answer.split(|byte| *byte == b'\n').collect();
        // The path stands in the middle, since it is the only answer that can hold the end of a line. What git cannot
        // resolve it repeats as the last line.
        let (path, base, branch) = match (lines.get(2..).unwrap_or_default(), done.status.success()) {
            ([path @ .., base, name], true) => {
                (path, Some(text(base)), name.strip_prefix(b"refs/heads/").map(text))
            }
            ([path @ .., last], false) if *last == COMMIT.as_bytes() => (path, None, None),
            _ => return Err(RepositoryError::of_complaint(&done.stderr, complaint)),
        };
        let is_true = |number: usize| lines.get(number).is_some_and(|answer| *answer == b"true");
        let (bare, shallow, git_dir) = (is_true(0), is_true(1), path_of(&path.join(&b'\n')));
        Ok(Self { bare, shallow, git_dir, base, branch, complaint })
    }
}

/// Why HEAD is no commit: there is none yet, or it is not what it should be.
fn without_commit(layout: &Layout, complaint: String) -> RepositoryError {
    let asks = |arguments: &[&str]| answer_soon(layout.git().args(arguments)).ok();
    let line = |bytes: Vec<u8>| path_of(bytes.trim_ascii());
    let branch = asks(&["symbolic-ref", "--quiet", "HEAD"]).map(line);
    let names_something = asks(&["rev-parse", "--verify", "--quiet", "HEAD"]).is_some();
    match branch {
        Some(branch) if !names_something && !layout.common_dir.join(&branch).exists() => {
            RepositoryError::NoCommit
        }
        _ => RepositoryError::Broken(complaint),
    }
}

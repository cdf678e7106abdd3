//! The files of a commit or of the index, as git lists them: read while they come, so that a tree of any size costs only
//! what is kept of it.

use crate::io::git_call::{GitError, Running, name_of, path_of};
use std::io::{BufRead, Read};
use std::path::{Component, Path, PathBuf};
use std::process::Command;

/// Bytes of one entry: more than any path that an operating system knows.
const LONGEST: u64 = 1 << 16;

/// What of a regular file git keeps beside its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileMode {
    /// `100644`.
    Plain,
    /// `100755`.
    Executable,
}

impl FileMode {
    /// As git writes it.
    pub(super) fn octal(self) -> &'static str {
        match self {
            Self::Plain => "100644",
            Self::Executable => "100755",
        }
    }
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File(FileMode),
    Link,
    /// A commit of another repository.
    Submodule,
    /// Anything that git does not make today.
    Other,
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// Of the content, in hexadecimal.
    pub(super) hash: String,
    /// Whether it is one of several versions after a merge.
    pub(super) conflict: bool,
    /// Whether it is not meant to be in the work tree, as in a sparse checkout.
    pub(super) left_out: bool,
    pub(super) path: PathBuf,
    /// Whether the path is one below the work tree, and says exactly what git says.
    pub(super) safe: bool,
}

/// Gives the entries of a commit to `take`.
pub(super) fn committed(mut git: Command, commit: &str, take: impl FnMut(Entry)) -> Result<(), GitError> {
    git.args(["ls-tree", "-r", "-z", "--full-tree", commit]);
    each(&mut git, false, take)
}

/// Gives the entries of the index to `take`.
pub(super) fn staged(mut git: Command, take: impl FnMut(Entry)) -> Result<(), GitError> {
    git.args(["ls-files", "-t", "--stage", "-z"]);
    each(&mut git, true, take)
}

/// Reads a list, `staged` if it is that of the index.
fn each(git: &mut Command, staged: bool, mut take: impl FnMut(Entry)) -> Result<(), GitError> {
    let mut running = Running::start(git)?;
    drop(running.input.take());
    let mut line = Vec::new();
    loop {
        line.clear();
        running.output.by_ref().take(LONGEST).read_until(0, &mut line)?;
        running.goes_on();
        match line.pop() {
            None => return running.finish(),
            Some(0) => match entry(&line, staged) {
                Some(entry) => take(entry),
                None => return Err(unread()),
            },
            // An end in the middle of an entry has its reason in what git complains about.
            Some(_) => return running.finish().and(Err(unread())),
        }
    }
}

fn unread() -> GitError {
    GitError::Refused("its list of files cannot be read".to_owned())
}

/// `MODE KIND HASH<tab>PATH`; in the index `TAG MODE HASH STAGE<tab>PATH`.
fn entry(line: &[u8], staged: bool) -> Option<Entry> {
    let tab = memchr::memchr(b'\t', line)?;
    let (facts, name) = (std::str::from_utf8(line.get(..tab)?).ok()?, line.get(tab + 1..)?);
    let facts: Vec<&str> = facts.split_ascii_whitespace().collect();
    let kind = match *facts.get(usize::from(staged))? {
        "100644" => Kind::File(FileMode::Plain),
        "100755" => Kind::File(FileMode::Executable),
        "120000" => Kind::Link,
        "160000" => Kind::Submodule,
        _ => Kind::Other,
    };
    let conflict = staged && facts.get(3).is_some_and(|stage| *stage != "0");
    let left_out = staged && facts.first() == Some(&"S");
    let path = path_of(name);
    let safe = is_below(&path) && name_of(&path) == name;
    Some(Entry { kind, hash: (*facts.get(2)?).to_owned(), conflict, left_out, path, safe })
}

/// Whether a path stays below the directory that it starts from, and out of its git directory. Git takes care of that
/// when it checks out, and not when it lists.
fn is_below(path: &Path) -> bool {
    let is_git = |name: &str| {
        let name = name.trim_end_matches(['.', ' ']);
        name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1")
    };
    path.components().next().is_some()
        && path.components().all(|part| match part {
            Component::Normal(name) => !is_git(&name.to_string_lossy()),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_both_lists_are_read_with_any_name() {
        let committed = entry(b"100755 blob f00d\t-a\nb\tc.yaml", false).unwrap();
        assert_eq!((committed.kind, committed.hash.as_str()), (Kind::File(FileMode::Executable), "f00d"));
        assert_eq!(committed.path, PathBuf::from("-a\nb\tc.yaml"));
        let staged = entry(b"M 100644 f00d 2\tt.yaml", true).unwrap();
        assert!(staged.conflict && staged.safe && !staged.left_out);
        assert!(!entry(b"H 160000 f00d 0\tt.yaml", true).unwrap().conflict);
        assert!(entry(b"S 100644 f00d 0\tt.yaml", true).unwrap().left_out);
        assert_eq!(entry(b"100644 blob\tx", false), None);
        assert_eq!(entry(b"100644 blob f00d x", false), None);
    }

    #[test]
    fn names_that_leave_the_work_tree_are_known() {
        for (name, safe) in [
            ("a/b.yaml", true),
            (".github/t.yaml", true),
            ("..", false),
            ("a/../../t.yaml", false),
            ("/etc/t.yaml", false),
            (".git/config", false),
            ("a/.GIT/hooks/t.yaml", false),
            ("GIT~1/t.yaml", false),
            ("", false),
        ] {
            assert_eq!(is_below(Path::new(name)), safe, "{name}");
        }
    }
}

//! The files of a commit or of the index, as git lists them: read while they come, so that a tree of any size costs only
//! what is kept of it.

use super::error::RepositoryError;
use crate::io::git_call::{GitError, Running, name_of, path_of};
use std::io::{BufRead, Read};
use std::path::{Component, Path, PathBuf};
use std::process::Command;

/// Bytes of one entry: more than any path that an operating system knows.
const LONGEST: u64 = 1 << 16;

/// How much of a list is read. A tree that holds one other many times, which holds another one many times, has more
/// entries in a few kilobytes than anybody can wait for.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// Entries that are looked at: several times those of the largest repositories.
    entries: usize,
    /// Entries that are kept.
    kept: usize,
    /// Bytes of all entries.
    bytes: usize,
}

const BOUNDS: Bounds = Bounds { entries: 2_000_000, kept: 100_000, bytes: 512 * 1024 * 1024 };

/// Bytes of the names that one call is told, within what every operating system takes.
const NAMES: usize = 16 * 1024;

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

/// Gives the entries of a commit to `take`, which says whether it keeps them.
pub(super) fn committed(
    mut git: Command,
    commit: &str,
    take: impl FnMut(Entry) -> bool,
) -> Result<(), RepositoryError> {
    git.args(["ls-tree", "-r", "-z", "--full-tree", commit]);
    each(&mut git, false, BOUNDS, take)
}

/// Gives the entries of the index to `take`, which says whether it keeps them.
pub(super) fn staged(mut git: Command, take: impl FnMut(Entry) -> bool) -> Result<(), RepositoryError> {
    git.args(["ls-files", "-t", "--stage", "-z"]);
    each(&mut git, true, BOUNDS, take)
}

/// Gives those entries of a commit to `take` that have one of these paths.
pub(super) fn committed_at(
    mut git: Command,
    commit: &str,
    paths: &[&Path],
    take: impl FnMut(Entry) -> bool,
) -> Result<(), RepositoryError> {
    git.args(["ls-tree", "-z", "--full-tree", commit, "--"]).args(paths.iter().map(|path| as_told(path)));
    each(&mut git, false, BOUNDS, take)
}

/// Gives those entries of the index to `take` that have one of these paths.
pub(super) fn staged_at(
    mut git: Command,
    paths: &[&Path],
    take: impl FnMut(Entry) -> bool,
) -> Result<(), RepositoryError> {
    git.args(["ls-files", "-t", "--stage", "-z", "--"]).args(paths.iter().map(|path| as_told(path)));
    each(&mut git, true, BOUNDS, take)
}

/// A path as git names it.
fn as_told(path: &Path) -> PathBuf {
    path_of(&name_of(path))
}

/// Paths in parts that one call can be told.
pub(super) fn in_parts<'p, 'a>(paths: &'p [&'a Path]) -> impl Iterator<Item = &'p [&'a Path]> {
    let mut rest = paths;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |path: &&&Path| {
            bytes += path.as_os_str().len() + 1;
            bytes <= NAMES
        };
        // One alone is told, however long it is.
        let count = rest.iter().take_while(fits).count().max(1);
        let (part, others) = rest.split_at_checked(count)?;
        rest = others;
        Some(part)
    })
}

/// Reads a list, `staged` if it is that of the index. Leaving early ends the call.
fn each(
    git: &mut Command,
    staged: bool,
    bounds: Bounds,
    mut take: impl FnMut(Entry) -> bool,
) -> Result<(), RepositoryError> {
    let mut running = Running::start(git).map_err(GitError::from)?;
    drop(running.input.take());
    let mut line = Vec::new();
    let (mut entries, mut kept, mut bytes) = (0, 0, 0);
    loop {
        line.clear();
        running.output.by_ref().take(LONGEST).read_until(0, &mut line).map_err(GitError::from)?;
        running.goes_on();
        bytes += line.len();
        match line.pop() {
            None => return Ok(running.finish()?),
            Some(0) => {
                entries += 1;
                kept += usize::from(take(entry(&line, staged).ok_or_else(unread)?));
            }
            // An end in the middle of an entry has its reason in what git complains about.
            Some(_) => return Ok(running.finish().and(Err(unread()))?),
        }
        if entries > bounds.entries || kept > bounds.kept || bytes > bounds.bytes {
            return Err(RepositoryError::TooLarge { entries: bounds.entries, kept: bounds.kept });
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
pub(in crate::io) fn is_below(path: &Path) -> bool {
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
    fn many_paths_are_told_in_parts_and_none_is_lost() {
        let long = "x".repeat(NAMES + 1);
        let names: Vec<String> = (0..5000).map(|number| format!("folder/{number}.yaml")).collect();
        let mut paths: Vec<&Path> = names.iter().map(Path::new).collect();
        paths.insert(7, Path::new(&long));
        let parts: Vec<&[&Path]> = in_parts(&paths).collect();
        assert!(parts.len() > 5 && parts.contains(&[Path::new(&long)].as_slice()));
        assert_eq!(parts.concat(), paths);
        assert_eq!(in_parts(&[]).count(), 0);
    }

    #[test]
    fn a_list_is_left_where_a_bound_is_passed() {
        let dir = tempfile::tempdir().unwrap();
        let git = |args: &[&str]| {
            let mut command =
                crate::io::git_call::git(Some(dir.path()), crate::io::git_call::Whose::Anybodys);
            command.args(args);
            command
        };
        assert!(git(&["init", "-q"]).status().unwrap().success());
        for name in ["a", "b", "c"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        assert!(git(&["add", "."]).status().unwrap().success());
        let list = |bounds: Bounds, keeps: bool| {
            each(&mut git(&["ls-files", "-t", "--stage", "-z"]), true, bounds, |_| keeps)
                .map_err(|error| error.id())
        };
        let enough = Bounds { entries: 3, kept: 3, bytes: 1000 };
        assert_eq!(list(enough, true), Ok(()));
        assert_eq!(list(Bounds { entries: 2, ..enough }, false), Err("too-large"));
        assert_eq!(list(Bounds { kept: 2, ..enough }, true), Err("too-large"));
        assert_eq!(list(Bounds { kept: 2, ..enough }, false), Ok(()));
        assert_eq!(list(Bounds { bytes: 100, ..enough }, false), Err("too-large"));
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

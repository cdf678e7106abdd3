//! What of given files git holds no copy of, as git itself says.

use super::git::work_tree_of;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use thiserror::Error;

/// Bytes of file names in one call of git: well below what any operating system allows.
const NAMES_PER_CALL: usize = 16_000;

/// Why the content of a file is not in a commit. The order is that of how much is at stake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Uncommitted {
    /// All changes are in the index, so git has a copy.
    Staged,
    /// There are changes that only the work tree has.
    Modified,
    /// Git does not know the file.
    Untracked,
    /// Git was told not to know the file.
    Ignored,
}

/// Git could not be asked.
#[derive(Debug, Error)]
pub enum GitError {
    /// It did not start.
    #[error("git does not start: {0}")]
    Start(#[from] io::Error),
    /// It refused.
    #[error("git says: {0}")]
    Refused(String),
}

/// Those of `files`, absolute paths without links, whose content is not what is committed.
/// Files in no work tree are passed over.
pub fn uncommitted(files: &[&Path]) -> Result<BTreeMap<PathBuf, Uncommitted>, GitError> {
    let mut found: BTreeMap<PathBuf, Uncommitted> = BTreeMap::new();
    let mut trees: BTreeMap<PathBuf, Vec<&Path>> = BTreeMap::new();
    for file in files {
        if let Some(tree) = file.parent().and_then(work_tree_of) {
            trees.entry(tree).or_default().push(file);
        }
    }
    for (tree, files) in &trees {
        let mut files = files.as_slice();
        while !files.is_empty() {
            let mut bytes = 0;
            let fits = |file: &&&Path| {
                bytes += file.as_os_str().len() + 1;
                bytes <= NAMES_PER_CALL
            };
            let (call, rest) = files.split_at(files.iter().take_while(fits).count().max(1));
            for (path, state) in entries(&ask(tree, call)?) {
                let state_of = found.entry(tree.join(path)).or_insert(state);
                *state_of = state.max(*state_of);
            }
            files = rest;
        }
    }
    Ok(found)
}

/// What git says of the files of a work tree, one entry after the other, each ended by a NUL byte.
fn ask(tree: &Path, files: &[&Path]) -> Result<Vec<u8>, GitError> {
    let mut command = Command::new("git");
    // The files say which repository is meant, and not the hook or alias that we may be called from.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"] {
        command.env_remove(name);
    }
    let options = ["--porcelain", "-z", "--untracked-files=all", "--ignored", "--no-renames", "--"];
    let answer = command
        // To look must not write.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .args(["--literal-pathspecs", "-C"])
        .arg(tree)
        .arg("status")
        .args(options)
        .args(files.iter().map(|file| file.strip_prefix(tree).unwrap_or(file)))
        .stdin(Stdio::null())
        .output()?;
    if answer.status.success() {
        return Ok(answer.stdout);
    }
    let text = String::from_utf8_lossy(&answer.stderr);
    let first = text.lines().next().unwrap_or("nothing, but it failed");
    Err(GitError::Refused(first.trim_start_matches("fatal: ").to_owned()))
}

fn entries(answer: &[u8]) -> impl Iterator<Item = (PathBuf, Uncommitted)> + '_ {
    answer.split(|byte| *byte == 0).filter_map(|entry| {
        let (state, path) = (entry.get(..2)?, entry.get(3..)?);
        let state = match state {
            b"??" => Uncommitted::Untracked,
            b"!!" => Uncommitted::Ignored,
            [_, b' '] => Uncommitted::Staged,
            _ => Uncommitted::Modified,
        };
        Some((path_of(path), state))
    })
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_with_any_name() {
        let answer = b"M  a b.yaml\0 M \xc3\xb6.yaml\0MM c\nd.yaml\0?? e.yaml\0!! f.yaml\0UU g.yaml\0";
        let read: Vec<_> = entries(answer).collect();
        use Uncommitted::{Ignored, Modified, Staged, Untracked};
        let expected = [
            ("a b.yaml", Staged),
            ("ö.yaml", Modified),
            ("c\nd.yaml", Modified),
            ("e.yaml", Untracked),
            ("f.yaml", Ignored),
            ("g.yaml", Modified),
        ];
        assert_eq!(read, expected.map(|(path, state)| (PathBuf::from(path), state)));
    }
}

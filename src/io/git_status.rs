//! What of given files git holds no copy of, as git itself says.

use super::git::work_tree_of;
use super::git_call::{GitError, ask, path_of};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The question, before the names of files.
const OPTIONS: [&str; 8] = [
    "status",
    "--porcelain",
    "-z",
    "--untracked-files=all",
    "--ignored",
    "--no-renames",
    // In a submodule git would run with the settings of that one, and none of ours.
    "--ignore-submodules=all",
    "--",
];

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
            let names = call.iter().map(|file| file.strip_prefix(tree).unwrap_or(file).as_os_str());
            let answer = ask(tree, OPTIONS.iter().map(OsStr::new).chain(names))?;
            for (path, state) in entries(&answer) {
                let state_of = found.entry(tree.join(path)).or_insert(state);
                *state_of = state.max(*state_of);
            }
            files = rest;
        }
    }
    Ok(found)
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

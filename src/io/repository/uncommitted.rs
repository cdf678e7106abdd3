//! Which tracked files differ from the commit, decided by their bytes alone: attributes and filters, which git would ask,
//! are settings of the repository, and some of them are programs.

use super::Repository;
use super::blobs::Blobs;
use super::contents::on_disk;
use super::error::RepositoryError;
use super::listing::{Entry, Kind, committed_at, in_parts, staged_at};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

impl Repository {
    /// Those of `paths`, relative to the root, whose content in the index or in the work tree is not the one of the
    /// commit. That lines end differently in the work tree only is no difference. What cannot be compared is among them.
    pub fn uncommitted(&self, paths: &[&Path]) -> Result<Vec<PathBuf>, RepositoryError> {
        let wanted: BTreeSet<&Path> = paths.iter().copied().collect();
        let (mut in_commit, mut in_index) = (BTreeMap::new(), BTreeMap::new());
        let keep = |kept: &mut BTreeMap<PathBuf, Entry>, entry: Entry| {
            let is_wanted = wanted.contains(entry.path.as_path());
            if is_wanted {
                kept.insert(entry.path.clone(), entry);
            }
            is_wanted
        };
        let told: Vec<&Path> = wanted.iter().copied().collect();
        for part in in_parts(&told) {
            committed_at(self.git(), &self.base, part, |entry| keep(&mut in_commit, entry))?;
            staged_at(self.git(), part, |entry| keep(&mut in_index, entry))?;
        }
        let mut blobs = Blobs::of(self);
        let mut is_same = |path: &Path| {
            let (Some(old), Some(new)) = (in_commit.get(path), in_index.get(path)) else { return false };
            let is_file = matches!(old.kind, Kind::File(_)) && old.safe;
            if !is_file || new.conflict || (old.kind, &old.hash) != (new.kind, &new.hash) {
                return false;
            }
            match (blobs.content(&old.hash), on_disk(&self.layout.root, path)) {
                (Ok(Some(old)), Ok(Some(new))) => is_same_text(&old, &new),
                // A file that a sparse checkout leaves out was not removed by anybody.
                (Ok(Some(_)), Ok(None)) => new.left_out,
                _ => false,
            }
        };
        Ok(wanted.into_iter().filter(|path| !is_same(path)).map(Path::to_owned).collect())
    }
}

/// Whether a file in the work tree is what was committed, but for the ends of lines as `core.autocrlf` turns them.
fn is_same_text(committed: &[u8], on_disk: &[u8]) -> bool {
    if committed == on_disk {
        return true;
    }
    let mut turned = Vec::with_capacity(on_disk.len());
    let mut rest = on_disk.iter().peekable();
    while let Some(byte) = rest.next() {
        if *byte != b'\r' || rest.peek() != Some(&&b'\n') {
            turned.push(*byte);
        }
    }
    committed == turned
}

#[cfg(test)]
mod tests {
    use super::is_same_text;

    #[test]
    fn only_the_ends_of_lines_may_differ() {
        assert!(is_same_text(b"a\nb\n", b"a\r\nb\r\n"));
        assert!(is_same_text(b"a\r\n", b"a\r\n"));
        assert!(!is_same_text(b"a\r\n", b"a\n"));
        assert!(!is_same_text(b"a\n", b"a\r\n\n"));
        assert!(!is_same_text(b"ab", b"a\rb"));
    }
}

//! The possible templates of a repository, one after the other, as they are committed or as they lie in the work tree.
//! Holds the names of all and the bytes of one.

use super::Repository;
use super::blobs::Blobs;
use super::error::{FileError, RepositoryError};
use super::listing::{Entry, FileMode, Kind, committed, staged};
use crate::io::read::{ReadError, mentions_sam, read};
use crate::io::walk::is_template_path;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::vec;

/// A file that may be a template.
#[derive(Debug)]
pub struct TemplateFile {
    /// The path in the repository.
    pub path: PathBuf,
    /// What git keeps beside its content.
    pub mode: FileMode,
    /// The bytes, or why they cannot be had.
    pub bytes: Result<Vec<u8>, FileError>,
}

/// Where bytes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Commit,
    WorkTree,
}

/// The possible templates of a repository. Goes through those that can mention SAM, in the order of git's list, which is
/// that of their names.
#[derive(Debug)]
pub struct Contents<'r> {
    repository: &'r Repository,
    from: From,
    candidates: vec::IntoIter<Entry>,
    others: BTreeMap<PathBuf, Entry>,
    blobs: Blobs<'r>,
    /// Submodules, which are not looked into.
    pub submodules: Vec<PathBuf>,
}

impl Repository {
    /// What the commit `base` holds. `also` are further names that [`Contents::file`] will be asked for.
    pub fn committed(&self, also: &[&str]) -> Result<Contents<'_>, RepositoryError> {
        self.contents(From::Commit, also)
    }

    /// What of the files in the index lies in the work tree and in no repository of its own below it; of a bare
    /// repository what is committed. `also` are further names that [`Contents::file`] will be asked for.
    pub fn checked_out(&self, also: &[&str]) -> Result<Contents<'_>, RepositoryError> {
        self.contents(From::WorkTree, also)
    }

    fn contents(&self, from: From, also: &[&str]) -> Result<Contents<'_>, RepositoryError> {
        let (mut candidates, mut others, mut submodules): (Vec<Entry>, BTreeMap<_, _>, Vec<PathBuf>) =
            Default::default();
        let take = |entry: Entry| {
            match entry.kind {
                Kind::Submodule => submodules.push(entry.path),
                Kind::File(_) if also.iter().any(|name| entry.path.as_os_str() == *name) => {
                    others.insert(entry.path.clone(), entry);
                }
                // Of a file with conflicts the list has several versions.
                Kind::File(_) if candidates.last().is_some_and(|last| last.path == entry.path) => {
                    return false;
                }
                Kind::File(_) if is_template_path(&entry.path) => candidates.push(entry),
                _ => return false,
            }
            true
        };
        let from = if self.is_bare() { From::Commit } else { from };
        match from {
            From::Commit => committed(self.git(), &self.base, take)?,
            From::WorkTree => staged(self.git(), take)?,
        }
        let candidates = candidates.into_iter();
        Ok(Contents { repository: self, from, candidates, others, blobs: Blobs::of(self), submodules })
    }
}

impl Contents<'_> {
    /// The bytes of one of the further names; `None` if there is no such file.
    pub fn file(&mut self, name: &str) -> Result<Option<Vec<u8>>, FileError> {
        match self.others.get(Path::new(name)).cloned() {
            Some(entry) => self.bytes(&entry),
            None => Ok(None),
        }
    }

    /// `None` for what is not there and for what no template can be.
    fn bytes(&mut self, entry: &Entry) -> Result<Option<Vec<u8>>, FileError> {
        if entry.conflict {
            return Err(FileError::Conflict);
        }
        if !entry.safe {
            return Err(FileError::UnsafeName);
        }
        match self.from {
            From::Commit => self.blobs.content(&entry.hash),
            From::WorkTree => on_disk(&self.repository.layout.root, &entry.path),
        }
    }
}

impl Iterator for Contents<'_> {
    type Item = TemplateFile;

    fn next(&mut self) -> Option<TemplateFile> {
        loop {
            let entry = self.candidates.next()?;
            let Kind::File(mode) = entry.kind else { continue };
            let bytes = match self.bytes(&entry) {
                Ok(Some(bytes)) if mentions_sam(&bytes) => Ok(bytes),
                Ok(_) => continue,
                Err(error) => Err(error),
            };
            return Some(TemplateFile { path: entry.path, mode, bytes });
        }
    }
}

/// The bytes of a tracked file in the work tree at `root`, which is free of links itself; `None` if it is gone (as in a
/// sparse checkout), more than a template can hold, or in a repository of its own, which has to answer for it. Follows no
/// link.
pub(super) fn on_disk(root: &Path, path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    let mut at = root.to_owned();
    let mut parts = path.components().peekable();
    while let Some(part) = parts.next() {
        at.push(part);
        let kind = match fs::symlink_metadata(&at) {
            Ok(found) => found.file_type(),
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if kind.is_symlink() {
            return Err(FileError::Linked);
        }
        if kind.is_dir() && at.join(".git").symlink_metadata().is_ok() {
            return Ok(None);
        }
        // A pipe or a device could keep the reader waiting forever; neither is what git has checked out.
        if parts.peek().is_none() && !kind.is_file() {
            return Ok(None);
        }
    }
    match read(&at) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(ReadError::TooLarge) => Ok(None),
        Err(ReadError::Io(error)) if gone(&error) => Ok(None),
        Err(ReadError::Io(error)) => Err(error.into()),
    }
}

fn gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

//! Files as they are in a revision of git: `REV:path`, and `:path` for what is staged. Asks the `git` program, which needs no
//! work tree to be changed for it.

use super::git_call::{GitError, Running, Whose, first_line, git as call, output, refused};
use super::walk::is_template_path;
use crate::text::MAX_BYTES;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::process::Output;

/// Bytes that are read of what git says before an object: its hash, kind and size.
const HEAD: u64 = 512;

/// A file or folder of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// What git calls it: `REV:path`.
    pub spec: String,
    /// The part before the colon; empty for what is staged.
    rev: String,
}

/// A file below a folder: its path in it, and its bytes; `None` if they are more than a template can hold.
pub type Below = (PathBuf, Option<Vec<u8>>);

/// What a revision has at a path.
#[derive(Debug)]
pub enum AtRevision {
    /// Nothing.
    Nothing,
    /// The bytes of a file; `None` if they are more than a template can hold.
    File(Option<Vec<u8>>),
    /// The files below a folder that may be templates, by their path in it.
    Folder(Vec<Below>),
}

impl Revision {
    /// Reads `REV:path`. A letter before the colon is a drive where the platform has them, and no revision begins with `-`.
    pub fn read(text: &str) -> Option<Self> {
        let (rev, path) = text.split_once(':')?;
        let drive = rev.len() == 1 && rev.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_drive = drive && (cfg!(windows) || path.starts_with(['\\', '/']));
        if is_drive || rev.starts_with('-') || text.contains('\0') {
            return None;
        }
        Some(Self { spec: text.to_owned(), rev: rev.to_owned() })
    }

    /// The path behind the colon.
    pub fn path(&self) -> &str {
        self.spec.get(self.rev.len() + 1..).unwrap_or_default()
    }

    /// What the revision has there. An error tells that git does not start, or that there is no such revision.
    pub fn look(&self) -> Result<AtRevision, GitError> {
        if !self.rev.is_empty() {
            let tree = format!("{}^{{tree}}", self.rev);
            let found = git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &tree])?;
            if !found.status.success() {
                let unknown = || GitError::Refused(format!("no revision `{}`", self.rev));
                return Err(if found.stderr.is_empty() { unknown() } else { refused(&found.stderr) });
            }
        }
        let kind = git(&["cat-file", "-t", &self.spec])?;
        match kind.stdout.trim_ascii() {
            b"blob" => Ok(AtRevision::File(self.blob()?)),
            b"tree" => Ok(AtRevision::Folder(self.folder()?)),
            _ => {
                let said = first_line(&kind.stderr);
                // Without a repository there is nothing to look into; a path that is not there is an answer.
                if said.contains("not a git repository") {
                    return Err(GitError::Refused(said));
                }
                // What is staged has files only, so a folder of it is what has files below.
                if self.rev.is_empty() { self.staged_folder() } else { Ok(AtRevision::Nothing) }
            }
        }
    }

    fn blob(&self) -> Result<Option<Vec<u8>>, GitError> {
        let size = git(&["cat-file", "-s", &self.spec])?;
        let size =
            std::str::from_utf8(size.stdout.trim_ascii()).ok().and_then(|text| text.parse::<usize>().ok());
        if size.is_none_or(|size| size > MAX_BYTES) {
            return Ok(None);
        }
        let found = git(&["cat-file", "blob", &self.spec])?;
        if found.status.success() { Ok(Some(found.stdout)) } else { Err(refused(&found.stderr)) }
    }

    fn folder(&self) -> Result<Vec<Below>, GitError> {
        let listed = git(&["ls-tree", "-r", "-z", "--full-tree", &self.spec])?;
        if !listed.status.success() {
            return Err(refused(&listed.stderr));
        }
        files(&listed.stdout, 2, "")
    }

    fn staged_folder(&self) -> Result<AtRevision, GitError> {
        let top = git(&["rev-parse", "--show-toplevel"])?;
        let top = String::from_utf8_lossy(top.stdout.trim_ascii()).into_owned();
        let folder = self.path().trim_end_matches('/');
        let mut arguments = vec!["-C", &top, "ls-files", "--stage", "-z", "--"];
        if !folder.is_empty() {
            arguments.push(folder);
        }
        let listed = git(&arguments)?;
        if !listed.status.success() {
            return Err(refused(&listed.stderr));
        }
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        if listed.stdout.is_empty() {
            Ok(AtRevision::Nothing)
        } else {
            Ok(AtRevision::Folder(files(&listed.stdout, 1, &prefix)?))
        }
    }
}

/// The possible templates of a list of git's, by their path behind `prefix`. Each entry is ended by a NUL byte and has its
/// mode first, its hash as fact number `hash`, and behind a tab its path.
fn files(listed: &[u8], hash: usize, prefix: &str) -> Result<Vec<Below>, GitError> {
    let mut wanted: Vec<(PathBuf, String)> = Vec::new();
    for entry in listed.split(|byte| *byte == 0) {
        let text = String::from_utf8_lossy(entry);
        let Some((facts, path)) = text.split_once('\t') else { continue };
        let facts: Vec<&str> = facts.split(' ').collect();
        let (Some(mode), Some(hash)) = (facts.first(), facts.get(hash)) else { continue };
        let Some(path) = path.strip_prefix(prefix) else { continue };
        // Links lead somewhere else, and other repositories are not ours to look into.
        if mode.starts_with("100") && is_template_path(Path::new(path)) {
            wanted.push((PathBuf::from(path), (*hash).to_owned()));
        }
    }
    let hashes: Vec<&str> = wanted.iter().map(|(_, hash)| hash.as_str()).collect();
    let blobs = blobs(&hashes)?;
    Ok(wanted.into_iter().map(|(path, _)| path).zip(blobs).collect())
}

/// The bytes of many objects by one call.
fn blobs(hashes: &[&str]) -> Result<Vec<Option<Vec<u8>>>, GitError> {
    let names: String = hashes.iter().map(|hash| format!("{hash}\n")).collect();
    let mut found = Vec::new();
    Running::start_with(call(None, Whose::Own).args(["cat-file", "--batch"]), None)?
        .talk(names.as_bytes(), |answer| {
            for _ in hashes {
                found.push(next_blob(answer)?);
            }
            Ok::<(), GitError>(())
        })?
        .finish()?;
    Ok(found)
}

/// The bytes of the object that comes next in the answer of `git cat-file --batch`.
fn next_blob(answer: &mut impl BufRead) -> Result<Option<Vec<u8>>, GitError> {
    let broken = || GitError::Refused("the answer of `git cat-file --batch` cannot be read".to_owned());
    let mut head = Vec::new();
    answer.take(HEAD).read_until(b'\n', &mut head)?;
    let head = String::from_utf8_lossy(&head);
    let size: usize =
        head.trim_end().rsplit(' ').next().and_then(|size| size.parse().ok()).ok_or_else(broken)?;
    // A line feed stands behind each.
    let mut rest = answer.take(size as u64 + 1);
    if size > MAX_BYTES {
        io::copy(&mut rest, &mut io::sink())?;
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(size + 1);
    rest.read_to_end(&mut bytes)?;
    if bytes.pop() == Some(b'\n') && bytes.len() == size { Ok(Some(bytes)) } else { Err(broken()) }
}

fn git(arguments: &[&str]) -> io::Result<Output> {
    output(call(None, Whose::Own).args(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_are_told_from_paths_and_drives() {
        for (text, path) in [
            ("HEAD:template.yaml", Some("template.yaml")),
            ("origin/main~2:a/b.yaml", Some("a/b.yaml")),
            (":staged.yaml", Some("staged.yaml")),
            ("HEAD:", Some("")),
            ("template.yaml", None),
            ("--output=x:y", None),
            ("C:\\t.yaml", None),
            ("C:/t.yaml", None),
        ] {
            assert_eq!(Revision::read(text).as_ref().map(Revision::path), path, "{text}");
        }
    }
}

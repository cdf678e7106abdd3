//! Reading inputs with a bound on their size, and the cheap test that tells a possible SAM template from any other
//! file before it is parsed.

use super::folders::searched;
use super::walk::WalkProblem;
use crate::text::MAX_BYTES;
use ignore::{DirEntry, WalkBuilder};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why bytes could not be had.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The operating system refused.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// There is more than a template can ever hold.
    #[error("larger than the limit of {} MiB", MAX_BYTES / (1024 * 1024))]
    TooLarge,
}

/// The bytes of the file at `path`, at most [`MAX_BYTES`] of them.
pub fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    let file = File::open(path)?;
    // With room for all of it and one byte more, two calls read a file: one for the bytes, one to see that it ends.
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let room = usize::try_from(size).unwrap_or(MAX_BYTES).min(MAX_BYTES) + 1;
    bounded(file, room)
}

/// How many bytes a file seems to have; 0 where nobody can tell.
pub fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// The bytes of standard input, at most [`MAX_BYTES`] of them.
pub fn read_stdin() -> Result<Vec<u8>, ReadError> {
    bounded(io::stdin().lock(), 0)
}

/// What every SAM template says somewhere: the transform and the resource types of SAM start with it.
const SAM: &[u8] = b"AWS::Serverless";

/// Bytes that are read of a file at once to find out whether it can be a template.
const PIECE: usize = 64 * 1024;

/// Whether the text can hold the SAM transform or a SAM resource at all. Without this word no file is a SAM template,
/// so nothing that fails this test is worth parsing.
pub fn mentions_sam(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, SAM).is_some()
}

/// The same question about files, of which no more is read than the answer takes. One sieve serves many files.
pub(super) struct Sieve {
    sam: memchr::memmem::Finder<'static>,
    piece: Vec<u8>,
}

impl Sieve {
    /// A sieve.
    pub(super) fn new() -> Self {
        Self { sam: memchr::memmem::Finder::new(SAM), piece: vec![0; PIECE] }
    }

    /// Whether a file may be a SAM template. One that cannot be read may, so that whoever looks into it tells why; one that
    /// is too large cannot, since nothing of that size was ever deployed.
    pub(super) fn keeps(&mut self, path: &Path) -> bool {
        File::open(path).and_then(|file| self.finds(file)).unwrap_or(true)
    }

    fn finds(&mut self, mut input: impl Read) -> io::Result<bool> {
        let (mut kept, mut total) = (0, 0);
        while total <= MAX_BYTES {
            let read = match input.read(&mut self.piece[kept..]) {
                Ok(0) => return Ok(false),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            total += read;
            let end = kept + read;
            if self.sam.find(&self.piece[..end]).is_some() {
                return Ok(true);
            }
            // The word may stand across two pieces.
            kept = end.min(SAM.len() - 1);
            self.piece.copy_within(end - kept..end, 0);
        }
        Ok(false)
    }
}

/// A file's name and its bytes.
pub type NamedBytes = (String, Vec<u8>);

/// A file that could not be read.
#[derive(Debug, Error)]
#[error("{} {error}", .path.display())]
pub struct UnreadableFile {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub error: ReadError,
}

/// Every YAML file below `dir` with its bytes, named relative to `dir` with `/`, in the order of the names.
pub fn read_definitions(dir: &Path) -> Result<Vec<NamedBytes>, UnreadableFile> {
    let fail = |path: &Path, error: io::Error| UnreadableFile { path: path.to_owned(), error: error.into() };
    let listed = std::fs::metadata(dir).map_err(|e| fail(dir, e))?;
    if !listed.is_dir() {
        return Err(fail(dir, io::Error::from(io::ErrorKind::NotADirectory)));
    }
    let mut found = BTreeSet::new();
    let problems = searched(dir, |folder| {
        let mut problems = Vec::new();
        for entry in WalkBuilder::new(folder).standard_filters(false).build() {
            match entry {
                Ok(entry) => found.extend(is_definition(&entry).then(|| entry.into_path())),
                Err(error) => problems.push(WalkProblem::of(&error, folder)),
            }
        }
        problems
    });
    if let Some(WalkProblem { path, error }) = problems.into_iter().next() {
        return Err(fail(&path, error));
    }
    let mut files = Vec::new();
    for path in found {
        let name = path.strip_prefix(dir).unwrap_or(&path);
        let name = name.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let bytes = read(&path).map_err(|error| UnreadableFile { path, error })?;
        files.push((name, bytes));
    }
    files.sort();
    Ok(files)
}

fn is_definition(entry: &DirEntry) -> bool {
    let yaml = entry.path().extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    yaml && entry.file_type().is_some_and(|kind| kind.is_file())
}

/// All bytes of an input, in a buffer with room for some to begin with.
fn bounded(input: impl Read, room: usize) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::with_capacity(room);
    input.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_BYTES {
        return Err(ReadError::TooLarge);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheap_test_takes_transform_and_resource_types() {
        assert!(mentions_sam(b"Transform: AWS::Serverless-2016-10-31"));
        assert!(mentions_sam(b"Type: 'AWS::Serverless::Function'"));
        assert!(!mentions_sam(b"Type: AWS::Lambda::Function"));
    }

    /// An input that gives one byte at a time.
    struct Drops<'t>(&'t [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            into[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn a_sieve_finds_the_word_wherever_pieces_end() {
        let mut sieve = Sieve::new();
        for before in [0, 1, PIECE - 20, PIECE - 8, PIECE - 1, PIECE, 2 * PIECE - 10] {
            let text = [vec![b'A'; before], SAM.to_vec(), vec![b':'; 9]].concat();
            assert!(sieve.finds(text.as_slice()).unwrap(), "behind {before} bytes");
            assert!(!sieve.finds(&text[..text.len() - 10]).unwrap(), "cut off behind {before} bytes");
        }
        assert!(sieve.finds(Drops(b"Transform: AWS::Serverless-2016-10-31")).unwrap());
        assert!(!sieve.finds(Drops(b"Transform: AWS::Server")).unwrap());
        assert!(!sieve.finds(io::repeat(b'a')).unwrap());
    }

    #[test]
    fn input_beyond_the_limit_is_refused_without_reading_it_all() {
        assert!(matches!(bounded(io::repeat(b'a'), 0), Err(ReadError::TooLarge)));
    }

    #[test]
    fn definitions_come_in_the_order_of_their_names() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("profiles")).unwrap();
        for name in ["profiles/b.yaml", "profiles/a.yml", "types.yaml", "README.md"] {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        let names: Vec<_> = read_definitions(dir.path()).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["profiles/a.yml", "profiles/b.yaml", "types.yaml"]);
        assert!(read_definitions(&dir.path().join("types.yaml")).is_err());
    }
}

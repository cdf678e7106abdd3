//! Reading inputs with a bound on their size, and the cheap test that tells a possible SAM template from any other
//! file before it is parsed.

use crate::text::MAX_BYTES;
use ignore::WalkBuilder;
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
    bounded(File::open(path)?)
}

/// The bytes of standard input, at most [`MAX_BYTES`] of them.
pub fn read_stdin() -> Result<Vec<u8>, ReadError> {
    bounded(io::stdin().lock())
}

/// Whether the text can hold the SAM transform or a SAM resource at all. Without this word no file is a SAM template,
/// so nothing that fails this test is worth parsing.
pub fn mentions_sam(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"AWS::Serverless").is_some()
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
    let mut files = Vec::new();
    for entry in WalkBuilder::new(dir).standard_filters(false).build() {
        let entry = entry.map_err(|e| fail(dir, io::Error::other(e)))?;
        let path = entry.path();
        let yaml = path.extension().is_some_and(|e| e == "yaml" || e == "yml");
        if !yaml || !entry.file_type().is_some_and(|t| t.is_file()) {
            continue;
        }
        let name = path.strip_prefix(dir).unwrap_or(path);
        let name = name.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let bytes = read(path).map_err(|error| UnreadableFile { path: path.to_owned(), error })?;
        files.push((name, bytes));
    }
    files.sort();
    Ok(files)
}

fn bounded(input: impl Read) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
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

    #[test]
    fn input_beyond_the_limit_is_refused_without_reading_it_all() {
        assert!(matches!(bounded(io::repeat(b'a')), Err(ReadError::TooLarge)));
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

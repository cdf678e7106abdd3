//! Files that hold reports of earlier runs: finding them below a directory, and opening them, also those that a report names,
//! which never lead out of the directory of that report. Knows no format.

use super::folders::open_folder;
use super::walk::WalkProblem;
use std::fs::{self, File};
use std::io::{self, BufReader, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use thiserror::Error;

/// The file in which a run over many repositories keeps its rows.
const ROWS: &str = "results.jsonl";

/// Why a file that a report names is not opened.
#[derive(Debug, Error)]
pub enum BelowError {
    /// An absolute path, or one with `..`.
    #[error("leads out of the directory of the report that names it")]
    Outside,
    /// A link, which may lead anywhere.
    #[error("is a link, or lies behind one")]
    Link,
    /// A directory, a pipe or a device.
    #[error("is not a regular file")]
    NotRegular,
    /// The operating system refused.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// The files below a directory that may hold reports, in the order of their paths. A directory with rows has nothing but
/// those, since they name all that is beside them; in any other one each JSON file may be a report. Links are not followed.
pub fn reports_below(dir: &Path) -> (Vec<PathBuf>, Vec<WalkProblem>) {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        let mut fail = |error: io::Error| problems.push(WalkProblem { path: folder.clone(), error });
        let entries = match open_folder(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                fail(error);
                continue;
            }
        };
        let (mut folders, mut documents, mut rows) = (Vec::new(), Vec::new(), None);
        for entry in entries {
            let (path, kind) = match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
                Ok(found) => found,
                Err(error) => {
                    fail(error);
                    continue;
                }
            };
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && path.file_name().is_some_and(|name| name == ROWS) {
                rows = Some(path);
            } else if kind.is_file() && path.extension().is_some_and(|ending| ending == "json") {
                documents.push(path);
            }
        }
        match rows {
            Some(rows) => files.push(rows),
            None => {
                files.append(&mut documents);
                open.append(&mut folders);
            }
        }
    }
    files.sort();
    (files, problems)
}

/// Opens a file at an offset.
pub fn open_report(path: &Path, offset: u64) -> io::Result<BufReader<File>> {
    let mut file = File::open(path)?;
    if offset > 0 {
        file.seek(SeekFrom::Start(offset))?;
    }
    Ok(BufReader::new(file))
}

/// Opens the file `name` below `dir`, where `name` is text of somebody else.
pub fn open_below(dir: &Path, name: &str) -> Result<BufReader<File>, BelowError> {
    if !is_below(name) {
        return Err(BelowError::Outside);
    }
    let mut path = dir.to_owned();
    for part in Path::new(name).components() {
        path.push(part);
        if fs::symlink_metadata(&path)?.is_symlink() {
            return Err(BelowError::Link);
        }
    }
    if !fs::metadata(&path)?.is_file() {
        return Err(BelowError::NotRegular);
    }
    Ok(BufReader::new(File::open(&path)?))
}

/// Whether a name can be that of a file below a directory, links apart.
pub fn is_below(name: &str) -> bool {
    let mut components = Path::new(name).components().peekable();
    components.peek().is_some() && components.all(|part| matches!(part, Component::Normal(_)))
}

/// Standard input in a temporary file, for what is read more than once. The file is gone with this value.
#[derive(Debug)]
pub struct Kept(tempfile::NamedTempFile);

impl Kept {
    /// Reads standard input to its end.
    pub fn stdin() -> io::Result<Self> {
        let mut file = tempfile::NamedTempFile::new()?;
        io::copy(&mut io::stdin().lock(), file.as_file_mut())?;
        Ok(Self(file))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_for_all_that_is_beside_them() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b/results.jsonl", "b/x.json", "b/acme/y.json", "a.json", "c/d/e.json", "c/notes.txt"] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let (files, problems) = reports_below(dir.path());
        let names: Vec<_> = files.iter().map(|path| path.strip_prefix(dir.path()).unwrap()).collect();
        assert_eq!(names, ["a.json", "b/results.jsonl", "c/d/e.json"].map(Path::new));
        assert!(problems.is_empty());
        assert_eq!(reports_below(&dir.path().join("gone")).1.len(), 1);
    }

    #[test]
    fn a_name_in_a_report_never_leads_out() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("in");
        fs::create_dir(&inside).unwrap();
        fs::write(dir.path().join("secret"), "").unwrap();
        fs::write(inside.join("x.json"), "").unwrap();
        let secret = dir.path().join("secret").display().to_string();
        for name in ["../secret", "x/../../secret", "", ".", "..", &secret] {
            assert!(
                matches!(open_below(&inside, name), Err(BelowError::Outside | BelowError::Io(_))),
                "{name}"
            );
        }
        assert!(open_below(&inside, "x.json").is_ok());
        assert!(matches!(open_below(&inside, "y.json"), Err(BelowError::Io(_))));
        assert!(matches!(open_below(dir.path(), "in"), Err(BelowError::NotRegular)));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("in");
        fs::create_dir(&inside).unwrap();
        fs::write(dir.path().join("secret.json"), "").unwrap();
        symlink("../secret.json", inside.join("x.json")).unwrap();
        symlink("..", inside.join("up")).unwrap();
        for name in ["x.json", "up/secret.json"] {
            assert!(matches!(open_below(&inside, name), Err(BelowError::Link)), "{name}");
        }
        assert!(reports_below(&inside).0.is_empty());
    }
}

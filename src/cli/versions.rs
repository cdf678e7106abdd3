//! The two operands of `compare`: files, folders, revisions of git or standard input, and which version of which template
//! belongs to which.

use super::gather::source;
use super::process::Refusal;
use super::run::Fatal;
use crate::io::{self, AtRevision, ReadError, Revision, Search};
use crate::report::Problem;
use crate::text::Source;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The bytes of a version, or why there are none.
type Bytes = Result<Vec<u8>, ReadError>;

/// What an operand is.
pub(super) enum Operand {
    /// One file, under the path that it goes by.
    File(PathBuf, Bytes),
    /// A path that the revision does not have.
    Nothing(PathBuf),
    /// Files by their path below the folder.
    Folder(BTreeMap<PathBuf, Bytes>),
}

/// Both versions of one template.
pub(super) struct Pair {
    /// The path as the user knows it.
    pub(super) path: PathBuf,
    /// The earlier version.
    pub(super) before: Result<Option<Source>, Refusal>,
    /// The later version.
    pub(super) after: Result<Option<Source>, Refusal>,
    /// Whether the files were named.
    pub(super) named: bool,
}

/// Reads an operand. A path that exists is meant before a revision of the same spelling.
pub(super) fn operand(text: &Path) -> Result<Operand, Fatal> {
    if text.as_os_str() == "-" {
        return Ok(Operand::File(PathBuf::from("stdin"), io::read_stdin()));
    }
    if text.is_dir() {
        return folder(text);
    }
    if text.exists() {
        return Ok(Operand::File(text.to_owned(), io::read(text)));
    }
    let Some(revision) = text.to_str().and_then(Revision::read) else {
        let help = "check the path; a version of git is written REV:path, and a template that is not there as /dev/null";
        let problem = Problem::new("usage", "no such file or directory", help)
            .because("a version that is not there would count as one that grants nothing");
        return Err(fatal(problem, text));
    };
    let found = revision.look().map_err(|error| {
        fatal(Problem::new("usage", error.to_string(), "write REV:path with a revision that git knows"), text)
    })?;
    let bytes = |bytes: Option<Vec<u8>>| bytes.ok_or(ReadError::TooLarge);
    Ok(match found {
        AtRevision::Nothing => Operand::Nothing(PathBuf::from(revision.path())),
        AtRevision::File(content) => Operand::File(PathBuf::from(revision.path()), bytes(content)),
        AtRevision::Folder(files) => {
            Operand::Folder(files.into_iter().map(|(path, content)| (path, bytes(content))).collect())
        }
    })
}

fn folder(path: &Path) -> Result<Operand, Fatal> {
    let found = io::find(Search { paths: &[path.to_owned()], whatever: true, ..Search::default() })
        .unwrap_or_default();
    if let Some(problem) = found.problems.first() {
        let what = format!("cannot be searched: {}", problem.error);
        let problem_at = problem.path.clone();
        return Err(fatal(
            Problem::new("usage", what, "check its permissions; nothing was compared"),
            &problem_at,
        ));
    }
    let files = found.candidates.into_iter().map(|candidate| {
        let below = candidate.path.strip_prefix(path).unwrap_or(&candidate.path).to_owned();
        (below, io::read(&candidate.real))
    });
    Ok(Operand::Folder(files.collect()))
}

fn fatal(problem: Problem, path: &Path) -> Fatal {
    Fatal { problem: Box::new(problem), path: Some(path.to_owned()) }
}

/// Joins the versions of each template. Of folders those that can be SAM templates in either version.
pub(super) fn pairs(old: Operand, new: Operand) -> Result<Vec<Pair>, Problem> {
    match (old, new) {
        (Operand::Folder(old), Operand::Folder(new)) => Ok(joined(old, new)),
        (Operand::Folder(old), Operand::Nothing(_)) => Ok(joined(old, BTreeMap::new())),
        (Operand::Nothing(_), Operand::Folder(new)) => Ok(joined(BTreeMap::new(), new)),
        (Operand::Folder(_), _) | (_, Operand::Folder(_)) => Err(Problem::new(
            "usage",
            "a folder and a file cannot be compared",
            "name two files or two folders",
        )),
        (Operand::Nothing(path), Operand::Nothing(_)) => Err(Problem::new(
            "usage",
            format!("neither version has `{}`", path.display()),
            "check the path; in REV:path it is relative to the top of the repository, or begins with ./",
        )),
        (old, new) => {
            // The path of today is the one that people know.
            let path = match (&old, &new) {
                // A version that is empty has no name of its own.
                (Operand::File(path, _), Operand::File(other, bytes))
                    if other.as_os_str() == "stdin" || bytes.as_ref().is_ok_and(Vec::is_empty) =>
                {
                    path.clone()
                }
                (_, Operand::File(path, _)) | (Operand::File(path, _), _) => path.clone(),
                _ => PathBuf::new(),
            };
            Ok(vec![Pair { before: version(&path, old), after: version(&path, new), path, named: true }])
        }
    }
}

fn version(path: &Path, operand: Operand) -> Result<Option<Source>, Refusal> {
    match operand {
        Operand::File(_, bytes) => present(path, Some(bytes)),
        Operand::Nothing(_) | Operand::Folder(_) => Ok(None),
    }
}

/// A version of a file; an empty one is as good as none.
fn present(path: &Path, bytes: Option<Bytes>) -> Result<Option<Source>, Refusal> {
    match bytes {
        None => Ok(None),
        Some(Ok(bytes)) if bytes.is_empty() => Ok(None),
        Some(bytes) => source(path, bytes).map(Some),
    }
}

fn joined(mut old: BTreeMap<PathBuf, Bytes>, mut new: BTreeMap<PathBuf, Bytes>) -> Vec<Pair> {
    let mut paths: Vec<PathBuf> = old.keys().chain(new.keys()).cloned().collect();
    paths.sort();
    paths.dedup();
    let may_be_sam = |bytes: Option<&Bytes>| match bytes {
        Some(Ok(bytes)) => io::mentions_sam(bytes),
        // Nothing that large was ever deployed.
        Some(Err(ReadError::TooLarge)) | None => false,
        Some(Err(ReadError::Io(_))) => true,
    };
    let mut pairs = Vec::new();
    for path in paths {
        let (before, after) = (old.remove(&path), new.remove(&path));
        let equal = matches!((&before, &after), (Some(Ok(one)), Some(Ok(other))) if one == other);
        if equal || !(may_be_sam(before.as_ref()) || may_be_sam(after.as_ref())) {
            continue;
        }
        let (before, after) = (present(&path, before), present(&path, after));
        pairs.push(Pair { path, before, after, named: false });
    }
    pairs
}

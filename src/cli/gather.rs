//! From paths to the sources of templates, for commands that judge templates and rewrite none. Files are done in parallel
//! and come in path order.

use super::engine;
use super::inputs::searched;
use super::process::{Refusal, failed, not_text, unreadable};
use super::run::{Fatal, in_parallel};
use super::terminal::Terminal;
use crate::io::{self, ReadError, Search};
use crate::report::{FileReport, Problem, Status};
use crate::template::SAM_TRANSFORM;
use crate::text::Source;
use rayon::prelude::*;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// What became of one input.
pub(super) struct Gathered<T> {
    /// The path as the user knows it.
    pub(super) path: PathBuf,
    /// What was made of it, or what kept it from that.
    pub(super) result: Result<T, (Status, Problem)>,
}

/// Everything that some paths come to.
pub(super) struct All<T> {
    /// In path order.
    pub(super) files: Vec<Gathered<T>>,
    /// Whether some directory could not be searched.
    pub(super) unsearched: bool,
}

/// What is looked into.
pub(super) struct Wanted<'a> {
    /// Files, directories, `-`; without any the current directory.
    pub(super) paths: &'a [PathBuf],
    /// The name of standard input.
    pub(super) stdin_name: Option<&'a Path>,
    /// How many at once.
    pub(super) jobs: Option<NonZeroUsize>,
}

/// Reads every template and makes something of it. What is no template is told of only where it was named.
pub(super) fn gather<T: Send>(
    wanted: &Wanted<'_>,
    terminal: Terminal,
    work: impl Fn(Source) -> Result<T, Refusal> + Sync,
) -> Result<All<T>, Fatal> {
    let is_stream = |path: &&PathBuf| path.as_os_str() == "-";
    let stdin = wanted.paths.iter().any(|path| is_stream(&path));
    if wanted.stdin_name.is_some() && !stdin {
        let help = "give `-` as a path to read a template from standard input";
        return Err(Problem::new("usage", "--stdin-filename without `-`", help).into());
    }
    let mut paths: Vec<PathBuf> = wanted.paths.iter().filter(|path| !is_stream(path)).cloned().collect();
    if paths.is_empty() && !stdin {
        paths.push(PathBuf::from("."));
    }
    let found = searched(Search { paths: &paths, ..Search::default() }, terminal)?;
    let mut files: Vec<Gathered<T>> = in_parallel(wanted.jobs.map(usize::from), || {
        let looked = found.candidates.into_par_iter().filter_map(|candidate| {
            let bytes = match io::read(&candidate.real) {
                Ok(bytes) if !candidate.named && !io::mentions_sam(&bytes) => return None,
                Err(ReadError::TooLarge) if !candidate.named => return None,
                other => other,
            };
            Some(make(candidate.path, bytes, candidate.named, &work))
        });
        looked.collect()
    })?;
    if stdin {
        let name = wanted.stdin_name.unwrap_or(Path::new("stdin")).to_owned();
        files.push(make(name, io::read_stdin(), true, &work));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(All { files, unsearched: !found.problems.is_empty() })
}

fn make<T>(
    path: PathBuf,
    bytes: Result<Vec<u8>, ReadError>,
    named: bool,
    work: &impl Fn(Source) -> Result<T, Refusal>,
) -> Gathered<T> {
    let made = source(&path, bytes).and_then(|source| engine::guarded(&path, || work(source)));
    let result = made.map_err(|refusal| match refusal {
        Refusal::Skipped(problem) if !named => (Status::Skipped, problem),
        Refusal::Skipped(problem) | Refusal::Failed(problem) => (Status::Failed, problem),
    });
    Gathered { path, result }
}

/// The source of bytes, if they are text.
pub(super) fn source(path: &Path, bytes: Result<Vec<u8>, ReadError>) -> Result<Source, Refusal> {
    let refused = |report: FileReport| {
        let none = || Problem::new("unreadable", "cannot be read", "check the file");
        Refusal::Failed(report.problem.unwrap_or_else(none))
    };
    let bytes = bytes.map_err(|error| refused(failed(path.to_owned(), unreadable(&error))))?;
    Source::new(path, bytes).map_err(|error| refused(failed(path.to_owned(), not_text(&error))))
}

/// Id of the problem that a text is no SAM template.
pub(super) const NO_TRANSFORM: &str = "no-transform";

/// Why a text that has no SAM transform is passed over.
pub(super) fn no_transform() -> Refusal {
    let what = format!("`Transform` does not name `{SAM_TRANSFORM}`");
    Refusal::Skipped(Problem::new(NO_TRANSFORM, what, "name a SAM template, or a directory to search"))
}

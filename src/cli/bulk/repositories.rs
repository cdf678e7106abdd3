//! Which repositories a run is about: those below the roots and in the list, as far as they belong to the share.

use super::args::BulkArgs;
use crate::bulk::{Listed, keyed};
use crate::cli::run::Fatal;
use crate::cli::terminal::Terminal;
use crate::io::{self, FoundRepository};
use crate::report::Problem;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The repositories of a run.
pub(super) struct Repositories {
    /// In the order of their keys.
    pub(super) listed: Vec<Listed>,
    /// Where all of them are, those of other shares too; links resolved.
    pub(super) places: BTreeSet<PathBuf>,
    /// Whether some directory could not be searched.
    pub(super) unsearched: bool,
}

/// Finds them, and tells what could not be searched.
pub(super) fn gather(args: &BulkArgs, terminal: Terminal) -> Result<Repositories, Fatal> {
    if let Some(root) = args.roots.iter().find(|root| !root.is_dir()) {
        let help =
            "name directories with repositories in or below them; a list of repositories goes to --repos";
        let problem = Problem::new("usage", "no such directory", help);
        return Err(Fatal { problem: Box::new(problem), path: Some(root.clone()) });
    }
    let found = io::find_repositories(&args.roots);
    for problem in &found.problems {
        let what = format!("cannot be searched: {}", problem.error);
        let told = Problem::new("unreadable", what, "check its permissions; the rest was done");
        terminal.problem(&told, Some(&problem.path));
    }
    let mut named: Vec<(PathBuf, PathBuf)> = found.repositories.into_iter().map(name).collect();
    if let Some(list) = &args.repos {
        named.extend(read_list(list)?.into_iter().map(|path| (path.clone(), path)));
    }
    // One place can be named in many ways; the first of them counts.
    let mut places = BTreeSet::new();
    named.retain(|(_, path)| places.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    let mut listed = keyed(named);
    // Where several names lead to one place the first counts: by two at a time it would be written twice.
    let mut places = BTreeSet::new();
    listed.retain(|one| one.path.canonicalize().map_or(true, |place| places.insert(place)));
    if let Some(shard) = args.shard {
        listed.retain(|one| shard.has(&one.key));
    }
    Ok(Repositories { listed, places, unsearched: !found.problems.is_empty() })
}

/// By what a repository is known that a search found.
fn name(found: FoundRepository) -> (PathBuf, PathBuf) {
    let FoundRepository { path, below } = found;
    if !below.as_os_str().is_empty() {
        return (below, path);
    }
    // A root that is a repository itself; `.` has no name of its own.
    let real = path.canonicalize().unwrap_or_else(|_| path.clone());
    (real.file_name().map_or_else(|| real.clone(), PathBuf::from), path)
}

fn read_list(list: &Path) -> Result<Vec<PathBuf>, Fatal> {
    let bytes = if list.as_os_str() == "-" { io::read_stdin() } else { io::read(list) };
    let bytes = bytes.map_err(|error| Fatal {
        problem: Box::new(Problem::new(
            "usage",
            error.to_string(),
            "check what --repos names; nothing was done",
        )),
        path: Some(list.to_owned()),
    })?;
    Ok(io::paths_in(&bytes))
}

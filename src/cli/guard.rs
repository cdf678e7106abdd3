//! What `fix` may write over: only content that is committed, or that the last `fix` wrote itself, so that there is
//! always a way back to what a person has made. Only files that would be written are asked about.

use super::args::GuardArgs;
use crate::io::{self, GitError, Journal, Run, Uncommitted};
use crate::report::{FileReport, Planned, Problem, sha256_hex};
use std::collections::BTreeMap;
use std::path::Path;

/// Why nothing may be written; `None` if all of `files`, which are those to be written, may be. `runs` are those that are
/// recorded, the last one first.
pub(super) fn refusal(files: &[&FileReport], allowed: &GuardArgs, runs: &[Run]) -> Option<Problem> {
    let (inside, outside): (Vec<Target<'_>>, Vec<Target<'_>>) = files
        .iter()
        .filter_map(|report| Target::of(report))
        .partition(|target| target.real.parent().and_then(io::work_tree_of).is_some());
    let mut found: Vec<(&Path, Fault)> = Vec::new();
    if !allowed.allow_no_vcs {
        found.extend(outside.iter().map(|target| (target.shown, Fault::NoWorkTree)));
    }
    if !allowed.allow_dirty && !inside.is_empty() {
        let paths: Vec<&Path> = inside.iter().map(|target| target.real).collect();
        let states = match io::uncommitted(&paths) {
            Ok(states) => states,
            Err(error) => return Some(unknown(&error)),
        };
        let ours = Journal::last_written(runs);
        for target in &inside {
            let state = states
                .get(target.real)
                .copied()
                .filter(|state| *state != Uncommitted::Staged || !allowed.allow_staged);
            if let Some(state) = state.filter(|_| !target.is_in(&ours)) {
                found.push((target.shown, Fault::Uncommitted(state)));
            }
        }
    }
    (!found.is_empty()).then(|| problem(&mut found))
}

/// A file that is to be written.
struct Target<'a> {
    /// The path as the user knows it.
    shown: &'a Path,
    real: &'a Path,
    content: &'a [u8],
}

impl<'a> Target<'a> {
    fn of(report: &'a FileReport) -> Option<Self> {
        let Planned { source, .. } = report.planned.as_ref()?;
        Some(Self { shown: &report.path, real: report.real.as_deref()?, content: source.text().as_bytes() })
    }

    /// Whether the file holds what the last `fix` that wrote it made of it. Then nobody has worked on it since, and what
    /// it held before is recorded.
    fn is_in(&self, ours: &BTreeMap<&Path, &str>) -> bool {
        ours.get(self.real).is_some_and(|after| *after == sha256_hex(self.content))
    }
}

/// Why a file may not be written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Uncommitted(Uncommitted),
    NoWorkTree,
}

impl Fault {
    fn what(self) -> &'static str {
        match self {
            Self::Uncommitted(Uncommitted::Staged) => "has staged changes",
            Self::Uncommitted(Uncommitted::Modified) => "has changes that are not committed",
            Self::Uncommitted(Uncommitted::Untracked) => "is not known to git",
            Self::Uncommitted(Uncommitted::Ignored) => "is ignored by git",
            Self::NoWorkTree => "is in no git work tree",
        }
    }
}

fn problem(found: &mut [(&Path, Fault)]) -> Problem {
    found.sort_by_key(|(path, _)| *path);
    let outside = found.iter().any(|(_, fault)| *fault == Fault::NoWorkTree);
    let staged = found.iter().any(|(_, fault)| *fault == Fault::Uncommitted(Uncommitted::Staged));
    let dirty = found
        .iter()
        .any(|(_, fault)| matches!(fault, Fault::Uncommitted(state) if *state != Uncommitted::Staged));
    let mut flags = Vec::new();
    match (dirty, staged) {
        (true, _) => flags.push("--allow-dirty"),
        (false, true) => flags.push("--allow-staged"),
        (false, false) => {}
    }
    if outside {
        flags.push("--allow-no-vcs");
    }
    let first =
        if dirty || staged { "commit or stash first, or" } else { "put them under version control, or" };
    let what = match found.len() {
        1 => "nothing was written: git has no copy of a file that would be".to_owned(),
        count => format!("nothing was written: git has no copy of {count} files that would be"),
    };
    Problem {
        list: found.iter().map(|(path, fault)| format!("{}: {}", path.display(), fault.what())).collect(),
        ..Problem::new("uncommitted", what, format!("{first} go ahead with {}", flags.join(" ")))
    }
    .because("your own changes and those of `fix` could not be told apart afterwards")
}

fn unknown(error: &GitError) -> Problem {
    let what = format!("nothing was written: whether the files are committed is not known: {error}");
    let help = "make `git status` work here, or go ahead with --allow-dirty";
    Problem::new("uncommitted", what, help).because("your own changes might be lost among those of `fix`")
}

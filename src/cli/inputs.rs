//! From the words of the command line to the inputs that are looked at: named files, directories that are searched, lists,
//! standard input, and of all of these the changed ones. Refuses to know what becomes of an input.

use super::args::{COMMANDS, RunArgs};
use super::process::Input;
use super::run::Fatal;
use super::terminal::Terminal;
use crate::catalog::nearest;
use crate::io::{self, Candidate, Found, GitError, Search, Since};
use crate::report::Problem;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What is to be looked at.
pub(super) struct Inputs {
    pub(super) all: Vec<Input>,
    /// Whether some directory could not be searched.
    pub(super) unsearched: bool,
}

/// What the command line asks for.
pub(super) struct Asked {
    /// Whether a template comes by standard input.
    pub(super) stdin: bool,
    paths: Vec<PathBuf>,
}

impl Asked {
    /// Without any path and any list it is the current directory.
    pub(super) fn of(args: &RunArgs) -> Self {
        let (streams, mut paths): (Vec<PathBuf>, Vec<PathBuf>) =
            args.paths.iter().cloned().partition(|path| is_stream(path));
        if paths.is_empty() && streams.is_empty() && args.file_list.is_none() {
            paths.push(PathBuf::from("."));
        }
        Self { stdin: !streams.is_empty(), paths }
    }

    /// Whether files are named, directly or by a directory or a list.
    pub(super) fn has_files(&self, args: &RunArgs) -> bool {
        !self.paths.is_empty() || args.file_list.is_some()
    }
}

fn is_stream(path: &Path) -> bool {
    path.as_os_str() == OsStr::new("-")
}

/// Gathers everything that the arguments name. Tells what could not be searched; the rest is done all the same.
pub(super) fn gather(args: &RunArgs, terminal: Terminal) -> Result<Inputs, Fatal> {
    let asked = Asked::of(args);
    if args.stdin_filename.is_some() && !asked.stdin {
        let help = "give `-` as a path to read a template from standard input";
        return Err(Problem::new("usage", "--stdin-filename without `-`", help).into());
    }
    let listed = match &args.file_list {
        Some(list) => listed(list, asked.stdin)?,
        None => Vec::new(),
    };
    let search =
        Search { paths: &asked.paths, listed: &listed, pass_over: args.skip_non_templates, whatever: false };
    let found = searched(search, terminal)?;
    let candidates = match &args.changed {
        Some(since) => changed(found.candidates, since.as_deref())?,
        None => found.candidates,
    };
    let mut all: Vec<Input> = candidates.into_iter().map(Input::File).collect();
    if asked.stdin {
        let name = args.stdin_filename.clone().unwrap_or_else(|| PathBuf::from("stdin"));
        all.push(Input::Stdin { name, bytes: io::read_stdin() });
    }
    Ok(Inputs { all, unsearched: !found.problems.is_empty() })
}

fn listed(list: &Path, stdin_is_template: bool) -> Result<Vec<PathBuf>, Fatal> {
    let bytes = if !is_stream(list) {
        io::read(list)
    } else if stdin_is_template {
        let help = "give the list or the template as a file";
        return Err(
            Problem::new("usage", "both the list and a template would come by standard input", help).into()
        );
    } else {
        io::read_stdin()
    };
    let bytes = bytes.map_err(|error| Fatal {
        problem: Box::new(Problem::new(
            "usage",
            error.to_string(),
            "check what --file-list names; nothing was done",
        )),
        path: Some(list.to_owned()),
    })?;
    Ok(io::paths_in(&bytes))
}

/// Those of the candidates that git calls changed.
fn changed(candidates: Vec<Candidate>, since: Option<&str>) -> Result<Vec<Candidate>, Fatal> {
    let since = match since {
        Some(revision) => Since::Fork(revision.to_owned()),
        None => Since::of_pipeline(|name| std::env::var(name).ok()),
    };
    let mut trees: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    let mut kept = Vec::new();
    for candidate in candidates {
        let Some(tree) = candidate.real.parent().and_then(io::work_tree_of) else {
            let help = "leave --changed out, or run in a git work tree";
            let problem =
                Problem::new("usage", "is in no git work tree, so nobody knows whether it changed", help);
            return Err(Fatal { problem: Box::new(problem), path: Some(candidate.path) });
        };
        if !trees.contains_key(&tree) {
            let files = io::changed(&tree, &since).map_err(|error| unknown(&since, &error))?;
            trees.insert(tree.clone(), files);
        }
        if trees.get(&tree).is_some_and(|files| files.contains(&candidate.real)) {
            kept.push(candidate);
        }
    }
    Ok(kept)
}

fn unknown(since: &Since, error: &GitError) -> Fatal {
    let help = match since {
        Since::Fork(_) => {
            "name a revision that is there, as in --changed=HEAD~1; a pipeline may have to fetch it first, with its history"
        }
        Since::Head => "run it in a git work tree, or leave --changed out",
    };
    Problem::new("usage", format!("what changed cannot be told: {error}"), help).into()
}

/// Finds the files to look at, and tells what could not be searched.
pub(super) fn searched(search: Search<'_>, terminal: Terminal) -> Result<Found, Fatal> {
    let found = io::find(search).map_err(|missing| no_such_path(&missing))?;
    for problem in &found.problems {
        let what = format!("cannot be searched: {}", problem.error);
        let told = Problem::new("unreadable", what, "check its permissions; the rest was done");
        terminal.problem(&told, Some(&problem.path));
    }
    Ok(found)
}

fn no_such_path(missing: &[PathBuf]) -> Fatal {
    let path = missing.first().cloned().unwrap_or_default();
    let known = path.to_str().and_then(|word| nearest(word, COMMANDS));
    let help = match known {
        Some(command) => {
            format!("did you mean `samwire {command}`? For a path of that name write `./{}`", path.display())
        }
        None if missing.len() > 1 => {
            format!("{} more paths do not exist; nothing was done", missing.len() - 1)
        }
        None => "check the path; nothing was done".to_owned(),
    };
    let problem = Problem::new("usage", "no such file or directory", help)
        .because("a mistyped path must not look like one in which there is nothing to do");
    Fatal { problem: Box::new(problem), path: Some(path) }
}

//! From the paths of a command line to the files to look at: directories are searched for possible templates, named
//! files are taken as they are, each file once. Of contents it knows only whether they can be a template at all.

use super::folders::searched;
use super::read::Sieve;
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Endings of template files found in a directory.
const ENDINGS: [&str; 4] = ["yaml", "yml", "json", "template"];

/// Directories that are never searched: build output of the SAM CLI, and the stores of version control.
pub(super) const PASSED_OVER: [&str; 5] = [".aws-sam", ".git", ".hg", ".jj", ".svn"];

/// File stem of what `sam package` writes, by the convention of its documentation.
const PACKAGED: &str = "packaged";

/// A file to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The path as the user knows it: what was named, or the named directory joined with what is below it.
    pub path: PathBuf,
    /// The file itself, links resolved.
    pub real: PathBuf,
    /// Whether the command line names this file and wants it taken whatever it is.
    pub named: bool,
    /// Whether it is a link, found in a directory, that leads out of all named directories: to write through it would
    /// change a file that nobody named.
    pub outside: bool,
}

/// A place that could not be searched.
#[derive(Debug)]
pub struct WalkProblem {
    /// Where, as far as it is known.
    pub path: PathBuf,
    /// What the operating system said.
    pub error: io::Error,
}

impl WalkProblem {
    /// What a walk below `folder` met.
    pub(super) fn of(error: &ignore::Error, folder: &Path) -> Self {
        Self { path: path_of(error).unwrap_or(folder).to_owned(), error: plain(error) }
    }
}

/// What the paths of a command line come to.
#[derive(Debug, Default)]
pub struct Found {
    /// Files to look at, in path order, each file once.
    pub candidates: Vec<Candidate>,
    /// What could not be searched.
    pub problems: Vec<WalkProblem>,
}

/// Where to look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Search<'a> {
    /// Files and directories that the command line names.
    pub paths: &'a [PathBuf],
    /// Files that a list names. They are taken as those found in a directory are, and may be gone.
    pub listed: &'a [PathBuf],
    /// Whether files that the command line names are taken as those found in a directory, too.
    pub pass_over: bool,
    /// Whether files found in directories are taken even if they hold nothing that a SAM template holds.
    pub whatever: bool,
}

/// Finds the files to look at. Answers with the paths that do not exist if there are any; nothing is searched then.
pub fn find(search: Search<'_>) -> Result<Found, Vec<PathBuf>> {
    let Search { paths, listed, pass_over, whatever } = search;
    let missing: Vec<PathBuf> = paths.iter().filter(|path| is_missing(path)).cloned().collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let (folders, files): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(|path| path.is_dir());
    let roots: Vec<PathBuf> = folders.iter().filter_map(|folder| folder.canonicalize().ok()).collect();
    let mut problems = Vec::new();
    let mut candidates: Vec<Candidate> = Vec::new();
    let listed = listed.iter().filter(|path| path.is_file()).map(|path| (path, false));
    for (path, named) in files.into_iter().map(|path| (path, !pass_over)).chain(listed) {
        if !named && !is_template_name(path) {
            continue;
        }
        match path.canonicalize() {
            Ok(real) => candidates.push(Candidate { path: shown(path), real, named, outside: false }),
            // A pipe such as `/dev/fd/63` has no canonical path; it is its own real path.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                candidates.push(Candidate { path: shown(path), real: path.clone(), named, outside: false });
            }
            Err(error) => problems.push(WalkProblem { path: shown(path), error }),
        }
    }
    for folder in folders {
        problems.extend(searched(folder, |folder| search_folder(folder, &roots, whatever, &mut candidates)));
    }
    problems.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Found { candidates: each_once(candidates), problems })
}

fn is_missing(path: &Path) -> bool {
    matches!(std::fs::metadata(path), Err(error) if error.kind() == io::ErrorKind::NotFound)
}

/// Searches a directory on several threads, since most of the time goes to opening files that are no templates.
fn search_folder(
    folder: &Path,
    roots: &[PathBuf],
    whatever: bool,
    candidates: &mut Vec<Candidate>,
) -> Vec<WalkProblem> {
    let walk = WalkBuilder::new(folder)
        .hidden(false)
        .ignore(false)
        .require_git(false)
        .filter_entry(|entry| entry.depth() == 0 || !is_passed_over(entry))
        .build_parallel();
    let (sender, found) = std::sync::mpsc::channel();
    walk.run(|| {
        let mut look = Look { roots, sieve: (!whatever).then(Sieve::new), folder: None };
        let sender = sender.clone();
        Box::new(move |entry| {
            let found = match entry {
                Ok(entry) => look.candidate(&entry),
                Err(error) => {
                    let problem = WalkProblem::of(&error, folder);
                    Some(Err(WalkProblem { path: shown(&problem.path), ..problem }))
                }
            };
            match found.map(|found| sender.send(found)) {
                None | Some(Ok(())) => WalkState::Continue,
                Some(Err(_)) => WalkState::Quit,
            }
        })
    });
    drop(sender);
    let mut problems = Vec::new();
    for found in found {
        match found {
            Ok(candidate) => candidates.push(candidate),
            Err(problem) => problems.push(problem),
        }
    }
    problems
}

/// How one thread looks at what is found in a directory.
struct Look<'r> {
    roots: &'r [PathBuf],
    /// What holds back other files; none where all are taken.
    sieve: Option<Sieve>,
    /// The directory looked into last and where it really is. Its files mostly come together.
    folder: Option<(PathBuf, Option<PathBuf>)>,
}

impl Look<'_> {
    /// The candidate that an entry is, if it may be a template; a problem where nobody can tell which file it is, since what
    /// is written has to be found again.
    fn candidate(&mut self, entry: &DirEntry) -> Option<Result<Candidate, WalkProblem>> {
        let path = entry.path();
        if !is_template_name(path) {
            return None;
        }
        let linked = entry.path_is_symlink();
        let file = if linked { path.is_file() } else { is_file(entry) };
        if !file || self.sieve.as_mut().is_some_and(|sieve| !sieve.keeps(path)) {
            return None;
        }
        let known = match linked || entry.depth() == 0 {
            true => None,
            false => self.real_folder(path).map(|folder| folder.join(entry.file_name())),
        };
        let real = match known.map_or_else(|| path.canonicalize(), Ok) {
            Ok(real) => real,
            Err(error) => return Some(Err(WalkProblem { path: shown(path), error })),
        };
        let outside = linked && !self.roots.iter().any(|root| real.starts_with(root));
        Some(Ok(Candidate { path: shown(path), real, named: false, outside }))
    }

    /// Where the directory of a file really is.
    fn real_folder(&mut self, path: &Path) -> Option<&Path> {
        let folder = path.parent()?;
        if self.folder.as_ref().is_none_or(|(known, _)| known != folder) {
            self.folder = Some((folder.to_owned(), folder.canonicalize().ok()));
        }
        self.folder.as_ref().and_then(|(_, real)| real.as_deref())
    }
}

fn is_passed_over(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir())
        && entry.file_name().to_str().is_some_and(|name| PASSED_OVER.contains(&name))
}

fn is_file(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_file())
}

/// Whether a path below a folder is one that a search of the folder would take.
pub(super) fn is_template_path(path: &Path) -> bool {
    let passed = |part: std::path::Component<'_>| {
        part.as_os_str().to_str().is_some_and(|name| PASSED_OVER.contains(&name))
    };
    is_template_name(path) && !path.components().any(passed)
}

fn is_template_name(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let template = ending.is_some_and(|ending| ENDINGS.iter().any(|e| e.eq_ignore_ascii_case(ending)));
    template && path.file_stem().is_none_or(|stem| !stem.eq_ignore_ascii_case(PACKAGED))
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// The error of the operating system without the name of the place, which stands before it already.
fn plain(error: &ignore::Error) -> io::Error {
    match error {
        ignore::Error::WithPath { err, .. }
        | ignore::Error::WithDepth { err, .. }
        | ignore::Error::WithLineNumber { err, .. } => plain(err),
        ignore::Error::Io(inner) => match inner.get_ref().and_then(|walk| walk.source()) {
            Some(cause) => io::Error::new(inner.kind(), cause.to_string()),
            None => io::Error::new(inner.kind(), inner.to_string()),
        },
        other => io::Error::other(other.to_string()),
    }
}

/// The path without a leading `./`, which says nothing.
fn shown(path: &Path) -> PathBuf {
    match path.strip_prefix(".") {
        Ok(rest) if !rest.as_os_str().is_empty() => rest.to_owned(),
        _ => path.to_owned(),
    }
}

/// Of several paths to one file, the named one is kept, else the one that is no link, else the first.
fn each_once(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let rank = |c: &Candidate| (!c.named, c.path.is_symlink(), c.path.clone());
    let mut by_file: BTreeMap<PathBuf, Candidate> = BTreeMap::new();
    for candidate in candidates {
        match by_file.get(&candidate.real) {
            Some(other) if rank(other) <= rank(&candidate) => {}
            _ => {
                by_file.insert(candidate.real.clone(), candidate);
            }
        }
    }
    let mut unique: Vec<Candidate> = by_file.into_values().collect();
    unique.sort_by(|a, b| a.path.cmp(&b.path));
    unique
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "AWS::Serverless").unwrap();
        }
        dir
    }

    fn search(paths: &[PathBuf]) -> Result<Found, Vec<PathBuf>> {
        find(Search { paths, ..Search::default() })
    }

    fn names(dir: &Path, paths: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|p| dir.join(p)).collect();
        let found = search(&paths).unwrap();
        let below = |c: &Candidate| c.path.strip_prefix(dir).unwrap().to_str().unwrap().replace('\\', "/");
        found.candidates.iter().map(below).collect()
    }

    #[test]
    fn a_directory_is_searched_for_template_names_and_build_output_is_passed_over() {
        let dir = tree(&[
            "template.yaml",
            "b/stack.YML",
            "b/x.json",
            "a/y.template",
            ".hidden/t.yaml",
            "readme.md",
            ".aws-sam/build/template.yaml",
            "a/.aws-sam/t.yaml",
            "packaged.yaml",
            "a/Packaged.yml",
            ".git/t.yaml",
        ]);
        let expected = [".hidden/t.yaml", "a/y.template", "b/stack.YML", "b/x.json", "template.yaml"];
        assert_eq!(names(dir.path(), &["."]), expected);
    }

    #[test]
    fn what_git_ignores_is_passed_over_also_outside_a_repository() {
        let dir = tree(&["out/t.yaml", "in/t.yaml"]);
        fs::write(dir.path().join(".gitignore"), "out/\n").unwrap();
        assert_eq!(names(dir.path(), &["."]), ["in/t.yaml"]);
    }

    #[test]
    fn a_named_file_is_always_taken_and_each_file_once() {
        let dir = tree(&["packaged.yaml", "a.yaml", "notes.txt"]);
        assert_eq!(names(dir.path(), &["packaged.yaml", "notes.txt"]), ["notes.txt", "packaged.yaml"]);
        assert_eq!(names(dir.path(), &["a.yaml", ".", "a.yaml"]), ["a.yaml"]);
        let found = search(&[dir.path().join("a.yaml"), dir.path().to_owned()]).unwrap();
        assert!(found.candidates[0].named);
    }

    #[test]
    fn every_missing_path_is_told() {
        let dir = tree(&["a.yaml"]);
        let paths = [dir.path().join("x"), dir.path().join("a.yaml"), dir.path().join("y")];
        assert_eq!(search(&paths).unwrap_err(), [paths[0].clone(), paths[2].clone()]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_taken_inside_the_named_directories_only_and_never_twice() {
        use std::os::unix::fs::symlink;
        let dir = tree(&["in/real.yaml", "elsewhere/t.yaml", "in/sub/inner.conf"]);
        let at = |name: &str| dir.path().join(name);
        symlink(at("elsewhere/t.yaml"), at("in/out.yaml")).unwrap();
        symlink(at("in/real.yaml"), at("in/alias.yaml")).unwrap();
        symlink(at("in/sub/inner.conf"), at("in/inner.yaml")).unwrap();
        symlink(at("gone.yaml"), at("in/dangling.yaml")).unwrap();
        let found = search(&[at("in")]).unwrap();
        let paths: Vec<_> = found.candidates.iter().map(|c| (c.path.clone(), c.outside)).collect();
        let expected = [(at("in/inner.yaml"), false), (at("in/out.yaml"), true), (at("in/real.yaml"), false)];
        assert_eq!(paths, expected);
        let both = search(&[at("in"), at("elsewhere")]).unwrap();
        assert!(both.candidates.iter().all(|candidate| !candidate.outside));
    }

    #[test]
    fn what_a_list_names_is_taken_as_if_it_were_found() {
        let dir = tree(&["a.yaml", "b.txt", "packaged.yaml"]);
        let at = |name: &str| dir.path().join(name);
        let listed = ["a.yaml", "b.txt", "packaged.yaml", "gone.yaml"].map(at);
        let taken = |search: Search<'_>| -> Vec<(String, bool)> {
            let name = |c: &Candidate| c.path.file_name().unwrap().to_str().unwrap().to_owned();
            find(search).unwrap().candidates.iter().map(|c| (name(c), c.named)).collect()
        };
        let all = taken(Search { listed: &listed, ..Search::default() });
        assert_eq!(all, [("a.yaml".to_owned(), false)]);
        let paths = [at("b.txt"), at("a.yaml")];
        let all = taken(Search { paths: &paths, pass_over: true, ..Search::default() });
        assert_eq!(all, [("a.yaml".to_owned(), false)]);
    }
}

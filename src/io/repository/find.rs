//! Finding the repositories below directories. Looks at names only; whether each of them can be read is said when it is
//! opened.

use super::layout::is_bare;
use crate::io::folders::searched;
use crate::io::walk::{PASSED_OVER, WalkProblem};
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Directories that hold copies of what others have made, beside those of every search.
const OF_OTHERS: [&str; 6] =
    ["node_modules", ".terraform", ".venv", ".tox", ".serverless", "bower_components"];

/// A place where a repository seems to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRepository {
    /// The directory: the one that was named, joined with `below`.
    pub path: PathBuf,
    /// The path relative to the directory that was named; empty for that one itself.
    pub below: PathBuf,
}

/// What the directories come to.
#[derive(Debug, Default)]
pub struct FoundRepositories {
    /// The repositories in the order of the directories that were named, and of their paths below each; each one once.
    pub repositories: Vec<FoundRepository>,
    /// What could not be searched, in the order of paths.
    pub problems: Vec<WalkProblem>,
}

/// Finds every repository at or below `roots`: those with a `.git`, and bare ones. Repositories inside of the work trees of
/// others are found, unless they are bare: such a one may be made of files that the other one tracks, which a branch in it
/// would change. Links are not followed.
pub fn find_repositories(roots: &[PathBuf]) -> FoundRepositories {
    let mut found = FoundRepositories::default();
    let mut seen = BTreeSet::new();
    for root in roots {
        // Named through a link, the directory behind it is meant.
        let real = match root.canonicalize() {
            Ok(real) => real,
            Err(error) => {
                found.problems.push(WalkProblem { path: root.clone(), error });
                continue;
            }
        };
        let mut places = Vec::new();
        let mut problems = searched(&real, |folder| {
            let (found, problems) = search(folder, &real);
            places.extend(found);
            problems
        });
        places.sort();
        problems.sort_by(|a, b| a.path.cmp(&b.path));
        for place in places {
            let below = place.strip_prefix(&real).unwrap_or(&place).to_owned();
            // A directory may be named twice, or with one above it.
            if seen.insert(place) {
                let path = if below.as_os_str().is_empty() { root.clone() } else { root.join(&below) };
                found.repositories.push(FoundRepository { path, below });
            }
        }
        found.problems.extend(problems);
    }
    found
}

/// Searches `folder`, which is `root` or below it.
fn search(folder: &Path, root: &Path) -> (Vec<PathBuf>, Vec<WalkProblem>) {
    let (places, problems) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let walk = WalkBuilder::new(folder)
        .standard_filters(false)
        .follow_links(false)
        .filter_entry(|entry| entry.file_type().is_some_and(|kind| kind.is_dir()) && !is_passed_over(entry))
        .build_parallel();
    walk.run(|| {
        Box::new(|entry| {
            match entry {
                Ok(entry) => {
                    let folder = entry.path();
                    let has_entry = folder.join(".git").symlink_metadata().is_ok();
                    let bare = !has_entry && is_bare(folder);
                    if has_entry || bare && !is_in_work_tree(folder, root) {
                        push(&places, folder.to_owned());
                    }
                    if bare {
                        return WalkState::Skip;
                    }
                }
                Err(error) => push(&problems, WalkProblem::of(&error, folder)),
            }
            WalkState::Continue
        })
    });
    let all = |list: Mutex<Vec<PathBuf>>| list.into_inner().unwrap_or_default();
    (all(places), problems.into_inner().unwrap_or_default())
}

/// Whether a directory between `folder` and `root` is a work tree. The one that was named is asked for as it is.
fn is_in_work_tree(folder: &Path, root: &Path) -> bool {
    let mut above = folder.ancestors().skip(1).take_while(|above| above.starts_with(root));
    above.any(|above| above.join(".git").symlink_metadata().is_ok())
}

/// A thread that panicked is the only reason for a lock that cannot be had, and none of ours does.
fn push<T>(list: &Mutex<Vec<T>>, item: T) {
    if let Ok(mut list) = list.lock() {
        list.push(item);
    }
}

fn is_passed_over(entry: &DirEntry) -> bool {
    let named = |name: &str| PASSED_OVER.contains(&name) || OF_OTHERS.contains(&name);
    entry.depth() > 0 && entry.file_name().to_str().is_some_and(named)
}

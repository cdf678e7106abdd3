//! Opening directories where an interruption is no failure. The standard library makes interrupted calls about files again, and
//! leaves out the one that opens a directory. Knows nothing of what is looked for in them.

use super::walk::WalkProblem;
use std::fs;
use std::io;
use std::path::Path;

/// How many interrupted directories of one search are searched again. A system that interrupts more often than that is out of
/// order, and the search has to end.
const AGAIN: usize = 100;

/// What is in a directory.
pub(super) fn open_folder(folder: &Path) -> io::Result<fs::ReadDir> {
    loop {
        match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// Searches `folder`, and once more each directory below it where `search` was interrupted, so that something may be found
/// twice. Answers with what could not be searched.
pub(super) fn searched(folder: &Path, mut search: impl FnMut(&Path) -> Vec<WalkProblem>) -> Vec<WalkProblem> {
    let (mut open, mut left) = (vec![folder.to_owned()], AGAIN);
    let mut problems = Vec::new();
    while let Some(folder) = open.pop() {
        for WalkProblem { path, error } in search(&folder) {
            if error.kind() == io::ErrorKind::Interrupted && left > 0 {
                left -= 1;
                open.push(path);
            } else {
                problems.push(WalkProblem { path, error });
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn interrupted(path: &Path) -> WalkProblem {
        WalkProblem { path: path.to_owned(), error: io::ErrorKind::Interrupted.into() }
    }

    #[test]
    fn an_interrupted_directory_is_searched_again_and_not_told_of() {
        let mut asked: Vec<PathBuf> = Vec::new();
        let problems = searched(Path::new("a"), |folder| {
            asked.push(folder.to_owned());
            match asked.len() {
                1 => vec![interrupted(Path::new("a/b")), interrupted(Path::new("a/c"))],
                _ => Vec::new(),
            }
        });
        assert_eq!(asked, [Path::new("a"), Path::new("a/c"), Path::new("a/b")]);
        assert!(problems.is_empty());
    }

    #[test]
    fn a_directory_that_is_always_interrupted_is_told_of_in_the_end() {
        let mut asked = 0;
        let problems = searched(Path::new("a"), |folder| {
            asked += 1;
            vec![interrupted(folder)]
        });
        assert_eq!((asked, problems.len()), (AGAIN + 1, 1));
    }
}

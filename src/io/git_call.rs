//! Calls of the `git` program: on a work tree that is told, whatever repository the environment names, and without
//! writing anything.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use thiserror::Error;

/// Git could not be asked.
#[derive(Debug, Error)]
pub enum GitError {
    /// It did not start.
    #[error("git does not start: {0}")]
    Start(#[from] io::Error),
    /// It refused.
    #[error("git says: {0}")]
    Refused(String),
}

/// What git prints when it is called in `folder` with these arguments.
pub(super) fn ask<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Vec<u8>, GitError> {
    let mut command = Command::new("git");
    // The folder says which repository is meant, and not the hook or alias that we may be called from.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"] {
        command.env_remove(name);
    }
    let answer = command
        // To look must not write, and must start no program that a repository names.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .args(["-c", "core.fsmonitor=false", "--literal-pathspecs", "-C"])
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .output()?;
    if answer.status.success() {
        return Ok(answer.stdout);
    }
    let text = String::from_utf8_lossy(&answer.stderr);
    let first = text.lines().next().unwrap_or("nothing, but it failed");
    Err(GitError::Refused(first.trim_start_matches("fatal: ").to_owned()))
}

/// The paths of a list in which each one is ended by a NUL byte.
pub(super) fn paths(answer: &[u8]) -> impl Iterator<Item = PathBuf> + '_ {
    answer.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(path_of)
}

/// The path that these bytes are the name of.
#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// The path that these bytes are the name of.
#[cfg(not(unix))]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

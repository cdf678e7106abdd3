//! Names of branches, as git allows them.

use crate::io::git_call::{GitError, Whose, answer, git};
use thiserror::Error;

/// Why a name cannot be that of a new branch.
#[derive(Debug, Error)]
pub enum BranchNameError {
    /// Git allows no such name.
    #[error("`{0}` is no name of a branch")]
    Invalid(String),
    /// Git does not start.
    #[error(transparent)]
    Git(GitError),
}

/// Checks the name of a branch without any repository, as `git branch` would.
pub fn check_branch_name(name: &str) -> Result<(), BranchNameError> {
    let invalid = || BranchNameError::Invalid(name.to_owned());
    // Git takes the first for an option and the second for what is checked out.
    if name.starts_with('-') || name == "HEAD" || name.contains('\0') {
        return Err(invalid());
    }
    let mut command = git(None, Whose::Anybodys);
    match answer(command.args(["check-ref-format", &format!("refs/heads/{name}")])) {
        Ok(_) => Ok(()),
        Err(GitError::Refused(_)) => Err(invalid()),
        Err(error @ GitError::Start(_)) => Err(BranchNameError::Git(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_git_would_not_take_or_would_take_for_something_else_are_refused() {
        for name in ["samwire", "samwire/connectors-2", "ü", "a.b", "a@b"] {
            assert!(check_branch_name(name).is_ok(), "{name}");
        }
        let invalid = [
            "", "-d", "HEAD", "@{-1}", "a..b", "a b", "a~1", "a:b", "/a", "a/", "a//b", "a.lock", ".a",
            "a/.b", "a\nb", "a*", "a\\b", "a.", "\0",
        ];
        for name in invalid {
            assert!(matches!(check_branch_name(name), Err(BranchNameError::Invalid(_))), "{name:?}");
        }
    }
}

//! Which files of a work tree differ from a commit, as git itself says.

use super::git_call::{GitError, ask, paths};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// To which commit the files are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// The last commit of the work tree.
    Head,
    /// The point at which the work tree's history left that of this revision.
    Fork(String),
}

impl Since {
    /// What a run in a pipeline for a pull or merge request compares with, by the environment variables that `var`
    /// knows; elsewhere the last commit.
    pub fn of_pipeline(var: impl Fn(&str) -> Option<String>) -> Self {
        let told = |name: &str| var(name).filter(|value| !value.trim().is_empty());
        let base = told("CI_MERGE_REQUEST_DIFF_BASE_SHA");
        let base = base.or_else(|| told("GITHUB_BASE_REF").map(|branch| format!("origin/{branch}")));
        base.map_or(Self::Head, Self::Fork)
    }
}

/// The files of the work tree at `tree` that are not as in that commit, and those that git does not know and was not told to
/// ignore: absolute paths below `tree`. Files that are gone are not among them.
pub fn changed(tree: &Path, since: &Since) -> Result<BTreeSet<PathBuf>, GitError> {
    let mut all = ask(tree, ["ls-files", "-z", "--others", "--exclude-standard"])?;
    match base(tree, since)? {
        Some(base) => {
            // In a submodule git would run with the settings of that one, and none of ours.
            let options = [
                "diff",
                "--name-only",
                "-z",
                "--no-renames",
                "--no-ext-diff",
                "--ignore-submodules=all",
                "--diff-filter=d",
            ];
            all.extend(ask(tree, options.into_iter().chain([base.as_str(), "--"]))?);
        }
        // Before the first commit everything is new.
        None => all.extend(ask(tree, ["ls-files", "-z"])?),
    }
    Ok(paths(&all).map(|path| tree.join(path)).collect())
}

/// The commit to compare with; `None` where there is none yet.
fn base(tree: &Path, since: &Since) -> Result<Option<String>, GitError> {
    let commit = |name: &str| {
        let name = format!("{name}^{{commit}}");
        Ok(line(&ask(tree, ["rev-parse", "--verify", "--quiet", "--end-of-options", &name])?))
    };
    match since {
        Since::Head => Ok(commit("HEAD").ok()),
        Since::Fork(name) => {
            let other = commit(name).map_err(|error: GitError| match error {
                GitError::Refused(_) => GitError::Refused(format!("`{name}` is no revision here")),
                start @ GitError::Start(_) => start,
            })?;
            // A history that was fetched in part may not hold the point; then the revision itself is what there is.
            let fork = ask(tree, ["merge-base", &other, "HEAD"]).map(|answer| line(&answer));
            Ok(Some(fork.unwrap_or(other)))
        }
    }
}

fn line(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_says_where_its_request_goes() {
        let of = |known: &[(&str, &str)]| {
            let known: Vec<(String, String)> =
                known.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Since::of_pipeline(|name| known.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone()))
        };
        assert_eq!(of(&[]), Since::Head);
        assert_eq!(of(&[("GITHUB_BASE_REF", "")]), Since::Head);
        assert_eq!(of(&[("GITHUB_BASE_REF", "main")]), Since::Fork("origin/main".into()));
        assert_eq!(of(&[("CI_MERGE_REQUEST_DIFF_BASE_SHA", "f00d")]), Since::Fork("f00d".into()));
    }
}

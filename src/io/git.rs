//! What git knows about a place: the work tree that holds it and the name of the repository. Asks git only for what
//! its files do not say by their mere presence.

use super::git_call::ask;
use super::read::read;
use std::path::{Path, PathBuf};

/// The nearest directory at or above `path` that holds a `.git` (a directory, or a file in linked work trees).
pub fn work_tree_of(path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// Whether the current directory is in a work tree.
pub fn is_in_work_tree() -> bool {
    std::env::current_dir().is_ok_and(|current| work_tree_of(&current).is_some())
}

/// The git directory of the work tree at `tree`: its `.git`, or what the file of that name points to, as in linked work
/// trees and submodules.
pub(super) fn git_dir(tree: &Path) -> Option<PathBuf> {
    let entry = tree.join(".git");
    if entry.is_dir() {
        return Some(entry);
    }
    let text = String::from_utf8(read(&entry).ok()?).ok()?;
    let told = tree.join(text.strip_prefix("gitdir:")?.trim());
    told.is_dir().then_some(told)
}

/// Name of the repository at `folder`: from the first of these environment variables that `var` knows, else from the
/// remote `origin`, else from the directory of the work tree, else from `folder` itself.
pub fn repository_name(folder: &Path, var: impl Fn(&str) -> Option<String>) -> String {
    const VARIABLES: [&str; 3] = ["REPOSITORY", "GITHUB_REPOSITORY", "CI_PROJECT_PATH"];
    let told = VARIABLES.iter().find_map(|name| var(name).filter(|value| !value.trim().is_empty()));
    told.or_else(|| name_in_url(&origin_url(folder)?)).unwrap_or_else(|| {
        let root = work_tree_of(folder).unwrap_or_else(|| folder.to_owned());
        root.file_name().map_or_else(|| "unnamed".to_owned(), |name| name.to_string_lossy().into_owned())
    })
}

/// The address of the remote `origin`; `None` without git, without a repository or without such a remote.
fn origin_url(folder: &Path) -> Option<String> {
    // Without a work tree git need not be asked.
    work_tree_of(folder)?;
    let answer = ask(folder, ["config", "--get", "remote.origin.url"]).ok()?;
    let url = String::from_utf8(answer).ok()?.trim().to_owned();
    (!url.is_empty()).then_some(url)
}

/// `owner/name` of a remote's address; of a local path the last component.
pub(super) fn name_in_url(url: &str) -> Option<String> {
    let url = url.trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    let path = if let Some((scheme, rest)) = url.split_once("://") {
        if scheme == "file" { rest.rsplit('/').next()? } else { rest.split_once('/')?.1 }
    } else if let Some((_, path)) = url.split_once(':').filter(|(host, _)| !host.contains('/')) {
        path
    } else {
        url.rsplit('/').next()?
    };
    let path = path.trim_matches('/');
    (!path.is_empty()).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_read_from_every_spelling_of_an_address() {
        for (url, name) in [
            ("git@github.com:acme/orders.git", "acme/orders"),
            ("https://github.com/acme/orders", "acme/orders"),
            ("https://user:token@gitlab.example/group/sub/orders.git/", "group/sub/orders"),
            ("ssh://git@host:2222/acme/orders.git", "acme/orders"),
            ("/srv/git/orders.git", "orders"),
            ("../orders", "orders"),
            ("file:///srv/git/orders.git", "orders"),
        ] {
            assert_eq!(name_in_url(url).as_deref(), Some(name), "{url}");
        }
        assert_eq!(name_in_url("https://host"), None);
    }

    #[test]
    fn environment_comes_before_the_directory_and_empty_values_do_not_count() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("orders");
        std::fs::create_dir(&folder).unwrap();
        assert_eq!(repository_name(&folder, |_| None), "orders");
        let ci = |name: &str| match name {
            "REPOSITORY" => Some(String::new()),
            "CI_PROJECT_PATH" => Some("acme/x".to_owned()),
            _ => None,
        };
        assert_eq!(repository_name(&folder, ci), "acme/x");
    }

    #[test]
    fn the_work_tree_is_the_nearest_directory_with_a_git_entry() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::write(dir.path().join("a/.git"), "gitdir: elsewhere").unwrap();
        assert_eq!(work_tree_of(&inner), Some(dir.path().join("a")));
    }
}

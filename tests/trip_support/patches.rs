//! Diffs as `git apply` takes them, many files at once. Refuses to know what changed and why.

use samwire::report::Unified;
use std::io;
use std::path::Path;
use std::process::Command;

/// One file that changes.
#[derive(Debug, Clone)]
pub(crate) struct Patch {
    /// Its path, relative.
    pub(crate) name: String,
    /// What it holds.
    pub(crate) before: String,
    /// What it is to hold.
    pub(crate) after: String,
}

/// Applies the diffs of all files by one run of git in an empty directory: what went wrong, one line each.
pub(crate) fn apply(patches: &[Patch]) -> io::Result<Vec<String>> {
    let dir = tempfile::tempdir()?;
    let mut all = String::new();
    for Patch { name, before, after } in patches {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(dir.path()))?;
        std::fs::write(path, before)?;
        all.push_str(&Unified::patch(3).diff(before, after, Path::new(name)));
    }
    if all.is_empty() {
        return Ok(Vec::new());
    }
    std::fs::write(dir.path().join("all.patch"), all)?;
    let done = Command::new("git")
        .args(["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "all.patch"])
        .current_dir(dir.path())
        // Outside of any work tree, whatever surrounds the directory for temporary files.
        .env("GIT_CEILING_DIRECTORIES", dir.path())
        .output()?;
    if !done.status.success() {
        return Ok(vec![format!("git apply: {}", String::from_utf8_lossy(&done.stderr))]);
    }
    let mut wrong = Vec::new();
    for Patch { name, after, .. } in patches {
        if std::fs::read_to_string(dir.path().join(name))? != *after {
            wrong.push(format!("{name}: git apply gives something else"));
        }
    }
    Ok(wrong)
}

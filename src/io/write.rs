//! Replacing a file's bytes in one step: whoever looks, at whatever moment, sees the old bytes or the new ones. Refuses
//! when the file is no longer what was read.

use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::Path;
use tempfile::{Builder, NamedTempFile};
use thiserror::Error;

/// Why a file was not replaced; in every case it holds the bytes it held before.
#[derive(Debug, Error)]
pub enum WriteError {
    /// Somebody changed the file after it was read.
    #[error("changed since it was read")]
    Changed,
    /// The file carries no permission to write.
    #[error("is read-only")]
    ReadOnly,
    /// A pipe, a device or a directory.
    #[error("is not a regular file")]
    NotRegular,
    /// The operating system refused.
    #[error("cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Replaces the content of the file at `path`, a link followed to its target, by `new`, provided that it still holds
/// `expected`. Permissions are kept; the owner too, where the operating system lets us.
pub fn replace(path: &Path, expected: &[u8], new: &[u8]) -> Result<(), WriteError> {
    let target = fs::canonicalize(path)?;
    let before = fs::metadata(&target)?;
    if !before.is_file() {
        return Err(WriteError::NotRegular);
    }
    // The rename below needs no right to write to the file itself, so the file's own protection is asked for here.
    if before.permissions().readonly() {
        return Err(WriteError::ReadOnly);
    }
    let draft = draft_beside(&target, new, Some(&before))?;
    // Compared as late as can be, so that the moment in which a change of somebody else could be lost is short.
    if fs::read(&target)? != expected {
        return Err(WriteError::Changed);
    }
    draft.persist(&target).map_err(|failed| failed.error)?;
    Ok(())
}

/// Writes a report to `path`, over whatever is there, in one step where `path` is a regular file or none yet.
pub fn write_report(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let existing = fs::metadata(path).ok();
    if existing.as_ref().is_some_and(|there| !there.is_file()) {
        // A device such as `/dev/stderr`, or a named pipe: it can only be written to, not replaced.
        return Ok(fs::OpenOptions::new().write(true).open(path)?.write_all(bytes)?);
    }
    let target = if existing.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
    draft_beside(&target, bytes, existing.as_ref())?.persist(&target).map_err(|failed| failed.error)?;
    Ok(())
}

/// The bytes in a temporary file of the same directory (a rename works within one file system only), which vanishes
/// unless it is persisted.
fn draft_beside(target: &Path, bytes: &[u8], like: Option<&Metadata>) -> io::Result<NamedTempFile> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = Builder::new();
    builder.prefix(".samwire-").suffix(".tmp");
    #[cfg(unix)]
    if like.is_none() {
        use std::os::unix::fs::PermissionsExt;
        // What any new file gets; the umask takes its part.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut draft = builder.tempfile_in(folder).map_err(without_path)?;
    draft.write_all(bytes)?;
    if let Some(like) = like {
        keep_owner(draft.path(), like);
        draft.as_file().set_permissions(like.permissions())?;
    }
    draft.as_file().sync_all()?;
    Ok(draft)
}

/// The error of the operating system without the name of a temporary file, which means nothing to anybody.
fn without_path(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((plain, _)) => io::Error::new(error.kind(), plain.to_owned()),
        None => error,
    }
}

#[cfg(unix)]
fn keep_owner(draft: &Path, like: &Metadata) {
    use std::os::unix::fs::{MetadataExt, chown};
    // Only the superuser may give files away; for everybody else the file becomes theirs, as with any editor.
    let _ = chown(draft, Some(like.uid()), Some(like.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.yaml");
        fs::write(&path, bytes).unwrap();
        (dir, path)
    }

    fn entries(dir: &Path) -> usize {
        fs::read_dir(dir).unwrap().count()
    }

    #[test]
    fn bytes_are_replaced_and_no_draft_is_left() {
        let (dir, path) = file(b"old\r\n");
        replace(&path, b"old\r\n", b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(entries(dir.path()), 1);
    }

    #[test]
    fn a_file_changed_since_it_was_read_is_left_as_it_is() {
        let (dir, path) = file(b"theirs");
        assert!(matches!(replace(&path, b"old", b"new"), Err(WriteError::Changed)));
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(entries(dir.path()), 1);
    }

    #[test]
    fn a_read_only_file_is_refused() {
        let (_dir, path) = file(b"old");
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert!(matches!(replace(&path, b"old", b"new"), Err(WriteError::ReadOnly)));
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }

    #[test]
    fn a_directory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(replace(dir.path(), b"", b"new"), Err(WriteError::NotRegular)));
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_kept_and_a_link_stays_a_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let (dir, path) = file(b"old");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let link = dir.path().join("link.yaml");
        symlink("t.yaml", &link).unwrap();
        replace(&link, b"old", b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_report_replaces_what_is_there_and_is_made_where_nothing_is() {
        let (dir, path) = file(b"old report");
        write_report(&path, b"r").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"r");
        let fresh = dir.path().join("fresh.json");
        write_report(&fresh, b"{}").unwrap();
        assert_eq!(fs::read(&fresh).unwrap(), b"{}");
        let error = write_report(&dir.path().join("none/x.json"), b"").unwrap_err().to_string();
        assert!(error.starts_with("cannot be written: ") && !error.contains("samwire"), "{error}");
    }
}

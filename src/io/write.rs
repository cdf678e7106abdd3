//! Replacing a file's bytes in one step: whoever looks, at whatever moment, sees the old bytes or the new ones. Refuses
//! when the file is no longer what was read.

use super::folders::open_folder;
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Write};
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
    /// The file has other names, which a replacement would part from this one.
    #[error("has {0} names (hard links)")]
    HardLinked(u64),
    /// A link has taken its place, or that of a directory above it.
    #[error("is a link now, or lies behind one")]
    Link,
    /// A pipe, a device or a directory.
    #[error("is not a regular file")]
    NotRegular,
    /// The operating system refused.
    #[error("cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// How the names of drafts begin.
const DRAFT: &str = ".samwire-";

/// How they end.
const DRAFT_END: &str = ".tmp";

/// Whose drafts they are: drafts of a run that was killed are known by its token.
#[derive(Debug, Clone, Copy)]
pub(super) struct DraftOf<'a>(pub(super) &'a str);

impl DraftOf<'_> {
    fn prefix(self) -> String {
        format!("{DRAFT}{}-", self.0)
    }

    /// Removes the drafts from a folder. What cannot be removed stays for the next time.
    pub(super) fn sweep(self, folder: &Path) {
        let prefix = self.prefix();
        for entry in open_folder(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Replaces the content of the file at `path`, an absolute path without links, by `new`, provided that it still holds
/// `expected`. Permissions are kept; the owner too, where the operating system lets us.
pub(super) fn replace(
    path: &Path,
    expected: &[u8],
    new: &[u8],
    owner: DraftOf<'_>,
) -> Result<(), WriteError> {
    let prefix = owner.prefix();
    let mut again = true;
    loop {
        let before = unlinked(path)?;
        writable(&before)?;
        let draft = draft_beside(path, &mut |out| out.write_all(new), Some(&before), &prefix)?;
        // Compared as late as can be, so that the moment in which a change of somebody else could be lost is short.
        unlinked(path)?;
        if fs::read(path)? != expected {
            return Err(WriteError::Changed);
        }
        match draft.persist(path) {
            Ok(_) => return Ok(()),
            // Another run took the draft for that of a killed one and swept it away. It sweeps only as it starts, so
            // the second draft stays.
            Err(failed) if failed.error.kind() == io::ErrorKind::NotFound && again => again = false,
            Err(failed) => return Err(failed.error.into()),
        }
    }
}

/// What is at a path that led through no link when the file was read. Through one that is there now the bytes would land
/// in a file that nobody named.
fn unlinked(path: &Path) -> Result<Metadata, WriteError> {
    if fs::canonicalize(path)? != path {
        return Err(WriteError::Link);
    }
    Ok(fs::symlink_metadata(path)?)
}

/// Whether a file may be replaced by another one under its name.
pub(super) fn writable(file: &Metadata) -> Result<(), WriteError> {
    if !file.is_file() {
        return Err(WriteError::NotRegular);
    }
    // The rename needs no right to write to the file itself, so the file's own protection is asked for here.
    if file.permissions().readonly() {
        return Err(WriteError::ReadOnly);
    }
    match names(file) {
        0 | 1 => Ok(()),
        more => Err(WriteError::HardLinked(more)),
    }
}

#[cfg(unix)]
fn names(file: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(file)
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> u64 {
    1
}

/// Makes the renames in a folder last through a loss of power. Some file systems cannot; there it has no effect.
pub(super) fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = fs::File::open(folder) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}

/// Writes a report to `path`, over whatever is there, in one step where `path` is a regular file or none yet.
pub fn write_report(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    stream_report(path, |out| out.write_all(bytes))
}

/// Writes a report likewise, as `write` gives it, so that it need not be in memory as a whole.
pub fn stream_report(
    path: &Path,
    mut write: impl FnMut(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    let existing = fs::metadata(path).ok();
    if existing.as_ref().is_some_and(|there| !there.is_file()) {
        // A device such as `/dev/stderr`, or a named pipe: it can only be written to, not replaced.
        let mut out = BufWriter::new(fs::OpenOptions::new().write(true).open(path)?);
        write(&mut out)?;
        return Ok(out.flush()?);
    }
    let target = if existing.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
    draft_beside(&target, &mut write, existing.as_ref(), DRAFT)?
        .persist(&target)
        .map_err(|failed| failed.error)?;
    Ok(())
}

/// Whether a name is that of a draft, which a run that was killed leaves behind.
pub fn is_draft(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(DRAFT) && name.ends_with(DRAFT_END))
}

/// Removes every draft below a directory in which no other run writes. Follows no link. What cannot be removed harms nobody.
pub fn sweep_drafts(folder: &Path) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in open_folder(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            } else if is_draft(&entry.file_name()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Removes a report; one that is not there is as good.
pub fn remove_report(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes a directory for what a run writes beside templates, and those above it; one that is there is as good.
pub fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// The names of what is in a directory, in no order.
pub fn names_in(path: &Path) -> io::Result<Vec<OsString>> {
    open_folder(path)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// A text that no other run on any machine is likely to be given.
pub fn salt() -> String {
    let hasher = RandomState::new();
    format!("{:016x}{:016x}", hasher.hash_one(0), hasher.hash_one(1))
}

/// Writes a file that is not there yet, in one step.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Looked for first, so that no draft is made in vain; whoever makes the file in between keeps theirs.
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let draft = draft_beside(path, &mut |out| out.write_all(bytes), None, DRAFT)?;
    draft.persist_noclobber(path).map_err(|failed| failed.error)?;
    Ok(())
}

/// What `write` gives in a temporary file of the same directory (a rename works within one file system only), which
/// vanishes unless it is persisted.
fn draft_beside(
    target: &Path,
    write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    like: Option<&Metadata>,
    prefix: &str,
) -> io::Result<NamedTempFile> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = Builder::new();
    builder.prefix(prefix).suffix(DRAFT_END);
    #[cfg(unix)]
    if like.is_none() {
        use std::os::unix::fs::PermissionsExt;
        // What any new file gets; the umask takes its part.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut draft = builder.tempfile_in(folder).map_err(without_path)?;
    let mut out = BufWriter::new(draft.as_file_mut());
    write(&mut out)?;
    out.flush()?;
    drop(out);
    if let Some(like) = like {
        keep_owner(draft.as_file(), like);
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
fn keep_owner(draft: &fs::File, like: &Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    // Only the superuser may give files away; for everybody else the file becomes theirs, as with any editor. One's own
    // files can still have a group of one's own, so that is asked for alone.
    if fchown(draft, Some(like.uid()), Some(like.gid())).is_err() {
        let _ = fchown(draft, None, Some(like.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &fs::File, _: &Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().canonicalize().unwrap().join("t.yaml");
        fs::write(&path, bytes).unwrap();
        (dir, path)
    }

    fn replace(path: &Path, expected: &[u8], new: &[u8]) -> Result<(), WriteError> {
        super::replace(path, expected, new, DraftOf("t"))
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
        let path = dir.path().canonicalize().unwrap();
        assert!(matches!(replace(&path, b"", b"new"), Err(WriteError::NotRegular)));
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_kept() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, path) = file(b"old");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o2640)).unwrap();
        replace(&path, b"old", b"new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o2640);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link_that_took_the_place_of_the_file_or_of_a_directory() {
        use std::os::unix::fs::symlink;
        let (dir, path) = file(b"old");
        let root = path.parent().unwrap();
        symlink("t.yaml", root.join("link.yaml")).unwrap();
        symlink(root, root.join("here")).unwrap();
        for behind in ["link.yaml", "here/t.yaml"] {
            let refused = replace(&root.join(behind), b"old", b"new");
            assert!(matches!(refused, Err(WriteError::Link)), "{behind}");
        }
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(entries(dir.path()), 3);
    }

    #[test]
    fn a_new_file_comes_into_being_whole_and_takes_nobodys_place() {
        let (dir, path) = file(b"theirs");
        assert_eq!(create(&path, b"ours").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        create(&dir.path().join("new"), b"ours").unwrap();
        assert_eq!(fs::read(dir.path().join("new")).unwrap(), b"ours");
        assert_eq!(entries(dir.path()), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_two_names_is_refused_and_keeps_both() {
        let (dir, path) = file(b"old");
        let other = dir.path().join("other.yaml");
        fs::hard_link(&path, &other).unwrap();
        assert!(matches!(replace(&path, b"old", b"new"), Err(WriteError::HardLinked(2))));
        assert_eq!(fs::read(&other).unwrap(), b"old");
        fs::remove_file(&other).unwrap();
        replace(&path, b"old", b"new").unwrap();
    }

    #[test]
    fn drafts_are_swept_by_their_owner_and_nothing_else_is() {
        let (dir, path) = file(b"old");
        for name in [".samwire-a-x.tmp", ".samwire-ab-x.tmp", ".samwire-b-x.tmp"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        DraftOf("a").sweep(dir.path());
        assert_eq!(entries(dir.path()), 3);
        assert!(!dir.path().join(".samwire-a-x.tmp").exists() && path.exists());
        DraftOf("a").sweep(&dir.path().join("gone"));
    }

    #[test]
    fn drafts_are_swept_wherever_they_lie_below_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        for name in [".samwire-x.tmp", "a/b/.samwire-y.tmp", ".samwire-run", "a/x.tmp"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        sweep_drafts(dir.path());
        let there = |name: &str| dir.path().join(name).exists();
        assert!(!there(".samwire-x.tmp") && !there("a/b/.samwire-y.tmp"));
        assert!(there(".samwire-run") && there("a/x.tmp"));
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

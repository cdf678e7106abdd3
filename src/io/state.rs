//! Where the tool keeps what it must remember between runs: below the git directory of the work tree, else below the
//! state directory of the platform, so that nothing of it ever lies among the templates. Everything here is private to
//! the user and replaced in one step. A link in the place of one of them is none of ours and refused, since what is
//! written through it would land wherever whoever made the repository likes. Knows not what the files mean.

use super::folders::open_folder;
use super::git::{git_dir, work_tree_of};
use super::lines::{LineFileError, lock};
use super::write::sync_folder;
use crate::report::sha256_hex;
use std::env;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::Builder;

/// The name of the tool's own directory.
const NAME: &str = "samwire";

/// Name of the file that is locked while a run writes.
const LOCK: &str = "lock";

/// How long a run waits for others: writing takes them seconds, so that who takes longer was halted.
const PATIENCE: Duration = Duration::from_secs(20);

/// The right to write, which one run about a place has at a time. Given back with this value, and by the operating system
/// where the run is killed.
#[derive(Debug)]
pub(super) struct Turn {
    _held: Option<File>,
}

/// Bytes of a file that is read as a whole: a record of more files than any repository has templates.
pub(super) const MOST: u64 = 16 * 1024 * 1024;

/// The directory in which runs about one place are remembered. It need not exist yet: the first write makes it.
#[derive(Debug, Clone)]
pub struct StateDir {
    /// Where it may be, best first; never empty.
    places: Vec<PathBuf>,
    base: PathBuf,
}

impl StateDir {
    /// The directory for a run that is started in the folder `path`. A work tree has one for all of its folders;
    /// linked work trees and submodules each have their own. Outside of git it is one per folder. Makes nothing.
    pub fn of(path: &Path) -> io::Result<Self> {
        Self::with_environment(path, |name| env::var_os(name))
    }

    fn with_environment(path: &Path, var: impl Fn(&str) -> Option<OsString>) -> io::Result<Self> {
        let path = fs::canonicalize(path)?;
        let tree = work_tree_of(&path);
        let base = tree.clone().unwrap_or(path);
        let own = tree.and_then(|tree| git_dir(&tree)).map(|git| git.join(NAME));
        // A git directory that may not be written to, such as that of another user, leaves the second place.
        let platform = platform_folder(var)
            .map(|folder| folder.join(NAME).join(&sha256_hex(base.as_os_str().as_encoded_bytes())[..16]));
        let places: Vec<PathBuf> = own.into_iter().chain(platform).collect();
        if places.is_empty() {
            let what = "no home directory is known, so there is no place to keep records";
            return Err(io::Error::new(ErrorKind::NotFound, what));
        }
        Ok(Self { places, base })
    }

    /// The folder that the directory is about: the work tree, else the folder it was asked for. Links are resolved.
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// The directory itself, which need not exist.
    pub fn folder(&self) -> &Path {
        // A link counts as there, so that it is refused and not written around.
        let there = self
            .places
            .iter()
            .find(|place| place.symlink_metadata().is_ok_and(|found| found.is_dir() || found.is_symlink()));
        there.or(self.places.first()).expect("impossible: there is at least one place")
    }

    /// The path of the file `name` in the directory, whether or not it exists.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The bytes of the file `name`; `None` if there is none.
    pub fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        refuse_link(self.folder())?;
        read_regular(&self.file(name))
    }

    /// Makes `bytes` the content of the file `name`, in one step.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        write_private(&self.prepared()?.join(name), bytes)
    }

    /// Removes the file `name`, if it is there.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        refuse_link(self.folder())?;
        match fs::remove_file(self.file(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Waits until no other run about this place writes. Where the file system knows no locks there is nothing to wait for.
    pub(super) fn turn(&self) -> io::Result<Turn> {
        let path = self.prepared()?.join(LOCK);
        refuse_link(&path)?;
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        match lock(&file, PATIENCE) {
            Ok(()) => Ok(Turn { _held: Some(file) }),
            Err(LineFileError::Taken) => {
                let what = format!("another run has been writing here for {} seconds", PATIENCE.as_secs());
                Err(io::Error::new(ErrorKind::WouldBlock, what))
            }
            Err(LineFileError::Io(_)) => Ok(Turn { _held: None }),
        }
    }

    /// The directory, made if it was not there, at the first place where that is allowed.
    pub(super) fn prepared(&self) -> io::Result<PathBuf> {
        let folder = self.folder();
        refuse_link(folder)?;
        if folder.is_dir() {
            return Ok(folder.to_owned());
        }
        let mut refused = None;
        for place in &self.places {
            match make_private(place) {
                Ok(()) => return Ok(place.clone()),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Err(refused.expect("impossible: there is at least one place"))
    }
}

/// The first part of the directory below a git directory that is a link: what is written there would arrive somewhere else.
pub(super) fn link_to_records(git_dir: &Path) -> Option<PathBuf> {
    let own = git_dir.join(NAME);
    let parts = open_folder(&own).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_link = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| found.is_symlink());
    [own.clone()].into_iter().chain(parts).find(is_link)
}

/// Refuses a link, whether or not it leads anywhere.
pub(super) fn refuse_link(path: &Path) -> io::Result<()> {
    if !path.is_symlink() {
        return Ok(());
    }
    let what = format!("{} is a link, which nothing of samwire's is; remove it", path.display());
    Err(io::Error::new(ErrorKind::InvalidInput, what))
}

/// The bytes of a file of ours; `None` if there is none. Refuses links, what could keep the reader waiting, such as a
/// pipe, and more than [`MOST`] bytes.
pub(super) fn read_regular(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    refuse_link(path)?;
    if !found.is_file() || found.len() > MOST {
        let what = format!("{} is no file of samwire's: no regular file, or too large", path.display());
        return Err(io::Error::new(ErrorKind::InvalidInput, what));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Makes a folder, with those above it, that only its user may look into.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Makes `bytes` the content of the file at `path`, in one step, for the eyes of its user only.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut draft = Builder::new().prefix(".new-").tempfile_in(folder)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    draft.persist(path).map_err(|failed| failed.error)?;
    sync_folder(folder);
    Ok(())
}

/// Where programs keep their state for the user, by the custom of the platform.
fn platform_folder(var: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // The specification of these variables says to pass over relative paths.
    let absolute = |name: &str| var(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(told) = absolute("XDG_STATE_HOME") {
        return Some(told);
    }
    if cfg!(windows) {
        return absolute("LOCALAPPDATA");
    }
    let below_home = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/state" };
    absolute("HOME").map(|home| home.join(below_home))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Folders in a temporary directory, which is also where the platform keeps state.
    fn tree(folders: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for folder in folders {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        (dir, root)
    }

    fn state_of(root: &Path, folder: &str) -> StateDir {
        let home = root.join("home");
        StateDir::with_environment(&root.join(folder), |name| {
            (name == "XDG_STATE_HOME").then(|| home.clone().into_os_string())
        })
        .unwrap()
    }

    #[test]
    fn a_work_tree_has_one_directory_and_linked_ones_their_own() {
        let (_dir, root) = tree(&["a/.git/worktrees/b", "a/deep", "b/sub", "a/.git/modules/m", "a/m"]);
        fs::write(root.join("b/.git"), format!("gitdir: {}\n", root.join("a/.git/worktrees/b").display()))
            .unwrap();
        fs::write(root.join("a/m/.git"), "gitdir: ../.git/modules/m\n").unwrap();
        for (folder, expected, base) in [
            ("a/deep", "a/.git/samwire", "a"),
            ("b/sub", "a/.git/worktrees/b/samwire", "b"),
            ("a/m", "a/.git/modules/m/samwire", "a/m"),
        ] {
            let state = state_of(&root, folder);
            assert_eq!(state.base(), root.join(base));
            state.write("probe", b"x").unwrap();
            assert_eq!(fs::read(root.join(expected).join("probe")).unwrap(), b"x", "{folder}");
        }
    }

    #[test]
    fn outside_of_git_each_folder_has_its_own_below_the_state_of_the_platform() {
        let (_dir, root) = tree(&["a", "b"]);
        let (a, b) = (state_of(&root, "a"), state_of(&root, "b"));
        assert_ne!(a.folder(), b.folder());
        assert!(a.folder().starts_with(root.join("home/samwire")));
        assert_eq!(a.read("x").unwrap(), None);
        a.write("x", b"1").unwrap();
        a.write("x", b"2").unwrap();
        assert_eq!((a.read("x").unwrap(), b.read("x").unwrap()), (Some(b"2".to_vec()), None));
        assert_eq!(fs::read_dir(a.folder()).unwrap().count(), 1, "no draft is left");
        a.remove("x").unwrap();
        a.remove("x").unwrap();
        assert_eq!(a.read("x").unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_look_into_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, root) = tree(&["a/.git"]);
        let state = state_of(&root, "a");
        state.write("x", b"1").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(state.folder()), mode(&state.file("x"))), (0o700, 0o600));
    }

    #[test]
    fn a_git_directory_that_takes_nothing_leaves_the_place_of_the_platform() {
        let (_dir, root) = tree(&["a/.git"]);
        // A file where the directory would be is refused to everybody, the superuser too.
        fs::write(root.join("a/.git/samwire"), "").unwrap();
        let state = state_of(&root, "a");
        state.write("x", b"1").unwrap();
        assert!(state.folder().starts_with(root.join("home/samwire")));
        assert_eq!(state.read("x").unwrap(), Some(b"1".to_vec()));
    }

    #[cfg(unix)]
    #[test]
    fn links_to_other_places_are_refused() {
        use std::os::unix::fs::symlink;
        let (_dir, root) = tree(&["a/.git", "b/.git/samwire", "elsewhere"]);
        symlink(root.join("elsewhere"), root.join("a/.git/samwire")).unwrap();
        fs::write(root.join("elsewhere/x"), "theirs").unwrap();
        symlink(root.join("elsewhere/x"), root.join("b/.git/samwire/x")).unwrap();
        let a = state_of(&root, "a");
        for refused in [a.read("x").map(drop), a.write("x", b"1"), a.write("y", b"1"), a.remove("x")] {
            assert!(refused.unwrap_err().to_string().contains("is a link"));
        }
        let b = state_of(&root, "b");
        assert!(b.read("x").is_err());
        // What is written takes the place of the link, and not of what is behind it.
        b.write("x", b"1").unwrap();
        assert_eq!(b.read("x").unwrap(), Some(b"1".to_vec()));
        assert_eq!(fs::read(root.join("elsewhere/x")).unwrap(), b"theirs");
        assert_eq!(fs::read_dir(root.join("elsewhere")).unwrap().count(), 1);
        // A link that leads nowhere is no reason to go to another place.
        fs::remove_dir_all(root.join("elsewhere")).unwrap();
        assert!(a.write("x", b"1").is_err() && !root.join("elsewhere").exists());
    }

    #[test]
    fn relative_places_do_not_count_and_without_any_there_is_an_error() {
        let (_dir, root) = tree(&["a"]);
        let none = StateDir::with_environment(&root.join("a"), |_| Some("relative".into()));
        assert_eq!(none.unwrap_err().kind(), ErrorKind::NotFound);
    }
}

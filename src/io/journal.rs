//! The records of runs that wrote files: what each file held before and what it was made to hold. A record is complete
//! before the first file is touched, so whatever happens afterwards, there is a way back. Judges no file by itself.

use super::folders::open_folder;
use super::repository::is_below;
use super::state::{MOST, StateDir, Turn, make_private, read_regular, refuse_link, write_private};
use super::write::{DraftOf, sync_folder};
use crate::report::sha256_hex;
use crate::text::MAX_BYTES;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::Builder;
use thiserror::Error;

/// Runs whose records are kept; older ones are removed.
pub const RUNS_KEPT: usize = 10;

/// Records that are read: those of runs which end at the same time may be a few more than are kept.
const RUNS_READ: usize = 2 * RUNS_KEPT;

/// Version of the form of a record.
const SCHEMA: u32 = 1;
/// Name of the folder with the records.
const RUNS: &str = "runs";
/// Name of the file in a record that says what was done.
const RECORD: &str = "run.json";
/// Name of the file in a record with the bytes of all files before the run, one after the other.
const BEFORE: &str = "before";
/// How the names of records begin that are not finished.
const UNFINISHED: &str = ".new-";

/// One file that is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// The file itself, an absolute path without links.
    pub path: &'a Path,
    /// What it holds.
    pub before: &'a [u8],
    /// What it is to hold.
    pub after: &'a [u8],
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// Files are being written, or the run was killed at that.
    Writing,
    /// Done.
    Written,
    /// Files are being taken back, or that was cut short.
    TakingBack,
    /// Taken back, as far as its files allowed.
    Undone,
}

/// One file of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    /// The file itself, an absolute path.
    pub path: PathBuf,
    /// SHA-256 of what it held, in hexadecimal.
    pub before: String,
    /// SHA-256 of what it was made to hold.
    pub after: String,
    /// Where in the bytes of the record lie those that it held.
    at: u64,
    length: u64,
}

/// A run that wrote files.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its number: later runs of one place have higher ones.
    pub number: u64,
    /// When it began to write.
    pub time: SystemTime,
    /// The version of the tool.
    pub version: String,
    /// The command line.
    pub command: String,
    /// Where it stands.
    pub state: RunState,
    /// Its files, in the order of writing.
    pub files: Vec<FileRecord>,
    token: String,
    folder: PathBuf,
}

/// Why the bytes of a record cannot be had.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The operating system refused.
    #[error("its record cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The bytes are not those that were recorded.
    #[error("its record is damaged")]
    Damaged,
}

/// All records of one place.
#[derive(Debug, Clone)]
pub struct Journal {
    state: StateDir,
    confined: bool,
}

/// The form of [`RECORD`].
#[derive(Serialize, Deserialize)]
struct Stored {
    schema: u32,
    /// Seconds since 1970.
    time: u64,
    version: String,
    command: String,
    token: String,
    state: RunState,
    files: Vec<StoredFile>,
}

#[derive(Serialize, Deserialize)]
struct StoredFile {
    path: StoredPath,
    before: String,
    after: String,
    at: u64,
    length: u64,
}

/// A path below the base as text, so that a work tree can be moved; else absolute; in the operating system's own form
/// where it is no text.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredPath {
    Text(String),
    Raw(OsString),
}

impl Journal {
    /// The records that are kept in a directory.
    pub fn new(state: StateDir) -> Self {
        Self { state, confined: false }
    }

    /// The records of a work tree that nobody vouches for: runs that do not [stay within](Run::stays_within) it are
    /// passed over.
    pub fn confined(state: StateDir) -> Self {
        Self { state, confined: true }
    }

    /// Waits until no other run writes under records of this place.
    pub(super) fn turn(&self) -> io::Result<Turn> {
        self.state.turn()
    }

    /// Every run whose record can be read, the last one first. Records that cannot, such as those of a later version or
    /// with paths that nothing of ours writes, are passed over.
    pub fn runs(&self) -> io::Result<Vec<Run>> {
        let last = self.folders()?.into_iter().take(RUNS_READ);
        let counts = |run: &Run| !self.confined || run.stays_within(self.state.base());
        Ok(last.filter_map(|found| self.load(found)).filter(counts).collect())
    }

    /// Records a run that is about to write `changes`. Once this returns, the record is on the disk.
    pub fn begin(&self, version: &str, command: &str, changes: &[Change<'_>]) -> io::Result<Run> {
        let root = self.state.prepared()?.join(RUNS);
        refuse_link(&root)?;
        make_private(&root)?;
        let draft = Builder::new().prefix(UNFINISHED).tempdir_in(&root)?;
        let token = sha256_hex(draft.path().as_os_str().as_encoded_bytes())[..12].to_owned();
        let mut files = Vec::with_capacity(changes.len());
        let mut before = File::create(draft.path().join(BEFORE))?;
        let mut at = 0;
        for change in changes {
            before.write_all(change.before)?;
            let length = change.before.len() as u64;
            files.push(FileRecord {
                path: change.path.to_owned(),
                before: sha256_hex(change.before),
                after: sha256_hex(change.after),
                at,
                length,
            });
            at += length;
        }
        before.sync_all()?;
        drop(before);
        let mut run = Run {
            number: 0,
            time: SystemTime::now(),
            version: version.to_owned(),
            command: command.to_owned(),
            state: RunState::Writing,
            files,
            token,
            folder: draft.path().to_owned(),
        };
        self.store(&run)?;
        let last = self.folders()?.first().map_or(0, |(number, _)| *number);
        (run.number, run.folder) = numbered(draft.path(), &root, last + 1)?;
        sync_folder(&root);
        self.prune(&root);
        Ok(run)
    }

    /// Notes where a run stands.
    pub fn mark(&self, run: &mut Run, state: RunState) -> io::Result<()> {
        run.state = state;
        self.store(run)
    }

    /// Leaves only those files of a run that `keep` tells to have been written; without any it is forgotten.
    pub fn settle(&self, mut run: Run, keep: impl Fn(usize) -> bool) -> io::Result<Option<Run>> {
        let mut index = 0..;
        run.files.retain(|_| index.next().is_some_and(&keep));
        if run.files.is_empty() {
            fs::remove_dir_all(&run.folder)?;
            return Ok(None);
        }
        self.mark(&mut run, RunState::Written)?;
        Ok(Some(run))
    }

    /// Removes the drafts that runs left behind which were killed.
    pub fn sweep(&self) {
        for run in self.runs().into_iter().flatten() {
            if matches!(run.state, RunState::Writing | RunState::TakingBack) {
                run.folders().into_iter().for_each(|folder| run.drafts().sweep(folder));
            }
        }
    }

    /// For each file the digest of what the last run wrote to it, of those of `runs` that were not taken back. The last
    /// run has to come first.
    pub fn last_written(runs: &[Run]) -> BTreeMap<&Path, &str> {
        let mut last = BTreeMap::new();
        for run in runs.iter().filter(|run| run.state != RunState::Undone) {
            for file in &run.files {
                last.entry(file.path.as_path()).or_insert(file.after.as_str());
            }
        }
        last
    }

    /// The folders of records with their numbers, the last one first. What is no folder itself is none of ours.
    fn folders(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let root = self.state.file(RUNS);
        refuse_link(self.state.folder())?;
        refuse_link(&root)?;
        let entries = match open_folder(&root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            let number = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
            if let Some(number) = number.filter(|_| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
                found.push((u64::from(number), entry.path()));
            }
        }
        found.sort_by_key(|(number, _)| Reverse(*number));
        Ok(found)
    }

    fn load(&self, (number, folder): (u64, PathBuf)) -> Option<Run> {
        let stored: Stored = serde_json::from_slice(&read_regular(&folder.join(RECORD)).ok()??).ok()?;
        if stored.schema != SCHEMA {
            return None;
        }
        // It is part of the names of drafts.
        if stored.token.is_empty() || !stored.token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let path = |stored: StoredPath| {
            let path = match stored {
                StoredPath::Text(text) => PathBuf::from(text),
                StoredPath::Raw(raw) => PathBuf::from(raw),
            };
            let is_root = |part: &Component<'_>| matches!(part, Component::Prefix(_) | Component::RootDir);
            let below_root: PathBuf = path.components().filter(|part| !is_root(part)).collect();
            is_below(&below_root).then(|| self.state.base().join(path))
        };
        let files = stored.files.into_iter().map(|file| {
            Some(FileRecord {
                path: path(file.path)?,
                before: file.before,
                after: file.after,
                at: file.at,
                length: file.length,
            })
        });
        Some(Run {
            number,
            time: UNIX_EPOCH.checked_add(Duration::from_secs(stored.time))?,
            version: stored.version,
            command: stored.command,
            state: stored.state,
            files: files.collect::<Option<_>>()?,
            token: stored.token,
            folder,
        })
    }

    fn store(&self, run: &Run) -> io::Result<()> {
        let path = |path: &Path| {
            let path = path.strip_prefix(self.state.base()).unwrap_or(path);
            match path.to_str() {
                Some(text) => StoredPath::Text(text.to_owned()),
                None => StoredPath::Raw(path.as_os_str().to_owned()),
            }
        };
        let files = run.files.iter().map(|file| StoredFile {
            path: path(&file.path),
            before: file.before.clone(),
            after: file.after.clone(),
            at: file.at,
            length: file.length,
        });
        let stored = Stored {
            schema: SCHEMA,
            time: run.time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            version: run.version.clone(),
            command: run.command.clone(),
            token: run.token.clone(),
            state: run.state,
            files: files.collect(),
        };
        let mut bytes = serde_json::to_vec_pretty(&stored)?;
        bytes.push(b'\n');
        if bytes.len() as u64 > MOST {
            return Err(io::Error::new(ErrorKind::FileTooLarge, "too many files for one record"));
        }
        write_private(&run.folder.join(RECORD), &bytes)
    }

    /// Removes the oldest records beyond those that are kept, and what runs left that were killed while they recorded.
    /// Failing at that harms nothing.
    fn prune(&self, root: &Path) {
        let is_file = |path: &Path| path.symlink_metadata().is_ok_and(|found| found.is_file());
        for (_, folder) in self.folders().unwrap_or_default().into_iter().skip(RUNS_KEPT) {
            if is_file(&folder.join(RECORD)) && is_file(&folder.join(BEFORE)) {
                let _ = fs::remove_dir_all(folder);
            }
        }
        // A record is made within seconds; another run may be at that right now.
        let old = |entry: &fs::DirEntry| {
            let modified = entry.metadata().and_then(|metadata| metadata.modified()).ok();
            modified.and_then(|time| time.elapsed().ok()).is_some_and(|age| age > Duration::from_secs(3600))
        };
        for entry in open_folder(root).into_iter().flatten().flatten() {
            let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(UNFINISHED))
                && entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_ours && old(&entry) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

impl Run {
    /// The bytes that a file of this run held before it, as recorded.
    pub fn before(&self, file: &FileRecord) -> Result<Vec<u8>, RecordError> {
        let all = self.folder.join(BEFORE);
        // What was rewritten was a template; and what is no file, such as a pipe, could keep the reader waiting.
        if !all.symlink_metadata()?.is_file() || file.length > MAX_BYTES as u64 {
            return Err(RecordError::Damaged);
        }
        let mut all = File::open(all)?;
        all.seek(SeekFrom::Start(file.at))?;
        let mut bytes = Vec::new();
        all.take(file.length).read_to_end(&mut bytes)?;
        if sha256_hex(&bytes) == file.before { Ok(bytes) } else { Err(RecordError::Damaged) }
    }

    /// Whether all of its files lie below the directory `root`, without a link on the way, and none of them in a git
    /// directory. A record in a repository may have been made by whoever made the repository, to have other files
    /// written over.
    pub fn stays_within(&self, root: &Path) -> bool {
        self.files.iter().all(|file| {
            let Ok(below) = file.path.strip_prefix(root) else { return false };
            let on_the_way = below.ancestors().filter(|part| !part.as_os_str().is_empty());
            is_below(below) && !on_the_way.map(|part| root.join(part)).any(|part| part.is_symlink())
        })
    }

    /// The owner of the drafts of this run.
    pub(super) fn drafts(&self) -> DraftOf<'_> {
        DraftOf(&self.token)
    }

    /// The folders of its files, each once.
    pub(super) fn folders(&self) -> BTreeSet<&Path> {
        self.files.iter().filter_map(|file| file.path.parent()).collect()
    }
}

/// Gives a finished record the first free number from `number` on.
fn numbered(draft: &Path, root: &Path, mut number: u64) -> io::Result<(u64, PathBuf)> {
    loop {
        let folder = root.join(number.to_string());
        match fs::rename(draft, &folder) {
            Ok(()) => return Ok((number, folder)),
            // Another run took the number in between; a folder that is not empty cannot be renamed over.
            Err(_) if folder.symlink_metadata().is_ok() => number += 1,
            Err(error) => return Err(error),
        }
    }
}

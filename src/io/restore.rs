//! The way back from a recorded run: which of its files still hold what the run wrote, and giving those their earlier
//! bytes. A file that holds anything else is never touched.

use super::batch::Pause;
use super::journal::{FileRecord, Journal, RecordError, Run, RunState};
use super::read::{ReadError, read};
use super::stop::{Signal, Stop};
use super::write::{WriteError, replace, sync_folder, writable};
use crate::report::sha256_hex;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use thiserror::Error;

/// A file of a run as it is found, and what can be done about it.
#[derive(Debug)]
pub struct Lookback {
    /// The file itself, an absolute path.
    pub path: PathBuf,
    /// What taking the run back means for it.
    pub way: Way,
}

/// What taking a run back means for one file.
#[derive(Debug)]
pub enum Way {
    /// It holds what the run wrote, and can hold again what it held before.
    Back {
        /// What it holds.
        now: Vec<u8>,
        /// What it held before the run.
        before: Vec<u8>,
    },
    /// It holds already what it held before the run.
    Already,
    /// It has to stay as it is.
    Stays(Refused),
}

/// Why a file was not taken back; it holds what it held.
#[derive(Debug, Error)]
pub enum Refused {
    /// There is nothing at its path.
    #[error("is not there any more")]
    Vanished,
    /// There is a link at its path, which there was not.
    #[error("is a link now")]
    Link,
    /// Somebody changed it after the run.
    #[error("changed since that run wrote it")]
    Changed,
    /// A later run wrote it.
    #[error("was written again by run {0}")]
    WrittenLater(u64),
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// What it held before is not known.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// It cannot be written.
    #[error(transparent)]
    Unwritable(#[from] WriteError),
}

impl Refused {
    /// Whether the file can be taken back later, for all that is known.
    fn may_pass(&self) -> bool {
        match self {
            Self::WrittenLater(_) | Self::Unreadable(ReadError::Io(_)) | Self::Record(RecordError::Io(_)) => {
                true
            }
            Self::Unwritable(error) => may_pass(error),
            Self::Vanished | Self::Link | Self::Changed | Self::Unreadable(_) | Self::Record(_) => false,
        }
    }
}

/// Whether a file that could not be written can be so later, when somebody has made space or given the right to.
fn may_pass(error: &WriteError) -> bool {
    matches!(error, WriteError::ReadOnly | WriteError::HardLinked(_) | WriteError::Io(_))
}

/// What became of taking back a run.
#[derive(Debug)]
pub struct Undone {
    /// One for each file found, in their order: why one that could be taken back was not. `Ok(false)` for one that was
    /// not touched, be it that it had to stay or that we were asked to stop.
    pub outcomes: Vec<Result<bool, WriteError>>,
    /// Who asked to stop meanwhile.
    pub stopped: Option<Signal>,
    /// Why the record could not be brought up to date. It still tells the way back.
    pub unmarked: Option<io::Error>,
}

/// Looks at every file of a run, `runs` being all that are recorded. Changes nothing.
pub fn look_back(runs: &[Run], run: &Run) -> Vec<Lookback> {
    let way = |file: &FileRecord| match way_back(runs, run, file) {
        Ok(way) => way,
        Err(refused) => Way::Stays(refused),
    };
    run.files.iter().map(|file| Lookback { path: file.path.clone(), way: way(file) }).collect()
}

fn way_back(runs: &[Run], run: &Run, file: &FileRecord) -> Result<Way, Refused> {
    let there = match fs::symlink_metadata(&file.path) {
        Ok(there) => there,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Err(Refused::Vanished);
        }
        Err(error) => return Err(ReadError::from(error).into()),
    };
    // Through a link the bytes would land in a file that the run never saw.
    if there.is_symlink() {
        return Err(Refused::Link);
    }
    if !there.is_file() {
        return Err(WriteError::NotRegular.into());
    }
    let now = read(&file.path)?;
    let digest = sha256_hex(&now);
    if digest == file.before {
        return Ok(Way::Already);
    }
    if digest != file.after {
        let later = |other: &&Run| {
            let wrote = |theirs: &FileRecord| theirs.path == file.path && theirs.after == digest;
            other.number > run.number && other.state != RunState::Undone && other.files.iter().any(wrote)
        };
        let later = runs.iter().find(later);
        return Err(later.map_or(Refused::Changed, |later| Refused::WrittenLater(later.number)));
    }
    writable(&there)?;
    Ok(Way::Back { now, before: run.before(file)? })
}

/// Gives every file of `run` that can be taken back its earlier bytes, each in one step, and notes that in the record.
/// Fails, with nothing written, if the record cannot be changed.
pub fn take_back(journal: &Journal, mut run: Run, found: &[Lookback], pause: Pause) -> io::Result<Undone> {
    let _turn = journal.turn()?;
    let now = journal.runs()?.into_iter().find(|now| now.number == run.number).map(|now| now.state);
    // What was found is no longer so where the run has ended, or was taken back, while this one waited.
    if now != Some(run.state) {
        return Err(io::Error::other(format!("run {} has gone on meanwhile", run.number)));
    }
    journal.sweep();
    let stop = Stop::listen()?;
    let state = run.state;
    journal.mark(&mut run, RunState::TakingBack)?;
    let mut outcomes = Vec::with_capacity(found.len());
    for file in found {
        outcomes.push(match &file.way {
            Way::Back { now, before } if pause.asked(&stop).is_none() => {
                replace(&file.path, now, before, run.drafts()).map(|()| true)
            }
            _ => Ok(false),
        });
    }
    run.folders().into_iter().for_each(sync_folder);
    let stopped = pause.asked(&stop);
    let restored = outcomes.iter().any(|outcome| matches!(outcome, Ok(true)));
    let nothing_left = found.iter().all(|file| matches!(file.way, Way::Already));
    let open = found.iter().zip(&outcomes).any(|(file, outcome)| match (&file.way, outcome) {
        (_, Err(error)) => may_pass(error),
        (Way::Stays(refused), Ok(_)) => refused.may_pass(),
        (_, Ok(_)) => false,
    });
    let state = match stopped {
        // What is left can be taken back next time.
        Some(_) => state,
        None if open && restored => RunState::TakingBack,
        None if open => state,
        None if restored || nothing_left => RunState::Undone,
        None => state,
    };
    let unmarked = journal.mark(&mut run, state).err();
    Ok(Undone { outcomes, stopped, unmarked })
}

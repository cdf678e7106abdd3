//! Writing the files of a run: recorded first, then one after the other, each in one step, until all are done or
//! somebody asks to stop. What fails for one file stops no other.

use super::journal::{Change, Journal, Run};
use super::stop::{Signal, Stop};
use super::write::{WriteError, replace, sync_folder};
use std::io;
use thiserror::Error;

/// What became of one file.
#[derive(Debug)]
pub enum Outcome {
    /// It holds the new bytes.
    Written,
    /// It was not reached before we were asked to stop.
    NotReached,
    /// It holds what it held.
    Failed(WriteError),
}

/// Where being asked to stop is heeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Behind each file.
    BetweenFiles,
    /// Behind the last one: they belong together.
    AtTheEnd,
}

impl Pause {
    /// Who asked to stop, if that is heeded now.
    pub(super) fn asked(self, stop: &Stop) -> Option<Signal> {
        stop.asked().filter(|_| self == Self::BetweenFiles)
    }
}

/// What became of a run.
#[derive(Debug)]
pub struct Batch {
    /// One for each change, in their order.
    pub outcomes: Vec<Outcome>,
    /// Who asked to stop meanwhile.
    pub stopped: Option<Signal>,
    /// The record; `None` if nothing was written.
    pub run: Option<Run>,
    /// Why the record could not be brought up to date. There is a way back all the same.
    pub unmarked: Option<io::Error>,
}

/// Nothing was written, since what cannot be recorded could not be taken back.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct Unrecorded(#[from] pub io::Error);

/// Writes the changes under a record of `journal`.
pub fn write_all(
    journal: &Journal,
    version: &str,
    command: &str,
    changes: &[Change<'_>],
    pause: Pause,
) -> Result<Batch, Unrecorded> {
    let _turn = journal.turn()?;
    journal.sweep();
    // From here on a signal ends nothing half done, the record included.
    let stop = Stop::listen()?;
    let run = journal.begin(version, command, changes)?;
    let outcomes: Vec<Outcome> = changes
        .iter()
        .map(|change| match pause.asked(&stop) {
            Some(_) => Outcome::NotReached,
            None => match replace(change.path, change.before, change.after, run.drafts()) {
                Ok(()) => Outcome::Written,
                Err(error) => Outcome::Failed(error),
            },
        })
        .collect();
    run.folders().into_iter().for_each(sync_folder);
    let written = |index: usize| matches!(outcomes.get(index), Some(Outcome::Written));
    let (run, unmarked) = match journal.settle(run.clone(), written) {
        Ok(settled) => (settled, None),
        Err(error) => (Some(run), Some(error)),
    };
    Ok(Batch { outcomes, stopped: stop.asked(), run, unmarked })
}

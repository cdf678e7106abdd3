//! A file that grows by whole lines, and that one process has at a time. Whoever is killed while adding a line leaves at most a
//! piece of one behind, which goes when the file is opened again.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use thiserror::Error;

/// How long a lock is waited for.
const MOMENT: Duration = Duration::from_millis(500);

/// A file that grows by whole lines. Locked while it is open.
#[derive(Debug)]
pub struct LineFile {
    file: File,
    /// How much of it is whole lines.
    whole: u64,
}

/// Why such a file cannot be had.
#[derive(Debug, Error)]
pub enum LineFileError {
    /// Another process has it.
    #[error("another run is at work there")]
    Taken,
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl LineFile {
    /// Opens the file at `path`, made if it is not there, and gives what it holds: whole lines only.
    pub fn open(path: &Path) -> Result<(Self, String), LineFileError> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        lock(&file, MOMENT)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        bytes.truncate(whole);
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        let text =
            String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        Ok((Self { file, whole: whole as u64 }, text))
    }

    /// Takes out all lines.
    pub fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.whole = 0;
        Ok(())
    }

    /// Adds a line, given without its end. One that does not fit is not begun.
    pub fn add(&mut self, line: &str) -> io::Result<()> {
        let line = format!("{line}\n");
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            // Whoever adds the next line must not add it to a piece of this one.
            self.file.set_len(self.whole)?;
            self.file.seek(SeekFrom::End(0))?;
            return Err(error);
        }
        self.whole += line.len() as u64;
        Ok(())
    }
}

/// Locks a file that another process may have for as long as `patience`. A process that was killed while it started another
/// one has left it the lock until that one has begun, so that a moment has to be waited for in any case.
pub(super) fn lock(file: &File, patience: Duration) -> Result<(), LineFileError> {
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if start.elapsed() < patience => thread::sleep(MOMENT / 20),
            Err(TryLockError::WouldBlock) => return Err(LineFileError::Taken),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_and_a_torn_one_goes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("l");
        let (mut file, text) = LineFile::open(&path).unwrap();
        assert_eq!(text, "");
        file.add("a").unwrap();
        assert!(matches!(LineFile::open(&path), Err(LineFileError::Taken)));
        drop(file);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"to").unwrap();
        let (mut file, text) = LineFile::open(&path).unwrap();
        assert_eq!(text, "a\n");
        file.add("b").unwrap();
        drop(file);
        let (mut file, text) = LineFile::open(&path).unwrap();
        assert_eq!(text, "a\nb\n");
        file.clear().unwrap();
        file.add("c").unwrap();
        drop(file);
        assert_eq!(LineFile::open(&path).unwrap().1, "c\n");
    }
}

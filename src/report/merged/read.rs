//! Reading back what runs have written: a report as one document or in lines, and rows in lines. One repository after the
//! other is held in memory. Whatever stands in an input is somebody else's: its size is bounded, and what cannot be read is
//! told with its line while the rest is read.

use super::peek::{Piece, understand};
use super::record::RunRecord;
use super::row::Row;
use std::io::{BufRead, Read};
use thiserror::Error;

/// Most bytes of a document, of a line, and of all lines of one run: far more than any run over one repository writes.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// What an input tells of one repository.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// A row of `results.jsonl`.
    Row(Box<Row>),
    /// A whole run report.
    Run(Box<RunRecord>),
}

/// What is read, and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What is told.
    pub told: Told,
    /// Offset of its first byte; a reader that starts there finds it again.
    pub offset: u64,
}

/// Something that cannot be read.
#[derive(Debug, Error)]
#[error("{what}")]
pub struct Flaw {
    /// The line, from 1.
    pub line: u64,
    /// Why.
    pub what: FlawKind,
}

impl Flaw {
    /// Whether it is only what a killed run leaves behind, and nothing that was finished is lost.
    pub fn is_torn(&self) -> bool {
        matches!(self.what, FlawKind::Torn)
    }
}

/// Why something cannot be read.
#[derive(Debug, Error)]
pub enum FlawKind {
    /// No JSON, or not of the shape of a report.
    #[error("cannot be read as a report: {0}")]
    Malformed(String),
    /// JSON, but something else.
    #[error("is no report of a run and no row of one")]
    Foreign,
    /// Written by a version that is not born yet.
    #[error("has schema {found}, and this version of samwire reads {known}")]
    Newer {
        /// What the report says.
        found: u64,
        /// The newest that is known.
        known: u32,
    },
    /// More than a report can ever hold.
    #[error("is larger than the limit of {} MiB", MAX_BYTES / (1024 * 1024))]
    TooLarge,
    /// The last line was not finished.
    #[error("the last line is torn and passed over: its run was stopped while it was written")]
    Torn,
    /// Lines of a run without the last one.
    #[error("ends before the summary of the run")]
    CutOff,
    /// The operating system refused.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// Where a reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is read yet: the input may be one document or lines.
    Start,
    /// Within lines.
    Lines,
    /// At the end.
    Done,
}

/// The lines of a run that is not finished yet.
#[derive(Debug)]
struct Open {
    run: Box<RunRecord>,
    line: u64,
    offset: u64,
    bytes: usize,
}

/// What one input tells, one repository after the other.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    state: State,
    line: u64,
    offset: u64,
    open: Option<Open>,
    /// Whether the line before could not be read: of several in a row only the first is told.
    lost: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads one document, or lines; which of them is told by the first line.
    pub fn new(input: R) -> Self {
        Self { input, state: State::Start, line: 0, offset: 0, open: None, lost: false }
    }

    /// Reads lines, as a file does that is called so: of a single one that is not finished it is known what it is.
    pub fn of_lines(input: R) -> Self {
        Self { state: State::Lines, ..Self::new(input) }
    }

    /// The next line with its end, or nothing at the end of the input.
    fn line(&mut self) -> Result<Option<Vec<u8>>, FlawKind> {
        let mut bytes = Vec::new();
        (&mut self.input).take(MAX_BYTES as u64 + 1).read_until(b'\n', &mut bytes)?;
        self.line += 1;
        if bytes.len() > MAX_BYTES {
            return Err(FlawKind::TooLarge);
        }
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    /// The whole input as one document, of which the first line is read.
    fn document(&mut self, mut bytes: Vec<u8>) -> Result<Found, Flaw> {
        self.state = State::Done;
        let flaw = |what: FlawKind| Flaw { line: 1, what };
        let room = (MAX_BYTES + 1).saturating_sub(bytes.len());
        (&mut self.input).take(room as u64).read_to_end(&mut bytes).map_err(|error| flaw(error.into()))?;
        if bytes.len() > MAX_BYTES {
            return Err(flaw(FlawKind::TooLarge));
        }
        match understand(&bytes) {
            Ok(Piece::Row(row)) => Ok(Found { told: Told::Row(row), offset: 0 }),
            Ok(Piece::Run(run)) => Ok(Found { told: Told::Run(run), offset: 0 }),
            Ok(_) => Err(flaw(FlawKind::CutOff)),
            Err(error) => Err(Flaw { line: error.line, what: error.what }),
        }
    }

    /// What a piece comes to; nothing where it is a part of something that goes on.
    fn take(&mut self, piece: Piece, offset: u64, bytes: usize) -> Option<Result<Found, Flaw>> {
        let cut_off = |open: Open| Flaw { line: open.line, what: FlawKind::CutOff };
        match piece {
            Piece::Row(row) => Some(Ok(Found { told: Told::Row(row), offset })),
            Piece::Run(run) => Some(Ok(Found { told: Told::Run(run), offset })),
            Piece::Head(run) => {
                self.open.replace(Open { run, line: self.line, offset, bytes }).map(|open| Err(cut_off(open)))
            }
            Piece::File(file) => {
                let Some(open) = &mut self.open else {
                    return Some(Err(Flaw { line: self.line, what: FlawKind::Foreign }));
                };
                open.bytes = open.bytes.saturating_add(bytes);
                if open.bytes > MAX_BYTES {
                    self.open = None;
                    return Some(Err(Flaw { line: self.line, what: FlawKind::TooLarge }));
                }
                open.run.files.push(*file);
                None
            }
            Piece::Tail(tail) => {
                let Some(mut open) = self.open.take() else {
                    return Some(Err(Flaw { line: self.line, what: FlawKind::Foreign }));
                };
                open.run.deployer_actions = tail.deployer_actions;
                open.run.summary = tail.summary;
                open.run.exit = tail.exit;
                Some(Ok(Found { told: Told::Run(open.run), offset: open.offset }))
            }
        }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Found, Flaw>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.state != State::Done {
            let read = self.line();
            let flaw = |line: u64, what: FlawKind| Some(Err(Flaw { line, what }));
            let bytes = match read {
                Ok(Some(bytes)) => bytes,
                Ok(None) => {
                    self.state = State::Done;
                    return self.open.take().and_then(|open| flaw(open.line, FlawKind::CutOff));
                }
                Err(what) => {
                    self.state = State::Done;
                    return flaw(self.line, what);
                }
            };
            let offset = self.offset;
            self.offset += bytes.len() as u64;
            let whole = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            let text = whole.trim_ascii();
            if text.is_empty() {
                continue;
            }
            let start = std::mem::replace(&mut self.state, State::Lines) == State::Start;
            let unfinished = !bytes.ends_with(b"\n");
            match understand(text) {
                Ok(piece) => {
                    self.lost = false;
                    if let Some(found) = self.take(piece, offset, bytes.len()) {
                        return Some(found);
                    }
                }
                Err(error) if error.is_unfinished && start => return Some(self.document(whole.to_vec())),
                Err(_) if unfinished && !start => {
                    self.state = State::Done;
                    // Lines of a run that lost their end are more than a torn line.
                    let cut_off =
                        self.open.take().map(|open| Flaw { line: open.line, what: FlawKind::CutOff });
                    return Some(Err(cut_off.unwrap_or(Flaw { line: self.line, what: FlawKind::Torn })));
                }
                Err(error) => {
                    self.open = None;
                    if !std::mem::replace(&mut self.lost, true) {
                        return flaw(self.line, error.what);
                    }
                }
            }
        }
        None
    }
}

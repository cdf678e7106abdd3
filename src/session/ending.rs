//! How a session ends.

use super::console::Ended;
use super::screen::made;
use crate::text::Source;

/// A file and the text that it is to have.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// Number of the desk.
    pub desk: usize,
    /// The file as it was read.
    pub before: Source,
    /// The text that is to be written.
    pub after: String,
    /// How many rewrites that are.
    pub rewrites: usize,
    /// How many comments that ignore a rewrite come with them.
    pub comments: usize,
}

impl Replacement {
    /// What is new in the text, counted.
    pub fn in_words(&self) -> String {
        made(self.rewrites, self.comments)
    }
}

/// How a session ended.
#[derive(Debug, Clone)]
pub enum Ending {
    /// Everything was shown and confirmed: these files are to be written.
    Write(Vec<Replacement>),
    /// Everything is answered, and nothing is to be written.
    Nothing,
    /// The person left; nothing is to be written.
    Quit,
    /// The conversation broke off; nothing is to be written.
    Ended(Ended),
}

//! The trait between the session and whoever answers: a terminal, or a script of a test.

use super::key::Key;
use crate::report::Paint;

/// How large the screen is, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Characters in a line.
    pub columns: usize,
    /// Lines.
    pub rows: usize,
}

/// Why a conversation is over before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The person broke it off.
    Interrupted,
    /// There is nobody left: the input is at its end, or the terminal is gone.
    Closed(String),
}

/// What came back from an editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// A text.
    Text(String),
    /// The editor was left without saving.
    Unsaved,
    /// The editor could not be started, or ended with an error.
    Failed(String),
}

/// Whoever is talked to. Nothing that is shown is kept, and nothing is written to a file of the project.
pub trait Console {
    /// The size now; it can change between questions.
    fn size(&self) -> Size;

    /// How words are coloured.
    fn paint(&self) -> Paint;

    /// Shows a text.
    fn show(&mut self, text: &str) -> Result<(), Ended>;

    /// Shows a text that may be longer than the screen, where possible such that it can be scrolled.
    fn page(&mut self, text: &str) -> Result<(), Ended>;

    /// Asks for one key.
    fn key(&mut self, prompt: &str) -> Result<Key, Ended>;

    /// Asks for yes or no.
    fn confirm(&mut self, prompt: &str, default: bool) -> Result<bool, Ended>;

    /// Asks for a line of text; an empty one is nothing.
    fn line(&mut self, prompt: &str) -> Result<String, Ended>;

    /// Lets the person edit a text; `extension` tells editors what it is, such as `.yaml`.
    fn edit(&mut self, text: &str, extension: &str) -> Result<Edited, Ended>;
}

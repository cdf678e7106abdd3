//! Errors in three parts: what happened, why, and what to do about it.

use super::escape::{escaped, portable};
use super::paint::Paint;
use crate::text::Position;
use std::io::{self, Write};
use std::path::Path;

/// Why a file could not be done, or a run not be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable id, such as `syntax`.
    pub id: &'static str,
    /// The place within the file, where there is one.
    pub at: Option<Position>,
    /// What happened, in one line without a full stop.
    pub what: String,
    /// What it is about, one a line, where that is more than one file.
    pub list: Vec<String>,
    /// Why that stops us, where it is not plain from what happened.
    pub why: Option<&'static str>,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// A problem without a place.
    pub fn new(id: &'static str, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { id, at: None, what: what.into(), list: Vec::new(), why: None, help: Some(help.into()) }
    }

    /// The same problem with the reason why it stops us.
    #[must_use]
    pub fn because(self, why: &'static str) -> Self {
        Self { why: Some(why), ..self }
    }

    /// Writes the problem as an error about the file at `path`, if it is about one.
    pub fn write(&self, out: &mut dyn Write, paint: Paint, path: Option<&Path>) -> io::Result<()> {
        write!(out, "{} ", paint.removed("error:"))?;
        if let Some(path) = path {
            write!(out, "{}:", escaped(&portable(path)))?;
            if let Some(at) = self.at {
                write!(out, "{}:{}:", at.line, at.column)?;
            }
            write!(out, " ")?;
        }
        writeln!(out, "{}", escaped(&self.what))?;
        for item in &self.list {
            writeln!(out, "  {}", escaped(item))?;
        }
        if let Some(why) = self.why {
            writeln!(out, "  {} {why}", paint.mark("why: "))?;
        }
        if let Some(help) = &self.help {
            writeln!(out, "  {} {}", paint.mark("help:"), escaped(help))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_clickable_and_the_remedy_follows() {
        let problem = Problem {
            id: "syntax",
            at: Some(Position { line: 3, column: 7 }),
            what: "bad \u{1b}[0m indent".into(),
            list: vec!["one".into(), "two".into()],
            why: Some("it could mean two things"),
            help: Some("indent by spaces".into()),
        };
        let mut out = Vec::new();
        problem.write(&mut out, Paint::PLAIN, Some(Path::new("a/t.yaml"))).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "error: a/t.yaml:3:7: bad \\u{1b}[0m indent\n  one\n  two\n  why:  it could mean two things\n  help: indent by spaces\n"
        );
    }
}

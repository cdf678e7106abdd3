//! What is wrong with definitions, with the file, the place and the mend. Knows no definition itself.

use crate::text::Position;
use std::fmt;

/// One thing wrong with a definition file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The name under which the file was given.
    pub file: String,
    /// The place, where it is known; line and column are 1-based.
    pub at: Option<Position>,
    /// What is wrong, as a sentence without a full stop.
    pub what: String,
    /// What mends it.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(at) = self.at {
            write!(f, ":{}:{}", at.line, at.column)?;
        }
        write!(f, ": {}", self.what)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

/// Everything wrong with a set of definition files, by file and place. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogError {
    /// The problems.
    pub problems: Vec<Problem>,
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for CatalogError {}

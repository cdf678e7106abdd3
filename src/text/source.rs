//! One input file: its exact bytes and the facts about them that hold for the whole file. Refuses what
//! cannot be edited safely (not UTF-8, a NUL byte, too large); knows nothing of YAML structure.

use super::{LineIndex, Position, Span};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Largest file that is read, in bytes. CloudFormation takes templates of at most 1 MiB, so 16 MiB leaves
/// room for anything that could ever be deployed, and bounds memory.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

const BOM: &str = "\u{feff}";

/// The notation a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2, with CloudFormation's short tags.
    Yaml,
    /// JSON: the first character behind blanks is `{` or `[` and the name or content says JSON.
    Json,
}

/// A line ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newline {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
    /// A lone `\r`.
    Cr,
}

impl Newline {
    /// The bytes of this line ending.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
        }
    }
}

/// Why bytes are not taken as a source.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SourceError {
    /// The bytes are not valid UTF-8.
    #[error("not valid UTF-8 (line {}, column {})", .at.line, .at.column)]
    NotUtf8 {
        /// Place of the first bad byte.
        at: Position,
    },
    /// The text holds a NUL byte, at which parsers silently stop.
    #[error("holds a NUL byte (line {}, column {})", .at.line, .at.column)]
    Nul {
        /// Place of the first NUL.
        at: Position,
    },
    /// The file is larger than [`MAX_BYTES`].
    #[error("{bytes} bytes are more than the limit of {limit}")]
    TooLarge {
        /// Size of the file.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
}

/// A file's path and exact bytes. Invariant: valid UTF-8 without NUL, at most [`MAX_BYTES`] long.
#[derive(Debug, Clone)]
pub struct Source {
    path: PathBuf,
    text: String,
    lines: LineIndex,
    format: Format,
}

impl Source {
    /// Takes the bytes of the file at `path`; the path is only a name here, nothing is read.
    pub fn new(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Result<Self, SourceError> {
        if bytes.len() > MAX_BYTES {
            return Err(SourceError::TooLarge { bytes: bytes.len() as u64, limit: MAX_BYTES as u64 });
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let upto = error.utf8_error().valid_up_to();
            let valid = String::from_utf8_lossy(&error.as_bytes()[..upto]).into_owned();
            SourceError::NotUtf8 { at: LineIndex::new(&valid).position(&valid, upto as u32) }
        })?;
        let lines = LineIndex::new(&text);
        if let Some(at) = memchr::memchr(0, text.as_bytes()) {
            return Err(SourceError::Nul { at: lines.position(&text, at as u32) });
        }
        let path = path.into();
        let format = format_of(&path, &text);
        Ok(Self { path, text, lines, format })
    }

    /// The path under which the file was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text, a byte order mark included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Length of the byte order mark: 3 or 0.
    pub fn bom_len(&self) -> u32 {
        if self.text.starts_with(BOM) { BOM.len() as u32 } else { 0 }
    }

    /// The notation of the file.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The text of a span; the empty text for a span outside the source or inside a character.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The line table.
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        self.lines.position(&self.text, offset)
    }

    /// The line that holds `offset`, with its line break and without a byte order mark.
    pub fn line_at(&self, offset: u32) -> Span {
        let line = self.lines.line_of(offset);
        let end = self.lines.start_of(line + 1).unwrap_or(self.text.len() as u32);
        Span::new(self.lines.start_of(line).unwrap_or(end).max(self.bom_len()), end)
    }

    /// The line ending of the line that holds `offset`, or of the nearest line before it that has one, or
    /// of the first line; `\n` in a text without any.
    pub fn newline_at(&self, offset: u32) -> Newline {
        let bytes = self.text.as_bytes();
        let own = self.lines.line_of(offset);
        let ending = |line: usize| -> Option<Newline> {
            let next = self.lines.start_of(line + 1)? as usize;
            match (bytes.get(next.wrapping_sub(2)), bytes.get(next - 1)) {
                (Some(b'\r'), Some(b'\n')) => Some(Newline::CrLf),
                (_, Some(b'\n')) => Some(Newline::Lf),
                (_, Some(b'\r')) => Some(Newline::Cr),
                _ => None,
            }
        };
        ending(own).or_else(|| ending(own.checked_sub(1)?)).or_else(|| ending(0)).unwrap_or(Newline::Lf)
    }
}

/// JSON is told from YAML by its first character and its name: a `.json` file that starts like JSON, or any
/// file whose text starts with `{` followed by a quote or `}`.
fn format_of(path: &Path, text: &str) -> Format {
    let body = text.trim_start_matches(BOM).trim_start();
    let named_json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let mut chars = body.chars().filter(|c| !c.is_whitespace());
    let json = match chars.next() {
        Some('{') => named_json || matches!(chars.next(), Some('"' | '}')),
        Some('[') => named_json,
        _ => false,
    };
    if json { Format::Json } else { Format::Yaml }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("t.yaml", text.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn bad_utf8_and_nul_are_refused_with_their_place() {
        let error = Source::new("t.yaml", b"a: 1\nb: \xff".to_vec()).unwrap_err();
        assert_eq!(error, SourceError::NotUtf8 { at: Position { line: 2, column: 4 } });
        let error = Source::new("t.yaml", b"a: 1\nb: \0".to_vec()).unwrap_err();
        assert_eq!(error, SourceError::Nul { at: Position { line: 2, column: 4 } });
    }

    #[test]
    fn newline_is_that_of_the_place() {
        let s = source("a\r\nb\nc");
        assert_eq!(s.newline_at(0), Newline::CrLf);
        assert_eq!(s.newline_at(3), Newline::Lf);
        assert_eq!(s.newline_at(5), Newline::Lf);
        assert_eq!(source("x").newline_at(0), Newline::Lf);
    }

    #[test]
    fn a_placeholder_is_not_json() {
        assert_eq!(source("{{ cookiecutter.x }}").format(), Format::Yaml);
        assert_eq!(source("{\n \"a\": 1}").format(), Format::Json);
    }
}

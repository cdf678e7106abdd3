//! Bytes and places in them: sources, spans, lines and edits. Knows nothing of YAML, JSON or SAM.

mod edit;
mod source;
mod span;

pub use edit::{Edit, EditError, EditSet};
pub use source::{Format, MAX_BYTES, Newline, Source, SourceError};
pub use span::{LineIndex, Position, Span};

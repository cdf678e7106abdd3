//! Why a text is not taken as a document. Each error has a place and splits into what is wrong, why that
//! matters and what helps, so that every report can phrase it its own way.

use crate::text::Position;
use thiserror::Error;

/// Deepest nesting of collections that is parsed. Real templates stay below 30; the limit keeps every walk
/// over a tree within the stack.
pub const MAX_DEPTH: usize = 128;

/// Largest number of nodes of a tree. A template of CloudFormation's size limit, 1 MiB, holds at most half as
/// many; the limit bounds memory.
pub const MAX_NODES: usize = 1_000_000;

/// Why a text is not taken as a document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {}, column {}: {}", .at.line, .at.column, .reason)]
pub struct SyntaxError {
    /// Where.
    pub at: Position,
    /// Why.
    pub reason: Reason,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// The YAML parser refuses the text.
    #[error("not valid YAML: {0}")]
    NotYaml(String),
    /// The text looks like JSON and is not.
    #[error("not valid JSON: {0}")]
    NotJson(String),
    /// The text holds placeholders of a template engine (`{{ … }}`, `{% … %}`) and is no YAML without it.
    #[error("holds placeholders of a template engine, so it is not YAML yet")]
    Placeholders,
    /// The text holds more than one YAML document.
    #[error("holds a second YAML document")]
    MultipleDocuments,
    /// Collections are nested deeper than [`MAX_DEPTH`].
    #[error("nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// The text has more than [`MAX_NODES`] nodes.
    #[error("holds more than {MAX_NODES} nodes")]
    TooManyNodes,
    /// An alias stands inside the node that it stands for.
    #[error("an alias stands inside of what it stands for")]
    SelfReference,
    /// The text is valid, but its bytes could not be matched with what the parser read, so that an edit might hit
    /// the wrong place.
    #[error("cannot be edited safely: {0} is not where the parser saw it")]
    Unexplained(&'static str),
}

impl SyntaxError {
    /// What is wrong, as a sentence without a full stop.
    pub fn what(&self) -> String {
        self.reason.to_string()
    }

    /// Why the text cannot be taken.
    pub fn why(&self) -> &'static str {
        match self.reason {
            Reason::NotYaml(_) | Reason::NotJson(_) => "an edit of a broken text could change what it means",
            Reason::Placeholders => "what the placeholders expand to decides what the template means",
            Reason::MultipleDocuments => "CloudFormation reads one document per file",
            Reason::TooDeep | Reason::TooManyNodes => "CloudFormation takes no template of this size",
            Reason::SelfReference => "such a value has no end",
            Reason::Unexplained(_) => "every edit rests on the exact place of each node",
        }
    }

    /// What the reader can do.
    pub fn help(&self) -> &'static str {
        match self.reason {
            Reason::NotYaml(_) => "correct the YAML at this place",
            Reason::NotJson(_) => {
                "correct the JSON at this place, or give the file a YAML name if it is YAML"
            }
            Reason::Placeholders => "expand the template first and run on the result",
            Reason::MultipleDocuments => "split the file into one file per document",
            Reason::TooDeep | Reason::TooManyNodes => "split the template",
            Reason::SelfReference => "write the value out in the place of the alias",
            Reason::Unexplained(_) => "write this place in a plainer way, and please report it",
        }
    }

    /// Whether the text is meant for a template engine, so that it is skipped rather than wrong.
    pub fn is_placeholders(&self) -> bool {
        self.reason == Reason::Placeholders
    }
}

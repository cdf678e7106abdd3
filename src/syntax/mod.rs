//! The lossless document layer: one tree of spans over YAML and JSON alike, and typed changes lowered to edits
//! of the original bytes. The parser supplies structure and values only; every span is proven by a lexer that
//! walks the text beside it. Knows nothing of SAM.

mod document;
mod error;
mod events;
mod lexer;
mod node;
mod parse;
mod route;
mod tree;

pub use document::Document;
pub use error::{MAX_DEPTH, MAX_NODES, Reason, SyntaxError};
pub use node::{Comment, DuplicateKey, Entry, Node, NodeId, NodeKind, ScalarStyle};
pub use route::{Component, Route};

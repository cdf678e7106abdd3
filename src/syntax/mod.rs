//! The lossless document layer: one tree of spans over YAML and JSON alike, and typed changes lowered to edits
//! of the original bytes. The parser supplies structure and values only; every span is proven by a lexer that
//! walks the text beside it. Knows nothing of SAM.

mod adapt;
mod assemble;
mod block_scalar;
mod change;
mod comments;
mod copy;
mod document;
mod emit;
mod emit_flow;
mod error;
mod events;
mod extent;
mod flow_scan;
mod fragment;
mod layout;
mod lexer;
mod lower_block;
mod lower_flow;
mod manner;
mod node;
mod parse;
mod route;
mod spell;
mod tree;

pub use change::{Change, ChangeError, Insertion, Place, Refusal, lower};
pub use document::{Document, Pairs};
pub use error::{MAX_DEPTH, MAX_NODES, Reason, SyntaxError};
pub use fragment::{Fragment, FragmentEntry};
pub use node::{Comment, DuplicateKey, Entry, Node, NodeId, NodeKind, ScalarStyle};
pub use route::{Component, Route};

//! samwire rewires AWS SAM templates: IAM policies into SAM Connectors and back, byte for byte, with a
//! proof of every permission that a rewrite adds, removes and keeps.
//!
//! The pipeline is a chain of pure functions: bytes → [`text::Source`] → document → template → grants →
//! plan → edits → verified bytes. Each module may import those before it in that order and nothing else.

pub mod analysis;
pub mod bulk;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod config;
pub mod iam;
pub mod io;
pub mod plan;
pub mod report;
pub mod session;
pub mod syntax;
pub mod template;
pub mod text;

//! The only file system and process calls of the tool: finding templates, reading them, replacing them atomically,
//! and asking git where a file belongs. Knows nothing of what a template means.

mod git;
mod place;
mod read;
mod walk;
mod write;

pub use git::{repository_name, work_tree_of};
pub use place::{DiffName, Surroundings};
pub use read::{NamedBytes, ReadError, UnreadableFile, mentions_sam, read, read_definitions, read_stdin};
pub use walk::{Candidate, Found, WalkProblem, find};
pub use write::{WriteError, replace, write_report};

//! The only file system and process calls of the tool: finding templates, reading them, replacing them atomically
//! under a record that tells the way back, and asking git where a file belongs. Knows nothing of what a template means.

mod batch;
mod git;
mod git_call;
mod git_changed;
mod git_status;
mod journal;
mod lines;
mod list;
mod place;
mod program;
mod read;
mod report_files;
mod repository;
mod restore;
mod revision;
mod state;
mod stop;
mod walk;
mod write;

pub use batch::{Batch, Outcome, Pause, Unrecorded, write_all};
pub use git::{is_in_work_tree, repository_name, work_tree_of};
pub use git_call::GitError;
pub use git_changed::{Since, changed};
pub use git_status::{Uncommitted, uncommitted};
pub use journal::{Change, FileRecord, Journal, RUNS_KEPT, RecordError, Run, RunState};
pub use lines::{LineFile, LineFileError};
pub use list::paths_in;
pub use place::{DiffName, Surroundings, real_path};
pub use program::{edit, page};
pub use read::{
    NamedBytes, ReadError, UnreadableFile, mentions_sam, read, read_definitions, read_stdin, size_of,
};
pub use report_files::{BelowError, Kept, is_below, open_below, open_report, reports_below};
pub use repository::{
    Branch, BranchNameError, CommitError, Committed, Contents, FileError, FileMode, FoundRepositories,
    FoundRepository, NewContent, Operation, Repository, RepositoryError, TemplateFile, Unwritable,
    check_branch_name, find_repositories,
};
pub use restore::{Lookback, Refused, Undone, Way, look_back, take_back};
pub use revision::{AtRevision, Below, Revision};
pub use state::StateDir;
pub use stop::{Signal, Stop, suspend};
pub use walk::{Candidate, Found, Search, WalkProblem, find};
pub use write::{
    WriteError, create, is_draft, make_folder, names_in, remove_report, salt, stream_report, sweep_drafts,
    write_report,
};

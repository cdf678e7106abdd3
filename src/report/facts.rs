//! What a run is, as far as no file of it knows.

use super::merged::RepoStatus;
use super::notice::Standing;
use super::whereabouts::Whereabouts;
use serde::Serialize;

/// Facts of a run that no file knows.
#[derive(Debug, Clone, Copy)]
pub struct RunFacts<'a> {
    /// Release of the tool.
    pub version: &'a str,
    /// Release of the definitions.
    pub transforms: &'a str,
    /// Name of the repository.
    pub repo: &'a str,
    /// Which way was rewritten.
    pub direction: &'a str,
    /// The step of a migration.
    pub phase: &'a str,
    /// Digest of the choices that can change a plan.
    pub config_digest: &'a str,
    /// What became of the repository as a whole; in a run over many only.
    pub repository: Option<RepositoryFacts<'a>>,
    /// Lines of context in diffs.
    pub context: usize,
    /// The exit code of the run.
    pub exit: u8,
    /// The last standing that makes the run fail; none where nothing does.
    pub fails_to: Option<Standing>,
    /// Whether only rewrites without any delta are within consent.
    pub strict: bool,
    /// Whether the rewrites within consent have been written.
    pub applied: bool,
    /// Whether to tell also what cannot be helped.
    pub everything: bool,
    /// Where the run takes place.
    pub whereabouts: Whereabouts<'a>,
}

/// What became of one repository in a run over many.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RepositoryFacts<'a> {
    /// Its path below the root of the run, made safe for file names.
    pub key: &'a str,
    /// The same path as it is.
    pub path: &'a str,
    /// What became of it.
    pub status: RepoStatus,
    /// Stable id of why it is skipped or failed.
    pub reason: Option<&'a str>,
    /// The same in words.
    pub message: Option<&'a str>,
    /// The commit that was looked at.
    pub base: Option<&'a str>,
    /// Whether its work tree holds changes that are not committed.
    pub dirty: bool,
    /// Whether its history is cut off.
    pub shallow: bool,
    /// The branch that was made.
    pub branch: Option<&'a str>,
    /// The commit that was made.
    pub commit: Option<&'a str>,
    /// Options of its config file that were not heeded.
    pub passed_over: &'a [String],
    /// Paths of its submodules, which are not looked into.
    pub submodules: &'a [String],
}

//! What a run is, as far as no file of it knows.

use super::notice::Standing;
use super::whereabouts::Whereabouts;

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

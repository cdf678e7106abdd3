//! The grammar of `bulk`.

use crate::bulk::Shard;
use crate::cli::args::{ColourArgs, ConfigArgs, EXIT, OUTPUT, RUN};
use crate::cli::choices::PlanArgs;
use crate::cli::values::{fail_on, number, positive};
use crate::config::FailOn;
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;

const REPOSITORIES: &str = "Repositories";
const WRITING: &str = "Writing";

/// What the end of the help shows.
pub(crate) const EXAMPLES: &str = "\
Examples:
  samwire bulk ~/src                                what would change, as patches and reports
  samwire bulk ~/src --write --branch samwire       a commit on a new branch of each
  samwire bulk ~/src --write --branch samwire --resume
                                                    goes on where it was stopped or killed
  samwire bulk ~/src --write --branch samwire --resume --retry-failed
                                                    and does again what failed";

/// Options of `bulk`.
#[derive(Debug, Args)]
pub(crate) struct BulkArgs {
    /// Directories below which git repositories are searched
    #[arg(value_name = "ROOT", required_unless_present = "repos")]
    pub(super) roots: Vec<PathBuf>,
    /// Take the repositories that FILE lists, one on each line or ended by NUL; `-` for standard input
    #[arg(long, value_name = "FILE", help_heading = REPOSITORIES)]
    pub(super) repos: Option<PathBuf>,
    /// Take only share I of N; each repository belongs to one, by its name alone
    #[arg(long, value_name = "I/N", help_heading = REPOSITORIES)]
    pub(super) shard: Option<Shard>,
    /// Heed also what the config file of a repository accepts
    ///
    /// Without it such a file can only narrow what is done: pass over profiles and places, be strict, choose a form.
    #[arg(long, help_heading = REPOSITORIES)]
    pub(super) trust_repo_config: bool,

    /// Write what is within consent
    ///
    /// Into the work tree, where the files at hand have no uncommitted changes; with --branch as a commit beside it.
    #[arg(long, help_heading = WRITING)]
    pub(super) write: bool,
    /// Commit on a new branch on top of HEAD, and leave work tree, index and HEAD as they are
    ///
    /// Without --write it is shown what the commit would hold.
    #[arg(long, value_name = "NAME", help_heading = WRITING)]
    pub(super) branch: Option<String>,
    /// Text of the commit message, in which {subject}, {summary}, {repo}, {files}, {rewrites} and {version} are replaced
    #[arg(long, value_name = "FILE", requires = "branch", help_heading = WRITING, hide_short_help = true)]
    pub(super) message: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) plan: PlanArgs,

    /// Where patches, reports and results.jsonl go
    #[arg(long, value_name = "DIR", default_value = "samwire-bulk", help_heading = OUTPUT)]
    pub(super) out: PathBuf,
    /// Go on with the run that DIR holds: only repositories that are not finished are done
    #[arg(long, help_heading = OUTPUT)]
    pub(super) resume: bool,
    /// With --resume: do again what failed
    #[arg(long, requires = "resume", help_heading = OUTPUT)]
    pub(super) retry_failed: bool,
    /// Unchanged lines around each change in a diff
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true, default_value_t = 3, help_heading = OUTPUT, hide_short_help = true)]
    pub(super) context: usize,
    #[command(flatten)]
    pub(super) colour: ColourArgs,
    /// Tell errors only
    #[arg(long, short, conflicts_with = "verbose", help_heading = OUTPUT)]
    pub(super) quiet: bool,
    /// Tell every repository in the table, also those with nothing to do
    #[arg(long, short, help_heading = OUTPUT)]
    pub(super) verbose: bool,
    /// Tell each finished repository on a line instead of drawing a bar
    #[arg(long, help_heading = OUTPUT, hide_short_help = true)]
    pub(super) no_progress: bool,

    /// Exit with 1 from here on: never, error, finding, held or skipped
    ///
    /// Without it only a repository or file that failed counts, with 3; `never` forgives that, too.
    #[arg(long, value_name = "LEVEL", value_parser = fail_on(), hide_possible_values = true, help_heading = EXIT)]
    pub(super) fail_on: Option<FailOn>,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Repositories looked at in parallel [default: one per processor]
    #[arg(long, short, value_name = "N", value_parser = positive, allow_negative_numbers = true, help_heading = RUN, hide_short_help = true)]
    pub(super) jobs: Option<NonZeroUsize>,
}

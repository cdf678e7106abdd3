//! The grammar of the command line and its help. Turns words into typed values; what these mean together is checked
//! elsewhere.

use super::choices::PlanArgs;
use super::values::{ColourWhen, ListFormat, fail_on, number, positive};
use crate::config::{FailOn, Output};
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use std::num::NonZeroUsize;
use std::path::PathBuf;

pub(super) const CONSENT: &str = "Consent";
pub(super) const SELECT: &str = "Selection";
pub(super) const LIMITS: &str = "Limits";
const GUARD: &str = "Guard";
pub(super) const OUTPUT: &str = "Output";
pub(super) const EXIT: &str = "Exit code";
const CONFIG: &str = "Config file";
pub(super) const RUN: &str = "Run";

const SHORT: &str = "\
`--help` tells all options, and examples. Only `fix` writes: after asking, or with --yes.";

const EXAMPLES: &str = "\
Examples:
  samwire                          show what would change below the current directory
  samwire diff template.yaml | git apply
  samwire check --fail-on held     list everything; fail if something is held back
  samwire fix                      ask about each rewrite, show the whole, then write
  samwire fix --yes                write what consent allows, without asking
  samwire undo                     take that back
  samwire explain function-to-table

Exit codes: 0 nothing to report or done · 1 something to report (--fail-on) · 2 usage
  3 a file could not be read, parsed or written · 4 the tool's own check failed
  129, 130, 143 stopped by SIGHUP, SIGINT, SIGTERM";

/// Rewires AWS SAM templates: IAM policies become SAM Connectors, with a proof of the permissions.
#[derive(Debug, Parser)]
#[command(
    name = "samwire",
    version = super::version(),
    after_help = SHORT,
    after_long_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    max_term_width = 110
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    /// Write, as `samwire fix` does
    #[arg(long)]
    pub(super) fix: bool,
    /// With --fix: write without asking
    #[arg(long, short = 'y', requires = "fix")]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

impl Cli {
    /// The choices of a command that plans.
    pub(super) fn plan_mut(&mut self) -> Option<&mut PlanArgs> {
        match &mut self.command {
            None => Some(&mut self.run.plan),
            Some(Command::Diff(run) | Command::Check(run) | Command::Fix { run, .. }) => Some(&mut run.plan),
            Some(Command::Preflight(preflight)) => Some(&mut preflight.run.plan),
            Some(Command::Bulk(bulk)) => Some(&mut bulk.plan),
            Some(
                Command::Undo(_)
                | Command::Grants(_)
                | Command::Compare(_)
                | Command::Report(_)
                | Command::List(_)
                | Command::Explain(_)
                | Command::Init(_)
                | Command::Completions(_)
                | Command::Man(_),
            ) => None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show what would change as a unified diff (the default)
    Diff(RunArgs),
    /// List what can be rewritten, and what is wrong with what is there
    Check(RunArgs),
    /// Ask about each rewrite, then write; with --yes what is within consent
    Fix {
        /// Write without asking
        #[arg(long, short = 'y')]
        yes: bool,
        #[command(flatten)]
        run: RunArgs,
    },
    /// Take back the last `fix`, where its files are unchanged since
    Undo(UndoArgs),
    /// Plan many git repositories at once; with --write change them
    #[command(after_long_help = super::bulk::EXAMPLES)]
    Bulk(Box<super::bulk::BulkArgs>),
    /// Tell which IAM actions the deploying identity lacks, before and after
    Preflight(PreflightArgs),
    /// Show who may do what: from policies, connectors and what SAM adds
    Grants(super::grants::GrantsArgs),
    /// Tell which permissions a change of templates adds and removes
    Compare(super::compare::CompareArgs),
    /// Merge the reports of runs over many repositories
    Report(super::report::ReportArgs),
    /// Write a config file in which every option stands as a comment
    Init(InitArgs),
    /// List connector profiles and policy templates
    List(ListArgs),
    /// Explain ids and words of reports; without any, list them
    Explain(ExplainArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print a manual page, or write all of them
    Man(ManArgs),
}

/// Names of all commands, in the order of the help.
pub(super) const COMMANDS: [&str; 14] = [
    "diff",
    "check",
    "fix",
    "undo",
    "bulk",
    "preflight",
    "grants",
    "compare",
    "report",
    "init",
    "list",
    "explain",
    "completions",
    "man",
];

/// Options of every command that plans.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Templates, directories to search, or `-` for standard input [default: .]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) plan: PlanArgs,

    /// With `fix` on a terminal: write the answers to FILE, for --decisions in other repositories
    #[arg(long, value_name = "FILE", help_heading = CONSENT, hide_short_help = true)]
    pub(super) save_decisions: Option<PathBuf>,

    /// Tell and do nothing about what FILE knows, as --write-baseline wrote it
    #[arg(long, value_name = "FILE", help_heading = SELECT, hide_short_help = true)]
    pub(super) baseline: Option<PathBuf>,
    /// Write everything that there is to tell into the file that --baseline names
    #[arg(long, requires = "baseline", help_heading = SELECT, hide_short_help = true)]
    pub(super) write_baseline: bool,
    /// Instead of rewriting, ignore each rewrite and finding by a comment with this reason
    #[arg(long, value_name = "REASON", conflicts_with_all = ["no_ignores", "mend"], help_heading = SELECT, hide_short_help = true)]
    pub(super) add_ignore: Option<String>,
    /// Take only files that changed since the last commit, or since the branch left REF
    ///
    /// In a pipeline for a pull or merge request REF is its target where it is not told.
    #[arg(long, value_name = "REF", num_args = 0..=1, require_equals = true, help_heading = SELECT)]
    pub(super) changed: Option<Option<String>>,
    /// Take the files that FILE lists, one on each line or ended by NUL; `-` for standard input
    ///
    /// They are taken as files in a directory are: one that is no SAM template is passed over, and one that is gone, too.
    #[arg(long, value_name = "FILE", help_heading = SELECT, hide_short_help = true)]
    pub(super) file_list: Option<PathBuf>,
    /// Pass over named files that are no SAM templates
    #[arg(long, help_heading = SELECT, hide_short_help = true)]
    pub(super) skip_non_templates: bool,
    #[command(flatten)]
    pub(super) guard: GuardArgs,

    /// Write a report to standard output or FILE; repeatable
    ///
    /// text, diff, json, jsonl, sarif, github, gitlab, markdown or junit.
    #[arg(long, value_name = "FMT[=FILE]", hide_possible_values = true, help_heading = OUTPUT)]
    pub(super) format: Vec<Output>,
    /// Name of the repository in reports [default: from CI, the remote `origin`, or the directory]
    #[arg(long, value_name = "NAME", help_heading = OUTPUT, hide_short_help = true)]
    pub(super) repo: Option<String>,
    /// Unchanged lines around each change in a diff
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true, default_value_t = 3, help_heading = OUTPUT, hide_short_help = true)]
    pub(super) context: usize,
    #[command(flatten)]
    pub(super) colour: ColourArgs,
    /// Tell errors only
    #[arg(long, short, conflicts_with = "verbose", help_heading = OUTPUT)]
    pub(super) quiet: bool,
    /// Tell every place that is left alone and every skipped file
    #[arg(long, short, help_heading = OUTPUT)]
    pub(super) verbose: bool,

    /// Exit with 1 from here on: never, error, finding, held or skipped
    ///
    /// Each level includes those before it: `finding` is anything within consent, `held` also what is held back, `skipped`
    /// also what is left alone and skipped files. `diff` and `check` start at `finding`; after `fix` only what remains
    /// counts, from no level on. `never` also forgives files that could not be read, parsed or written.
    #[arg(long, value_name = "LEVEL", value_parser = fail_on(), hide_possible_values = true, help_heading = EXIT)]
    pub(super) fail_on: Option<FailOn>,
    /// Name of the template that comes by standard input
    #[arg(long, value_name = "NAME", help_heading = RUN, hide_short_help = true)]
    pub(super) stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Files looked at in parallel [default: one per processor]; the output is the same at any number
    #[arg(long, short, value_name = "N", value_parser = positive, allow_negative_numbers = true, help_heading = RUN, hide_short_help = true)]
    pub(super) jobs: Option<NonZeroUsize>,
}

/// Options about the config file.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    /// Take options from FILE [default: .samwire.yaml here or above, within the repository]
    #[arg(long, value_name = "FILE", conflicts_with = "no_config", help_heading = CONFIG, hide_short_help = true)]
    pub(super) config: Option<PathBuf>,
    /// Take no options from a config file
    #[arg(long, help_heading = CONFIG, hide_short_help = true)]
    pub(super) no_config: bool,
    /// Tell the options in force and what set each, and do nothing else
    #[arg(long, help_heading = CONFIG, hide_short_help = true)]
    pub(super) show_config: bool,
}

/// Options about what `fix` may write over.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct GuardArgs {
    /// Write files although they hold changes that are not committed
    #[arg(long, help_heading = GUARD)]
    pub(super) allow_dirty: bool,
    /// Write files whose changes are staged, but not others
    #[arg(long, help_heading = GUARD, hide_short_help = true)]
    pub(super) allow_staged: bool,
    /// Write files that lie in no git work tree
    #[arg(long, help_heading = GUARD)]
    pub(super) allow_no_vcs: bool,
}

#[derive(Debug, Args)]
pub(super) struct UndoArgs {
    /// Number of the run to take back, as `--list` shows it [default: the last that was not taken back]
    #[arg(value_name = "RUN")]
    pub(super) run: Option<u64>,
    /// List the runs that are recorded, the last one first
    #[arg(long, conflicts_with = "run")]
    pub(super) list: bool,
    #[command(flatten)]
    pub(super) colour: ColourArgs,
}

/// Options about colour.
#[derive(Debug, Args)]
pub(super) struct ColourArgs {
    /// When to colour; NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE are heeded
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, help_heading = OUTPUT, hide_short_help = true)]
    pub(super) color: ColourWhen,
}

/// Options about definitions.
#[derive(Debug, Args)]
pub(super) struct DefinitionArgs {
    /// Directory of own profiles, policy templates, types and implications; they come before the built-in ones
    #[arg(long, value_name = "DIR", help_heading = RUN, hide_short_help = true)]
    pub(super) transforms: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct PreflightArgs {
    /// Policy document of the identity that deploys, in JSON or YAML
    #[arg(long, value_name = "FILE", required = true)]
    pub(super) deployer_policy: PathBuf,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Print the config file
    #[arg(long)]
    pub(super) print: bool,
    /// Print the JSON Schema of config files
    #[arg(long, conflicts_with = "print")]
    pub(super) schema: bool,
    #[command(flatten)]
    pub(super) colour: ColourArgs,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// text or json
    #[arg(long, value_name = "FMT", value_enum, default_value_t, help_heading = OUTPUT)]
    pub(super) format: ListFormat,
    #[command(flatten)]
    pub(super) colour: ColourArgs,
    #[command(flatten)]
    pub(super) definitions: DefinitionArgs,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Ids of profiles, policy templates, findings, reasons or hazards, or words of reports such as `wider`; or two types:
    /// 'AWS::Lambda::Function -> AWS::SQS::Queue'. Without any, every id is listed
    #[arg(value_name = "ID")]
    pub(super) id: Vec<String>,
    #[command(flatten)]
    pub(super) colour: ColourArgs,
    #[command(flatten)]
    pub(super) definitions: DefinitionArgs,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The command whose page is printed [default: samwire itself]
    #[arg(value_name = "COMMAND", value_parser = PossibleValuesParser::new(COMMANDS), hide_possible_values = true, conflicts_with = "out")]
    pub(super) command: Option<String>,
    /// Write the pages of samwire and of every command into DIR
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub(super) out: Option<PathBuf>,
}

//! The choices about each plan: their options, which every command that plans has, and what they come to. Refuses to know
//! which templates are looked at, and what is done with their plans.

use super::args::{CONSENT, DefinitionArgs, LIMITS, SELECT};
use super::definitions::Definitions;
use super::run::Fatal;
use super::session;
use super::values::{Accept, To, form, number, partition, phase, policy_form};
use crate::config::{self, Baseline, Choices, IgnoreRule, OfFiles, Wishes};
use crate::iam::{ActionPattern, ConsentPattern};
use crate::io;
use crate::plan::{
    Answers, Consent, DEFAULT_MAX_MANAGED_POLICIES, Direction, FormChoice, Options, Partition, Phase,
    PolicyFormChoice, Rest, Selection,
};
use crate::report::Problem;
use crate::text::Position;
use clap::Args;
use std::path::{Path, PathBuf};

const DIRECTION: &str = "Direction and form";
const PHASE: &str = "Phase";
const REST: &str = "Rest";

/// Options of every command that plans, also of one that plans for many repositories.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// What to rewrite to
    #[arg(long, value_name = "WHAT", value_enum, default_value_t, help_heading = DIRECTION, hide_short_help = true)]
    pub(super) to: To,
    /// Where connectors are written
    #[arg(long, value_name = "FORM", value_parser = form(), default_value = "auto", help_heading = DIRECTION, hide_short_help = true)]
    pub(super) form: FormChoice,

    /// With --to policies: where they are written
    #[arg(long, value_name = "FORM", value_parser = policy_form(), default_value = "auto", help_heading = DIRECTION, hide_short_help = true)]
    pub(super) policy_form: PolicyFormChoice,
    /// With --to policies: use a policy template where one says exactly the same
    #[arg(long, help_heading = DIRECTION, hide_short_help = true)]
    pub(super) prefer_templates: bool,

    /// Step of a migration: `both` at once, `add` connectors first, or `remove` the policies that they cover
    #[arg(long, value_name = "PHASE", value_parser = phase(), default_value = "both", hide_possible_values = true, help_heading = PHASE)]
    pub(super) phase: Phase,

    /// Keep as a policy what a connector does not give (the default); what --accept-remove names goes
    #[arg(long, overrides_with = "drop_rest", help_heading = REST, hide_short_help = true)]
    pub(super) keep_rest: bool,
    /// Drop what a connector does not give: a removal, which needs consent
    #[arg(long, overrides_with = "keep_rest", help_heading = REST, hide_short_help = true)]
    pub(super) drop_rest: bool,
    /// Take fewer access categories where the full connector is beyond consent
    #[arg(long, help_heading = REST, hide_short_help = true)]
    pub(super) partial: bool,

    /// Permissions that may be added, such as dynamodb:PartiQL*
    ///
    /// A pattern is ACTION or ACTION@RESOURCE, with `*` for anything; the resource is written as in Fn::Sub, such as
    /// dynamodb:DescribeTable@${OrdersTable.Arn}.
    #[arg(long, value_name = "PATTERN,…", value_delimiter = ',', help_heading = CONSENT)]
    pub(super) accept_add: Vec<ConsentPattern>,
    /// Permissions that may be removed, such as dynamodb:DescribeTable
    ///
    /// What is named here is not kept as a policy either: it goes wherever a connector replaces the rest.
    #[arg(long, value_name = "PATTERN,…", value_delimiter = ',', help_heading = CONSENT)]
    pub(super) accept_remove: Vec<ConsentPattern>,
    /// With --to policies: keep only the actions in FILE, a list or an IAM policy, as tools write that record calls
    #[arg(long, value_name = "FILE", help_heading = CONSENT, hide_short_help = true)]
    pub(super) actions: Option<PathBuf>,
    /// Accept any change that is left after keeping the rest
    ///
    /// What cannot be decided is still held back.
    #[arg(long, value_name = "any", value_enum, hide_possible_values = true, conflicts_with = "strict", help_heading = CONSENT)]
    pub(super) accept: Option<Accept>,
    /// Accept only rewrites that change no permission at all
    #[arg(long, help_heading = CONSENT)]
    pub(super) strict: bool,

    /// Take and leave what FILE says, as --save-decisions wrote it, whatever else is accepted
    #[arg(long, value_name = "FILE", help_heading = CONSENT, hide_short_help = true)]
    pub(super) decisions: Option<PathBuf>,
    /// Heed no comment and no entry of the config file that ignores something
    #[arg(long, help_heading = SELECT, hide_short_help = true)]
    pub(super) no_ignores: bool,
    /// Mend also findings of these ids, or `all`, where one change is sure to be meant
    ///
    /// The ids are those that `samwire check` tells; what a change does to permissions is told with it.
    #[arg(long, value_name = "ID,…", value_delimiter = ',', help_heading = SELECT, hide_short_help = true)]
    pub(super) mend: Vec<String>,

    /// Take only these profiles (see `samwire list`)
    #[arg(long, value_name = "ID,…", value_delimiter = ',', help_heading = SELECT, hide_short_help = true)]
    pub(super) only: Vec<String>,
    /// Pass over these profiles
    #[arg(long, value_name = "ID,…", value_delimiter = ',', help_heading = SELECT, hide_short_help = true)]
    pub(super) skip: Vec<String>,
    /// Take only sources whose logical id matches
    #[arg(long, value_name = "GLOB,…", value_delimiter = ',', help_heading = SELECT, hide_short_help = true)]
    pub(super) source: Vec<String>,
    /// Take only destinations whose logical id matches
    #[arg(long, value_name = "GLOB,…", value_delimiter = ',', help_heading = SELECT, hide_short_help = true)]
    pub(super) destination: Vec<String>,
    /// Take ARNs from outside of the template, versions and aliases as destinations that are spelled out
    #[arg(long, help_heading = SELECT, hide_short_help = true)]
    pub(super) external: bool,
    /// Propose to narrow grants on every resource to the resources that the function or state machine refers to
    #[arg(long, help_heading = SELECT, hide_short_help = true)]
    pub(super) infer_destinations: bool,

    /// Most managed policies that a role may hold; each connector costs its role one
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true, default_value_t = DEFAULT_MAX_MANAGED_POLICIES, help_heading = LIMITS, hide_short_help = true)]
    pub(super) max_managed_policies: usize,
    /// Whether a literal `arn:aws:` is the partition deployed to, or one of several
    #[arg(long, value_name = "WHICH", value_parser = partition(), default_value = "aws", help_heading = LIMITS, hide_short_help = true)]
    pub(super) partition: Partition,

    #[command(flatten)]
    pub(super) definitions: DefinitionArgs,
    /// Where a config file sets the options that are in force.
    #[arg(skip)]
    pub(super) laid: Vec<LaidOption>,
    /// What a config file ignores, with paths as seen from the current directory
    #[arg(skip)]
    pub(super) ignores: Vec<IgnoreRule>,
}

/// An option that a config file sets.
#[derive(Debug, Clone)]
pub(super) struct LaidOption {
    /// Its name, without `--`.
    pub(super) key: String,
    /// The config file.
    pub(super) path: PathBuf,
    /// Where in it the option stands.
    pub(super) at: Position,
}

impl PlanArgs {
    /// An error about what an option is set to, at its place where a config file sets it.
    fn wrong(&self, key: &str, problem: Problem) -> Fatal {
        match self.laid.iter().find(|option| option.key == key) {
            Some(LaidOption { path, at, .. }) => {
                Fatal { problem: Box::new(Problem { at: Some(*at), ..problem }), path: Some(path.clone()) }
            }
            None => problem.into(),
        }
    }

    /// Whether there is such an option among them; the name comes without `--`.
    pub(super) fn has(name: &str) -> bool {
        let grammar = Self::augment_args(clap::Command::new("plan"));
        grammar.get_arguments().any(|arg| arg.get_long() == Some(name))
    }

    /// What the options come to. `baseline` is what is known already, and `resolve` tells the absolute path without links of
    /// a file that a config file names.
    pub(super) fn choices(
        &self,
        ignore_all: Option<&str>,
        definitions: &Definitions,
        baseline: Option<Baseline>,
        resolve: impl Fn(&Path) -> Option<PathBuf>,
    ) -> Result<Choices, Fatal> {
        let plan = self.options()?;
        // Without names there is nothing to look up, and a run that meets no template needs no catalogue.
        for (key, ids) in [("only", &self.only), ("skip", &self.skip)] {
            if !ids.is_empty() {
                config::check_ids(ids, definitions.catalog()).map_err(|error| {
                    let problem =
                        Problem::new("usage", error.to_string(), "`samwire list` shows the profiles");
                    self.wrong(
                        key,
                        problem.because("a mistyped id would choose other rewrites than are meant"),
                    )
                })?;
            }
        }
        let wishes = Wishes { mend: self.mend.clone(), ignore_all: ignore_all.map(str::to_owned) };
        wishes.check().map_err(|error| {
            Problem::new("usage", error.to_string(), "`samwire check` tells the ids of what it finds")
                .because("a mistyped id would mend nothing")
        })?;
        let digest = config::digest(&plan, &definitions.files);
        Ok(Choices { plan, wishes, digest, of_files: OfFiles::new(&self.ignores, baseline, resolve) })
    }

    fn options(&self) -> Result<Options, Fatal> {
        if matches!(self.to, To::Policies) && self.phase != Phase::Both {
            let help = "leave `--phase` out: the role has the policy before the connector's own is deleted, so there is no gap";
            return Err(Problem::new("usage", "`--to policies` has one phase only", help).into());
        }
        Ok(Options {
            direction: match self.to {
                To::Connectors => Direction::Connectors,
                To::Policies => Direction::Policies,
            },
            form: self.form,
            policy_form: self.policy_form,
            prefer_templates: self.prefer_templates,
            used_actions: self.actions.as_deref().map(actions).transpose()?,
            phase: self.phase,
            rest: if self.drop_rest { Rest::Drop } else { Rest::Keep },
            partial: self.partial,
            external: self.external,
            infer_destinations: self.infer_destinations,
            consent: Consent {
                add: self.accept_add.clone(),
                remove: self.accept_remove.clone(),
                any: self.accept.is_some(),
                strict: self.strict,
            },
            answers: match &self.decisions {
                Some(path) => answers(&session::decisions(path)?),
                None => Answers::default(),
            },
            select: Selection {
                only: self.only.clone(),
                skip: self.skip.clone(),
                sources: self.source.clone(),
                destinations: self.destination.clone(),
                ignored: Vec::new(),
                no_ignores: self.no_ignores,
            },
            max_managed_policies: self.max_managed_policies,
            partition: self.partition,
        })
    }
}

/// The actions in use that a file lists.
fn actions(path: &Path) -> Result<Vec<ActionPattern>, Fatal> {
    let help = "give a file with one action on each line, or an IAM policy in JSON; nothing was done";
    let fail = |what: String| Fatal {
        problem: Box::new(
            Problem::new("usage", what, help)
                .because("every action that the list does not name would be removed"),
        ),
        path: Some(path.to_owned()),
    };
    let bytes = io::read(path).map_err(|error| fail(format!("the list of actions {error}")))?;
    let text =
        String::from_utf8(bytes).map_err(|_| fail("the list of actions is no UTF-8 text".to_owned()))?;
    config::used_actions(&text).map_err(|error| fail(format!("this is no list of actions: {error}")))
}

/// The answers that hold for every file.
fn answers(decisions: &config::AnswersFile) -> Answers {
    let mut answers = Answers::default();
    for record in decisions.answers.iter().filter(|record| record.file.is_none()) {
        answers.set(&record.fingerprint, record.answer);
    }
    answers
}

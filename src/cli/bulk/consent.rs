//! What the config file of a repository has to say in a run over many. The repository is somebody else's, so its file may
//! narrow what the run does there, and widen nothing.

use super::args::BulkArgs;
use crate::cli::args::{Cli, Command};
use crate::cli::choices::PlanArgs;
use crate::cli::config;
use crate::cli::definitions::Definitions;
use crate::cli::run::Fatal;
use crate::cli::words::{Words, values};
use crate::config::{Baseline, CONFIG_NAME, Choices, ConfigEntry, IgnoreRule};
use crate::report::{Problem, lexical};
use std::fmt::Display;
use std::path::Path;

/// Options by which a repository cannot have anything done that would not be done without them.
const NARROWING: [&str; 8] =
    ["only", "skip", "source", "destination", "strict", "form", "policy-form", "prefer-templates"];

/// Why nothing is done without a config file.
const NOT_WITHOUT: &str = "it might narrow what is done here, so nothing is done without it";

/// The choices of the run, as it was told of them.
pub(super) struct OfRun {
    pub(super) words: Words,
    pub(super) choices: Choices,
    pub(super) definitions: Definitions,
    /// What the config file of the run ignores, with absolute paths.
    pub(super) ignores: Vec<IgnoreRule>,
    /// Whether config files have nothing to say.
    pub(super) no_config: bool,
    pub(super) max_managed_policies: usize,
    pub(super) trusting: bool,
}

/// The choices in one repository.
pub(super) struct InRepository {
    /// The choices, where they are not those of the run.
    own: Option<(Choices, Option<Definitions>)>,
    /// Names of options in its config file that are not heeded.
    pub(super) passed_over: Vec<String>,
}

impl InRepository {
    pub(super) fn choices<'a>(&'a self, run: &'a OfRun) -> &'a Choices {
        self.own.as_ref().map_or(&run.choices, |(choices, _)| choices)
    }

    pub(super) fn definitions<'a>(&'a self, run: &'a OfRun) -> &'a Definitions {
        self.own.as_ref().and_then(|(_, definitions)| definitions.as_ref()).unwrap_or(&run.definitions)
    }
}

impl OfRun {
    /// The choices in the repository at `root`, an absolute path without links.
    /// `read` gives what the repository holds under a name, if it holds that.
    pub(super) fn within(
        &self,
        root: &Path,
        mut read: impl FnMut(&str) -> Result<Option<Vec<u8>>, Problem>,
    ) -> Result<InRepository, Problem> {
        let Some(bytes) = (if self.no_config { None } else { read(CONFIG_NAME)? }) else {
            return Ok(InRepository { own: None, passed_over: Vec::new() });
        };
        let asked =
            config::of_repository(&self.words, root, bytes, |entry| self.heeds(entry)).map_err(wrong)?;
        let baseline = match &asked.baseline {
            Some(name) => Some(baseline(root, name, read)?),
            None => None,
        };
        let Cli { command: Some(Command::Bulk(args)), .. } = asked.cli else {
            return Err(Problem::new("config", "its config file names another command", "correct it"));
        };
        let BulkArgs { mut plan, .. } = *args;
        plan.ignores.extend(self.ignores.iter().cloned());
        let definitions = match plan.definitions.transforms {
            Some(_) if self.trusting => Some(Definitions::load(&plan.definitions).map_err(wrong)?),
            _ => None,
        };
        let choices = plan
            .choices(None, definitions.as_ref().unwrap_or(&self.definitions), baseline, |file| {
                Some(lexical(file))
            })
            .map_err(wrong)?;
        let passed_over = asked.passed_over.into_iter().filter(|key| PlanArgs::has(key)).collect();
        Ok(InRepository { own: Some((choices, definitions)), passed_over })
    }

    fn heeds(&self, entry: &ConfigEntry) -> bool {
        let key = entry.key.as_str();
        if self.trusting {
            return PlanArgs::has(key);
        }
        match (key, values(entry)) {
            ("partition", [value]) => value == "any",
            ("max-managed-policies", [value]) => {
                value.parse::<usize>().is_ok_and(|most| most <= self.max_managed_policies)
            }
            _ => NARROWING.contains(&key),
        }
    }
}

/// What the repository calls its baseline: what is known there already is not done, which can only narrow.
fn baseline(
    root: &Path,
    name: &str,
    mut read: impl FnMut(&str) -> Result<Option<Vec<u8>>, Problem>,
) -> Result<Baseline, Problem> {
    let help = "name a file of the repository that --write-baseline wrote";
    let fail = |what: String| Problem::new("config", what, help);
    let path = lexical(Path::new(name));
    let found = path.to_str().map(&mut read).transpose()?;
    let bytes = found.flatten().ok_or_else(|| fail(format!("its baseline `{name}` is not there")))?;
    let text = String::from_utf8(bytes).map_err(|_| fail(format!("its baseline `{name}` is no text")))?;
    let folder = root.join(&path).parent().map_or_else(|| root.to_owned(), Path::to_owned);
    Baseline::read(folder, &text).map_err(|error| fail(format!("`{name}` is no baseline: {error}")))
}

/// Why the config file, or what it names, cannot be had.
pub(super) fn unread(what: &dyn Display, help: &str) -> Problem {
    Problem::new("config", format!("its config file cannot be had: {what}"), help).because(NOT_WITHOUT)
}

/// What is wrong with the config file of a repository.
fn wrong(fatal: Fatal) -> Problem {
    let Problem { at, what, help, .. } = *fatal.problem;
    let place = at.map_or_else(String::new, |at| format!("{}:{}: ", at.line, at.column));
    Problem {
        help,
        ..Problem::new("config", format!("{CONFIG_NAME}: {place}{what}"), "").because(NOT_WITHOUT)
    }
}

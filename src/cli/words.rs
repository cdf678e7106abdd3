//! A command line as words, beneath which the options of config files are laid. Knows no option by its name but those that
//! hold paths.

use super::args::Cli;
use crate::config::{ConfigEntry, ConfigFile, ConfigValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory};
use std::ffi::OsString;
use std::path::Path;

/// Options whose values are paths: those in a config file start at its directory.
const PATHS: [&str; 4] = ["actions", "baseline", "decisions", "transforms"];

/// Commands that take the formats of a run.
const REPORTING: [&str; 3] = ["check", "diff", "fix"];

/// A command line, beneath which options can be laid.
#[derive(Debug, Clone)]
pub(super) struct Words {
    all: Vec<OsString>,
    /// Behind the name of the program and of the command, so that what stands there already comes last and wins.
    place: usize,
    /// The name of the command.
    name: Option<String>,
}

impl Words {
    /// A command line that has no config file beneath it yet. `name` is that of its command, if it names one.
    pub(super) fn new(all: Vec<OsString>, name: Option<String>) -> Self {
        Self { all, place: 1 + usize::from(name.is_some()), name }
    }

    /// Lays those options of a file beneath the words that the words leave open and that `heeds` admits. Answers with these, and
    /// with the others that would mean something to the command.
    pub(super) fn lay<'a>(
        &mut self,
        said: &ArgMatches,
        file: &'a ConfigFile,
        heeds: impl Fn(&ConfigEntry) -> bool,
    ) -> (Vec<&'a ConfigEntry>, Vec<&'a ConfigEntry>) {
        let root = Cli::command();
        let command = self.command(&root);
        let inner = said.subcommand().map_or(said, |(_, inner)| inner);
        let reports = self.name.as_deref().is_none_or(|name| REPORTING.contains(&name));
        let open = |entry: &&ConfigEntry| {
            let arg = command.get_arguments().find(|arg| arg.get_long() == Some(&entry.key));
            (entry.key != "format" || reports) && arg.is_some_and(|arg| !told(inner, command, arg))
        };
        let (heeded, others): (Vec<_>, Vec<_>) =
            file.entries.iter().filter(open).partition(|entry| heeds(entry));
        let place = self.place.min(self.all.len());
        self.all.splice(place..place, heeded.iter().flat_map(|entry| as_words(entry, &file.path)));
        (heeded, others)
    }

    /// Reads the words by the grammar.
    pub(super) fn read(&self) -> Result<ArgMatches, clap::Error> {
        Cli::command().try_get_matches_from(&self.all)
    }

    /// The grammar of the command that the words name, out of the whole.
    pub(super) fn command<'a>(&self, root: &'a Command) -> &'a Command {
        self.name.as_deref().and_then(|name| root.find_subcommand(name)).unwrap_or(root)
    }
}

/// Whether the command line says something about an option, or something that rules it out.
fn told(matches: &ArgMatches, command: &Command, arg: &Arg) -> bool {
    let said = |arg: &&Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
    // A conflict is declared by one of the two.
    let against = |other: &Arg| {
        let excludes = |one: &Arg, two: &Arg| command.get_arg_conflicts_with(one).contains(&two);
        excludes(arg, other) || excludes(other, arg)
    };
    said(&arg) || command.get_arguments().filter(said).any(against)
}

/// The words by which the command line would say the same.
pub(super) fn as_words(entry: &ConfigEntry, file: &Path) -> Vec<OsString> {
    let key = &entry.key;
    match &entry.setting {
        ConfigValue::Switch(true) => vec![format!("--{key}").into()],
        ConfigValue::Switch(false) => Vec::new(),
        ConfigValue::Values(values) => values
            .iter()
            .map(|value| {
                let base = file.parent().unwrap_or(Path::new(""));
                let mut word = OsString::from(format!("--{key}="));
                match value.split_once('=').filter(|_| key == "format") {
                    _ if PATHS.contains(&key.as_str()) => word.push(base.join(value)),
                    Some((format, path)) => {
                        word.push(format!("{format}="));
                        word.push(base.join(path));
                    }
                    None => word.push(value),
                }
                word
            })
            .collect(),
    }
}

/// The values of an entry; a switch has none.
pub(super) fn values(entry: &ConfigEntry) -> &[String] {
    match &entry.setting {
        ConfigValue::Values(values) => values,
        ConfigValue::Switch(_) => &[],
    }
}

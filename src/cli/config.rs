//! The config file laid under the command line: each option of the file that the command line leaves open is read as if it
//! stood there, so a value means the same in both places and is checked by the same rules. Refuses to know what any option
//! means.

use super::args::Cli;
use super::choices::LaidOption;
use super::run::Fatal;
use super::words::{Words, as_words, values};
use crate::config::{CONFIG_NAME, ConfigEntry, ConfigFile, ConfigValue, IgnoreRule, read_config};
use crate::io;
use crate::report::Problem;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches};
use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// Options that are about one run, or about the file itself, and so are not set by it.
const OF_ONE_RUN: [&str; 16] = [
    "add-ignore",
    "changed",
    "config",
    "file-list",
    "fix",
    "help",
    "mend",
    "no-config",
    "no-ignores",
    "save-decisions",
    "show-config",
    "skip-non-templates",
    "stdin-filename",
    "version",
    "write-baseline",
    "yes",
];

/// Why nothing is done under a config file in which something is wrong.
const NOT_UNDERSTOOD: &str = "a setting that is not understood could let through what it is to hold back";

/// The command for many repositories.
const MANY: &str = "bulk";

/// The command line, with a config file laid under it.
pub(super) struct Laid {
    pub(super) cli: Cli,
    /// The options in force with what set them, where they were asked for.
    pub(super) shown: Option<String>,
    /// The words that say the same without any config file.
    pub(super) words: Words,
}

/// Why there is no command line to act upon.
pub(super) enum Stop {
    /// Help, the version, or words that make no sense.
    Told(clap::Error),
    /// The config file is wrong.
    Wrong(Fatal),
}

impl From<clap::Error> for Stop {
    fn from(error: clap::Error) -> Self {
        Self::Told(error)
    }
}

/// Every option that a config file may set, in the order of the help.
pub(super) fn options(command: &Command) -> impl Iterator<Item = &Arg> {
    let in_file = |arg: &&Arg| arg.get_long().is_some_and(|name| !OF_ONE_RUN.contains(&name));
    let mut all: Vec<&Arg> = command.get_arguments().filter(in_file).collect();
    // Options of one heading may be declared apart; the help shows them together, where the first of them stands.
    let order: Vec<Option<&str>> = all.iter().map(|arg| arg.get_help_heading()).collect();
    all.sort_by_key(|arg| order.iter().position(|heading| *heading == arg.get_help_heading()));
    all.into_iter()
}

/// Reads the command line and the config file that belongs to it.
pub(super) fn parse(words: Vec<OsString>) -> Result<Laid, Stop> {
    let matches = Cli::command().try_get_matches_from(&words)?;
    let (name, inner) = match matches.subcommand() {
        Some((name, inner)) => (Some(name.to_owned()), inner),
        None => (None, &matches),
    };
    let has = |id: &str| inner.try_contains_id(id).is_ok();
    if !has("config") {
        return Ok(Laid { cli: cli(&matches, None, &[])?, shown: None, words: Words::new(words, name) });
    }
    // Where one stands says nothing about which of many repositories is to be trusted.
    let inside = name.as_deref() == Some(MANY) && io::is_in_work_tree();
    let file = match inner.get_one::<PathBuf>("config") {
        Some(path) => Some(read(path)?),
        None if inner.get_flag("no_config") || inside => None,
        None => found()?,
    };
    let mut words = Words::new(words, name);
    let mut set: Vec<&ConfigEntry> = Vec::new();
    if let Some(file) = &file {
        check(&Cli::command(), file)?;
        set = words.lay(&matches, file, |_| true).0;
    }
    let matches = words.read()?;
    let inner = matches.subcommand().map_or(&matches, |(_, inner)| inner);
    let path = file.as_ref().map(|file| file.path.as_path()).unwrap_or(Path::new(""));
    let root = Cli::command();
    let shown = inner.get_flag("show_config").then(|| show(inner, words.command(&root), &set, path));
    let cli = cli(&matches, file.as_ref(), &set)?;
    Ok(Laid { cli, shown, words })
}

/// What a command line with a config file beneath it asks for. `set` are the options of the file that are in force.
fn cli(matches: &ArgMatches, file: Option<&ConfigFile>, set: &[&ConfigEntry]) -> Result<Cli, clap::Error> {
    let mut cli = Cli::from_arg_matches(matches)?;
    if let (Some(file), Some(plan)) = (file, cli.plan_mut()) {
        let base = file.path.parent().unwrap_or(Path::new(""));
        let seen = |rule: &IgnoreRule| IgnoreRule { file: base.join(&rule.file), ..rule.clone() };
        plan.ignores.extend(file.ignores.iter().map(seen));
        plan.laid.extend(set.iter().map(|entry| LaidOption {
            key: entry.key.clone(),
            path: file.path.clone(),
            at: entry.at,
        }));
    }
    Ok(cli)
}

/// What a repository of several asks for.
pub(super) struct OfRepository {
    /// The command line with what its config file says beneath.
    pub(super) cli: Cli,
    /// The file that its config file calls the baseline, as it is written there.
    pub(super) baseline: Option<String>,
    /// Names of the options that are not heeded.
    pub(super) passed_over: Vec<String>,
}

/// A command line with what the config file of a repository says beneath, as far as `heeds` admits it. `root` is the
/// directory of the repository and `bytes` is what its file holds.
pub(super) fn of_repository(
    words: &Words,
    root: &Path,
    bytes: Vec<u8>,
    heeds: impl Fn(&ConfigEntry) -> bool,
) -> Result<OfRepository, Fatal> {
    let told = |stop: Stop| match stop {
        Stop::Wrong(fatal) => fatal,
        Stop::Told(error) => {
            Problem::new("usage", first_line(&error), "correct the config file of the repository").into()
        }
    };
    let file = parsed(&root.join(CONFIG_NAME), bytes).map_err(told)?;
    check(&Cli::command(), &file).map_err(told)?;
    let mut words = words.clone();
    let matches = words.read().map_err(|error| told(error.into()))?;
    let (set, passed_over) = words.lay(&matches, &file, heeds);
    let matches = words.read().map_err(|error| told(error.into()))?;
    let baseline = file.entries.iter().find(|entry| entry.key == "baseline");
    let baseline = baseline.and_then(|entry| values(entry).first().cloned());
    let cli = cli(&matches, Some(&file), &set).map_err(|error| told(error.into()))?;
    let passed_over = passed_over.into_iter().map(|entry| entry.key.clone()).collect();
    Ok(OfRepository { cli, baseline, passed_over })
}

/// The config file of the nearest directory that has one, from the current one up to the root of its work tree.
fn found() -> Result<Option<ConfigFile>, Stop> {
    let Ok(current) = std::env::current_dir() else { return Ok(None) };
    let tree = io::work_tree_of(&current);
    let mut up = PathBuf::new();
    for folder in current.ancestors() {
        let path = up.join(CONFIG_NAME);
        if folder.join(CONFIG_NAME).exists() {
            return read(&path).map(Some);
        }
        if tree.as_deref().is_none_or(|tree| tree == folder) {
            break;
        }
        up.push("..");
    }
    Ok(None)
}

fn read(path: &Path) -> Result<ConfigFile, Stop> {
    let wrong =
        |problem: Problem| Stop::Wrong(Fatal { problem: Box::new(problem), path: Some(path.to_owned()) });
    let bytes = io::read(path).map_err(|error| {
        let help = "check the file, or pass --no-config; nothing was done";
        wrong(Problem::new("usage", format!("the config file {error}"), help).because(NOT_UNDERSTOOD))
    })?;
    parsed(path, bytes)
}

fn parsed(path: &Path, bytes: Vec<u8>) -> Result<ConfigFile, Stop> {
    let root = Cli::command();
    let known: Vec<&str> = options(&root).filter_map(Arg::get_long).collect();
    read_config(path, bytes, &known).map_err(|error| {
        let problem = Problem::new("usage", error.what, error.help).because(NOT_UNDERSTOOD);
        let problem = Problem { at: error.at, ..problem };
        Stop::Wrong(Fatal { problem: Box::new(problem), path: Some(path.to_owned()) })
    })
}

/// Checks each entry by itself, then all of them together.
fn check(root: &Command, file: &ConfigFile) -> Result<(), Stop> {
    let wrong = |at: Option<&ConfigEntry>, what: String, help: String| {
        let problem = Problem::new("usage", what, help).because(NOT_UNDERSTOOD);
        let problem = Problem { at: at.map(|entry| entry.at), ..problem };
        Stop::Wrong(Fatal { problem: Box::new(problem), path: Some(file.path.clone()) })
    };
    let parsed = |words: Vec<OsString>| {
        root.clone().try_get_matches_from([OsString::from("samwire")].into_iter().chain(words))
    };
    let mut all = Vec::new();
    for entry in &file.entries {
        let Some(arg) = options(root).find(|arg| arg.get_long() == Some(&entry.key)) else { continue };
        let key = &entry.key;
        let takes_value = !matches!(arg.get_action(), ArgAction::SetTrue);
        match (&entry.setting, takes_value) {
            (ConfigValue::Switch(_), true) => {
                let what = format!("`{key}` takes a value");
                return Err(wrong(Some(entry), what, possible(arg)));
            }
            (ConfigValue::Values(_), false) => {
                let what = format!("`{key}` is on or off");
                return Err(wrong(Some(entry), what, "write true or false".to_owned()));
            }
            (ConfigValue::Values(values), true)
                if values.len() != 1 && !matches!(arg.get_action(), ArgAction::Append) =>
            {
                let what = format!("`{key}` takes one value");
                return Err(wrong(Some(entry), what, possible(arg)));
            }
            _ => {}
        }
        if let Some(outside) = written(entry).find(|path| !is_below(path)) {
            let what = format!("`{outside}` leads out of the directory of the config file");
            let help = "name a file below it, or say it on the command line";
            return Err(wrong(Some(entry), what, help.to_owned()));
        }
        let words = as_words(entry, &file.path);
        if let Err(error) = parsed(words.clone()) {
            return Err(wrong(Some(entry), refused(key, &error), possible(arg)));
        }
        all.extend(words);
    }
    parsed(all).map(drop).map_err(|error| {
        let what = match error.get(ContextKind::PriorArg).zip(error.get(ContextKind::InvalidArg)) {
            Some((one, other)) if error.kind() == ErrorKind::ArgumentConflict => {
                format!("{one} and {other} rule each other out")
            }
            _ => first_line(&error),
        };
        wrong(None, what, "remove one of them from the config file".to_owned())
    })
}

/// The files that an entry may have written. A repository that somebody else made must not name others than its own.
fn written(entry: &ConfigEntry) -> impl Iterator<Item = &str> {
    values(entry).iter().filter_map(|value| match entry.key.as_str() {
        "format" => value.split_once('=').map(|(_, path)| path),
        "baseline" => Some(value.as_str()),
        _ => None,
    })
}

fn is_below(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// What clap says against a value.
fn refused(key: &str, error: &clap::Error) -> String {
    let value = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => format!("`{value}`"),
        _ => "this".to_owned(),
    };
    let why = error.source().map_or_else(String::new, |why| format!(": {why}"));
    format!("{value} is no value of `{key}`{why}")
}

fn possible(arg: &Arg) -> String {
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    match values.split_last() {
        Some((last, [])) => format!("write {last}"),
        Some((last, others)) => format!("write {} or {last}", others.join(", ")),
        None => format!("see --{} in `samwire --help`", arg.get_long().unwrap_or_default()),
    }
}

fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// The options in force, as a config file with what set each of them.
fn show(matches: &ArgMatches, command: &Command, set: &[&ConfigEntry], path: &Path) -> String {
    let mut out = String::new();
    for arg in options(command) {
        let (Some(key), id) = (arg.get_long(), arg.get_id().as_str()) else { continue };
        let off = matches!(arg.get_action(), ArgAction::SetTrue) && !matches.get_flag(id);
        let from = match set.iter().find(|entry| entry.key == key) {
            // An option of the command line that overrides another unsets it.
            Some(ConfigEntry { setting: ConfigValue::Switch(true), .. }) if off => "default".to_owned(),
            Some(entry) => format!("{}:{}", path.display(), entry.at.line),
            None if matches.value_source(id) == Some(ValueSource::CommandLine) => "command line".to_owned(),
            None => "default".to_owned(),
        };
        let raw = matches.get_raw(id).into_iter().flatten();
        let values: Vec<String> = raw.map(OsStr::to_string_lossy).map(|value| quoted(&value)).collect();
        let line = match arg.get_action() {
            ArgAction::SetTrue => format!("{key}: {}", matches.get_flag(id)),
            _ if values.is_empty() => format!("# {key}:"),
            ArgAction::Append => format!("{key}: [{}]", values.join(", ")),
            _ => format!("{key}: {}", values.join(", ")),
        };
        out.push_str(&format!("{line:<40} # {from}\n"));
    }
    out
}

/// A value as a YAML scalar that says nothing else.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let is_plain = value.chars().all(plain) && value.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_plain { value.to_owned() } else { format!("'{}'", value.replace('\'', "''")) }
}

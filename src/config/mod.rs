//! What a run is told to do, checked: options of the plan, the config file, outputs, and when to fail. Knows neither the
//! command line's grammar nor where files are.

mod actions;
mod answers;
mod baseline;
mod digest;
mod file;
mod of_file;
mod output;
mod placed;
mod settings;

pub use actions::{ActionsError, used_actions};
pub use answers::{AnswerRecord, AnswersError, AnswersFile, Draft, read_answers, write_answers};
pub use baseline::{Baseline, BaselineError};
pub use digest::digest;
pub use file::{CONFIG_NAME, ConfigEntry, ConfigError, ConfigFile, ConfigValue, IgnoreRule, read_config};
pub use of_file::{OfFile, OfFiles};
pub use output::{Format, Output, OutputError, Sink, Sinks, Verb, assign};
pub use placed::{ComparisonFormat, FormatWord, GrantsFormat, MergedFormat, Placed, PlacedError, place};
pub use settings::{Choices, FailOn, SelectionError, Settings, Verbosity, Wishes, check_ids};

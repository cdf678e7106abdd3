//! What a run is told to do, checked: options of the plan, outputs, and when to fail. Knows neither the command line's
//! grammar nor any file.

mod actions;
mod answers;
mod digest;
mod output;
mod placed;
mod settings;

pub use actions::{ActionsError, used_actions};
pub use answers::{AnswerRecord, AnswersError, AnswersFile, Draft, read_answers, write_answers};
pub use digest::digest;
pub use output::{Format, Output, OutputError, Sink, Sinks, Verb, assign};
pub use placed::{ComparisonFormat, FormatWord, GrantsFormat, Placed, PlacedError, place};
pub use settings::{FailOn, SelectionError, Settings, Verbosity, check_ids};

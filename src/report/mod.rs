//! One writer per format over the reports of all files: text and unified diff for people, JSON for programs, and what code
//! hosts read. Knows neither how a plan was made nor where its words go.

mod advice;
mod diff;
mod escape;
mod explain;
mod github;
mod json;
mod listing;
mod model;
mod notice;
mod numbered;
mod paint;
mod permissions;
mod preflight;
mod problem;
mod rule;
mod sarif;
mod spelling;
mod text;
mod topic;
mod whereabouts;

pub use advice::{RestAdvice, rest_advice};
pub use diff::{Unified, write_diffs};
pub use escape::{escaped, quoted_path};
pub use explain::write_explanation;
pub use github::write_github;
pub use json::{RunFacts, write_json};
pub use listing::{write_listing, write_listing_json};
#[cfg(test)]
pub(crate) use model::samples;
pub use model::{FileReport, Planned, Status, Totals, sha256_hex};
pub use notice::Standing;
pub use numbered::numbered;
pub use paint::Paint;
pub use preflight::{PreflightFacts, PreflightReport, write_preflight, write_preflight_json};
pub use problem::Problem;
pub use sarif::write_sarif;
pub use text::{Detail, TextOptions, effect_in_words, write_permissions, write_question, write_text};
pub use topic::{Topic, UnknownTopic, topic};
pub use whereabouts::Whereabouts;

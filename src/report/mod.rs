//! One writer per format over the reports of all files: unified diff, text for people, JSON for programs. Knows neither
//! how a plan was made nor where its words go.

mod advice;
mod comparison;
mod diff;
mod escape;
mod explain;
mod grants;
mod json;
mod listing;
mod model;
mod numbered;
mod paint;
mod permissions;
mod preflight;
mod problem;
mod spelling;
mod text;
mod topic;

pub use advice::{RestAdvice, rest_advice};
pub use comparison::{
    ComparisonFacts, ComparisonReport, overall_effect, write_comparison_json, write_comparison_markdown,
    write_comparison_text,
};
pub use diff::{Unified, write_diffs};
pub use escape::{escaped, quoted_path};
pub use explain::write_explanation;
pub use grants::{
    GrantsFacts, GrantsReport, write_grants_dot, write_grants_json, write_grants_mermaid, write_grants_svg,
    write_grants_table,
};
pub use json::{RunFacts, write_json};
pub use listing::{write_listing, write_listing_json};
#[cfg(test)]
pub(crate) use model::samples;
pub use model::{FileReport, Planned, Status, Totals, sha256_hex};
pub use numbered::numbered;
pub use paint::Paint;
pub use preflight::{PreflightFacts, PreflightReport, write_preflight, write_preflight_json};
pub use problem::Problem;
pub use text::{Detail, TextOptions, effect_in_words, write_permissions, write_question, write_text};
pub use topic::{Topic, UnknownTopic, topic};

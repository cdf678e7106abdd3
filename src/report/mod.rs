//! One writer per format over the reports of all files: text and unified diff for people, JSON for programs, and what code
//! hosts read. Knows neither how a plan was made nor where its words go.

mod advice;
mod comparison;
mod count;
mod diff;
mod escape;
mod explain;
mod facts;
mod github;
mod gitlab;
mod grants;
mod json;
mod junit;
mod likeness;
mod listing;
mod markdown;
pub mod merged;
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
mod term;
mod text;
mod topic;
mod whereabouts;
mod wrap;
mod xml;

pub use advice::{RestAdvice, rest_advice};
pub use comparison::{
    ComparisonFacts, ComparisonReport, overall_effect, write_comparison_json, write_comparison_markdown,
    write_comparison_text,
};
pub use diff::{Unified, write_diffs};
pub use escape::{escaped, quoted_path};
pub use explain::{write_explanation, write_explanations};
pub use facts::{RepositoryFacts, RunFacts};
pub use github::write_github;
pub use gitlab::write_gitlab;
pub use grants::{
    GrantsFacts, GrantsReport, write_grants_dot, write_grants_json, write_grants_mermaid, write_grants_svg,
    write_grants_table,
};
pub use json::{write_json, write_json_lines};
pub use junit::write_junit;
pub use listing::{write_ids, write_listing, write_listing_json};
pub use markdown::write_markdown;
#[cfg(test)]
pub(crate) use model::samples;
pub use model::{FileReport, Planned, Status, Totals, sha256_hex};
pub use notice::Standing;
pub use numbered::numbered;
pub use paint::Paint;
pub use preflight::{PreflightFacts, PreflightReport, write_preflight, write_preflight_json};
pub use problem::Problem;
pub use sarif::write_sarif;
pub use text::{
    Detail, TextOptions, effect_in_words, write_consequences, write_permissions, write_question, write_text,
};
pub use topic::{Topic, UnknownTopic, topic, topics};
pub use whereabouts::{Whereabouts, lexical};
pub use wrap::wrapped;

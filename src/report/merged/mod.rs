//! Many repositories in one report: rows that tell what became of each, their sum, and the formats that show it. Reads what
//! runs have written and nothing else; knows no file system.

mod commit;
mod csv;
mod figures;
mod html;
mod json;
mod markdown;
mod order;
mod peek;
mod read;
mod record;
mod row;
mod status;
mod sum;
mod table;
mod told;

pub use commit::write_commit;
pub use csv::write_merged_csv;
pub use figures::{Counts, Figures};
pub use html::write_merged_html;
pub use json::write_merged_json;
pub use markdown::write_merged_markdown;
pub use order::Order;
pub use read::{Flaw, FlawKind, Found, Reader, Told};
pub use record::{
    FileRecord, FindingRecord, HashesRecord, LeftAloneRecord, ManagedPoliciesRecord, MendedRecord,
    NoteRecord, PlaceRecord, PointRecord, RepositoryRecord, RewriteRecord, RoleRecord, RunRecord, StepRecord,
    SummaryRecord, ToolRecord,
};
pub use row::Row;
pub use status::RepoStatus;
pub use sum::{Choices, Details, Merged, Sum};
pub use table::{TableOptions, write_merged_table};

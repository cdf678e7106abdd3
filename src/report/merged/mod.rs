//! Many repositories in one report: rows that tell what became of each, their sum, and the formats that show it. Reads what
//! runs have written and nothing else; knows no file system.

mod figures;
mod record;
mod row;
mod status;
mod sum;

pub use figures::{Counts, Figures};
pub use record::{
    FileRecord, FindingRecord, HashesRecord, LeftAloneRecord, ManagedPoliciesRecord, MendedRecord,
    NoteRecord, PlaceRecord, PointRecord, RepositoryRecord, RewriteRecord, RoleRecord, RunRecord, StepRecord,
    SummaryRecord, ToolRecord,
};
pub use row::Row;
pub use status::RepoStatus;
pub use sum::{Choices, Details, Merged, Sum};

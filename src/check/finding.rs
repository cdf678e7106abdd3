//! What a finding is: something wrong or worth knowing about the connectors and policies that a template already has,
//! whatever is rewritten. Every kind stands in one table, from which the documentation and `samwire explain` are made.

use crate::plan::Location;
use crate::text::Edit;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; changes no exit code.
    Info,
    /// Something does not do what it seems to do.
    Warning,
    /// SAM refuses the template, its deployment fails, or a permission is not there at run time.
    Error,
}

impl Severity {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A kind of finding. Invariant: a text is one or more whole sentences.
#[derive(Debug, PartialEq, Eq)]
pub struct FindingKind {
    /// Stable id in kebab case, used in messages, reports, suppressions and docs.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it.
    pub mend: &'static str,
}

impl FindingKind {
    /// The page of the documentation and the place on it, relative to where the documentation is.
    pub fn page(&self) -> String {
        format!("findings.html#{}", self.id)
    }
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What kind it is of.
    pub kind: &'static FindingKind,
    /// What is wrong here and what to write instead, naming what it is about.
    pub message: String,
    /// Where.
    pub location: Location,
    /// Digest of kind, place and what it is about; stable while lines move.
    pub fingerprint: String,
    /// The edits against the original text that mend it; empty where no one change is surely meant.
    pub mend: Vec<Edit>,
}

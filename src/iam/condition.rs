//! When a statement applies to a request. One condition is understood: that the request comes from a given resource, as every
//! grant to a service has it. All others are opaque: equal texts are equal, nothing more is known.

use super::ResourcePattern;
use std::fmt;
use std::sync::Arc;

/// The IAM condition of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Any condition, by its canonical text.
    Opaque(Arc<str>),
    /// The request comes from a resource (`aws:SourceArn`).
    Source {
        /// The ARN, or a pattern of ARNs.
        arn: ResourcePattern,
        /// Whether it must also come from the account of the stack (`aws:SourceAccount`).
        same_account: bool,
    },
}

impl Condition {
    /// Whether every request that `other` admits is admitted.
    pub fn admits(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Source { arn, same_account },
                Self::Source { arn: other_arn, same_account: other_account },
            ) => arn.covers(other_arn) && (!same_account || *other_account),
            _ => self == other,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opaque(text) => f.write_str(text),
            Self::Source { arn, same_account: false } => write!(f, "source {arn}"),
            Self::Source { arn, same_account: true } => write!(f, "source {arn}, same account"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(arn: &str, same_account: bool) -> Condition {
        Condition::Source { arn: ResourcePattern::from_text(arn), same_account }
    }

    #[test]
    fn a_wider_source_and_a_missing_account_admit_more() {
        assert!(source("arn:x:*", false).admits(&source("arn:x:a", false)));
        assert!(source("arn:x:a", false).admits(&source("arn:x:a", true)));
        assert!(!source("arn:x:a", true).admits(&source("arn:x:a", false)));
        assert!(!source("arn:x:a", false).admits(&source("arn:x:*", false)));
    }

    #[test]
    fn an_opaque_condition_admits_itself_only() {
        let opaque = Condition::Opaque("{Bool: {}}".into());
        assert!(opaque.admits(&opaque.clone()) && !opaque.admits(&source("*", false)));
    }
}

//! The kind of finding that each complaint about a connector is. One total match, so that a new complaint cannot be told
//! without an explanation. Knows no template.

use crate::check::finding::FindingKind;
use crate::check::kinds;
use crate::template::Complaint;

/// The kind that a complaint is of.
pub(super) fn kind_of(complaint: &Complaint) -> &'static FindingKind {
    match complaint {
        Complaint::MissingProperty("Destination")
        | Complaint::NoDestination
        | Complaint::NoSuchResource("Destination", _) => &kinds::CONNECTOR_MISSING_DESTINATION,
        Complaint::MissingProperty("Source") | Complaint::NoSuchResource(..) => {
            &kinds::CONNECTOR_MISSING_SOURCE
        }
        Complaint::NoProfile(..) => &kinds::CONNECTOR_UNSUPPORTED_PAIR,
        Complaint::MissingProperty("Permissions")
        | Complaint::WrongType("Permissions")
        | Complaint::NoPermissions(_)
        | Complaint::UnknownCategory(..)
        | Complaint::UnknownCombination(..) => &kinds::CONNECTOR_UNSUPPORTED_PERMISSION,
        Complaint::MissingValue(..) | Complaint::NoTarget(..) => &kinds::CONNECTOR_MISSING_VALUE,
        Complaint::NoRole(_) => &kinds::CONNECTOR_WITHOUT_ROLE,
        Complaint::ForeignRole(_) => &kinds::CONNECTOR_FOREIGN_ROLE,
        Complaint::Taken(..) => &kinds::CONNECTOR_COLLIDING_ID,
        Complaint::MayBeTaken(..) => &kinds::CONNECTOR_DOUBTFUL_ID,
        Complaint::Replaced(_) => &kinds::CONNECTOR_REPLACED,
        Complaint::Generated(_) => &kinds::CONNECTOR_UNSEEN_RESOURCE,
        Complaint::UnknownValue(..) => &kinds::CONNECTOR_UNKNOWN_VALUE,
        Complaint::ConnectorsNotAMap(_)
        | Complaint::NotAMap(..)
        | Complaint::PropertiesNotAMap(..)
        | Complaint::PropertiesNotAnObject
        | Complaint::KeyNotText(_)
        | Complaint::NotAlphanumeric(_)
        | Complaint::UnknownProperty(_)
        | Complaint::MissingProperty(_)
        | Complaint::WrongType(_)
        | Complaint::IdInSourceReference
        | Complaint::IdOrFields
        | Complaint::NoType
        | Complaint::IdNotText => &kinds::CONNECTOR_MALFORMED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::finding::Severity;

    #[test]
    fn what_sam_refuses_is_an_error_and_what_only_may_be_wrong_is_none() {
        let id = || "A".to_owned();
        for complaint in [
            Complaint::NoSuchResource("Source", id()),
            Complaint::NoProfile(id(), id()),
            Complaint::NoRole("Source"),
            Complaint::Taken(id(), id(), id()),
            Complaint::MissingProperty("Permissions"),
            Complaint::KeyNotText(id()),
        ] {
            assert!(complaint.is_refusal() && kind_of(&complaint).severity == Severity::Error, "{complaint}");
        }
        for complaint in [Complaint::Generated(id()), Complaint::MayBeTaken(id(), id())] {
            assert!(!complaint.is_refusal() && kind_of(&complaint).severity < Severity::Error, "{complaint}");
        }
        let destination = kind_of(&Complaint::NoSuchResource("Destination", id()));
        assert_eq!(destination.id, "connector-missing-destination");
    }
}

//! Every kind of finding, in the order of the documentation. A finding is made of a kind of this table, so none can be
//! reported that cannot be explained.

use super::finding::{FindingKind, Severity};

macro_rules! kinds {
    ($($name:ident, $id:literal, $severity:ident, $what:literal, $why:literal, $mend:literal;)*) => {
        $(pub(super) static $name: FindingKind = FindingKind {
            id: $id,
            severity: Severity::$severity,
            what: $what,
            why: $why,
            mend: $mend,
        };)*

        /// Every kind of finding, in the order of the documentation.
        pub static FINDINGS: &[&FindingKind] = &[$(&$name),*];
    };
}

kinds! {
    CONNECTOR_MALFORMED, "connector-malformed", Error,
        "A connector is written in a way that SAM refuses.",
        "The deployment fails before CloudFormation sees the template.",
        "Write what the message says.";
    SECOND_RESOURCE_POLICY, "second-resource-policy", Warning,
        "Two resources write the one policy that a queue or topic can have.",
        "The last one written replaces the other, so its permissions are gone without an error.",
        "Put the statements into one policy, or join both sources by connectors to one destination each.";
    UNUSED_SUPPRESSION, "unused-suppression", Warning,
        "A comment or an entry of the config file ignores something that is not there.",
        "What it was for is mended or gone, or its id is mistyped; it would hide the next one of its kind.",
        "Remove it, or correct the id.";
    DUPLICATE_KEY, "duplicate-key", Warning,
        "A mapping has the same key twice.",
        "The last one counts and the first is dead text, whatever it says.",
        "Remove the one that is not meant.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_kebab_case_and_texts_are_sentences() {
        let ids: BTreeSet<_> = FINDINGS.iter().map(|kind| kind.id).collect();
        assert_eq!(ids.len(), FINDINGS.len());
        for kind in FINDINGS {
            assert!(kind.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", kind.id);
            for text in [kind.what, kind.why, kind.mend] {
                assert!(text.ends_with('.') && !text.contains('|'), "{text}");
            }
        }
    }
}

//! The words by which reports judge: what each effect means, and what is said of single permissions and rewrites. Knows no
//! format.

/// A word of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// The word.
    pub word: &'static str,
    /// Of what it is said.
    pub kind: &'static str,
    /// What it means, in sentences.
    pub what: &'static str,
    /// What follows from it, in sentences.
    pub so: &'static str,
}

const fn effect(word: &'static str, what: &'static str, so: &'static str) -> Term {
    Term { word, kind: "effect on permissions", what, so }
}

/// Every word, the effects first.
pub(super) const TERMS: &[Term] = &[
    effect(
        "same",
        "Nothing is added or removed, inert pairs apart.",
        "It is applied unattended, also with `--strict`. `compare` passes.",
    ),
    effect(
        "equivalent",
        "Only permissions are added that earlier ones imply, and nothing is removed.",
        "It is applied unattended, but not with `--strict`. `compare` passes.",
    ),
    effect(
        "wider",
        "Permissions are added that nothing implies, and nothing is removed.",
        "It is applied unattended only if `--accept-add` names all that is added. `compare` fails unless it is accepted.",
    ),
    effect(
        "narrower",
        "Permissions are removed, and nothing is added but what is implied.",
        "It is applied unattended only if `--accept-remove` names all that is removed. `compare` passes.",
    ),
    effect(
        "mixed",
        "Some permissions are added and others are removed.",
        "It is applied unattended only if `--accept-add` and `--accept-remove` name all of it. `compare` fails unless all that is added is accepted.",
    ),
    effect(
        "unknown",
        "What changes cannot be decided from the template, or a version of it could not be read.",
        "It is never applied unattended, whatever is accepted. `compare` fails.",
    ),
    Term {
        word: "implied",
        kind: "said of a permission",
        what: "The same principal could do the same to the same resource before, by another action.",
        so: "It is no new power, so that an addition of nothing else is `equivalent`. The arguments are data and can be replaced with `--transforms`.",
    },
    Term {
        word: "inert",
        kind: "said of a permission",
        what: "IAM never matches this action with this resource, or has no action of this name.",
        so: "It is shown with `-v` and counts for nothing: it is no part of an effect.",
    },
    Term {
        word: "rest",
        kind: "said of a permission",
        what: "What a policy grants and the connector in its place does not.",
        so: "It stays as a policy and is told behind `keeps`. `--accept-remove` or `--drop-rest` lets it go.",
    },
    Term {
        word: "held",
        kind: "said of a rewrite",
        what: "The rewrite is possible, and something that nobody has consented to keeps it from being applied.",
        so: "`released by` names the option that lets it through; `--fail-on held` counts it.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::Effect;

    #[test]
    fn every_effect_is_a_term_and_texts_are_sentences() {
        use Effect::{Equivalent, Mixed, Narrower, Same, Unknown, Wider};
        let effects = [Same, Equivalent, Wider, Narrower, Mixed, Unknown].map(Effect::as_str);
        assert!(TERMS.iter().map(|term| term.word).take(effects.len()).eq(effects));
        for term in TERMS {
            assert!(term.what.ends_with('.') && term.so.ends_with('.'), "{}", term.word);
        }
    }
}

//! Templates that nobody wrote, by the number: each is planned, carried out, verified, planned again, taken back, and shown to
//! the SAM translator, which has to agree with what was declared.
//!
//! `SAMWIRE_GENERATED=10000` makes so many, `SAMWIRE_GENERATED_FROM=1234` begins there; with `SAMWIRE_GENERATED_SHOW=1` the
//! texts and what becomes of them are printed.

mod fixture_support;
mod generated_support;
mod support;
mod trip_support;

use generated_support::census::Census;
use generated_support::generated;
use generated_support::proof::Proof;
use samwire::catalog::Catalog;
use samwire::plan::{HAZARDS, Reason};
use std::collections::BTreeSet;
use support::oracle;

/// How many templates.
const COUNT: &str = "SAMWIRE_GENERATED";
/// The number of the first.
const FROM: &str = "SAMWIRE_GENERATED_FROM";
/// Whether they are printed.
const SHOW: &str = "SAMWIRE_GENERATED_SHOW";
/// As many as the suite has time for.
const COUNT_BY_DEFAULT: u64 = 300;

/// Reasons that need a template which SAM refuses or which the generator does not write.
const REASONS_ELSEWHERE: [&str; 0] = [];
/// Hazards that need what the generator does not write.
const HAZARDS_ELSEWHERE: [&str; 0] = [];

#[test]
fn the_translator_agrees_with_what_is_made_of_generated_templates() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let (from, count) = (number(FROM).unwrap_or(0), number(COUNT).unwrap_or(COUNT_BY_DEFAULT));
    let mut proof = Proof::default();
    for number in from..from + count {
        proof.look(&generated(number));
    }
    if std::env::var_os(SHOW).is_some() {
        for request in &proof.requests {
            eprintln!("=== {}\n{}\n--- becomes\n{}", request.id, request.before, request.after);
        }
    }
    if let Some(oracle) = oracle() {
        let verdicts = oracle.judge(&proof.requests);
        proof.judged(&verdicts);
    }
    let Proof { census, failures, .. } = proof;
    eprintln!("{census}");
    let again = format!("{FROM}=… {COUNT}=1 {SHOW}=1 shows one by its number");
    assert!(failures.is_empty(), "{} failures ({again}):\n{}", failures.len(), failures.join("\n"));
    let refused = census.of("verdict", "refused-before");
    let asked = census.sum("verdict");
    assert!(refused * 20 <= asked, "SAM refuses {refused} of {asked}, which then prove nothing");
    if count >= COUNT_BY_DEFAULT {
        everything_came_up(&census);
    }
}

/// Every profile was taken both ways, and every effect, hazard and reason was met.
fn everything_came_up(census: &Census) {
    let profiles: BTreeSet<&str> = Catalog::builtin().profiles().map(|profile| profile.id.as_str()).collect();
    assert_eq!(census.names("taken to connectors"), profiles, "profiles taken to connectors");
    assert_eq!(census.names("taken to policies"), profiles, "profiles taken to policies");
    let hazards = HAZARDS.iter().map(|kind| kind.id).filter(|id| !HAZARDS_ELSEWHERE.contains(id)).collect();
    missing("hazard", census, hazards);
    let reasons = Reason::ALL.iter().map(|reason| reason.id());
    missing("left alone", census, reasons.filter(|id| !REASONS_ELSEWHERE.contains(id)).collect());
}

fn missing(kind: &'static str, census: &Census, expected: Vec<&str>) {
    let found = census.names(kind);
    let missing: Vec<&str> = expected.into_iter().filter(|id| !found.contains(id)).collect();
    assert!(missing.is_empty(), "no {kind}: {missing:?}");
}

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
const COUNT_BY_DEFAULT: u64 = 500;

#[test]
fn the_translator_agrees_with_what_is_made_of_generated_templates() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let (from, count) = (number(FROM).unwrap_or(0), number(COUNT).unwrap_or(COUNT_BY_DEFAULT));
    let mut proof = Proof::default();
    let show = std::env::var_os(SHOW).is_some();
    for number in from..from + count {
        let generated = generated(number);
        if show {
            eprintln!("=== {number}: {:?}\n{}", generated.options, generated.text.text);
        }
        proof.look(&generated);
    }
    if show {
        for request in &proof.requests {
            eprintln!("=== {} becomes\n{}", request.id, request.after);
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

/// Every profile was taken both ways, every effect was met that can be, and most of what hazards and reasons there are; some need
/// templates that SAM refuses.
fn everything_came_up(census: &Census) {
    let profiles: BTreeSet<&str> = Catalog::builtin().profiles().map(|profile| profile.id.as_str()).collect();
    let all = |kind: &str, expected: BTreeSet<&str>| {
        let found = census.names(kind);
        let missing: Vec<&&str> = expected.difference(&found).collect();
        assert!(missing.is_empty(), "{kind}: never {missing:?}");
    };
    all("taken to connectors", profiles.clone());
    all("taken to policies", profiles);
    all("effect", BTreeSet::from(["same", "equivalent", "wider", "narrower", "mixed"]));
    let most = |kind: &str, expected: usize| {
        let found = census.names(kind);
        assert!(found.len() * 4 >= expected * 3, "{kind}: only {found:?} of {expected}");
    };
    most("hazard", HAZARDS.len());
    most("left alone", Reason::ALL.len());
}

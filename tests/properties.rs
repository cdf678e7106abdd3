//! Properties of plans on mutated fixtures: whatever the template, nothing panics, every subset of what is proposed can be
//! made and proves to be what was said, only the edits change bytes, no comment is lost, a second run is silent, and two
//! steps end where one does.

mod fixture_support;

use fixture_support::{Case, Mutation, cases, mutations, odd_texts, phases, promise};
use proptest::prelude::*;
use samwire::plan::{Consent, Direction, Options, RewriteId};
use std::sync::LazyLock;

static CASES: LazyLock<Vec<Case>> = LazyLock::new(cases);

/// A mutated template.
#[derive(Clone, Debug)]
struct Trial {
    /// The fixture that it comes from.
    name: String,
    text: String,
}

fn trials() -> impl Strategy<Value = Trial> {
    (0..CASES.len(), mutations()).prop_map(|(index, mutations): (usize, Vec<Mutation>)| {
        let case = &CASES[index];
        let text = mutations.iter().fold(case.before.clone(), |text, mutation| mutation.apply(&text));
        Trial { name: case.name.clone(), text }
    })
}

/// All that is promised about one text; `None` where it is none that can be read.
fn check(case: &Case, text: &str, choice: u64) -> Result<(), String> {
    promise::whole(case, text, |plan| {
        let some = plan.rewrites().iter().map(|rewrite| rewrite.id);
        let some = some.filter(|RewriteId(number)| choice >> (number % 64) & 1 == 1).collect();
        promise::subsets(plan).into_iter().chain([some]).collect()
    })?;
    // The way back has one step.
    if case.options.direction == Direction::Policies {
        return Ok(());
    }
    phases::check(case, text)
}

/// Texts that broke a promise once, as files: seeds would mean other texts with every new fixture.
#[test]
fn promises_hold_on_texts_that_broke_one() {
    let any = CASES.iter().find(|case| case.extension == "yaml").expect("a fixture in YAML");
    let mut failures = Vec::new();
    for (path, text) in odd_texts() {
        for options in [Options::default(), generous()] {
            let case = Case { options, ..any.clone() };
            failures.extend(check(&case, &text, 0).err().map(|what| format!("{}: {what}", path.display())));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Options under which everything that is decided is taken.
fn generous() -> Options {
    Options { consent: Consent { any: true, ..Consent::default() }, ..Options::default() }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn promises_hold_on_any_text(trial in trials(), choice in any::<u64>(), takes_all in any::<bool>()) {
        let case = CASES.iter().find(|case| case.name == trial.name).expect("a fixture");
        let options = if takes_all { generous() } else { case.options.clone() };
        if let Err(what) = check(&Case { options, ..case.clone() }, &trial.text, choice) {
            prop_assert!(false, "{}: {what}\n--- template\n{}", case.name, trial.text);
        }
    }
}

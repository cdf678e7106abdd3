//! The two steps of a migration, on every case below `fixtures/` under its own and other options: first `add`, then `remove` end in
//! the bytes of `both`; a step that was made finds nothing more to do; `remove` alone takes away only what connectors give
//! already; and the SAM translator says of each step what the step says of itself.

mod fixture_support;
mod support;

use fixture_support::{Case, cases, phases};
use samwire::plan::{Consent, Direction, FormChoice, Options, Partition, Phase, Plan, Rest};
use samwire::text::Format;
use support::{Form, Request, oracle};

#[test]
fn both_steps_end_in_the_bytes_of_the_whole() {
    let mut failures = Vec::new();
    for case in forward() {
        for (name, options) in variants(&case.options) {
            let case = Case { options, ..case.clone() };
            if let Err(what) = phases::check(&case, &case.before) {
                failures.push(format!("{} {name}: {what}", case.name));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// The cases of the direction that has steps.
fn forward() -> impl Iterator<Item = Case> {
    cases().into_iter().filter(|case| case.options.direction == Direction::Connectors)
}

/// The options of a case, and others that take more, less, or differently.
fn variants(own: &Options) -> Vec<(&'static str, Options)> {
    let consent = Consent { any: true, strict: false, ..own.consent.clone() };
    let any = Options { consent, ..own.clone() };
    vec![
        ("as it is", own.clone()),
        ("with any consent", any.clone()),
        ("without any rest", Options { rest: Rest::Drop, ..any.clone() }),
        ("in part", Options { partial: true, ..own.clone() }),
        ("to the outside", Options { external: true, infer_destinations: true, ..any.clone() }),
        ("standalone", Options { form: FormChoice::Standalone, ..any }),
    ]
}

#[test]
fn the_steps_differ_where_something_is_taken() {
    let mut halfway = 0;
    for case in forward() {
        let whole = phases::step(&case, &case.before, Phase::Both).expect("it was planned before");
        let added = phases::step(&case, &case.before, Phase::Add).expect("it was planned before");
        halfway += usize::from(added.text != case.before && added.text != whole.text);
    }
    assert!(halfway > 50, "only {halfway} cases have a state between the steps");
}

#[test]
fn the_translator_agrees_with_every_step() {
    let Some(oracle) = oracle() else { return };
    let mut requests = Vec::new();
    // The judge reads literal partitions as that of the deployment, which is what `--partition any` does not.
    for case in forward().filter(|case| case.options.partition == Partition::Aws) {
        let Ok(added) = phases::step(&case, &case.before, Phase::Add) else { continue };
        let added_text = added.text.clone();
        requests.extend(request(&case, Phase::Add, &case.before));
        requests.extend(request(&case, Phase::Remove, &added_text));
        requests.extend(request(&case, Phase::Remove, &case.before));
    }
    let verdicts = oracle.judge(&requests);
    let bad: Vec<String> =
        verdicts.iter().filter(|verdict| !verdict.is_good()).map(ToString::to_string).collect();
    assert!(bad.is_empty(), "{} of {} are not good:\n{}", bad.len(), verdicts.len(), bad.join("\n"));
}

/// One step with what it declares; `None` where it changes nothing.
fn request(case: &Case, phase: Phase, before: &str) -> Option<Request> {
    let plan: Plan<'_> = phases::plan(case, before, phase).ok()?;
    let taken = plan.taken();
    let outcome = plan.outcome(&taken).ok()?;
    if outcome.text == before {
        return None;
    }
    let chosen = || plan.rewrites().iter().filter(|rewrite| taken.contains(&rewrite.id));
    let steps = || chosen().map(|rewrite| rewrite.step.as_ref().expect("a step of two has a delta"));
    let values = |list: Vec<&samwire::iam::Permission>| {
        list.into_iter().map(|p| serde_json::to_value(p).expect("plain values")).collect()
    };
    Some(Request {
        id: format!("{} --phase {}", case.name, phase.as_str()),
        before: before.to_owned(),
        after: outcome.text,
        format: match plan.source().format() {
            Format::Yaml => Form::Yaml,
            Format::Json => Form::Json,
        },
        added: values(steps().flat_map(|step| &step.added).collect()),
        removed: values(steps().flat_map(|step| &step.removed).collect()),
        // What the whole rewrite keeps beside the connector, both steps keep.
        kept: values(chosen().flat_map(|rewrite| &rewrite.kept).collect()),
        identical: None,
    })
}

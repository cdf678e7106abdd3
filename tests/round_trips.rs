//! Round trips over every text below `fixtures/`, as it is written and with every connector that can be made of it: to policies
//! and back nothing is lost, neither a permission nor a comment, and what was a connector is one again. The SAM translator is
//! asked about every step and every whole.

mod fixture_support;
mod support;
mod trip_support;

use fixture_support::cases;
use samwire::plan::PolicyFormChoice;
use samwire::syntax::Document;
use samwire::template::Template;
use samwire::text::Source;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use support::{Form, Request, oracle};
use trip_support::patches::{Patch, apply};
use trip_support::{FORMS, Step, connectors, not_by_connectors, same_permissions, step, values};
use trip_support::{to_any_connectors, to_policies, to_same_connectors};

/// Why what was a connector may stay a policy, where the program says so: a connector by logical ids would close a cycle that one
/// by a name did not; a queue has a second policy; the policy says more than a connector that is embedded could; the role has
/// no place left for a managed policy.
const NO_WAY_BACK: [&str; 5] = [
    "dependency-cycle: ",
    "second-resource-policy: ",
    "needed-elsewhere: ",
    "published-application: ",
    "held by quota",
];

/// Why a connector does not come back of which an end is spelled out: nothing of this template has the role, or what the
/// policy is about is named by nothing here.
const NO_WAY_BACK_OUTSIDE: [&str; 3] = ["no-source: ", "no-profile: ", "unresolved-resource: "];

/// A text to start from.
struct Start {
    name: String,
    path: String,
    text: String,
    /// The step that made it, if it is no text of the fixtures.
    forward: Option<Step>,
}

/// A text, the policies that its connectors become in one form, and what these become again.
struct Trip {
    /// Its place among the starts.
    start: usize,
    name: String,
    form: PolicyFormChoice,
    there: Step,
    /// Back without consent to any change.
    back: Step,
    /// Back with consent to every change.
    back_by_any: Step,
}

/// All trips, and what went wrong on the way.
#[derive(Default)]
struct Trips {
    starts: Vec<Start>,
    trips: Vec<Trip>,
    broken: Vec<String>,
}

static ALL: LazyLock<Trips> = LazyLock::new(|| {
    let mut all = Trips::default();
    let mut known = BTreeSet::new();
    for case in cases() {
        let path = format!("template.{}", case.extension);
        for (which, text) in [("before", Some(case.before.clone())), ("after", case.after())] {
            let Some(text) = text.filter(|text| known.insert(text.clone())) else { continue };
            let name = format!("{} {which}", case.name);
            let forward = all.made(&name, step(&path, &text, &to_any_connectors())).filter(Step::changes);
            all.starts.push(Start { name: name.clone(), path: path.clone(), text, forward: None });
            if let Some(forward) = forward.filter(|forward| known.insert(forward.after.clone())) {
                let (name, text) = (format!("{name}, forward"), forward.after.clone());
                all.starts.push(Start { name, path: path.clone(), text, forward: Some(forward) });
            }
        }
    }
    for start in 0..all.starts.len() {
        FORMS.into_iter().for_each(|(word, form)| all.trip(start, word, form));
    }
    all
});

impl Trips {
    /// A step that was made, if it kept what is promised of it.
    fn made(&mut self, name: &str, step: Result<Option<Step>, String>) -> Option<Step> {
        match step {
            Ok(step) => step,
            Err(what) => {
                self.broken.push(format!("{name}: {what}"));
                None
            }
        }
    }

    fn trip(&mut self, start: usize, word: &str, form: PolicyFormChoice) {
        let Start { name, path, text, .. } = &self.starts[start];
        let (name, path) = (format!("{name}, by {word}"), path.clone());
        let there = step(&path, text, &to_policies(form));
        let Some(there) = self.made(&name, there).filter(Step::changes) else { return };
        let back = self.made(&format!("{name} and back"), step(&path, &there.after, &to_same_connectors()));
        let any = step(&path, &there.after, &to_any_connectors());
        let any = self.made(&format!("{name} and back by any"), any);
        if let (Some(back), Some(back_by_any)) = (back, any) {
            self.trips.push(Trip { start, name, form, there, back, back_by_any });
        }
    }

    /// What a check says of every trip.
    fn check(&self, check: impl Fn(&Start, &Trip) -> Result<(), String>) {
        let failed = |trip: &Trip| {
            let what = check(&self.starts[trip.start], trip).err()?;
            Some(format!("{}: {what}", trip.name))
        };
        let failures: Vec<String> = self.trips.iter().filter_map(failed).collect();
        assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    }
}

#[test]
fn every_step_keeps_what_is_promised_of_it() {
    assert!(ALL.broken.is_empty(), "{} failures:\n{}", ALL.broken.len(), ALL.broken.join("\n"));
    assert!(ALL.trips.len() > 500, "only {} trips", ALL.trips.len());
}

#[test]
fn connectors_become_policies_of_the_same_permissions() {
    ALL.check(|start, trip| {
        trip.there.declares_nothing()?;
        same_permissions(&start.path, &start.text, &trip.there.after)
    });
}

#[test]
fn every_connector_of_this_program_can_go() {
    ALL.check(|start, trip| {
        let left = connectors(&start.path, &trip.there.after)?;
        match &start.forward {
            Some(_) if left > 0 && trip.form != PolicyFormChoice::Inline => {
                Err(format!("{left} stay: {:?}", trip.there.refused))
            }
            _ => Ok(()),
        }
    });
}

#[test]
fn without_consent_to_changes_the_whole_changes_nothing() {
    ALL.check(|start, trip| {
        trip.back.declares_nothing()?;
        same_permissions(&start.path, &start.text, &trip.back.after)
    });
}

#[test]
fn what_was_a_connector_is_one_again() {
    ALL.check(|start, trip| {
        let lost = not_by_connectors(&start.path, &start.text, &trip.back.after)?;
        let refused = &trip.back.refused;
        let outside = NO_WAY_BACK_OUTSIDE.iter().filter(|_| spells_an_end_out(&start.path, &start.text));
        let reasons: Vec<&&str> = NO_WAY_BACK.iter().chain(outside).collect();
        let known = refused.iter().any(|line| reasons.iter().any(|known| line.contains(**known)));
        match lost.is_empty() || known {
            true => Ok(()),
            false => Err(format!("{lost:#?} of\n{}\n{refused:#?}", trip.there.after)),
        }
    });
}

/// Whether a connector of a text names an end by what it is instead of by its logical id.
fn spells_an_end_out(path: &str, text: &str) -> bool {
    let source = Source::new(path, text.as_bytes().to_vec()).expect("a fixture is text");
    let doc = Document::parse(source).expect("a fixture is a template");
    let connectors = Template::view(&doc).connectors(&doc);
    connectors.iter().any(|connector| {
        let mut ends = connector.destinations.iter().chain([&connector.source]);
        ends.any(|end| end.id.is_none())
    })
}

#[test]
fn the_diff_of_every_step_is_a_patch() {
    let of_trip = |(number, trip): (usize, &Trip)| {
        [("there", &trip.there), ("back", &trip.back), ("any", &trip.back_by_any)].map(|(which, step)| {
            Patch {
                name: format!("{number}/{which}/template"),
                before: step.before.clone(),
                after: step.after.clone(),
            }
        })
    };
    let patches: Vec<Patch> = ALL.trips.iter().enumerate().flat_map(of_trip).collect();
    let wrong = apply(&patches).expect("the temporary directory is ours");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_translator_agrees_with_every_step_and_every_whole() {
    let Some(oracle) = oracle() else { return };
    let mut requests = Vec::new();
    let mut known = BTreeSet::new();
    for trip in &ALL.trips {
        let start = &ALL.starts[trip.start];
        let mut ask = |what: &str, before: &str, after: &str, declared: &Step| {
            if before == after || !known.insert((before.to_owned(), after.to_owned())) {
                return;
            }
            requests.push(Request {
                id: format!("{}: {what}", trip.name),
                before: before.to_owned(),
                after: after.to_owned(),
                format: if start.path.ends_with("json") { Form::Json } else { Form::Yaml },
                added: values(&declared.added),
                removed: values(&declared.removed),
                kept: Vec::new(),
                identical: None,
            });
        };
        ask("there", &trip.there.before, &trip.there.after, &trip.there);
        // There is no change on the way there, so the way back is all that the whole may change.
        ask("the whole", &start.text, &trip.back.after, &trip.back);
        ask("the whole by any", &start.text, &trip.back_by_any.after, &trip.back_by_any);
        if let Some(forward) = &start.forward {
            ask("to connectors", &forward.before, &forward.after, forward);
            ask("to connectors and back", &forward.before, &trip.there.after, forward);
        }
    }
    let verdicts = oracle.judge(&requests);
    let bad: Vec<String> =
        verdicts.iter().filter(|verdict| !verdict.is_good()).map(ToString::to_string).collect();
    assert!(bad.is_empty(), "{} of {} are not good:\n{}", bad.len(), verdicts.len(), bad.join("\n"));
}

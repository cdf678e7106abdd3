//! The way back for everything that a connector can be: every profile, list of categories, shape, attribute and reference.
//! As the resource that SAM would generate, a stack sees no difference; in the policies of a role, the statements are the
//! same. Both by the word of the translator.

mod matrix_support;
mod support;

use matrix_support::{Notation, Place, Scene, Shape, profiles_with_categories, spellings, written};
use samwire::catalog::{Catalog, GrantKind, Holder, Profile, Waits};
use samwire::iam::{Effect, Permission};
use samwire::plan::{Direction, Form, Options, Plan, PolicyFormChoice, Reason, plan};
use samwire::text::Source;
use serde_json::{Value, json};
use std::path::Path;
use support::{Form as Syntax, Identity, Request, Verdict, oracle};

/// What the folded form of a connector comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Folds {
    /// Statements among the policies of its role.
    Inline,
    /// Nothing: no role of the template can hold it.
    Not,
}

/// A template with one connector, and what is to become of it.
struct Case {
    name: String,
    scene: Scene,
    folds: Folds,
    /// What the generated resource leaves as it was, beside the permissions.
    identical: Option<Identity>,
}

impl Case {
    fn new(profile: &Profile, what: &str, scene: Scene) -> Self {
        let folds = match profile.kind {
            GrantKind::ManagedPolicy => Folds::Inline,
            _ => Folds::Not,
        };
        let identical = Some(Identity::Expansion);
        Self { name: format!("{} {what}", profile.id), scene, folds, identical }
    }
}

/// What is wrong, and what the translator has to be asked.
#[derive(Default)]
struct Proof {
    failures: Vec<String>,
    requests: Vec<Request>,
}

impl Proof {
    /// All that is promised about one case in one notation, with the word of the translator where it is `judged`.
    fn case(&mut self, case: &Case, notation: Notation, judged: bool) {
        let before = self.requests.len();
        self.planned_case(case, notation);
        if !judged {
            self.requests.truncate(before);
        }
    }

    fn planned_case(&mut self, case: &Case, notation: Notation) {
        let name = format!("{} {notation:?}", case.name);
        let text = case.scene.spell(notation);
        let resource = self.converted(&name, &text, notation, PolicyFormChoice::Resource, case.identical);
        if resource.is_none() {
            return;
        }
        let inline = match case.folds {
            Folds::Inline => {
                let identical = Some(Identity::Statements);
                self.converted(&name, &text, notation, PolicyFormChoice::Inline, identical)
            }
            Folds::Not => {
                let plan = planned(&text, notation, PolicyFormChoice::Inline);
                let alone: Vec<Reason> = plan.left_alone().iter().map(|left| left.reason).collect();
                if !plan.rewrites().is_empty() || alone != [Reason::Unfoldable] {
                    self.failures.push(format!("{name}: folded, or left alone for {alone:?}\n{text}"));
                }
                None
            }
        };
        let auto = planned(&text, notation, PolicyFormChoice::Auto);
        let result = auto.outcome(&auto.taken()).map(|outcome| outcome.text);
        if result.as_ref().ok() != inline.as_ref().or(resource.as_ref()) {
            self.failures.push(format!("{name}: by itself it becomes\n{result:?}"));
        }
    }

    /// The result of one form, to be judged; `None` if there is none.
    fn converted(
        &mut self,
        name: &str,
        text: &str,
        notation: Notation,
        form: PolicyFormChoice,
        identical: Option<Identity>,
    ) -> Option<String> {
        let plan = planned(text, notation, form);
        let name = format!("{name} {form:?}");
        match conversion(&plan, form) {
            Ok(after) => {
                self.requests.push(request(name, &plan, &after, identical));
                Some(after)
            }
            Err(what) => {
                self.failures.push(format!("{name}: {what}\n{text}"));
                None
            }
        }
    }

    fn finish(self, cases: usize, expected: usize) {
        assert!(self.failures.is_empty(), "{} failures:\n{}", self.failures.len(), self.failures.join("\n"));
        assert_eq!(cases, expected, "cases, by the catalogue");
        let Some(oracle) = oracle() else { return };
        let verdicts = oracle.judge(&self.requests);
        let bad: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.verdict != "ok").collect();
        let shown: Vec<String> = bad
            .iter()
            .take(20)
            .map(|verdict| {
                let asked = self.requests.iter().find(|request| request.id == verdict.id);
                let texts = asked.map(|r| format!("\n{}\n---\n{}", r.before, r.after)).unwrap_or_default();
                format!("{verdict}{texts}")
            })
            .collect();
        assert!(bad.is_empty(), "{} of {} are not ok:\n{}", bad.len(), verdicts.len(), shown.join("\n"));
    }
}

fn planned(text: &str, notation: Notation, policy_form: PolicyFormChoice) -> Plan<'static> {
    let path = Path::new(notation.file_name());
    let source = Source::new(path, text.as_bytes().to_vec()).expect("UTF-8");
    let options = Options { direction: Direction::Policies, policy_form, ..Options::default() };
    plan(source, Catalog::builtin(), &options).expect("a template that parses")
}

/// The one connector of a template in the form that was asked for, with nothing gained or lost.
fn conversion(plan: &Plan<'_>, form: PolicyFormChoice) -> Result<String, String> {
    let wanted = if form == PolicyFormChoice::Inline { Form::Inline } else { Form::Resource };
    if let Some(left) = plan.left_alone().first() {
        return Err(format!("left alone for {}: {}", left.reason.id(), left.message));
    }
    let [rewrite] = plan.rewrites() else {
        return Err(format!("{} rewrites instead of one", plan.rewrites().len()));
    };
    if rewrite.form != wanted || rewrite.effect != Effect::Same || !rewrite.hazards.is_empty() {
        return Err(format!("{:?}, {:?}, {:?}", rewrite.form, rewrite.effect, rewrite.hazards));
    }
    let delta: Vec<&Permission> = rewrite.added.iter().chain(&rewrite.removed).collect();
    if !delta.is_empty() {
        return Err(format!("a delta: {delta:?}"));
    }
    let taken = plan.taken();
    if taken != [rewrite.id] {
        return Err(format!("{:?}", rewrite.decision));
    }
    let outcome = plan.outcome(&taken).map_err(|bug| bug.to_string())?;
    if outcome.text.contains("Connector") {
        return Err(format!("a connector remains in\n{}", outcome.text));
    }
    Ok(outcome.text)
}

fn request(id: String, plan: &Plan<'_>, after: &str, identical: Option<Identity>) -> Request {
    let json = plan.source().path().extension().is_some_and(|extension| extension == "json");
    Request {
        id,
        before: plan.source().text().to_owned(),
        after: after.to_owned(),
        format: if json { Syntax::Json } else { Syntax::Yaml },
        added: Vec::new(),
        removed: Vec::new(),
        kept: Vec::new(),
        identical,
    }
}

fn prove(cases: &[Case], expected: usize) {
    let mut proof = Proof::default();
    for (number, case) in (0_u32..).zip(cases) {
        // The translator judges one notation of each case. Which one is spread like the hash of a number, so that no axis of
        // the matrix always meets the same.
        let judged = Notation::ALL[usize::from(number.wrapping_mul(0x9E37_79B1) >> 31 == 1)];
        for notation in Notation::ALL {
            proof.case(case, notation, notation == judged);
        }
    }
    proof.finish(cases.len(), expected);
}

/// A SAM type where there is one that can stand at both ends of a connector, else the type itself.
fn usual<'c>(catalog: &'c Catalog, profile: &'c Profile) -> (&'c str, &'c str) {
    let pick = |canonical: &'c str| {
        let names = ["AWS::Serverless::Function", "AWS::Serverless::StateMachine"];
        spellings(catalog, canonical).into_iter().find(|name| names.contains(name)).unwrap_or(canonical)
    };
    (pick(&profile.source), pick(&profile.destination))
}

/// Every category of a profile.
fn fullest(profile: &Profile) -> &[String] {
    profile.combinations.last().expect("a profile accepts something")
}

#[test]
fn every_connector_becomes_what_sam_generates_or_the_same_statements() {
    let catalog = Catalog::builtin();
    let mut cases = Vec::new();
    for (profile, categories) in profiles_with_categories(catalog) {
        for shape in Shape::ALL {
            for place in Place::ALL {
                let scene = Scene::new(profile, usual(catalog, profile), &categories, shape, place);
                cases.push(Case::new(profile, &format!("{categories:?} {shape:?} {place:?}"), scene));
            }
        }
    }
    let combinations: usize = catalog.profiles().map(|profile| profile.combinations.len()).sum();
    prove(&cases, combinations * Shape::ALL.len() * Place::ALL.len());
}

#[test]
fn every_spelling_of_both_types_comes_back() {
    let catalog = Catalog::builtin();
    let mut cases = Vec::new();
    let mut expected = 0;
    for profile in catalog.profiles() {
        let (from, to) = (spellings(catalog, &profile.source), spellings(catalog, &profile.destination));
        expected += from.len() * to.len() * Place::ALL.len();
        for pair in from.iter().flat_map(|&from| to.iter().map(move |&to| (from, to))) {
            for place in Place::ALL {
                let scene = Scene::new(profile, pair, fullest(profile), Shape::Map, place);
                cases.push(Case::new(profile, &format!("{pair:?} {place:?}"), scene));
            }
        }
    }
    prove(&cases, expected);
}

/// What a connector can say of the resources that it becomes, apart from a condition.
fn attributes() -> Vec<(&'static str, Value)> {
    vec![
        ("DependsOn", json!("Log")),
        ("DeletionPolicy", json!("Retain")),
        ("UpdateReplacePolicy", json!("Retain")),
        ("UpdatePolicy", json!({"AutoScalingReplacingUpdate": {"WillReplace": true}})),
        ("Metadata", json!({"owner": "orders", "aws:sam:other": {"kept": [1, true, "text"]}})),
    ]
}

#[test]
fn attributes_stay_with_the_resource_and_do_not_fit_into_a_role() {
    let catalog = Catalog::builtin();
    let (mut cases, all) = (Vec::new(), attributes());
    let choices: Vec<&[(&str, Value)]> = all.chunks(1).chain([all.as_slice()]).collect();
    for profile in catalog.profiles() {
        for (number, choice) in choices.iter().enumerate() {
            let place = Place::ALL[number % Place::ALL.len()];
            let shape = Shape::ALL[number % Shape::ALL.len()];
            let mut scene = Scene::new(profile, usual(catalog, profile), fullest(profile), shape, place);
            scene.resources.insert("Log".into(), json!({"Type": "AWS::Logs::LogGroup"}));
            let named = choice.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
            scene.attributes.extend(named);
            let names: Vec<&str> = choice.iter().map(|(name, _)| *name).collect();
            let case = Case::new(profile, &format!("{names:?} {shape:?} {place:?}"), scene);
            cases.push(Case { folds: Folds::Not, ..case });
        }
    }
    prove(&cases, catalog.profiles().count() * (all.len() + 1));
}

#[test]
fn a_condition_is_that_of_the_policy() {
    let catalog = Catalog::builtin();
    let mut cases = Vec::new();
    for profile in catalog.profiles() {
        for place in Place::ALL {
            for everything in [false, true] {
                let ends = usual(catalog, profile);
                let mut scene = Scene::new(profile, ends, fullest(profile), Shape::Two, place);
                scene.under_condition("Prod", everything);
                cases.push(Case::new(profile, &format!("condition, of all {everything}, {place:?}"), scene));
            }
        }
    }
    prove(&cases, catalog.profiles().count() * Place::ALL.len() * 2);
}

#[test]
fn what_waits_for_the_connector_waits_for_what_it_becomes() {
    let catalog = Catalog::builtin();
    let mut cases = Vec::new();
    for profile in catalog.profiles() {
        for place in Place::ALL {
            for (name, shape, awaited) in [
                ("string", Shape::Map, json!("SourceWire")),
                ("list", Shape::Two, json!(["Source", "SourceWire", "First"])),
            ] {
                let scene = Scene::new(profile, usual(catalog, profile), fullest(profile), shape, place);
                cases.push(Case::new(profile, &format!("{name} {place:?}"), scene.waiting(awaited)));
            }
        }
    }
    prove(&cases, catalog.profiles().count() * Place::ALL.len() * 2);
}

#[test]
fn what_refers_to_the_generated_resource_keeps_it() {
    let catalog = Catalog::builtin();
    let mut cases = Vec::new();
    for profile in catalog.profiles() {
        let (_, generated) = catalog.generated(profile.kind).expect("a type that connectors generate");
        let id = generated.id.replace("${Connector}", "SourceWire").replace("${Category}", "Write");
        for (name, waits) in [("DependsOn", true), ("Ref", false)] {
            let ends = usual(catalog, profile);
            let mut scene = Scene::new(profile, ends, fullest(profile), Shape::Map, Place::Standalone);
            match waits {
                true => scene = scene.waiting(id.as_str().into()),
                false => {
                    let seen = json!({"Type": "AWS::SSM::Parameter", "Properties": {
                        "Type": "String", "Value": {"Ref": id}}});
                    scene.resources.insert("Seen".into(), seen);
                }
            }
            cases.push(Case { folds: Folds::Not, ..Case::new(profile, name, scene) });
        }
    }
    prove(&cases, catalog.profiles().count() * 2);
}

#[test]
fn an_explicit_role_is_the_home_of_the_statements() {
    let catalog = Catalog::builtin();
    let mut cases = Vec::new();
    let managed = || catalog.profiles().filter(|profile| profile.kind == GrantKind::ManagedPolicy);
    for profile in managed() {
        for place in Place::ALL {
            // A role that SAM does not make, of a SAM resource where there is one, and shared with another function.
            let mut own = Scene::new(profile, usual(catalog, profile), fullest(profile), Shape::Map, place);
            let holder = if profile.holder == Holder::Source { "Source" } else { "First" };
            let role = own.explicit_role(holder);
            let mut shared = own.clone();
            shared.share(&role);
            cases.push(Case::new(profile, &format!("own {place:?}"), own));
            cases.push(Case::new(profile, &format!("shared {place:?}"), shared));
        }
    }
    prove(&cases, managed().count() * Place::ALL.len() * 2);
}

#[test]
fn a_qualifier_narrows_the_source() {
    let catalog = Catalog::builtin();
    let qualified =
        || catalog.profiles().filter(|p| p.needed_properties(Holder::Source).contains(&"Qualifier"));
    assert!(qualified().count() > 0, "no source has a part");
    let mut cases = Vec::new();
    let qualifiers = [json!("live/GET/orders"), json!({"Fn::Sub": "${AWS::StackName}/*/orders"})];
    for profile in qualified() {
        for place in Place::ALL {
            for qualifier in &qualifiers {
                let ends = usual(catalog, profile);
                let mut scene = Scene::new(profile, ends, fullest(profile), Shape::Two, place);
                scene.source.insert("Qualifier".into(), qualifier.clone());
                cases.push(Case::new(profile, &format!("{qualifier} {place:?}"), scene));
            }
        }
    }
    prove(&cases, qualified().count() * Place::ALL.len() * qualifiers.len());
}

#[test]
fn hard_coded_references_are_kept_as_they_are_written() {
    let catalog = Catalog::builtin();
    let mut cases = Vec::new();
    let ends: [&[Holder]; 3] =
        [&[Holder::Source], &[Holder::Destination], &[Holder::Source, Holder::Destination]];
    for profile in catalog.profiles() {
        for sides in ends {
            for spelling in written::SPELLINGS {
                let types = usual(catalog, profile);
                let mut scene = Scene::new(profile, types, fullest(profile), Shape::Map, Place::Standalone);
                if sides == [Holder::Destination] {
                    scene.place = spelling.place();
                }
                sides.iter().for_each(|side| written::reference(&mut scene, profile, *side, spelling));
                let case = Case::new(profile, &format!("{sides:?} {spelling:?}"), scene);
                // Only a role of this template can be told from its name.
                let told = !sides.contains(&profile.holder) || spelling.role_is_here();
                let folds = if told { case.folds } else { Folds::Not };
                cases.push(Case { folds, ..case });
            }
        }
    }
    prove(&cases, catalog.profiles().count() * ends.len() * written::SPELLINGS.len());
}

#[test]
fn where_an_event_polls_the_function_waits() {
    let catalog = Catalog::builtin();
    let mut cases = Vec::new();
    let polled = || catalog.profiles().filter(|p| p.waits == Some(Waits::EventSourceMapping));
    assert!(polled().count() > 0, "nothing is polled");
    for profile in polled() {
        for shape in Shape::ALL {
            for place in Place::ALL {
                let mut own = Scene::new(profile, usual(catalog, profile), fullest(profile), shape, place);
                own.poll_by_events(profile);
                let generated = own.clone();
                ["First", "Second"].into_iter().take(shape.count()).for_each(|id| {
                    own.explicit_role(id);
                });
                let identical = Some(Identity::Order);
                let case = Case::new(profile, &format!("{shape:?} {place:?} own role"), own);
                cases.push(Case { identical, ..case });
                // SAM lets a role that it generates poll, so nothing needs to wait.
                let case = Case::new(profile, &format!("{shape:?} {place:?}"), generated);
                cases.push(Case { identical: None, ..case });
            }
        }
    }
    prove(&cases, polled().count() * Shape::ALL.len() * Place::ALL.len() * 2);
}

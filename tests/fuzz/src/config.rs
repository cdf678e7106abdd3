//! Bytes as one of the files that a user writes beside templates: they are read, or refused at a place within them, and what is
//! read and written again is the same.

use super::input::{Input, check_position, source};
use samwire::bulk::{Head, Message, Said};
use samwire::catalog::Catalog;
use samwire::check::DeployerPolicy;
use samwire::config::{
    Baseline, ComparisonFormat, GrantsFormat, MergedFormat, Output, Placed, read_answers, read_config,
    used_actions, write_answers,
};
use samwire::iam::ConsentPattern;
use samwire::plan::{Options, plan};
use samwire::text::Source;
use std::path::{Path, PathBuf};

/// Options of the command line that a config file may set, one of each kind.
const OPTIONS: [&str; 8] =
    ["to", "strict", "accept-add", "accept-remove", "only", "format", "baseline", "max-managed-policies"];

/// Where definitions lie, by what they hold.
const DEFINITIONS: [&str; 8] = [
    "types.yaml",
    "profiles/fuzzed.yaml",
    "policy-templates/Fuzzed.yaml",
    "actions/fuzzed.yaml",
    "actions/dynamodb.yaml",
    "implications.yaml",
    "managed-policies.yaml",
    "deployer/fuzzed.yaml",
];

/// A template whose plan asks the definitions for everything that they say.
const TEMPLATE: &str = include_str!("../../../fixtures/demo/orders/template.yaml");

/// The readers, in the order of the first decision.
const READERS: [fn(&mut Input<'_>); 8] =
    [settings, definitions, baseline, answers, actions, deployer_policy, message, words];

pub fn run(data: &[u8]) {
    let mut input = Input::of(data);
    let reader = input.one_of(&READERS);
    reader(&mut input);
}

fn settings(input: &mut Input<'_>) {
    let path = Path::new(".samwire.yaml");
    if let Err(error) = read_config(path, input.text.to_vec(), &OPTIONS) {
        if let (Some(at), Some(text)) = (error.at, input.str()) {
            check_position(text, at);
        }
        assert!(!error.what.is_empty() && !error.help.is_empty());
    }
}

fn definitions(input: &mut Input<'_>) {
    let name = input.one_of(&DEFINITIONS);
    match Catalog::load(&[(name.to_owned(), input.text.to_vec())]) {
        Ok(catalog) => {
            assert!(catalog.templates().count() >= Catalog::builtin().templates().count());
            let source = Source::new("t.yaml", TEMPLATE.as_bytes().to_vec()).expect("a template");
            let plan = plan(source, &catalog, &Options::default()).expect("it parses");
            let outcome = plan.outcome(&plan.taken());
            outcome.unwrap_or_else(|bug| panic!("{bug}"));
        }
        Err(error) => {
            assert!(!error.problems.is_empty());
            for problem in error.problems.iter().filter(|problem| problem.file == name) {
                if let (Some(at), Some(text)) = (problem.at, input.str()) {
                    check_position(text, at);
                }
            }
        }
    }
}

fn baseline(input: &mut Input<'_>) {
    let Some(Ok(read)) = input.str().map(|text| Baseline::read(PathBuf::from("/r"), text)) else { return };
    let again = Baseline::read(PathBuf::from("/r"), &read.to_text()).expect("what is written can be read");
    assert_eq!(read, again);
}

fn answers(input: &mut Input<'_>) {
    let Some(Ok(read)) = input.str().map(read_answers) else { return };
    let again = read_answers(&write_answers(&read)).expect("what is written can be read");
    assert_eq!(read, again);
}

fn actions(input: &mut Input<'_>) {
    let Some(Ok(read)) = input.str().map(used_actions) else { return };
    assert!(!read.is_empty());
}

fn deployer_policy(input: &mut Input<'_>) {
    let Some(source) = source(input.one_of(&["p.json", "p.yaml"]), input.text) else { return };
    let text = source.text().to_owned();
    match DeployerPolicy::read(source) {
        Ok(policy) => {
            for action in ["dynamodb:GetItem", "iam:PassRole", "*"] {
                policy.holding(action);
            }
        }
        Err(error) => check_position(&text, error.at),
    }
}

fn message(input: &mut Input<'_>) {
    let Some(text) = input.str() else { return };
    let said = Said { subject: "s", summary: "t", repo: "r", files: 1, rewrites: 2, version: "0" };
    if let Ok(message) = Message::read(text) {
        assert!(message.about(&said).ends_with('\n'));
    }
    drop(Head::new("0", &["a"], "b", true).goes_on(input.text));
}

/// What stands in the values of options, one on each line.
fn words(input: &mut Input<'_>) {
    for line in input.str().unwrap_or_default().lines() {
        if let Ok(pattern) = line.parse::<ConsentPattern>() {
            let again = pattern.to_string().parse::<ConsentPattern>();
            assert_eq!(again.map(|again| again.to_string()), Ok(pattern.to_string()));
            pattern.accepts("dynamodb:GetItem", "${T.Arn}/index/*");
        }
        drop(line.parse::<Output>());
        drop(Placed::<GrantsFormat>::read(line));
        drop(Placed::<MergedFormat>::read(line));
        drop(Placed::<ComparisonFormat>::read(line));
    }
}

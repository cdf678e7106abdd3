//! The findings of every case: the translator has the same opinion of the template, and each mend takes its finding away
//! and brings no other, keeps the notation and every comment that is not the finding itself, and changes permissions as
//! its kind says.

mod fixture_support;
mod support;

use fixture_support::{Case, Kind, cases, promise};
use samwire::catalog::Catalog;
use samwire::check::{FINDINGS, Finding, judge};
use samwire::plan::{Comparison, compare};
use samwire::text::{Edit, EditSet, Format, Source};
use std::collections::BTreeSet;
use std::fs;
use support::{Form, Request, Verdict, oracle};

/// What a mend does to permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    /// Nothing: what goes granted nothing, or what comes only mends the deployment.
    Nothing,
    /// What was meant is granted; what goes matched nothing.
    Grants,
}

/// The kinds that are mended, and what that means.
const MENDED: &[(&str, Means)] = &[
    ("connector-unsupported-permission", Means::Grants),
    ("connector-missing-condition", Means::Nothing),
    ("connector-ignored-qualifier", Means::Nothing),
    ("redundant-connector", Means::Nothing),
    ("redundant-policy", Means::Nothing),
    ("dead-policies", Means::Nothing),
    ("unused-suppression", Means::Nothing),
    ("wrong-name-parameter", Means::Grants),
    ("doubled-arn", Means::Grants),
    ("resource-not-an-arn", Means::Grants),
];

fn source(case: &Case, text: &str) -> Source {
    let name = format!("template.{}", case.extension);
    Source::new(name, text.as_bytes().to_vec()).expect("UTF-8 without NUL")
}

fn form(case: &Case) -> Form {
    match source(case, "").format() {
        Format::Yaml => Form::Yaml,
        Format::Json => Form::Json,
    }
}

fn mended(text: &str, edits: &[Edit]) -> (String, EditSet) {
    let mut set = EditSet::new();
    for edit in edits {
        set.push(edit.clone()).expect("the edits of a mend are disjoint");
    }
    (set.apply(text).expect("edits of this text"), set)
}

fn told(findings: &[Finding]) -> BTreeSet<(&'static str, String)> {
    findings.iter().map(|finding| (finding.kind.id, finding.message.clone())).collect()
}

/// What is wrong with one mend.
fn examine(case: &Case, finding: &Finding, before: &[Finding]) -> Result<(String, Comparison), String> {
    let (text, set) = mended(&case.before, &finding.mend);
    promise::locality(&case.before, &text, &set)?;
    if finding.kind.id != "unused-suppression" {
        promise::comments(&case.before, &text, &format!("template.{}", case.extension))?;
    }
    promise::notation(&case.before, &text, case.extension == "json")?;
    let plan = case.plan(&text).map_err(|error| format!("does not parse: {error}"))?;
    let after = judge(&plan).findings;
    let (had, has) = (told(before), told(&after));
    if has.contains(&(finding.kind.id, finding.message.clone())) {
        return Err("the finding is still there".into());
    }
    let new: Vec<_> = has.difference(&had).collect();
    if !new.is_empty() {
        return Err(format!("new findings: {new:?}"));
    }
    let (old, new) = (source(case, &case.before), source(case, &text));
    let comparison = compare(&old, &new, Catalog::builtin(), &case.options).map_err(|e| e.to_string())?;
    let means = MENDED.iter().find(|(id, _)| *id == finding.kind.id).map(|(_, means)| *means);
    let fits = match means {
        None => return Err("this kind is not listed as one that is mended".into()),
        Some(Means::Nothing) => {
            comparison.added.iter().chain(&comparison.removed).all(|permission| permission.inert)
        }
        Some(Means::Grants) => !comparison.added.is_empty(),
    };
    if !fits {
        return Err(format!("means {means:?}, but {:?} {:?}", comparison.added, comparison.removed));
    }
    Ok((text, comparison))
}

#[test]
fn a_mend_takes_its_finding_away_and_does_nothing_else() {
    let mut wrong = Vec::new();
    let mut shown = BTreeSet::new();
    let mut requests = Vec::new();
    for case in cases() {
        let plan = case.plan(&case.before).expect("it parses");
        let before = judge(&plan).findings;
        for (number, finding) in before.iter().enumerate().filter(|(_, finding)| !finding.mend.is_empty()) {
            let name = format!("{}: {} {number}", case.name, finding.kind.id);
            match examine(&case, finding, &before) {
                Err(what) => wrong.push(format!("{name}: {what}")),
                Ok((after, comparison)) => {
                    shown.insert(finding.kind.id);
                    requests.push(request(&case, name, after, &comparison));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let listed: BTreeSet<&str> = MENDED.iter().map(|(id, _)| *id).collect();
    assert_eq!(shown, listed, "the kinds that a case mends, and those that are listed");
    let Some(oracle) = oracle() else { return };
    let verdicts = oracle.judge(&requests);
    // A template that was refused and is taken now has nothing to be compared with.
    let taken_now = |verdict: &&Verdict| {
        verdict.verdict == "refused-differently" && verdict.details.iter().all(|said| said["after"].is_null())
    };
    let bad: Vec<String> = verdicts
        .iter()
        .filter(|verdict| !verdict.is_good() && !taken_now(verdict))
        .map(ToString::to_string)
        .collect();
    assert!(bad.is_empty(), "{} of {}:\n{}", bad.len(), verdicts.len(), bad.join("\n"));
}

fn request(case: &Case, id: String, after: String, comparison: &Comparison) -> Request {
    let values = |list: &[samwire::iam::Permission]| {
        list.iter().map(|permission| serde_json::to_value(permission).expect("plain values")).collect()
    };
    Request {
        id,
        before: case.before.clone(),
        after,
        format: form(case),
        added: values(&comparison.added),
        removed: values(&comparison.removed),
        kept: Vec::new(),
        identical: None,
    }
}

/// All mends of a case together, as a person reviewed them. `SNAPSHOTS=overwrite` writes them.
#[test]
fn the_mends_of_a_case_are_written_as_reviewed() {
    let overwrites = std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite");
    let mut wrong = Vec::new();
    for case in cases().into_iter().filter(|case| matches!(case.kind, Kind::Finding(_))) {
        let plan = case.plan(&case.before).expect("it parses");
        let edits: Vec<Edit> = judge(&plan).findings.into_iter().flat_map(|finding| finding.mend).collect();
        let found = (!edits.is_empty()).then(|| mended(&case.before, &edits).0);
        let path = case.mended_path();
        let reviewed = fs::read_to_string(&path).ok();
        if found == reviewed {
            continue;
        }
        match (overwrites, &found) {
            (true, Some(text)) => fs::write(&path, text).expect("fixtures are writable"),
            (true, None) => fs::remove_file(&path).expect("fixtures are writable"),
            (false, _) => wrong.push(format!("{}: {}", case.name, found.unwrap_or_default())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_kind_of_finding_has_a_case() {
    let of_cases: BTreeSet<String> = cases()
        .into_iter()
        .filter_map(|case| match case.kind {
            Kind::Finding(id) if id != "none" => Some(id),
            _ => None,
        })
        .collect();
    let known: BTreeSet<String> = FINDINGS.iter().map(|kind| kind.id.to_owned()).collect();
    assert_eq!(of_cases, known, "the kinds of the cases, and those of the program");
}

/// What the translator, or CloudFormation behind it, makes of a template with a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Refused,
    Cycle,
    Dangling,
    Deploys,
}

/// The kinds for which a template is not deployed, as far as the translator and its expansion show it.
const FATES: &[(&str, Fate)] = &[
    ("connector-malformed", Fate::Refused),
    ("connector-missing-destination", Fate::Refused),
    ("connector-missing-source", Fate::Refused),
    ("connector-unsupported-pair", Fate::Refused),
    ("connector-unsupported-permission", Fate::Refused),
    ("connector-missing-value", Fate::Refused),
    ("connector-without-role", Fate::Refused),
    ("connector-colliding-id", Fate::Refused),
    ("connector-doubtful-id", Fate::Refused),
    ("policies-beside-role", Fate::Refused),
    ("malformed-policy", Fate::Refused),
    ("dependency-cycle", Fate::Cycle),
    ("connector-missing-condition", Fate::Dangling),
];

/// Cases that the translator alone cannot decide: a circle that is there for some values of a parameter, and a macro that
/// comes first. Nothing is said of what is not certain.
const UNDECIDED: [&str; 2] =
    ["findings/none/choice-that-breaks-the-circle", "findings/none/policy-for-a-macro"];

#[test]
fn the_translator_has_the_same_opinion_of_every_case() {
    let Some(oracle) = oracle() else { return };
    let cases: Vec<Case> = cases()
        .into_iter()
        .filter(|case| matches!(case.kind, Kind::Finding(_)) && !UNDECIDED.contains(&case.name.as_str()))
        .collect();
    let templates: Vec<(Form, String)> = cases.iter().map(|case| (form(case), case.before.clone())).collect();
    let mut wrong = Vec::new();
    for (case, found) in cases.iter().zip(oracle.weaknesses(&templates)) {
        let Kind::Finding(id) = &case.kind else { continue };
        let expected = FATES.iter().find(|(kind, _)| kind == id).map_or(Fate::Deploys, |(_, fate)| *fate);
        let fate = match (&found.refused, found.cycles.is_empty(), found.dangling.is_empty()) {
            (Some(_), ..) => Fate::Refused,
            (None, false, _) => Fate::Cycle,
            (None, true, false) => Fate::Dangling,
            (None, true, true) => Fate::Deploys,
        };
        if fate != expected {
            wrong.push(format!("{}: {expected:?} is expected, but {found:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

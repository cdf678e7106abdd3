//! Every case below `fixtures/`: the plan is the reviewed one, the bytes are the reviewed ones, and what is promised
//! about any rewrite (locality, no lost comment, idempotence, provability of every subset, the translator's agreement)
//! holds. `SNAPSHOTS=overwrite` writes what is found instead of comparing it; then it has to be read.

mod fixture_support;
mod support;

use fixture_support::{Case, Expectation, Kind, cases, demo_templates, promise};
use samwire::catalog::Catalog;
use samwire::check::judge;
use samwire::plan::{Decision, HAZARDS, HeldBy, Options, Partition, Plan, Reason, Rewrite, RewriteId, plan};
use samwire::report::Unified;
use samwire::text::{Format, Source};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use support::{Form, Request, oracle};

/// What is wrong with the cases; the test fails at its end, with all of it.
#[derive(Default)]
struct Failures(Vec<String>);

impl Failures {
    fn add(&mut self, case: &str, what: impl Into<String>) {
        self.0.push(format!("{case}: {}", what.into()));
    }

    fn check(&mut self, case: &str, holds: bool, what: impl Into<String>) {
        if !holds {
            self.add(case, what);
        }
    }

    fn finish(self) {
        assert!(self.0.is_empty(), "{} failures:\n{}", self.0.len(), self.0.join("\n"));
    }
}

fn overwrites() -> bool {
    std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite")
}

#[test]
fn every_case_is_planned_and_written_as_reviewed() {
    let mut failures = Failures::default();
    for case in cases() {
        match case.plan(&case.before) {
            Ok(plan) => examine(&case, &plan, &mut failures),
            Err(error) => failures.add(&case.name, format!("does not parse: {error}")),
        }
    }
    failures.finish();
}

fn examine(case: &Case, plan: &Plan<'_>, failures: &mut Failures) {
    let name = &case.name;
    kind_is_shown(case, plan, failures);
    compare_plan(case, plan, failures);
    let fingerprints: BTreeSet<&str> = plan.rewrites().iter().map(|rewrite| &*rewrite.fingerprint).collect();
    failures.check(name, fingerprints.len() == plan.rewrites().len(), "two rewrites have one fingerprint");
    let is_one = |text: &&str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    failures.check(name, fingerprints.iter().all(is_one), "a fingerprint is none");
    for subset in promise::subsets(plan) {
        let outcome = match plan.outcome(&subset) {
            Ok(outcome) => outcome,
            Err(bug) => {
                failures.add(name, format!("{subset:?}: {bug}"));
                continue;
            }
        };
        let file = format!("before.{}", case.extension);
        let checks = [
            promise::locality(&case.before, &outcome.text, &outcome.edits),
            promise::comments(&case.before, &outcome.text, &file),
            promise::notation(&case.before, &outcome.text, case.extension == "json"),
        ];
        checks.into_iter().filter_map(Result::err).for_each(|what| failures.add(name, what));
    }
    let taken = plan.taken();
    let Ok(outcome) = plan.outcome(&taken) else { return };
    compare_bytes(case, &taken, &outcome.text, failures);
    if outcome.text != case.before
        && let Err(error) = git_applies(case, &outcome.text)
    {
        failures.add(name, format!("the printed diff: {error}"));
    }
    match case.plan(&outcome.text) {
        Err(error) => failures.add(name, format!("the result does not parse: {error}")),
        Ok(second) => failures.check(name, second.taken().is_empty(), "a second run changes something"),
    }
}

/// A case shows what its directory says.
fn kind_is_shown(case: &Case, plan: &Plan<'_>, failures: &mut Failures) {
    match &case.kind {
        Kind::Transform(profile) => {
            let shown = plan.rewrites().iter().any(|rewrite| rewrite.profile == *profile);
            failures.check(&case.name, shown, format!("no rewrite of {profile}"));
        }
        Kind::LeftAlone(reason) => {
            let shown = plan.left_alone().iter().any(|left| left.reason.id() == reason);
            failures.check(&case.name, shown, format!("nothing is left alone for {reason}"));
            failures.check(&case.name, plan.taken().is_empty(), "bytes would change");
        }
        Kind::Finding(id) => {
            let found: Vec<&str> = judge(plan).findings.iter().map(|finding| finding.kind.id).collect();
            let shown = match id.as_str() {
                "none" => found.is_empty(),
                id => found.contains(&id),
            };
            failures.check(&case.name, shown, format!("the findings are {found:?}"));
        }
    }
}

fn compare_plan(case: &Case, plan: &Plan<'_>, failures: &mut Failures) {
    let found = Expectation::of(plan).to_text();
    let path = case.plan_path();
    if overwrites() {
        fs::write(&path, &found).expect("fixtures are writable");
        return;
    }
    match fs::read_to_string(&path) {
        Ok(expected) if expected == found => {}
        Ok(expected) => failures.add(&case.name, format!("plan.json\n{}", difference(&expected, &found))),
        Err(error) => failures.add(&case.name, format!("plan.json: {error}")),
    }
}

fn compare_bytes(case: &Case, taken: &[RewriteId], found: &str, failures: &mut Failures) {
    let path = case.after_path();
    if overwrites() {
        if taken.is_empty() {
            let _ = fs::remove_file(&path);
        } else {
            fs::write(&path, found).expect("fixtures are writable");
        }
        return;
    }
    match (case.after(), taken) {
        (None, []) => failures.check(&case.name, found == case.before, "bytes change without a rewrite"),
        (None, _) => failures.add(&case.name, "the result is missing"),
        (Some(_), []) => failures.add(&case.name, "a result is kept, but nothing is taken"),
        (Some(expected), _) if expected == found => {}
        (Some(expected), _) => failures.add(&case.name, format!("bytes\n{}", difference(&expected, found))),
    }
}

/// The first line that differs, of both texts, with control characters made visible.
fn difference(expected: &str, found: &str) -> String {
    let mut expected_lines = expected.split('\n');
    let mut found_lines = found.split('\n');
    let mut number = 1;
    loop {
        match (expected_lines.next(), found_lines.next()) {
            (None, None) => return "    no difference".into(),
            (one, other) if one == other => number += 1,
            (one, other) => {
                return format!("    line {number}\n    expected {one:?}\n    found    {other:?}");
            }
        }
    }
}

/// The diff as it is printed, applied by git in an empty directory, gives the result byte for byte.
fn git_applies(case: &Case, after: &str) -> Result<(), String> {
    let name = format!("before.{}", case.extension);
    let patch = Unified::patch(3).diff(&case.before, after, Path::new(&name));
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let template = directory.path().join(&name);
    fs::write(&template, &case.before).map_err(|error| error.to_string())?;
    let mut git = Command::new("git")
        .args(["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"])
        .current_dir(directory.path())
        // Outside of any work tree, whatever surrounds the directory for temporary files.
        .env("GIT_CEILING_DIRECTORIES", directory.path())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("git: {error}"))?;
    let mut input = git.stdin.take().expect("stdin is piped");
    input.write_all(patch.as_bytes()).map_err(|error| error.to_string())?;
    drop(input);
    let output = git.wait_with_output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("{}\n{patch}", String::from_utf8_lossy(&output.stderr)));
    }
    match fs::read(&template) {
        Ok(bytes) if bytes == after.as_bytes() => Ok(()),
        Ok(_) => Err("git makes another text of it".into()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn every_reason_and_every_profile_of_the_planner_has_a_case() {
    let cases = cases();
    let mut missing: Vec<String> = Vec::new();
    let reasons: BTreeSet<&str> = cases
        .iter()
        .filter_map(|case| match &case.kind {
            Kind::LeftAlone(reason) => Some(reason.as_str()),
            Kind::Transform(_) | Kind::Finding(_) => None,
        })
        .collect();
    missing.extend(Reason::ALL.iter().map(|r| r.id()).filter(|id| !reasons.contains(id)).map(str::to_owned));
    let profiles: BTreeSet<&str> = cases
        .iter()
        .filter_map(|case| match &case.kind {
            Kind::Transform(profile) => Some(profile.as_str()),
            Kind::LeftAlone(_) | Kind::Finding(_) => None,
        })
        .collect();
    let known: BTreeSet<&str> = Catalog::builtin().profiles().map(|profile| profile.id.as_str()).collect();
    missing.extend(known.iter().filter(|id| !profiles.contains(**id)).map(|id| (*id).to_owned()));
    missing
        .extend(profiles.iter().filter(|id| !known.contains(**id)).map(|id| format!("{id} is no profile")));
    assert!(missing.is_empty(), "without a case: {missing:#?}");
}

#[test]
fn every_hazard_has_a_case() {
    let mut shown: BTreeSet<String> = BTreeSet::new();
    for case in cases() {
        let text = fs::read_to_string(case.plan_path()).expect("a reviewed plan");
        let plan: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let rewrites = plan["rewrites"].as_array().into_iter().flatten();
        let hazards = rewrites.flat_map(|rewrite| rewrite["hazards"].as_array().into_iter().flatten());
        shown.extend(hazards.filter_map(|id| id.as_str().map(str::to_owned)));
    }
    let known: BTreeSet<String> = HAZARDS.iter().map(|kind| kind.id.to_owned()).collect();
    assert_eq!(shown, known, "the hazards of the cases, and those of the program");
}

/// The option that is advised for a rewrite that waits for consent releases it, and none of its actions is too many.
#[test]
fn accepting_what_is_needed_releases_and_no_less_does() {
    let mut tried = 0;
    for case in cases().into_iter().filter(|case| !case.options.consent.strict) {
        let Ok(plan) = case.plan(&case.before) else { continue };
        for held in
            plan.rewrites().iter().filter(|rewrite| rewrite.decision == Decision::Held(HeldBy::Consent))
        {
            // Going means keeping nothing as a rest, which is another rewrite.
            if held.needs.is_empty() || held.removed.iter().any(|permission| !permission.inert) {
                continue;
            }
            tried += 1;
            let decision = |needs: &[&String]| {
                let mut options = case.options.clone();
                let patterns = needs.iter().map(|action| action.parse().expect("an action is a pattern"));
                options.consent.add.extend(patterns);
                let source = plan.source().clone();
                let again = samwire::plan::plan(source, Catalog::builtin(), &options).expect("it parses");
                let mut same = again.rewrites().iter().filter(|other| other.fingerprint == held.fingerprint);
                same.next().map(|other| other.decision)
            };
            let needs: Vec<&String> = held.needs.iter().collect();
            let waits = Some(Decision::Held(HeldBy::Consent));
            assert_ne!(decision(&needs), waits, "{}: {needs:?} are not enough", case.name);
            for without in 0..needs.len() {
                let mut fewer = needs.clone();
                let action = fewer.remove(without);
                assert_eq!(decision(&fewer), waits, "{}: {action} is too many", case.name);
            }
        }
    }
    assert!(tried > 10, "{tried} rewrites wait for consent to what they add");
}

#[test]
fn the_translator_agrees_with_every_case() {
    let Some(oracle) = oracle() else { return };
    let mut requests = Vec::new();
    // The judge reads literal partitions as that of the deployment, which is what `--partition any` does not.
    for case in cases().into_iter().filter(|case| case.options.partition == Partition::Aws) {
        let Ok(plan) = case.plan(&case.before) else { continue };
        let taken = plan.taken();
        let held = plan.rewrites().iter().filter(|r| r.decision != Decision::Taken).map(|r| r.id);
        // Held rewrites are judged one by one: each states its delta against the state after those taken before it.
        let mut subsets: Vec<Vec<RewriteId>> = vec![taken.clone()];
        subsets.extend(held.map(|id| taken.iter().copied().filter(|t| *t < id).chain([id]).collect()));
        for subset in subsets {
            let Ok(outcome) = plan.outcome(&subset) else { continue };
            requests.push(request(&case.name, &plan, &subset, &outcome.text));
        }
    }
    let verdicts = oracle.judge(&requests);
    let bad: Vec<String> =
        verdicts.iter().filter(|verdict| !verdict.is_good()).map(ToString::to_string).collect();
    assert!(bad.is_empty(), "{} of {} are not good:\n{}", bad.len(), verdicts.len(), bad.join("\n"));
}

fn request(name: &str, plan: &Plan<'_>, chosen: &[RewriteId], after: &str) -> Request {
    let values = |list: fn(&Rewrite) -> &Vec<samwire::iam::Permission>| {
        let chosen = plan.rewrites().iter().filter(|rewrite| chosen.contains(&rewrite.id));
        chosen.flat_map(list).map(|p| serde_json::to_value(p).expect("plain values")).collect()
    };
    let ids: Vec<String> = chosen.iter().map(|id| id.0.to_string()).collect();
    Request {
        id: format!("{name} [{}]", ids.join(" ")),
        before: plan.source().text().to_owned(),
        after: after.to_owned(),
        format: match plan.source().format() {
            Format::Yaml => Form::Yaml,
            Format::Json => Form::Json,
        },
        // Of a step it is the step that is judged.
        added: values(|rewrite| rewrite.step.as_ref().map_or(&rewrite.added, |step| &step.added)),
        removed: values(|rewrite| rewrite.step.as_ref().map_or(&rewrite.removed, |step| &step.removed)),
        kept: values(|rewrite| &rewrite.kept),
        identical: None,
    }
}

#[test]
fn the_demonstration_can_be_rewritten_unattended() {
    let templates = demo_templates();
    assert!(!templates.is_empty(), "no demonstration");
    let mut taken = 0;
    for path in templates {
        let source = Source::new(&path, fs::read(&path).expect("readable")).expect("UTF-8");
        let plan = plan(source, Catalog::builtin(), &Options::default()).expect("it parses");
        taken += plan.taken().len();
        plan.outcome(&plan.taken()).unwrap_or_else(|bug| panic!("{}: {bug}", path.display()));
    }
    assert!(taken > 0, "nothing to show");
}

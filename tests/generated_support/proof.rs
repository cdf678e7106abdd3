//! What has to hold for every generated template: its plan is proven by the program itself, for each subset; the promises about
//! bytes and comments are kept; a second run is silent; the steps of a migration end in the same bytes; what becomes a policy
//! comes back. Collects what the SAM translator is to be asked; does not ask it.

use super::Generated;
use super::census::Census;
use crate::fixture_support::{Case, Kind, phases, promise};
use crate::support::{Form, Request, Verdict};
use crate::trip_support::{FORMS, Step, same_permissions, step, to_policies, to_same_connectors, values};
use samwire::catalog::Catalog;
use samwire::iam::Permission;
use samwire::plan::{Decision, Direction, HeldBy, Phase, Plan, Reason, Rewrite, RewriteId, plan};
use samwire::text::Source;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Reasons for which a statement is not read.
const UNREAD: [Reason; 3] = [Reason::ConditionalStatement, Reason::NotElement, Reason::OpaquePolicy];

/// What was found about many templates.
#[derive(Debug, Default)]
pub(crate) struct Proof {
    /// What they came across.
    pub(crate) census: Census,
    /// What is wrong, with the number of the template.
    pub(crate) failures: Vec<String>,
    /// What the translator is to be asked.
    pub(crate) requests: Vec<Request>,
    /// Templates with a statement that is left as a whole: what it grants is not known, so that a connector can be said to add
    /// what is held already.
    unread: BTreeSet<u64>,
}

impl Proof {
    /// Looks at one template.
    pub(crate) fn look(&mut self, generated: &Generated) {
        self.census.count("templates", "all");
        for feature in &generated.text.features {
            self.census.count("layout", *feature);
        }
        if let Err(what) = self.checked(generated) {
            self.failures.push(format!("{}: {what}", generated.number));
        }
    }

    fn checked(&mut self, generated: &Generated) -> Result<(), String> {
        let text = &generated.text.text;
        let plan = planned(generated, text)?;
        if let Some(skipped) = plan.skipped() {
            return Err(format!("skipped: {}", skipped.message));
        }
        self.counted(&plan, &generated.options.direction);
        for subset in promise::subsets(&plan) {
            let outcome = plan.outcome(&subset).map_err(|bug| format!("{subset:?}: {bug}"))?;
            promise::locality(text, &outcome.text, &outcome.edits)?;
            promise::comments(text, &outcome.text, generated.text.path)?;
            promise::notation(text, &outcome.text, generated.text.path.ends_with("json"))?;
        }
        let taken = plan.taken();
        let after = plan.outcome(&taken).map_err(|bug| bug.to_string())?.text;
        let second = planned(generated, &after)?;
        // What was shared with something that went can be free afterwards, and so can what stood beside it; what a quota held
        // back may need no connector of its own beside those that were made.
        let full = |rewrite: &Rewrite| rewrite.decision == Decision::Held(HeldBy::Quota);
        let entangled = plan.left_alone().iter().any(|left| left.reason == Reason::UnsafeEdit)
            || plan.rewrites().iter().any(full);
        if !second.taken().is_empty() && !entangled && !shares(generated) {
            let taken: Vec<&str> = second.rewrites().iter().map(|rewrite| rewrite.profile.as_str()).collect();
            return Err(format!("a second run changes something: {taken:?}"));
        }
        if plan.left_alone().iter().any(|left| UNREAD.contains(&left.reason)) {
            self.unread.insert(generated.number);
        }
        self.ask_about(&plan, &taken, &after, generated);
        let held: Vec<RewriteId> = plan
            .rewrites()
            .iter()
            .filter(|rewrite| rewrite.decision != Decision::Taken)
            .map(|rewrite| rewrite.id)
            .collect();
        if let Some(one) =
            usize::try_from(generated.number).ok().and_then(|n| held.get(n % held.len().max(1)))
        {
            // A held rewrite states its delta against the state after those taken before it.
            let subset: Vec<RewriteId> = taken.iter().copied().filter(|id| id < one).chain([*one]).collect();
            let outcome = plan.outcome(&subset).map_err(|bug| bug.to_string())?;
            self.ask_about(&plan, &subset, &outcome.text, generated);
        }
        if generated.options.direction == Direction::Connectors
            && generated.number.is_multiple_of(4)
            && !shares(generated)
        {
            self.census.count("also", "made in two phases");
            phases::check(&case(generated), text)?;
        }
        if generated.number.is_multiple_of(3) && generated.options.phase == Phase::Both && !shares(generated)
        {
            self.trip(generated, &after)?;
        }
        Ok(())
    }

    /// Makes policies of all connectors, and connectors of these.
    fn trip(&mut self, generated: &Generated, text: &str) -> Result<(), String> {
        let path = generated.text.path;
        let form = FORMS[generated.number as usize / 3 % FORMS.len()].1;
        let there = step(path, text, &to_policies(form)).map_err(|what| format!("to policies: {what}"))?;
        let Some(there) = there.filter(Step::changes) else { return Ok(()) };
        self.census.count("also", "taken back to policies");
        there.declares_nothing()?;
        same_permissions(path, text, &there.after).map_err(|what| format!("to policies: {what}"))?;
        let back = step(path, &there.after, &to_same_connectors()).map_err(|what| format!("back: {what}"))?;
        self.ask("there", generated, text, &there.after, &[], &[], &[]);
        if let Some(back) = back.filter(Step::changes) {
            self.census.count("also", "and to connectors again");
            back.declares_nothing()?;
            same_permissions(path, text, &back.after).map_err(|what| format!("and back: {what}"))?;
            if back.after != text {
                self.ask("and back", generated, text, &back.after, &back.added, &back.removed, &[]);
            }
        }
        Ok(())
    }

    fn counted(&mut self, plan: &Plan<'_>, direction: &Direction) {
        let census = &mut self.census;
        if plan.rewrites().is_empty() {
            census.count("plans", "without a rewrite");
        }
        for rewrite in plan.rewrites() {
            let word = match rewrite.decision {
                Decision::Taken => "taken".to_owned(),
                Decision::Held(by) => format!("held by {}", by.as_str()),
                Decision::Skipped => "skipped".to_owned(),
            };
            census.count("decision", format!("to {}: {word}", direction.as_str()));
            if rewrite.decision == Decision::Taken {
                let profile = match direction {
                    Direction::Connectors => "taken to connectors",
                    Direction::Policies => "taken to policies",
                };
                census.count(profile, rewrite.profile.as_str());
                census.count("form", rewrite.form.as_str());
            }
            census.count("effect", rewrite.effect.as_str());
            for hazard in &rewrite.hazards {
                census.count("hazard", hazard.id);
            }
        }
        for left in plan.left_alone() {
            census.count("left alone", left.reason.id());
        }
    }

    fn ask_about(&mut self, plan: &Plan<'_>, chosen: &[RewriteId], after: &str, generated: &Generated) {
        if after == generated.text.text {
            return;
        }
        let of = |list: fn(&Rewrite) -> &[Permission]| -> Vec<Permission> {
            let chosen = plan.rewrites().iter().filter(|rewrite| chosen.contains(&rewrite.id));
            chosen.flat_map(list).cloned().collect()
        };
        // Of a step it is the step that is judged.
        let added = of(|rewrite| rewrite.step.as_ref().map_or(&rewrite.added, |step| &step.added));
        let removed = of(|rewrite| rewrite.step.as_ref().map_or(&rewrite.removed, |step| &step.removed));
        let kept = of(|rewrite| &rewrite.kept);
        let ids: Vec<String> = chosen.iter().map(|id| id.0.to_string()).collect();
        let before = plan.source().text();
        self.ask(&ids.join(" "), generated, before, after, &added, &removed, &kept);
    }

    #[allow(clippy::too_many_arguments)]
    fn ask(
        &mut self,
        what: &str,
        generated: &Generated,
        before: &str,
        after: &str,
        added: &[Permission],
        removed: &[Permission],
        kept: &[Permission],
    ) {
        let values = |list: &[Permission]| -> Vec<Value> { values(list) };
        self.requests.push(Request {
            id: format!("{}: {what}", generated.number),
            before: before.to_owned(),
            after: after.to_owned(),
            format: if generated.text.path.ends_with("json") { Form::Json } else { Form::Yaml },
            added: values(added),
            removed: values(removed),
            kept: values(kept),
            identical: None,
        });
    }

    /// Takes in what the translator says.
    pub(crate) fn judged(&mut self, verdicts: &[Verdict]) {
        for verdict in verdicts {
            let number = verdict.id.split(':').next().and_then(|number| number.parse().ok());
            let unread = number.is_some_and(|number: u64| self.unread.contains(&number));
            let masked = !verdict.details.is_empty()
                && verdict.details.iter().all(|detail| detail["kind"] == "unreal-added");
            if unread && masked {
                self.census.count("verdict", "ok, but more declared than is new beside what is not read");
                continue;
            }
            self.census.count("verdict", verdict.verdict.as_str());
            if !verdict.is_good() {
                self.failures.push(verdict.to_string());
            }
        }
    }
}

fn planned(generated: &Generated, text: &str) -> Result<Plan<'static>, String> {
    let source =
        Source::new(generated.text.path, text.as_bytes().to_vec()).map_err(|error| error.to_string())?;
    plan(source, Catalog::builtin(), &generated.options).map_err(|error| error.to_string())
}

/// Whether something is written once and used twice.
fn shares(generated: &Generated) -> bool {
    generated.text.features.iter().any(|feature| ["alias", "merge key"].contains(feature))
}

/// The template in the form of a fixture.
fn case(generated: &Generated) -> Case {
    let json = generated.text.path.ends_with("json");
    Case {
        name: generated.number.to_string(),
        kind: Kind::Transform(String::new()),
        directory: PathBuf::new(),
        extension: if json { "json" } else { "yaml" },
        before: generated.text.text.clone(),
        options: generated.options.clone(),
    }
}

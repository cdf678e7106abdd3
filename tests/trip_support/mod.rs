//! There and back: connectors of a text become policies, and these connectors again, with what is promised about each step
//! and about the whole. Compares texts by what they grant, through the program's own analysis; the translator is asked
//! elsewhere. Refuses to know where texts come from.

// Each user of this module is its own crate and uses its own part of it.
#![allow(dead_code)]

pub(crate) mod patches;

use samwire::analysis::{Analysis, Resolver, analyse};
use samwire::catalog::Catalog;
use samwire::iam::{Effect, Grant, GrantSet, Permission};
use samwire::plan::{Consent, Decision, Direction, Options, Partition, PolicyFormChoice, plan};
use samwire::syntax::Document;
use samwire::template::Template;
use samwire::text::Source;
use serde_json::Value;

/// The forms in which policies are written on the way.
pub(crate) const FORMS: [(&str, PolicyFormChoice); 3] = [
    ("auto", PolicyFormChoice::Auto),
    ("inline", PolicyFormChoice::Inline),
    ("resource", PolicyFormChoice::Resource),
];

/// One text after a plan was carried out on it.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// The text before.
    pub(crate) before: String,
    /// The text after.
    pub(crate) after: String,
    /// Permissions that the plan says come.
    pub(crate) added: Vec<Permission>,
    /// Permissions that the plan says go.
    pub(crate) removed: Vec<Permission>,
    /// Permissions that the plan says stay as a rest.
    pub(crate) kept: Vec<Permission>,
    /// How many rewrites were made.
    pub(crate) made: usize,
    /// Why something that could have been rewritten was not: one line each.
    pub(crate) refused: Vec<String>,
}

impl Step {
    /// Whether the step changes anything.
    pub(crate) fn changes(&self) -> bool {
        self.before != self.after
    }

    /// Fails where the step declares that a role can do more or less than before.
    pub(crate) fn declares_nothing(&self) -> Result<(), String> {
        match self.added.iter().chain(&self.removed).find(|permission| !permission.inert) {
            None => Ok(()),
            Some(permission) => Err(format!("it declares a change: {permission:?}")),
        }
    }
}

/// The options under which connectors become policies of exactly the same permissions.
pub(crate) fn to_policies(form: PolicyFormChoice) -> Options {
    Options { direction: Direction::Policies, policy_form: form, ..Options::default() }
}

/// The options under which policies become connectors only where no permission changes.
pub(crate) fn to_same_connectors() -> Options {
    let consent = Consent { strict: true, ..Consent::default() };
    // In part, since policies beside what was a connector can ask for more than it gave.
    Options { consent, external: true, partial: true, ..Options::default() }
}

/// The options under which policies become connectors wherever one is possible.
pub(crate) fn to_any_connectors() -> Options {
    let consent = Consent { any: true, ..Consent::default() };
    Options { consent, external: true, ..Options::default() }
}

/// Carries a plan out; fails where a promise about any single step is broken. `None` where the text is none that is looked
/// into.
pub(crate) fn step(path: &str, text: &str, options: &Options) -> Result<Option<Step>, String> {
    let made = |text: &str| {
        let source = Source::new(path, text.as_bytes().to_vec()).map_err(|error| error.to_string())?;
        plan(source, Catalog::builtin(), options).map_err(|error| error.to_string())
    };
    let Ok(first) = made(text) else { return Ok(None) };
    if first.skipped().is_some() {
        return Ok(None);
    }
    let taken = first.taken();
    for rewrite in first.rewrites() {
        let alone = first.outcome(&[rewrite.id]);
        alone.map_err(|bug| format!("{} → {} alone: {bug}", rewrite.source, rewrite.destination))?;
    }
    let outcome = first.outcome(&taken).map_err(|bug| bug.to_string())?;
    let second = made(&outcome.text).map_err(|error| format!("the result does not parse: {error}"))?;
    if !second.taken().is_empty() {
        return Err("a second run still finds something".into());
    }
    if comments(path, text) != comments(path, &outcome.text) {
        return Err("a comment is lost".into());
    }
    let delta = first.delta(&taken);
    let chosen = first.rewrites().iter().filter(|rewrite| taken.contains(&rewrite.id));
    let kept = chosen.flat_map(|rewrite| rewrite.kept.clone()).collect();
    let held = first.rewrites().iter().filter_map(|rewrite| match rewrite.decision {
        Decision::Held(by) => {
            Some(format!("{} → {}: held by {}", rewrite.source, rewrite.destination, by.as_str()))
        }
        _ => None,
    });
    let left = first.left_alone().iter().map(|left| format!("{}: {}", left.reason.id(), left.message));
    Ok(Some(Step {
        before: text.to_owned(),
        after: outcome.text.clone(),
        added: delta.added,
        removed: delta.removed,
        kept,
        made: taken.len(),
        refused: held.chain(left).collect(),
    }))
}

/// The texts of all comments, sorted; counted without the planner.
fn comments(path: &str, text: &str) -> Option<Vec<String>> {
    let source = Source::new(path, text.as_bytes().to_vec()).ok()?;
    let doc = Document::parse(source).ok()?;
    let texts = doc.comments().iter().map(|comment| doc.source().slice(comment.span).trim_end().to_owned());
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    Some(texts)
}

/// Fails where two texts grant different permissions.
pub(crate) fn same_permissions(path: &str, before: &str, after: &str) -> Result<(), String> {
    let every = Analysis::effective;
    let lost = missing(path, before, after, every, every)?;
    let gained = missing(path, after, before, every, every)?;
    match (lost.as_slice(), gained.as_slice()) {
        ([], []) => Ok(()),
        _ => Err(format!("lost {lost:#?}, gained {gained:#?}")),
    }
}

/// What the connectors of a text grant and those of another do not.
pub(crate) fn not_by_connectors(path: &str, one: &str, other: &str) -> Result<Vec<String>, String> {
    missing(path, one, other, of_connectors, of_connectors)
}

/// How many connectors a text has that SAM would take.
pub(crate) fn connectors(path: &str, text: &str) -> Result<usize, String> {
    with(path, text, |_, analysis| analysis.connectors.iter().filter(|view| view.complaint.is_none()).count())
}

fn of_connectors(analysis: &Analysis) -> GrantSet {
    analysis.connectors.iter().flat_map(|view| view.grants.iter().cloned()).collect()
}

/// The live grants of one text that another does not cover, as lines.
fn missing(
    path: &str,
    one: &str,
    other: &str,
    of_one: fn(&Analysis) -> GrantSet,
    of_other: fn(&Analysis) -> GrantSet,
) -> Result<Vec<String>, String> {
    let there = with(path, other, |_, analysis| of_other(analysis))?;
    with(path, one, |resolver, analysis| {
        let (beyond, unknown) = of_one(analysis).beyond(&there);
        let live = |grant: &&Grant| {
            !analysis.is_inert(resolver, &grant.action, resolver.target(&grant.resource).as_ref())
                && !there.of(&grant.principal).contains(grant)
        };
        let lines = beyond.iter().filter(live).map(|grant| {
            let Permission { principal, action, resource, condition, when, .. } = grant.permission();
            let tail = condition.into_iter().chain(when).map(|text| format!(" ({text})"));
            format!("{principal}: {action} @ {resource}{}", tail.collect::<String>())
        });
        let undecided = unknown.then(|| format!("some of it is {}", Effect::Unknown.as_str()));
        let lines: Vec<String> = lines.collect();
        let undecided = undecided.filter(|_| !lines.is_empty());
        lines.into_iter().chain(undecided).collect()
    })
}

fn with<T>(path: &str, text: &str, look: impl FnOnce(&Resolver<'_>, &Analysis) -> T) -> Result<T, String> {
    let source = Source::new(path, text.as_bytes().to_vec()).map_err(|error| error.to_string())?;
    let doc = Document::parse(source).map_err(|error| error.to_string())?;
    let template = Template::view(&doc);
    let resolver = Resolver::new(&doc, &template, Catalog::builtin(), Partition::Aws);
    Ok(look(&resolver, &analyse(&resolver)))
}

/// Permissions as the judge reads them.
pub(crate) fn values(permissions: &[Permission]) -> Vec<Value> {
    permissions.iter().filter_map(|permission| serde_json::to_value(permission).ok()).collect()
}

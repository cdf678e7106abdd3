//! Finding what a word stands for: a profile, a pair of types, a policy template, a finding, a reason, a hazard or a word of
//! reports.

use super::term::{TERMS, Term};
use crate::catalog::{Catalog, PolicyTemplate, Profile, nearest};
use crate::check::{FINDINGS, FindingKind};
use crate::plan::{HAZARDS, HazardKind, Reason};

/// Something that can be explained.
#[derive(Clone, Copy)]
pub enum Topic<'a> {
    /// A connector profile.
    Profile(&'a Profile),
    /// A policy template.
    Template(&'a PolicyTemplate),
    /// What has one name as a finding, as a reason for leaving something alone, and as something to know before deploying;
    /// one of them at least.
    Word(Word),
    /// A word by which reports judge.
    Term(&'static Term),
}

/// Ids of one kind, each with what it is about in a line.
pub(super) struct Group<'a> {
    /// What they are.
    pub(super) title: &'static str,
    /// The ids.
    pub(super) ids: Vec<(&'a str, &'a str)>,
}

/// Every id that can be explained.
pub(super) fn groups(catalog: &Catalog) -> Vec<Group<'_>> {
    let of = |title, ids| Group { title, ids };
    let findings = FINDINGS.iter().map(|kind| (kind.id, first_sentence(kind.what)));
    let reasons = Reason::ALL.iter().map(|reason| (reason.id(), first_sentence(reason.what())));
    let hazards = HAZARDS.iter().map(|kind| (kind.id, first_sentence(kind.what)));
    let terms = TERMS.iter().map(|term| (term.word, first_sentence(term.what)));
    let profiles = catalog.profiles().map(|profile| (profile.id.as_str(), profile.title.as_str()));
    let templates = catalog.templates().map(|template| (template.name.as_str(), template.title.as_str()));
    vec![
        of("Words of reports", terms.collect()),
        of("Findings", findings.collect()),
        of("Reasons for leaving something alone", reasons.collect()),
        of("Hazards: what to know before deploying", hazards.collect()),
        of("Connector profiles", profiles.collect()),
        of("Policy templates", templates.collect()),
    ]
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

/// The meanings of one id in reports.
#[derive(Clone, Copy)]
pub struct Word {
    /// A finding.
    pub finding: Option<&'static FindingKind>,
    /// A reason for leaving something alone.
    pub reason: Option<Reason>,
    /// Something to know before deploying.
    pub hazard: Option<&'static HazardKind>,
}

impl Word {
    fn of(name: &str) -> Option<Self> {
        let word = Self {
            finding: FINDINGS.iter().copied().find(|kind| kind.id == name),
            reason: Reason::ALL.iter().copied().find(|reason| reason.id() == name),
            hazard: HAZARDS.iter().find(|kind| kind.id == name),
        };
        (word.finding.is_some() || word.reason.is_some() || word.hazard.is_some()).then_some(word)
    }
}

/// Nothing has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTopic {
    /// What was wrong, without a full stop.
    pub what: String,
    /// Why it has no meaning.
    pub why: &'static str,
    /// What may be meant, or where to look.
    pub help: String,
}

/// What each of some words stands for. Two resource types that follow each other, with `->` between them or without, are a
/// pair.
pub fn topics<'a>(words: &[String], catalog: &'a Catalog) -> Result<Vec<Topic<'a>>, UnknownTopic> {
    let is_arrow = |word: &&String| matches!(word.as_str(), "->" | "→");
    let mut words = words.iter().filter(|word| !is_arrow(word)).peekable();
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let half = |word: &String| word.contains("::") && pair(word).is_none();
        let other = if half(word) { words.next_if(|other| half(other)) } else { None };
        let name = other.map_or_else(|| word.clone(), |other| format!("{word} {other}"));
        found.push(topic(&name, catalog)?);
    }
    Ok(found)
}

/// What `name` stands for: an id, or two resource types with `->` or a blank between them.
pub fn topic<'a>(name: &str, catalog: &'a Catalog) -> Result<Topic<'a>, UnknownTopic> {
    if let Some((source, destination)) = pair(name) {
        let profile = catalog.profile(source, destination).map(|profile| Topic::Profile(profile));
        return profile.ok_or_else(|| no_pair(source, destination, catalog));
    }
    let profile = catalog.profile_by_id(name).map(Topic::Profile);
    let found = profile.or_else(|| catalog.template(name).map(Topic::Template));
    let found = found.or_else(|| Word::of(name).map(Topic::Word));
    let found = found.or_else(|| TERMS.iter().find(|term| term.word == name).map(Topic::Term));
    found.ok_or_else(|| {
        let groups = groups(catalog);
        let ids = groups.iter().flat_map(|group| &group.ids).map(|(id, _)| *id);
        let help = match nearest(name, ids) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`samwire explain` lists every id".to_owned(),
        };
        UnknownTopic {
            what: format!("nothing is known under `{name}`"),
            why: "only ids of definitions and words of reports can be explained",
            help,
        }
    })
}

fn pair(name: &str) -> Option<(&str, &str)> {
    let arrow = name.split_once("->").or_else(|| name.split_once('→'));
    let (source, destination) = arrow.or_else(|| name.trim().split_once(' '))?;
    Some((source.trim(), destination.trim()))
}

/// Why two types are no topic.
const NO_PAIR: &str = "SAM has connectors between some pairs of types only";

fn no_pair(source: &str, destination: &str, catalog: &Catalog) -> UnknownTopic {
    for name in [source, destination] {
        if catalog.resource_type(name).is_none() {
            let types = catalog.resource_types().map(|known| known.name.as_str());
            let help = match nearest(name, types) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`samwire list` shows the pairs of types that connectors join".to_owned(),
            };
            return UnknownTopic {
                what: format!("no connector knows the type `{name}`"),
                why: NO_PAIR,
                help,
            };
        }
    }
    let canonical = catalog.resource_type(source).map_or(source, |known| known.canonical.as_str());
    let others: Vec<&str> = catalog
        .profiles()
        .filter(|profile| profile.source == canonical)
        .map(|profile| profile.destination.as_str())
        .collect();
    let help = match others.as_slice() {
        [] => format!("no connector starts at {source}"),
        others => format!("from {source} there are connectors to {}", others.join(", ")),
    };
    UnknownTopic { what: format!("there is no connector from {source} to {destination}"), why: NO_PAIR, help }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> String {
        match topic(name, Catalog::builtin()) {
            Ok(Topic::Profile(profile)) => format!("profile {}", profile.id),
            Ok(Topic::Template(template)) => format!("template {}", template.name),
            Ok(Topic::Word(word)) => {
                let finding = word.finding.map(|kind| format!("finding {}", kind.id));
                let reason = word.reason.map(|reason| format!("reason {}", reason.id()));
                let hazard = word.hazard.map(|kind| format!("hazard {}", kind.id));
                [finding, reason, hazard].into_iter().flatten().collect::<Vec<_>>().join(", ")
            }
            Ok(Topic::Term(term)) => format!("term {}", term.word),
            Err(unknown) => format!("{}: {}", unknown.what, unknown.help),
        }
    }

    #[test]
    fn every_kind_of_id_is_found() {
        for (name, expected) in [
            ("function-to-table", "profile function-to-table"),
            ("AWS::Lambda::Function -> AWS::DynamoDB::Table", "profile function-to-table"),
            ("AWS::Serverless::Function→AWS::Serverless::SimpleTable", "profile function-to-table"),
            ("AWS::SQS::Queue AWS::Serverless::Function", "profile queue-to-function"),
            ("DynamoDBCrudPolicy", "template DynamoDBCrudPolicy"),
            ("iam-condition", "reason iam-condition"),
            ("deploy-gap", "hazard deploy-gap"),
            ("wider", "term wider"),
            ("opaque-policy", "reason opaque-policy, hazard opaque-policy"),
            ("connector-malformed", "finding connector-malformed"),
            ("dead-policies", "finding dead-policies, reason dead-policies"),
        ] {
            assert_eq!(found(name), expected);
        }
    }

    #[test]
    fn several_words_are_several_topics_and_two_types_are_one() {
        let count = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
            topics(&words, Catalog::builtin()).map(|found| found.len()).map_err(|unknown| unknown.what)
        };
        let (function, queue) = ("AWS::Lambda::Function", "AWS::SQS::Queue");
        assert_eq!(count(&["deploy-gap", "policy-renamed"]), Ok(2));
        assert_eq!(count(&[function, queue]), Ok(1));
        assert_eq!(count(&[function, "->", queue, "same"]), Ok(2));
        assert_eq!(count(&["inert", "AWS::Lambda::Function -> AWS::SQS::Queue"]), Ok(2));
        assert_eq!(count(&["inert", "innert"]), Err("nothing is known under `innert`".to_owned()));
        assert_eq!(count(&[function]), Err(format!("nothing is known under `{function}`")));
    }

    #[test]
    fn what_is_unknown_is_answered_by_what_is_near() {
        for (name, expected) in [
            (
                "function-to-tabel",
                "nothing is known under `function-to-tabel`: did you mean `function-to-table`?",
            ),
            (
                "AWS::Lambda::Funtion -> AWS::DynamoDB::Table",
                "no connector knows the type `AWS::Lambda::Funtion`: did you mean `AWS::Lambda::Function`?",
            ),
            (
                "AWS::DynamoDB::Table -> AWS::SQS::Queue",
                "there is no connector from AWS::DynamoDB::Table to AWS::SQS::Queue: \
                 from AWS::DynamoDB::Table there are connectors to AWS::Lambda::Function",
            ),
        ] {
            assert_eq!(found(name), expected);
        }
    }
}

//! Finding what a word stands for: a profile, a pair of types, a policy template, a finding, a reason or a hazard.

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
    /// What may be meant, or where to look.
    pub help: String,
}

/// What `name` stands for: an id, or two resource types with `->` or a blank between them.
pub fn topic<'a>(name: &str, catalog: &'a Catalog) -> Result<Topic<'a>, UnknownTopic> {
    if let Some((source, destination)) = pair(name) {
        let profile = catalog.profile(source, destination).map(|profile| Topic::Profile(profile));
        return profile.ok_or_else(|| no_pair(source, destination, catalog));
    }
    let profile = catalog.profile_by_id(name).map(|profile| Topic::Profile(profile));
    let found = profile.or_else(|| catalog.template(name).map(Topic::Template));
    let found = found.or_else(|| Word::of(name).map(Topic::Word));
    found.ok_or_else(|| {
        let ids = catalog.profiles().map(|profile| profile.id.as_str()).chain(catalog.template_names());
        let ids = ids.chain(FINDINGS.iter().map(|kind| kind.id));
        let ids =
            ids.chain(Reason::ALL.iter().map(|reason| reason.id())).chain(HAZARDS.iter().map(|kind| kind.id));
        let help = match nearest(name, ids) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`samwire list` shows profiles and policy templates".to_owned(),
        };
        UnknownTopic { what: format!("nothing is known under `{name}`"), help }
    })
}

fn pair(name: &str) -> Option<(&str, &str)> {
    let arrow = name.split_once("->").or_else(|| name.split_once('→'));
    let (source, destination) = arrow.or_else(|| name.trim().split_once(' '))?;
    Some((source.trim(), destination.trim()))
}

fn no_pair(source: &str, destination: &str, catalog: &Catalog) -> UnknownTopic {
    for name in [source, destination] {
        if catalog.resource_type(name).is_none() {
            let types = catalog.resource_types().map(|known| known.name.as_str());
            let help = match nearest(name, types) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`samwire list` shows the pairs of types that connectors join".to_owned(),
            };
            return UnknownTopic { what: format!("no connector knows the type `{name}`"), help };
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
    UnknownTopic { what: format!("there is no connector from {source} to {destination}"), help }
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
            ("opaque-policy", "reason opaque-policy, hazard opaque-policy"),
            ("connector-malformed", "finding connector-malformed"),
            ("dead-policies", "finding dead-policies, reason dead-policies"),
        ] {
            assert_eq!(found(name), expected);
        }
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

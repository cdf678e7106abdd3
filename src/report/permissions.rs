//! Permissions in words: those that differ only in their action are said in one breath.

use super::escape::escaped;
use crate::iam::Permission;
use std::collections::BTreeSet;
use std::fmt::{self, Display};

/// Several permissions on one resource.
pub(super) struct Phrase<'a> {
    principal: Option<&'a str>,
    actions: Vec<&'a str>,
    resource: &'a str,
    on: Option<&'a str>,
    condition: Option<&'a str>,
    when: Option<&'a str>,
    inert: bool,
    deny: bool,
    implied_by: BTreeSet<&'a str>,
    because: Option<&'a str>,
}

/// The permissions of a list in phrases, in the order of their first member. Inert ones are told only `with_inert`;
/// a role only where there are several holders, a service always.
pub(super) fn phrases(list: &[Permission], with_inert: bool) -> Vec<Phrase<'_>> {
    let several = list.windows(2).any(|pair| pair[0].principal != pair[1].principal);
    let mut phrases: Vec<Phrase<'_>> = Vec::new();
    for permission in list.iter().filter(|permission| with_inert || !permission.inert) {
        let implied = !permission.implied_by.is_empty();
        let told = several || permission.on.is_some();
        let principal = told.then_some(permission.principal.as_str());
        let same = phrases.iter_mut().find(|phrase| {
            phrase.principal == principal
                && phrase.resource == permission.resource
                && phrase.on == permission.on.as_deref()
                && phrase.condition == permission.condition.as_deref()
                && phrase.when == permission.when.as_deref()
                && phrase.inert == permission.inert
                && phrase.deny == permission.deny
                && phrase.implied_by.is_empty() != implied
                && phrase.because == permission.because.as_deref()
        });
        if let Some(phrase) = same {
            phrase.add(permission);
            continue;
        }
        let mut phrase = Phrase {
            principal,
            actions: Vec::new(),
            resource: &permission.resource,
            on: permission.on.as_deref(),
            condition: permission.condition.as_deref(),
            when: permission.when.as_deref(),
            inert: permission.inert,
            deny: permission.deny,
            implied_by: BTreeSet::new(),
            because: permission.because.as_deref(),
        };
        phrase.add(permission);
        phrases.push(phrase);
    }
    phrases
}

impl<'a> Phrase<'a> {
    fn add(&mut self, permission: &'a Permission) {
        self.actions.push(&permission.action);
        self.implied_by.extend(permission.implied_by.iter().map(String::as_str));
    }
}

impl Phrase<'_> {
    /// The phrase with each name through `name` and what is said beside them through `prose`; both escape.
    pub(super) fn said(&self, name: impl Fn(&str) -> String, prose: impl Fn(&str) -> String) -> String {
        let mut out = String::new();
        match (self.principal, self.on) {
            (Some(service), Some(_)) => out += &format!("{} may ", name(service)),
            (Some(role), None) => out += &format!("{}: ", name(role)),
            (None, _) => {}
        }
        if self.deny {
            out += "denial of ";
        }
        let place = self.on.unwrap_or(self.resource);
        out += &format!("{} on {}", listed(self.actions.iter().copied(), &name), name(place));
        if let Some(condition) = self.condition {
            out += &format!(" ({})", prose(condition));
        }
        if let Some(when) = self.when {
            out += &format!(" when {}", prose(when));
        }
        if self.inert {
            out += " (inert: IAM never matches this)";
        }
        if !self.implied_by.is_empty() {
            out += &format!(" (implied by {})", listed(self.implied_by.iter().copied(), &name));
        }
        if let Some(because) = self.because {
            out += &format!(" (no new power: {})", prose(because.trim_end_matches('.')));
        }
        out
    }
}

impl Display for Phrase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |text: &str| escaped(text).into_owned();
        f.write_str(&self.said(plain, plain))
    }
}

/// Actions in a row, the service named only where it changes: `s3:GetObject, PutObject, sqs:SendMessage`.
fn listed<'a>(actions: impl Iterator<Item = &'a str>, name: impl Fn(&str) -> String) -> String {
    let mut current = None;
    let shown = actions.map(|action| {
        let parts = action.split_once(':');
        let service = parts.map(|(service, _)| service);
        let known = service.is_some() && service == current;
        current = service;
        name(parts.filter(|_| known).map_or(action, |(_, own)| own))
    });
    shown.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::samples::permission;

    #[test]
    fn actions_on_one_resource_are_said_together_and_implied_ones_apart() {
        let implied = Permission { implied_by: vec!["d:Get".into()], ..permission("d:Select", "${T.Arn}") };
        let inert = Permission { inert: true, ..permission("d:Put", "${T.Arn}/index/*") };
        let list = [permission("d:Put", "${T.Arn}"), implied, permission("d:Delete", "${T.Arn}"), inert];
        let words = |inert| phrases(&list, inert).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(words(false), ["d:Put, Delete on ${T.Arn}", "d:Select on ${T.Arn} (implied by d:Get)"]);
        assert_eq!(words(true)[2], "d:Put on ${T.Arn}/index/* (inert: IAM never matches this)");
    }

    #[test]
    fn every_action_is_a_name() {
        let list = [permission("d:Put", "r"), permission("d:Delete", "r"), permission("s:Send", "r")];
        let marked: Vec<_> = phrases(&list, false)
            .iter()
            .map(|phrase| phrase.said(|name| format!("`{name}`"), str::to_owned))
            .collect();
        assert_eq!(marked, ["`d:Put`, `Delete`, `s:Send` on `r`"]);
    }

    #[test]
    fn a_service_is_told_with_what_it_may_do_to_whom_and_for_whom() {
        let from = |source: &str| Permission {
            principal: "sns.amazonaws.com".into(),
            on: Some("Worker".into()),
            condition: Some(format!("source ${{{source}}}")),
            ..permission("lambda:InvokeFunction", "${Worker.Arn}")
        };
        let list = [from("Topic"), from("Other")];
        let words: Vec<_> = phrases(&list, false).iter().map(ToString::to_string).collect();
        let told = "sns.amazonaws.com may lambda:InvokeFunction on Worker (source ${Topic})";
        assert_eq!(words, [told, &told.replace("Topic", "Other")]);
    }

    #[test]
    fn the_principal_is_told_only_where_there_are_several() {
        let other = Permission { principal: "B".into(), ..permission("d:Put", "r") };
        let list = [permission("d:Put", "r"), other];
        let words: Vec<_> = phrases(&list, false).iter().map(ToString::to_string).collect();
        assert_eq!(words, ["ARole: d:Put on r", "B: d:Put on r"]);
    }
}

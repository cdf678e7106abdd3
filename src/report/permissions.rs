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

impl Display for Phrase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.principal, self.on) {
            (Some(service), Some(_)) => write!(f, "{} may ", escaped(service))?,
            (Some(role), None) => write!(f, "{}: ", escaped(role))?,
            (None, _) => {}
        }
        if self.deny {
            f.write_str("denial of ")?;
        }
        let place = self.on.unwrap_or(self.resource);
        write!(f, "{} on {}", escaped(&listed(self.actions.iter().copied())), escaped(place))?;
        if let Some(condition) = self.condition {
            write!(f, " ({})", escaped(condition))?;
        }
        if let Some(when) = self.when {
            write!(f, " when {}", escaped(when))?;
        }
        if self.inert {
            f.write_str(" (inert: IAM never matches this)")?;
        }
        if !self.implied_by.is_empty() {
            write!(f, " (implied by {})", escaped(&listed(self.implied_by.iter().copied())))?;
        }
        if let Some(because) = self.because {
            write!(f, " (no new power: {})", escaped(because.trim_end_matches('.')))?;
        }
        Ok(())
    }
}

/// Actions in a row, the service named only where it changes: `s3:GetObject, PutObject, sqs:SendMessage`.
fn listed<'a>(actions: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    let mut current = None;
    for action in actions {
        if !out.is_empty() {
            out.push_str(", ");
        }
        let service = action.split_once(':').map(|(service, _)| service);
        match action.split_once(':') {
            Some((_, name)) if service == current => out.push_str(name),
            _ => out.push_str(action),
        }
        current = service;
    }
    out
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

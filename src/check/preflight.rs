//! Whether the identity that deploys holds what a template takes, as it is and as it would be. Knows neither where the
//! two templates come from nor how the answer is told.

use super::deployer_policy::{DeployerPolicy, Holding, Limits};
use super::needs::{Need, Needs, Unseen, needs};
use crate::catalog::Catalog;
use crate::syntax::Document;
use std::collections::{BTreeMap, BTreeSet};

/// An action that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// The action.
    pub action: String,
    /// What takes it.
    pub need: Need,
}

/// An action that is held within limits: whether they leave room for the deployment cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limited {
    /// The action.
    pub action: String,
    /// What takes it.
    pub need: Need,
    /// The limits.
    pub limits: Limits,
}

/// The answer for one state of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Side {
    /// Actions that are not held, in the order of their names.
    pub missing: Vec<Lack>,
    /// Actions that are held within limits, likewise.
    pub limited: Vec<Limited>,
    /// What cannot be judged, with logical ids.
    pub unseen: BTreeMap<Unseen, BTreeSet<String>>,
    /// Whether macros or loops may add resources that were not looked at.
    pub generated: bool,
}

impl Side {
    /// Whether something could not be judged, so that more may be missing.
    pub fn is_incomplete(&self) -> bool {
        self.generated || !self.unseen.is_empty()
    }
}

/// The answers for a template as it is and as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preflight {
    /// As it is.
    pub before: Side,
    /// As it would be, deployed over the one before; absent where nothing would change.
    pub after: Option<Side>,
}

impl Preflight {
    /// The answers, as it is first.
    pub fn sides(&self) -> impl Iterator<Item = &Side> {
        [&self.before].into_iter().chain(&self.after)
    }

    /// The answer for the template as it would be, which is the one before where nothing would change.
    pub fn after(&self) -> &Side {
        self.after.as_ref().unwrap_or(&self.before)
    }
}

/// Judges a template by a policy; `after` is the template as it would be, where anything would change.
pub fn preflight(
    before: &Document,
    after: Option<&Document>,
    catalog: &Catalog,
    policy: &DeployerPolicy,
) -> Preflight {
    let needed = needs(before, catalog);
    let after = after.map(|after| side(needs(after, catalog).over(&needed), policy));
    Preflight { before: side(needed, policy), after }
}

fn side(needs: Needs, policy: &DeployerPolicy) -> Side {
    let mut side = Side { unseen: needs.unseen, generated: needs.generated, ..Side::default() };
    for (action, need) in needs.actions {
        match policy.holding(&action) {
            Holding::Full => {}
            Holding::None => side.missing.push(Lack { action, need }),
            Holding::Limited(limits) => side.limited.push(Limited { action, need, limits }),
        }
    }
    side
}

#[cfg(test)]
mod tests {
    use super::super::needs::{Cause, UnseenReason};
    use super::*;
    use crate::text::Source;

    fn document(resources: &str) -> Document {
        let text = format!("Transform: AWS::Serverless-2016-10-31\nResources:\n{resources}");
        Document::parse(Source::new("t.yaml", text.into_bytes()).unwrap()).unwrap()
    }

    fn policy(actions: &str) -> DeployerPolicy {
        let text = format!("Statement: {{ Effect: Allow, Action: [{actions}], Resource: '*' }}");
        DeployerPolicy::read(Source::new("p.yaml", text.into_bytes()).unwrap()).unwrap()
    }

    fn judge(before: &str, after: Option<&str>, actions: &str) -> Preflight {
        let after = after.map(document);
        preflight(&document(before), after.as_ref(), Catalog::builtin(), &policy(actions))
    }

    fn missing(side: &Side) -> Vec<&str> {
        side.missing.iter().map(|lack| lack.action.as_str()).collect()
    }

    const QUEUE: &str = "  Q: { Type: AWS::SQS::Queue }\n";

    #[test]
    fn a_deployment_needs_change_sets_and_what_its_types_need() {
        let found = judge(QUEUE, None, "'cloudformation:*'");
        let expected = ["CreateQueue", "DeleteQueue", "GetQueueAttributes", "SetQueueAttributes"];
        assert_eq!(missing(&found.before), expected.map(|name| format!("sqs:{name}")));
        let lack = &found.before.missing[0];
        assert_eq!(lack.need.by.keys().collect::<Vec<_>>(), [&Cause::Type("AWS::SQS::Queue".into())]);
        assert_eq!(missing(&judge(QUEUE, None, "'sqs:*'").before).len(), 6);
    }

    #[test]
    fn a_property_is_needed_for_in_every_branch() {
        for (tags, needed) in [
            ("[]", true),
            ("!If [C, [], !Ref AWS::NoValue]", true),
            ("{ 'Fn::If': [C, !Ref AWS::NoValue, !Ref AWS::NoValue] }", false),
            ("!Ref AWS::NoValue", false),
        ] {
            let queue = format!("  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      Tags: {tags}\n");
            let found = judge(&queue, None, "'cloudformation:*'");
            assert_eq!(missing(&found.before).contains(&"sqs:TagQueue"), needed, "{tags}");
        }
    }

    #[test]
    fn sam_makes_a_role_unless_one_is_given_for_sure() {
        for (role, made) in [
            ("!GetAtt R.Arn", false),
            ("!If [C, !GetAtt R.Arn, !GetAtt S.Arn]", false),
            ("!If [C, !GetAtt R.Arn, !Ref AWS::NoValue]", true),
            ("!Ref AWS::NoValue", true),
        ] {
            let function = format!(
                "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: s3://b/k\n      Role: {role}\n"
            );
            let found = judge(&function, None, "'cloudformation:*'");
            assert_eq!(missing(&found.before).contains(&"iam:CreateRole"), made, "{role}");
        }
    }

    #[test]
    fn local_files_are_stored_and_stored_ones_are_not() {
        for (code, stored) in [("src/", true), ("s3://b/k", false), ("{ Bucket: b, Key: k }", false)] {
            let function = format!(
                "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: {code}\n"
            );
            let found = judge(&function, None, "'cloudformation:*'");
            assert_eq!(missing(&found.before).contains(&"s3:PutObject"), stored, "{code}");
        }
    }

    #[test]
    fn what_goes_is_still_changed_and_removed() {
        let policy = "  P:\n    Type: AWS::IAM::RolePolicy\n    Properties: {}\n";
        let found = judge(&format!("{QUEUE}{policy}"), Some(QUEUE), "'cloudformation:*', 'sqs:*'");
        let before = ["iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:PutRolePolicy"];
        assert_eq!(missing(&found.before), before);
        // Restoring it where the deployment fails is an update.
        assert_eq!(missing(found.after.as_ref().unwrap()), before);
    }

    #[test]
    fn a_connector_needs_what_it_generates() {
        let function = "  F:\n    Type: AWS::Serverless::Function\n    Properties: { CodeUri: s3://b/k }\n";
        let connector = "    Connectors:\n      ToQ:\n        Properties:\n          Destination: { Id: Q }\n          Permissions: [Write]\n";
        let before = format!("{QUEUE}{function}");
        let after = format!("{QUEUE}{function}{connector}");
        let found = judge(&before, Some(&after), "'cloudformation:*', 'sqs:*', 'lambda:*', 's3:*'");
        let after = found.after.unwrap();
        assert!(!missing(&found.before).contains(&"iam:CreatePolicy"));
        let lack = after.missing.iter().find(|lack| lack.action == "iam:CreatePolicy").unwrap();
        let cause = Cause::Connectors("AWS::IAM::ManagedPolicy".into());
        assert_eq!(lack.need.by[&cause], BTreeSet::from(["FToQ".to_owned()]));
        assert!(after.unseen.is_empty());
    }

    #[test]
    fn what_is_not_listed_is_never_fine() {
        let resources = "  A: { Type: Acme::Thing::New }\n  S: { Type: AWS::CloudFormation::Stack }\n  C:\n    Type: AWS::Serverless::Connector\n    Properties: {}\n";
        let found = judge(resources, None, "'*'");
        let unseen: Vec<(&str, UnseenReason)> =
            found.before.unseen.keys().map(|unseen| (unseen.type_name.as_str(), unseen.reason)).collect();
        assert_eq!(
            unseen,
            [
                ("AWS::CloudFormation::Stack", UnseenReason::NestedTemplate),
                ("AWS::Serverless::Connector", UnseenReason::BrokenConnector),
                ("Acme::Thing::New", UnseenReason::UnknownType),
            ]
        );
        assert!(found.before.missing.is_empty());
    }
}

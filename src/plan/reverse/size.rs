//! How much room the inline policies of a role take. IAM bounds the sum over a role, white space not counted; what stands for
//! an expression is only known at deployment, so lengths are estimated from above.

use super::{Folding, PolicyForm};
use crate::analysis::{Analysis, Origin};
use crate::iam::{Grant, ResourcePattern, Segment};
use hashbrown::HashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// IAM quotas, "Role inline policy size": all inline policies of a role together, in characters.
const MAX_INLINE: usize = 10_240;

/// What is taken for the length of an expression: that of an ARN with a long name.
const EXPRESSION: usize = 100;

/// What a statement has beside its actions and resources.
const STATEMENT: usize = 60;

/// The room that roles have for inline policies, beside what the template has and what was taken so far.
pub(super) struct Room<'a> {
    analysis: &'a Analysis,
    /// By role: the size of its inline policies, as far as somebody asked.
    size: HashMap<Arc<str>, usize>,
}

impl<'a> Room<'a> {
    /// The room of all roles as the template is.
    pub(super) fn of(analysis: &'a Analysis) -> Self {
        Self { analysis, size: HashMap::new() }
    }

    /// Takes the room that the policies of a folding need in its roles.
    pub(super) fn take(&mut self, folding: &Folding) {
        if folding.form != PolicyForm::Inline {
            return;
        }
        let roles: BTreeSet<&Arc<str>> = folding.grants.iter().map(|grant| &grant.principal).collect();
        for role in roles {
            *self.size(role) += of_grants(folding.grants.iter().filter(|grant| grant.principal == *role));
        }
    }

    /// Whether a role has room for one more policy with some grants.
    pub(super) fn takes(&mut self, role: &Arc<str>, grants: &[&Grant]) -> bool {
        *self.size(role) + of_grants(grants.iter().copied()) <= MAX_INLINE
    }

    fn size(&mut self, role: &Arc<str>) -> &mut usize {
        self.size.entry(role.clone()).or_insert_with(|| written(self.analysis, role))
    }
}

/// The size of the inline policies that the template has for a role.
fn written(analysis: &Analysis, role: &str) -> usize {
    let ledger = &analysis.ledger;
    let units = analysis.units_of(role).map(|unit| &ledger.units[unit]);
    let inline = units
        .filter(|unit| *unit.principal == *role && matches!(unit.origin, Origin::Policies | Origin::Role));
    let mut statements: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut parts: BTreeSet<(usize, usize, bool, usize)> = BTreeSet::new();
    let mut size = 0;
    for cell in inline.flat_map(|unit| &ledger.cells[unit.cells()]) {
        let at = (cell.unit, cell.rectangle);
        if statements.insert(at) {
            size += STATEMENT;
        }
        if parts.insert((at.0, at.1, true, cell.row)) {
            size += cell.grant.action.as_str().len() + 3;
        }
        if parts.insert((at.0, at.1, false, cell.column)) {
            size += of_resource(&cell.grant.resource);
        }
    }
    size
}

/// The size of one statement that has some grants; without any there is none.
fn of_grants<'g>(grants: impl Iterator<Item = &'g Grant>) -> usize {
    let grants: Vec<&Grant> = grants.collect();
    if grants.is_empty() {
        return 0;
    }
    let actions: BTreeSet<&str> = grants.iter().map(|grant| grant.action.as_str()).collect();
    let mut resources: Vec<&ResourcePattern> = Vec::new();
    for grant in &grants {
        if !resources.contains(&&grant.resource) {
            resources.push(&grant.resource);
        }
    }
    let actions: usize = actions.iter().map(|action| action.len() + 3).sum();
    STATEMENT + actions + resources.into_iter().map(of_resource).sum::<usize>()
}

fn of_resource(resource: &ResourcePattern) -> usize {
    let length = |segment: &Segment| match segment {
        Segment::Text(text) => text.len(),
        Segment::Token(_) => EXPRESSION,
        Segment::Star | Segment::One => 1,
    };
    resource.segments().iter().map(length).sum::<usize>() + 3
}

#[cfg(test)]
mod tests {
    use super::super::home::Ctx;
    use super::*;
    use crate::analysis::{Resolver, analyse};
    use crate::catalog::Catalog;
    use crate::iam::{ActionPattern, Presence, Token};
    use crate::plan::Partition;
    use crate::syntax::Document;
    use crate::template::Template;
    use crate::text::Source;

    const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Sender:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Policies:
        - Statement:
            - Effect: Allow
              Action: [sqs:SendMessage, sqs:GetQueueUrl]
              Resource: [!GetAtt Jobs.Arn, '*']
            - {Effect: Allow, Action: s3:ListAllMyBuckets, Resource: '*'}
  Other:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Policies:
        - Statement: {Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Jobs.Arn}
  Apart:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref SenderRole]
      PolicyDocument: {Statement: {Effect: Allow, Action: sqs:PurgeQueue, Resource: !GetAtt Jobs.Arn}}
  Jobs:
    Type: AWS::SQS::Queue
";

    /// What `TEMPLATE` has inline for `SenderRole`: two statements, three actions, an expression and two wildcards.
    const WRITTEN: usize = 2 * 60 + (15 + 3) + (15 + 3) + (19 + 3) + (100 + 3) + 2 * (1 + 3);

    fn grant(principal: &str, action: &str, resource: &str) -> Grant {
        Grant {
            principal: principal.into(),
            allow: true,
            action: ActionPattern::new(action),
            resource: ResourcePattern::from_text(resource),
            condition: None,
            presence: Presence::Always,
        }
    }

    fn with<T>(look: impl FnOnce(Ctx<'_, '_>) -> T) -> T {
        let doc = Document::parse(Source::new("template.yaml", TEMPLATE.into()).unwrap()).unwrap();
        let template = Template::view(&doc);
        let resolver = Resolver::new(&doc, &template, Catalog::builtin(), Partition::Aws);
        look(Ctx { resolver: &resolver, analysis: &analyse(&resolver) })
    }

    #[test]
    fn every_action_and_resource_of_a_statement_counts_once() {
        let one = grant("R", "s3:GetObject", "bucket");
        let other = grant("R", "s3:PutObject", "bucket/?*");
        let size = |grants: &[&Grant]| of_grants(grants.iter().copied());
        assert_eq!(size(&[&one]), 60 + (12 + 3) + (6 + 3));
        assert_eq!(size(&[&one, &one]), size(&[&one]));
        assert_eq!(size(&[&one, &other]), 60 + (12 + 3) + (12 + 3) + (6 + 3) + (9 + 3));
        let inside = vec![Segment::Token(Token::opaque("B.Arn")), Segment::Text("/".into()), Segment::Star];
        let inside = Grant { resource: ResourcePattern::new(inside), ..one.clone() };
        assert_eq!(size(&[&inside]), 60 + (12 + 3) + (100 + 2 + 3));
    }

    #[test]
    fn only_the_inline_policies_of_the_role_are_written_in_it() {
        assert_eq!(with(|ctx| written(ctx.analysis, "SenderRole")), WRITTEN);
        assert_eq!(with(|ctx| written(ctx.analysis, "Nobody")), 0);
    }

    #[test]
    fn a_role_takes_exactly_as_much_as_iam_allows() {
        let folding = |form, principal: &str| Folding {
            view: 0,
            fingerprint: String::new(),
            form,
            instead: None,
            shares: Vec::new(),
            grants: vec![grant(principal, "s3:GetObject", "bucket")],
        };
        let inline = folding(PolicyForm::Inline, "SenderRole");
        let elsewhere =
            [folding(PolicyForm::Inline, "OtherRole"), folding(PolicyForm::Resource, "SenderRole")];
        let folded = of_grants(inline.grants.iter());
        let full = |taken: &[Folding], left: usize| {
            let last = grant("SenderRole", "s3:GetObject", &"x".repeat(left - 60 - (12 + 3) - 3));
            with(|ctx| {
                let mut room = Room::of(ctx.analysis);
                taken.iter().for_each(|folding| room.take(folding));
                !room.takes(&"SenderRole".into(), &[&last])
            })
        };
        let left = MAX_INLINE - WRITTEN;
        assert!(!full(&[], left) && full(&[], left + 1));
        let left = left - folded;
        assert!(!full(std::slice::from_ref(&inline), left) && full(&[inline], left + 1));
        let left = MAX_INLINE - WRITTEN;
        assert!(!full(&elsewhere, left) && full(&elsewhere, left + 1));
    }
}

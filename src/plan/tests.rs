//! Tests of plans as a whole that need no fixture: what a plan says of its own result.

use super::*;
use crate::catalog::Catalog;
use crate::text::Source;

fn planned(text: &str) -> Plan<'static> {
    let source = Source::new("template.yaml", text.as_bytes().to_vec()).unwrap();
    plan(source, Catalog::builtin(), &Options::default()).unwrap()
}

const CRUD: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: api/
      Policies:
        - DynamoDBCrudPolicy:
            TableName: !Ref Orders
  Orders:
    Type: AWS::Serverless::SimpleTable
";

#[test]
fn a_rest_beside_its_connector_is_neither_rewritten_nor_left_alone_again() {
    let first = planned(CRUD);
    let taken = first.taken();
    assert_eq!(first.rewrites()[0].kept.len(), 1);
    let second = planned(&first.outcome(&taken).unwrap().text);
    assert!(second.rewrites().is_empty(), "{:?}", second.rewrites());
    assert!(second.left_alone().is_empty(), "{:?}", second.left_alone());
}

#[test]
fn no_rewrite_gives_the_text_as_it_was() {
    let plan = planned(CRUD);
    let outcome = plan.outcome(&[]).unwrap();
    assert!(outcome.text == CRUD && outcome.edits.is_empty());
    assert_eq!(plan.delta(&[]), PermissionDelta { added: vec![], removed: vec![] });
}

#[test]
fn the_deployer_is_told_only_what_the_template_does_not_take_already() {
    assert!(!planned(CRUD).deployer_actions().is_empty());
    let with_a_policy = format!(
        "{CRUD}  Audit:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: {{Statement: []}}\n"
    );
    assert_eq!(planned(&with_a_policy).deployer_actions(), &[] as &[String]);
}

#[test]
fn a_role_near_its_quota_is_told_with_what_sam_attaches() {
    let source = Source::new("template.yaml", CRUD.as_bytes().to_vec()).unwrap();
    let message = |max_managed_policies: usize| {
        let options = Options { max_managed_policies, ..Options::default() };
        let plan = plan(source.clone(), Catalog::builtin(), &options).unwrap();
        let rewrite = &plan.rewrites()[0];
        let told = rewrite.hazards.iter().find(|hazard| hazard.id == "quota-near");
        (rewrite.decision, told.map(|hazard| hazard.message.clone()))
    };
    assert_eq!(message(5), (Decision::Taken, None));
    let near = "`ApiRole` goes from 1 managed policies (1 attached by SAM itself) to 2 of 4";
    assert_eq!(message(4), (Decision::Taken, Some(near.to_owned())));
    let (decision, told) = message(1);
    assert_eq!(decision, Decision::Held(HeldBy::Quota));
    assert!(told.is_some_and(|told| told.contains("would come to more than 1")));
}

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

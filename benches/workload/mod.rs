//! Templates to measure with, generated: a mix of functions, policies and resources as in templates that are
//! deployed, of any length. The same call gives the same bytes.

use std::fmt::Write as _;

/// What stands before the resources.
const HEAD: &str = include_str!("head.yaml");

/// The resources of one service of a shop, about 110 lines; `@N@` is its number.
const SERVICE: &str = include_str!("service.yaml");

/// A template of at least `lines` lines: a third of the functions have nothing to rewrite, some policies are left alone.
pub(crate) fn mixed(lines: usize) -> String {
    let mut out = HEAD.to_owned();
    let mut n = 0;
    while out.lines().count() < lines {
        out.push_str(&SERVICE.replace("@N@", &n.to_string()));
        n += 1;
    }
    out
}

/// A template of `functions` functions with two rewrites each: one within the default consent, on a table that all share,
/// and one that is held back.
pub(crate) fn many_rewrites(functions: usize) -> String {
    let mut out = HEAD.to_owned();
    out.push_str("  Shared:\n    Type: AWS::Serverless::SimpleTable\n  Jobs:\n    Type: AWS::SQS::Queue\n");
    for n in 0..functions {
        let _ = write!(
            out,
            "  Worker{n}:
    Type: AWS::Serverless::Function
    Properties:
      Handler: worker{n}.handler
      CodeUri: src/
      Policies:
        # Reads and writes its share.
        - DynamoDBCrudPolicy:
            TableName: !Ref Shared
        - SQSSendMessagePolicy:
            QueueName: !GetAtt Jobs.QueueName
        - Version: '2012-10-17'
          Statement:
            - Effect: Allow
              Action: [dynamodb:GetItem, dynamodb:Query]
              Resource: !GetAtt Own{n}.Arn
  Own{n}:
    Type: AWS::Serverless::SimpleTable
"
        );
    }
    out
}

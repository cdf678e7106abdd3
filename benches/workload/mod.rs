//! Templates to measure with, generated: a mix of functions, policies and resources as in templates that are
//! deployed, of any length. The same call gives the same bytes.

use std::fmt::Write as _;

/// A template of at least `lines` lines: a third of the functions have nothing to rewrite, some policies are left alone.
pub(crate) fn mixed(lines: usize) -> String {
    let mut out = head();
    let mut n = 0;
    while out.lines().count() < lines {
        service(&mut out, n);
        n += 1;
    }
    out
}

/// A template of `functions` functions with two rewrites each: one within the default consent, on a table that all share,
/// and one that is held back.
pub(crate) fn many_rewrites(functions: usize) -> String {
    let mut out = head();
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

fn head() -> String {
    "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: Generated to measure with.

Parameters:
  Stage:
    Type: String
    Default: test
Conditions:
  IsLive: !Equals [!Ref Stage, live]
Globals:
  Function:
    Runtime: python3.13
    Timeout: 10

Resources:
"
    .to_owned()
}

/// One service of a shop, about 110 lines.
fn service(out: &mut String, n: usize) {
    let _ = write!(
        out,
        "  # Service {n}: takes orders, prices them, tells others.
  Create{n}:
    Type: AWS::Serverless::Function
    Properties:
      Handler: create.handler
      CodeUri: services/{n}/create/
      Environment:
        Variables:
          TABLE: !Ref Orders{n}
          PRICING: !Ref Pricing{n}
          STAGE: !Sub '${{AWS::StackName}}-${{Stage}}'
      Policies:
        # Reads back what it wrote.
        - DynamoDBCrudPolicy:
            TableName: !Ref Orders{n}
        - Version: '2012-10-17'
          Statement:
            - Effect: Allow
              Action: lambda:InvokeFunction
              Resource: !GetAtt Pricing{n}.Arn
            - Effect: Allow
              Action:
                - ssm:GetParameter
                - ssm:GetParameters
              Resource: !Sub 'arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter/shop/{n}/*'
      Events:
        Post:
          Type: Api
          Properties:
            Path: /orders/{n}
            Method: post

  List{n}:
    Type: AWS::Serverless::Function
    Properties:
      Handler: list.handler
      CodeUri: services/{n}/list/
      MemorySize: 512
      Policies:
        - Statement:
            - Sid: ReadOrders
              Effect: Allow
              Action: ['dynamodb:Query', 'dynamodb:GetItem', 'dynamodb:Scan']
              Resource:
                - !GetAtt Orders{n}.Arn
                - !Sub '${{Orders{n}.Arn}}/index/*'
            - Effect: Allow
              Action: s3:GetObject
              Resource: arn:aws:s3:::somebody-elses-bucket/*
      Events:
        Get:
          Type: Api
          Properties:
            Path: /orders/{n}
            Method: get

  Pricing{n}:
    Type: AWS::Serverless::Function
    Properties:
      Handler: pricing.handler # kept small
      CodeUri: services/{n}/pricing/
      ReservedConcurrentExecutions: 5

  Notify{n}:
    Type: AWS::Serverless::Function
    Condition: IsLive
    Properties:
      Handler: notify.handler
      CodeUri: services/{n}/notify/
      Policies:
        - SNSPublishMessagePolicy:
            TopicName: !GetAtt Placed{n}.TopicName
        - AWSLambdaBasicExecutionRole
      Events:
        Stream:
          Type: SQS
          Properties:
            Queue: !GetAtt Inbox{n}.Arn
            BatchSize: 10

  Orders{n}:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - AttributeName: id
          AttributeType: S
        - AttributeName: customer
          AttributeType: S
      KeySchema:
        - AttributeName: id
          KeyType: HASH
      GlobalSecondaryIndexes:
        - IndexName: by-customer
          KeySchema:
            - AttributeName: customer
              KeyType: HASH
          Projection:
            ProjectionType: ALL

  Placed{n}:
    Type: AWS::SNS::Topic

  Inbox{n}:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60

"
    );
}

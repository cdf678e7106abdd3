"""Small templates, and requests over them, for the tests of the judge."""

import json

import judge

HEAD = """\
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
"""

FUNCTION = """\
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
"""

TABLE = """\
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
"""

READ = ["GetItem", "Query", "Scan", "BatchGetItem", "ConditionCheckItem", "PartiQLSelect"]
BOTH = ["${Table.Arn}", "${Table.Arn}/index/*"]


def grants(actions, resources=BOTH, principal="OrdersRole", service="dynamodb", **more):
    return [
        {"principal": principal, "action": f"{service}:{action}", "resource": resource, **more}
        for action in actions
        for resource in resources
    ]


def connector(source="Orders", destination="Table", permissions="Read", condition=None):
    lines = ["  Wire:", "    Type: AWS::Serverless::Connector"]
    if condition:
        lines.append(f"    Condition: {condition}")
    lines += [
        "    Properties:",
        f"      Source: {{Id: {source}}}",
        f"      Destination: {{Id: {destination}}}",
        f"      Permissions: [{permissions}]",
    ]
    return "\n".join(lines) + "\n"


def template(*resources, conditions="", more=""):
    return HEAD + more + conditions + "Resources:\n" + "".join(resources)


def statement(actions, resource, more=""):
    return f"""\
      Policies:
        - Version: '2012-10-17'
          Statement:
            - Effect: Allow
              Action: {json.dumps(actions)}
              Resource: {resource}
{more}"""


def ask(before, after, added=(), removed=(), kept=(), form="yaml", identical=None):
    return judge.verdict(
        {"id": "case", "before": before, "after": after, "format": form,
         "added": list(added), "removed": list(removed), "kept": list(kept), "identical": identical}
    )

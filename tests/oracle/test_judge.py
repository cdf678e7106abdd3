"""The judge judged: small rewrites with a right or a wrong declaration, and the verdict that each must get."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

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
READ_POLICY = ["GetItem", "Scan", "Query", "BatchGetItem", "DescribeTable"]
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


def ask(before, after, added=(), removed=(), kept=(), form="yaml"):
    return judge.verdict(
        {"id": "case", "before": before, "after": after, "format": form,
         "added": list(added), "removed": list(removed), "kept": list(kept)}
    )


TEMPLATE_POLICY = "      Policies:\n        - DynamoDBReadPolicy: {TableName: !Ref Table}\n"
KEPT_REST = statement(["dynamodb:DescribeTable"], "[!GetAtt Table.Arn, !Sub '${Table.Arn}/index/*']")


class Declarations(unittest.TestCase):
    """`DynamoDBReadPolicy` to a `Read` connector with `DescribeTable` kept: a rewrite that adds two actions."""

    before = template(FUNCTION, TEMPLATE_POLICY, TABLE)
    after = template(FUNCTION, KEPT_REST, connector(), TABLE)
    lossy = template(FUNCTION, connector(), TABLE)
    added = grants(["ConditionCheckItem", "PartiQLSelect"])
    kept = grants(["DescribeTable"])

    def check(self, expected, *args, **kwargs):
        answer = ask(*args, **kwargs)
        self.assertEqual(expected, answer["verdict"], answer["details"])
        return answer["details"]

    def test_a_true_declaration_is_ok(self):
        self.check("ok", self.before, self.after, self.added, [], self.kept)

    def test_an_undeclared_addition_is_caught(self):
        (detail,) = self.check("undeclared", self.before, self.after, self.added[1:], [], self.kept)
        self.assertEqual("undeclared-added", detail["kind"])
        self.assertEqual("dynamodb:conditioncheckitem", detail["action"])
        self.assertEqual("${Table.Arn}", detail["resource"])

    def test_a_lost_permission_is_caught(self):
        details = self.check("undeclared", self.before, self.lossy, self.added)
        self.assertEqual({"dynamodb:describetable"}, {detail["action"] for detail in details})

    def test_a_declared_loss_is_ok(self):
        self.check("ok", self.before, self.lossy, self.added, grants(["DescribeTable"], inert=True))

    def test_a_claimed_addition_that_was_there_is_unreal(self):
        claims = self.added + grants(["GetItem"], BOTH[:1])
        (detail,) = self.check("unreal", self.before, self.after, claims)
        self.assertEqual("unreal-added", detail["kind"])

    def test_a_claimed_addition_that_nothing_grants_is_unreal(self):
        self.check("unreal", self.before, self.after, self.added + grants(["DeleteTable"], BOTH[:1]))

    def test_a_claimed_removal_that_stays_is_unreal(self):
        self.check("unreal", self.before, self.after, self.added, self.kept)

    def test_a_claimed_rest_that_is_gone_is_unreal(self):
        self.check("unreal", self.before, self.lossy, self.added, self.kept[:], self.kept)

    def test_a_declaration_for_another_principal_excuses_nothing(self):
        for entry in (swapped := [dict(entry, principal="OtherRole") for entry in self.added]):
            self.assertEqual("OtherRole", entry["principal"])
        self.check("undeclared", self.before, self.after, swapped)

    def test_what_one_rewrite_adds_and_another_removes_is_no_change(self):
        again = grants(["DescribeTable"], BOTH[:1])
        self.check("ok", self.before, self.after, self.added + again, again, self.kept)
        self.check("undeclared", self.before, self.after, self.added, self.added)

    def test_a_wildcard_claim_must_be_true_as_a_whole(self):
        self.check("unreal", self.before, self.after, grants(["*"], BOTH))

    def test_the_swapped_role_is_caught(self):
        other = FUNCTION.replace("Orders:", "Other:")
        before = template(FUNCTION, TEMPLATE_POLICY, other, TABLE)
        after = template(FUNCTION, KEPT_REST, other, connector("Other"), TABLE)
        details = self.check("undeclared", before, after, self.added)
        self.assertIn(("undeclared-added", "OtherRole"), {(d["kind"], d.get("principal")) for d in details})

    def test_an_unrelated_change_is_caught(self):
        (detail,) = self.check("other-change", self.before, self.after.replace("app.handler", "app.main"), self.added)
        self.assertEqual("Resources.Orders.Properties.Handler", detail["path"])

    def test_a_lost_wait_is_caught(self):
        waiting = self.before.replace("AWS::DynamoDB::Table\n", "AWS::DynamoDB::Table\n    DependsOn: Orders\n")
        self.check("other-change", waiting, self.before)

    def test_a_refused_result_is_a_failure(self):
        self.check("refused-after", self.before, template(FUNCTION, connector(destination="Nowhere"), TABLE))

    def test_a_refused_input_stays_refused(self):
        broken = template(FUNCTION, connector(destination="Nowhere"), TABLE)
        self.check("refused-before", broken, broken)
        self.check("refused-differently", broken, self.before)


class Presence(unittest.TestCase):
    """Grants that exist only under a condition of the template."""

    conditions = """\
Conditions:
  Prod: !Equals [!Ref Stage, prod]
  Test: !Equals [!Ref Stage, test]
  Both: !And [!Condition Prod, !Condition Test]
  NotProd: !Not [!Condition Prod]
"""
    parameters = "Parameters:\n  Stage: {Type: String}\n"
    full = statement(["dynamodb:" + action for action in READ], "[!GetAtt Table.Arn, !Sub '${Table.Arn}/index/*']")

    def make(self, *resources):
        return template(*resources, conditions=self.conditions, more=self.parameters)

    def test_the_same_condition_is_ok(self):
        before = self.make(FUNCTION, self.full.replace("        - Version", "        - !If\n          - Prod\n          - Version")
                           .replace("          Statement", "            Statement")
                           .replace("            - Effect", "              - Effect")
                           .replace("              Action", "                Action")
                           .replace("              Resource", "                Resource")
                           + "          - !Ref AWS::NoValue\n", TABLE)
        self.assertEqual("ok", ask(before, self.make(FUNCTION, connector(condition="Prod"), TABLE))["verdict"])
        for condition in ("Test", "Both", "NotProd", None):
            answer = ask(before, self.make(FUNCTION, connector(condition=condition), TABLE))
            self.assertEqual("undeclared", answer["verdict"], condition)

    def test_a_connector_that_holds_less_often_loses_permissions(self):
        before = self.make(FUNCTION, self.full, TABLE)
        after = self.make(FUNCTION, connector(condition="Prod"), TABLE)
        answer = ask(before, after)
        self.assertEqual("undeclared", answer["verdict"])
        self.assertEqual({"for example not Prod"}, {detail["when"] for detail in answer["details"]})
        self.assertEqual("ok", ask(before, after, [], grants(READ))["verdict"])

    def test_a_policy_for_a_role_that_does_not_exist_is_dangling(self):
        function = FUNCTION.replace("    Properties", "    Condition: Prod\n    Properties")
        before = self.make(function, self.full, TABLE)
        self.assertEqual("ok", ask(before, self.make(function, connector(condition="Prod"), TABLE))["verdict"])
        answer = ask(before, self.make(function, connector(), TABLE))
        self.assertEqual("dangling", answer["verdict"])
        self.assertEqual("OrdersRole", answer["details"][0]["to"])

    def test_a_new_condition_may_come_but_none_may_change(self):
        before = self.make(FUNCTION, self.full, TABLE)
        after = self.make(FUNCTION, self.full, TABLE)
        self.assertEqual("ok", ask(before, after.replace("  Both:", "  More: !Condition Prod\n  Both:"))["verdict"])
        answer = ask(before, after.replace("prod]", "production]"))
        self.assertEqual("other-change", answer["verdict"])


class Spellings(unittest.TestCase):
    """One resource in every spelling: the translator's own ARN of the connector is the measure."""

    TABLE_SPELLINGS = (
        "!GetAtt Table.Arn",
        "{'Fn::GetAtt': [Table, Arn]}",
        "{'Fn::GetAtt': Table.Arn}",
        "!Sub '${Table.Arn}'",
        "!Sub ['${It}', {It: !GetAtt Table.Arn}]",
        "!Sub 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Table}'",
        "!Sub 'arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Table}'",
        "!Sub ['arn:aws:dynamodb:${R}:${AWS::AccountId}:table/${N}', {R: !Ref AWS::Region, N: !Ref Table}]",
        "!Join ['', ['arn:aws:dynamodb:', !Ref AWS::Region, ':', !Ref AWS::AccountId, ':table/', !Ref Table]]",
        "!Join [':', ['arn', !Ref AWS::Partition, dynamodb, !Ref AWS::Region, !Ref AWS::AccountId, !Sub 'table/${Table}']]",
    )
    OTHERS = (
        "!Sub 'arn:aws:dynamodb:us-east-1:${AWS::AccountId}:table/${Table}'",
        "!Sub 'arn:aws-cn:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Table}'",
        "!Sub '${Table.Arn}x'",
        "!GetAtt Table.StreamArn",
        "!Ref Table",
        "!Sub '${!Table.Arn}'",
    )

    def resources(self, first, table=TABLE):
        before = template(FUNCTION, statement(["dynamodb:" + a for a in READ], f"[{first}, !Sub '${{Table.Arn}}/index/*']"), table)
        return ask(before, template(FUNCTION, connector(), table))["verdict"]

    def test_every_spelling_is_the_table(self):
        for spelling in self.TABLE_SPELLINGS:
            with self.subTest(spelling):
                self.assertEqual("ok", self.resources(spelling))

    def test_other_resources_are_others(self):
        for spelling in self.OTHERS:
            with self.subTest(spelling):
                self.assertEqual("undeclared", self.resources(spelling))

    def test_an_explicit_name_is_the_table(self):
        spelling = "!Sub 'arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/%s'"
        for written, used in (("orders", "orders"), ("!Sub '${AWS::StackName}-t'", "${AWS::StackName}-t")):
            named = TABLE.replace("    Properties:\n", f"    Properties:\n      TableName: {written}\n")
            with self.subTest(written):
                self.assertEqual("ok", self.resources(spelling % used, named))
                self.assertEqual("undeclared", self.resources(spelling % "other", named))
                self.assertEqual("undeclared", self.resources(spelling % (used + "2"), named))

    def test_a_topic_and_a_state_machine_are_their_arn(self):
        topic = "  Topic:\n    Type: AWS::SNS::Topic\n"
        for spelling in ("!Ref Topic", "!GetAtt Topic.TopicArn", "!Sub '${Topic}'",
                         "!Sub 'arn:aws:sns:${AWS::Region}:${AWS::AccountId}:${Topic.TopicName}'"):
            before = template(FUNCTION, statement("sns:Publish", spelling), topic)
            after = template(FUNCTION, connector(destination="Topic", permissions="Write"), topic)
            with self.subTest(spelling):
                self.assertEqual("ok", ask(before, after)["verdict"])
        dead = "!Sub 'arn:aws:sns:${AWS::Region}:${AWS::AccountId}:${Topic}'"
        self.assertEqual("undeclared", ask(template(FUNCTION, statement("sns:Publish", dead), topic), after)["verdict"])


class Functions(unittest.TestCase):
    """`LambdaInvokePolicy`, whose resource is a prefix."""

    callee = FUNCTION.replace("Orders:", "Callee:")
    invoke = "      Policies:\n        - LambdaInvokePolicy: {FunctionName: !Ref Callee}\n"
    added = grants(["InvokeAsync"], ["${Callee.Arn}"], service="lambda")

    def test_a_generated_name_leaves_the_qualifiers(self):
        before = template(FUNCTION, self.invoke, self.callee)
        lossy = template(FUNCTION, connector(destination="Callee", permissions="Write"), self.callee)
        rest = grants(["InvokeFunction"], ["${Callee.Arn}:*"], service="lambda")
        self.assertEqual("undeclared", ask(before, lossy, self.added)["verdict"])
        self.assertEqual("ok", ask(before, lossy, self.added, rest)["verdict"])
        kept = statement("lambda:InvokeFunction", "!Sub '${Callee.Arn}:*'")
        whole = template(FUNCTION, kept, connector(destination="Callee", permissions="Write"), self.callee)
        self.assertEqual("ok", ask(before, whole, self.added, [], rest)["verdict"])

    def test_an_explicit_name_leaves_all_that_begin_with_it(self):
        callee = self.callee + "      FunctionName: callee\n"
        before = template(FUNCTION, self.invoke, callee)
        for rest, verdict in (("${Callee.Arn}:*", "undeclared"), ("${Callee.Arn}?*", "ok")):
            kept = statement("lambda:InvokeFunction", f"!Sub '{rest}'")
            after = template(FUNCTION, kept, connector(destination="Callee", permissions="Write"), callee)
            with self.subTest(rest):
                self.assertEqual(verdict, ask(before, after, self.added)["verdict"])

    def test_an_alias_is_a_qualifier(self):
        callee = self.callee + "      AutoPublishAlias: live\n"
        before = template(FUNCTION, statement("lambda:InvokeFunction", "[!Ref Callee.Alias, !Sub '${Callee.Arn}:*']"), callee)
        after = template(FUNCTION, statement("lambda:InvokeFunction", "!Sub '${Callee.Arn}:*'"), callee)
        self.assertEqual("ok", ask(before, after)["verdict"])

    def test_a_reference_that_closes_a_cycle_is_caught(self):
        name = "'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-%s'"
        named = [function + f"      FunctionName: !Sub '${{AWS::StackName}}-{id}'\n"
                 for function, id in ((FUNCTION, "a"), (self.callee, "b"))]
        one = statement("lambda:InvokeFunction", "!Sub " + name % "b")
        two = statement("lambda:InvokeFunction", "!Sub " + name % "a")
        before = template(named[0], one, named[1], two)
        half = template(named[0], statement("lambda:InvokeFunction", "!GetAtt Callee.Arn"), named[1], two)
        both = template(named[0], statement("lambda:InvokeFunction", "!GetAtt Callee.Arn"),
                        named[1], statement("lambda:InvokeFunction", "!GetAtt Orders.Arn"))
        self.assertEqual("ok", ask(before, half)["verdict"])
        self.assertEqual("cycle", ask(before, both)["verdict"])


class Patterns(unittest.TestCase):
    """Wildcards, denials and IAM conditions."""

    bucket = "  Bucket:\n    Type: AWS::S3::Bucket\n"

    def verdict(self, before, after, **declared):
        pair = [template(FUNCTION, policy, TABLE, self.bucket) for policy in (before, after)]
        return ask(*pair, **declared)["verdict"]

    def test_an_open_pattern_is_itself(self):
        wide = statement("dynamodb:*", "!GetAtt Table.Arn")
        narrow = statement("dynamodb:GetItem", "!GetAtt Table.Arn")
        self.assertEqual("undeclared", self.verdict(wide, narrow))
        self.assertEqual("undeclared", self.verdict(wide, narrow, removed=grants(["PutItem"], BOTH[:1])))
        self.assertEqual("ok", self.verdict(wide, narrow, removed=grants(["*"], BOTH[:1])))
        self.assertEqual("undeclared", self.verdict(narrow, wide))

    def test_a_wide_grant_covers_what_goes(self):
        both = statement(["s3:GetObject", "S3:Get*"], "['*', !Sub '${Bucket.Arn}/*']")
        self.assertEqual("ok", self.verdict(both, statement("s3:get*", "'*'")))
        self.assertEqual("undeclared", self.verdict(both, statement("s3:Get*", "!Sub '${Bucket.Arn}/*'")))

    def test_resources_are_case_sensitive(self):
        resource = "!Sub '${Bucket.Arn}/%s'"
        self.assertEqual("undeclared", self.verdict(statement("s3:GetObject", resource % "A"), statement("s3:GetObject", resource % "a")))

    def test_an_iam_condition_narrows(self):
        plain = statement("dynamodb:GetItem", "!GetAtt Table.Arn")
        bound = statement("dynamodb:GetItem", "!GetAtt Table.Arn",
                          "              Condition: {StringEquals: {'aws:SourceVpc': vpc-1}}\n")
        self.assertEqual("ok", self.verdict(bound, bound))
        self.assertEqual("undeclared", self.verdict(plain, bound))
        self.assertEqual("undeclared", self.verdict(bound, plain))
        self.assertEqual("ok", self.verdict(bound, plain, added=grants(["GetItem"], BOTH[:1])))

    def test_a_denial_cannot_be_declared_away(self):
        allow = statement("dynamodb:*", "!GetAtt Table.Arn")
        deny = allow + "            - {Effect: Deny, Action: 'dynamodb:DeleteItem', Resource: !GetAtt Table.Arn}\n"
        self.assertEqual("undeclared", self.verdict(deny, allow, removed=grants(["DeleteItem"], BOTH[:1])))
        self.assertEqual("ok", self.verdict(deny, deny))

    def test_a_managed_policy_is_not_lost(self):
        attached = "      Policies: [AmazonDynamoDBReadOnlyAccess]\n"
        self.assertEqual("undeclared", self.verdict(attached, ""))

    def test_actions_that_are_not_listed_are_not_lost(self):
        inverse = statement("dynamodb:GetItem", "!GetAtt Table.Arn").replace("Action:", "NotAction:")
        self.assertEqual("ok", self.verdict(inverse, inverse))
        self.assertEqual("undeclared", self.verdict(inverse, ""))


class ResourceSide(unittest.TestCase):
    """Permissions that hang on the resource: Lambda permissions, queue and topic policies."""

    topic = "  Topic:\n    Type: AWS::SNS::Topic\n"
    queue = "  Queue:\n    Type: AWS::SQS::Queue\n"

    def permission(self, more=""):
        return ("  WireWriteLambdaPermission:\n    Type: AWS::Lambda::Permission\n    Properties:\n"
                "      Action: lambda:InvokeFunction\n      FunctionName: !Ref Orders\n"
                "      Principal: sns.amazonaws.com\n" + more)

    def queue_policy(self, operator="ArnEquals", service="sns.amazonaws.com"):
        return f"""\
  WireQueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Statement:
          Effect: Allow
          Principal: {{Service: {service}}}
          Action: sqs:SendMessage
          Resource: '*'
          Condition: {{{operator}: {{'aws:SourceArn': !Ref Topic}}}}
"""

    def test_a_lambda_permission_is_its_connector(self):
        after = template(FUNCTION, self.topic, connector("Topic", "Orders", "Write"))
        exact = template(FUNCTION, self.topic, self.permission("      SourceArn: !Ref Topic\n"))
        self.assertEqual("ok", ask(exact, after)["verdict"])
        wider = template(FUNCTION, self.topic, self.permission())
        lost = {"principal": "sns.amazonaws.com", "on": "Orders", "action": "lambda:InvokeFunction"}
        self.assertEqual("undeclared", ask(wider, after)["verdict"])
        self.assertEqual("ok", ask(wider, after, [], [lost])["verdict"])

    def test_a_queue_policy_is_its_connector(self):
        after = template(self.queue, self.topic, connector("Topic", "Queue", "Write"))
        for policy, verdict in ((self.queue_policy(), "ok"), (self.queue_policy("ArnLike"), "ok"),
                                (self.queue_policy(service="events.amazonaws.com"), "undeclared"),
                                (self.queue_policy("ArnNotLike"), "undeclared")):
            self.assertEqual(verdict, ask(template(self.queue, self.topic, policy), after)["verdict"], policy)


class Roles(unittest.TestCase):
    """Roles that the template writes out, and policies that are resources of their own."""

    role = """\
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: lambda.amazonaws.com}}]
"""
    function = FUNCTION + "      Role: !GetAtt Role.Arn\n"

    def policy(self, kind, more=""):
        actions = json.dumps(["dynamodb:" + action for action in READ])
        return f"""\
  WirePolicy:
    Type: AWS::IAM::{kind}
    Properties:
      PolicyName: any
      Roles: [!Ref Role]
      PolicyDocument:
        Version: '2012-10-17'
        Statement: [{{Effect: Allow, Action: {actions}, Resource: [!GetAtt Table.Arn, !Sub '${{Table.Arn}}/index/*']}}]
{more}"""

    def test_a_policy_resource_becomes_a_connector(self):
        after = template(self.role, self.function, TABLE, connector())
        for kind in ("Policy", "ManagedPolicy"):
            self.assertEqual("ok", ask(template(self.role, self.function, TABLE, self.policy(kind)), after)["verdict"])
        self.assertEqual("undeclared", ask(template(self.role, self.function, TABLE), after)["verdict"])
        self.assertEqual("ok", ask(template(self.role, self.function, TABLE), after, grants(READ, principal="Role"))["verdict"])

    def test_another_property_of_a_role_may_not_change(self):
        role = self.role + "      Path: /a/\n"
        answer = ask(template(role, self.function), template(self.role, self.function))
        self.assertEqual("other-change", answer["verdict"])

    def test_a_reference_to_a_policy_that_went_is_dangling(self):
        output = "Outputs:\n  Policy: {Value: !Ref WirePolicy}\n"
        before = template(self.role, self.function, TABLE, self.policy("Policy")) + output
        after = template(self.role, self.function, TABLE, connector()) + output
        self.assertEqual("ok", ask(before, after)["verdict"])
        gone = template(self.role, self.function, TABLE) + output
        self.assertIn("dangling", {detail["kind"] for detail in ask(before, gone)["details"]})


class Protocol(unittest.TestCase):
    """The process: JSON lines in, JSON lines out, in order, whatever a request holds."""

    def test_lines_in_lines_out(self):
        text = template(FUNCTION, TABLE)
        as_json = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}, indent="\t")
        requests = [
            {"id": "yaml", "before": text, "after": text, "format": "yaml"},
            {"id": "json", "before": as_json, "after": as_json, "format": "json"},
            {"id": "no template", "before": "{{ cookiecutter }}", "after": "{{ cookiecutter }}"},
            {"id": "bad request"},
        ]
        script = Path(__file__).with_name("judge.py")
        done = subprocess.run([sys.executable, "-B", script], input="\n".join(map(json.dumps, requests)),
                              capture_output=True, text=True, check=True)
        verdicts = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([request["id"] for request in requests], [verdict["id"] for verdict in verdicts])
        self.assertEqual(["ok", "ok", "refused-before", "judge-crashed"], [verdict["verdict"] for verdict in verdicts])


if __name__ == "__main__":
    unittest.main()

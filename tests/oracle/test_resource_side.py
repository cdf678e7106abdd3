"""Permissions that hang on the resource: Lambda permissions, queue and topic policies."""

import json
import unittest

from cases import FUNCTION, ask, connector, template

TOPIC = "  Topic:\n    Type: AWS::SNS::Topic\n"
OTHER_TOPIC = TOPIC.replace("Topic:", "OtherTopic:")
QUEUE = "  Queue:\n    Type: AWS::SQS::Queue\n"
BUCKET = "  Bucket:\n    Type: AWS::S3::Bucket\n"
API = """\
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: v1, DefinitionBody: {swagger: '2.0', paths: {}}}
"""
RULE = "  Rule:\n    Type: AWS::Events::Rule\n    Properties: {ScheduleExpression: rate(1 hour)}\n"
INVOKE = "lambda:InvokeFunction"
STAGE = "Conditions:\n  Prod: !Equals [!Ref AWS::StackName, prod]\n"


def permission(service="sns.amazonaws.com", function="!Ref Orders", name="Allow", **more):
    lines = [f"  {name}:", "    Type: AWS::Lambda::Permission", "    Properties:", f"      Action: {INVOKE}"]
    lines += [f"      FunctionName: {function}", f"      Principal: {service}"]
    return "\n".join(lines + [f"      {key}: {value}" for key, value in more.items()]) + "\n"


def resource_policy(kind="Queue", condition=None, principal=None, resource="'*'", name=None, **more):
    action = {"Queue": "sqs:SendMessage", "Topic": "sns:Publish"}[kind]
    condition = condition or "{ArnEquals: {'aws:SourceArn': !Ref Topic}}"
    return f"""\
  {name or "Wire" + kind + "Policy"}:
    Type: {"AWS::SQS::QueuePolicy" if kind == "Queue" else "AWS::SNS::TopicPolicy"}
    Properties:
      {kind}s: {more.get("targets") or f"[!Ref {kind}]"}
      PolicyDocument:
        Statement:
          Effect: Allow
          Principal: {principal or "{Service: sns.amazonaws.com}"}
          Action: {action}
          Resource: {resource}
          Condition: {condition}
"""


def said(condition=None, service="sns.amazonaws.com", on="Orders", action=INVOKE, **more):
    entry = {"principal": service, "action": action, "on": on, "inert": False, **more}
    return [entry if condition is None else {**entry, "condition": condition}]


class Judged(unittest.TestCase):
    def check(self, expected, before, after, added=(), removed=(), kept=(), conditions=""):
        sides = [template(*side, conditions=conditions) for side in (before, after)]
        answer = ask(*sides, added, removed, kept)
        self.assertEqual(expected, answer["verdict"], answer["details"])
        return answer["details"]


class LambdaPermissions(Judged):
    """`AWS::Lambda::Permission` against the connector that generates one."""

    after = (FUNCTION, TOPIC, connector("Topic", "Orders", "Write"))

    def before(self, **more):
        return FUNCTION, TOPIC, permission(**more)

    def test_the_same_source_is_equal_in_every_spelling(self):
        for arn in ("!Ref Topic", "!GetAtt Topic.TopicArn", "!Sub '${Topic}'",
                    "!Sub 'arn:aws:sns:${AWS::Region}:${AWS::AccountId}:${Topic.TopicName}'"):
            for function in ("!Ref Orders", "!GetAtt Orders.Arn"):
                with self.subTest(arn + function):
                    self.check("ok", self.before(SourceArn=arn, function=function), self.after)

    def test_another_permission_is_another(self):
        others = {
            "source": {"SourceArn": "!Ref OtherTopic"},
            "service": {"SourceArn": "!Ref Topic", "service": "events.amazonaws.com"},
            "function": {"SourceArn": "!Ref Topic", "function": "!Ref Callee"},
            "qualifier": {"SourceArn": "!Ref Topic", "function": "!Sub '${Orders}:live'"},
        }
        callee = FUNCTION.replace("Orders:", "Callee:")
        for what, other in others.items():
            before = (FUNCTION, callee, TOPIC, OTHER_TOPIC, permission(**other))
            after = (FUNCTION, callee, TOPIC, OTHER_TOPIC, connector("Topic", "Orders", "Write"))
            with self.subTest(what):
                kinds = {detail["kind"] for detail in self.check("undeclared", before, after)}
                self.assertEqual({"undeclared-added", "undeclared-removed"}, kinds)

    def test_a_wider_permission_loses_what_the_source_does_not_need(self):
        (detail,) = self.check("undeclared", self.before(), self.after)
        self.assertEqual(("undeclared-removed", "", "${Orders.Arn}"),
                         (detail["kind"], detail["condition"], detail["resource"]))
        self.check("ok", self.before(), self.after, [], said())
        # The part with the source stays, so a loss of that part is no truth.
        self.check("undeclared", self.before(), self.after, [], said("source ${Topic}"))

    def test_a_narrower_permission_gains(self):
        more = ({"EventSourceToken": "token"}, {"PrincipalOrgID": "o-1"}, {"FunctionUrlAuthType": "AWS_IAM"})
        for narrowing in (*more, {"SourceAccount": "!Ref AWS::AccountId"}):
            before = self.before(SourceArn="!Ref Topic", **narrowing)
            with self.subTest(narrowing):
                (detail,) = self.check("undeclared", before, self.after)
                self.assertEqual(("undeclared-added", "source ${Topic.Arn}"), (detail["kind"], detail["condition"]))
                self.check("ok", before, self.after, said("source ${Topic}"))

    def test_the_condition_of_the_source_may_be_repeated_or_not(self):
        plain = permission(SourceArn="!Ref Topic")
        repeated = plain.replace("Permission\n", "Permission\n    Condition: Prod\n")
        at_times = TOPIC + "    Condition: Prod\n"
        self.check("ok", (FUNCTION, at_times, plain), (FUNCTION, at_times, repeated), conditions=STAGE)
        self.check("undeclared", (FUNCTION, TOPIC, plain), (FUNCTION, TOPIC, repeated), conditions=STAGE)

    def test_a_declared_condition_is_exact(self):
        bare = (FUNCTION, TOPIC)
        for condition, verdict in (
            ("source ${Topic}", "ok"),
            ("source ${Topic.Arn}", "ok"),
            ("source ${Topic.TopicArn}", "ok"),
            ("source arn:aws:sns:${AWS::Region}:${AWS::AccountId}:${Topic.TopicName}", "ok"),
            ("source ${Topic}, same account", "undeclared"),
            ("source ${OtherTopic}", "undeclared"),
            ("source *", "unreal"),
            (None, "unreal"),
        ):
            with self.subTest(condition):
                self.check(verdict, bare, self.after, said(condition))
                self.check(verdict, self.after, bare, [], said(condition))
        self.check("undeclared", bare, self.after, said("source ${Topic}", on="Callee"))
        self.check("undeclared", bare, self.after, said("source ${Topic}", resource="${Orders.Arn}:live"))
        self.check("undeclared", bare, self.after, said("source ${Topic}", on="Topic", resource="${Orders.Arn}"))
        self.check("ok", bare, self.after, said("source ${Topic}", resource="${Orders.Arn}"))

    def test_a_kept_condition_is_true(self):
        kept = (FUNCTION, TOPIC, permission(SourceArn="!Ref Topic"))
        self.check("ok", kept, kept, kept=said("source ${Topic}"))
        self.check("unreal", kept, kept, kept=said())
        self.check("unreal", kept, kept, kept=said("source ${OtherTopic}"))

    def test_a_bucket_needs_its_account(self):
        after = (FUNCTION, BUCKET, connector("Bucket", "Orders", "Write"))
        exact = permission("s3.amazonaws.com", SourceArn="!GetAtt Bucket.Arn", SourceAccount="!Sub '${AWS::AccountId}'")
        wider = permission("s3.amazonaws.com", SourceArn="!Sub 'arn:aws:s3:::${Bucket}'")
        self.check("ok", (FUNCTION, BUCKET, exact), after)
        (detail,) = self.check("undeclared", (FUNCTION, BUCKET, wider), after)
        self.assertEqual(("undeclared-removed", "source ${Bucket.Arn}"), (detail["kind"], detail["condition"]))
        lost = said("source ${Bucket.Arn}", service="s3.amazonaws.com")
        self.check("ok", (FUNCTION, BUCKET, wider), after, [], lost)
        gained = said("source ${Bucket.Arn}, same account", service="s3.amazonaws.com")
        self.check("ok", (FUNCTION, BUCKET), after, gained)
        self.check("unreal", (FUNCTION, BUCKET), after, said("source ${Bucket.Arn}", service="s3.amazonaws.com"))

    def test_another_account_is_another(self):
        account = permission("s3.amazonaws.com", SourceArn="!GetAtt Bucket.Arn", SourceAccount="'123456789012'")
        self.check("undeclared", (FUNCTION, BUCKET, account),
                   (FUNCTION, BUCKET, connector("Bucket", "Orders", "Write")))

    def test_the_routes_of_an_api_are_a_pattern(self):
        def api(path):
            arn = f"!Sub 'arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/{path}'"
            return FUNCTION, API, permission("apigateway.amazonaws.com", SourceArn=arn)

        after = (FUNCTION, API, connector("Api", "Orders", "Write"))
        self.check("ok", api("*"), after)
        self.check("undeclared", api("*/GET/orders"), after)
        source = "source arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"
        self.check("ok", api("*/GET/orders"), after, said(source, service="apigateway.amazonaws.com"))

    def test_a_rule_is_known_by_its_attribute(self):
        before = (FUNCTION, RULE, permission("events.amazonaws.com", SourceArn="!GetAtt Rule.Arn"))
        self.check("ok", before, (FUNCTION, RULE, connector("Rule", "Orders", "Write")))
        self.check("ok", before, (FUNCTION, RULE), [], said("source ${Rule.Arn}", service="events.amazonaws.com"))

    def test_an_imported_source_is_known_by_its_place(self):
        before = (FUNCTION, permission(SourceArn="!ImportValue topic"))
        self.check("ok", before, (FUNCTION,), [], said("source ${Fn::ImportValue(topic)}"))
        self.check("undeclared", before, (FUNCTION,), [], said("source ${Fn::ImportValue(topic)}/x"))

    def test_a_source_that_comes_and_goes_is_told_apart(self):
        topic = "!If [Prod, !Ref Topic, !Ref OtherTopic]"
        before = (FUNCTION, TOPIC, OTHER_TOPIC, permission(SourceArn=topic))
        prod = connector("Topic", "Orders", "Write", condition="Prod")
        lost = self.check("undeclared", before, (FUNCTION, TOPIC, OTHER_TOPIC, prod), conditions=STAGE)
        self.assertEqual({("source ${OtherTopic.Arn}", "for example not Prod")},
                         {(detail["condition"], detail["when"]) for detail in lost})
        self.check("ok", before, (FUNCTION, TOPIC, OTHER_TOPIC, prod), [],
                   said("source ${OtherTopic}", when="not Prod"), conditions=STAGE)
        absent = (FUNCTION, TOPIC, permission(SourceArn="!If [Prod, !Ref Topic, !Ref AWS::NoValue]"))
        lost = self.check("undeclared", absent, (FUNCTION, TOPIC, prod), conditions=STAGE)
        self.assertEqual({("", "for example not Prod")}, {(detail["condition"], detail["when"]) for detail in lost})


class ResourcePolicies(Judged):
    """Queue and topic policies against the connectors that generate them."""

    after = (QUEUE, TOPIC, connector("Topic", "Queue", "Write"))

    def before(self, *args, **more):
        return QUEUE, TOPIC, resource_policy(*args, **more)

    def test_a_queue_policy_is_its_connector(self):
        for condition in ("{ArnEquals: {'aws:SourceArn': !Ref Topic}}", "{ArnLike: {'AWS:SourceArn': [!Ref Topic]}}"):
            for resource in ("'*'", "!GetAtt Queue.Arn", "!Sub 'arn:aws:sqs:*:*:*'", "!Sub '${Queue.Arn}'"):
                with self.subTest(condition + resource):
                    self.check("ok", self.before(condition=condition, resource=resource), self.after)
        self.check("ok", self.before(targets="[!Sub '${Queue}']"), self.after)
        self.check("ok", self.before(targets="!GetAtt Queue.QueueUrl"), self.after)

    def test_another_queue_policy_is_another(self):
        for other in (
            {"condition": "{ArnNotLike: {'aws:SourceArn': !Ref Topic}}"},
            {"condition": "{StringEquals: {'aws:SourceArn': !Ref Topic}}"},
            {"condition": "{ArnEqualsIfExists: {'aws:SourceArn': !Ref Topic}}"},
            {"condition": "{ArnLike: {'aws:SourceArn': !Sub '${Topic}*'}}"},
            {"condition": "{ArnLike: {'aws:SourceArn': !Ref Topic}, StringEquals: {'aws:SourceAccount': '1'}}"},
            {"principal": "{Service: events.amazonaws.com}"},
            {"principal": "'*'"},
            {"principal": "{AWS: !Ref AWS::AccountId}"},
        ):
            with self.subTest(other):
                self.check("undeclared", self.before(**other), self.after)

    def test_a_wider_source_is_a_loss(self):
        before = self.before(condition="{ArnLike: {'aws:SourceArn': !Sub '${Topic}*'}}")
        lost = said("source ${Topic}*", on="Queue", action="sqs:SendMessage")
        self.check("ok", before, self.after, [], lost)

    def test_a_statement_about_another_queue_says_nothing(self):
        other = QUEUE.replace("Queue:", "Other:")
        policy = resource_policy(resource="[!GetAtt Queue.Arn, !GetAtt Other.Arn]")
        after = (other, QUEUE, TOPIC, connector("Topic", "Queue", "Write"))
        self.check("ok", (other, QUEUE, TOPIC, policy), after)

    def test_what_is_left_of_a_policy_stays_its_own(self):
        both = resource_policy(principal="{Service: [sns.amazonaws.com, s3.amazonaws.com]}")
        (detail,) = self.check("undeclared", (QUEUE, TOPIC, both), self.after)
        self.assertEqual("s3.amazonaws.com", detail["principal"])

    def test_a_topic_policy_is_its_connector(self):
        condition = "{ArnEquals: {'aws:SourceArn': !GetAtt Rule.Arn}}"
        rule = RULE.replace("rate(1 hour)}", "rate(1 hour), Targets: [{Id: t, Arn: !Ref Topic}]}")
        policy = resource_policy("Topic", condition, "{Service: events.amazonaws.com}", "!Ref Topic")
        after = (TOPIC, rule, connector("Rule", "Topic", "Write"))
        self.check("ok", (TOPIC, rule, policy), after)
        self.check("undeclared", (TOPIC, rule), after)
        gained = said("source ${Rule.Arn}", service="events.amazonaws.com", on="Topic", action="sns:Publish")
        self.check("ok", (TOPIC, rule), after, gained)

    def test_a_document_in_json_is_a_document(self):
        statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "SQS:SendMessage",
                     "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": {"Ref": "Topic"}}}}
        policy = {"Type": "AWS::SQS::QueuePolicy",
                  "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": [statement]}}}
        self.check("ok", (QUEUE, TOPIC, f"  WireQueuePolicy: {json.dumps(policy)}\n"), self.after)


if __name__ == "__main__":
    unittest.main()

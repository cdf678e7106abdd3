"""Rewrites whose permissions are right and whose policies or logical ids nobody could deploy."""

import json
import unittest

from cases import FUNCTION, READ, TABLE, ask, connector, template

ROLE = """\
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies: %s
"""


def role(*policies):
    return ROLE % json.dumps(
        [
            {"PolicyName": name, "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
            for name, statements in policies
        ]
    )


def allow(action, resource="*"):
    return {"Effect": "Allow", "Action": action, "Resource": resource}


class Deployable(unittest.TestCase):
    def check(self, expected, before, after, **declared):
        answer = ask(before, after, **declared)
        self.assertEqual(expected, answer["verdict"], answer["details"])
        return answer["details"]

    def test_what_is_left_of_a_policy_has_to_be_a_policy(self):
        read = [allow("s3:GetObject")]
        before = template(role(("one", read)))
        for left in (("two", []), ("two", [allow([])]), ("two", [allow("s3:GetObject", [])])):
            self.check("invalid-policy", before, template(role(("one", read), left)))
        self.check("ok", before, template(role(("one", read), ("two", read))))
        self.check("invalid-policy", before, template(role(("one", read), ("one", read))))

    @staticmethod
    def resource(kind, name, logical_id="Held"):
        roles = "RoleName: !Ref Role" if kind == "RolePolicy" else "Roles: [!Ref Role]"
        document = json.dumps({"Statement": allow("s3:GetObject")})
        return (f"  {logical_id}:\n    Type: AWS::IAM::{kind}\n    Properties: "
                f"{{PolicyName: {name}, {roles}, PolicyDocument: {document}}}\n")

    def test_inline_policies_share_their_names_with_policy_resources(self):
        read = [allow("s3:GetObject")]
        for kind in ("Policy", "RolePolicy"):
            def side(name, logical_id="Other", kind=kind):
                return template(role(("one", read)), self.resource(kind, name, logical_id))

            before = side("two", "Held")
            self.check("ok", before, side("three"))
            self.check("invalid-policy", before, side("one"))

    def test_an_inline_policy_takes_its_successor_along(self):
        read = [allow("s3:GetObject")]
        for kind in ("Policy", "RolePolicy"):
            before = template(role(("one", read)), self.resource(kind, "two"))
            for after in (template(role(("one", read)), self.resource(kind, "two", "Other")),
                          template(role(("one", read), ("two", read)))):
                (detail,) = self.check("invalid-policy", before, after)
                self.assertEqual(("deleted-policy", "${Role} two"), (detail["what"], detail["where"]))
        # A role is updated before the policies that refer to it.
        before = template(role(("one", read), ("two", read)))
        self.check("ok", before, template(role(("one", read)), self.resource("Policy", "two")))


class Types(unittest.TestCase):
    """A logical id keeps its type: CloudFormation refuses to make another resource of it."""

    table_policy = {"Statement": {"Effect": "Allow", "Action": ["dynamodb:" + action for action in READ],
                                  "Resource": [{"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::Sub": "${Table.Arn}/index/*"}]}}

    def policy(self, kind, name):
        document = {**self.table_policy, "Version": "2012-10-17"}
        return (f"  {name}:\n    Type: AWS::IAM::{kind}\n    Properties: {{PolicyName: any, Roles: [!Ref OrdersRole], "
                f"PolicyDocument: {json.dumps(document)}}}\n")

    def test_a_policy_may_become_its_own_connector_in_place(self):
        after = template(FUNCTION, TABLE, connector())
        for kind, name, verdict in (
            ("ManagedPolicy", "WirePolicy", "ok"),
            ("ManagedPolicy", "OtherPolicy", "ok"),
            ("Policy", "OtherPolicy", "ok"),
            ("Policy", "WirePolicy", "type-change"),
        ):
            with self.subTest(kind + " " + name):
                before = template(FUNCTION, TABLE, self.policy(kind, name))
                answers = ask(before, after), ask(after, before)
                self.assertEqual([verdict] * 2, [answer["verdict"] for answer in answers], answers)

    def test_the_types_are_named(self):
        (detail,) = ask(template(FUNCTION, TABLE, self.policy("Policy", "WirePolicy")),
                        template(FUNCTION, TABLE, connector()))["details"]
        self.assertEqual({"kind": "type-change", "resource": "WirePolicy", "from": "AWS::IAM::Policy",
                          "to": "AWS::IAM::ManagedPolicy"}, detail)


SAID = {**allow("sqs:SendMessage"), "Principal": {"Service": "sns.amazonaws.com"},
        "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": "Topic"}}}}
QUEUE = "  Queue:\n    Type: AWS::SQS::Queue\n"
TOPIC = "  Topic:\n    Type: AWS::SNS::Topic\n"
CONDITIONS = """\
Conditions:
  Prod: !Equals [!Ref AWS::StackName, prod]
  NotProd: !Not [!Condition Prod]
"""


def queue_policy(name, queues="[!Ref Queue]", condition=None):
    """A policy that lets the topic send to the queue."""
    return (f"  {name}:\n    Type: AWS::SQS::QueuePolicy\n" + (f"    Condition: {condition}\n" if condition else "")
            + f"    Properties: {{Queues: {queues}, PolicyDocument: {{Statement: {json.dumps(SAID)}}}}}\n")


class OnePolicyEach(unittest.TestCase):
    """A queue or topic has one policy: the last one that is written, until somebody deletes it."""

    def faults(self, before, after, conditions=""):
        sides = [template(QUEUE, TOPIC, *side, conditions=conditions) for side in (before, after)]
        answer = ask(*sides)
        found = [(detail["what"], detail["where"], detail["when"]) for detail in answer["details"]
                 if detail["kind"] == "invalid-policy"]
        if found:
            self.assertNotEqual("ok", answer["verdict"])
        return found

    def test_one_policy_more_than_before_overwrites(self):
        names = ("One", "Two", "Three")
        policies = [queue_policy(name) for name in names]
        overwritten = [("overwritten-policy", "queue ${Queue.Arn}", "always")]
        for count in (1, 2):
            self.assertEqual([], self.faults(policies[:count], policies[:count]))
            self.assertEqual(overwritten, self.faults(policies[:count], policies[: count + 1]))
        self.assertEqual([], self.faults([], policies[:1]))
        self.assertEqual([], self.faults([], [queue_policy("One", "[!Ref Queue, !Ref Queue]")]))

    def test_a_connector_writes_a_policy_too(self):
        wire = connector("Topic", "Queue", "Write")
        self.assertEqual([], self.faults([queue_policy("WireQueuePolicy")], [wire]))
        (fault,) = self.faults([queue_policy("One")], [queue_policy("One"), wire])
        self.assertEqual("overwritten-policy", fault[0])

    def test_every_spelling_is_the_same_queue(self):
        for queues in ("!Ref Queue", "[!Sub '${Queue}']", "[!GetAtt Queue.QueueUrl]"):
            with self.subTest(queues):
                policies = [queue_policy("One"), queue_policy("Two", queues)]
                self.assertEqual(1, len(self.faults(policies[:1], policies)))
        inline = queue_policy("Two", "!Ref Queue").replace("Policy", "InlinePolicy", 1).replace("Queues:", "Queue:")
        (fault,) = self.faults([inline], [inline, queue_policy("One")])
        self.assertEqual("overwritten-policy", fault[0])

    def test_policies_that_never_meet_overwrite_nothing(self):
        apart = [queue_policy("One", condition="Prod"), queue_policy("Two", condition="NotProd")]
        self.assertEqual([], self.faults(apart[:1], apart, CONDITIONS))
        meeting = [apart[0], queue_policy("Two")]
        self.assertEqual([("overwritten-policy", "queue ${Queue.Arn}", "for example Prod")],
                         self.faults(apart[:1], meeting, CONDITIONS))

    def test_a_policy_takes_its_successor_along(self):
        deleted = [("deleted-policy", "queue ${Queue.Arn}", "always")]
        self.assertEqual(deleted, self.faults([queue_policy("One")], [queue_policy("Two")]))
        self.assertEqual(deleted, self.faults([queue_policy("One"), queue_policy("Two")], [queue_policy("Two")]))
        self.assertEqual(deleted, self.faults([queue_policy("One")], [connector("Topic", "Queue", "Write")]))
        self.assertEqual([], self.faults([queue_policy("One")], []))

    def test_a_topic_has_one_too(self):
        def policy(name):
            document = json.dumps({"Statement": {**SAID, "Action": "sns:Publish"}})
            return (f"  {name}:\n    Type: AWS::SNS::TopicPolicy\n    Properties: "
                    f"{{Topics: [!Ref Topic], PolicyDocument: {document}}}\n")

        self.assertEqual([("overwritten-policy", "topic ${Topic.Arn}", "always")],
                         self.faults([policy("One")], [policy("One"), policy("Two")]))
        self.assertEqual([], self.faults([policy("One"), queue_policy("Two")], [policy("One"), queue_policy("Two")]))


if __name__ == "__main__":
    unittest.main()

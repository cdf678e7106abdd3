"""Rewrites whose permissions are right and whose result nobody could deploy."""

import json
import unittest

from cases import FUNCTION, READ, TABLE, ask, connector, statement, template

OTHER = FUNCTION.replace("Orders:", "Callee:")
TABLE_READ = statement(["dynamodb:" + action for action in READ], "[!GetAtt Table.Arn, !Sub '${Table.Arn}/index/*']")

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

    def test_a_reference_that_closes_a_cycle_is_caught(self):
        def named(function, name):
            return function + f"      FunctionName: !Sub '${{AWS::StackName}}-{name}'\n"

        def by_name(name):
            arn = "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-"
            return statement("lambda:InvokeFunction", f"!Sub '{arn}{name}'")

        def by_reference(function):
            return statement("lambda:InvokeFunction", f"!GetAtt {function}.Arn")

        one, two = named(FUNCTION, "orders"), named(OTHER, "callee")
        before = template(one, by_name("callee"), two, by_name("orders"))
        half = template(one, by_reference("Callee"), two, by_name("orders"))
        whole = template(one, by_reference("Callee"), two, by_reference("Orders"))
        self.check("ok", before, half)
        (detail,) = self.check("cycle", before, whole)
        self.assertEqual(["Callee", "CalleeRole", "Orders", "OrdersRole"], detail["resources"])
        self.check("ok", whole, whole)

    def test_a_reference_to_a_policy_that_went_is_dangling(self):
        policy = """\
  WirePolicy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: any
      Roles: [!Ref Role]
      PolicyDocument: {Statement: %s}
""" % json.dumps(allow("sqs:SendMessage"))
        output = "Outputs:\n  Policy: {Value: !Ref WirePolicy}\n"
        resources = (role(), FUNCTION, "      Role: !GetAtt Role.Arn\n")
        moved = (role(("any", [allow("sqs:SendMessage")])), *resources[1:])
        self.check("ok", template(*resources, policy), template(*moved))
        (detail,) = self.check("dangling", template(*resources, policy) + output, template(*moved) + output)
        self.assertEqual(("Outputs.Policy", "WirePolicy"), (detail["from"], detail["to"]))
        waiting = "  Topic:\n    Type: AWS::SNS::Topic\n    DependsOn: WirePolicy\n"
        self.check("dangling", template(*resources, policy, waiting), template(*moved, waiting))

    def test_a_fragment_may_refer_to_what_it_does_not_have(self):
        fragment = template(FUNCTION, TABLE_READ.replace("!GetAtt Table.Arn", "!GetAtt Elsewhere.Arn"), TABLE)
        self.check("ok", fragment, fragment)

    def test_what_is_left_of_a_policy_has_to_be_a_policy(self):
        read = [allow("s3:GetObject")]
        before = template(role(("one", read)))
        for left in (("two", []), ("two", [allow([])]), ("two", [allow("s3:GetObject", [])])):
            self.check("invalid-policy", before, template(role(("one", read), left)))
        self.check("ok", before, template(role(("one", read), ("two", read))))
        self.check("invalid-policy", before, template(role(("one", read), ("one", read))))

    def test_two_policies_on_one_queue_overwrite_each_other(self):
        queue = "  Queue:\n    Type: AWS::SQS::Queue\n"
        policy = """\
  %s:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument: {Statement: %s}
"""
        said = json.dumps({**allow("sqs:SendMessage"), "Principal": {"Service": "sns.amazonaws.com"}})
        one, two = policy % ("One", said), policy % ("Two", said)
        self.check("invalid-policy", template(queue, one), template(queue, one, two))
        self.check("ok", template(queue, one, two), template(queue, one, two))
        self.check("ok", template(queue, one), template(queue, two))

    def test_a_connector_needs_what_it_connects(self):
        conditions = "Conditions:\n  Prod: !Equals [!Ref AWS::StackName, prod]\n"
        function = FUNCTION.replace("    Properties", "    Condition: Prod\n    Properties")
        before = template(function, TABLE_READ, TABLE, conditions=conditions)
        self.check("ok", before, template(function, connector(condition="Prod"), TABLE, conditions=conditions))
        details = self.check("dangling", before, template(function, connector(), TABLE, conditions=conditions))
        self.assertEqual({"OrdersRole"}, {detail["to"] for detail in details})


if __name__ == "__main__":
    unittest.main()

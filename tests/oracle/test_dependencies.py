"""Rewrites whose permissions are right and whose references are not: dangling ones, and dependency cycles."""

import json
import unittest

from cases import FUNCTION, READ, TABLE, ask, connector, grants, statement, template

CALLEE = FUNCTION.replace("Orders:", "Callee:")
TABLE_READ = statement(["dynamodb:" + action for action in READ], "[!GetAtt Table.Arn, !Sub '${Table.Arn}/index/*']")
CONDITIONS = """\
Conditions:
  Prod: !Equals [!Ref AWS::StackName, prod]
  Big: !Equals [!Ref AWS::Region, big]
  ProdAndBig: !And [!Condition Prod, !Condition Big]
"""
QUEUE = "  Queue:\n    Type: AWS::SQS::Queue\n"
ROLE = "  Role:\n    Type: AWS::IAM::Role\n    Properties: {AssumeRolePolicyDocument: {}}\n"
SEND = {"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}
INLINE = ROLE.replace("{}}", "{}, Policies: %s}" % json.dumps([{"PolicyName": "moved", "PolicyDocument": SEND}]))


def under(condition, resource):
    return resource.replace("    Type", f"    Condition: {condition}\n    Type", 1)


def waiting(awaited, resource=QUEUE):
    return resource + f"    DependsOn: {awaited}\n"


class Judged(unittest.TestCase):
    def check(self, expected, before, after, *declared, more=CONDITIONS, outputs=""):
        answer = ask(*[template(*side, conditions=more) + outputs for side in (before, after)], *declared)
        self.assertEqual(expected, answer["verdict"], answer["details"])
        return answer["details"]


class Cycles(Judged):
    """Two functions that call each other, by names that are no references, by references, and by connectors."""

    @staticmethod
    def named(function, name):
        return function + f"      FunctionName: !Sub '${{AWS::StackName}}-{name}'\n"

    @staticmethod
    def by_name(name):
        arn = "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-"
        return statement("lambda:InvokeFunction", f"!Sub '{arn}{name}'")

    @staticmethod
    def by_reference(function):
        return statement("lambda:InvokeFunction", f"!GetAtt {function}.Arn")

    def pair(self, one, two):
        return self.named(FUNCTION, "orders"), one, self.named(CALLEE, "callee"), two

    def test_a_reference_that_closes_a_cycle_is_caught(self):
        before = self.pair(self.by_name("callee"), self.by_name("orders"))
        half = self.pair(self.by_reference("Callee"), self.by_name("orders"))
        whole = self.pair(self.by_reference("Callee"), self.by_reference("Orders"))
        self.check("ok", before, half)
        for start in (before, half):
            (detail,) = self.check("cycle", start, whole)
            self.assertEqual(["Callee", "CalleeRole", "Orders", "OrdersRole"], detail["resources"])
            self.assertEqual(detail["way"].split(" -> ")[0], detail["way"].split(" -> ")[-1])
        self.assertEqual("CalleeRole -> Orders -> OrdersRole -> Callee -> CalleeRole", detail["way"])
        self.check("ok", whole, whole)
        self.check("ok", whole, before)

    def test_connectors_close_no_cycle(self):
        before = self.pair(self.by_reference("Callee"), self.by_reference("Orders"))
        back = connector("Callee", "Orders", "Write").replace("Wire:", "Back:")
        after = (*self.pair("", ""), connector("Orders", "Callee", "Write"), back)
        added = grants(["InvokeAsync"], ["${Callee.Arn}"], service="lambda")
        added += grants(["InvokeAsync"], ["${Orders.Arn}"], "CalleeRole", service="lambda")
        self.check("ok", before, after, added)
        (detail,) = self.check("cycle", after, before, [], added)
        self.assertIn("OrdersRole", detail["resources"])

    def test_every_reference_makes_an_edge(self):
        other = QUEUE.replace("Queue:", "Other:")
        for closing in (
            "    DependsOn: Other\n",
            "    DependsOn: [Other]\n",
            "    Metadata: {It: !GetAtt Other.Arn}\n",
            "    Properties: {KmsMasterKeyId: !Sub 'x-${Other}'}\n",
            "    Properties: {KmsMasterKeyId: !If [Prod, !Ref Other, x]}\n",
        ):
            details = ask(
                template(QUEUE, other + "    DependsOn: Queue\n", conditions=CONDITIONS),
                template(QUEUE + closing, other + "    DependsOn: Queue\n", conditions=CONDITIONS),
            )["details"]
            with self.subTest(closing):
                ring = {"kind": "cycle", "resources": ["Other", "Queue"], "way": "Queue -> Other -> Queue"}
                self.assertIn(ring, details)
        self_reference = QUEUE + "    Properties: {KmsMasterKeyId: !Ref Queue}\n"
        details = ask(template(QUEUE), template(self_reference))["details"]
        self.assertIn({"kind": "cycle", "resources": ["Queue"], "way": "Queue -> Queue"}, details)

    def test_a_cycle_beside_a_known_one_is_caught(self):
        def ring(*names):
            resources = ["  %s:\n    Type: AWS::SQS::Queue\n    DependsOn: %s\n" % pair
                         for pair in zip(names, (*names[1:], names[0]))]
            return "".join(resources)

        chain = "  C:\n    Type: AWS::SQS::Queue\n  D:\n    Type: AWS::SQS::Queue\n    DependsOn: C\n"
        details = ask(template(ring("A", "B"), chain), template(ring("A", "B"), ring("C", "D")))["details"]
        self.assertEqual([["C", "D"]], [detail["resources"] for detail in details if detail["kind"] == "cycle"])

    def test_a_long_chain_is_no_matter_of_depth(self):
        def chain(last):
            waits = [(f"Q{i}", f"Q{i + 1}") for i in range(400)] + [("Q400", last)]
            return {name: {"Type": "AWS::SQS::Queue", "DependsOn": awaited} for name, awaited in waits}

        def text(last):
            return json.dumps({"Transform": "AWS::Serverless-2016-10-31",
                               "Resources": {**chain(last), "End": {"Type": "AWS::SQS::Queue"}}})

        answer = ask(text("End"), text("Q0"), form="json")
        cycles = [detail for detail in answer["details"] if detail["kind"] == "cycle"]
        self.assertEqual([401], [len(detail["resources"]) for detail in cycles])


class Dangling(Judged):
    """References to a policy resource that a rewrite takes out."""

    policy = f"""\
  Old:
    Type: AWS::IAM::Policy
    Properties: {{PolicyName: any, Roles: [!Ref Role], PolicyDocument: {json.dumps(SEND)}}}
"""

    def test_whoever_named_it_must_name_it_no_more(self):
        before, after = (ROLE, self.policy), (INLINE,)
        self.check("ok", before, after)
        for referring in (
            waiting("Old"),
            waiting("[Role, Old]"),
            QUEUE + "    Metadata: {It: !Ref Old}\n",
            QUEUE + "    Properties: {QueueName: !Sub '${Old}-x'}\n",
        ):
            with self.subTest(referring):
                (detail,) = self.check("dangling", (*before, referring), (*after, referring))
                self.assertEqual(("Queue", "Old"), (detail["from"], detail["to"]))
        self.check("ok", (*before, waiting("Old")), (*after, QUEUE))
        self.check("ok", (*before, waiting("[Role, Old]")), (*after, waiting("Role")))

    def test_an_output_can_name_it(self):
        for output in ("{Value: !Ref Old}", "{Value: x, Export: {Name: !Sub '${Old}'}}"):
            (detail,) = self.check("dangling", (ROLE, self.policy), (INLINE,), outputs=f"Outputs:\n  It: {output}\n")
            self.assertEqual(("Outputs.It", "Old"), (detail["from"], detail["to"]))

    def test_a_role_can_attach_it(self):
        managed = f"  Old:\n    Type: AWS::IAM::ManagedPolicy\n    Properties: {{PolicyDocument: {json.dumps(SEND)}}}\n"
        attached = ROLE.replace("{}}", "{}, ManagedPolicyArns: [!Ref Old]}")
        self.check("ok", (attached, managed), (INLINE,))
        self.check("undeclared", (attached, managed), (attached,))
        left = INLINE.replace("}\n", ", ManagedPolicyArns: [!Ref Old]}\n")
        details = ask(template(attached, managed), template(left))["details"]
        self.assertIn({"kind": "dangling", "from": "Role", "to": "Old", "when": "always"}, details)

    def test_a_connector_can_be_waited_for_but_not_referred_to(self):
        before = (FUNCTION, TABLE_READ, TABLE, QUEUE)
        self.check("ok", (*before[:-1], waiting("Orders")),
                   (FUNCTION, connector(), TABLE, waiting("[Orders, Wire]")))
        referring = QUEUE + "    Metadata: {It: !Ref Wire}\n"
        details = ask(template(*before), template(FUNCTION, connector(), TABLE, referring))["details"]
        self.assertIn({"kind": "dangling", "from": "Queue", "to": "Wire", "when": "always"}, details)

    def test_a_fragment_may_refer_to_what_it_does_not_have(self):
        fragment = (FUNCTION, TABLE_READ.replace("!GetAtt Table.Arn", "!GetAtt Elsewhere.Arn"), TABLE)
        self.check("ok", fragment, fragment)

    def test_a_condition_that_nobody_defines_is_dangling(self):
        before = (FUNCTION, TABLE_READ, TABLE)
        answer = ask(template(*before), template(FUNCTION, connector(condition="Elsewhere"), TABLE))
        self.assertIn("condition Elsewhere", {detail.get("to") for detail in answer["details"]})
        fragment = (under("Elsewhere", FUNCTION), TABLE_READ, TABLE)
        self.check("ok", fragment, (under("Elsewhere", FUNCTION), connector(condition="Elsewhere"), TABLE), more="")


class Conditional(Judged):
    """What exists only under a condition may be referred to only under it."""

    def test_a_connector_needs_what_it_connects(self):
        both = under("Prod", FUNCTION), under("Big", TABLE)
        before = (both[0], statement("sqs:SendMessage", "'*'"), both[1])
        kept = (both[0], statement("sqs:SendMessage", "'*'"))
        for condition, missing in (("ProdAndBig", set()), ("Prod", {"Table"}), ("Big", {"OrdersRole"}),
                                   (None, {"OrdersRole", "Table"})):
            answer = ask(*[template(*side, conditions=CONDITIONS)
                           for side in (before, (*kept, connector(condition=condition), both[1]))],
                         grants(READ, when="Prod and Big"))
            with self.subTest(condition):
                self.assertEqual(missing, {detail["to"] for detail in answer["details"]}, answer["details"])
                self.assertEqual("dangling" if missing else "ok", answer["verdict"])

    def test_the_same_fault_before_is_no_fault_of_the_rewrite(self):
        table = under("Prod", TABLE)
        before, after = (FUNCTION, TABLE_READ, table), (FUNCTION, connector(), table)
        self.check("ok", before, after)
        # That such a world was lost for one resource is no leave to lose it for another.
        self.assertEqual(["Queue"], self.dangling((*before, ROLE), self.on("'*'"), self.on("!GetAtt Queue.Arn")))

    def test_a_branch_that_is_not_taken_refers_to_nothing(self):
        for condition, targets in (("Prod", []), ("Big", ["Queue"])):
            guarded = self.on(f"!If [{condition}, !GetAtt Queue.Arn, 'arn:aws:sqs:::x']")
            self.assertEqual(targets, self.dangling((ROLE,), self.on("'*'"), guarded))

    @staticmethod
    def on(resource):
        document = json.dumps(SEND).replace('"*"', resource)
        return f"""\
  Kept:
    Type: AWS::IAM::Policy
    Properties: {{PolicyName: any, Roles: [!Ref Role], PolicyDocument: {document}}}
"""

    def dangling(self, around, before, after):
        """What only `after` refers to in vain, with a queue that exists in production only."""
        sides = [template(*around, one, under("Prod", QUEUE), conditions=CONDITIONS) for one in (before, after)]
        return [detail["to"] for detail in ask(*sides)["details"] if detail["kind"] == "dangling"]

    def test_waiting_for_what_does_not_exist_is_no_wait(self):
        before = (FUNCTION, TABLE_READ, TABLE, QUEUE)
        self.check("ok", before, (FUNCTION, connector(condition="Prod"), TABLE, waiting("Wire")),
                   [], grants(READ, when="not Prod"))


if __name__ == "__main__":
    unittest.main()

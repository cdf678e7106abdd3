"""The judge judged: small rewrites with a right or a wrong declaration, and the verdict that each must get."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

from cases import BOTH, FUNCTION, READ, TABLE, ask, connector, grants, statement, template

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
        (detail, _) = self.check("unreal", self.before, self.lossy, self.added, self.kept, self.kept)
        self.assertEqual(("unreal-kept", "after"), (detail["kind"], detail["not_in"]))

    def test_a_declaration_for_another_principal_excuses_nothing(self):
        swapped = [dict(entry, principal="OtherRole") for entry in self.added]
        self.check("undeclared", self.before, self.after, swapped)

    def test_what_one_rewrite_adds_and_another_removes_is_no_change(self):
        again = grants(["DescribeTable"], BOTH[:1])
        self.check("ok", self.before, self.after, self.added + again, again, self.kept)
        self.check("undeclared", self.before, self.after, self.added, self.added)

    def test_a_part_of_what_one_rewrite_removes_may_come_back_by_another(self):
        wide = template(FUNCTION, statement(["dynamodb:*"], "!GetAtt Table.Arn"), TABLE)
        all_of_it = grants(["*"], BOTH[:1])
        self.check("ok", wide, self.lossy, grants(READ), all_of_it)
        self.check("undeclared", wide, self.lossy, grants(READ))
        self.check("unreal", wide, self.lossy, grants([*READ, "DeleteTable"]), all_of_it)

    def test_a_wildcard_claim_must_be_true_as_a_whole(self):
        self.check("unreal", self.before, self.after, grants(["*"], BOTH))

    def test_the_swapped_role_is_caught(self):
        other = FUNCTION.replace("Orders:", "Other:")
        before = template(FUNCTION, TEMPLATE_POLICY, other, TABLE)
        after = template(FUNCTION, KEPT_REST, other, connector("Other"), TABLE)
        details = self.check("undeclared", before, after, self.added)
        self.assertIn(("undeclared-added", "OtherRole"), {(d["kind"], d.get("principal")) for d in details})

    def test_an_unrelated_change_is_caught(self):
        details = self.check("other-change", self.before, self.after.replace("app.handler", "app.main"), self.added)
        self.assertEqual({"Resources.Orders.Properties.Handler"}, {detail["path"] for detail in details})

    def test_a_change_that_the_translator_would_drop_is_caught(self):
        described = self.after.replace("    Properties:\n", "    Description: lost\n    Properties:\n", 1)
        (detail,) = self.check("other-change", self.before, described, self.added)
        self.assertEqual(("written", "Resources.Orders.Description"), (detail["stage"], detail["path"]))

    def test_code_paths_are_compared(self):
        self.check("other-change", self.before, self.after.replace("src/", "lib/"), self.added)

    def test_a_lost_wait_is_caught(self):
        waiting = self.before.replace("AWS::DynamoDB::Table\n", "AWS::DynamoDB::Table\n    DependsOn: Orders\n")
        self.check("other-change", waiting, self.before)

    def test_a_wait_for_a_policy_may_turn_to_the_role_and_a_wait_for_nothing_may_not(self):
        waits = lambda name: self.before.replace(
            "AWS::DynamoDB::Table\n", f"AWS::DynamoDB::Table\n    DependsOn: {name}\n"
        )
        self.check("other-change", self.before, waits("OrdersRole"))

    def test_a_refused_result_is_a_failure(self):
        self.check("refused-after", self.before, template(FUNCTION, connector(destination="Nowhere"), TABLE))

    def test_a_refused_input_stays_refused(self):
        broken = template(FUNCTION, connector(destination="Nowhere"), TABLE)
        self.check("refused-before", broken, broken)
        self.check("refused-differently", broken, self.before)
        self.check("other-change", broken, broken.replace("src/", "lib/"))


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

    def under(self, condition):
        document = {
            "Statement": {
                "Effect": "Allow",
                "Action": ["dynamodb:" + action for action in READ],
                "Resource": [{"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::Sub": "${Table.Arn}/index/*"}],
            }
        }
        either = {"Fn::If": [condition, document, {"Ref": "AWS::NoValue"}]}
        return f"      Policies: {json.dumps([either])}\n"

    def make(self, *resources):
        return template(*resources, conditions=self.conditions, more=self.parameters)

    def test_the_same_condition_is_ok(self):
        before = self.make(FUNCTION, self.under("Prod"), TABLE)
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

    def test_a_declaration_holds_when_it_says(self):
        before = self.make(FUNCTION, TABLE)
        after = self.make(FUNCTION, self.under("Both"), TABLE)
        for when, verdict in (
            ("Both", "ok"),
            ("Prod and Test", "ok"),
            ("not (NotProd or not Test)", "ok"),
            ("Prod", "unreal"),
            ("always", "unreal"),
            ("never", "undeclared"),
            ("Prod and Test and not Prod", "undeclared"),
            ("in words of its own", "ok"),
        ):
            with self.subTest(when):
                self.assertEqual(verdict, ask(before, after, grants(READ, when=when))["verdict"])

    def test_what_the_destination_does_not_outlive_is_no_loss(self):
        table = TABLE.replace("    Properties", "    Condition: Prod\n    Properties")
        answer = ask(self.make(FUNCTION, self.full, table), self.make(FUNCTION, connector(condition="Prod"), table))
        self.assertEqual("ok", answer["verdict"], answer["details"])

    def test_an_undefined_condition_can_go_either_way(self):
        function = FUNCTION.replace("    Properties", "    Condition: Elsewhere\n    Properties")
        before, after = self.make(function, self.full, TABLE), self.make(function, TABLE)
        answer = ask(before, after)
        self.assertEqual("undeclared", answer["verdict"])
        self.assertEqual({"for example Elsewhere"}, {detail["when"] for detail in answer["details"]})

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

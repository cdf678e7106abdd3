"""Claims of identity: what they forgive, and that anything else is noticed."""

import unittest

from cases import BOTH, FUNCTION, READ, TABLE, ask, connector, grants, statement, template

EJECTED = """\
  WirePolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: [%s]
            Resource: [!GetAtt Table.Arn, !Sub ['${DestinationArn}/index/*', {DestinationArn: !GetAtt Table.Arn}]]
      Roles: [!Ref OrdersRole]
""" % ", ".join("dynamodb:" + action for action in READ)
SHORT = "[!GetAtt Table.Arn, !Sub '${Table.Arn}/index/*']"
OTHER = "  Other:\n    Type: AWS::SNS::Topic\n"
WAITS = OTHER + "    DependsOn: "


class Expansions(unittest.TestCase):
    """`identical: expansion`."""

    def check(self, expected, after, before=connector(), paths=None):
        answer = ask(template(FUNCTION, TABLE, before), template(FUNCTION, TABLE, after), identical="expansion")
        self.assertEqual(expected, answer["verdict"], answer["details"])
        if paths is not None:
            self.assertEqual(paths, [detail.get("path") for detail in answer["details"]])

    def test_the_generated_resource_is_identical(self):
        self.check("ok", EJECTED)

    def test_what_means_the_same_is_not_identical(self):
        same = EJECTED.replace("!Sub ['${DestinationArn}/index/*', {DestinationArn: !GetAtt Table.Arn}]",
                               "!Sub '${Table.Arn}/index/*'")
        self.check("not-identical", same, paths=["Resources.WirePolicy.Properties"])
        self.check("not-identical", EJECTED.replace("WirePolicy", "OtherPolicy"),
                   paths=["Resources.OtherPolicy", "Resources.WirePolicy"])

    def test_an_attribute_more_is_noticed(self):
        for line in ("DeletionPolicy: Retain", "DependsOn: Table", "Metadata: {owner: me}"):
            with self.subTest(line):
                more = EJECTED.replace("    Properties:", f"    {line}\n    Properties:", 1)
                self.check("not-identical", more, paths=["Resources.WirePolicy." + line.partition(":")[0]])

    def test_metadata_beside_the_mark_counts(self):
        kept = connector().replace("    Properties:", "    Metadata: {owner: me}\n    Properties:", 1)
        self.check("not-identical", EJECTED, kept, ["Resources.WirePolicy.Metadata"])
        self.check("ok", EJECTED.replace("    Properties:", "    Metadata: {owner: me}\n    Properties:", 1), kept)

    def test_names_to_wait_for_are_a_set(self):
        for waits in ("WirePolicy", "[WirePolicy]"):
            with self.subTest(waits):
                self.check("ok", EJECTED + WAITS + waits + "\n", connector() + WAITS + "Wire\n")
        self.check("not-identical", EJECTED + OTHER, connector() + WAITS + "Wire\n", ["Resources.Other.DependsOn"])

    def test_without_the_claim_it_is_no_matter(self):
        after = template(FUNCTION, TABLE, EJECTED.replace("WirePolicy", "OtherPolicy"))
        self.assertEqual("ok", ask(template(FUNCTION, TABLE, connector()), after)["verdict"])


class Orders(unittest.TestCase):
    """`identical: order`."""

    def check(self, expected, after, before):
        answer = ask(template(FUNCTION, TABLE, *before), template(FUNCTION, TABLE, *after), identical="order")
        self.assertEqual(expected, answer["verdict"], answer["details"])
        return [(detail.get("from"), detail.get("to")) for detail in answer["details"]]

    def test_a_wait_is_kept_by_way_of_another(self):
        through = "  Between:\n    Type: AWS::SNS::Topic\n    DependsOn: %s\n"
        before = (connector(), WAITS + "[Between, Wire]\n", through % "Table")
        self.check("ok", (EJECTED, WAITS + "Between\n", through % "[Table, WirePolicy]"), before)
        lost = self.check("not-identical", (EJECTED, WAITS + "Between\n", through % "Table"), before)
        self.assertEqual([("Other", "OrdersRole"), ("Other", "WirePolicy")], lost)

    def test_what_is_gone_is_not_awaited(self):
        inline = statement(["dynamodb:" + action for action in READ], SHORT)
        before, after = (FUNCTION, TABLE, connector()), (FUNCTION, inline, TABLE)
        self.assertEqual("ok", ask(template(*before), template(*after), identical="order")["verdict"])


class Statements(unittest.TestCase):
    """`identical: statements`."""

    def check(self, expected, after, removed=()):
        before = template(FUNCTION, TABLE, connector())
        answer = ask(before, template(*after), removed=removed, identical="statements")
        self.assertEqual(expected, answer["verdict"], answer["details"])
        return answer["details"]

    def test_an_inline_document_has_the_statement(self):
        self.check("ok", (FUNCTION, statement(["dynamodb:" + action for action in READ], SHORT), TABLE))

    def test_another_order_of_actions_is_another_statement(self):
        details = self.check(
            "not-identical",
            (FUNCTION, statement(["dynamodb:" + action for action in reversed(READ)], SHORT), TABLE),
        )
        self.assertEqual([["lost"], ["gained"]], [[key for key in one if key != "kind"] for one in details])

    def test_a_statement_less_is_a_loss_even_where_it_is_declared(self):
        self.check("not-identical", (FUNCTION, TABLE), grants(READ, BOTH))

    def test_an_unknown_claim_is_a_failure(self):
        same = template(FUNCTION, TABLE)
        self.assertEqual("judge-crashed", ask(same, same, identical="more or less")["verdict"])


if __name__ == "__main__":
    unittest.main()

"""Who holds a permission: roles that the template writes out, and policies that are resources of their own."""

import json
import unittest

from cases import BOTH, FUNCTION, READ, TABLE, ask, connector, grants, template

ROLE = """\
  Role:
    Type: AWS::IAM::Role
%s    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: lambda.amazonaws.com}}]
%s"""
WITH_ROLE = FUNCTION + "      Role: !GetAtt Role.Arn\n"
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:" + action for action in READ],
            "Resource": [{"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::Sub": "${Table.Arn}/index/*"}],
        }
    ],
}
CONDITIONS = """\
Conditions:
  Prod: !Equals [!Ref AWS::StackName, prod]
  Big: !Equals [!Ref AWS::StackName, big]
  ProdAndBig: !And [!Condition Prod, !Condition Big]
"""


def role(more="", condition=None):
    return ROLE % (f"    Condition: {condition}\n" if condition else "", more)


def inline(document=None):
    policies = [{"PolicyName": "any", "PolicyDocument": document or DOCUMENT}]
    return role(f"      Policies: {json.dumps(policies)}\n")


def policy(kind="Policy", holder="Roles: [!Ref Role]", condition=None, name="OldPolicy"):
    """A policy resource; a managed one with no `holder` is attached from elsewhere."""
    lines = [f"  {name}:", f"    Type: AWS::IAM::{kind}"]
    if condition:
        lines.append(f"    Condition: {condition}")
    lines += ["    Properties:"] + ([] if kind == "ManagedPolicy" else ["      PolicyName: any"])
    lines += [f"      {holder}"] if holder else []
    return "\n".join([*lines, f"      PolicyDocument: {json.dumps(DOCUMENT)}"]) + "\n"


ATTACHED = "      ManagedPolicyArns: [%s]\n"
UNATTACHED = policy("ManagedPolicy", holder="")


class Judged(unittest.TestCase):
    def check(self, expected, before, after, *declared, conditions=""):
        answer = ask(*[template(*side, conditions=conditions) for side in (before, after)], *declared)
        self.assertEqual(expected, answer["verdict"], answer["details"])
        return answer["details"]


class Holders(Judged):
    """Each way to hold what the connector gives, against the connector."""

    def test_every_way_of_holding_becomes_a_connector(self):
        after = (role(), WITH_ROLE, TABLE, connector())
        ways = {
            "inline": (inline(),),
            "policy": (role(), policy("Policy")),
            "role policy": (role(), policy("RolePolicy", "RoleName: !Ref Role")),
            "managed policy": (role(), policy("ManagedPolicy")),
            "attached by the role": (role(ATTACHED % "!Ref OldPolicy"), UNATTACHED),
            "attached in a Sub": (role(ATTACHED % "!Sub '${OldPolicy}'"), UNATTACHED),
            "attached by an attribute": (role(ATTACHED % "!GetAtt OldPolicy.PolicyArn"), UNATTACHED),
            "both ways": (role(ATTACHED % "!Ref OldPolicy"), policy("ManagedPolicy")),
        }
        for way, held in ways.items():
            with self.subTest(way):
                self.check("ok", (*held, WITH_ROLE, TABLE), after)
                details = self.check("undeclared", (*held, WITH_ROLE, TABLE), (role(), WITH_ROLE, TABLE))
                self.assertEqual({"undeclared-removed"}, {detail["kind"] for detail in details})
                self.assertEqual({"Role"}, {detail["principal"] for detail in details})
                self.check("undeclared", (role(), WITH_ROLE, TABLE), (*held, WITH_ROLE, TABLE))

    def test_a_function_attaches_a_managed_policy_to_its_role(self):
        attached = FUNCTION + "      Policies: [!Ref OldPolicy]\n"
        self.check("ok", (attached, TABLE, UNATTACHED), (FUNCTION, TABLE, connector()))
        self.check("undeclared", (attached, TABLE, UNATTACHED), (FUNCTION, TABLE))
        # Nobody in the template holds it, but somebody elsewhere may.
        self.check("undeclared", (FUNCTION, TABLE, UNATTACHED), (FUNCTION, TABLE, connector()))

    def test_a_policy_on_two_roles_is_a_grant_of_each(self):
        second = role().replace("  Role:", "  Second:")
        shared = policy("Policy", "Roles: [!Ref Role, !Ref Second]")
        details = self.check(
            "undeclared", (role(), second, WITH_ROLE, TABLE, shared), (role(), second, WITH_ROLE, TABLE, connector())
        )
        self.assertEqual({"Second"}, {detail["principal"] for detail in details})
        lost = grants(READ, principal="Second")
        self.check(
            "ok", (role(), second, WITH_ROLE, TABLE, shared), (role(), second, WITH_ROLE, TABLE, connector()), [], lost
        )

    def test_a_shared_role_needs_one_connector(self):
        other = WITH_ROLE.replace("Orders:", "Other:")
        self.check("ok", (inline(), WITH_ROLE, other, TABLE), (role(), WITH_ROLE, other, TABLE, connector()))

    def test_what_the_connector_lacks_has_to_stay(self):
        wide = json.loads(json.dumps(DOCUMENT))
        wide["Statement"][0]["Action"].append("dynamodb:DescribeTable")
        rest = json.loads(json.dumps(DOCUMENT))
        rest["Statement"][0]["Action"] = "dynamodb:DescribeTable"
        kept = grants(["DescribeTable"], principal="Role")
        before, after = (inline(wide), WITH_ROLE, TABLE), (inline(rest), WITH_ROLE, TABLE, connector())
        self.check("ok", before, after, [], [], kept)
        self.check("undeclared", before, (role(), WITH_ROLE, TABLE, connector()))
        self.check("unreal", before, after, [], kept)

    def test_a_policy_holds_as_often_as_itself_and_its_role(self):
        ways = {
            "the policy": (role(), policy(condition="Prod")),
            "the role": (role(condition="Prod"), policy(condition="Prod")),
            "the attachment": (role(ATTACHED % "!If [Prod, !Ref OldPolicy, !Ref AWS::NoValue]"), UNATTACHED),
            "the branch": (role() + "      Policies: [!If [Prod, %s, !Ref AWS::NoValue]]\n"
                           % json.dumps({"PolicyName": "any", "PolicyDocument": DOCUMENT}),),
        }
        for way, held in ways.items():
            function = WITH_ROLE
            bare = role()
            if way == "the role":
                function = WITH_ROLE.replace("    Properties", "    Condition: Prod\n    Properties")
                bare = role(condition="Prod")
            before = (*held, function, TABLE)
            with self.subTest(way):
                self.check("ok", before, (bare, function, TABLE, connector(condition="Prod")), conditions=CONDITIONS)
                lost = self.check("undeclared", before, (bare, function, TABLE, connector(condition="ProdAndBig")),
                                  conditions=CONDITIONS)
                self.assertEqual({"for example not Big and Prod"}, {detail["when"] for detail in lost})
        wider = (role(), WITH_ROLE, TABLE, connector())
        self.check("undeclared", (*ways["the policy"], WITH_ROLE, TABLE), wider, conditions=CONDITIONS)
        self.check("ok", (*ways["the policy"], WITH_ROLE, TABLE), wider,
                   grants(READ, principal="Role", when="not Prod"), conditions=CONDITIONS)

    def test_a_managed_policy_of_aws_is_known_by_its_name_only(self):
        arn = "'arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess'"
        before, after = (role(ATTACHED % arn), WITH_ROLE, TABLE), (role(), WITH_ROLE, TABLE, connector())
        details = self.check("undeclared", before, after, grants(READ, principal="Role"))
        self.assertEqual({"${managed-policy}"}, {detail["action"] for detail in details})

    def test_another_property_of_a_role_may_not_change(self):
        self.check("other-change", (role("      Path: /a/\n"), WITH_ROLE), (role(), WITH_ROLE))


class Ends(Judged):
    """Connectors whose permissions the destination holds, or whose destination is no resource of the template."""

    queue = "  Queue:\n    Type: AWS::SQS::Queue\n"

    def test_the_destination_can_hold(self):
        actions = ["ReceiveMessage", "GetQueueAttributes", "DeleteMessage"]
        document = json.loads(json.dumps(DOCUMENT))
        document["Statement"][0].update(Action=["sqs:" + a for a in actions], Resource={"Fn::GetAtt": ["Queue", "Arn"]})
        wire = connector("Queue", "Orders", "Read, Write")
        mapped = ("  Mapping:\n    Type: AWS::Lambda::EventSourceMapping\n    Properties: "
                  "{FunctionName: !Ref Orders, EventSourceArn: !GetAtt Queue.Arn}\n")
        # The translator lets the mapping wait for the policy of the connector.
        rest = WITH_ROLE, self.queue, mapped
        self.check("ok", (inline(document), *rest), (role(), *rest, wire))
        added = grants(actions, ["${Queue.Arn}"], "Role", "sqs")
        self.check("ok", (role(), *rest), (role(), *rest, wire), added)
        self.check("undeclared", (role(), *rest), (role(), *rest, wire), added[1:])
        self.check("undeclared", (inline(document), *rest), (role(), *rest))

    def test_a_destination_can_be_an_arn(self):
        def wire(arn):
            return connector().replace("{Id: Table}", f"{{Type: AWS::DynamoDB::Table, Arn: {arn}}}")

        def held(*resources):
            document = json.loads(json.dumps(DOCUMENT))
            document["Statement"][0]["Resource"] = "@"
            return inline(document).replace('"@"', f"[{', '.join(resources)}]")

        literal = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Elsewhere}"
        parameters = "Parameters:\n  Elsewhere: {Type: String}\n"
        for arn, index, written in (
            ("!ImportValue table", "!Sub ['${T}/index/*', {T: !ImportValue table}]", "${Fn::ImportValue(table)}"),
            (f"!Sub '{literal}'", f"!Sub '{literal}/index/*'", literal),
        ):
            after = (role(), WITH_ROLE, wire(arn))
            with self.subTest(arn):
                self.check("ok", (held(arn, index), WITH_ROLE), after, conditions=parameters)
                added = grants(READ, [written + "/index/*"], "Role")
                self.check("ok", (held(arn), WITH_ROLE), after, added, conditions=parameters)
                self.check("undeclared", (held(arn), WITH_ROLE), after, conditions=parameters)
                self.check("undeclared", (held("!ImportValue other", index), WITH_ROLE), after, conditions=parameters)


class Conditional(unittest.TestCase):
    """Identity grants with an IAM condition, and whether the declaration says so."""

    def verdict(self, bound, *declared):
        document = json.loads(json.dumps(DOCUMENT))
        document["Statement"][0]["Action"] = "dynamodb:GetItem"
        document["Statement"][0]["Resource"] = {"Fn::GetAtt": ["Table", "Arn"]}
        if bound:
            document["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
        sides = (inline(document), WITH_ROLE, TABLE), (role(), WITH_ROLE, TABLE)
        return ask(*[template(*side) for side in sides], *declared)["verdict"]

    def test_a_declaration_says_whether_there_is_a_condition(self):
        plain = grants(["GetItem"], BOTH[:1], principal="Role")
        bound = grants(["GetItem"], BOTH[:1], principal="Role", condition="StringEquals aws:SourceVpc vpc-1")
        self.assertEqual("ok", self.verdict(False, [], plain))
        self.assertEqual("ok", self.verdict(True, [], bound))
        self.assertEqual("unreal", self.verdict(True, [], plain))
        self.assertEqual("undeclared", self.verdict(False, [], bound))


class Names(unittest.TestCase):
    """The name of a role and its logical id are two things."""

    def test_a_name_like_a_logical_id_is_another_role(self):
        policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": DOCUMENT}}
        policy["Properties"]["Roles"] = ["Role"]
        before = template(WITH_ROLE, role(), TABLE, f"  Policy: {json.dumps(policy)}\n")
        after = template(WITH_ROLE, inline(), TABLE)
        self.assertEqual("undeclared", ask(before, after)["verdict"])
        there, here = grants(READ, BOTH, "role/Role"), grants(READ, BOTH, "Role")
        self.assertEqual("ok", ask(before, after, here, there)["verdict"])


if __name__ == "__main__":
    unittest.main()

"""What the judge takes for equal, wider or other: spellings of resources, and patterns."""

import unittest

from cases import BOTH, FUNCTION, READ, TABLE, ask, connector, grants, statement, template


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
        "!Join [':', [arn, aws, dynamodb, !Ref AWS::Region, !Ref AWS::AccountId, !Sub 'table/${Table}']]",
        "!Join ['', [!Sub 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/', !Ref Table]]",
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
        resources = f"[{first}, !Sub '${{Table.Arn}}/index/*']"
        before = template(FUNCTION, statement(["dynamodb:" + action for action in READ], resources), table)
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

    def test_an_expression_that_only_a_stack_evaluates_is_itself(self):
        one = statement("dynamodb:GetItem", "!ImportValue one")
        two = statement("dynamodb:GetItem", "!ImportValue two")
        before, after = template(FUNCTION, one, TABLE), template(FUNCTION, two, TABLE)
        self.assertEqual("ok", ask(before, before)["verdict"])
        self.assertEqual("undeclared", ask(before, after)["verdict"])
        imported = "${Fn::ImportValue(%s)}"
        declared = [grants(["GetItem"], [imported % name]) for name in ("two", "one")]
        self.assertEqual("ok", ask(before, after, *declared)["verdict"])
        self.assertEqual("unreal", ask(before, before, declared[0])["verdict"])
        self.assertEqual("undeclared", ask(before, after, *[grants(["GetItem"], [imported + "/x"])] * 2)["verdict"])

    def test_a_topic_is_its_arn(self):
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
        both = "[!Ref Callee.Alias, !Sub '${Callee.Arn}:*']"
        before = template(FUNCTION, statement("lambda:InvokeFunction", both), callee)
        after = template(FUNCTION, statement("lambda:InvokeFunction", "!Sub '${Callee.Arn}:*'"), callee)
        self.assertEqual("ok", ask(before, after)["verdict"])


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
        pair = [statement("s3:GetObject", resource % name) for name in "Aa"]
        self.assertEqual("undeclared", self.verdict(*pair))

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

    def test_what_an_event_source_brings_is_held_already(self):
        queue = "  Queue:\n    Type: AWS::SQS::Queue\n"
        event = "      Events: {E: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}\n"
        both = (queue, connector(destination="Queue", permissions="Read"))
        self.assertEqual("ok", ask(template(FUNCTION, event, queue), template(FUNCTION, event, *both))["verdict"])
        self.assertEqual("undeclared", ask(template(FUNCTION, queue), template(FUNCTION, *both))["verdict"])

    def test_actions_that_are_not_listed_are_not_lost(self):
        inverse = statement("dynamodb:GetItem", "!GetAtt Table.Arn").replace("Action:", "NotAction:")
        self.assertEqual("ok", self.verdict(inverse, inverse))
        self.assertEqual("undeclared", self.verdict(inverse, ""))


if __name__ == "__main__":
    unittest.main()

//! Tests of plans as a whole that need no fixture: what a plan says of its own result.

use super::*;
use crate::catalog::Catalog;
use crate::text::Source;

fn planned(text: &str) -> Plan<'static> {
    let source = Source::new("template.yaml", text.as_bytes().to_vec()).unwrap();
    plan(source, Catalog::builtin(), &Options::default()).unwrap()
}

const CRUD: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: api/
      Policies:
        - DynamoDBCrudPolicy:
            TableName: !Ref Orders
  Orders:
    Type: AWS::Serverless::SimpleTable
";

#[test]
fn a_rest_beside_its_connector_is_neither_rewritten_nor_left_alone_again() {
    let first = planned(CRUD);
    let taken = first.taken();
    assert_eq!(first.rewrites()[0].kept.len(), 1);
    let second = planned(&first.outcome(&taken).unwrap().text);
    assert!(second.rewrites().is_empty(), "{:?}", second.rewrites());
    assert!(second.left_alone().is_empty(), "{:?}", second.left_alone());
}

#[test]
fn no_rewrite_gives_the_text_as_it_was() {
    let plan = planned(CRUD);
    let outcome = plan.outcome(&[]).unwrap();
    assert!(outcome.text == CRUD && outcome.edits.is_empty());
    assert_eq!(plan.delta(&[]), PermissionDelta { added: vec![], removed: vec![] });
}

#[test]
fn the_deployer_is_told_only_what_the_template_does_not_take_already() {
    assert!(!planned(CRUD).deployer_actions().is_empty());
    let with_a_policy = format!(
        "{CRUD}  Audit:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: {{Statement: []}}\n"
    );
    assert_eq!(planned(&with_a_policy).deployer_actions(), &[] as &[String]);
}

#[test]
fn on_the_way_back_the_deployer_is_told_of_inline_policies_where_none_is_so_far() {
    let wired = planned(CRUD).outcome(&planned(CRUD).taken()).unwrap().text;
    let wired = wired.split("      Policies:").next().unwrap().to_owned()
        + "  Orders:\n    Type: AWS::Serverless::SimpleTable\n";
    let back = |text: &str, policy_form| {
        let source = Source::new("template.yaml", text.as_bytes().to_vec()).unwrap();
        let options = Options { direction: Direction::Policies, policy_form, ..Options::default() };
        plan(source, Catalog::builtin(), &options).unwrap().deployer_actions().to_vec()
    };
    assert_eq!(
        back(&wired, PolicyFormChoice::Inline),
        ["iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:PutRolePolicy"]
    );
    assert_eq!(back(&wired, PolicyFormChoice::Resource), [] as [&str; 0]);
    let written = wired.replace("    Properties:\n      CodeUri", "    Properties:\n      Policies: [{Statement: {Effect: Allow, Action: s3:*, Resource: '*'}}]\n      CodeUri");
    assert_ne!(written, wired);
    assert_eq!(back(&written, PolicyFormChoice::Inline), [] as [&str; 0]);
}

#[test]
fn a_role_near_its_quota_is_told_with_what_sam_attaches() {
    let source = Source::new("template.yaml", CRUD.as_bytes().to_vec()).unwrap();
    let message = |max_managed_policies: usize| {
        let options = Options { max_managed_policies, ..Options::default() };
        let plan = plan(source.clone(), Catalog::builtin(), &options).unwrap();
        let rewrite = &plan.rewrites()[0];
        let told = rewrite.hazards.iter().find(|hazard| hazard.id == "quota-near");
        (rewrite.decision, told.map(|hazard| hazard.message.clone()))
    };
    assert_eq!(message(5), (Decision::Taken, None));
    let near = "`ApiRole` goes from 1 to 2 of 4 managed policies (1 attached by SAM itself)";
    assert_eq!(message(4), (Decision::Taken, Some(near.to_owned())));
    let explicit = CRUD
        .replace("      CodeUri: api/\n      Policies:\n", "      CodeUri: api/\n      Role: !GetAtt Own.Arn\n  Own:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies:\n")
        .replace("        - DynamoDBCrudPolicy:\n            TableName: !Ref Orders\n", "        - PolicyDocument: {Statement: {Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt Orders.Arn}}\n");
    let options = Options {
        max_managed_policies: 2,
        consent: Consent { any: true, ..Consent::default() },
        ..Options::default()
    };
    let own = plan(
        Source::new("template.yaml", explicit.as_bytes().to_vec()).unwrap(),
        Catalog::builtin(),
        &options,
    )
    .unwrap();
    let told: Vec<&str> = own.rewrites()[0]
        .hazards
        .iter()
        .filter(|hazard| hazard.id == "quota-near")
        .map(|hazard| hazard.message.as_str())
        .collect();
    assert_eq!(told, ["`Own` goes from 0 to 1 of 2 managed policies"]);
    let (decision, told) = message(1);
    assert_eq!(decision, Decision::Held(HeldBy::Quota));
    assert!(told.is_some_and(|told| {
        told.contains("of 1 managed policies (1 attached by SAM itself) and would come to more")
    }));
}

fn answered(text: &str, answers: &[(&str, Answer)], direction: Direction) -> Plan<'static> {
    let source = Source::new("template.yaml", text.as_bytes().to_vec()).unwrap();
    let mut options = Options { direction, ..Options::default() };
    answers.iter().for_each(|(fingerprint, answer)| options.answers.set(fingerprint, *answer));
    plan(source, Catalog::builtin(), &options).unwrap()
}

#[test]
fn an_answer_stands_above_consent_and_keeps_its_rewrite_through_every_alternative() {
    let held = CRUD.replace("DynamoDBCrudPolicy", "DynamoDBWritePolicy");
    let first = planned(&held);
    let [rewrite] = first.rewrites() else { panic!("{:?}", first.rewrites()) };
    assert_eq!(rewrite.decision, Decision::Held(HeldBy::Consent));
    let fingerprint = rewrite.fingerprint.clone();
    for rest in [Rest::Keep, Rest::Drop] {
        for (form, word) in [(FormChoice::Embedded, "Connectors:"), (FormChoice::Standalone, "Connector\n")] {
            let variant = Variant { rest: Some(rest), form: Some(form), policy_form: None };
            let answer = Answer { take: Some(true), variant };
            let plan = answered(&held, &[(&fingerprint, answer)], Direction::Connectors);
            assert_eq!(plan.rewrites()[0].fingerprint, fingerprint);
            let text = plan.outcome(&plan.taken()).unwrap().text;
            assert!(text.contains(word), "{text}");
            assert_eq!(text.contains("Policies:"), rest == Rest::Keep && !rewrite.kept.is_empty(), "{text}");
        }
    }
    let no = Answer { take: Some(false), ..Answer::default() };
    let first = planned(CRUD);
    let declined = answered(CRUD, &[(&first.rewrites()[0].fingerprint, no)], Direction::Connectors);
    assert_eq!(declined.rewrites()[0].decision, Decision::Skipped);
}

#[test]
fn an_answer_chooses_where_the_policy_of_a_connector_goes() {
    let wired = planned(CRUD).outcome(&planned(CRUD).taken()).unwrap().text;
    let back = answered(&wired, &[], Direction::Policies);
    let fingerprint = back.rewrites()[0].fingerprint.clone();
    for (policy_form, form) in
        [(PolicyFormChoice::Inline, Form::Inline), (PolicyFormChoice::Resource, Form::Resource)]
    {
        let variant = Variant { policy_form: Some(policy_form), ..Variant::default() };
        let answer = Answer { take: Some(true), variant };
        let plan = answered(&wired, &[(&fingerprint, answer)], Direction::Policies);
        assert_eq!(
            (plan.rewrites()[0].form, plan.rewrites()[0].fingerprint.as_str()),
            (form, fingerprint.as_str())
        );
    }
}

#[test]
fn a_comment_on_a_policy_or_a_connector_keeps_it_as_it_is() {
    let item = "        - DynamoDBCrudPolicy:";
    let with =
        |id: &str| {
            planned(&CRUD.replace(
                item,
                &format!("        {}\n{item}", format_args!("# samwire: ignore[{id}] audited")),
            ))
        };
    assert_eq!(with("function-to-table").taken(), vec![]);
    assert_eq!(with("*").taken(), vec![]);
    assert_eq!(with("function-to-queue").taken().len(), 1);
    let behind = CRUD.replace("!Ref Orders", "!Ref Orders # samwire: ignore[function-to-table] audited");
    assert_eq!(planned(&behind).taken(), vec![]);
    assert_eq!(planned(&format!("# samwire: ignore-file[function-to-table]\n{CRUD}")).taken(), vec![]);

    let wired = planned(CRUD).outcome(&planned(CRUD).taken()).unwrap().text;
    let key = "      ToOrders:";
    let ignored = wired.replace(key, &format!("      {}\n{key}", "# samwire: ignore[function-to-table]"));
    assert_eq!(answered(&wired, &[], Direction::Policies).taken().len(), 1);
    assert_eq!(answered(&ignored, &[], Direction::Policies).taken(), vec![]);
}

#[test]
fn a_comparison_of_two_texts_says_what_whoever_changed_them_did() {
    let source = |text: &str| Source::new("template.yaml", text.as_bytes().to_vec()).unwrap();
    let between = |one: &str, other: &str| {
        compare(&source(one), &source(other), Catalog::builtin(), &Options::default()).unwrap()
    };
    let reader = CRUD.replace("DynamoDBCrudPolicy", "DynamoDBReadPolicy");
    assert_eq!(between(CRUD, CRUD).effect, crate::iam::Effect::Same);
    assert_eq!(between(CRUD, &reader).effect, crate::iam::Effect::Narrower);
    assert_eq!(between(&reader, CRUD).effect, crate::iam::Effect::Wider);
    let broken = CRUD.replace(
        "    Properties:\n      CodeUri",
        "    Connectors: {X: {Properties: {}}}\n    Properties:\n      CodeUri",
    );
    // What is held under an IAM condition implies nothing without it, nor with it.
    let statement = "        - Statement: {Effect: Allow, Action: [dynamodb:GetItem], Resource: !GetAtt Orders.Arn, Condition: {Bool: {aws:SecureTransport: 'true'}}}";
    let template = CRUD.split("        - DynamoDBCrudPolicy").next().unwrap();
    let under = |text: &str| format!("{template}{text}\n  Orders:\n    Type: AWS::Serverless::SimpleTable\n");
    let (one, more) =
        (under(statement), under(&statement.replace("GetItem]", "GetItem, dynamodb:BatchGetItem]")));
    assert_eq!(between(&one, &more).effect, crate::iam::Effect::Wider);
    let free = |text: &str| text.replace(", Condition: {Bool: {aws:SecureTransport: 'true'}}", "");
    assert_eq!(between(&free(&one), &free(&more)).effect, crate::iam::Effect::Equivalent);
    let complaints = between(CRUD, &broken).complaints;
    assert!(
        complaints.len() == 1 && complaints[0].starts_with("connector `ApiX`: Missing"),
        "{complaints:?}"
    );
}

#[test]
fn categories_are_told_in_one_order_however_a_connector_lists_them() {
    let first = planned(CRUD);
    let wired = first.outcome(&first.taken()).unwrap().text;
    let list = |one: &str, other: &str| format!("            - {one}\n            - {other}\n");
    let turned = wired.replace(&list("Read", "Write"), &list("Write", "Read"));
    assert_ne!(turned, wired);
    assert_eq!(answered(&turned, &[], Direction::Policies).rewrites()[0].permissions, ["Read", "Write"]);
}

#[test]
fn places_left_alone_are_told_apart_and_counted_where_they_are_ignored() {
    let statement =
        |action: &str| format!("            - {{Effect: Allow, Action: {action}, Resource: '*'}}\n");
    let with = |statements: &str| {
        let template = "        - DynamoDBCrudPolicy:\n            TableName: !Ref Orders\n";
        planned(&CRUD.replace(template, &format!("        - Statement:\n{statements}")))
    };
    let both = with(&(statement("sqs:SendMessage") + &statement("s3:GetObject")));
    let moved =
        with(&format!("            # above\n{}{}", statement("sqs:SendMessage"), statement("s3:GetObject")));
    let known = |plan: &Plan<'_>| plan.left_alone().iter().map(LeftAlone::fingerprint).collect::<Vec<_>>();
    assert_eq!(known(&both).len(), 2);
    assert_ne!(known(&both)[0], known(&both)[1]);
    assert_eq!(known(&both), known(&moved));
    assert_eq!(both.ignored(), 0);
    let silent = with(&format!(
        "            # samwire: ignore[wildcard-resource] audited\n{}",
        statement("sqs:SendMessage")
    ));
    assert_eq!((silent.left_alone().len(), silent.ignored()), (0, 1));
}

//! Tests of the template view on small documents.

use super::*;
use crate::text::Source;

fn document(text: &str) -> Document {
    Document::parse(Source::new("template.yaml", text.as_bytes().to_vec()).unwrap()).unwrap()
}

fn value(text: &str) -> Expr {
    let doc = document(&format!("x: {text}\n"));
    expression(&doc, doc.get(doc.root(), "x").unwrap())
}

#[test]
fn every_spelling_of_an_intrinsic_is_one_expression() {
    let attribute = Expr::Attribute("T".into(), "Arn".into());
    for text in [
        "!GetAtt T.Arn",
        "!GetAtt [T, Arn]",
        "{Fn::GetAtt: [T, Arn]}",
        "{Fn::GetAtt: T.Arn}",
        "!Sub '${T.Arn}'",
        "!Sub ['${x}', {x: !GetAtt T.Arn}]",
        "!Join ['', [!GetAtt T.Arn]]",
    ] {
        assert_eq!(value(text), attribute, "{text}");
    }
    let spelled = value("!Sub 'a:${AWS::Region}:${!b}'");
    assert_eq!(spelled, value("!Join [':', [a, !Ref AWS::Region, '${b}']]"));
    assert_eq!(value("!Ref AWS::NoValue"), Expr::NoValue);
    assert_eq!(value("!ImportValue x"), value("{Fn::ImportValue: x}"));
    assert_ne!(value("!ImportValue x"), value("!ImportValue y"));
}

#[test]
fn conditions_are_formulas_over_their_leaves() {
    let doc = document(
        "Conditions:\n  Prod: !Equals [!Ref E, prod]\n  Test: !Not [!Condition Prod]\n  Same: !Not [!Equals [!Ref E, prod]]\n  Both: !And [!Condition Prod, !Condition Other]\n  Loop: !Not [!Condition Loop]\n",
    );
    let template = Template::view(&doc);
    assert_eq!(template.condition("Test"), Presence::atom("Prod").negated());
    assert_eq!(template.condition("Same"), template.condition("Test"));
    assert_eq!(template.condition("Both"), Presence::atom("Prod").and(Presence::atom("Other")));
    assert_eq!(template.condition("Loop"), Presence::atom("Loop").negated());
}

#[test]
fn conditions_that_double_stay_bounded() {
    let mut text = String::from("Conditions:\n  C0: !Equals [a, b]\n");
    for i in 1..200 {
        let before = i - 1;
        text.push_str(&format!("  C{i}: !Or [!Not [!Condition C{before}], !Condition C{before}]\n"));
    }
    assert_eq!(Template::view(&document(&text)).conditions().len(), 200);
}

#[test]
fn every_shape_of_policies_is_read() {
    let doc = document(
        "p:\n- AWSXrayWriteOnlyAccess\n- !Ref Managed\n- SQSPollerPolicy: {QueueName: q}\n- Statement: {Effect: Allow, Action: a:B, Resource: '*'}\n- !If [C, {SQSPollerPolicy: {QueueName: q}}, !Ref AWS::NoValue]\n- {A: {}, B: {}}\n-\n",
    );
    let kinds: Vec<String> = policy_slots(&doc, doc.get(doc.root(), "p").unwrap(), Shape::Sam)
        .iter()
        .map(|slot| format!("{:?}", slot.kind).split(['(', ' ', '{']).next().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["Managed", "Managed", "Template", "Document", "If", "Malformed", "Empty"]);
}

#[test]
fn statements_under_an_if_carry_their_condition() {
    let doc = document(
        "p:\n  Statement:\n    - !If\n      - C\n      - {Effect: Allow, Action: [a:B], Resource: x}\n      - !Ref AWS::NoValue\n",
    );
    let slots = policy_slots(&doc, doc.get(doc.root(), "p").unwrap(), Shape::Sam);
    let SlotKind::Document(document) = &slots[0].kind else { panic!("{:?}", slots[0]) };
    assert_eq!(document.statements.len(), 1);
    assert_eq!(document.statements[0].within, [("C".to_owned(), true)]);
}

#[test]
fn connectors_are_read_with_the_translators_complaints() {
    let doc = document(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Connectors:\n      ToT:\n        Properties:\n          Destination: {Id: T}\n          Permissions: [Read]\n      Bad:\n        Properties:\n          Destination: !Ref T\n          Permissions: [Read]\n  C:\n    Type: AWS::Serverless::Connector\n    Condition: X\n    Properties:\n      Source: {Id: F}\n      Destination: [{Id: T}, {Type: 'A::B', Arn: x}]\n      Permissions: [Write]\n",
    );
    let template = Template::view(&doc);
    assert!(template.is_sam());
    let connectors = template.connectors(&doc);
    let ids: Vec<&str> = connectors.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["FToT", "FBad", "C"]);
    assert_eq!(connectors[0].source.id.as_deref(), Some("F"));
    assert!(connectors[0].malformed.is_none());
    assert_eq!(connectors[1].malformed.as_ref().map(|m| &m.complaint), Some(&Complaint::NoType));
    assert!(connectors[2].destination_list && connectors[2].condition.as_deref() == Some("X"));
}

#[test]
fn conditions_that_lead_on_and_on_are_read_to_a_depth() {
    let mut text = String::from("Conditions:\n");
    for i in 0..20_000 {
        text.push_str(&format!("  C{i}: !Condition C{}\n", i + 1));
    }
    let template = Template::view(&document(&text));
    assert_eq!(template.condition("C19999"), template.condition("C20000"));
    assert_eq!(template.condition("C0"), template.condition("C1"));
}

#[test]
fn texts_that_double_stay_bounded() {
    let mut text = String::from("x");
    for _ in 0..60 {
        text = format!("!Sub ['${{a}}${{a}}', {{a: {text}}}]");
    }
    assert!(format!("{:?}", value(&text)).len() < 1 << 22);
    assert_eq!(value("!Sub ['${a}${a}', {a: x}]"), Expr::Text("xx".into()));
}

#[test]
fn a_tag_over_a_long_form_holds_that_intrinsic() {
    let doc =
        document("x: !Base64\n  Fn::Sub: '${T} of ${U.Arn}'\ny: {Fn::Base64: !Sub '${T} of ${U.Arn}'}\n");
    let at = |key: &str| doc.get(doc.root(), key).unwrap();
    assert_eq!(references(&doc, at("x")), ["T", "U"].map(String::from).into());
    assert_eq!(canonical(&doc, at("x")), canonical(&doc, at("y")));
}

#[test]
fn an_alias_as_a_key_is_the_text_that_it_stands_for() {
    let doc = document("a: &k Name\nm:\n  *k : 1\n  b: 2\n");
    let map = doc.get(doc.root(), "m").unwrap();
    let pairs: Vec<(usize, &str)> = doc.indexed_pairs(map).map(|(index, key, ..)| (index, key)).collect();
    assert_eq!(pairs, [(0, "Name"), (1, "b")]);
    assert_eq!(canonical(&doc, map), "{Name: 1, b: 2}");
}

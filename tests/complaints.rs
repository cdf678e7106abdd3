//! Connectors that SAM refuses: for every complaint that the translator has, the findings say the same in the same
//! words, say what to do, and leave the connector alone on the way back.

mod support;

use samwire::catalog::Catalog;
use samwire::check::findings;
use samwire::plan::{Direction, Options, Plan, Reason, plan};
use samwire::text::Source;
use support::{Form, Request, oracle};

const FUNCTION: &str =
    "Type: AWS::Serverless::Function\n    Properties: {Runtime: python3.13, Handler: a.b, InlineCode: pass}";

/// A template around resources that every case has and those of the case.
fn template(resources: &str) -> String {
    format!(
        "Transform: AWS::Serverless-2016-10-31\nParameters:\n  Name: {{Type: String, Default: Items}}\nConditions:\n  C: !Equals [!Ref Name, x]\nResources:\n  Items:\n    Type: AWS::Serverless::SimpleTable\n  Orders:\n    {FUNCTION}\n  Topic:\n    Type: AWS::SNS::Topic\n{resources}"
    )
}

fn standalone(properties: &str) -> String {
    format!("  Wire:\n    Type: AWS::Serverless::Connector\n    Properties: {properties}\n")
}

fn embedded(connectors: &str) -> String {
    format!("  Caller:\n    {FUNCTION}\n    Connectors: {connectors}\n")
}

/// What SAM refuses: a word for the case, and resources with exactly one broken connector.
fn refused() -> Vec<(&'static str, String)> {
    let to_items = "Destination: {Id: Items}, Permissions: [Read]";
    vec![
        ("no Source", standalone(&format!("{{{to_items}}}"))),
        ("no Destination", standalone("{Source: {Id: Orders}, Permissions: [Read]}")),
        ("no Permissions", standalone("{Source: {Id: Orders}, Destination: {Id: Items}}")),
        ("Permissions are null", standalone("{Source: {Id: Orders}, Destination: {Id: Items}, Permissions: null}")),
        ("Source is a string", standalone(&format!("{{Source: Orders, {to_items}}}"))),
        ("Source is a Ref", standalone(&format!("{{Source: !Ref Orders, {to_items}}}"))),
        ("Destination is a string", standalone("{Source: {Id: Orders}, Destination: Items, Permissions: [Read]}")),
        ("Destination is a Ref", standalone("{Source: {Id: Orders}, Destination: !Ref Items, Permissions: [Read]}")),
        ("Destination is a choice", standalone("{Source: {Id: Orders}, Destination: !If [C, {Id: Items}, {Id: Items}], Permissions: [Read]}")),
        ("a destination is a string", standalone("{Source: {Id: Orders}, Destination: [{Id: Items}, Items], Permissions: [Read]}")),
        ("a destination is a choice", standalone("{Source: {Id: Orders}, Destination: [{Id: Items}, !If [C, {Id: Items}, {Id: Items}]], Permissions: [Read]}")),
        ("no destination in the list", standalone("{Source: {Id: Orders}, Destination: [], Permissions: [Read]}")),
        ("Permissions are a string", standalone("{Source: {Id: Orders}, Destination: {Id: Items}, Permissions: Read}")),
        ("a permission is a number", standalone("{Source: {Id: Orders}, Destination: {Id: Items}, Permissions: [1]}")),
        ("no permission in the list", standalone("{Source: {Id: Orders}, Destination: {Id: Items}, Permissions: []}")),
        ("small letters", standalone("{Source: {Id: Orders}, Destination: {Id: Items}, Permissions: [read]}")),
        ("a category of others", standalone("{Source: {Id: Orders}, Destination: {Id: Topic}, Permissions: [Read]}")),
        (
            "half of a combination",
            "  Queue:\n    Type: AWS::SQS::Queue\n".to_owned()
                + &standalone("{Source: {Id: Queue}, Destination: {Id: Orders}, Permissions: [Read]}"),
        ),
        ("an unknown property", standalone(&format!("{{Source: {{Id: Orders}}, Bogus: 1, {to_items}}}"))),
        ("an Id that is a Ref", standalone(&format!("{{Source: {{Id: !Ref Orders}}, {to_items}}}"))),
        ("an Id that is a number", standalone(&format!("{{Source: {{Id: 12}}, {to_items}}}"))),
        ("an Id that is empty", standalone(&format!("{{Source: {{Id: ''}}, {to_items}}}"))),
        ("an Id of nothing", standalone(&format!("{{Source: {{Id: Nobody}}, {to_items}}}"))),
        ("Id and Arn", standalone(&format!("{{Source: {{Id: Orders, Arn: x}}, {to_items}}}"))),
        ("Id and Type", standalone(&format!("{{Source: {{Id: Orders, Type: 'AWS::Lambda::Function'}}, {to_items}}}"))),
        ("nothing in a reference", standalone(&format!("{{Source: {{}}, {to_items}}}"))),
        ("Qualifier alone", standalone(&format!("{{Source: {{Qualifier: q}}, {to_items}}}"))),
        ("Arn without Type", standalone(&format!("{{Source: {{Arn: x}}, {to_items}}}"))),
        ("Type that is a Ref", standalone(&format!("{{Source: {{Type: !Ref Name, Arn: x}}, {to_items}}}"))),
        ("no RoleName", standalone(&format!("{{Source: {{Type: 'AWS::Lambda::Function', Arn: x}}, {to_items}}}"))),
        ("no Arn of the destination", standalone("{Source: {Id: Orders}, Destination: {Type: 'AWS::DynamoDB::Table', Name: x}, Permissions: [Read]}")),
        (
            "no Name of a state machine",
            standalone("{Source: {Id: Orders}, Destination: {Type: 'AWS::StepFunctions::StateMachine', Arn: x}, Permissions: [Read]}"),
        ),
        ("no ResourceId of an API", standalone("{Source: {Type: 'AWS::ApiGateway::RestApi', Qualifier: q}, Destination: {Id: Orders}, Permissions: [Write]}")),
        ("no Qualifier of an API", standalone("{Source: {Type: 'AWS::ApiGateway::RestApi', ResourceId: q}, Destination: {Id: Orders}, Permissions: [Write]}")),
        ("no ARN of a function", standalone("{Source: {Id: Topic}, Destination: {Type: 'AWS::Lambda::Function', RoleName: r}, Permissions: [Write]}")),
        (
            "no ARN of a topic",
            "  Rule:\n    Type: AWS::Events::Rule\n    Properties: {ScheduleExpression: rate(1 day)}\n".to_owned()
                + &standalone("{Source: {Id: Rule}, Destination: {Type: 'AWS::SNS::Topic', Name: r}, Permissions: [Write]}"),
        ),
        ("no URL of a queue", standalone("{Source: {Id: Topic}, Destination: {Type: 'AWS::SQS::Queue', Arn: r}, Permissions: [Write]}")),
        ("a pair without profile", standalone("{Source: {Id: Topic}, Destination: {Id: Items}, Permissions: [Write]}")),
        ("a type that no profile has", standalone(&format!("{{Source: {{Type: 'AWS::Glue::Job', Arn: x}}, {to_items}}}"))),
        (
            "a role that is text",
            format!(
                "  Caller:\n    {}\n    Connectors: {{ToItems: {{Properties: {{{to_items}}}}}}}\n",
                FUNCTION.replace("pass", "pass, Role: 'arn:aws:iam::123456789012:role/x'")
            ),
        ),
        (
            "a rule without a role",
            "  Rule:\n    Type: AWS::Events::Rule\n    Properties:\n      ScheduleExpression: rate(1 day)\n      Targets: [{Id: t, Arn: !Ref Machine}]\n  Machine:\n    Type: AWS::Serverless::StateMachine\n    Properties: {Definition: {StartAt: A, States: {A: {Type: Succeed}}}}\n".to_owned()
                + &standalone("{Source: {Id: Rule}, Destination: {Id: Machine}, Permissions: [Write]}"),
        ),
        ("Properties are a list", "  Wire:\n    Type: AWS::Serverless::Connector\n    Properties: []\n".to_owned()),
        ("a connector is null", embedded("{ToItems: null}")),
        ("a connector without Properties", embedded("{ToItems: {Condition: C}}")),
        ("its Properties are a string", embedded("{ToItems: {Properties: x}}")),
        ("Connectors are null", embedded("null")),
        ("Connectors are a list", embedded("[]")),
        ("a key with a hyphen", embedded(&format!("{{To-Items: {{Properties: {{{to_items}}}}}}}"))),
        ("the id of a resource", embedded(&format!("{{A: {{Properties: {{{to_items}}}}}}}")) + "  CallerA:\n    Type: AWS::SNS::Topic\n"),
        ("the id of its role", embedded(&format!("{{Role: {{Properties: {{{to_items}}}}}}}"))),
        ("what it generates is there", embedded(&format!("{{A: {{Properties: {{{to_items}}}}}}}")) + "  CallerAPolicy:\n    Type: AWS::SNS::Topic\n"),
        (
            "what a list generates is there",
            embedded("{A: {Properties: {Destination: [{Id: Items}], Permissions: [Read]}}}")
                + "  CallerAPolicyDestination0:\n    Type: AWS::SNS::Topic\n",
        ),
        ("SourceReference is a string", embedded(&format!("{{A: {{Properties: {{SourceReference: x, {to_items}}}}}}}"))),
        ("SourceReference with Id", embedded(&format!("{{A: {{Properties: {{SourceReference: {{Id: Orders}}, {to_items}}}}}}}"))),
        ("SourceReference with Arn", embedded(&format!("{{A: {{Properties: {{SourceReference: {{Arn: x}}, {to_items}}}}}}}"))),
        ("an unknown property inside", embedded(&format!("{{A: {{Properties: {{Bogus: x, {to_items}}}}}}}"))),
    ]
}

/// What SAM takes, but which says something else than it seems to, or what only SAM knows.
fn doubtful() -> Vec<(&'static str, String)> {
    let to = |id: &str| format!("{{Properties: {{Destination: {{Id: {id}}}, Permissions: [Read]}}}}");
    vec![
        (
            "silently takes the place",
            format!(
                "  Call:\n    {FUNCTION}\n    Connectors: {{erA: {}}}\n  Caller:\n    {FUNCTION}\n    Connectors: {{A: {}}}\n",
                to("Items"),
                to("Items")
            ),
        ),
        (
            "takes what the role",
            format!(
                "  Caller:\n    {}\n    Connectors: {{ToItems: {}}}\n",
                FUNCTION.replace("pass", "pass, Role: !Ref Name"),
                to("Items")
            ),
        ),
        (
            "that SAM or a macro generates",
            format!(
                "  Caller:\n    {}\n{}",
                FUNCTION
                    .replace("pass", "pass, Events: {E: {Type: Api, Properties: {Path: /, Method: get}}}"),
                standalone(
                    "{Source: {Id: ServerlessRestApi}, Destination: {Id: Caller}, Permissions: [Write]}"
                )
            ),
        ),
    ]
}

fn planned(text: &str) -> Plan<'static> {
    let source = Source::new("template.yaml", text.as_bytes().to_vec()).expect("it is UTF-8");
    let options = Options { direction: Direction::Policies, ..Options::default() };
    plan(source, Catalog::builtin(), &options).expect("it parses")
}

/// What is said of broken connectors.
fn said(plan: &Plan<'_>) -> Vec<String> {
    let findings = findings(plan).into_iter().filter(|finding| finding.kind.id.starts_with("connector-"));
    findings.map(|finding| finding.message).collect()
}

#[test]
fn a_refused_connector_is_explained_in_the_words_of_the_translator() {
    let sound = template("");
    let cases: Vec<(&str, String)> =
        refused().into_iter().map(|(name, resources)| (name, template(&resources))).collect();
    let requests: Vec<Request> = cases
        .iter()
        .map(|(name, text)| Request {
            id: (*name).to_owned(),
            before: text.clone(),
            after: sound.clone(),
            format: Form::Yaml,
            added: Vec::new(),
            removed: Vec::new(),
            kept: Vec::new(),
            identical: None,
        })
        .collect();
    let verdicts = oracle().map(|oracle| oracle.judge(&requests)).unwrap_or_default();
    let mut wrong = Vec::new();
    for (number, (name, text)) in cases.iter().enumerate() {
        let plan = planned(text);
        let said = said(&plan);
        let [message] = said.as_slice() else {
            wrong.push(format!("{name}: {said:?}"));
            continue;
        };
        if !plan.rewrites().is_empty() {
            wrong.push(format!("{name}: it is rewritten all the same"));
        }
        if let Some(verdict) = verdicts.get(number) {
            let theirs =
                verdict.details.first().map(|detail| detail["before"].to_string()).unwrap_or_default();
            let theirs: Vec<String> = serde_json::from_str(&theirs).unwrap_or_default();
            let [theirs] = theirs.as_slice() else {
                wrong.push(format!("{name}: the translator says {theirs:?}, we {message}"));
                continue;
            };
            let bare = theirs.split_once("is invalid. ").map_or(theirs.as_str(), |(_, bare)| bare);
            if !message.contains(&format!(": {bare}")) {
                wrong.push(format!("{name}: the translator says {theirs}, we {message}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_doubtful_connector_is_left_alone_without_a_false_accusation() {
    for (words, resources) in doubtful() {
        let plan = planned(&template(&resources));
        let said = said(&plan);
        assert!(said.len() == 1 && said[0].contains(words) && !said[0].contains("SAM refuses"), "{said:?}");
        let broken = plan.left_alone().iter().filter(|left| left.reason == Reason::BrokenConnector).count();
        assert_eq!(broken, 1, "{words}");
    }
}

#[test]
fn a_key_that_is_no_string_is_told_apart_from_one_in_quotes() {
    let with = |key: &str| {
        let connectors =
            format!("{{{key}: {{Properties: {{Destination: {{Id: Items}}, Permissions: [Read]}}}}}}");
        said(&planned(&template(&embedded(&connectors))))
    };
    for key in ["1", "Yes", "on", "null", "12_000"] {
        assert!(with(key).iter().any(|message| message.contains("no string")), "{key}");
    }
    for key in ["'1'", "\"Yes\"", "yEs", "A1", "Y"] {
        assert!(with(key).is_empty(), "{key}: {:?}", with(key));
    }
}

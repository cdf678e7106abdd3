//! Who may do what, and what a change does to it: every grant is in every table, connectors and the policies that say the
//! same come to the same, the verdict on a change is that of the plan which makes it, and no text of a template gets out of
//! its place in any format.

mod fixture_support;

use fixture_support::{Case, cases, demo_templates, root};
use samwire::analysis::{Analysis, Partition, Resolver, analyse};
use samwire::catalog::Catalog;
use samwire::check::{AccessIndex, GrantTable, TemplateComparison, compare_templates, grant_table};
use samwire::iam::{Effect, Permission};
use samwire::plan::{Consent, Direction};
use samwire::report::{
    ComparisonFacts, ComparisonReport, GrantsFacts, GrantsReport, Paint, Status, write_comparison_json,
    write_comparison_markdown, write_comparison_text, write_grants_dot, write_grants_json,
    write_grants_mermaid, write_grants_svg, write_grants_table,
};
use samwire::syntax::Document;
use samwire::template::Template;
use samwire::text::Source;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Set to write the picture of the documentation instead of comparing it.
const REWRITE: &str = "SAMWIRE_BLESS";

fn document(name: &str, text: &str) -> Option<Document> {
    Document::parse(Source::new(name, text.as_bytes().to_vec()).ok()?).ok()
}

fn table_of(doc: &Document) -> (GrantTable, Analysis) {
    let template = Template::view(doc);
    let resolver = Resolver::new(doc, &template, Catalog::builtin(), Partition::Aws);
    let analysis = analyse(&resolver);
    (grant_table(&resolver, &analysis, &AccessIndex::of(Catalog::builtin())), analysis)
}

fn report(name: &str, doc: &Document) -> GrantsReport {
    let answer = Some((doc.source().clone(), table_of(doc).0));
    GrantsReport { path: name.into(), status: Status::Unchanged, problem: None, answer }
}

fn json_of(name: &str, doc: &Document) -> Value {
    let facts = GrantsFacts { version: "0", transforms: "t", filtered: false, exit: 0 };
    let mut out = Vec::new();
    write_grants_json(&mut out, &[report(name, doc)], facts).expect("a Vec takes everything");
    serde_json::from_slice(&out).expect("the report is JSON")
}

/// One grant without where it comes from.
fn atom(value: &Value) -> String {
    let fields = ["principal", "effect", "action", "resource", "on", "condition", "when"];
    fields.map(|field| value[field].to_string()).join(" ")
}

/// Every template that the tests can reach: fixtures, and a corpus where `SAMWIRE_CORPUS` names one.
fn texts() -> Vec<(PathBuf, String)> {
    let mut open = vec![root()];
    open.extend(std::env::var_os("SAMWIRE_CORPUS").map(PathBuf::from));
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let named =
                path.extension().is_some_and(|e| ["yaml", "yml", "json", "template"].iter().any(|k| e == *k));
            if path.is_dir() {
                open.push(path);
            } else if let (true, Ok(text)) = (named, std::fs::read_to_string(&path)) {
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_grant_is_in_the_table_and_none_is_made_up() {
    let mut looked = 0;
    for (path, text) in texts() {
        let Some(doc) = document(&path.to_string_lossy(), &text) else { continue };
        let (table, analysis) = table_of(&doc);
        let json = json_of("t", &doc);
        let grants = json["files"][0]["grants"].as_array().expect("a list");
        let shown: BTreeSet<String> = grants
            .iter()
            .map(|g| format!("{} {} {} {}", g["principal"], g["effect"], g["action"], g["resource"]))
            .collect();
        let mut real = BTreeSet::new();
        for grant in analysis.effective().iter() {
            let effect = if grant.allow { "allow" } else { "deny" };
            let word = |text: String| Value::from(text).to_string();
            let words = [
                word(grant.principal.to_string()),
                word(effect.into()),
                word(grant.action.to_string()),
                word(grant.resource.to_string()),
            ];
            if grant.action.as_str() != "(statement)" {
                real.insert(words.join(" "));
            } else {
                assert!(
                    !table.is_complete(),
                    "{}: an unread statement makes a table incomplete",
                    path.display()
                );
            }
        }
        assert_eq!(shown, real, "{}", path.display());
        looked += 1;
    }
    assert!(looked > 200, "{looked}");
}

#[test]
fn connectors_and_the_policies_that_say_the_same_have_one_table() {
    let mut compared = 0;
    for case in cases().iter().filter(|case| case.options.direction == Direction::Policies) {
        let (Some(before), Some(after)) =
            (document("t.yaml", &case.before), case.after().and_then(|text| document("t.yaml", &text)))
        else {
            continue;
        };
        let plan = case.plan(&case.before).expect("fixtures parse");
        let delta = plan.delta(&plan.taken());
        if !delta.added.is_empty() || !delta.removed.is_empty() {
            continue;
        }
        let atoms = |doc: &Document| -> BTreeSet<String> {
            let json = json_of("t", doc);
            json["files"][0]["grants"].as_array().expect("a list").iter().map(atom).collect()
        };
        assert_eq!(atoms(&before), atoms(&after), "{}", case.name);
        compared += 1;
    }
    assert!(compared >= 10, "{compared}");
}

fn comparison(before: Option<&str>, after: Option<&str>) -> TemplateComparison {
    let parse = |text: Option<&str>| text.map(|text| document("t.yaml", text).expect("the text parses"));
    let (before, after) = (parse(before), parse(after));
    compare_templates(
        before.as_ref(),
        after.as_ref(),
        Catalog::builtin(),
        &Consent::default(),
        Partition::Aws,
    )
}

#[test]
fn the_verdict_on_a_change_is_that_of_the_plan_that_makes_it() {
    let mut compared = 0;
    for case in cases() {
        let Some(after) = case.after() else { continue };
        let found = compare(&case, &after);
        let plan = case.plan(&case.before).expect("fixtures parse");
        let delta = plan.delta(&plan.taken());
        let expected = Effect::of(&delta.added, &delta.removed, false);
        // The names of conditions may come in another order.
        let words = |p: &Permission| format!("{:?}", Permission { when: None, ..p.clone() });
        let told: BTreeSet<String> =
            found.changes.iter().flat_map(|c| &c.added).map(|(p, _)| words(p)).collect();
        let stated: BTreeSet<String> = delta.added.iter().filter(|p| !p.inert).map(words).collect();
        assert!(stated.is_subset(&told), "{}: {stated:#?} {told:#?}", case.name);
        assert_eq!(found.effect, expected, "{}", case.name);
        let back = Effect::of(&delta.removed, &delta.added, false);
        if back == Effect::Same {
            assert_eq!(comparison_of(&case, &after, &case.before).effect, back, "{} back", case.name);
        }
        compared += 1;
    }
    assert!(compared > 100, "{compared}");
}

fn compare(case: &Case, after: &str) -> TemplateComparison {
    comparison_of(case, &case.before, after)
}

fn comparison_of(case: &Case, before: &str, after: &str) -> TemplateComparison {
    let name = format!("t.{}", case.extension);
    let (before, after) = (document(&name, before), document(&name, after));
    let partition = case.options.partition;
    compare_templates(before.as_ref(), after.as_ref(), Catalog::builtin(), &case.options.consent, partition)
}

/// A template with one role, and this text in it.
fn role(id: &str, statements: &str, more: &str) -> String {
    format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  T:\n    Type: AWS::DynamoDB::Table\n  {id}:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n        Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}]\n{more}      Policies:\n        - PolicyName: p\n          PolicyDocument:\n            Statement:\n{statements}"
    )
}

fn statement(effect: &str, action: &str) -> String {
    format!("              - {{Effect: {effect}, Action: {action}, Resource: !GetAtt T.Arn}}\n")
}

#[test]
fn what_comes_and_goes_is_judged() {
    let (get, put) = (statement("Allow", "dynamodb:GetItem"), statement("Allow", "dynamodb:PutItem"));
    let deny = statement("Deny", "dynamodb:DeleteItem");
    let not = "              - {Effect: Allow, NotAction: 'iam:*', Resource: '*'}\n";
    let macro_ = "              - Fn::Transform: {Name: Make}\n";
    let both = format!("{get}{put}");
    let with = |statements: &str| role("R", statements, "");
    let managed = "      ManagedPolicyArns: ['arn:aws:iam::123456789012:policy/own']\n";
    let boundary = "      PermissionsBoundary: arn:aws:iam::123456789012:policy/limit\n";
    for (before, after, effect) in [
        (with(&get), with(&get), Effect::Same),
        (with(&get), with(&both), Effect::Wider),
        (with(&both), with(&get), Effect::Narrower),
        (with(&get), with(&put), Effect::Mixed),
        (with(&get), with(&statement("Allow", "dynamodb:BatchGetItem")), Effect::Narrower),
        (
            with(&get),
            with(&format!("{get}{}", statement("Allow", "dynamodb:BatchGetItem"))),
            Effect::Equivalent,
        ),
        // Less is denied, so more is allowed.
        (with(&format!("{get}{deny}")), with(&get), Effect::Wider),
        (with(&get), with(&format!("{get}{deny}")), Effect::Narrower),
        // What cannot be read may be anything.
        (with(&get), with(&format!("{get}{not}")), Effect::Unknown),
        (with(&format!("{get}{not}")), with(&get), Effect::Unknown),
        (with(&format!("{get}{not}")), with(&format!("{get}{not}")), Effect::Same),
        (with(&get), with(&format!("{get}{macro_}")), Effect::Unknown),
        (with(&get), role("R", &get, managed), Effect::Unknown),
        (role("R", &get, managed), with(&get), Effect::Narrower),
        (role("R", &get, boundary), with(&get), Effect::Unknown),
        (role("R", &get, boundary), role("R", &get, boundary), Effect::Same),
        // Nobody guesses that a role has a new name.
        (with(&get), role("S", &get, ""), Effect::Mixed),
        (with(&get), with(&get).replace("lambda.amazonaws.com", "ec2.amazonaws.com"), Effect::Unknown),
    ] {
        let found = comparison(Some(&before), Some(&after));
        assert_eq!(found.effect, effect, "{before}\n{after}\n{found:#?}");
        let fails = matches!(effect, Effect::Wider | Effect::Mixed | Effect::Unknown);
        assert_eq!(found.beyond_consent, fails, "{before}\n{after}");
    }
    assert_eq!(comparison(None, Some(&with(&get))).effect, Effect::Wider);
    assert_eq!(comparison(Some(&with(&get)), None).effect, Effect::Narrower);
}

#[test]
fn a_function_that_takes_a_role_with_more_gains() {
    let get = statement("Allow", "dynamodb:GetItem");
    let put = statement("Allow", "dynamodb:PutItem");
    let strong = role("Strong", &format!("{get}{put}"), "");
    let weak = role("Weak", &get, "")
        .split_once("  Weak:")
        .map(|(_, rest)| format!("  Weak:{rest}"))
        .expect("it has one");
    let with = |role: &str| {
        format!(
            "{strong}{weak}  F:\n    Type: AWS::Serverless::Function\n    Properties: {{Role: !GetAtt {role}.Arn}}\n"
        )
    };
    let (weak, strong) = (with("Weak"), with("Strong"));
    assert_eq!(comparison(Some(&weak), Some(&strong)).effect, Effect::Wider);
    assert_eq!(comparison(Some(&strong), Some(&weak)).effect, Effect::Narrower);
    assert_eq!(comparison(Some(&strong), Some(&strong)).effect, Effect::Same);
}

/// A function, with what stands in its properties, behind what stands before the resources.
fn with_function(before: &str, properties: &str) -> String {
    format!(
        "Transform: AWS::Serverless-2016-10-31\nConditions:\n  C: !Equals [!Ref AWS::Region, here]\n{before}Resources:\n  Other: {{Type: AWS::SNS::Topic}}\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: src/\n{properties}"
    )
}

/// What cannot be read, and what SAM puts together from several places, counts with the conditions and places that it has.
#[test]
fn a_change_of_what_is_not_read_is_no_small_change() {
    let policy = |item: &str| with_function("", &format!("      Policies:\n        - {item}\n"));
    let everything = "{Statement: {Effect: Allow, NotAction: 'iam:*', Resource: '*'}}";
    let sometimes = |item: &str| format!("!If [C, {item}, !Ref AWS::NoValue]");
    let named = "AWSLambdaSQSQueueExecutionRole";
    let queue =
        "{Statement: {Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/${aws:username}'}}";
    let url = |kind: &str| with_function("", &format!("      FunctionUrlConfig: {{AuthType: {kind}}}\n"));
    let globals = |config: &str| {
        with_function(
            &format!("Globals: {{Function: {{EventInvokeConfig: {config}}}}}\n"),
            "      EventInvokeConfig: {MaximumEventAgeInSeconds: 60}\n",
        )
    };
    let trust = |who: &str| {
        let trust = format!("{{Statement: {{Effect: Allow, Principal: {who}, Action: 'sts:AssumeRole'}}}}");
        with_function(&format!("Globals: {{Function: {{AssumeRolePolicyDocument: {trust}}}}}\n"), "")
    };
    let cases = [
        (policy(&sometimes(everything)), policy(everything), Effect::Unknown),
        (policy(&sometimes("UnknownPolicy")), policy("UnknownPolicy"), Effect::Unknown),
        (
            policy(&sometimes(named)),
            policy(&format!("{named}\n        - {}", sometimes(named))),
            Effect::Wider,
        ),
        (
            policy(&format!("{}\n        - {named}", sometimes(named))),
            policy(&format!("{named}\n        - {}", sometimes(named))),
            Effect::Same,
        ),
        (
            policy(queue),
            policy(&queue.replace("{Statement", "{Version: '2012-10-17', Statement")),
            Effect::Unknown,
        ),
        (url("AWS_IAM"), url("NONE"), Effect::Unknown),
        (
            globals("{MaximumRetryAttempts: 1}"),
            globals("{DestinationConfig: {OnFailure: {Type: SNS, Destination: !Ref Other}}}"),
            Effect::Wider,
        ),
        (trust("{Service: lambda.amazonaws.com}"), trust("{AWS: '*'}"), Effect::Unknown),
    ];
    for (before, after, effect) in &cases {
        assert_eq!(comparison(Some(before), Some(before)).effect, Effect::Same, "{before}");
        assert_eq!(comparison(Some(before), Some(after)).effect, *effect, "{before}\n{after}");
    }
}

#[test]
fn a_new_resource_is_known_to_the_judgement() {
    let function =
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n";
    let table = "  New:\n    Type: AWS::DynamoDB::Table\n";
    let policy = "    Properties:\n      Policies:\n        - DynamoDBWritePolicy: {TableName: !Ref New}\n";
    let found = comparison(Some(function), Some(&format!("{function}{policy}{table}")));
    assert_eq!(found.effect, Effect::Wider);
    let inert = |action: &str| {
        let mut all = found.changes.iter().flat_map(|change| &change.added);
        all.any(|(p, _)| p.action == action && p.resource == "${New.Arn}/index/*" && p.inert)
    };
    assert!(inert("dynamodb:PutItem"), "{found:#?}");
}

#[test]
fn no_text_of_a_template_gets_out_of_its_place() {
    let hostile =
        "x|y`z</title><script>alert(1)</script>\\\"'&%%{init: {}}%%;end]-->\\n\\u001b[31m\\u202e[a](b) @team";
    let text = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  \"{hostile}\":\n    Type: AWS::Serverless::Function\n    Properties:\n      Policies:\n        - Statement:\n            - {{Effect: Allow, Action: \"s3:{hostile}\", Resource: \"{hostile}\", Condition: {{\"{hostile}\": 1}}}}\n"
    );
    let doc = document("t.yaml", &text).expect("it parses");
    let report = [report("a|`</title>\"\n%%.yaml", &doc)];
    let facts = GrantsFacts { version: "0", transforms: "t", filtered: false, exit: 0 };
    let written = |write: &dyn Fn(&mut Vec<u8>) -> std::io::Result<()>| {
        let mut out = Vec::new();
        write(&mut out).expect("a Vec takes everything");
        String::from_utf8(out).expect("reports are UTF-8")
    };
    let no_controls = |text: &str| {
        assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text}")
    };

    let table = written(&|out| write_grants_table(out, &report, Paint::PLAIN, true, false));
    no_controls(&table);
    serde_json::from_str::<Value>(&written(&|out| write_grants_json(out, &report, facts))).expect("JSON");

    let svg = written(&|out| write_grants_svg(out, &report));
    no_controls(&svg);
    assert_eq!(well_formed(&svg), Ok(()), "{svg}");
    assert!(!svg.contains("<script") && !svg.contains("href"), "{svg}");

    let dot = written(&|out| write_grants_dot(out, &report));
    no_controls(&dot);
    for line in dot.lines() {
        let bare = line.replace("\\\\", "").replace("\\\"", "");
        assert!(bare.matches('"').count() % 2 == 0, "{line}");
    }

    let mermaid = written(&|out| write_grants_mermaid(out, &report));
    no_controls(&mermaid);
    for line in mermaid.lines() {
        assert!(line.matches('"').count() <= 2 && !line.contains("%%") && !line.contains('<'), "{line}");
    }

    let parts = text.split_once("      Policies").expect("it has policies");
    let before = document("t.yaml", &format!("{}      Timeout: 3\n", parts.0)).expect("it parses");
    let answer =
        compare_templates(Some(&before), Some(&doc), Catalog::builtin(), &Consent::default(), Partition::Aws);
    let compared = [ComparisonReport {
        path: "a|`</title>\n.yaml".into(),
        status: Status::Unchanged,
        problem: None,
        before: Some(before.source().clone()),
        after: Some(doc.source().clone()),
        answer: Some(answer),
    }];
    no_controls(&written(&|out| write_comparison_text(out, &compared, Paint::PLAIN, true)));
    let facts = ComparisonFacts { version: "0", transforms: "t", old: hostile, new: hostile, exit: 1 };
    serde_json::from_str::<Value>(&written(&|out| write_comparison_json(out, &compared, facts)))
        .expect("JSON");
    let markdown = written(&|out| write_comparison_markdown(out, &compared));
    no_controls(&markdown);
    assert!(
        !markdown.contains("script>") && !markdown.contains("@team") && !markdown.contains('`'),
        "{markdown}"
    );
    for row in markdown.lines().filter(|line| line.starts_with("| <code>")) {
        assert_eq!(row.matches('|').count(), 5, "{row}");
    }
}

/// Whether every element is closed and no attribute or text holds a bare `<` or `&`.
fn well_formed(text: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    for piece in text.split('<').skip(1) {
        let (tag, rest) = piece.split_once('>').ok_or_else(|| format!("`<{piece}` is never ended"))?;
        for entity in tag.split('&').skip(1).chain(rest.split('&').skip(1)) {
            if !["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|known| entity.starts_with(known)) {
                return Err(format!("`&{entity}` is no entity"));
            }
        }
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return Err(format!("`</{name}>` closes something else"));
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        if tag.matches('"').count() % 2 != 0 {
            return Err(format!("`{tag}` has half an attribute"));
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("{open:?} are never closed")) }
}

#[test]
fn pictures_are_well_formed_and_say_the_same_each_time() {
    for path in demo_templates() {
        let text = std::fs::read_to_string(&path).expect("the demonstration is readable");
        let doc = document("t.yaml", &text).expect("it parses");
        let draw = || {
            let mut out = Vec::new();
            write_grants_svg(&mut out, &[report("t.yaml", &doc)]).expect("a Vec takes everything");
            String::from_utf8(out).expect("UTF-8")
        };
        assert_eq!(well_formed(&draw()), Ok(()));
        assert_eq!(draw(), draw());
    }
}

#[test]
fn the_picture_of_the_documentation_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("fixtures/demo/orders/template.yaml"))
        .expect("the demonstration is readable");
    let doc = document("template.yaml", &text).expect("it parses");
    let mut drawn = Vec::new();
    write_grants_svg(&mut drawn, &[report("template.yaml", &doc)]).expect("a Vec takes everything");
    let path = root.join("docs/images/grants.svg");
    if std::env::var_os(REWRITE).is_some() {
        std::fs::create_dir_all(root.join("docs/images")).expect("docs/ can be written");
        std::fs::write(&path, &drawn).expect("docs/ can be written");
    }
    let kept = std::fs::read(&path).expect("docs/images/grants.svg is there");
    assert!(
        kept == drawn,
        "docs/images/grants.svg is stale: run this test once with {REWRITE}=1, then look at it"
    );
}

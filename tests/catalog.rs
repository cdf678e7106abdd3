//! The built-in definitions and the checks on added ones.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use samwire::catalog::{Catalog, GrantKind, Holder, Meaning, ParameterKind, ValueSource, placeholders};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Every YAML file of `transforms/` with its path below it.
fn definition_files() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("transforms");
    let mut files = Vec::new();
    for directory in ["", "profiles", "policy-templates", "actions", "deployer"] {
        for entry in std::fs::read_dir(root.join(directory)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "yaml") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                files.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn stems(directory: &str) -> BTreeSet<String> {
    let in_directory = |name: &str| Some(name.strip_prefix(directory)?.strip_suffix(".yaml")?.to_owned());
    definition_files().iter().filter_map(|(name, _)| in_directory(name)).collect()
}

/// What the checks say about one added file.
fn complaint(name: &str, text: &str) -> String {
    match Catalog::load(&[(name.to_owned(), text.as_bytes().to_vec())]) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_builtin_definition_passes_every_check() {
    let checked = Catalog::load(&definition_files()).unwrap_or_else(|error| panic!("{error}"));
    let builtin = Catalog::builtin();
    assert_eq!(checked.to_json()["profiles"], builtin.to_json()["profiles"]);
    assert_eq!(checked.to_json()["policy_templates"], builtin.to_json()["policy_templates"]);
    assert_eq!(checked.to_json()["types"], builtin.to_json()["types"]);
    assert_eq!(checked.to_json()["implications"], builtin.to_json()["implications"]);
    assert_eq!(checked.to_json()["managed_policies"], builtin.to_json()["managed_policies"]);
    assert_eq!(checked.to_json()["deployer"], builtin.to_json()["deployer"]);
}

#[test]
fn every_definition_file_is_embedded_under_its_name() {
    let catalog = Catalog::builtin();
    let profiles: BTreeSet<String> = catalog.profiles().map(|profile| profile.id.clone()).collect();
    assert_eq!(profiles, stems("profiles/"));
    assert_eq!(profiles.len(), 31);
    let templates: BTreeSet<String> = catalog.templates().map(|template| template.name.clone()).collect();
    assert_eq!(templates, stems("policy-templates/"));
    assert_eq!(templates.len(), 81);
    assert!(catalog.template_names().eq(templates.iter().map(String::as_str)));
    for service in stems("actions/") {
        assert!(catalog.actions(&service).is_some(), "actions/{service}.yaml is not listed");
    }
}

#[test]
fn every_implication_and_profile_uses_actions_that_exist() {
    let catalog = Catalog::builtin();
    let implied = catalog.implications().iter().flat_map(|line| line.added.iter().chain(&line.implied_by));
    let granted = catalog
        .profiles()
        .flat_map(|profile| &profile.permissions)
        .flat_map(|(_, forms)| forms)
        .flat_map(|form| &form.actions);
    let mut seen = 0;
    for action in implied.chain(granted) {
        assert!(catalog.action_kinds(action).is_some(), "{action} is unknown");
        seen += 1;
    }
    assert!(seen > 150);
    assert!(catalog.implications().iter().all(|line| line.reason.ends_with('.')));
}

#[test]
fn profiles_are_found_through_sam_types() {
    let catalog = Catalog::builtin();
    let id = |source, destination| catalog.profile(source, destination).map(|profile| profile.id.as_str());
    assert_eq!(id("AWS::Serverless::Function", "AWS::Serverless::SimpleTable"), Some("function-to-table"));
    assert_eq!(id("AWS::Lambda::Function", "AWS::DynamoDB::Table"), Some("function-to-table"));
    assert_eq!(
        id("AWS::Serverless::WebSocketApi", "AWS::Serverless::Function"),
        Some("http-api-to-function")
    );
    assert_eq!(id("AWS::DynamoDB::GlobalTable", "AWS::Lambda::Function"), None);
    assert_eq!(id("AWS::Nothing", "AWS::Lambda::Function"), None);
    assert_eq!(catalog.profile_by_id("queue-to-function").unwrap().holder, Holder::Destination);
}

#[test]
fn categories_are_accepted_as_the_translator_does() {
    let catalog = Catalog::builtin();
    let polls = catalog.profile_by_id("queue-to-function").unwrap();
    assert!(polls.accepts(&["Write", "Read", "Read"]));
    assert!(!polls.accepts(&["Read"]));
    assert!(!polls.accepts::<&str>(&[]));
    let table = catalog.profile_by_id("function-to-table").unwrap();
    assert!(table.accepts(&["Write"]));
    assert!(!table.accepts(&["read"]));
    assert_eq!(table.statements("Read")[0].actions[0], "dynamodb:GetItem");
    assert!(table.statements("Delete").is_empty());
}

#[test]
fn references_without_id_need_every_placeholder_of_the_profile() {
    let catalog = Catalog::builtin();
    let needs = |id: &str, side| catalog.profile_by_id(id).unwrap().needed_properties(side).join(" ");
    assert_eq!(needs("function-to-state-machine", Holder::Source), "RoleName");
    assert_eq!(needs("function-to-state-machine", Holder::Destination), "Arn Name");
    assert_eq!(needs("rest-api-to-function", Holder::Source), "Qualifier ResourceId");
    assert_eq!(needs("topic-to-queue", Holder::Destination), "Arn QueueUrl");
    assert_eq!(needs("table-to-function", Holder::Destination), "RoleName");
}

#[test]
fn aliases_inherit_what_they_do_not_change() {
    let catalog = Catalog::builtin();
    let function = catalog.resource_type("AWS::Serverless::Function").unwrap();
    assert_eq!(function.canonical, "AWS::Lambda::Function");
    assert_eq!(function.name_property.as_deref(), Some("FunctionName"));
    assert_eq!(function.attributes["Arn"], Meaning::Arn);
    assert_eq!(function.prefix_is_qualifier.as_deref(), Some(":*"));
    let principal = function.principal.as_ref().unwrap();
    assert_eq!(principal.generated_role.as_deref(), Some("${LogicalId}Role"));
    let machine = catalog.resource_type("AWS::Serverless::StateMachine").unwrap();
    assert_eq!(machine.name_property.as_deref(), Some("Name"));
    assert_eq!(machine.connector["Arn"], ValueSource::Ref);
    assert_eq!(machine.connector["Name"], ValueSource::Attribute("Name".to_owned()));
    let table = catalog.resource_type("AWS::DynamoDB::Table").unwrap();
    assert_eq!(table.index_properties.len(), 2);
    assert!(catalog.resource_type("AWS::Serverless::SimpleTable").unwrap().index_properties.is_empty());
    assert_eq!(table.kinds_of_suffix("/index/*").collect::<Vec<_>>(), ["index"]);
    let api = catalog.resource_type("AWS::Serverless::GraphQLApi").unwrap();
    assert!(api.by_id_only);
    assert!(!catalog.resource_type("AWS::AppSync::GraphQLApi").unwrap().by_id_only);
}

#[test]
fn every_kind_of_grant_has_a_type_that_connectors_generate() {
    let catalog = Catalog::builtin();
    let mut ids = BTreeMap::new();
    for profile in catalog.profiles() {
        let (known, generated) = catalog.generated(profile.kind).unwrap();
        assert!(known.bears.is_some());
        ids.insert(profile.kind, generated.id.as_str());
        let managed = profile.kind == GrantKind::ManagedPolicy;
        assert_eq!(profile.resource_side.is_none(), managed, "{}", profile.id);
        let holder = if profile.holder == Holder::Source { &profile.source } else { &profile.destination };
        let principal = &catalog.resource_type(holder).unwrap().principal;
        assert!(!managed || principal.is_some(), "{} has no role to hold it", profile.id);
    }
    assert_eq!(ids[&GrantKind::ManagedPolicy], "${Connector}Policy");
    assert_eq!(ids[&GrantKind::LambdaPermission], "${Connector}${Category}LambdaPermission");
}

#[test]
fn parameters_say_what_their_values_are() {
    let catalog = Catalog::builtin();
    let crud = catalog.template("DynamoDBCrudPolicy").unwrap();
    let table = ParameterKind::Name("AWS::DynamoDB::Table".to_owned());
    assert_eq!(crud.parameter("TableName"), Some(&table));
    assert_eq!(crud.parameter("Table"), None);
    assert_eq!(catalog.template("KMSDecryptPolicy").unwrap().parameter("KeyId"), Some(&ParameterKind::Plain));
    for template in catalog.templates() {
        for statement in &template.statements {
            let texts = statement.resources.iter().flat_map(|text| placeholders(text));
            for name in texts.filter(|name| !name.starts_with("AWS::")) {
                assert!(statement.variables.iter().any(|(own, _)| own == name), "{}: {name}", template.name);
            }
        }
    }
    assert!(catalog.template("EFSWriteAccessPolicy").unwrap().statements[0].condition.is_some());
}

#[test]
fn actions_are_compared_without_case() {
    let catalog = Catalog::builtin();
    assert_eq!(catalog.action_kinds("DynamoDB:Query").unwrap(), ["index", "table"]);
    assert_eq!(catalog.action_kinds("dynamodb:Nothing"), None);
    assert_eq!(catalog.action_kinds("nothing:Nothing"), None);
    assert_eq!(catalog.action_kinds("dynamodb"), None);
    assert_eq!(catalog.nearest_action("dynamodb:GetItm").as_deref(), Some("dynamodb:getitem"));
    assert_eq!(catalog.nearest_action("dynamdb:getitem").as_deref(), Some("dynamodb:getitem"));
    assert!(catalog.actions("SQS").unwrap().any(|action| action == "sendmessage"));
}

#[test]
fn pairs_that_never_match_come_with_a_reason() {
    let catalog = Catalog::builtin();
    let inert = |action, kinds: &[&str]| catalog.inert_reason(action, kinds).is_some();
    assert!(inert("dynamodb:PutItem", &["index"]));
    assert!(inert("dynamodb:PartiQLInsert", &["index"]));
    assert!(!inert("dynamodb:PartiQLSelect", &["index"]));
    assert!(inert("s3:GetObject", &["bucket"]));
    assert!(!inert("s3:GetObject", &["object"]));
    assert!(inert("sqs:SendMessageBatch", &["queue"]));
    assert!(!inert("lambda:InvokeFunction", &["function", "function alias", "function version"]));
    assert!(!inert("dynamodb:ListStreams", &["stream"]), "the reference is overruled");
    assert!(!inert("states:SendTaskSuccess", &["statemachine"]), "the reference is overruled");
    assert!(!inert("dynamodb:PutItem", &[]), "nothing is known of the resource");
    assert!(!inert("kms:Decrypt", &["key"]), "nothing is known of the service");
    let reason = catalog.inert_reason("dynamodb:UpdateTable", &["stream"]).unwrap();
    assert!(reason.contains("table"), "{reason}");
}

#[test]
fn managed_policies_are_found_by_every_spelling() {
    let catalog = Catalog::builtin();
    let by_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole";
    for name in [by_arn, "service-role/AWSLambdaSQSQueueExecutionRole", "AWSLambdaSQSQueueExecutionRole"] {
        assert!(catalog.managed_policy(name).unwrap().iter().any(|action| action == "sqs:ReceiveMessage"));
    }
    assert!(catalog.managed_policy("AdministratorAccess").is_none());
}

#[test]
fn what_is_wrong_is_told_with_place_and_mend() {
    let profile = "id: a-to-b\ntitle: t\nsource: AWS::Lambda::Function\ndestination: AWS::Events::Rule\n\
                   grants: managed-policy\nholder: source\ncombinations: [[Write]]\npermissions:\n  Write:\n    \
                   - actions: [lambda:InvokeFunction]\n      resources: [\"${Destination.Arn}\"]\n";
    let with = |from: &str, to: &str| complaint("profiles/a-to-b.yaml", &profile.replacen(from, to, 1));
    let cases = [
        (with("title: t", "titel: t"), "2:1: unknown key `titel`; did you mean `title`?"),
        (with("title: t\n", ""), "1:1: the key `title` is missing; add `title:` to this mapping"),
        (with("title: t", "title: [t]"), "2:8: a text is needed here"),
        (with("title: t", "title: !Sub t"), "2:13: definitions take no tags such as `!Sub`"),
        (with("title: t", "title: t\ntitle: t"), "3:1: the key `title` stands here twice"),
        (with("id: a-to-b", "id: a-to-c"), "1:5: `a-to-c` stands in a file named `a-to-b`"),
        (
            with("Lambda::Function", "Lambda::Functin"),
            "unknown resource type `AWS::Lambda::Functin`; did you mean",
        ),
        (
            with("AWS::Lambda::Function", "AWS::Serverless::Function"),
            "3:9: `AWS::Serverless::Function` is an alias",
        ),
        (
            with("managed-policy", "manged-policy"),
            "5:9: unknown word `manged-policy`; did you mean `managed-policy`?",
        ),
        (with("[[Write]]", "[[Wrte]]"), "7:17: unknown access category `Wrte`; did you mean `Write`?"),
        (
            with("InvokeFunction", "InvokeFuncton"),
            "10:17: unknown action `lambda:InvokeFuncton`; did you mean",
        ),
        (with("lambda:InvokeFunction", "InvokeFunction"), "10:17: `InvokeFunction` is no action"),
        (with("lambda:InvokeFunction", "lambda:Zap*"), "10:17: unknown action `lambda:Zap*`"),
        (with("Destination.Arn", "Destination.Name"), "11:19: nothing gives `${Destination.Name}` a value"),
        (with("holder: source\n", ""), "5:9: a managed policy needs a role"),
        (with("managed-policy\nholder: source", "queue-policy"), "5:9: nothing says who is allowed"),
        (complaint("other.yaml", "a: b"), "other.yaml: nothing says what this file defines"),
        (complaint("types.yaml", "A::B::C: { service: x }"), "1:1: `A::B::C` needs `service` and `ref`"),
        (complaint("types.yaml", "A::B::C: { same_as: A::B::D }"), "1:21: unknown resource type `A::B::D`"),
        (
            complaint("types.yaml", "A::B::C: { service: x, ref: id, connector: { Arm: x } }"),
            "1:46: connectors have no property `Arm`",
        ),
        (
            complaint(
                "policy-templates/P.yaml",
                "name: P\ntitle: t\nparameters: { A: plain }\nstatements: []",
            ),
            "3:15: no statement uses the parameter `A`",
        ),
        (
            complaint("implications.yaml", "- added: [lambda:InvokeAsync]\n  reason: because"),
            "2:11: nothing implies the addition",
        ),
        (
            complaint("actions/sqs.yaml", "service: sqs\nactions: { SendMessage: [queue] }"),
            "write `sendmessage`",
        ),
        (
            complaint(
                "actions/sqs.yaml",
                "service: sqs\ninert:\n  - actions: [sendmessage, sendmesage]\n    kinds: [queue]\n    reason: Wrong.",
            ),
            "3:15: `sendmessage` can match resources of type queue",
        ),
        (complaint("profiles/x.yaml", "a: [b"), "profiles/x.yaml:1:6: not valid YAML"),
        (complaint("profiles/x.yaml", "id: &b c"), "definitions take no anchors"),
    ];
    for (complaint, expected) in &cases {
        assert!(complaint.contains(expected), "wanted {expected:?}, got {complaint:?}");
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let files = [
        ("profiles/x.yaml".to_owned(), b"id: y\n".to_vec()),
        ("actions/sqs.yaml".to_owned(), b"service: sns\n".to_vec()),
    ];
    let error = Catalog::load(&files).err().unwrap();
    let names: Vec<&str> = error.problems.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(names, ["actions/sqs.yaml", "profiles/x.yaml"]);
}

#[test]
fn additions_replace_what_has_the_same_name() {
    let template = b"name: KMSDecryptPolicy\ntitle: mine\nparameters: {}\nstatements:\n  - actions: [kms:Decrypt]\n    resources: ['*']\n";
    let actions = b"service: dynamodb\nactions: { putitem: [table, index], newaction: [table] }\n";
    let implications =
        b"- added: [lambda:InvokeAsync]\n  implied_by: [lambda:InvokeFunction]\n  reason: Mine.\n";
    let types = b"Acme::Store::Table:\n  same_as: AWS::DynamoDB::Table\n";
    let catalog = Catalog::load(&[
        ("dir/policy-templates/KMSDecryptPolicy.yaml".to_owned(), template.to_vec()),
        ("dir/actions/dynamodb.yaml".to_owned(), actions.to_vec()),
        ("dir/implications.yaml".to_owned(), implications.to_vec()),
        ("dir/types.yaml".to_owned(), types.to_vec()),
        ("dir/README.md".to_owned(), b"# not a definition".to_vec()),
    ])
    .unwrap();
    assert_eq!(catalog.template("KMSDecryptPolicy").unwrap().title, "mine");
    assert_eq!(catalog.templates().count(), 81);
    assert_eq!(catalog.inert_reason("dynamodb:PutItem", &["index"]), None);
    assert!(catalog.action_kinds("dynamodb:NewAction").is_some());
    assert!(catalog.action_kinds("dynamodb:GetItem").is_some());
    assert_eq!(catalog.implications().len(), 1);
    assert!(catalog.profile("AWS::Serverless::Function", "Acme::Store::Table").is_some());
    assert!(catalog.profile("AWS::Serverless::Function", "AWS::DynamoDB::Table").is_some());
}

/// The YAML blocks of the README that are whole definitions, with the kind of file that each shows.
fn examples() -> Vec<(&'static str, String)> {
    let readme = include_str!("../transforms/README.md");
    let kind = |block: &str| match block {
        _ if block.starts_with("id:") => Some("profiles/queue-to-function.yaml"),
        _ if block.starts_with("name:") => Some("policy-templates/DynamoDBStreamReadPolicy.yaml"),
        _ if block.starts_with("AWS::") => Some("types.yaml"),
        _ if block.starts_with("service:") => Some("actions/dynamodb.yaml"),
        _ if block.starts_with("- added:") => Some("implications.yaml"),
        _ if block.starts_with("principal:") => Some("types.yaml"),
        _ => None,
    };
    let blocks = readme.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks
        .filter_map(|block| {
            let name = kind(block)?;
            let text = match block.strip_prefix("principal:") {
                Some(_) => {
                    let nested = block.replace('\n', "\n  ");
                    format!("Acme::A::Function:\n  service: acme\n  ref: name\n  {nested}")
                }
                None => block.to_owned(),
            };
            Some((name, text))
        })
        .collect()
}

#[test]
fn the_examples_of_the_readme_are_definitions() {
    let examples = examples();
    assert_eq!(examples.len(), 7);
    for (name, text) in examples {
        assert_eq!(complaint(name, &text), "", "in:\n{text}");
    }
}

/// A definition that someone is in the middle of typing must be refused, or be taken, but never bring the program
/// down.
#[test]
fn broken_definitions_are_refused_in_order() {
    let chosen = [
        "types.yaml",
        "implications.yaml",
        "profiles/bucket-to-function.yaml",
        "policy-templates/EFSWriteAccessPolicy.yaml",
    ];
    let files = definition_files();
    let mut refused = 0;
    for (name, bytes) in files.iter().filter(|(name, _)| chosen.contains(&name.as_str())) {
        let text = std::str::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for index in (0..lines.len()).step_by(1 + lines.len() / 20) {
            let without: Vec<&str> = [&lines[..index], &lines[index + 1..]].concat();
            for text in
                [lines[..index].join("\n"), without.join("\n"), text.replacen(lines[index], " - x: [", 1)]
            {
                if let Err(error) = Catalog::load(&[(name.clone(), text.into_bytes())]) {
                    refused += 1;
                    assert!(!error.problems.is_empty());
                    assert!(error.problems.iter().all(|problem| !problem.what.is_empty()));
                }
            }
        }
    }
    assert!(refused > 60);
}

#[test]
fn a_catalogue_is_shared_by_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(Catalog::builtin());
}

/// Types that SAM makes and of whose handlers nothing is published yet: a template with one is told so.
const WITHOUT_HANDLERS: [&str; 6] = [
    "AWS::Lambda::CapacityProvider",
    "AWS::Lambda::MicrovmImage",
    "AWS::Lambda::NetworkConnector",
    "AWS::Lambda::WebFunction",
    "AWS::Lambda::WebFunctionEndpoint",
    "AWS::Lambda::WebFunctionRevision",
];

#[test]
fn a_deployer_is_told_of_every_type_that_the_catalogue_knows() {
    let catalog = Catalog::builtin();
    let deployer = catalog.deployer();
    let mut unknown = BTreeSet::new();
    for known in catalog.resource_types() {
        let made = deployer.becomes(&known.name);
        assert_eq!(made.is_some(), known.name != known.canonical, "{}", known.name);
        if made.is_none() {
            assert!(deployer.handlers(&known.name).is_some(), "{}", known.name);
        }
        for made in made.into_iter().flatten().flat_map(|made| &made.types) {
            if deployer.handlers(made).is_none() {
                unknown.insert(made.as_str());
            }
        }
    }
    assert_eq!(unknown, BTreeSet::new());
    for name in WITHOUT_HANDLERS {
        assert!(deployer.handlers(name).is_none(), "{name} is known now");
    }
}

#[test]
fn what_connectors_generate_needs_what_its_type_needs() {
    let catalog = Catalog::builtin();
    let needs = |kind| catalog.generated(kind).unwrap().1.deployer_actions.clone();
    let managed = needs(GrantKind::ManagedPolicy);
    for action in ["iam:CreatePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:DeletePolicy"] {
        assert!(managed.iter().any(|needed| needed == action), "{action}");
    }
    // Generated policies are attached to roles, never to groups or users.
    assert!(!managed.iter().any(|needed| needed.contains("Group") || needed.contains("User")));
    assert_eq!(needs(GrantKind::LambdaPermission), ["lambda:AddPermission", "lambda:RemovePermission"]);
    assert_eq!(needs(GrantKind::QueuePolicy), ["sqs:SetQueueAttributes"]);
}

#[test]
fn a_table_of_deployer_permissions_is_checked_and_laid_over_the_built_in_one() {
    for (text, expected) in [
        ("types: { Acme::*::Thing: {} }", "`*` may stand at the end only"),
        (
            "types: { Acme::A::B: { create: [lambda:CreateFunktion] } }",
            "did you mean `lambda:createfunction`?",
        ),
        ("types: { Acme::A::B: { remove: [] } }", "unknown key `remove`"),
        ("becomes: { Acme::A::B: [{ types: [X], when: {} }] }", "neither one property nor one event"),
    ] {
        let said = complaint("deployer/own.yaml", text);
        assert!(said.contains(expected), "{text}: {said}");
    }
    let own =
        b"types: { AWS::SQS::Queue: { create: [sqs:CreateQueue] }, Acme::*: { create: [x:Y] } }".to_vec();
    let catalog = Catalog::load(&[("deployer/own.yaml".to_owned(), own)]).unwrap();
    let deployer = catalog.deployer();
    assert_eq!(deployer.handlers("AWS::SQS::Queue").unwrap().create, ["sqs:CreateQueue"]);
    assert_eq!(deployer.handlers("Acme::Thing::New").unwrap().create, ["x:Y"]);
    assert!(deployer.handlers("AWS::SNS::Topic").is_some() && !deployer.deployment().is_empty());
}

#[test]
fn no_type_stands_in_two_files_of_deployer_permissions() {
    let mut seen = BTreeSet::new();
    let files = definition_files().into_iter().filter(|(name, _)| name.starts_with("deployer/"));
    for (name, bytes) in files {
        let text = String::from_utf8(bytes).unwrap();
        let types = text.lines().filter(|line| line.starts_with("  AWS::") || line.starts_with("  \"Custom"));
        for line in types {
            let key = line.trim().split(": ").next().unwrap().trim_end_matches(':').to_owned();
            assert!(seen.insert(key.clone()), "{name}: {key} stands elsewhere too");
        }
    }
    let table = &Catalog::builtin().to_json()["deployer"];
    let count = |key: &str| table[key].as_object().unwrap().len();
    assert_eq!(seen.len(), count("types") + count("becomes"));
}

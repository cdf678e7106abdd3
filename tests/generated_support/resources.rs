//! The resources at the ends of connectors: every spelling of every type that a profile names, with what CloudFormation and
//! SAM require of it, a role where it needs one, and physical names of all kinds. Knows no policy.

use super::chance::Chance;
use super::scene::{Scene, Thing};
use super::values::{Expression, Piece};
use samwire::catalog::{Catalog, Meaning, ResourceType, RoleSource, ValueSource};
use serde_json::{Map, Value, json};

/// A resource of a CloudFormation type or of one that SAM translates to it: one that is there, or a new one.
pub(crate) fn end(scene: &mut Scene, chance: &mut Chance, canonical: &str) -> Thing {
    let known: Vec<Thing> =
        scene.things.iter().filter(|thing| thing.kind.canonical == canonical).cloned().collect();
    if !known.is_empty() && chance.percent(55) {
        return chance.one(&known).clone();
    }
    made(scene, chance, canonical)
}

/// A new resource.
pub(crate) fn made(scene: &mut Scene, chance: &mut Chance, canonical: &str) -> Thing {
    let spellings: Vec<&'static ResourceType> =
        Catalog::builtin().resource_types().filter(|kind| kind.canonical == canonical).collect();
    // What templates of SAM use most is SAM's own types.
    let sams: Vec<&'static ResourceType> =
        spellings.iter().copied().filter(|kind| kind.name != kind.canonical).collect();
    let kind =
        if !sams.is_empty() && chance.percent(70) { *chance.one(&sams) } else { *chance.one(&spellings) };
    let short = kind.name.rsplit("::").next().unwrap_or_default();
    let id = scene.names.fresh(chance, short);
    let condition = chance.percent(12).then(|| scene.condition(chance));
    let mut properties = required(scene, chance, &kind.name, &id);
    let name = physical_name(scene, chance, kind, &id);
    if let (Some(property), Some(name)) = (&kind.name_property, &name) {
        properties.insert(property.clone(), name.spell(chance));
    }
    scene.add(&id, &kind.name, Value::Object(properties), condition.as_deref());
    let name = name.or_else(|| own_name(scene, kind, &id));
    let mut thing = Thing { id, kind, condition, name, role: None };
    thing.role = role_of(scene, chance, &thing);
    attributes(scene, chance, &thing);
    scene.things.push(thing.clone());
    thing
}

/// A physical name, where the template gives one.
fn physical_name(
    scene: &mut Scene,
    chance: &mut Chance,
    kind: &ResourceType,
    id: &str,
) -> Option<Expression> {
    kind.name_property.as_ref()?;
    let word = id.to_lowercase();
    let word = word.get(..word.len().min(20)).unwrap_or_default().to_owned();
    Some(match chance.below(10) {
        0 => Expression::parse(&format!("{word}-{}", chance.below(100))),
        1 => Expression::parse(&format!("${{AWS::StackName}}-{word}")),
        2 => {
            let parameter = scene.parameter(chance);
            Expression::parse(&format!("{word}-${{{parameter}}}"))
        }
        3 => {
            scene.mappings.insert("Names".into(), json!({"all": {"first": "one", "second": "two"}}));
            let key = chance.one(&["first", "second"]);
            let found = json!({"Fn::FindInMap": ["Names", "all", key]});
            Expression(vec![Piece::Literal(format!("{word}-")), Piece::Value(found)])
        }
        _ => return None,
    })
}

/// The name that a resource was given because its type requires one.
fn own_name(scene: &mut Scene, kind: &ResourceType, id: &str) -> Option<Expression> {
    let property = kind.name_property.as_deref()?;
    let name = scene.properties(id).get(property)?.as_str()?.to_owned();
    Some(Expression::parse(&name))
}

/// What stands for a property of a resource in a connector by `Id`: its ARN, its URL and so on.
pub(crate) fn slot(thing: &Thing, property: &str) -> Option<Expression> {
    Some(Expression(vec![match thing.kind.connector.get(property)? {
        ValueSource::Ref => Piece::Ref(thing.id.clone()),
        ValueSource::Attribute(name) => Piece::Attribute(thing.id.clone(), name.clone()),
        ValueSource::Literal(text) => Piece::Literal(text.clone()),
    }]))
}

/// The ARN of a resource: by reference mostly, otherwise from its name.
pub(crate) fn arn(thing: &Thing, chance: &mut Chance) -> Expression {
    let by_reference = slot(thing, "Arn").expect("every type of a profile has an ARN");
    match &thing.kind.arn {
        Some(form) if chance.percent(30) => {
            let form = Expression::parse(form).fill("Name", &name(thing, chance));
            form.written_out(chance)
        }
        _ => by_reference,
    }
}

/// The physical name of a resource.
pub(crate) fn name(thing: &Thing, chance: &mut Chance) -> Expression {
    if let Some(name) = thing.name.as_ref().filter(|_| chance.percent(50)) {
        return name.clone();
    }
    if thing.kind.reference == Meaning::Name {
        return Expression(vec![Piece::Ref(thing.id.clone())]);
    }
    let named = thing.kind.attributes.iter().find(|(_, meaning)| **meaning == Meaning::Name);
    Expression(vec![match named {
        Some((attribute, _)) => Piece::Attribute(thing.id.clone(), attribute.clone()),
        None => Piece::Ref(thing.id.clone()),
    }])
}

/// The role through which a resource acts: SAM's own, or one of the template, which it can share.
fn role_of(scene: &mut Scene, chance: &mut Chance, thing: &Thing) -> Option<String> {
    let form = thing.kind.principal.as_ref()?;
    let explicit = match &form.generated_role {
        Some(_) => chance.percent(25),
        None => true,
    };
    if !explicit {
        let role = format!("{}Role", thing.id);
        scene.refer(&thing.id, &role);
        return Some(role);
    }
    let RoleSource::Property(property) = &form.role else { return None };
    let role = explicit_role(scene, chance, thing.condition.as_deref());
    scene.refer(&thing.id, &role);
    let reference = Expression(vec![Piece::Attribute(role.clone(), "Arn".into())]);
    let spelled = match chance.percent(97) {
        true => {
            json!({"Fn::GetAtt": if chance.percent(50) { json!([role, "Arn"]) } else { format!("{role}.Arn").into() }})
        }
        false => reference.spell(chance),
    };
    scene.properties(&thing.id).insert(property.clone(), spelled);
    Some(role)
}

/// A role that is a resource: one that is there and can be shared, or a new one.
pub(crate) fn explicit_role(scene: &mut Scene, chance: &mut Chance, condition: Option<&str>) -> String {
    let shared: Vec<String> = scene
        .roles
        .iter()
        .filter(|(_, own)| own.is_none() || own.as_deref() == condition)
        .map(|(id, _)| id.clone())
        .collect();
    if !shared.is_empty() && chance.percent(20) {
        return chance.one(&shared).clone();
    }
    let id = scene.names.fresh(chance, "ExecRole");
    let mut properties = json!({"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}});
    if chance.percent(10) {
        properties["PermissionsBoundary"] = "arn:aws:iam::aws:policy/PowerUserAccess".into();
    }
    if chance.percent(25) {
        let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        properties["ManagedPolicyArns"] = json!([basic]);
    }
    if chance.percent(10) {
        properties["ManagedPolicyArns"] = json!(["arn:aws:iam::123456789012:policy/what-is-this"]);
    }
    let own = condition.filter(|_| chance.percent(50)).map(str::to_owned);
    scene.add(&id, "AWS::IAM::Role", properties, own.as_deref());
    if chance.percent(6) {
        scene.resources[&id]["DeletionPolicy"] = "Retain".into();
    }
    scene.roles.push((id.clone(), own));
    id
}

/// What CloudFormation or SAM require of a resource of this type.
fn required(scene: &mut Scene, chance: &mut Chance, kind: &str, id: &str) -> Map<String, Value> {
    let api = |version: &str, number: &str| json!({version: number, "info": {"title": "api", "version": "1"}, "paths": {}});
    let states = json!({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}});
    let value = match kind {
        "AWS::Serverless::Function" => function(chance),
        "AWS::Lambda::Function" => {
            json!({"Code": {"ZipFile": "pass"}, "Handler": "index.handler", "Runtime": "python3.13"})
        }
        "AWS::Serverless::StateMachine" => json!({"Definition": states}),
        "AWS::StepFunctions::StateMachine" => json!({"DefinitionString": states.to_string()}),
        "AWS::Serverless::SimpleTable" => json!({}),
        "AWS::DynamoDB::Table" => table(chance),
        "AWS::Serverless::Api" => json!({"StageName": "live", "DefinitionBody": api("swagger", "2.0")}),
        "AWS::Serverless::HttpApi" => json!({"DefinitionBody": api("openapi", "3.0.1")}),
        "AWS::Serverless::WebSocketApi" => {
            let function = made(scene, chance, "AWS::Lambda::Function");
            scene.refer(id, &function.id);
            json!({"RouteSelectionExpression": "$request.body.action",
                   "Routes": {"$default": {"FunctionArn": {"Fn::GetAtt": [function.id, "Arn"]}}}})
        }
        "AWS::Serverless::GraphQLApi" => {
            json!({"SchemaInline": "type Query { hello: String }", "Auth": {"Type": "AWS_IAM"}})
        }
        "AWS::ApiGateway::RestApi" => json!({"Name": "api"}),
        "AWS::ApiGatewayV2::Api" => json!({"Name": "api", "ProtocolType": "HTTP"}),
        "AWS::AppSync::GraphQLApi" => json!({"Name": "api", "AuthenticationType": "AWS_IAM"}),
        "AWS::AppSync::DataSource" => json!({"ApiId": "api", "Name": "data", "Type": "NONE"}),
        "AWS::Events::Rule" => json!({"ScheduleExpression": "rate(1 hour)"}),
        "AWS::Events::EventBus" => json!({"Name": format!("bus{}", chance.below(100))}),
        "AWS::Location::PlaceIndex" => json!({"DataSource": "Here", "IndexName": "places"}),
        "AWS::S3::Bucket" | "AWS::SNS::Topic" | "AWS::SQS::Queue" => json!({}),
        other => panic!("a profile has the type {other}, of which the generator knows no example"),
    };
    value.as_object().expect("properties are a map").clone()
}

fn function(chance: &mut Chance) -> Value {
    let mut function = json!({"CodeUri": "src/", "Handler": "app.handler", "Runtime": "python3.13"});
    let optional = [
        ("VpcConfig", json!({"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]})),
        ("Tracing", "Active".into()),
        ("AutoPublishAlias", "live".into()),
        ("Timeout", 30.into()),
        ("PermissionsBoundary", "arn:aws:iam::aws:policy/PowerUserAccess".into()),
    ];
    for (property, value) in optional.into_iter().filter(|_| chance.percent(8)) {
        function[property] = value;
    }
    function
}

fn table(chance: &mut Chance) -> Value {
    let mut table = json!({
        "BillingMode": "PAY_PER_REQUEST", "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]});
    if chance.percent(40) {
        table["GlobalSecondaryIndexes"] = json!([{"IndexName": "by-id", "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}]);
    }
    table
}

/// Attributes beside type and properties.
fn attributes(scene: &mut Scene, chance: &mut Chance, thing: &Thing) {
    if chance.percent(8) {
        scene.resources[&thing.id]["Metadata"] = json!({"Owner": "team", "Note": "not: a, policy # at all"});
    }
    if chance.percent(4) {
        scene.resources[&thing.id]["DeletionPolicy"] = "Retain".into();
    }
    let others: Vec<String> =
        scene.things.iter().filter(|other| other.condition.is_none()).map(|other| other.id.clone()).collect();
    if !others.is_empty() && chance.percent(8) {
        let other = chance.one(&others).clone();
        if scene.refer(&thing.id, &other) {
            scene.resources[&thing.id]["DependsOn"] =
                if chance.percent(50) { json!([other]) } else { other.into() };
        }
    }
}

//! A template around one connector: the resources at its ends, what SAM needs of them to accept it (a role, a target with a
//! role, an event source mapping), and the connector in the wanted shape.

use super::Notation;
use samwire::catalog::{Catalog, GrantKind, Holder, Profile, ValueSource, Waits};
use serde_json::{Map, Value, json};

/// Where the connector is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the `Connectors` of its source.
    Embedded,
    /// As a resource of its own.
    Standalone,
}

impl Place {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Embedded, Self::Standalone];
}

/// How `Destination` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One reference.
    Map,
    /// A list of one.
    One,
    /// A list of two resources of the same type.
    Two,
}

impl Shape {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Map, Self::One, Self::Two];

    /// How many destinations there are.
    pub(crate) fn count(self) -> usize {
        if self == Self::Two { 2 } else { 1 }
    }
}

/// The logical id of the connector after the transform.
const CONNECTOR: &str = "SourceWire";
const DESTINATIONS: [&str; 2] = ["First", "Second"];

/// A template with one connector, not yet spelled.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    /// Parameters and conditions.
    pub(crate) head: Map<String, Value>,
    /// The resources without an embedded connector.
    pub(crate) resources: Map<String, Value>,
    /// Where the connector goes.
    pub(crate) place: Place,
    /// Its `Source`, when it stands alone.
    pub(crate) source: Map<String, Value>,
    /// Its destinations.
    pub(crate) destinations: Vec<Map<String, Value>>,
    /// Whether they are a list.
    pub(crate) list: bool,
    /// Its categories.
    pub(crate) permissions: Vec<String>,
    /// Its attributes beside `Type` and `Properties`.
    pub(crate) attributes: Map<String, Value>,
}

impl Scene {
    /// A connector of `profile` between resources of two types, given by their names in templates.
    pub(crate) fn new(
        profile: &Profile,
        (from, to): (&str, &str),
        categories: &[String],
        shape: Shape,
        place: Place,
    ) -> Self {
        let ids = &DESTINATIONS[..shape.count()];
        let mut resources = Map::new();
        resources.insert("Source".into(), resource(from, "Source"));
        for id in ids {
            resources.insert((*id).into(), resource(to, id));
        }
        for (id, kind) in [("Source", from)].into_iter().chain(ids.iter().map(|id| (*id, to))) {
            if role_property(kind).is_some() {
                resources.insert(format!("{id}OwnRole"), role());
            }
        }
        if from == "AWS::Events::Rule" {
            let role = (profile.kind == GrantKind::ManagedPolicy).then_some("SourceOwnRole");
            resources.extend(role.map(|id| (id.to_owned(), self::role())));
            let targets = ids.iter().map(|id| target(profile, id, role)).collect::<Vec<_>>();
            resources["Source"]["Properties"]["Targets"] = targets.into();
        }
        if profile.waits == Some(Waits::EventSourceMapping) {
            for id in ids {
                resources.insert(format!("{id}Mapping"), mapping(&profile.source, id));
            }
        }
        let by_id = |id: &str| Map::from_iter([("Id".to_owned(), Value::from(id))]);
        Self {
            head: Map::new(),
            resources,
            place,
            source: by_id("Source"),
            destinations: ids.iter().map(|id| by_id(id)).collect(),
            list: shape != Shape::Map,
            permissions: categories.to_vec(),
            attributes: Map::new(),
        }
    }

    /// Id of the connector, as others wait for it.
    pub(crate) fn connector(&self) -> &'static str {
        CONNECTOR
    }

    /// Adds a resource that waits for `awaited`.
    pub(crate) fn waiting(mut self, awaited: Value) -> Self {
        self.resources.insert("Waiting".into(), json!({"Type": "AWS::SNS::Topic", "DependsOn": awaited}));
        self
    }

    /// Puts the connector, or all resources of the scene with it, under a condition.
    pub(crate) fn under_condition(&mut self, name: &str, everything: bool) {
        self.head.insert("Parameters".into(), json!({"Stage": {"Type": "String"}}));
        self.head.insert("Conditions".into(), json!({name: {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}));
        self.attributes.insert("Condition".into(), name.into());
        for resource in self.resources.values_mut().filter(|_| everything) {
            resource["Condition"] = name.into();
        }
    }

    /// Gives a resource a role of its own, unless it has one; the role's id.
    pub(crate) fn explicit_role(&mut self, id: &str) -> String {
        let name = format!("{id}OwnRole");
        if !self.resources.contains_key(&name) {
            self.add_role(&name);
            self.resources[id]["Properties"]["Role"] = json!({"Fn::GetAtt": format!("{name}.Arn")});
        }
        name
    }

    /// Lets an event of each function poll the source, instead of a mapping.
    pub(crate) fn poll_by_events(&mut self, profile: &Profile) {
        let (kind, property) = match profile.source.as_str() {
            "AWS::DynamoDB::Table" => ("DynamoDB", "Stream"),
            _ => ("SQS", "Queue"),
        };
        for id in DESTINATIONS {
            if let Some(mapping) = self.resources.remove(&format!("{id}Mapping")) {
                let mut event = json!({property: mapping["Properties"]["EventSourceArn"]});
                if kind == "DynamoDB" {
                    event["StartingPosition"] = "LATEST".into();
                }
                let events = json!({"Poll": {"Type": kind, "Properties": event}});
                self.resources[id]["Properties"]["Events"] = events;
            }
        }
    }

    /// Adds a role.
    pub(crate) fn add_role(&mut self, id: &str) {
        self.resources.insert(id.into(), role());
    }

    /// Adds a function that acts through a role of the scene too.
    pub(crate) fn share(&mut self, role: &str) {
        let mut other = resource("AWS::Lambda::Function", "Other");
        other["Properties"]["Role"] = json!({"Fn::GetAtt": [role, "Arn"]});
        self.resources.insert("Other".into(), other);
    }

    /// One end of the connector.
    pub(crate) fn reference(&mut self, side: Holder) -> &mut Map<String, Value> {
        match side {
            Holder::Source => &mut self.source,
            Holder::Destination => &mut self.destinations[0],
        }
    }

    /// The template as text.
    pub(crate) fn spell(&self, notation: Notation) -> String {
        let destination = match self.list {
            true => self.destinations.iter().cloned().map(Value::Object).collect(),
            false => Value::Object(self.destinations[0].clone()),
        };
        let mut properties = Map::new();
        let mut connector = Map::new();
        let mut resources = self.resources.clone();
        if self.place == Place::Standalone {
            connector.insert("Type".into(), "AWS::Serverless::Connector".into());
            properties.insert("Source".into(), Value::Object(self.source.clone()));
        } else if let Some(qualifier) = self.source.get("Qualifier") {
            properties.insert("SourceReference".into(), json!({"Qualifier": qualifier}));
        }
        properties.insert("Destination".into(), destination);
        properties.insert("Permissions".into(), self.permissions.clone().into());
        connector.extend(self.attributes.clone());
        connector.insert("Properties".into(), Value::Object(properties));
        match self.place {
            Place::Standalone => {
                resources.insert(CONNECTOR.into(), Value::Object(connector));
            }
            Place::Embedded => resources["Source"]["Connectors"] = json!({"Wire": connector}),
        }
        let mut template = Map::new();
        template.insert("AWSTemplateFormatVersion".into(), "2010-09-09".into());
        template.insert("Transform".into(), "AWS::Serverless-2016-10-31".into());
        template.extend(self.head.clone());
        template.insert("Resources".into(), Value::Object(resources));
        notation.spell(&Value::Object(template))
    }
}

/// Every profile with each list of categories that it accepts.
pub(crate) fn profiles_with_categories(catalog: &Catalog) -> Vec<(&Profile, Vec<String>)> {
    let mut found = Vec::new();
    for profile in catalog.profiles() {
        let names: Vec<&String> = profile.permissions.iter().map(|(name, _)| name).collect();
        for choice in 1..1_u32 << names.len() {
            let chosen = names.iter().enumerate().filter(|(at, _)| choice & (1 << at) != 0);
            let chosen: Vec<String> = chosen.map(|(_, name)| (*name).clone()).collect();
            if profile.accepts(&chosen) {
                found.push((profile, chosen));
            }
        }
    }
    found
}

/// The names by which templates have a type: its own, and those that SAM translates to it.
pub(crate) fn spellings<'c>(catalog: &'c Catalog, canonical: &str) -> Vec<&'c str> {
    let known = catalog.resource_types().filter(|kind| kind.canonical == canonical);
    known.map(|kind| kind.name.as_str()).collect()
}

/// The expression for a property of a resource, as SAM fills it in for a reference by `Id`.
pub(crate) fn value(kind: &str, property: &str, id: &str) -> Option<Value> {
    match Catalog::builtin().resource_type(kind)?.connector.get(property)? {
        ValueSource::Ref => Some(json!({"Ref": id})),
        ValueSource::Attribute(name) => Some(json!({"Fn::GetAtt": format!("{id}.{name}")})),
        ValueSource::Literal(text) => Some(text.as_str().into()),
    }
}

/// The ARN of a resource.
pub(crate) fn arn(kind: &str, id: &str) -> Value {
    value(kind, "Arn", id).expect("every type of a profile has an ARN")
}

/// The property in which a resource of the type names its role, which nobody makes for it.
fn role_property(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::Lambda::Function" => Some("Role"),
        "AWS::StepFunctions::StateMachine" => Some("RoleArn"),
        "AWS::AppSync::DataSource" => Some("ServiceRoleArn"),
        _ => None,
    }
}

fn role() -> Value {
    json!({"Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}})
}

fn target(profile: &Profile, id: &str, role: Option<&str>) -> Value {
    let mut target = json!({"Id": id.to_lowercase(), "Arn": arn(&profile.destination, id)});
    if let Some(role) = role {
        target["RoleArn"] = json!({"Fn::GetAtt": format!("{role}.Arn")});
    }
    target
}

fn mapping(source: &str, function: &str) -> Value {
    let stream = if source == "AWS::DynamoDB::Table" { "Source.StreamArn" } else { "Source.Arn" };
    json!({"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
        "FunctionName": {"Ref": function}, "EventSourceArn": {"Fn::GetAtt": stream}, "StartingPosition": "LATEST"}})
}

/// A resource of a type with what CloudFormation or SAM require of it.
fn resource(kind: &str, id: &str) -> Value {
    let api = |version: &str, number: &str| json!({version: number, "info": {"title": "api", "version": "1"}, "paths": {}});
    let states = json!({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}});
    let mut properties = match kind {
        "AWS::Serverless::Function" => {
            json!({"CodeUri": "s3://bucket/key", "Handler": "app.handler", "Runtime": "python3.13"})
        }
        "AWS::Lambda::Function" => {
            json!({"Code": {"ZipFile": "pass"}, "Handler": "index.handler", "Runtime": "python3.13"})
        }
        "AWS::Serverless::StateMachine" => json!({"Definition": states}),
        "AWS::StepFunctions::StateMachine" => json!({"DefinitionString": states.to_string()}),
        "AWS::Serverless::SimpleTable" => json!({"TableName": "orders"}),
        "AWS::DynamoDB::Table" => json!({
            "BillingMode": "PAY_PER_REQUEST", "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}),
        "AWS::Serverless::Api" => json!({"StageName": "live", "DefinitionBody": api("swagger", "2.0")}),
        "AWS::Serverless::HttpApi" => json!({"DefinitionBody": api("openapi", "3.0.1")}),
        "AWS::Serverless::WebSocketApi" => json!({
            "RouteSelectionExpression": "$request.body.action",
            "Routes": {"$default": {"FunctionArn": {"Fn::GetAtt": "First.Arn"}}}}),
        "AWS::Serverless::GraphQLApi" => {
            json!({"SchemaInline": "type Query { hello: String }", "Auth": {"Type": "AWS_IAM"}})
        }
        "AWS::ApiGateway::RestApi" => json!({"Name": "api"}),
        "AWS::ApiGatewayV2::Api" => json!({"Name": "api", "ProtocolType": "HTTP"}),
        "AWS::AppSync::GraphQLApi" => json!({"Name": "api", "AuthenticationType": "AWS_IAM"}),
        "AWS::AppSync::DataSource" => json!({"ApiId": "api", "Name": "data", "Type": "NONE"}),
        "AWS::Events::Rule" => json!({"ScheduleExpression": "rate(1 hour)"}),
        "AWS::Events::EventBus" => json!({"Name": "bus"}),
        "AWS::Location::PlaceIndex" => json!({"DataSource": "Here", "IndexName": "places"}),
        "AWS::S3::Bucket" | "AWS::SNS::Topic" | "AWS::SQS::Queue" => json!({}),
        other => panic!("a profile has the type {other}, of which the tests know no example"),
    };
    if let Some(property) = role_property(kind) {
        properties[property] = json!({"Fn::GetAtt": format!("{id}OwnRole.Arn")});
    }
    match properties.as_object().is_some_and(Map::is_empty) {
        true => json!({"Type": kind}),
        false => json!({"Type": kind, "Properties": properties}),
    }
}

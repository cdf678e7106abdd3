//! Where permissions stand: policies of functions and state machines, of roles, policy resources of three kinds, permissions of
//! functions, policies of queues and topics, and what SAM adds for events and destinations. Knows no text.

use super::chance::Chance;
use super::policies::{Wish, document, other_item};
use super::resources::{arn, explicit_role, name, slot};
use super::scene::{Scene, Thing};
use super::values::{Expression, Piece, one_or_list};
use samwire::catalog::{BesideRole, GrantKind, Waits};
use serde_json::{Value, json};

/// Writes what grants the wish, somewhere that the template allows.
pub(crate) fn grant(scene: &mut Scene, chance: &mut Chance, wish: &Wish) {
    match wish.profile.kind {
        GrantKind::ManagedPolicy => by_role(scene, chance, wish),
        GrantKind::LambdaPermission => by_permission(scene, chance, wish),
        GrantKind::QueuePolicy => {
            by_resource_policy(scene, chance, wish, "QueueUrl", "AWS::SQS::QueuePolicy", "Queues")
        }
        GrantKind::TopicPolicy => {
            by_resource_policy(scene, chance, wish, "Arn", "AWS::SNS::TopicPolicy", "Topics")
        }
    }
}

/// Lets a rule lead to a destination, through a role if it takes one; whether it can.
pub(crate) fn target(scene: &mut Scene, chance: &mut Chance, wish: &mut Wish) -> bool {
    if wish.source.kind.canonical != "AWS::Events::Rule" {
        return true;
    }
    if !scene.refer(&wish.source.id, &wish.destination.id) {
        return false;
    }
    let destination = slot(&wish.destination, "Arn").expect("a destination has an ARN");
    // SAM finds the target of a connector by a plain reference.
    let Expression(pieces) = &destination;
    let destination = if chance.percent(90) { pieces[0].value(chance) } else { destination.spell(chance) };
    let mut target = json!({"Id": format!("t{}", chance.below(100)), "Arn": destination});
    if wish.profile.kind == GrantKind::ManagedPolicy {
        let role = explicit_role(scene, chance, wish.source.condition.as_deref());
        target["RoleArn"] = json!({"Fn::GetAtt": [role, "Arn"]});
        scene.refer(&wish.source.id, &role);
        wish.source.role = Some(role);
    }
    scene.list(&wish.source.id, "Targets").push(target);
    true
}

/// Lets a function poll the source of a wish, by a mapping or by an event.
pub(crate) fn poll(scene: &mut Scene, chance: &mut Chance, wish: &Wish) {
    if wish.profile.waits != Some(Waits::EventSourceMapping) || chance.percent(30) {
        return;
    }
    let table = wish.source.kind.canonical == "AWS::DynamoDB::Table";
    let attribute = if table { "StreamArn" } else { "Arn" };
    let source = json!({"Fn::GetAtt": [wish.source.id, attribute]});
    scene.refer(&wish.destination.id, &wish.source.id);
    if wish.destination.kind.event_sources.is_empty() || chance.percent(60) {
        let id = scene.names.fresh(chance, "Mapping");
        let function = name(&wish.destination, chance).spell(chance);
        let mut properties = json!({"FunctionName": function, "EventSourceArn": source});
        if table {
            properties["StartingPosition"] = "LATEST".into();
        }
        let condition = scene.both(wish.source.condition.as_deref(), wish.destination.condition.as_deref());
        scene.add(&id, "AWS::Lambda::EventSourceMapping", properties, condition.as_deref());
    } else {
        let (kind, property) = if table { ("DynamoDB", "Stream") } else { ("SQS", "Queue") };
        let mut event = json!({property: source});
        if table {
            event["StartingPosition"] = "LATEST".into();
        }
        let events = scene.properties(&wish.destination.id).entry("Events").or_insert_with(|| json!({}));
        events["Poll"] = json!({"Type": kind, "Properties": event});
    }
}

/// The condition of a policy that is there only together with both ends.
fn presence(scene: &mut Scene, wish: &Wish, chance: &mut Chance) -> Option<String> {
    let both = scene.both(wish.source.condition.as_deref(), wish.destination.condition.as_deref());
    match both {
        None if chance.percent(8) => Some(scene.condition(chance)),
        both => both,
    }
}

fn by_role(scene: &mut Scene, chance: &mut Chance, wish: &Wish) {
    let holder = wish.holder().clone();
    let Some(role) = holder.role.clone() else { return };
    let generated = holder.has_generated_role();
    // What keeps the template free of cycles: the role waits for what its inline policies name.
    let inline = scene.refer(&holder.id, &wish.far().id) && scene.refer(&role, &wish.far().id);
    // SAM ignores the policies of a function that has a role of its own.
    let ignored = holder.kind.principal.as_ref().is_some_and(|form| {
        form.policies.is_some() && form.policies_beside_role == BesideRole::Ignored && !generated
    });
    if ignored && inline && chance.percent(20) {
        return beside(scene, chance, wish, &holder);
    }
    match chance.below(10) {
        0..=6 if inline && generated => beside(scene, chance, wish, &holder),
        0..=6 if inline => in_role(scene, chance, wish, &role),
        _ => policy_resource(scene, chance, wish, &holder, &role),
    }
}

/// Among the policies of a function or state machine.
fn beside(scene: &mut Scene, chance: &mut Chance, wish: &Wish, holder: &Thing) {
    let property = holder.kind.principal.as_ref().and_then(|form| form.policies.clone());
    let property = property.expect("a generated role has policies beside it");
    let template = wish.template(chance).filter(|_| chance.percent(55));
    let statement_only = chance.percent(3);
    let by_template = template.is_some();
    let mut item = match template {
        Some(template) => template,
        None => wish.document(scene, chance),
    };
    let needed = wish.far().condition.clone().filter(|needed| holder.condition.as_ref() != Some(needed));
    if let Some(condition) = needed.filter(|_| chance.percent(85)) {
        item = scene.only_if(&condition, item, chance);
    } else if chance.percent(8) {
        let condition = scene.condition(chance);
        // SAM refuses a document and a template in one.
        let other = match by_template {
            true => wish.template(chance),
            false => Some(wish.document(scene, chance)),
        };
        item = match other.filter(|_| chance.percent(40)) {
            Some(other) => json!({"Fn::If": [condition, item, other]}),
            None => scene.only_if(&condition, item, chance),
        };
    }
    let there = scene.properties(&holder.id).contains_key(&property);
    if !there && chance.percent(15) && !statement_only {
        scene.properties(&holder.id).insert(property, item);
        return;
    }
    let list = scene.list(&holder.id, &property);
    if !there && chance.percent(25) {
        list.push(other_item(chance));
    }
    list.push(item);
    if chance.percent(15) {
        list.push(other_item(chance));
    }
}

/// Among the policies of a role.
fn in_role(scene: &mut Scene, chance: &mut Chance, wish: &Wish, role: &str) {
    let document = wish.document(scene, chance);
    let number = scene.properties(role).get("Policies").and_then(Value::as_array).map_or(0, Vec::len);
    let mut policy = json!({"PolicyName": format!("policy{number}"), "PolicyDocument": document});
    let needed = wish.far().condition.clone();
    if let Some(condition) = needed.filter(|needed| wish.holder().condition.as_ref() != Some(needed)) {
        policy = scene.only_if(&condition, policy, chance);
    }
    scene.list(role, "Policies").push(policy);
}

/// As a resource that is attached to the role.
fn policy_resource(scene: &mut Scene, chance: &mut Chance, wish: &Wish, holder: &Thing, role: &str) {
    let kinds = [(5, "AWS::IAM::Policy"), (2, "AWS::IAM::RolePolicy"), (4, "AWS::IAM::ManagedPolicy")];
    let kind = chance.weighted(&kinds);
    let id = match chance.percent(10) {
        // The very id that SAM would generate for a connector.
        true => format!("{}To{}Policy", wish.source.id, wish.destination.id),
        false => scene.names.fresh(chance, "Access"),
    };
    if scene.resources.contains_key(&id) {
        return;
    }
    scene.names.claim(&id);
    let mut properties = json!({"PolicyDocument": wish.document(scene, chance)});
    let mut roles = vec![json!({"Ref": role})];
    let others: Vec<String> = scene.roles.iter().map(|(id, _)| id.clone()).filter(|id| id != role).collect();
    if !others.is_empty() && chance.percent(6) {
        roles.push(json!({"Ref": chance.one(&others)}));
    }
    match kind {
        "AWS::IAM::RolePolicy" => properties["RoleName"] = roles.remove(0),
        _ => properties["Roles"] = roles.into(),
    }
    if kind == "AWS::IAM::ManagedPolicy" {
        if chance.percent(20) {
            properties["ManagedPolicyName"] = format!("named-{}", id.to_lowercase()).into();
        }
    } else {
        properties["PolicyName"] = format!("of-{}", id.to_lowercase()).into();
    }
    let condition = presence(scene, wish, chance);
    scene.add(&id, kind, properties, condition.as_deref());
    waits(scene, chance, &id, condition.as_deref(), holder);
}

/// References to a policy that may go, and attributes that keep it.
fn waits(scene: &mut Scene, chance: &mut Chance, id: &str, condition: Option<&str>, holder: &Thing) {
    if chance.percent(5) {
        let mut output = json!({"Value": {"Ref": id}});
        if let Some(condition) = condition {
            output["Condition"] = condition.into();
        }
        scene.outputs.insert(format!("{id}Out"), output);
    }
    if chance.percent(4) {
        scene.resources[id]["DeletionPolicy"] = "Retain".into();
    }
    if chance.percent(6) && condition.is_none() {
        let waiting = scene.names.fresh(chance, "Waiting");
        let properties = json!({"ServiceToken": {"Fn::GetAtt": [holder.id, "Arn"]}});
        let kind = if holder.kind.canonical.ends_with("Function") {
            "AWS::CloudFormation::CustomResource"
        } else {
            "AWS::SNS::Topic"
        };
        let properties = if kind.ends_with("Topic") { json!({}) } else { properties };
        scene.add(&waiting, kind, properties, holder.condition.as_deref());
        scene.resources[&waiting]["DependsOn"] = one_or_list(vec![id.into()], chance);
    }
}

fn by_permission(scene: &mut Scene, chance: &mut Chance, wish: &Wish) {
    let side = wish.profile.resource_side.as_ref().expect("a permission is on the side of the destination");
    let id = match chance.percent(10) {
        true => format!("{}To{}WriteLambdaPermission", wish.source.id, wish.destination.id),
        false => scene.names.fresh(chance, "Permission"),
    };
    if scene.resources.contains_key(&id) {
        return;
    }
    scene.names.claim(&id);
    let by_arn = chance.percent(60);
    let function = if by_arn { arn(&wish.destination, chance) } else { name(&wish.destination, chance) };
    let action =
        chance.weighted(&[(12, "lambda:InvokeFunction"), (1, "lambda:*"), (1, "lambda:InvokeAsync")]);
    let mut properties = json!({
        "Action": action, "FunctionName": function.spell(chance), "Principal": side.principal});
    let roles: Vec<String> = scene.things.iter().filter_map(|thing| thing.role.clone()).collect();
    if !roles.is_empty() && chance.percent(8) {
        // Within an account that is needless.
        properties["Principal"] = json!({"Fn::GetAtt": [chance.one(&roles), "Arn"]});
    }
    notify(scene, chance, wish);
    if chance.percent(92) {
        let mut source = wish.fill(&side.source_arn, chance);
        if side.source_arn.contains("Qualifier") && chance.percent(40) {
            source = source.then(&Expression::parse("/GET/orders"));
        }
        properties["SourceArn"] = source.spell(chance);
    }
    if side.source_account && chance.percent(75) || chance.percent(6) {
        properties["SourceAccount"] = Expression(vec![Piece::Ref("AWS::AccountId".into())]).spell(chance);
    }
    let condition = presence(scene, wish, chance);
    scene.add(&id, "AWS::Lambda::Permission", properties, condition.as_deref());
    waits(scene, chance, &id, condition.as_deref(), &wish.destination.clone());
}

/// Lets a bucket tell a function of its objects.
fn notify(scene: &mut Scene, chance: &mut Chance, wish: &Wish) {
    let tells = wish.source.kind.canonical == "AWS::S3::Bucket" && chance.percent(40);
    if tells && scene.refer(&wish.source.id, &wish.destination.id) {
        let function = slot(&wish.destination, "Arn").expect("a function has an ARN").spell(chance);
        let told = json!([{"Event": "s3:ObjectCreated:*", "Function": function}]);
        let configuration = json!({"LambdaConfigurations": told});
        scene.properties(&wish.source.id).insert("NotificationConfiguration".into(), configuration);
    }
}

fn by_resource_policy(
    scene: &mut Scene,
    chance: &mut Chance,
    wish: &Wish,
    on: &str,
    kind: &str,
    property: &str,
) {
    let side = wish.profile.resource_side.as_ref().expect("such a policy is on the side of the destination");
    let end = kind.rsplit("::").next().unwrap_or_default();
    let id = match chance.percent(75) {
        true => format!("{}{end}", scene.names.fresh(chance, "Send")),
        false => scene.names.fresh(chance, "Access"),
    };
    if scene.resources.contains_key(&id) {
        return;
    }
    scene.names.claim(&id);
    let source = wish.fill(&side.source_arn, chance).spell(chance);
    let forms = wish.categories.iter().flat_map(|category| wish.profile.statements(category));
    let actions: Vec<Value> =
        forms.flat_map(|form| &form.actions).map(|action| action.as_str().into()).collect();
    let operator = chance.weighted(&[(8, "ArnEquals"), (3, "ArnLike"), (2, "StringEquals")]);
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": {"Service": one_or_list(vec![side.principal.as_str().into()], chance)},
        "Action": one_or_list(actions, chance),
        "Resource": arn(&wish.destination, chance).spell(chance)});
    if chance.percent(94) {
        statement["Condition"] = json!({operator: {"aws:SourceArn": source}});
    }
    let mut statements = vec![statement];
    if chance.percent(10) {
        statements.push(json!({"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "123456789012"},
            "Action": "sqs:SendMessage", "Resource": arn(&wish.destination, chance).spell(chance)}));
    }
    let document = document(statements, chance);
    let place = slot(&wish.destination, on).expect("a queue has a URL, a topic an ARN");
    let properties = json!({"PolicyDocument": document, property: [place.spell(chance)]});
    let condition = presence(scene, wish, chance);
    scene.add(&id, kind, properties, condition.as_deref());
    waits(scene, chance, &id, condition.as_deref(), &wish.destination.clone());
}

/// What SAM adds permissions for by itself, and what tells which resources a function uses.
pub(crate) fn uses(scene: &mut Scene, chance: &mut Chance, wish: &Wish) {
    let (holder, far) = (wish.holder().clone(), wish.far().clone());
    let is_function = holder.kind.canonical == "AWS::Lambda::Function";
    // Only SAM's own function has events.
    let sam = !holder.kind.event_sources.is_empty();
    if !is_function || !scene.refer(&holder.id, &far.id) {
        return;
    }
    let conditional = far.condition.is_some() && far.condition != holder.condition;
    if chance.percent(35) && !conditional {
        let value = if chance.percent(50) { name(&far, chance) } else { arn(&far, chance) }.spell(chance);
        scene.properties(&holder.id).insert("Environment".into(), json!({"Variables": {"FAR": value}}));
    }
    if chance.percent(50) && !conditional && scene.properties(&far.id).contains_key("AutoPublishAlias") {
        let alias = json!({"Ref": format!("{}.Alias", far.id)});
        scene.properties(&holder.id).insert("Environment".into(), json!({"Variables": {"ALIAS": alias}}));
    }
    if sam && chance.percent(8) && !conditional {
        let kind = match far.kind.canonical.as_str() {
            "AWS::SQS::Queue" => "SQS",
            "AWS::SNS::Topic" => "SNS",
            _ => return,
        };
        let target = slot(&far, "Arn").expect("a queue has an ARN").spell(chance);
        let dead = json!({"Type": kind, "TargetArn": target});
        scene.properties(&holder.id).insert("DeadLetterQueue".into(), dead);
    }
    if sam && chance.percent(10) {
        let events = scene.properties(&holder.id).entry("Events").or_insert_with(|| json!({}));
        events["Timer"] = json!({"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}});
    }
}

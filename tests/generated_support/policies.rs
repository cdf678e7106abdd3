//! Statements, documents and policy templates that say what a connector says: exactly, in part, with more besides, or in a way
//! that no connector can. Knows nothing about where they stand.

use super::chance::Chance;
use super::resources::{arn, name, slot};
use super::scene::{Scene, Thing};
use super::values::{Expression, Piece, no_value, one_or_list};
use samwire::catalog::{Catalog, ParameterKind, PolicyTemplate, Profile};
use serde_json::{Map, Value, json};

/// A connector that could be.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// Its profile.
    pub(crate) profile: &'static Profile,
    /// The categories of access.
    pub(crate) categories: Vec<String>,
    /// One end.
    pub(crate) source: Thing,
    /// The other end.
    pub(crate) destination: Thing,
}

impl Wish {
    /// The end that is not the one with the role.
    pub(crate) fn far(&self) -> &Thing {
        match self.profile.holder {
            samwire::catalog::Holder::Source => &self.destination,
            samwire::catalog::Holder::Destination => &self.source,
        }
    }

    /// The end through whose role permissions are held.
    pub(crate) fn holder(&self) -> &Thing {
        match self.profile.holder {
            samwire::catalog::Holder::Source => &self.source,
            samwire::catalog::Holder::Destination => &self.destination,
        }
    }

    /// Text of a profile with its ends put in.
    pub(crate) fn fill(&self, text: &str, chance: &mut Chance) -> Expression {
        let put = |piece: Piece, chance: &mut Chance| match &piece {
            Piece::Attribute(side, property) if side == "Source" || side == "Destination" => {
                let thing = if side == "Source" { &self.source } else { &self.destination };
                match property.as_str() {
                    "Arn" => arn(thing, chance).0,
                    "Name" => name(thing, chance).0,
                    property => slot(thing, property).map_or_else(|| vec![piece.clone()], |found| found.0),
                }
            }
            _ => vec![piece],
        };
        let pieces = Expression::parse(text).0.into_iter().flat_map(|piece| put(piece, chance)).collect();
        Expression(pieces).then(&Expression(Vec::new()))
    }

    /// The statements of the wish, as they could be written by hand.
    fn statements(&self, scene: &mut Scene, chance: &mut Chance) -> Vec<Value> {
        let forms: Vec<_> =
            self.categories.iter().flat_map(|category| self.profile.statements(category)).collect();
        let mut by_resources: Vec<(&Vec<String>, Vec<String>)> = Vec::new();
        for form in forms {
            match by_resources.iter_mut().find(|(resources, _)| **resources == form.resources) {
                Some((_, actions)) if chance.percent(60) => actions.extend(form.actions.clone()),
                _ => by_resources.push((&form.resources, form.actions.clone())),
            }
        }
        let whole = chance.percent(45);
        let mut made = |(resources, actions): (&Vec<String>, Vec<String>), chance: &mut Chance| {
            let actions = self.actions(actions, whole, chance);
            let resources =
                if whole || chance.percent(60) { resources.clone() } else { chance.some(resources) };
            let mut expressions: Vec<Expression> =
                resources.iter().map(|text| self.fill(text, chance)).collect();
            if chance.percent(6) {
                let kin =
                    scene.things.iter().filter(|thing| thing.kind.canonical == self.far().kind.canonical);
                let kin: Vec<Thing> = kin.filter(|thing| thing.id != self.far().id).cloned().collect();
                if let Some(other) = kin.first().filter(|other| scene.refer(&self.holder().id, &other.id)) {
                    expressions.push(arn(other, chance));
                }
            }
            self.statement(actions, &expressions, scene, chance)
        };
        by_resources.into_iter().map(|one| made(one, chance)).collect()
    }

    /// The actions of a statement: as given, fewer, more, patterns, in another case.
    fn actions(&self, mut actions: Vec<String>, whole: bool, chance: &mut Chance) -> Vec<String> {
        actions.sort();
        actions.dedup();
        if chance.percent(40) {
            chance.shuffle(&mut actions);
        }
        if !whole {
            actions = chance.some(&actions);
        }
        let service =
            actions.first().and_then(|action| action.split_once(':')).map(|(service, _)| service.to_owned());
        let service = service.unwrap_or_default();
        if chance.percent(20)
            && let Some(known) = Catalog::builtin().actions(&service)
        {
            let known: Vec<&str> = known.collect();
            actions.extend((0..=chance.below(3)).map(|_| format!("{service}:{}", chance.one(&known))));
        }
        match chance.below(40) {
            0 => actions = vec![format!("{service}:*")],
            1 => actions
                .push(format!("{service}:{}*", chance.one(&["Get", "Describe", "Put", "List", "Send"]))),
            2 => actions.push("kms:Decrypt".into()),
            3 | 4 => actions.iter_mut().for_each(|action| *action = action.to_lowercase()),
            5 => actions = vec![format!("{service}:?etItem")],
            _ => {}
        }
        actions
    }

    fn statement(
        &self,
        actions: Vec<String>,
        resources: &[Expression],
        scene: &mut Scene,
        chance: &mut Chance,
    ) -> Value {
        let mut resources: Vec<Value> = resources.iter().map(|one| one.spell(chance)).collect();
        if chance.percent(4) {
            let condition = scene.condition(chance);
            let at = chance.below(resources.len());
            resources[at] = scene.only_if(&condition, resources[at].clone(), chance);
            // A list that is never empty, by a resource of nobody and of a service that no connector knows.
            resources.push("arn:aws:kms:us-east-1:123456789012:key/other".into());
        }
        match chance.below(50) {
            0 => resources.push("*".into()),
            1 => resources = vec!["*".into()],
            2 => resources = vec![self.fill(&format!("{}*", self.far_arn_text()), chance).spell(chance)],
            3 => resources.push(
                self.fill(&format!("{}/${{!aws:username}}", self.far_arn_text()), chance).spell(chance),
            ),
            4 => resources.push(json!({"Fn::ImportValue": "other-stack-arn"})),
            5..=8 if self.far().kind.canonical == "AWS::Lambda::Function" => {
                let qualified = format!("{}:{}", self.far_arn_text(), chance.one(&["*", "live", "1"]));
                resources = vec![self.fill(&qualified, chance).spell(chance)];
            }
            _ => {}
        }
        let mut actions: Vec<Value> = actions.into_iter().map(Value::from).collect();
        if chance.percent(3) {
            let condition = scene.condition(chance);
            let first = actions[0].clone();
            actions[0] = scene.only_if(&condition, first, chance);
            actions.push("kms:Encrypt".into());
        }
        let mut statement = Map::new();
        if chance.percent(20) {
            statement.insert("Sid".into(), format!("Sid{}", chance.below(1000)).into());
        }
        statement.insert("Effect".into(), if chance.percent(4) { "Deny" } else { "Allow" }.into());
        let action = if chance.percent(2) { "NotAction" } else { "Action" };
        statement.insert(action.into(), one_or_list(actions, chance));
        let resource = if chance.percent(2) { "NotResource" } else { "Resource" };
        statement.insert(resource.into(), one_or_list(resources, chance));
        if chance.percent(5) {
            statement.insert("Condition".into(), iam_condition(chance));
        }
        if chance.percent(10) {
            let mut entries: Vec<_> = statement.into_iter().collect();
            chance.shuffle(&mut entries);
            statement = entries.into_iter().collect();
        }
        statement.into()
    }

    fn far_arn_text(&self) -> &'static str {
        match self.profile.holder {
            samwire::catalog::Holder::Source => "${Destination.Arn}",
            samwire::catalog::Holder::Destination => "${Source.Arn}",
        }
    }

    /// A policy document with the statements of the wish, and others sometimes.
    pub(crate) fn document(&self, scene: &mut Scene, chance: &mut Chance) -> Value {
        let mut statements = self.statements(scene, chance);
        if chance.percent(20) {
            statements.insert(chance.below(statements.len() + 1), unrelated(chance));
        }
        if chance.percent(3) {
            let condition = scene.condition(chance);
            let last = statements.pop().unwrap_or_default();
            statements.push(scene.only_if(&condition, last, chance));
        }
        document(statements, chance)
    }

    /// A policy template for the far end, if there is one that says something about its type.
    pub(crate) fn template(&self, chance: &mut Chance) -> Option<Value> {
        let of_far = |template: &&PolicyTemplate| {
            template.parameters.iter().any(|(_, kind)| match kind {
                ParameterKind::Name(kind) | ParameterKind::Arn(kind) => *kind == self.far().kind.canonical,
                ParameterKind::Plain => false,
            })
        };
        let known: Vec<&PolicyTemplate> = Catalog::builtin().templates().filter(of_far).collect();
        let template = if known.is_empty() { return None } else { *chance.one(&known) };
        Some(self.of_template(template, chance))
    }

    fn of_template(&self, template: &PolicyTemplate, chance: &mut Chance) -> Value {
        let value = |kind: &ParameterKind, chance: &mut Chance| match kind {
            ParameterKind::Name(_) => name(self.far(), chance).spell(chance),
            ParameterKind::Arn(_) => arn(self.far(), chance).spell(chance),
            ParameterKind::Plain => plain(chance),
        };
        let parameters = template.parameters.iter().map(|(name, kind)| (name.clone(), value(kind, chance)));
        let parameters: Map<String, Value> = parameters.collect();
        json!({template.name.as_str(): parameters})
    }
}

/// A policy template that is about none of the ends.
pub(crate) fn unrelated_template(chance: &mut Chance) -> Value {
    let known: Vec<&PolicyTemplate> = Catalog::builtin().templates().collect();
    let template = *chance.one(&known);
    let parameters = template.parameters.iter().map(|(name, _)| (name.clone(), plain(chance)));
    let parameters: Map<String, Value> = parameters.collect();
    json!({template.name.as_str(): parameters})
}

fn plain(chance: &mut Chance) -> Value {
    match chance.below(4) {
        0 => json!({"Fn::ImportValue": "other-stack-name"}),
        1 => json!({"Fn::Sub": "${AWS::StackName}-x"}),
        _ => "some-name".into(),
    }
}

/// A document around statements.
pub(crate) fn document(mut statements: Vec<Value>, chance: &mut Chance) -> Value {
    let mut document = Map::new();
    // Only the newer version reads variables of policies.
    let variables = statements.iter().any(|statement| statement.to_string().contains("aws:username"));
    if variables || chance.percent(70) {
        let older = usize::from(!variables);
        let version = chance.weighted(&[(9, "2012-10-17"), (older, "2008-10-17")]);
        document.insert("Version".into(), version.into());
    }
    if chance.percent(6) {
        document.insert("Id".into(), "TheDocument".into());
    }
    let alone = statements.len() == 1 && chance.percent(20);
    let statement = if alone { statements.remove(0) } else { statements.into() };
    document.insert("Statement".into(), statement);
    document.into()
}

/// A statement of its own.
fn unrelated(chance: &mut Chance) -> Value {
    match chance.below(4) {
        0 => json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}),
        1 => json!({"Effect": "Deny", "Action": ["s3:DeleteBucket"], "Resource": "*"}),
        2 => json!({"Effect": "Allow", "Action": ["ssm:GetParameter"], "Resource": {"Fn::Sub":
            "arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/x"}}),
        _ => json!({"Sid": "Logs", "Effect": "Allow", "Action": ["logs:GetQueryResults", "logs:StartQuery"],
            "Resource": ["*"]}),
    }
}

/// An IAM condition.
fn iam_condition(chance: &mut Chance) -> Value {
    match chance.below(3) {
        0 => json!({"StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}),
        1 => json!({"Bool": {"aws:SecureTransport": true}}),
        _ => {
            json!({"StringLike": {"aws:PrincipalTag/team": ["a*", "b"]}, "Bool": {"aws:MultiFactorAuthPresent": "true"}})
        }
    }
}

/// An item of a list of policies that is no document: a managed policy, nothing, a template about something else.
pub(crate) fn other_item(chance: &mut Chance) -> Value {
    match chance.below(6) {
        0 => "AmazonDynamoDBReadOnlyAccess".into(),
        1 => "arn:aws:iam::aws:policy/AmazonSQSFullAccess".into(),
        2 => json!({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/own"}),
        3 => no_value(),
        4 => json!({"Fn::ImportValue": "policy-arn"}),
        _ => unrelated_template(chance),
    }
}

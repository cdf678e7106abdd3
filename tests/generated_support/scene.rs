//! A template while it grows: its sections, what stands in it and who refers to whom. Owns conditions, parameters and the order
//! that keeps it free of dependency cycles; knows no policy and no text.

use super::chance::Chance;
use super::names::Names;
use super::values::{Expression, no_value};
use samwire::catalog::ResourceType;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A resource that can be an end of a connector.
#[derive(Debug, Clone)]
pub(crate) struct Thing {
    /// Its logical id.
    pub(crate) id: String,
    /// Its type, as the template writes it.
    pub(crate) kind: &'static ResourceType,
    /// The condition that it is under.
    pub(crate) condition: Option<String>,
    /// Its physical name, where it has one.
    pub(crate) name: Option<Expression>,
    /// The logical id of the role through which it acts; of a rule, that of its targets.
    pub(crate) role: Option<String>,
}

impl Thing {
    /// Whether SAM makes its role, so that policies stand beside it.
    pub(crate) fn has_generated_role(&self) -> bool {
        self.role.as_ref().is_some_and(|role| *role == format!("{}Role", self.id))
            && self.kind.principal.as_ref().is_some_and(|form| form.policies.is_some())
    }
}

/// A template that is not spelled yet.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// Logical ids that are taken.
    pub(crate) names: Names,
    /// The section of this name.
    pub(crate) parameters: Map<String, Value>,
    /// The section of this name.
    pub(crate) mappings: Map<String, Value>,
    /// The section of this name.
    pub(crate) conditions: Map<String, Value>,
    /// The section of this name.
    pub(crate) globals: Map<String, Value>,
    /// The section of this name.
    pub(crate) metadata: Map<String, Value>,
    /// The section of this name.
    pub(crate) resources: Map<String, Value>,
    /// The section of this name.
    pub(crate) outputs: Map<String, Value>,
    /// The ends that there are.
    pub(crate) things: Vec<Thing>,
    /// Roles that are resources, with their conditions.
    pub(crate) roles: Vec<(String, Option<String>)>,
    /// Who refers to whom.
    refers: BTreeSet<(String, String)>,
}

impl Scene {
    /// The properties of a resource.
    pub(crate) fn properties(&mut self, id: &str) -> &mut Map<String, Value> {
        let resource = self.resources.entry(id).or_insert_with(|| json!({}));
        if resource.get("Properties").is_none() {
            resource["Properties"] = json!({});
        }
        resource["Properties"].as_object_mut().expect("properties are a map")
    }

    /// The list in a property of a resource, made where there is none.
    pub(crate) fn list(&mut self, id: &str, property: &str) -> &mut Vec<Value> {
        let list = self.properties(id).entry(property).or_insert_with(|| json!([]));
        if !list.is_array() {
            *list = json!([list.clone()]);
        }
        list.as_array_mut().expect("it is one now")
    }

    /// Adds a resource.
    pub(crate) fn add(&mut self, id: &str, kind: &str, properties: Value, condition: Option<&str>) {
        let mut resource = Map::new();
        resource.insert("Type".into(), kind.into());
        resource.extend(condition.map(|name| ("Condition".to_owned(), name.into())));
        if properties.as_object().is_some_and(|map| !map.is_empty()) {
            resource.insert("Properties".into(), properties);
        }
        self.resources.insert(id.into(), resource.into());
    }

    /// Notes that one resource refers to another, unless that would close a cycle.
    pub(crate) fn refer(&mut self, from: &str, to: &str) -> bool {
        if self.leads(to, from) {
            return false;
        }
        self.refers.insert((from.into(), to.into()));
        true
    }

    /// Whether one resource comes after another.
    fn leads(&self, from: &str, to: &str) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            let next = self.refers.iter().filter(|(one, _)| one == at).map(|(_, other)| other.as_str());
            open.extend(next.filter(|other| seen.insert(other)));
        }
        false
    }

    /// A named condition, old or new.
    pub(crate) fn condition(&mut self, chance: &mut Chance) -> String {
        let known: Vec<String> = self.conditions.keys().cloned().collect();
        if !known.is_empty() && (known.len() > 3 || chance.percent(60)) {
            return chance.one(&known).clone();
        }
        let parameter = self.parameter(chance);
        let equals = json!({"Fn::Equals": [{"Ref": parameter}, "prod"]});
        let formula = match (known.as_slice(), chance.below(5)) {
            ([], _) | (_, 0) => equals,
            ([one, ..], 1) => json!({"Fn::And": [equals, {"Condition": one}]}),
            ([one, ..], 2) => json!({"Fn::Or": [{"Fn::Not": [{"Condition": one}]}, equals]}),
            ([.., one], 3) => json!({"Fn::Not": [{"Condition": one}]}),
            ([.., one], _) => json!({"Fn::Not": [{"Fn::And": [{"Fn::Not": [equals]}, {"Condition": one}]}]}),
        };
        self.named(format!("{}{}", chance.one(&["Is", "Has", "Use"]), known.len()), formula)
    }

    fn named(&mut self, name: String, formula: Value) -> String {
        self.conditions.insert(name.clone(), formula);
        name
    }

    /// The condition under which both hold.
    pub(crate) fn both(&mut self, one: Option<&str>, other: Option<&str>) -> Option<String> {
        match (one, other) {
            (Some(one), Some(other)) if one != other => {
                let formula = json!({"Fn::And": [{"Condition": one}, {"Condition": other}]});
                Some(self.named(format!("{one}And{other}"), formula))
            }
            (one, other) => one.or(other).map(str::to_owned),
        }
    }

    /// A parameter with a text.
    pub(crate) fn parameter(&mut self, chance: &mut Chance) -> String {
        let name = format!("{}{}", chance.one(&["Stage", "Env", "Name"]), chance.below(3));
        self.parameters.insert(name.clone(), json!({"Type": "String", "Default": "dev"}));
        name
    }

    /// A value that is there under a condition only; `other` stands for it otherwise.
    pub(crate) fn only_if(&mut self, condition: &str, value: Value, chance: &mut Chance) -> Value {
        if chance.percent(25) {
            let not = self.named(format!("No{condition}"), json!({"Fn::Not": [{"Condition": condition}]}));
            return json!({"Fn::If": [not, no_value(), value]});
        }
        json!({"Fn::If": [condition, value, no_value()]})
    }

    /// The whole, section by section.
    pub(crate) fn template(self, chance: &mut Chance) -> Value {
        let mut template = Map::new();
        let version = ("AWSTemplateFormatVersion".to_owned(), "2010-09-09".into());
        template.extend(chance.percent(80).then_some(version));
        let transform = "AWS::Serverless-2016-10-31";
        let transform = match chance.below(20) {
            0 => json!(["AWS::LanguageExtensions", transform]),
            1..=3 => json!([transform]),
            _ => transform.into(),
        };
        template.insert("Transform".into(), transform);
        let description = "Orders, bills: and what else # there is to be\u{20ac}paid in \"a day\"";
        template.extend(chance.percent(30).then(|| ("Description".to_owned(), description.into())));
        let mut sections: Vec<(&str, Map<String, Value>)> = vec![
            ("Metadata", self.metadata),
            ("Parameters", self.parameters),
            ("Mappings", self.mappings),
            ("Conditions", self.conditions),
            ("Globals", self.globals),
            ("Resources", self.resources),
            ("Outputs", self.outputs),
        ];
        if chance.percent(20) {
            chance.shuffle(&mut sections);
        }
        let filled = sections.into_iter().filter(|(_, section)| !section.is_empty());
        template.extend(filled.map(|(name, section)| (name.to_owned(), section.into())));
        template.into()
    }
}

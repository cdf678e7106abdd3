//! Turns `types.yaml` into resource types: fills in what `same_as` inherits and checks placeholders. Part of
//! the check of definitions; knows nothing of profiles and templates.

use super::check::Check;
use super::definition::{AddsFile, GeneratedFile, PrincipalFile, RoleFile, TriggerFile, TypeFile};
use super::placed::{Pairs, Spanned};
use super::{
    AddedStatements, Generated, ManagedAttachment, PrincipalForm, ResourceType, RoleSource, Trigger,
    ValueSource,
};
use std::collections::BTreeMap;

const CONNECTOR_PROPERTIES: [&str; 5] = ["Arn", "Name", "QueueUrl", "ResourceId", "Qualifier"];

/// When SAM does something, and when it does not.
pub(super) struct Triggers {
    pub(super) when: Option<Trigger>,
    pub(super) unless: Option<Trigger>,
}

impl Check<'_, '_> {
    /// A type by its definition and, for an alias, the type that it is the same as.
    pub(super) fn resource_type(
        &mut self,
        name: &Spanned<String>,
        file: TypeFile,
        base: Option<&ResourceType>,
    ) -> Option<ResourceType> {
        let mut made = match base {
            Some(base) => base.clone(),
            None => self.bare_type(name, &file)?,
        };
        made.name.clone_from(&name.value);
        // What connectors generate is the CloudFormation type itself, so an alias does not inherit it.
        made.generated = file.generated.map(|generated| self.generated(generated));
        made.by_id_only = file.by_id_only;
        if let Some(service) = file.service {
            made.service = service;
        }
        if let Some(reference) = file.reference {
            made.reference = reference;
        }
        if let Some(attributes) = file.attributes {
            made.attributes = attributes;
        }
        made.name_property = file.name_property.or(made.name_property);
        if let Some(arn) = file.arn {
            self.bound(&arn, &|name| name == "Name", "known is ${Name}");
            made.arn = Some(arn.value);
        }
        if let Some(scopes) = file.scopes {
            made.scopes = flat(scopes);
        }
        if let Some(other_arns) = file.other_arns {
            for (arn, _) in &other_arns.0 {
                self.bound(arn, &|name| name == "Name", "known is ${Name}");
            }
            made.other_arns = flat(other_arns);
        }
        made.prefix_is_qualifier = file.prefix_is_qualifier.or(made.prefix_is_qualifier);
        made.index_properties = file.declares_index.unwrap_or(made.index_properties);
        if let Some(connector) = file.connector {
            made.connector = self.connector(connector);
        }
        made.suffix_refs = file.suffix_refs.unwrap_or(made.suffix_refs);
        made.alias_property = file.alias_property.or(made.alias_property);
        made.lets_in = file.lets_in.unwrap_or(made.lets_in);
        made.event_sources = file.event_sources.unwrap_or(made.event_sources);
        made.event_dependents = file.event_dependents.unwrap_or(made.event_dependents);
        made.implicit_dependents = file.implicit_dependents.unwrap_or(made.implicit_dependents);
        if let Some(ids) = file.generated_ids {
            made.generated_ids = ids.into_iter().map(|id| id.value).collect();
        }
        made.globals = file.globals.or(made.globals);
        if let Some(principal) = file.principal {
            made.principal = Some(self.principal(principal));
        }
        made.bears = file.bears.or(made.bears);
        Some(made)
    }

    /// What a deployer needs for it is filled in when the table of deployer permissions is known.
    fn generated(&mut self, file: GeneratedFile) -> Generated {
        let bound = |name: &str| ["Connector", "Category"].contains(&name);
        self.bound(&file.id, &bound, "known are ${Connector} and ${Category}");
        Generated { by: file.by, id: file.id.value, sets: file.sets, deployer_actions: Vec::new() }
    }

    fn bare_type(&mut self, name: &Spanned<String>, file: &TypeFile) -> Option<ResourceType> {
        let (Some(service), Some(reference)) = (&file.service, &file.reference) else {
            let what = format!("`{}` needs `service` and `ref`", name.value);
            self.refuse(name.at, what, Some("add both, or `same_as` to inherit them".to_owned()));
            return None;
        };
        Some(ResourceType {
            name: name.value.clone(),
            canonical: name.value.clone(),
            service: service.clone(),
            reference: reference.clone(),
            attributes: Default::default(),
            name_property: None,
            arn: None,
            scopes: Vec::new(),
            other_arns: Vec::new(),
            prefix_is_qualifier: None,
            index_properties: Vec::new(),
            connector: Default::default(),
            by_id_only: false,
            suffix_refs: Default::default(),
            alias_property: None,
            lets_in: Vec::new(),
            event_sources: Default::default(),
            event_dependents: Default::default(),
            implicit_dependents: Default::default(),
            generated_ids: Vec::new(),
            globals: None,
            principal: None,
            bears: None,
            generated: None,
        })
    }

    fn connector(&mut self, file: Pairs<Spanned<String>>) -> BTreeMap<String, ValueSource> {
        let mut values = BTreeMap::new();
        for (property, text) in file.0 {
            if !CONNECTOR_PROPERTIES.contains(&property.value.as_str()) {
                let what = format!("connectors have no property `{}`", property.value);
                let help = format!("known are `{}`", CONNECTOR_PROPERTIES.join("`, `"));
                self.refuse(property.at, what, Some(help));
            }
            let inner = text.value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            let value = match inner.map(|inner| inner.split_once('.').unwrap_or((inner, ""))) {
                Some(("LogicalId", "")) => ValueSource::Ref,
                Some(("LogicalId", attribute)) => ValueSource::Attribute(attribute.to_owned()),
                _ => {
                    self.bound(&text, &|_| false, "write ${LogicalId}, ${LogicalId.Attribute} or a text");
                    ValueSource::Literal(text.value)
                }
            };
            values.insert(property.value, value);
        }
        values
    }

    fn principal(&mut self, file: PrincipalFile) -> PrincipalForm {
        if let Some(id) = &file.generated_role {
            self.bound(id, &|name| name == "LogicalId", "known is ${LogicalId}");
        }
        let mut managed = Vec::new();
        for attachment in file.managed {
            let Triggers { when, unless } = self.triggers(attachment.when, attachment.unless);
            managed.push(ManagedAttachment { policy: attachment.policy, when, unless });
        }
        PrincipalForm {
            role: self.role(file.role),
            policies: file.policies,
            generated_role: file.generated_role.map(|id| id.value),
            policies_beside_role: file.policies_beside_role,
            uses: file.uses,
            managed,
            adds: file.adds.into_iter().map(|adds| self.adds(adds)).collect(),
        }
    }

    fn role(&mut self, file: RoleFile) -> RoleSource {
        match (file.list, file.destination) {
            (Some(list), Some(destination)) => {
                RoleSource::Target { list, destination, role: file.property.value }
            }
            (None, None) => RoleSource::Property(file.property.value),
            _ => {
                let help = Some("give both for a role in a list, or neither".to_owned());
                self.refuse(file.property.at, "`list` and `where` belong together".to_owned(), help);
                RoleSource::Property(file.property.value)
            }
        }
    }

    /// The two sides of a choice that SAM makes.
    pub(super) fn triggers(
        &mut self,
        when: Option<Spanned<TriggerFile>>,
        unless: Option<Spanned<TriggerFile>>,
    ) -> Triggers {
        let mut made = |file: Option<Spanned<TriggerFile>>| file.and_then(|file| self.trigger(file));
        Triggers { when: made(when), unless: made(unless) }
    }

    fn trigger(&mut self, file: Spanned<TriggerFile>) -> Option<Trigger> {
        let TriggerFile { property, equals, other_than, event } = file.value;
        match (property, event) {
            (Some(path), None) => Some(Trigger::Property { path, equals, other_than }),
            (None, Some(event)) if equals.is_none() && other_than.is_none() => Some(Trigger::Event(event)),
            _ => {
                let help = Some("write `property`, with `equals` or `other_than`, or `event`".to_owned());
                self.refuse(file.at, "neither one property nor one event".to_owned(), help);
                None
            }
        }
    }

    fn adds(&mut self, file: AddsFile) -> AddedStatements {
        let bound = |name: &str| name == "Target";
        let help = "known is ${Target}";
        if file.select.is_some() != file.cases.is_some() || file.cases.is_some() == file.statements.is_some()
        {
            let what = "neither `select` with `cases` nor `statements` alone".to_owned();
            self.refuse(file.target.at, what, Some("give one of the two".to_owned()));
        }
        let mut cases = Vec::new();
        for (name, statements) in file.cases.unwrap_or_default().0 {
            let forms = statements.into_iter().map(|form| self.statement(form, &bound, help)).collect();
            cases.push((name.value, forms));
        }
        if let Some(statements) = file.statements {
            let forms = statements.into_iter().map(|form| self.statement(form, &bound, help)).collect();
            cases.push((String::new(), forms));
        }
        AddedStatements {
            at: file.at,
            events: file.events,
            select: file.select.map(|select| select.value),
            target: file.target.value,
            cases,
            generated_target: file.generated_target,
        }
    }
}

/// One pair per key and item.
fn flat(pairs: Pairs<Vec<String>>) -> Vec<(String, String)> {
    let spread = |(key, items): (Spanned<String>, Vec<String>)| {
        items.into_iter().map(move |item| (key.value.clone(), item))
    };
    pairs.0.into_iter().flat_map(spread).collect()
}

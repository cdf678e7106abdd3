//! The IAM actions that deploying a template takes, and what of the template takes them. In doubt whether a resource or
//! a property is there, it counts. Knows no policy.

use super::values::{Value, View};
use crate::catalog::{Becomes, Catalog, Occasion};
use crate::syntax::Document;
use crate::template::{CONNECTOR_TYPE, Connector, Reference, Resource, Template};
use std::collections::{BTreeMap, BTreeSet};

/// What takes an action.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Deploying itself.
    Deployment,
    /// Local files that are stored first.
    Upload,
    /// Resources of this type, written in the template or made by SAM.
    Type(String),
    /// Resources of this type that connectors generate.
    Connectors(String),
}

/// One action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Need {
    /// What is done to resources by it; empty for what is no resource.
    pub on: BTreeSet<Occasion>,
    /// What takes it, with the logical ids of the resources and connectors concerned.
    pub by: BTreeMap<Cause, BTreeSet<String>>,
}

/// Why nothing can be said of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnseenReason {
    /// The table of deployer permissions does not list its type.
    UnknownType,
    /// It brings a template of its own.
    NestedTemplate,
    /// A connector that SAM would refuse.
    BrokenConnector,
}

/// Resources of one type of which nothing or not all can be said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unseen {
    /// The type.
    pub type_name: String,
    /// Why.
    pub reason: UnseenReason,
}

/// Everything that deploying one template takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Per action.
    pub actions: BTreeMap<String, Need>,
    /// What cannot be judged, with logical ids.
    pub unseen: BTreeMap<Unseen, BTreeSet<String>>,
    /// Whether macros or loops may add resources that are not written here.
    pub generated: bool,
}

/// What deploying the template of a document takes.
pub fn needs(doc: &Document, catalog: &Catalog) -> Needs {
    let template = Template::view(doc);
    let view = View { doc, template: &template };
    let mut needs = Needs { generated: template.has_generated_resources(), ..Needs::default() };
    for action in catalog.deployer().deployment() {
        needs.actions.entry(action.clone()).or_default().by.entry(Cause::Deployment).or_default();
    }
    for resource in template.resources().iter().filter(|resource| resource.type_name != CONNECTOR_TYPE) {
        needs.of_resource(view, catalog, resource);
        needs.of_upload(view, catalog, resource);
    }
    for connector in template.connectors(doc) {
        needs.of_connector(&template, catalog, &connector);
    }
    needs
}

impl Needs {
    /// What it takes to deploy this over a stack that was deployed from `earlier`: what goes or changes back on failure
    /// is changed or removed, so those needs stay.
    #[must_use]
    pub fn over(mut self, earlier: &Self) -> Self {
        for (action, need) in &earlier.actions {
            let on: BTreeSet<Occasion> =
                need.on.iter().copied().filter(|&on| on != Occasion::Create).collect();
            if on.is_empty() {
                continue;
            }
            let own = self.actions.entry(action.clone()).or_default();
            own.on.extend(on);
            for (cause, ids) in &need.by {
                own.by.entry(cause.clone()).or_default().extend(ids.iter().cloned());
            }
        }
        self
    }

    fn of_resource(&mut self, view: View<'_>, catalog: &Catalog, resource: &Resource) {
        let Some(lines) = catalog.deployer().becomes(&resource.type_name) else {
            let has = |property: &str| view.may_have(resource, property);
            return self.of_type(catalog, &resource.type_name, Cause::Type, &resource.id, &has);
        };
        let made = |line: &&Becomes| {
            line.when.as_ref().is_none_or(|when| view.may_fire(resource, when))
                && !line.unless.as_ref().is_some_and(|unless| view.surely_fires(resource, unless))
        };
        for line in lines.iter().filter(made) {
            let has = |property: &str| {
                line.sets.iter().any(|set| set == property) || view.may_have(resource, property)
            };
            for made in &line.types {
                self.of_type(catalog, made, Cause::Type, &resource.id, &has);
            }
        }
    }

    fn of_upload(&mut self, view: View<'_>, catalog: &Catalog, resource: &Resource) {
        let upload = catalog.deployer().upload();
        let mut paths = upload.properties.get(&resource.type_name).into_iter().flatten();
        let local = |value: &Value| matches!(value, Value::Text(text) if is_local(text));
        if paths.any(|path| view.values(resource, path).iter().any(local)) {
            for action in &upload.actions {
                let by = &mut self.actions.entry(action.clone()).or_default().by;
                by.entry(Cause::Upload).or_default().insert(resource.id.clone());
            }
        }
    }

    fn of_connector(&mut self, template: &Template, catalog: &Catalog, connector: &Connector) {
        let type_of = |end: &Reference| match &end.id {
            Some(id) => template.resource(id).map(|resource| resource.type_name.clone()),
            None => end.type_name.clone(),
        };
        let mut broken = connector.malformed.is_some();
        for destination in &connector.destinations {
            let ends = type_of(&connector.source).zip(type_of(destination));
            let profile = ends.and_then(|(source, destination)| catalog.profile(&source, &destination));
            match profile.and_then(|profile| catalog.generated(profile.kind)) {
                Some((made, how)) => {
                    let has = |property: &str| how.sets.iter().any(|set| set == property);
                    self.of_type(catalog, &made.name, Cause::Connectors, &connector.id, &has);
                }
                None => broken = true,
            }
        }
        if broken {
            self.unseen(CONNECTOR_TYPE, UnseenReason::BrokenConnector, &connector.id);
        }
    }

    fn of_type(
        &mut self,
        catalog: &Catalog,
        type_name: &str,
        cause: fn(String) -> Cause,
        id: &str,
        has: &dyn Fn(&str) -> bool,
    ) {
        let Some(handlers) = catalog.deployer().handlers(type_name) else {
            return self.unseen(type_name, UnseenReason::UnknownType, id);
        };
        if handlers.nested_template {
            self.unseen(type_name, UnseenReason::NestedTemplate, id);
        }
        for (action, on) in handlers.actions(has) {
            let need = self.actions.entry(action.to_owned()).or_default();
            need.on.insert(on);
            need.by.entry(cause(type_name.to_owned())).or_default().insert(id.to_owned());
        }
    }

    fn unseen(&mut self, type_name: &str, reason: UnseenReason, id: &str) {
        let unseen = Unseen { type_name: type_name.to_owned(), reason };
        self.unseen.entry(unseen).or_default().insert(id.to_owned());
    }
}

/// Whether a text is the path of a local file, and no address of something already stored.
fn is_local(text: &str) -> bool {
    !["s3://", "http://", "https://", "arn:", "{{"].iter().any(|start| text.starts_with(start))
}

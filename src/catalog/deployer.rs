//! What the identity that deploys a template needs: IAM actions per CloudFormation resource type, and the types that SAM
//! makes of its own. Refuses to know templates and policies.

use super::Trigger;
use super::check::Check;
use super::check_types::Triggers;
use super::definition::{BecomesFile, DeployerFile, HandlersFile};
use serde::Serialize;
use std::collections::BTreeMap;

/// The table of deployer permissions.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Deployer {
    deployment: Vec<String>,
    upload: Upload,
    /// By resource type; a name that ends in `*` stands for every type that starts so.
    types: BTreeMap<String, Handlers>,
    becomes: BTreeMap<String, Vec<Becomes>>,
}

/// What is needed to store what stands beside a template.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Upload {
    /// The actions on the bucket.
    pub actions: Vec<String>,
    /// Per resource type, the properties that may hold the path of a local file, with dots for nested ones.
    pub properties: BTreeMap<String, Vec<String>>,
}

/// The actions that CloudFormation takes on behalf of the deployer for resources of one type.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Handlers {
    /// Needed to create one.
    pub create: Vec<String>,
    /// Needed to change one in place.
    pub update: Vec<String>,
    /// Needed to remove one.
    pub delete: Vec<String>,
    /// Whether such a resource brings a template of its own, which needs more.
    pub nested_template: bool,
    /// Needed for each of these where the resource has the property.
    pub with: BTreeMap<String, Vec<String>>,
}

/// What is done to a resource. The order is that of the life of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Occasion {
    /// It is created.
    Create,
    /// It is changed in place.
    Update,
    /// It is removed.
    Delete,
}

/// Resources that SAM may make of one of its own.
#[derive(Debug, Clone, Serialize)]
pub struct Becomes {
    /// Their types.
    pub types: Vec<String>,
    /// Properties that SAM sets on them, whatever the template says.
    pub sets: Vec<String>,
    /// They are made only then.
    pub when: Option<Trigger>,
    /// They are not made then.
    pub unless: Option<Trigger>,
}

impl Deployer {
    /// The actions of every deployment, whatever the template holds.
    pub fn deployment(&self) -> &[String] {
        &self.deployment
    }

    /// What is needed where a template names local files.
    pub fn upload(&self) -> &Upload {
        &self.upload
    }

    /// What resources of a CloudFormation type need; `None` for a type of which nothing is known.
    pub fn handlers(&self, type_name: &str) -> Option<&Handlers> {
        self.types.get(type_name).or_else(|| {
            let stands_for =
                |name: &str| name.strip_suffix('*').is_some_and(|prefix| type_name.starts_with(prefix));
            self.types.iter().find(|(name, _)| stands_for(name)).map(|(_, handlers)| handlers)
        })
    }

    /// What SAM makes of a resource of this type; `None` for a type that SAM leaves as it is.
    pub fn becomes(&self, type_name: &str) -> Option<&[Becomes]> {
        self.becomes.get(type_name).map(Vec::as_slice)
    }

    /// Lays what a file says over what is known: its types and SAM types replace those of the same name, its lists for
    /// every deployment and for uploads replace the lists as a whole.
    pub(super) fn extend(&mut self, file: Self) {
        if !file.deployment.is_empty() {
            self.deployment = file.deployment;
        }
        if !file.upload.actions.is_empty() {
            self.upload = file.upload;
        }
        self.types.extend(file.types);
        self.becomes.extend(file.becomes);
    }
}

impl Handlers {
    /// Each action with what it is needed for, for a resource of which `has` tells whether it has a property.
    pub fn actions<'a>(
        &'a self,
        has: &'a dyn Fn(&str) -> bool,
    ) -> impl Iterator<Item = (&'a str, Occasion)> + 'a {
        let lists = [
            (Occasion::Create, &self.create),
            (Occasion::Update, &self.update),
            (Occasion::Delete, &self.delete),
        ];
        let own = lists.into_iter().flat_map(|(on, list)| list.iter().map(move |action| (action, on)));
        let with =
            self.with.iter().filter(|(property, _)| has(property)).flat_map(move |(_, list)| {
                list.iter().flat_map(move |action| lists.map(|(on, _)| (action, on)))
            });
        own.chain(with).map(|(action, on)| (action.as_str(), on))
    }
}

impl Check<'_, '_> {
    /// Actions must exist, and a wildcard in the name of a type may stand at its end only.
    pub(super) fn deployer(&mut self, file: DeployerFile) -> Deployer {
        let upload = file
            .upload
            .map(|upload| Upload { actions: self.actions(upload.actions), properties: upload.properties });
        let mut types = BTreeMap::new();
        for (name, handlers) in file.types.0 {
            if name.value.trim_end_matches('*').contains('*') {
                let help = Some("write `Custom::*`, or the type itself".to_owned());
                self.refuse(name.at, "`*` may stand at the end only".to_owned(), help);
            }
            types.insert(name.value, self.handlers(handlers));
        }
        let mut becomes = BTreeMap::new();
        for (name, lines) in file.becomes.0 {
            becomes.insert(name.value, lines.into_iter().map(|line| self.becomes(line)).collect());
        }
        Deployer {
            deployment: self.actions(file.deployment),
            upload: upload.unwrap_or_default(),
            types,
            becomes,
        }
    }

    fn handlers(&mut self, file: HandlersFile) -> Handlers {
        Handlers {
            create: self.actions(file.create),
            update: self.actions(file.update),
            delete: self.actions(file.delete),
            nested_template: file.nested_template,
            with: file.with.0.into_iter().map(|(name, list)| (name.value, self.actions(list))).collect(),
        }
    }

    fn becomes(&mut self, file: BecomesFile) -> Becomes {
        let Triggers { when, unless } = self.triggers(file.when, file.unless);
        Becomes { types: file.types, sets: file.sets, when, unless }
    }
}

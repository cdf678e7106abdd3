//! The definitions of `transforms/` as checked, ready types: profiles, policy templates, resource types,
//! actions and implications. Refuses to know files and templates.

mod actions;
mod builtin;
mod check;
mod check_types;
mod definition;
mod deployer;
mod error;
mod implication;
mod load;
mod nearest;
mod placed;
mod policy_template;
mod profile;
mod read;
mod resource_type;
#[cfg(test)]
mod schema;
mod sub;

pub use deployer::{Becomes, Deployer, Handlers, Occasion, Upload};
pub use error::{CatalogError, Problem};
pub use implication::{Implication, ImplicationScope};
pub(crate) use nearest::nearest;
pub use policy_template::{ParameterKind, PolicyTemplate, StatementEffect, TemplateStatement};
pub use profile::{GrantKind, Holder, Profile, ResourceSide, StatementForm, Waits};
pub use resource_type::{
    AddedStatements, Bearing, BesideRole, Generated, ManagedAttachment, Meaning, PrincipalForm, ResourceType,
    RoleSource, Trigger, ValueSource,
};
pub use sub::placeholders;

use actions::ActionTable;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::LazyLock;

/// A definition that is read when first asked for.
type Lazy<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

/// All definitions of one run.
///
/// Invariants: ids and names are unique; every name of a type, category and variable in a definition is
/// defined; every action of a known service exists.
#[derive(Debug)]
pub struct Catalog {
    types: BTreeMap<String, ResourceType>,
    /// Sorted by id.
    /// Shared, since what is made of them holds on to them.
    profiles: Vec<Arc<Profile>>,
    templates: BTreeMap<String, Lazy<PolicyTemplate>>,
    /// By service prefix.
    actions: BTreeMap<String, Lazy<ActionTable>>,
    implications: Vec<Implication>,
    managed_policies: BTreeMap<String, Vec<String>>,
    deployer: Lazy<Deployer>,
}

impl Catalog {
    /// The definitions that the program carries.
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Catalog> = LazyLock::new(load::builtin);
        &BUILTIN
    }

    /// The built-in definitions with others added. Files are pairs of a name and their bytes; the last two parts
    /// of the name say what a file holds (`profiles/x.yaml`, `types.yaml`), and files other than YAML are passed
    /// over. A profile, policy template, type or managed policy replaces the one of the same name; a file of
    /// actions replaces what was known of the actions that it names; `implications.yaml` replaces the whole list.
    pub fn load(files: &[(String, Vec<u8>)]) -> Result<Self, CatalogError> {
        load::with(files)
    }

    /// What the built-in definitions describe: `SAM 1.115.0`.
    pub fn version() -> &'static str {
        builtin::VERSION
    }

    /// All profiles, by id.
    pub fn profiles(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.iter().map(|profile| &**profile)
    }

    /// The profile of connectors between two types; SAM types stand for the types they are translated to.
    pub fn profile(&self, source_type: &str, destination_type: &str) -> Option<&Arc<Profile>> {
        let canonical = |name| self.types.get(name).map(|known| known.canonical.as_str());
        let (source, destination) = (canonical(source_type)?, canonical(destination_type)?);
        self.profiles.iter().find(|profile| profile.source == source && profile.destination == destination)
    }

    /// The profile with this id.
    pub fn profile_by_id(&self, id: &str) -> Option<&Profile> {
        let at = self.profiles.binary_search_by(|profile| profile.id.as_str().cmp(id)).ok()?;
        self.profiles.get(at).map(|profile| &**profile)
    }

    /// The policy template of this name.
    pub fn template(&self, name: &str) -> Option<&PolicyTemplate> {
        self.templates.get(name).map(|template| &**template)
    }

    /// All policy templates, by name. Reads those that no one has asked for yet.
    pub fn templates(&self) -> impl Iterator<Item = &PolicyTemplate> {
        self.templates.values().map(|template| &**template)
    }

    /// The names of all policy templates, sorted, without reading them.
    pub fn template_names(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    /// A resource type by the name that templates use.
    pub fn resource_type(&self, name: &str) -> Option<&ResourceType> {
        self.types.get(name)
    }

    /// All resource types, by name.
    pub fn resource_types(&self) -> impl Iterator<Item = &ResourceType> {
        self.types.values()
    }

    /// The type that connectors of this kind generate, and how.
    pub fn generated(&self, kind: GrantKind) -> Option<(&ResourceType, &Generated)> {
        let generated = |known: &'_ ResourceType| known.generated.as_ref().is_some_and(|how| how.by == kind);
        let known = self.types.values().find(|known| generated(known))?;
        Some((known, known.generated.as_ref()?))
    }

    /// The IAM resource types that `service:Action` can match, in any case. Empty: only the resource `*`.
    /// `None`: nothing is known of the action.
    pub fn action_kinds(&self, action: &str) -> Option<&[String]> {
        let (service, name) = split_action(action)?;
        self.actions.get(&service)?.kinds(&name)
    }

    /// The known actions of a service in lower case, without its prefix, sorted; `None` for a service of which
    /// nothing is known.
    pub fn actions(&self, service: &str) -> Option<impl Iterator<Item = &str>> {
        self.actions.get(&service.to_ascii_lowercase()).map(|table| table.names())
    }

    /// Why a grant of `service:Action` can never match a resource of these IAM resource types; `None` if it can,
    /// or if nothing is known of the action or `kinds` is empty.
    pub fn inert_reason(&self, action: &str, kinds: &[&str]) -> Option<String> {
        let (service, name) = split_action(action)?;
        self.actions.get(&service)?.inert_reason(&name, kinds)
    }

    /// The known action that a mistyped `service:Action` most likely means, in lower case.
    pub fn nearest_action(&self, action: &str) -> Option<String> {
        let (service, name) = split_action(action)?;
        let service = match self.actions.contains_key(&service) {
            true => &service,
            false => nearest(&service, self.actions.keys().map(String::as_str))?,
        };
        let near = nearest(&name, self.actions.get(service)?.names())?;
        Some(format!("{service}:{near}"))
    }

    /// Arguments for why an added permission is no new power.
    pub fn implications(&self) -> &[Implication] {
        &self.implications
    }

    /// The actions that an AWS managed policy grants on the resource `*`, by its ARN, by path and name, or by its
    /// name alone; `None` for a policy of which nothing is known.
    pub fn managed_policy(&self, policy: &str) -> Option<&[String]> {
        let path = policy.rsplit_once(":policy/").map_or(policy, |(_, path)| path);
        let by_name = || {
            let named = |known: &&String| known.rsplit('/').next() == Some(path);
            self.managed_policies.keys().find(named).and_then(|known| self.managed_policies.get(known))
        };
        self.managed_policies.get(path).or_else(by_name).map(Vec::as_slice)
    }

    /// What the identity that deploys a template needs.
    pub fn deployer(&self) -> &Deployer {
        &self.deployer
    }

    /// Everything, as one JSON value with keys that follow the names of the types here.
    pub fn to_json(&self) -> serde_json::Value {
        let templates: BTreeMap<&str, &PolicyTemplate> =
            self.templates().map(|template| (template.name.as_str(), template)).collect();
        let actions: BTreeMap<&str, &ActionTable> =
            self.actions.iter().map(|(service, table)| (service.as_str(), &**table)).collect();
        serde_json::json!({
            "version": Self::version(),
            "profiles": self.profiles().collect::<Vec<_>>(),
            "policy_templates": templates,
            "types": self.types,
            "actions": actions,
            "implications": self.implications,
            "managed_policies": self.managed_policies,
            "deployer": *self.deployer,
        })
    }
}

/// Service and name of `service:Action`, in lower case.
fn split_action(action: &str) -> Option<(String, String)> {
    let (service, name) = action.split_once(':')?;
    Some((service.to_ascii_lowercase(), name.to_ascii_lowercase()))
}

/// The name of a definition file without directories and ending.
fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

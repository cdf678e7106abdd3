//! Puts a catalogue together from the built-in definitions and those of the user: says what replaces what, and
//! in which order definitions can be checked against each other.

use super::actions::ActionTable;
use super::builtin;
use super::check::{ActionLookup, Check};
use super::definition::{
    ActionsFile, DeployerFile, ImplicationsFile, ManagedPoliciesFile, ProfileFile, TemplateFile, TypeFile,
    TypesFile,
};
use super::error::{CatalogError, Problem};
use super::placed::Spanned;
use super::read::read;
use super::{Catalog, Deployer, Implication, Lazy, PolicyTemplate, Profile, ResourceType, stem};
use crate::syntax::Document;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::LazyLock;

/// Why reading a built-in definition cannot fail.
const PROVEN: &str = "impossible: a test loads every built-in definition with all checks";

/// The built-in definitions alone. They skip the check of actions, so that no table of actions need be read.
pub(super) fn builtin() -> Catalog {
    assemble(&[]).expect(PROVEN)
}

/// The built-in definitions with others added.
pub(super) fn with(files: &[(String, Vec<u8>)]) -> Result<Catalog, CatalogError> {
    assemble(files)
}

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Types,
    Profile,
    Template,
    Actions,
    Implications,
    ManagedPolicies,
    Deployer,
}

/// A definition file's name and text, for messages.
struct Place {
    name: String,
    document: Document,
    /// Whether a test has checked it.
    builtin: bool,
}

/// A definition file that has been read, but not checked.
struct File<T> {
    place: Place,
    value: T,
}

/// Definition files by what they hold, in order of precedence, the last one first to count.
#[derive(Default)]
struct Files {
    types: Vec<File<TypesFile>>,
    profiles: Vec<File<ProfileFile>>,
    templates: Vec<File<TemplateFile>>,
    actions: Vec<File<ActionsFile>>,
    implications: Vec<File<ImplicationsFile>>,
    managed_policies: Vec<File<ManagedPoliciesFile>>,
    deployer: Vec<File<DeployerFile>>,
    problems: Vec<Problem>,
}

impl Files {
    fn add(&mut self, name: &str, bytes: Vec<u8>, builtin: bool) {
        match kind_of(name) {
            Ok(Some(Kind::Types)) => take(&mut self.types, &mut self.problems, name, bytes, builtin),
            Ok(Some(Kind::Profile)) => take(&mut self.profiles, &mut self.problems, name, bytes, builtin),
            Ok(Some(Kind::Template)) => take(&mut self.templates, &mut self.problems, name, bytes, builtin),
            Ok(Some(Kind::Actions)) => take(&mut self.actions, &mut self.problems, name, bytes, builtin),
            Ok(Some(Kind::Implications)) => {
                take(&mut self.implications, &mut self.problems, name, bytes, builtin);
            }
            Ok(Some(Kind::ManagedPolicies)) => {
                take(&mut self.managed_policies, &mut self.problems, name, bytes, builtin);
            }
            Ok(Some(Kind::Deployer)) => take(&mut self.deployer, &mut self.problems, name, bytes, builtin),
            Ok(None) => {}
            Err(problem) => self.problems.push(problem),
        }
    }
}

fn take<T: DeserializeOwned>(
    files: &mut Vec<File<T>>,
    problems: &mut Vec<Problem>,
    name: &str,
    bytes: Vec<u8>,
    builtin: bool,
) {
    match read(name, bytes) {
        Ok((value, document)) => {
            files.push(File { place: Place { name: name.to_owned(), document, builtin }, value });
        }
        Err(problem) => problems.push(problem),
    }
}

/// What a file of this name holds; `None` for a file that is no definition.
fn kind_of(name: &str) -> Result<Option<Kind>, Problem> {
    let mut parts = name.rsplit(['/', '\\']);
    let (last, directory) = (parts.next().unwrap_or(name), parts.next());
    if !last.ends_with(".yaml") && !last.ends_with(".yml") {
        return Ok(None);
    }
    match (directory, stem(name)) {
        (Some("profiles"), _) => Ok(Some(Kind::Profile)),
        (Some("policy-templates"), _) => Ok(Some(Kind::Template)),
        (Some("actions"), _) => Ok(Some(Kind::Actions)),
        (Some("deployer"), _) => Ok(Some(Kind::Deployer)),
        (_, "types") => Ok(Some(Kind::Types)),
        (_, "implications") => Ok(Some(Kind::Implications)),
        (_, "managed-policies") => Ok(Some(Kind::ManagedPolicies)),
        _ => Err(Problem {
            file: name.to_owned(),
            at: None,
            what: "nothing says what this file defines".to_owned(),
            help: Some(
                "name it types.yaml, implications.yaml or managed-policies.yaml, or put it into profiles/, \
                 policy-templates/, actions/ or deployer/"
                    .to_owned(),
            ),
        }),
    }
}

fn assemble(additions: &[(String, Vec<u8>)]) -> Result<Catalog, CatalogError> {
    let mut files = Files::default();
    for (name, text) in builtin::CORE {
        files.add(name, text.as_bytes().to_vec(), true);
    }
    for (name, bytes) in additions {
        files.add(name, bytes.clone(), false);
    }
    let mut problems = std::mem::take(&mut files.problems);
    let actions = all_actions(files.actions, &mut problems);
    let lookup = |service: &str| actions.get(&service.to_ascii_lowercase()).map(|table| &**table);
    let mut step = Step { problems: &mut problems, lookup: &lookup };
    let mut types = step.types(files.types);
    let profiles = step.profiles(files.profiles, &types);
    let templates = step.templates(files.templates, &types);
    let implications = step.implications(files.implications, &types);
    let managed_policies = step.managed_policies(files.managed_policies);
    let deployer = step.deployer(files.deployer);
    if !problems.is_empty() {
        problems.sort_by(|a, b| (&a.file, a.at).cmp(&(&b.file, b.at)));
        return Err(CatalogError { problems });
    }
    for generated in types.values_mut() {
        needs_of_generated(generated, &deployer);
    }
    Ok(Catalog {
        types,
        profiles,
        templates,
        actions,
        implications,
        managed_policies,
        deployer: whole(deployer),
    })
}

/// The whole table of deployer permissions, read when first asked for. What is there already counts before what is built
/// in.
fn whole(first: Deployer) -> Lazy<Deployer> {
    LazyLock::new(Box::new(move || {
        let mut table = Deployer::default();
        for &(name, text) in builtin::DEPLOYER {
            let (file, document) = read(name, text.as_bytes().to_vec()).expect(PROVEN);
            let mut problems = Vec::new();
            let mut check =
                Check { file: name, source: document.source(), problems: &mut problems, actions: None };
            table.extend(check.deployer(file));
        }
        table.extend(first);
        table
    }))
}

/// Fills in what a deployer needs for resources that connectors generate.
fn needs_of_generated(known: &mut ResourceType, deployer: &Deployer) {
    let Some(generated) = &mut known.generated else { return };
    let Some(handlers) = deployer.handlers(&known.name) else { return };
    let has = |property: &str| generated.sets.iter().any(|set| set == property);
    let actions: BTreeSet<&str> = handlers.actions(&has).map(|(action, _)| action).collect();
    generated.deployer_actions = actions.into_iter().map(str::to_owned).collect();
}

fn ready<T: Send + 'static>(value: T) -> Lazy<T> {
    LazyLock::new(Box::new(move || value))
}

/// The built-in tables of actions, each read when first asked for, with the user's lines laid over them.
fn all_actions(
    files: Vec<File<ActionsFile>>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Lazy<ActionTable>> {
    let mut tables: BTreeMap<String, Lazy<ActionTable>> = BTreeMap::new();
    for &(name, text) in builtin::ACTIONS {
        let table = move || {
            let mut table = ActionTable::default();
            table.extend(read(name, text.as_bytes().to_vec()).expect(PROVEN).0);
            table
        };
        tables.insert(stem(name).to_owned(), LazyLock::new(Box::new(table)));
    }
    for file in files {
        let mut check =
            Check { file: &file.place.name, source: file.place.document.source(), problems, actions: None };
        check.action_file(&file.value);
        let service = file.value.service.value.clone();
        let mut table = tables.remove(&service).map(|table| (*table).clone()).unwrap_or_default();
        let inert = file.value.inert.clone();
        table.extend(file.value);
        check.inert_lines(&inert, &table);
        tables.insert(service, ready(table));
    }
    tables
}

/// The steps that check definitions against those before them.
struct Step<'a> {
    problems: &'a mut Vec<Problem>,
    lookup: ActionLookup<'a>,
}

impl<'a> Step<'a> {
    fn check<'c>(&'c mut self, place: &'c Place) -> Check<'c, 'a> {
        let actions = (!place.builtin).then_some(self.lookup);
        Check { file: &place.name, source: place.document.source(), problems: self.problems, actions }
    }

    /// Types that stand for themselves first, then those that are the same as one of them.
    fn types(&mut self, files: Vec<File<TypesFile>>) -> BTreeMap<String, ResourceType> {
        type Entry = (Rc<Place>, Spanned<String>, TypeFile);
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        for file in files {
            let place = Rc::new(file.place);
            for (name, definition) in file.value.0 {
                entries.insert(name.value.clone(), (Rc::clone(&place), name, definition));
            }
        }
        let (aliases, own): (BTreeMap<_, _>, BTreeMap<_, _>) =
            entries.into_iter().partition(|(_, (_, _, definition))| definition.same_as.is_some());
        let mut types = BTreeMap::new();
        for (key, (place, name, definition)) in own {
            if let Some(made) = self.check(&place).resource_type(&name, definition, None) {
                types.insert(key, made);
            }
        }
        let mut made_aliases = Vec::new();
        for (_, (place, name, definition)) in aliases {
            let mut check = self.check(&place);
            let base = definition.same_as.as_ref().and_then(|base| {
                check.known("resource type", base, types.keys().map(String::as_str));
                types.get(&base.value)
            });
            made_aliases.extend(base.and_then(|base| check.resource_type(&name, definition, Some(base))));
        }
        types.extend(made_aliases.into_iter().map(|made| (made.name.clone(), made)));
        types
    }

    fn profiles(
        &mut self,
        files: Vec<File<ProfileFile>>,
        types: &BTreeMap<String, ResourceType>,
    ) -> Vec<Arc<Profile>> {
        let mut profiles: BTreeMap<String, Profile> = BTreeMap::new();
        let mut added = BTreeSet::new();
        for file in files {
            let mut check = self.check(&file.place);
            let at = file.value.id.at;
            if !file.place.builtin && !added.insert(file.value.id.value.clone()) {
                check.refuse(at, format!("a second profile `{}`", file.value.id.value), None);
            }
            let profile = check.profile(file.value, types);
            let twin = profiles.values().find(|other| {
                other.id != profile.id
                    && (&other.source, &other.destination) == (&profile.source, &profile.destination)
            });
            if let Some(twin) = twin {
                let help = Some("give it the same id to replace that one".to_owned());
                check.refuse(at, format!("`{}` joins the same two types", twin.id), help);
            }
            profiles.insert(profile.id.clone(), profile);
        }
        profiles.into_values().map(Arc::new).collect()
    }

    fn templates(
        &mut self,
        files: Vec<File<TemplateFile>>,
        types: &BTreeMap<String, ResourceType>,
    ) -> BTreeMap<String, Lazy<PolicyTemplate>> {
        let mut templates: BTreeMap<String, Lazy<PolicyTemplate>> = BTreeMap::new();
        for &(name, text) in builtin::POLICY_TEMPLATES {
            let template = move || {
                let (file, document) = read(name, text.as_bytes().to_vec()).expect(PROVEN);
                let mut problems = Vec::new();
                let types = &Catalog::builtin().types;
                Check { file: name, source: document.source(), problems: &mut problems, actions: None }
                    .template(file, types)
            };
            templates.insert(stem(name).to_owned(), LazyLock::new(Box::new(template)));
        }
        let mut added = BTreeSet::new();
        for file in files {
            let mut check = self.check(&file.place);
            let name = file.value.name.clone();
            if !added.insert(name.value.clone()) {
                check.refuse(name.at, format!("a second policy template `{}`", name.value), None);
            }
            let template = check.template(file.value, types);
            templates.insert(name.value, ready(template));
        }
        templates
    }

    /// The last file counts alone: whoever overrules the arguments wants to see all that hold in one place.
    fn implications(
        &mut self,
        mut files: Vec<File<ImplicationsFile>>,
        types: &BTreeMap<String, ResourceType>,
    ) -> Vec<Implication> {
        let Some(file) = files.pop() else { return Vec::new() };
        let mut check = self.check(&file.place);
        file.value.into_iter().map(|line| check.implication(line, types)).collect()
    }

    fn managed_policies(&mut self, files: Vec<File<ManagedPoliciesFile>>) -> BTreeMap<String, Vec<String>> {
        let mut policies = BTreeMap::new();
        for file in files {
            policies.extend(self.check(&file.place).managed_policies(file.value));
        }
        policies
    }
    /// What connectors generate, and what the user adds: the part of the table that is read at once.
    fn deployer(&mut self, files: Vec<File<DeployerFile>>) -> Deployer {
        let mut table = Deployer::default();
        for file in files {
            table.extend(self.check(&file.place).deployer(file.value));
        }
        table
    }
}

//! Turns definition files into the public types, and finds what is wrong with them: names of types, actions,
//! categories and variables that nothing defines. Reads no files and chooses no precedence.

use super::actions::ActionTable;
use super::definition::{
    ActionsFile, ImplicationFile, KindsFile, ManagedPoliciesFile, ParameterFile, ProfileFile, StatementFile,
    TemplateFile, TemplateStatementFile,
};
use super::error::Problem;
use super::nearest::nearest;
use super::placed::Spanned;
use super::sub::is_pseudo_parameter;
use super::{
    GrantKind, Holder, Implication, ImplicationScope, ParameterKind, PolicyTemplate, Profile, ResourceSide,
    ResourceType, StatementForm, TemplateStatement, placeholders,
};
use crate::text::Source;
use std::collections::BTreeMap;

/// Looks up the actions of a service; `None` for a service that the catalogue does not know.
pub(super) type ActionLookup<'a> = &'a dyn Fn(&str) -> Option<&'a ActionTable>;

/// One file under check. Problems are collected, so that one run tells them all.
pub(super) struct Check<'c, 'a> {
    /// Name of the file, for messages.
    pub(super) file: &'c str,
    /// Its text, for places.
    pub(super) source: &'c Source,
    /// Where problems go.
    pub(super) problems: &'c mut Vec<Problem>,
    /// The known actions; `None` leaves actions unchecked, for files that a test has checked.
    pub(super) actions: Option<ActionLookup<'a>>,
}

impl Check<'_, '_> {
    pub(super) fn refuse(&mut self, at: u32, what: String, help: Option<String>) {
        let at = Some(self.source.position(at));
        self.problems.push(Problem { file: self.file.to_owned(), at, what, help });
    }

    /// Refuses a name that is not among the known ones.
    pub(super) fn known<'k>(
        &mut self,
        what: &str,
        name: &Spanned<String>,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        if !known.contains(&name.value.as_str()) {
            let near = nearest(&name.value, known.iter().copied());
            let help = near.map(|near| format!("did you mean `{near}`?"));
            self.refuse(name.at, format!("unknown {what} `{}`", name.value), help);
        }
    }

    /// The id of a definition must be the stem of its file, so that it can be found by name.
    fn stem(&mut self, name: &Spanned<String>) {
        let stem = super::stem(self.file);
        if stem != name.value {
            let what = format!("`{}` stands in a file named `{stem}`", name.value);
            self.refuse(name.at, what, Some("name the file after the definition".to_owned()));
        }
    }

    pub(super) fn actions(&mut self, actions: Vec<Spanned<String>>) -> Vec<String> {
        for action in &actions {
            let Some((service, name)) = action.value.split_once(':') else {
                let help = Some("write service:Action".to_owned());
                self.refuse(action.at, format!("`{}` is no action", action.value), help);
                continue;
            };
            let Some(table) = self.actions.and_then(|lookup| lookup(service)) else { continue };
            let name = name.to_ascii_lowercase();
            let known = match name.split_once(['*', '?']) {
                Some((prefix, _)) => table.names().any(|known| known.starts_with(prefix)),
                None => table.kinds(&name).is_some(),
            };
            if !known {
                let help = match nearest(&name, table.names()) {
                    Some(near) => format!("did you mean `{service}:{near}`?"),
                    None => format!("add it to `actions/{service}.yaml` if it exists"),
                };
                self.refuse(action.at, format!("unknown action `{}`", action.value), Some(help));
            }
        }
        actions.into_iter().map(|action| action.value).collect()
    }

    /// Refuses a placeholder that is neither a pseudo parameter nor bound.
    pub(super) fn bound(&mut self, text: &Spanned<String>, bound: &dyn Fn(&str) -> bool, help: &str) {
        for name in placeholders(&text.value) {
            if !is_pseudo_parameter(name) && !bound(name) {
                let what = format!("nothing gives `${{{name}}}` a value");
                self.refuse(text.at, what, Some(help.to_owned()));
            }
        }
    }

    pub(super) fn statement(
        &mut self,
        file: StatementFile,
        bound: &dyn Fn(&str) -> bool,
        help: &str,
    ) -> StatementForm {
        for resource in &file.resources {
            self.bound(resource, bound, help);
        }
        let actions = self.actions(file.actions);
        StatementForm { actions, resources: file.resources.into_iter().map(|text| text.value).collect() }
    }

    /// A profile must join two CloudFormation types and use only what connectors know of them.
    pub(super) fn profile(&mut self, file: ProfileFile, types: &BTreeMap<String, ResourceType>) -> Profile {
        self.stem(&file.id);
        for side in [&file.source, &file.destination] {
            self.known("resource type", side, types.keys().map(String::as_str));
            if let Some(alias) = types.get(&side.value).filter(|known| known.canonical != side.value) {
                let help = Some(format!("write `{}`; aliases are resolved to it", alias.canonical));
                self.refuse(side.at, format!("`{}` is an alias", side.value), help);
            }
        }
        let value = |name: &str| {
            let (side, property) = name.split_once('.')?;
            let side = match side {
                "Source" => &file.source,
                "Destination" => &file.destination,
                _ => return None,
            };
            types.get(&side.value)?.connector.get(property).map(|_| ())
        };
        let bound = |name: &str| value(name).is_some();
        let help = "known are ${Source.X} and ${Destination.X}, with X from `connector` of the type";
        let categories: Vec<String> = file.permissions.0.iter().map(|(name, _)| name.value.clone()).collect();
        for category in file.combinations.iter().flatten() {
            self.known("access category", category, categories.iter().map(String::as_str));
        }
        let kind = file.grants.value;
        self.sides(kind, &file.grants, file.holder.is_some(), file.resource_side.is_some());
        let resource_side = file.resource_side.map(|side| {
            self.bound(&side.source_arn, &bound, help);
            ResourceSide {
                principal: side.principal,
                source_arn: side.source_arn.value,
                source_account: side.source_account,
                tried_at_creation: side.tried_at_creation,
            }
        });
        let mut permissions = Vec::new();
        for (category, statements) in file.permissions.0 {
            let forms = statements.into_iter().map(|form| self.statement(form, &bound, help)).collect();
            permissions.push((category.value, forms));
        }
        let combinations = file
            .combinations
            .into_iter()
            .map(|words| words.into_iter().map(|word| word.value).collect())
            .collect();
        Profile {
            id: file.id.value,
            title: file.title,
            source: file.source.value,
            destination: file.destination.value,
            kind,
            holder: file.holder.unwrap_or(Holder::Destination),
            combinations,
            permissions,
            resource_side,
            waits: file.waits,
            notes: file.notes,
        }
    }

    /// A managed policy needs a role to hold it; everything else needs to say who is allowed.
    fn sides(&mut self, kind: GrantKind, grants: &Spanned<GrantKind>, holder: bool, resource_side: bool) {
        let managed = kind == GrantKind::ManagedPolicy;
        if managed != holder {
            let (what, help) = match managed {
                true => ("a managed policy needs a role", "add `holder: source` or `holder: destination`"),
                false => ("only a managed policy has a holder", "remove `holder`"),
            };
            self.refuse(grants.at, what.to_owned(), Some(help.to_owned()));
        }
        if managed == resource_side {
            let (what, help) = match managed {
                true => ("a managed policy names no principal", "remove `resource_side`"),
                false => ("nothing says who is allowed", "add `resource_side`"),
            };
            self.refuse(grants.at, what.to_owned(), Some(help.to_owned()));
        }
    }

    /// Every parameter of a policy template must be used, and every variable be one of them.
    pub(super) fn template(
        &mut self,
        file: TemplateFile,
        types: &BTreeMap<String, ResourceType>,
    ) -> PolicyTemplate {
        self.stem(&file.name);
        let names: Vec<&str> = file.parameters.0.iter().map(|(name, _)| name.value.as_str()).collect();
        let mut used: Vec<String> = Vec::new();
        let mut statements = Vec::new();
        for statement in file.statements {
            used.extend(statement.variables.0.iter().map(|(_, parameter)| parameter.value.clone()));
            statements.push(self.template_statement(statement, &names));
        }
        let mut parameters = Vec::new();
        for (name, kind) in file.parameters.0 {
            if !used.contains(&name.value) {
                let help = Some("name it in `variables` of a statement, or remove it".to_owned());
                self.refuse(name.at, format!("no statement uses the parameter `{}`", name.value), help);
            }
            let kind = match kind {
                ParameterFile::Names(of) => {
                    self.known("resource type", &of, types.keys().map(String::as_str));
                    ParameterKind::Name(of.value)
                }
                ParameterFile::Arn(of) => {
                    self.known("resource type", &of, types.keys().map(String::as_str));
                    ParameterKind::Arn(of.value)
                }
                ParameterFile::Plain => ParameterKind::Plain,
            };
            parameters.push((name.value, kind));
        }
        PolicyTemplate { name: file.name.value, title: file.title, parameters, statements }
    }

    fn template_statement(&mut self, file: TemplateStatementFile, parameters: &[&str]) -> TemplateStatement {
        for (_, parameter) in &file.variables.0 {
            self.known("parameter", parameter, parameters.iter().copied());
        }
        let variables: Vec<(String, String)> =
            file.variables.0.into_iter().map(|(name, parameter)| (name.value, parameter.value)).collect();
        let bound = |name: &str| variables.iter().any(|(own, _)| own == name);
        let help = "add it to `variables`";
        let form =
            self.statement(StatementFile { actions: file.actions, resources: file.resources }, &bound, help);
        if let Some(condition) = &file.condition {
            let text = Spanned { at: condition.at, value: condition.value.to_string() };
            self.bound(&text, &bound, help);
        }
        TemplateStatement {
            effect: file.effect,
            actions: form.actions,
            resources: form.resources,
            variables,
            condition: file.condition.map(|condition| condition.value),
        }
    }

    /// An implication must name known actions, and either what implies or a scope that decides alone.
    pub(super) fn implication(
        &mut self,
        file: ImplicationFile,
        types: &BTreeMap<String, ResourceType>,
    ) -> Implication {
        let decides = file.on.as_ref().is_some_and(|scope| scope.without.is_some());
        if file.implied_by.is_empty() && !file.same_action_on_base && !decides {
            let help = Some("add `implied_by`".to_owned());
            self.refuse(file.reason.at, "nothing implies the addition".to_owned(), help);
        }
        let scope = file.on.map(|scope| {
            self.known("resource type", &scope.resource_type, types.keys().map(String::as_str));
            if let Some(known) = types.get(&scope.resource_type.value) {
                let suffixes = known.scopes.iter().map(|(suffix, _)| suffix.as_str());
                self.known("scope", &scope.scope, suffixes);
            }
            ImplicationScope {
                resource_type: scope.resource_type.value,
                suffix: scope.scope.value,
                only_without_index: scope.without.is_some(),
            }
        });
        Implication {
            added: self.actions(file.added),
            scope,
            implied_by: self.actions(file.implied_by),
            same_action_on_base: file.same_action_on_base,
            reason: file.reason.value,
        }
    }

    /// Names of actions are compared in lower case, so they must be written so.
    pub(super) fn action_file(&mut self, file: &ActionsFile) {
        self.stem(&file.service);
        let listed = file.actions.0.iter().map(|(action, _)| action);
        let noted = file.corrections.iter().chain(&file.inert).flat_map(|line| &line.actions);
        for action in listed.chain(noted).cloned().collect::<Vec<_>>() {
            let lower = action.value.to_ascii_lowercase();
            if lower != action.value || action.value.contains(':') {
                let lower = lower.rsplit(':').next().unwrap_or_default();
                let what = format!("`{}` is not in lower case without a prefix", action.value);
                self.refuse(action.at, what, Some(format!("write `{lower}`")));
            }
        }
    }

    /// A reason must be about a pair that really never matches, or it would never be told.
    pub(super) fn inert_lines(&mut self, lines: &[KindsFile], table: &ActionTable) {
        for line in lines {
            for action in &line.actions {
                match table.kinds(&action.value) {
                    None => self.known("action", action, table.names()),
                    Some(can_match) => {
                        if let Some(kind) = line.kinds.iter().find(|kind| can_match.contains(kind)) {
                            let what = format!("`{}` can match resources of type {kind}", action.value);
                            let help = "correct the action's types or remove the line".to_owned();
                            self.refuse(action.at, what, Some(help));
                        }
                    }
                }
            }
        }
    }

    /// Managed policies grant actions on every resource.
    pub(super) fn managed_policies(&mut self, file: ManagedPoliciesFile) -> BTreeMap<String, Vec<String>> {
        file.0.into_iter().map(|(name, actions)| (name.value, self.actions(actions))).collect()
    }
}

//! The two spellings of a profile in YAML, as examples for people: the connector, and the policy that says the same.

use crate::catalog::{
    Bearing, Catalog, GrantKind, Holder, Meaning, Profile, ResourceType, StatementForm, ValueSource,
    placeholders,
};
use std::fmt::Write;

/// One side of a connector in an example.
struct Side<'a> {
    id: String,
    /// The type as the example writes it: SAM's own where there is one.
    name: &'a str,
    resource_type: Option<&'a ResourceType>,
}

/// Examples about one profile.
pub(super) struct Spelling<'a> {
    profile: &'a Profile,
    catalog: &'a Catalog,
    source: Side<'a>,
    destination: Side<'a>,
}

impl<'a> Spelling<'a> {
    pub(super) fn new(profile: &'a Profile, catalog: &'a Catalog) -> Self {
        let source = Side::new(&profile.source, "My", catalog);
        let prefix = if profile.source == profile.destination { "Other" } else { "My" };
        let destination = Side::new(&profile.destination, prefix, catalog);
        Self { profile, catalog, source, destination }
    }

    /// The connector, embedded in its source, with the largest set of categories.
    pub(super) fn connector(&self) -> String {
        let mut yaml = Yaml::default();
        yaml.line(0, format_args!("{}:", self.source.id));
        yaml.line(1, format_args!("Type: {}", self.source.name));
        yaml.line(1, "Connectors:");
        yaml.line(2, format_args!("To{}:", self.destination.id));
        yaml.line(3, "Properties:");
        yaml.line(4, "Destination:");
        yaml.line(5, format_args!("Id: {}", self.destination.id));
        yaml.line(4, "Permissions:");
        for category in self.profile.combinations.iter().max_by_key(|c| c.len()).into_iter().flatten() {
            yaml.line(5, format_args!("- {category}"));
        }
        yaml.text
    }

    /// The policy that grants the same, wherever this kind of grant is written.
    pub(super) fn policy(&self) -> String {
        let mut yaml = Yaml::default();
        let generated = self.catalog.generated(self.profile.kind).map(|(known, _)| known);
        match (self.profile.kind, generated.and_then(|known| Some((known, known.bears.as_ref()?)))) {
            (GrantKind::LambdaPermission, Some((known, bearing))) => {
                self.permission(&mut yaml, known, bearing)
            }
            (GrantKind::QueuePolicy | GrantKind::TopicPolicy, Some((known, bearing))) => {
                self.resource_policy(&mut yaml, known, bearing);
            }
            _ => self.role_policy(&mut yaml),
        }
        yaml.text
    }

    fn role_policy(&self, yaml: &mut Yaml) {
        let holder = match self.profile.holder {
            Holder::Source => &self.source,
            Holder::Destination => &self.destination,
        };
        let principal = holder.resource_type.and_then(|known| known.principal.as_ref());
        let mut depth = 1;
        match principal.and_then(|principal| principal.policies.as_ref()) {
            Some(policies) => {
                yaml.line(0, format_args!("{}:", holder.id));
                yaml.line(1, format_args!("Type: {}", holder.name));
                yaml.line(1, "Properties:");
                yaml.line(2, format_args!("{policies}:"));
                yaml.line(3, "- Version: '2012-10-17'");
                depth = 4;
            }
            None => yaml.line(0, format_args!("PolicyDocument:  # of the role of {}", holder.id)),
        }
        yaml.line(depth, "Statement:");
        for form in self.profile.permissions.iter().flat_map(|(_, forms)| forms) {
            yaml.line(depth + 1, "- Effect: Allow");
            self.actions_and_resources(yaml, depth + 2, form);
        }
    }

    fn actions_and_resources(&self, yaml: &mut Yaml, depth: usize, form: &StatementForm) {
        yaml.list(depth, "Action", &form.actions);
        let resources: Vec<String> = form.resources.iter().map(|text| intrinsic(&self.bound(text))).collect();
        yaml.list(depth, "Resource", &resources);
    }

    fn permission(&self, yaml: &mut Yaml, known: &ResourceType, bearing: &Bearing) {
        let Bearing::LambdaPermission { action, function, principal, source_arn, source_account } = bearing
        else {
            return self.role_policy(yaml);
        };
        let actions =
            self.profile.permissions.iter().flat_map(|(_, forms)| forms).flat_map(|form| &form.actions);
        yaml.line(0, "MyPermission:");
        yaml.line(1, format_args!("Type: {}", known.name));
        yaml.line(1, "Properties:");
        actions.for_each(|name| yaml.line(2, format_args!("{action}: {name}")));
        yaml.line(2, format_args!("{function}: !Ref {}", self.destination.id));
        if let Some(side) = &self.profile.resource_side {
            yaml.line(2, format_args!("{principal}: {}", side.principal));
            yaml.line(2, format_args!("{source_arn}: {}", intrinsic(&self.bound(&side.source_arn))));
            if side.source_account {
                yaml.line(2, format_args!("{source_account}: !Ref AWS::AccountId"));
            }
        }
    }

    fn resource_policy(&self, yaml: &mut Yaml, known: &ResourceType, bearing: &Bearing) {
        let Bearing::ResourcePolicy { document, on, .. } = bearing else { return self.role_policy(yaml) };
        yaml.line(0, "MyPolicy:");
        yaml.line(1, format_args!("Type: {}", known.name));
        yaml.line(1, "Properties:");
        yaml.line(2, format_args!("{on}:"));
        yaml.line(3, format_args!("- !Ref {}", self.destination.id));
        yaml.line(2, format_args!("{document}:"));
        yaml.line(3, "Version: '2012-10-17'");
        yaml.line(3, "Statement:");
        for form in self.profile.permissions.iter().flat_map(|(_, forms)| forms) {
            yaml.line(4, "- Effect: Allow");
            if let Some(side) = &self.profile.resource_side {
                yaml.line(5, "Principal:");
                yaml.line(6, format_args!("Service: {}", side.principal));
            }
            self.actions_and_resources(yaml, 5, form);
            if let Some(side) = &self.profile.resource_side {
                yaml.line(5, "Condition:");
                yaml.line(6, "ArnEquals:");
                yaml.line(7, format_args!("aws:SourceArn: {}", intrinsic(&self.bound(&side.source_arn))));
            }
        }
    }

    /// The `Fn::Sub` text of a profile with its sides replaced by the resources of the example.
    fn bound(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for placeholder in placeholders(text) {
            let side = match placeholder.split_once('.') {
                Some(("Source", property)) => Some((&self.source, property)),
                Some(("Destination", property)) => Some((&self.destination, property)),
                _ => None,
            };
            if let Some((side, property)) = side {
                out = out.replace(&format!("${{{placeholder}}}"), &side.value(property));
            }
        }
        out
    }
}

impl<'a> Side<'a> {
    fn new(canonical: &'a str, prefix: &str, catalog: &'a Catalog) -> Self {
        let sam = catalog
            .resource_types()
            .find(|known| known.canonical == canonical && known.name.starts_with("AWS::Serverless::"));
        let resource_type = sam.or_else(|| catalog.resource_type(canonical));
        let name = resource_type.map_or(canonical, |known| known.name.as_str());
        // The id follows the plain type, since `Table` says more than `SimpleTable`.
        let noun = canonical.rsplit("::").next().unwrap_or(canonical);
        Self { id: format!("{prefix}{noun}"), name, resource_type }
    }

    fn value(&self, property: &str) -> String {
        match self.resource_type.and_then(|known| known.connector.get(property)) {
            Some(ValueSource::Ref) => format!("${{{}}}", self.id),
            Some(ValueSource::Attribute(attribute)) => format!("${{{}.{attribute}}}", self.id),
            Some(ValueSource::Literal(text)) => text.clone(),
            None => format!("${{{}.{property}}}", self.id),
        }
    }
}

/// A value for a parameter that takes the name, or else the ARN, of a resource of this type.
pub(super) fn reference_to(name: &str, by: &Meaning, catalog: &Catalog) -> String {
    let side = Side::new(name, "My", catalog);
    let known = catalog.resource_type(name);
    let attribute = known.and_then(|known| known.attributes.iter().find(|(_, meaning)| *meaning == by));
    match (known, attribute) {
        (Some(known), _) if known.reference == *by => format!("!Ref {}", side.id),
        (_, Some((attribute, _))) => format!("!GetAtt {}.{attribute}", side.id),
        _ => format!("…  # the {by} of an {name}"),
    }
}

/// `Fn::Sub` text in its shortest YAML spelling.
pub(super) fn intrinsic(text: &str) -> String {
    let whole =
        text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).filter(|name| !name.contains("${"));
    match whole {
        Some(name) if name.contains('.') => format!("!GetAtt {name}"),
        Some(name) => format!("!Ref {name}"),
        None if text.contains("${") => format!("!Sub {text}"),
        None => format!("'{text}'"),
    }
}

/// Lines of YAML, indented by two blanks per level.
#[derive(Default)]
struct Yaml {
    text: String,
}

impl Yaml {
    fn line(&mut self, depth: usize, text: impl std::fmt::Display) {
        writeln!(self.text, "{:indent$}{text}", "", indent = depth * 2)
            .expect("impossible: writing to a String does not fail");
    }

    fn list(&mut self, depth: usize, key: &str, items: &[String]) {
        if let [item] = items {
            return self.line(depth, format_args!("{key}: {item}"));
        }
        self.line(depth, format_args!("{key}:"));
        items.iter().for_each(|item| self.line(depth + 1, format_args!("- {item}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Document;
    use crate::text::Source;

    #[test]
    fn every_profile_has_two_spellings_that_are_yaml() {
        let catalog = Catalog::builtin();
        for profile in catalog.profiles() {
            let spelling = Spelling::new(profile, catalog);
            for text in [spelling.connector(), spelling.policy()] {
                let source = Source::new("example.yaml", text.clone().into_bytes()).unwrap();
                assert!(Document::parse(source).is_ok(), "{}:\n{text}", profile.id);
                assert!(
                    !text.contains("Source.") && !text.contains("Destination."),
                    "{}:\n{text}",
                    profile.id
                );
            }
        }
    }

    #[test]
    fn intrinsics_are_spelled_as_short_as_can_be() {
        for (text, expected) in [
            ("${T.Arn}", "!GetAtt T.Arn"),
            ("${T}", "!Ref T"),
            ("${T.Arn}/index/*", "!Sub ${T.Arn}/index/*"),
            ("${A}${B}", "!Sub ${A}${B}"),
            ("*", "'*'"),
        ] {
            assert_eq!(intrinsic(text), expected);
        }
    }
}

//! Permissions that no policy of the template states: the known contents of AWS managed policies, and what SAM adds to a
//! generated role for dead-letter queues, invoke destinations and event sources. Which they are is data of the catalogue.

use super::managed::Managed;
use super::principal::{Principal, Role};
use super::resolve::Resolver;
use crate::catalog::{AddedStatements, StatementForm};
use crate::iam::{ActionPattern, Grant, Presence, ResourcePattern, Segment, Token};
use crate::syntax::NodeId;
use crate::template::{Event, Merged, Resource, events, expression, is_mapping, is_sequence};

/// A grant that no policy of the template states.
#[derive(Debug, Clone)]
pub struct Added {
    /// The grant.
    pub grant: Grant,
    /// Where it comes from.
    pub by: AddedBy,
    /// What of the template it comes from: the resource that has the role, or the property for which SAM adds it.
    pub node: NodeId,
}

/// Where a grant comes from that no policy of the template states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddedBy {
    /// SAM adds a statement to the generated role.
    Sam,
    /// SAM attaches a managed policy, by its name.
    SamManaged(String),
    /// The template names a managed policy.
    NamedManaged(String),
}

/// The grants of one principal that no policy text states, which has the given managed policies.
pub(super) fn grants(
    resolver: &Resolver<'_>,
    principal: &Principal,
    managed: &[(Managed, Presence)],
) -> Vec<Added> {
    let mut out = Vec::new();
    if let Role::Generated(position) | Role::InTemplate(position) = principal.role {
        let node = resolver.template.resources()[position].node;
        let everything = ResourcePattern::from_text("*");
        for (managed, presence) in managed {
            let (policy, by) = match managed {
                Managed::BySam(name) => (name, AddedBy::SamManaged(name.clone())),
                Managed::Named(name) => (name, AddedBy::NamedManaged(name.clone())),
                Managed::InTemplate(_) => continue,
            };
            for action in resolver.catalog.managed_policy(policy).unwrap_or_default() {
                let mut grant = grant(principal, action, everything.clone());
                grant.presence = grant.presence.and(presence.clone());
                out.push(Added { grant, by: by.clone(), node });
            }
        }
    }
    let Role::Generated(position) = principal.role else { return out };
    let resource = &resolver.template.resources()[position];
    let Some(form) = resolver.type_of(resource).and_then(|kind| kind.principal.as_ref()) else {
        return out;
    };
    for added in &form.adds {
        for path in &added.at {
            for place in places(resolver, resource, path, &added.events) {
                statements(resolver, principal, resource, added, &place, &mut out);
            }
        }
    }
    out
}

struct Place {
    value: Merged,
    /// The last key of the path, for ids of generated targets.
    key: String,
}

/// The nodes at a dotted path, in which `*` stands for every key or item.
fn places(resolver: &Resolver<'_>, resource: &Resource, path: &str, only_events: &[String]) -> Vec<Place> {
    let doc = resolver.doc;
    let mut steps = path.split('.');
    let Some(first) = steps.next() else { return Vec::new() };
    let mut nodes: Vec<Place> = match (first, only_events) {
        ("Events", [_, ..]) => {
            steps.next();
            let is_meant = |event: &Event<'_>| event.kind.is_some_and(|t| only_events.iter().any(|e| e == t));
            let place = |event: Event<'_>| Place {
                value: Merged::single(doc, event.node),
                key: event.name.to_owned(),
            };
            events(doc, resource).filter(is_meant).map(place).collect()
        }
        _ => resolver
            .template
            .merged(doc, resource, first)
            .map(|value| Place { value, key: first.to_owned() })
            .into_iter()
            .collect(),
    };
    for step in steps {
        nodes = nodes
            .into_iter()
            .flat_map(|place| -> Vec<Place> {
                if step == "*" && is_sequence(doc, place.value.first()) {
                    let items = place.value.entries(doc).into_iter();
                    return items.map(|value| Place { value, key: String::new() }).collect();
                }
                let below = place.value.get(doc, step);
                below.map(|value| Place { value, key: step.to_owned() }).into_iter().collect()
            })
            .collect();
    }
    nodes.retain(|place| is_mapping(doc, place.value.first()));
    nodes
}

fn statements(
    resolver: &Resolver<'_>,
    principal: &Principal,
    resource: &Resource,
    added: &AddedStatements,
    place: &Place,
    out: &mut Vec<Added>,
) {
    let doc = resolver.doc;
    let field = |name: &str| place.value.get(doc, name).map(Merged::first);
    let selected =
        added.select.as_deref().map(|name| field(name).and_then(|n| doc.scalar(n)).unwrap_or_default());
    let forms =
        added.cases.iter().find(|(case, _)| selected.is_none_or(|s| s == case)).map(|(_, forms)| forms);
    let Some(forms) = forms else { return };
    let target: Vec<Segment> = match field(&added.target) {
        Some(node) => resolver.resolve(&expression(doc, node)).pattern.segments().to_vec(),
        None => match selected.and_then(|case| added.generated_target.get(case)) {
            Some(id) => {
                let id = id.replace("${LogicalId}", &resource.id).replace("${Key}", &place.key);
                vec![Segment::Token(Token::opaque(format!("{id}.Arn")))]
            }
            None => return,
        },
    };
    for StatementForm { actions, resources } in forms {
        for text in resources {
            let pattern = resolver.fill(text, |name| (name == "Target").then(|| target.clone()));
            out.extend(actions.iter().map(|action| Added {
                grant: grant(principal, action, pattern.clone()),
                by: AddedBy::Sam,
                node: place.value.first(),
            }));
        }
    }
}

fn grant(principal: &Principal, action: &str, resource: ResourcePattern) -> Grant {
    Grant {
        principal: principal.name.clone(),
        allow: true,
        action: ActionPattern::new(action),
        resource,
        condition: None,
        presence: principal.presence.clone(),
    }
}

#[cfg(test)]
mod tests {
    use crate::analysis::{Partition, Resolver, analyse};
    use crate::catalog::Catalog;
    use crate::syntax::Document;
    use crate::template::Template;
    use crate::text::Source;

    #[test]
    fn what_is_added_for_an_event_is_that_of_its_type() {
        let text = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n        E:\n          Type: MQ\n          Properties:\n            Broker: !GetAtt B.Arn\n            SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: !Ref S}]\n";
        let actions = |text: &str| -> Vec<String> {
            let doc = Document::parse(Source::new("t.yaml", text.as_bytes().to_vec()).unwrap()).unwrap();
            let template = Template::view(&doc);
            let analysis = analyse(&Resolver::new(&doc, &template, Catalog::builtin(), Partition::Aws));
            analysis.added.iter().map(|added| added.grant.action.to_string()).collect()
        };
        assert!(actions(text).iter().any(|action| action == "mq:DescribeBroker"));
        assert!(actions(text).iter().any(|action| action == "secretsmanager:GetSecretValue"));
        assert!(!actions(&text.replace("MQ", "SQS")).iter().any(|action| action == "mq:DescribeBroker"));
    }
}

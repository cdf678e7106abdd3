//! Connectors that are there when what they refer to is not. SAM copies the condition of neither end to what a connector
//! generates, and a reference to what is not there fails the deployment.

use super::{Scene, mends};
use crate::analysis::{ConnectorView, Role};
use crate::check::finding::Finding;
use crate::check::kinds::CONNECTOR_MISSING_CONDITION;
use crate::iam::Presence;
use crate::syntax::{Change, Fragment, FragmentEntry, Insertion, NodeId, Place};
use crate::template::{CONNECTOR_TYPE, ConnectorPlace, references};
use crate::text::Edit;
use std::collections::BTreeSet;

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    scene.analysis.connectors.iter().filter_map(|view| judge(scene, view)).collect()
}

fn judge(scene: Scene<'_>, view: &ConnectorView) -> Option<Finding> {
    let template = scene.resolver.template;
    let connector = &view.connector;
    let own = connector.condition.as_deref().map_or(Presence::Always, |name| template.condition(name));
    let mut needed = Presence::Always;
    for grant in &view.grants {
        needed = needed.and(grant.presence.clone());
    }
    if own.implies(&needed) != Some(false) {
        return None;
    }
    let lacking: Vec<(&str, &str)> = needs(scene, view)
        .into_iter()
        .filter_map(|position| {
            let resource = &template.resources()[position];
            let name = resource.condition.as_deref()?;
            let condition = template.condition(name);
            let matters = needed.implies(&condition) == Some(true) && own.implies(&condition) == Some(false);
            matters.then_some((resource.id.as_str(), name))
        })
        .collect();
    if lacking.is_empty() {
        return None;
    }
    let names: BTreeSet<&str> = lacking.iter().map(|(_, name)| *name).collect();
    let told: Vec<String> = lacking.iter().map(|(id, name)| format!("`{id}` only under `{name}`")).collect();
    let enough = match names.iter().collect::<Vec<_>>().as_slice() {
        [only] if template.condition(only).implies(&needed) == Some(true) => Some(**only),
        _ => None,
    };
    let has = connector.condition.as_deref();
    let there = has.map_or("always there".to_owned(), |name| format!("there under `{name}`"));
    let advice = match (enough, has) {
        (Some(name), None) => format!("give the connector `Condition: {name}`"),
        _ => "give the connector a condition that holds only where all of these do".to_owned(),
    };
    let message = format!(
        "connector `{}` is {there}, but {}; without what it refers to the deployment fails; {advice}",
        connector.id,
        told.join(" and ")
    );
    let mut finding = scene.finding(&CONNECTOR_MISSING_CONDITION, connector.node, &[&connector.id], message);
    if let (Some(name), None) = (enough, has) {
        finding.mend = mend(scene, view, name);
    }
    Some(finding)
}

/// The resources that what the connector generates refers to, in template order.
fn needs(scene: Scene<'_>, view: &ConnectorView) -> BTreeSet<usize> {
    let template = scene.resolver.template;
    let mut out: BTreeSet<usize> =
        view.source.iter().chain(view.destinations.iter().flatten()).copied().collect();
    for role in view.parts.iter().filter_map(|part| scene.analysis.principal(&part.holder)) {
        match role.role {
            Role::Generated(position) | Role::InTemplate(position) => out.insert(position),
            Role::Elsewhere => false,
        };
    }
    let ends = view.connector.destinations.iter().chain([&view.connector.source]);
    let fields = ends.filter(|end| end.id.is_none()).flat_map(|end| end.fields.values());
    let named = fields.flat_map(|&node| references(scene.resolver.doc, node));
    out.extend(named.filter_map(|id| template.position(&id)));
    out
}

fn mend(scene: Scene<'_>, view: &ConnectorView, condition: &str) -> Vec<Edit> {
    let doc = scene.resolver.doc;
    match view.connector.place {
        ConnectorPlace::Standalone(position) => {
            let node = scene.resolver.template.resources()[position].node;
            let at = doc.entry(node, "Type");
            let entry = FragmentEntry::new("Condition", Fragment::scalar(condition));
            let insert = Change::Insert {
                collection: node,
                place: at.map_or(Place::First, Place::After),
                entries: Insertion::Entries(vec![entry]),
                blank_line_before: false,
            };
            mends::edits(doc, &[insert])
        }
        ConnectorPlace::Embedded { owner, map, index } => {
            moved(scene, view, condition, owner, (map, index)).unwrap_or_default()
        }
    }
}

/// An embedded connector as a resource of its own, under the logical id that it has already: linters know no condition inside
/// an embedded one.
fn moved(
    scene: Scene<'_>,
    view: &ConnectorView,
    condition: &str,
    owner: usize,
    (map, index): (NodeId, usize),
) -> Option<Vec<Edit>> {
    let (doc, template) = (scene.resolver.doc, scene.resolver.template);
    let connector = &view.connector;
    let properties = doc.resolve(doc.get(connector.node, "Properties")?);
    let owned = doc.owned_comments(map, index);
    let above = |&&number: &&usize| {
        doc.comments().get(number).is_some_and(|c| c.span.start < doc.full_span(connector.node).start)
    };
    // What is copied keeps its comments; any other comment inside would have no place.
    let inside = owned.iter().filter(|number| !above(number)).count();
    if inside > 0 || !connector.attributes.is_empty() {
        return None;
    }
    let owner = &template.resources()[owner];
    let mut source = vec![("Id".to_owned(), Fragment::scalar(&owner.id))];
    for (field, &node) in &connector.source.fields {
        source.push((field.clone(), Fragment::Copy(node)));
    }
    let value = Fragment::map([
        ("Type", Fragment::scalar(CONNECTOR_TYPE)),
        ("Condition", Fragment::scalar(condition)),
        (
            "Properties",
            Fragment::map([
                ("Source", Fragment::map(source)),
                ("Destination", Fragment::Copy(doc.get(properties, "Destination")?)),
                ("Permissions", Fragment::Copy(doc.get(properties, "Permissions")?)),
            ]),
        ),
    ]);
    let entry = FragmentEntry::new(connector.id.clone(), value).with_comments(mends::texts(doc, &owned));
    let gone = match doc.node(map).entries.len() {
        1 => Change::Remove { collection: owner.node, index: doc.index_in_parent(map)? },
        _ => Change::Remove { collection: map, index },
    };
    if let Change::Remove { collection, index } = gone
        && doc.owned_comments(collection, index).len() > owned.len()
    {
        return None;
    }
    let insert = Change::Insert {
        collection: template.resources_node()?,
        place: Place::After(owner.index),
        entries: Insertion::Entries(vec![entry]),
        blank_line_before: true,
    };
    Some(mends::edits(doc, &[gone, insert]))
}

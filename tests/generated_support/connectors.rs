//! Connectors that a template has already: embedded and as resources, with the ends in every form, with attributes. Knows
//! nothing about what they grant.

use super::chance::Chance;
use super::policies::Wish;
use super::resources::slot;
use super::scene::{Scene, Thing};
use samwire::catalog::{Holder, Waits};
use serde_json::{Map, Value, json};

/// Writes the connector of a wish.
pub(crate) fn connect(scene: &mut Scene, chance: &mut Chance, wish: &Wish) {
    // The source waits for what the connector generates, which waits for the destination.
    let waits = wish.profile.waits == Some(Waits::SourceStateMachine);
    if waits && (wish.source.id == wish.destination.id || !scene.refer(&wish.source.id, &wish.destination.id))
    {
        return;
    }
    let both = scene.both(wish.source.condition.as_deref(), wish.destination.condition.as_deref());
    let embedded = both.is_none() && chance.percent(60);
    let mut destinations = vec![reference(chance, wish, Holder::Destination, &wish.destination)];
    let kin: Vec<Thing> = scene
        .things
        .iter()
        .filter(|thing| thing.kind.canonical == wish.destination.kind.canonical && thing.condition.is_none())
        .filter(|thing| thing.id != wish.destination.id && thing.id != wish.source.id)
        .filter(|_| wish.source.kind.canonical != "AWS::Events::Rule" && !waits)
        .cloned()
        .collect();
    if !kin.is_empty() && chance.percent(15) {
        destinations.push(json!({"Id": chance.one(&kin).id}));
    }
    let destination = match destinations.len() {
        1 if chance.percent(85) => destinations.remove(0),
        _ => destinations.into(),
    };
    let mut categories = wish.categories.clone();
    chance.shuffle(&mut categories);
    let mut connector = Map::new();
    let mut properties = Map::new();
    if !embedded {
        connector.insert("Type".into(), "AWS::Serverless::Connector".into());
        properties.insert("Source".into(), reference(chance, wish, Holder::Source, &wish.source));
    }
    properties.insert("Destination".into(), destination);
    properties.insert("Permissions".into(), categories.into());
    if let Some(condition) = both {
        connector.insert("Condition".into(), condition.into());
    }
    if chance.percent(6) {
        connector.insert("DeletionPolicy".into(), "Retain".into());
    }
    if chance.percent(6) {
        connector.insert("Metadata".into(), json!({"Why": "the team wants it"}));
    }
    connector.insert("Properties".into(), properties.into());
    if embedded {
        let key = chance.one(&["Wire", "ToIt", "Access", "Write", "To"]).to_string();
        if scene.names.claim(&format!("{}{key}", wish.source.id)) {
            let map = scene.resources[&wish.source.id].as_object_mut().expect("a resource is a map");
            map.entry("Connectors").or_insert_with(|| json!({}))[&key] = connector.into();
        }
    } else {
        let id = scene.names.fresh(chance, "Wire");
        scene.resources.insert(id, connector.into());
    }
}

/// One end: by its id mostly, otherwise by what it is.
fn reference(chance: &mut Chance, wish: &Wish, side: Holder, thing: &Thing) -> Value {
    let by_id = json!({"Id": thing.id});
    if thing.kind.by_id_only || thing.condition.is_some() || chance.percent(85) {
        return by_id;
    }
    let mut map = Map::new();
    map.insert("Type".into(), thing.kind.name.as_str().into());
    for property in wish.profile.needed_properties(side) {
        let value = match (property, &thing.role) {
            ("RoleName", Some(role)) => Some(json!({"Ref": role})),
            ("RoleName", None) => None,
            _ => slot(thing, property).map(|slot| slot.spell(chance)),
        };
        match value {
            Some(value) => map.insert(property.into(), value),
            None => return by_id,
        };
    }
    map.into()
}

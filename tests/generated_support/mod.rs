//! A generator of SAM templates and of options to plan them under, each the same whenever it is asked for by its number. It takes
//! profiles, types and policy templates from the catalogue, so that a new definition is covered by itself.

pub(crate) mod census;
pub(crate) mod chance;
mod connectors;
mod holders;
mod layout;
mod names;
mod options;
mod policies;
pub(crate) mod proof;
mod resources;
mod scene;
mod values;
mod yaml;

use chance::Chance;
pub(crate) use layout::Text;
use policies::Wish;
use samwire::catalog::{Catalog, Profile};
use samwire::plan::{Direction, Options};
use scene::Scene;
use serde_json::json;

/// A template and the options for it.
#[derive(Debug, Clone)]
pub(crate) struct Generated {
    /// Its number.
    pub(crate) number: u64,
    /// What is written.
    pub(crate) text: Text,
    /// How it is to be planned.
    pub(crate) options: Options,
}

/// The template of this number.
pub(crate) fn generated(number: u64) -> Generated {
    let mut chance = Chance::of(number);
    let chance = &mut chance;
    let profiles: Vec<&'static Profile> = Catalog::builtin().profiles().collect();
    // Each profile in turn, two rounds forth and one back, so that nothing is left out however few templates there are.
    let turns = profiles.len() as u64;
    let turn = usize::try_from(number % turns).unwrap_or_default();
    let direction = if number / turns % 3 == 2 { Direction::Policies } else { Direction::Connectors };
    let mut scene = Scene::default();
    let count = 1 + chance.below(4);
    for at in 0..count {
        let profile = if at == 0 { profiles[turn] } else { *chance.one(&profiles) };
        wish(&mut scene, chance, profile, direction);
    }
    around(&mut scene, chance);
    let template = scene.template(chance);
    let text = layout::write(&template, chance);
    Generated { number, text, options: options::options(chance, direction) }
}

/// Lets one resource have access to another.
fn wish(scene: &mut Scene, chance: &mut Chance, profile: &'static Profile, direction: Direction) {
    let source = resources::end(scene, chance, &profile.source);
    let destination = resources::end(scene, chance, &profile.destination);
    let categories = chance.one(&profile.combinations).clone();
    let mut wish = Wish { profile, categories, source, destination };
    if !holders::target(scene, chance, &mut wish) {
        return;
    }
    let share = if direction == Direction::Policies { 85 } else { 12 };
    if chance.percent(share) {
        connectors::connect(scene, chance, &wish);
        if chance.percent(70) {
            return;
        }
    }
    holders::poll(scene, chance, &wish);
    holders::uses(scene, chance, &wish);
    holders::grant(scene, chance, &wish);
    if chance.percent(15) {
        wish.categories = chance.one(&profile.combinations).clone();
        holders::grant(scene, chance, &wish);
    }
}

/// What stands around: globals, outputs, names that get in the way.
fn around(scene: &mut Scene, chance: &mut Chance) {
    if chance.percent(15) {
        let layer = "arn:aws:lambda:us-east-1:123456789012:layer:tools:1";
        let function =
            json!({"Timeout": 10, "Layers": [layer], "Environment": {"Variables": {"LEVEL": "info"}}});
        scene.globals.insert("Function".into(), function);
    }
    let things = scene.things.clone();
    for thing in &things {
        if chance.percent(10) {
            let mut output = json!({"Value": {"Ref": thing.id}});
            if let Some(condition) = &thing.condition {
                output["Condition"] = condition.as_str().into();
            }
            scene.outputs.insert(format!("{}Out", thing.id), output);
        }
    }
    let (one, other) = (chance.one(&things), chance.one(&things));
    let taken = format!("{}To{}{}", one.id, other.id, chance.one(&["", "Policy", "WriteLambdaPermission"]));
    if chance.percent(12) && scene.names.claim(&taken) {
        scene.add(&taken, "AWS::SNS::Topic", json!({}), None);
    }
    if chance.percent(3) {
        let application = json!({"Name": "app", "Description": "d", "Author": "me"});
        scene.metadata.insert("AWS::ServerlessRepo::Application".into(), application);
    }
}

//! References that name no resource of the template: hard-coded properties in every spelling that SAM pastes as it is.

use super::scene::{Place, Scene, arn, value};
use samwire::catalog::{Holder, Profile};
use serde_json::{Map, Value, json};

/// How the properties of a reference are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Plain text.
    Literal,
    /// `Fn::ImportValue`.
    Import,
    /// `Fn::Sub` with parameters.
    Sub,
    /// `Ref` and `Fn::GetAtt` of resources of the template, the latter with a list.
    Here,
}

/// Every spelling.
pub(crate) const SPELLINGS: [Spelling; 4] =
    [Spelling::Literal, Spelling::Import, Spelling::Sub, Spelling::Here];

impl Spelling {
    /// Where a connector with a hard-coded destination is written, so that both places occur.
    pub(crate) fn place(self) -> Place {
        if matches!(self, Self::Literal | Self::Sub) { Place::Standalone } else { Place::Embedded }
    }

    /// Whether a `RoleName` is a role of the template.
    pub(crate) fn role_is_here(self) -> bool {
        self == Self::Here
    }

    fn property(self, kind: &str, name: &str, id: &str) -> Value {
        match self {
            Self::Literal if name == "Arn" => json!("arn:aws:service:us-east-1:123456789012:some/thing"),
            Self::Literal => json!(format!("some{name}")),
            Self::Import => json!({"Fn::ImportValue": {"Fn::Sub": format!("${{Stack}}-{name}")}}),
            Self::Sub => json!({"Fn::Sub": ["${Prefix}/x", {"Prefix": {"Ref": "Stack"}}]}),
            Self::Here if name == "RoleName" => json!({"Ref": "WrittenRole"}),
            Self::Here => long(value(kind, name, id).unwrap_or_else(|| json!({"Ref": id}))),
        }
    }
}

/// Replaces a reference by `Id` by one with the properties that the profile needs on that side.
pub(crate) fn reference(scene: &mut Scene, profile: &Profile, side: Holder, spelling: Spelling) {
    let (kind, id) = match side {
        Holder::Source => (&profile.source, "Source"),
        Holder::Destination => (&profile.destination, "First"),
    };
    let mut reference = Map::new();
    reference.insert("Type".into(), kind.as_str().into());
    for name in profile.needed_properties(side) {
        reference.insert(name.into(), spelling.property(kind, name, id));
    }
    scene.head.insert("Parameters".into(), json!({"Stack": {"Type": "String"}}));
    if spelling == Spelling::Here {
        scene.add_role("WrittenRole");
    }
    if side == Holder::Destination && profile.source == "AWS::Events::Rule" {
        // SAM knows the target of a rule by an ARN that is written alike.
        let target = reference.get("Arn").cloned().unwrap_or_else(|| arn(kind, id));
        scene.resources["Source"]["Properties"]["Targets"][0]["Arn"] = target;
    }
    *scene.reference(side) = reference;
}

/// `Fn::GetAtt` with a list.
fn long(value: Value) -> Value {
    match value["Fn::GetAtt"].as_str().and_then(|text| text.split_once('.')) {
        Some((id, attribute)) => json!({"Fn::GetAtt": [id, attribute]}),
        None => value,
    }
}

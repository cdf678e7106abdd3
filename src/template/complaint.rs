//! What SAM refuses about a connector, in the translator's own words, and what mends it. Refuses to know when it applies.

use crate::syntax::NodeId;
use std::fmt;

/// Something about a connector for which SAM refuses the template, or for which what it grants cannot be told. Displays as
/// the translator's message where it has one (SAM translator 1.115, `model/connector/connector.py` and
/// `model/sam_resources.py`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Complaint {
    /// The `Connectors` of a resource are no mapping; the logical id of the resource.
    ConnectorsNotAMap(String),
    /// An embedded connector is no mapping: logical id of the owner, and of the connector.
    NotAMap(String, String),
    /// A mapping is missing: the path to it as the translator writes it, and whether it is an attribute of a resource.
    PropertiesNotAMap(String, bool),
    /// The `Properties` of a connector that is a resource are no mapping.
    PropertiesNotAnObject,
    /// The key of an embedded connector is a number, a boolean or null.
    KeyNotText(String),
    /// A logical id with something else than ASCII letters and digits.
    NotAlphanumeric(String),
    /// A property that connectors do not have.
    UnknownProperty(String),
    /// A required property that is not there.
    MissingProperty(&'static str),
    /// A property of the wrong type.
    WrongType(&'static str),
    /// `Id` inside of `SourceReference`.
    IdInSourceReference,
    /// A reference with neither or both of `Id` and other fields.
    IdOrFields,
    /// A reference without `Id` and without a literal `Type`.
    NoType,
    /// An `Id` that is no string.
    IdNotText,
    /// No resource has the logical id; the end that names it, and the id.
    NoSuchResource(&'static str, String),
    /// The logical id may be that of a resource that SAM or a macro generates.
    Generated(String),
    /// No profile joins two types.
    NoProfile(String, String),
    /// `Permissions` is empty; the categories of the profile.
    NoPermissions(Vec<String>),
    /// A category that the profile does not have: the two types, and its categories.
    UnknownCategory(String, String, Vec<String>),
    /// Categories that the profile does not join: the two types, and what it joins.
    UnknownCombination(String, String, Vec<Vec<String>>),
    /// `Destination` is an empty list.
    NoDestination,
    /// A value that the profile needs: the end and the property.
    MissingValue(String, String),
    /// A value of which is not known what it comes to: the end and the property.
    UnknownValue(String, String),
    /// The role of an end cannot be told; the end.
    NoRole(&'static str),
    /// SAM takes something for the role of an end that is no role of the template; the end.
    ForeignRole(&'static str),
    /// The ARN or URL of what a resource policy is attached to is missing: what it is of, and the end.
    NoTarget(&'static str, &'static str),
    /// A logical id that something else has: by which resource, the id, and the type it would get.
    Taken(String, String, String),
    /// A logical id that SAM may generate for a resource; the id and the resource.
    MayBeTaken(String, String),
    /// A later embedded connector has the same logical id, and silently takes the place of this one.
    Replaced(String),
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConnectorsNotAMap(owner) => write!(f, "Attribute '{owner}.Connectors' should be a map."),
            Self::NotAMap(owner, id) => write!(f, "{owner}.{id} should be a map."),
            Self::PropertiesNotAMap(path, attribute) => {
                write!(f, "{} '{path}' should be a map.", if *attribute { "Attribute" } else { "Property" })
            }
            Self::PropertiesNotAnObject => f.write_str("Properties of a resource must be an object."),
            Self::KeyNotText(key) => {
                write!(f, "The key `{key}` is no string, which makes the translator break off.")
            }
            Self::NotAlphanumeric(_) => f.write_str("Logical ids must be alphanumeric."),
            Self::UnknownProperty(name) => {
                write!(f, "property {name} not defined for resource of type {}", super::CONNECTOR_TYPE)
            }
            Self::MissingProperty(name) => write!(f, "Missing required property '{name}'."),
            Self::WrongType(name) => write!(f, "Type of property '{name}' is invalid."),
            Self::IdInSourceReference => f.write_str("'Id' shouldn't be defined in 'SourceReference'."),
            Self::IdOrFields => f.write_str(
                "Must provide 'Id' (with optional 'Qualifier') or a supported combination of other properties.",
            ),
            Self::NoType => f.write_str("'Type' is missing or not a string."),
            Self::IdNotText => f.write_str("'Id' is missing or not a string."),
            Self::NoSuchResource(_, id) => write!(f, "Unable to find resource with logical ID '{id}'."),
            Self::Generated(id) => {
                write!(f, "`{id}` is not in this template, and may be a resource that SAM or a macro generates.")
            }
            Self::NoProfile(from, to) => write!(
                f,
                "Unable to create connector from {from} to {to}; it's not supported or the template is invalid."
            ),
            Self::NoPermissions(valid) => {
                write!(f, "'Permissions' cannot be empty; valid values are: {}.", valid.join(", "))
            }
            Self::UnknownCategory(from, to, valid) => write!(
                f,
                "Unsupported 'Permissions' provided for connector from {from} to {to}; valid values are: {}.",
                valid.join(", ")
            ),
            Self::UnknownCombination(from, to, valid) => {
                let valid: Vec<String> = valid.iter().map(|joined| joined.join(" + ")).collect();
                let valid = valid.join(", ");
                write!(
                    f,
                    "Unsupported 'Permissions' provided for connector from {from} to {to}; valid combinations are: {valid}."
                )
            }
            Self::UnknownValue(end, property) => {
                write!(f, "what `{end}.{property}` comes to is not known here.")
            }
            Self::NoDestination => f.write_str("'Destination' is an empty list"),
            Self::MissingValue(end, property) => write!(f, "{end}.{property} is missing."),
            Self::NoRole(end) => write!(f, "Unable to get IAM role name from '{end}' resource."),
            Self::ForeignRole(end) => {
                write!(f, "SAM takes what the role of the '{end}' resource refers to for a role of this template, which it is not.")
            }
            Self::NoTarget(what, end) => write!(f, "Unable to get {what} from '{end}' resource."),
            Self::Taken(by, id, kind) => write!(
                f,
                "Transforming resource with id [{by}] attempts to create a new resource with id [{id}] and type \"{kind}\". A resource with that id already exists within this template. Please use a different id for that resource."
            ),
            Self::MayBeTaken(id, by) => {
                write!(f, "SAM may generate a resource `{id}` for `{by}`, and then refuses the connector.")
            }
            Self::Replaced(id) => {
                write!(f, "Another connector further down is `{id}` too, and silently takes the place of this one.")
            }
        }
    }
}

impl Complaint {
    /// Whether SAM certainly refuses the template for it.
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Generated(_)
                | Self::MayBeTaken(..)
                | Self::Replaced(_)
                | Self::ForeignRole(_)
                | Self::UnknownValue(..)
        )
    }

    /// What the user can do about it: a sentence.
    pub fn mend(&self) -> String {
        match self {
            Self::ConnectorsNotAMap(_) => "List the connectors under their names, or remove `Connectors`.".into(),
            Self::NotAMap(..) => "Give it `Properties`, or remove it.".into(),
            Self::PropertiesNotAMap(..) | Self::PropertiesNotAnObject => "Write a mapping there.".into(),
            Self::KeyNotText(_) => "Put the key in quotes, or name it with letters.".into(),
            Self::NotAlphanumeric(id) => {
                let plain: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
                match plain.is_empty() {
                    true => "Name it with letters and digits.".into(),
                    false => format!("Name it with letters and digits only, such that it becomes `{plain}`."),
                }
            }
            Self::UnknownProperty(name) if name == "Source" => "Remove it: the resource that holds the connector is the source.".into(),
            Self::UnknownProperty(_) => "Remove it; a connector has `Source`, `Destination`, `Permissions`, and `SourceReference` where it is embedded.".into(),
            Self::MissingProperty("Permissions") | Self::WrongType("Permissions") => {
                "Write the list `Permissions: [Read]`, `[Write]` or `[Read, Write]`.".into()
            }
            Self::MissingProperty(name) | Self::WrongType(name) => {
                format!("Write `{name}: {{Id: …}}` with the logical id of a resource.")
            }
            Self::IdInSourceReference => "Remove it: the resource that holds the connector is the source.".into(),
            Self::IdOrFields => "Write `Id` alone, or `Type` with what the connector needs to know of it.".into(),
            Self::NoType | Self::IdNotText => {
                "Write `Id` with the logical id as a plain string; SAM takes no intrinsic there.".into()
            }
            Self::NoSuchResource(..) => "Write the logical id of a resource of this template; for one elsewhere `Type` and `Arn`.".into(),
            Self::Generated(_) => "Define the resource in this template, or keep the connector.".into(),
            Self::NoProfile(..) => "`samwire list` shows the pairs that exist; any other access needs a policy.".into(),
            Self::NoPermissions(valid) => format!("Write one of them: `Permissions: [{}]`.", valid.first().map_or("", String::as_str)),
            Self::UnknownCategory(.., valid) => {
                format!("Write {}, spelled exactly so.", alternatives(valid.iter().map(String::as_str)))
            }
            Self::UnknownCombination(.., valid) => {
                let valid: Vec<String> = valid.iter().map(|joined| format!("[{}]", joined.join(", "))).collect();
                format!("Write {}.", alternatives(valid.iter().map(String::as_str)))
            }
            Self::NoDestination => "Name a destination, or remove the connector.".into(),
            Self::UnknownValue(end, property) => {
                format!("Write `{property}` of `{end}` as one text or intrinsic without a choice, or name the {} by `Id`.", end.to_lowercase())
            }
            Self::MissingValue(end, property) => format!("Add `{property}` to `{end}`, or name it by `Id`."),
            Self::NoRole(end) => format!(
                "Write the role of the resource as `!GetAtt TheRole.Arn`, or name the {} by `Type` with `RoleName`.",
                end.to_lowercase()
            ),
            Self::ForeignRole(end) => format!(
                "Use a role of this template by `!GetAtt TheRole.Arn`, or name the {} by `Type` with `RoleName`.",
                end.to_lowercase()
            ),
            Self::NoTarget(_, end) => format!("Name the {} by `Id`, or add the missing field.", end.to_lowercase()),
            Self::Taken(..) | Self::MayBeTaken(..) | Self::Replaced(_) => {
                "Give the connector another name.".into()
            }
        }
    }
}

fn alternatives<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "nothing".into(),
    }
}

/// A complaint with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong.
    pub complaint: Complaint,
    /// The node that is wrong, or the one in which something is missing.
    pub node: NodeId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mend_is_a_sentence_and_says_what_to_write() {
        let valid = vec!["Read".to_owned(), "Write".to_owned()];
        let both = Complaint::UnknownCombination("A".into(), "B".into(), vec![valid.clone()]);
        assert_eq!(both.mend(), "Write `[Read, Write]`.");
        assert!(both.to_string().ends_with("valid combinations are: Read + Write."));
        let one = Complaint::UnknownCategory("A".into(), "B".into(), valid);
        assert_eq!(one.mend(), "Write `Read` or `Write`, spelled exactly so.");
        assert_eq!(
            Complaint::NotAlphanumeric("To-Items".into()).mend(),
            "Name it with letters and digits only, such that it becomes `ToItems`."
        );
        assert!(!Complaint::Generated("X".into()).is_refusal() && Complaint::NoType.is_refusal());
    }
}

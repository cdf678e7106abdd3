//! The actions of one service and the IAM resource types that each can match. Names are in lower case and
//! without the service prefix. Knows no resource.

use super::definition::ActionsFile;
use super::placed::Spanned;
use serde::Serialize;
use std::collections::BTreeMap;

/// A reason for pairs of an action and an IAM resource type that never match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct InertNote {
    actions: Vec<String>,
    kinds: Vec<String>,
    reason: String,
}

/// What is known of the actions of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct ActionTable {
    kinds: BTreeMap<String, Vec<String>>,
    no_actions: BTreeMap<String, String>,
    inert: Vec<InertNote>,
}

impl ActionTable {
    /// Takes in a definition; what it states about an action replaces what was known of it.
    pub(super) fn extend(&mut self, file: ActionsFile) {
        for (action, kinds) in file.actions.0 {
            self.no_actions.remove(&action.value);
            self.kinds.insert(action.value, kinds);
        }
        for correction in file.corrections {
            for action in correction.actions {
                self.no_actions.remove(&action.value);
                self.kinds.insert(action.value, correction.kinds.clone());
            }
        }
        for line in file.no_actions {
            for action in line.actions {
                self.kinds.remove(&action);
                self.no_actions.insert(action, line.reason.clone());
            }
        }
        self.inert.extend(file.inert.into_iter().map(|line| InertNote {
            actions: line.actions.into_iter().map(|action: Spanned<String>| action.value).collect(),
            kinds: line.kinds,
            reason: line.reason,
        }));
    }

    /// The IAM resource types that the action can match. Empty: only `*`. `None`: no such action is known.
    pub(super) fn kinds(&self, action: &str) -> Option<&[String]> {
        let none: &[String] = &[];
        self.kinds.get(action).map(Vec::as_slice).or_else(|| self.no_actions.get(action).map(|_| none))
    }

    /// Every known action, sorted; names that are no actions are left out.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }

    /// Why a grant of the action never matches a resource of these IAM resource types; `None` if it can, or if
    /// nothing is known of the action or of the types.
    pub(super) fn inert_reason(&self, action: &str, kinds: &[&str]) -> Option<String> {
        if let Some(reason) = self.no_actions.get(action) {
            return Some(reason.clone());
        }
        let can_match = self.kinds.get(action)?;
        if kinds.is_empty() || kinds.iter().any(|kind| can_match.iter().any(|own| own == kind)) {
            return None;
        }
        let names = |list: &[String], word: &str| list.iter().any(|item| item == word);
        let note =
            self.inert.iter().rev().find(|note| {
                names(&note.actions, action) && kinds.iter().all(|kind| names(&note.kinds, kind))
            });
        Some(match (note, can_match.as_slice()) {
            (Some(note), _) => note.reason.clone(),
            (None, []) => "The action takes no resource; it matches the resource * only.".to_owned(),
            (None, can_match) => {
                format!("The action matches resources of type {} only.", can_match.join(" or "))
            }
        })
    }
}

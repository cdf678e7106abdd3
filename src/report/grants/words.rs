//! The words in which every format names principals, resources, actions and origins.

use crate::check::{GrantOrigin, HeldGrant, Holder, RoleKind};

/// How many actions of one service are named before the rest is counted.
const NAMED: usize = 3;

/// What a grant is on: the logical id with what follows its ARN, or the pattern.
pub(super) fn place(grant: &HeldGrant) -> String {
    match &grant.on {
        Some(on) if on.scope.is_empty() || on.scope.starts_with(['/', ':', '*', '?']) => {
            format!("{}{}", on.id, on.scope)
        }
        _ => grant.permission.resource.clone(),
    }
}

/// A place with the account, region and partition of the stack left out of its ARN.
pub(super) fn short(place: &str) -> String {
    let pseudo = ["${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}"];
    pseudo.iter().fold(place.to_owned(), |text, name| text.replace(name, "…"))
}

/// Where a grant comes from.
pub(super) fn origin(origin: &GrantOrigin) -> String {
    match origin {
        GrantOrigin::Policy => "policy".to_owned(),
        GrantOrigin::PolicyTemplate(name) => name.clone(),
        GrantOrigin::ResourcePolicy => "resource policy".to_owned(),
        GrantOrigin::Connector(id) => format!("connector {id}"),
        GrantOrigin::ManagedPolicy(name) => format!("managed policy {}", last(name)),
        GrantOrigin::Sam(Some(name)) => format!("SAM: {}", last(name)),
        GrantOrigin::Sam(None) => "SAM".to_owned(),
    }
}

/// A policy's own name.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// What a principal is, behind its name.
pub(super) fn nature(holder: &Holder) -> String {
    let acting: Vec<&str> = holder.acting.iter().map(|acting| acting.id.as_str()).collect();
    match (holder.kind, acting.as_slice()) {
        (RoleKind::LetIn, _) => "let in by permissions of resources".to_owned(),
        (RoleKind::Elsewhere, []) => "a role from elsewhere".to_owned(),
        (RoleKind::Elsewhere, _) => format!("a role from elsewhere, of {}", acting.join(", ")),
        (_, []) => "no source of a connector acts through it".to_owned(),
        (_, _) => format!("role of {}", acting.join(", ")),
    }
}

/// Actions in a row, the service named only where it changes; with more than a few of a service the rest is counted.
pub(super) fn actions(all: &[&str], every: bool) -> String {
    let mut services: Vec<(&str, Vec<&str>)> = Vec::new();
    for action in all {
        let (service, name) = action.split_once(':').unwrap_or(("", action));
        match services.iter_mut().find(|(known, _)| *known == service) {
            Some((_, names)) => names.push(name),
            None => services.push((service, vec![name])),
        }
    }
    let mut words = Vec::new();
    for (service, mut names) in services {
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        let prefix = if service.is_empty() { String::new() } else { format!("{service}:") };
        words.push(match names.len() {
            count if count > NAMED && !every => {
                format!("{prefix}{}, … ({count})", names[..NAMED - 1].join(", "))
            }
            _ => format!("{prefix}{}", names.join(", ")),
        });
    }
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_told_by_service_and_counted_beyond_a_few() {
        let all = ["d:A", "d:B", "s:X", "d:C", "d:D", "d:A", "*"];
        assert_eq!(actions(&all, false), "d:A, B, … (4); s:X; *");
        assert_eq!(actions(&all, true), "d:A, B, C, D; s:X; *");
        assert_eq!(actions(&["d:A", "d:B", "d:C"], false), "d:A, B, C");
    }
}

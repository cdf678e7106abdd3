//! What connectors have in common with a policy template, by actions. Knows no resource of a real template.

use crate::catalog::{Catalog, GrantKind, Holder, ParameterKind, PolicyTemplate, Profile, TemplateStatement};
use crate::iam::ActionPattern;

/// What a connector has in common with a policy template.
pub(super) struct Likeness<'a> {
    /// The profile of the connector.
    pub(super) profile: &'a Profile,
    /// The fewest categories that cover most.
    pub(super) categories: &'a [String],
    /// Actions of the connector that the template lacks.
    pub(super) more: Vec<&'a str>,
    /// Actions of the template that the connector lacks.
    pub(super) less: Vec<&'a str>,
    /// Patterns of the template, with what the connector gives of each.
    pub(super) open: Vec<Open<'a>>,
}

/// A pattern of actions.
pub(super) struct Open<'a> {
    /// The pattern.
    pub(super) pattern: &'a str,
    /// The actions of the connector that it matches.
    pub(super) given: Vec<&'a str>,
    /// How many actions are known that it matches.
    pub(super) known: usize,
}

/// For each profile that grants something on what the template names, what they have in common.
pub(super) fn likenesses<'a>(template: &'a PolicyTemplate, catalog: &'a Catalog) -> Vec<Likeness<'a>> {
    let named: Vec<&str> = template
        .parameters
        .iter()
        .filter_map(|(_, kind)| match kind {
            ParameterKind::Name(name) | ParameterKind::Arn(name) => Some(name.as_str()),
            ParameterKind::Plain => None,
        })
        .collect();
    let statements = template.statements.iter();
    let wanted = statements.flat_map(|statement: &TemplateStatement| &statement.actions);
    let wanted: Vec<(&str, ActionPattern)> =
        wanted.map(|action| (action.as_str(), ActionPattern::new(action))).collect();
    let relevant = catalog.profiles().filter(|profile| {
        let other = match profile.holder {
            Holder::Source => &profile.destination,
            Holder::Destination => &profile.source,
        };
        profile.kind == GrantKind::ManagedPolicy
            && named.contains(&other.as_str())
            && holds_policies(profile, catalog)
    });
    relevant.filter_map(|profile| likeness(profile, &wanted, catalog)).collect()
}

fn holds_policies(profile: &Profile, catalog: &Catalog) -> bool {
    let holder = match profile.holder {
        Holder::Source => &profile.source,
        Holder::Destination => &profile.destination,
    };
    catalog.resource_types().any(|known| {
        known.canonical == *holder && known.principal.as_ref().is_some_and(|p| p.policies.is_some())
    })
}

fn likeness<'a>(
    profile: &'a Profile,
    wanted: &[(&'a str, ActionPattern)],
    catalog: &Catalog,
) -> Option<Likeness<'a>> {
    let granted = |categories: &[String]| -> Vec<&'a str> {
        let forms = categories.iter().flat_map(|category| profile.statements(category));
        forms.flat_map(|form| &form.actions).map(String::as_str).collect()
    };
    let is_wanted = |action: &str| {
        let action = ActionPattern::new(action);
        wanted.iter().any(|(_, pattern)| pattern.covers(&action))
    };
    let covered = |categories: &[String]| granted(categories).into_iter().filter(|a| is_wanted(a)).count();
    // `rev`, because of equal keys the last is the maximum and fewer categories come first.
    let best = profile.combinations.iter().rev().max_by_key(|categories| covered(categories))?;
    if covered(best) == 0 {
        return None;
    }
    let gives = granted(best);
    let matched = |pattern: &ActionPattern| -> Vec<&'a str> {
        gives.iter().copied().filter(|action| pattern.covers(&ActionPattern::new(action))).collect()
    };
    let (open, closed): (Vec<_>, Vec<_>) = wanted.iter().partition(|(_, pattern)| pattern.is_open());
    let open = open.into_iter().map(|(text, pattern)| {
        let service = pattern.service();
        let known = catalog.actions(service).into_iter().flatten();
        let known = known.filter(|name| pattern.covers(&ActionPattern::new(&format!("{service}:{name}"))));
        Open { pattern: text, given: matched(pattern), known: known.count() }
    });
    Some(Likeness {
        profile,
        categories: best,
        more: gives.iter().copied().filter(|action| !is_wanted(action)).collect(),
        less: closed.into_iter().filter(|(_, own)| matched(own).is_empty()).map(|(text, _)| *text).collect(),
        open: open.collect(),
    })
}

//! What stays, in words: per statement the reason, the grants and what was seen. Knows the reasons, not how they were found.

use super::edge::Aside;
use super::far::used;
use super::model::LeftAlone;
use super::reason::Reason;
use super::shown::{distinct, location, permission};
use crate::analysis::{Analysis, Resolver};
use crate::iam::Permission;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is left alone, in template order.
pub(super) fn left_alone(resolver: &Resolver<'_>, analysis: &Analysis, aside: &[Aside]) -> Vec<LeftAlone> {
    let mut out: Vec<LeftAlone> = Vec::new();
    let resources = resolver.template.resources();
    let ledger = &analysis.ledger;
    for Aside { reason, cells } in aside {
        let mut by_statement: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for &cell in cells.iter().filter(|&&n| !ledger.cells[n].inert) {
            by_statement
                .entry((ledger.cells[cell].unit, ledger.cells[cell].rectangle))
                .or_default()
                .push(cell);
        }
        for ((unit, rectangle), cells) in by_statement {
            let unit = &ledger.units[unit];
            let node =
                unit.rectangles[rectangle].statement.as_ref().map_or(unit.node, |statement| statement.node);
            let shown = cells.iter().map(|&n| permission(resolver, analysis, &ledger.cells[n].grant));
            let grants = distinct(shown);
            let refers_to = match reason {
                Reason::WildcardResource => referred(resolver, analysis, &cells),
                _ => Vec::new(),
            };
            let statement = &unit.rectangles[rectangle];
            let message = match &unit.template {
                // Its cells stand for text that could not be read as grants.
                _ if statement.is_unreadable() => {
                    out.push(LeftAlone {
                        reason: *reason,
                        principal: unit.principal.to_string(),
                        owner: resources[unit.bearer].id.clone(),
                        grants: Vec::new(),
                        refers_to,
                        location: location(resolver.doc, node),
                        message: "the whole statement".to_owned(),
                    });
                    continue;
                }
                Some(name) => format!("`{name}`: {}", summary(&grants)),
                None => summary(&grants),
            };
            out.push(LeftAlone {
                reason: *reason,
                principal: unit.principal.to_string(),
                owner: resources[unit.bearer].id.clone(),
                grants,
                refers_to,
                location: location(resolver.doc, node),
                message,
            });
        }
    }
    for found in &ledger.unreadable {
        out.push(LeftAlone {
            reason: found.obstacle.into(),
            principal: found.principal.to_string(),
            owner: resources[found.bearer].id.clone(),
            grants: Vec::new(),
            refers_to: Vec::new(),
            location: location(resolver.doc, found.node),
            message: found.message.clone(),
        });
    }
    out.sort_by_key(|left| (left.location.span, left.reason));
    out
}

/// The resources to which a grant on everything could be narrowed, since whoever holds it refers to them.
fn referred(resolver: &Resolver<'_>, analysis: &Analysis, cells: &[usize]) -> Vec<String> {
    let ledger = &analysis.ledger;
    let everything = cells
        .iter()
        .map(|&cell| &ledger.cells[cell])
        .filter(|cell| ledger.column(cell).pattern.is_everything() && !cell.grant.action.is_open());
    let positions: BTreeSet<usize> = everything.flat_map(|cell| used(resolver, analysis, cell)).collect();
    positions.into_iter().map(|position| resolver.template.resources()[position].id.clone()).collect()
}

/// Who may do what, in a few words; the holder only where it is no role.
fn summary(grants: &[Permission]) -> String {
    let list = |mut all: Vec<&str>| {
        let mut seen = BTreeSet::new();
        all.retain(|text| seen.insert(*text));
        match all.len() {
            0..=3 => all.join(", "),
            n => format!("{}, {} and {} more", all[0], all[1], n - 2),
        }
    };
    let actions = list(grants.iter().map(|grant| grant.action.as_str()).collect());
    if grants.iter().any(|grant| grant.on.is_some()) {
        let holders = list(grants.iter().map(|grant| grant.principal.as_str()).collect());
        let places = grants.iter().map(|grant| grant.on.as_deref().unwrap_or(&grant.resource)).collect();
        return format!("{holders} may {actions} on {}", list(places));
    }
    let resources = list(grants.iter().map(|grant| grant.resource.as_str()).collect());
    format!("{actions} on {resources}")
}

//! Hazards of meaning: what the comparison of permissions cannot see or takes for granted, and what stays beside the
//! connector although it need not.

use super::{Case, hazard};
use crate::analysis::{Cell, Managed, Origin, Partition, Role};
use crate::catalog::Bearing;
use crate::iam::{Coverage, GrantSet};
use crate::plan::model::Hazard;
use crate::plan::proposal::Use;
use crate::syntax::NodeId;
use crate::template::{Resource, references};

pub(super) fn find(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    already_polls(case, out);
    if !case.proposal.edge.polls {
        for position in case.proposal.edge.destinations() {
            alias(case, &case.resolver.template.resources()[position], out);
        }
    }
    boundary(case, out);
    deny(case, out);
    opaque(case, out);
    needless(case, out);
    literal_partition(case, out);
}

/// SAM gives a function what it needs for its events, so a connector for the same is of no use.
fn already_polls(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let edge = &case.proposal.edge;
    if !edge.polls || !matches!(case.proposal.connector, Use::New { .. }) {
        return;
    }
    let held: GrantSet = case.analysis.added_for(case.role()).map(|added| added.grant.clone()).collect();
    let mut gone = cells(case).filter(|cell| !cell.inert).peekable();
    let Some(first) = gone.peek().map(|cell| cell.grant.clone()) else { return };
    if !gone.all(|cell| held.covers(&cell.grant) == Coverage::Covered) {
        return;
    }
    let Some(principal) = case.principal() else { return };
    let gives = |name: &str| {
        let actions = case.resolver.catalog.managed_policy(name).unwrap_or_default();
        actions.iter().any(|action| first.action.covers(&crate::iam::ActionPattern::new(action)))
    };
    let policy = case.analysis.named_policies(principal).iter().find_map(|(managed, _)| match managed {
        Managed::BySam(name) | Managed::Named(name) => gives(name).then_some(name),
        Managed::InTemplate(_) => None,
    });
    let by = policy.map_or_else(String::new, |name| format!(" by the managed policy `{name}`"));
    out.push(hazard(
        "already-polls",
        format!(
            "`{}` may poll `{}` already{by}; the connector costs a managed policy and gives nothing; what it takes over could be deleted by hand",
            case.role(),
            case.id(edge.source())
        ),
    ));
}

/// The alias that SAM publishes is another resource than the function that a connector grants.
fn alias(case: &Case<'_, '_>, destination: &Resource, out: &mut Vec<Hazard>) {
    let resolver = case.resolver;
    let Some(kind) = resolver.type_of(destination) else { return };
    let Some(property) = &kind.alias_property else { return };
    if resolver.template.property(resolver.doc, destination, property).is_none() {
        return;
    }
    // What stays beside the connector may grant the alias.
    let (ledger, proposal) = (&case.analysis.ledger, case.proposal);
    let mut stays = proposal.edge.rest.iter().filter(|number| !proposal.gone.contains(number));
    let is_qualified = |number: &usize| {
        let target = ledger.column(&ledger.cells[*number]).target.as_ref();
        target.is_some_and(|target| target.qualifier && case.id(target.resource) == destination.id)
    };
    if stays.any(is_qualified) {
        return;
    }
    let mut names = kind.suffix_refs.keys().map(|suffix| format!("{}.{suffix}", destination.id));
    if names.any(|name| case.surroundings.publishes(&name)) {
        out.push(hazard(
            "alias-invoked",
            format!(
                "the template refers to an alias of `{}`; the connector grants the unqualified function only",
                destination.id
            ),
        ));
    }
}

fn boundary(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let Some(principal) = case.principal() else { return };
    let (doc, template) = (case.resolver.doc, case.resolver.template);
    let found = match principal.role {
        Role::Generated(position) => {
            template.property(doc, &template.resources()[position], "PermissionsBoundary")
        }
        Role::InTemplate(position) => {
            let resource = &template.resources()[position];
            match case.resolver.type_of(resource).and_then(|kind| kind.bears.as_ref()) {
                Some(Bearing::Role { boundary, .. }) => template.property(doc, resource, boundary),
                _ => None,
            }
        }
        Role::Elsewhere => None,
    };
    if found.is_some() {
        out.push(hazard(
            "permissions-boundary",
            format!("`{}` has a permissions boundary, which limits connectors too", case.role()),
        ));
    }
}

/// A Deny of the role, or in a policy of what the connector leads to.
fn deny(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let analysis = case.analysis;
    let denies = |cell: &Cell| !cell.grant.allow && *cell.grant.principal == *case.role();
    let units = analysis.units_of(case.role()).map(|number| &analysis.ledger.units[number]);
    let mut cells = units.flat_map(|unit| &analysis.ledger.cells[unit.cells()]);
    if case.is_held_by_a_role() && cells.any(denies) {
        out.push(hazard(
            "deny-on-role",
            format!("`{}` has a Deny statement, which stays and wins over the connector", case.role()),
        ));
    }
    let edge = &case.proposal.edge;
    let far = if edge.polls { vec![edge.source()] } else { edge.destinations() };
    for unit in case.surroundings.denying().iter().map(|&number| &analysis.ledger.units[number]) {
        if let Some(position) = far.iter().find(|&&position| is_on(case, unit.bearer, position)) {
            out.push(hazard(
                "deny-on-role",
                format!(
                    "`{}` denies some access to `{}`, which stays and wins over the connector",
                    case.id(unit.bearer),
                    case.id(*position)
                ),
            ));
        }
    }
}

/// Whether a policy resource is the policy of a resource.
fn is_on(case: &Case<'_, '_>, policy: usize, resource: usize) -> bool {
    let (doc, template) = (case.resolver.doc, case.resolver.template);
    let bearer = &template.resources()[policy];
    let Some(Bearing::ResourcePolicy { on, .. }) =
        case.resolver.type_of(bearer).and_then(|kind| kind.bears.as_ref())
    else {
        return false;
    };
    let list = |properties: NodeId| doc.get(properties, on);
    bearer.properties.and_then(list).is_some_and(|node| references(doc, node).contains(case.id(resource)))
}

fn opaque(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let Some(principal) = case.principal() else { return };
    let unknown = case.analysis.named_policies(principal).iter().find_map(|(managed, _)| match managed {
        Managed::BySam(name) | Managed::Named(name) => {
            case.resolver.catalog.managed_policy(name).is_none().then_some(name)
        }
        Managed::InTemplate(_) => None,
    });
    if let Some(name) = unknown {
        out.push(hazard(
            "opaque-policy",
            format!(
                "`{}` has the managed policy `{name}`, whose content is not known here; it may hold part of what changes",
                case.role()
            ),
        ));
    }
}

/// A Lambda permission for the role that gets the connector, which stays unless it is named as what may go.
fn needless(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let ledger = &case.analysis.ledger;
    for &number in case.proposal.edge.rest.iter().filter(|number| !case.proposal.gone.contains(number)) {
        let cell = &ledger.cells[number];
        let unit = &ledger.units[cell.unit];
        if unit.origin == Origin::ResourceSide {
            let grant = &cell.grant;
            out.push(hazard(
                "needless-permission",
                format!(
                    "`{}` lets in what the connector lets in anyway; `--accept-remove '{}@{}'` takes it out",
                    case.id(unit.bearer),
                    grant.action,
                    grant.resource
                ),
            ));
        }
    }
}

fn literal_partition(case: &Case<'_, '_>, out: &mut Vec<Hazard>) {
    let ledger = &case.analysis.ledger;
    let literal = |cell: &Cell| ledger.column(cell).literal_partition;
    if case.resolver.partition == Partition::Aws && cells(case).any(literal) {
        out.push(hazard(
            "literal-partition",
            "a literal `arn:aws:` is taken for `arn:${AWS::Partition}:`".into(),
        ));
    }
}

/// The grants that go.
fn cells<'r>(case: &Case<'r, '_>) -> impl Iterator<Item = &'r Cell> {
    case.proposal.gone.iter().map(|&number| &case.analysis.ledger.cells[number])
}

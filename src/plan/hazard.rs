//! What a user should know before deploying a rewrite. Each hazard has a stable id and says the way round it.

use super::model::Hazard;
use super::proposal::{Proposal, Use};
use super::rest::{UnitOutcome, outcome};
use crate::analysis::{Analysis, Managed, Origin, Partition, Resolver};
use crate::catalog::GrantKind;
use crate::template::{Expr, SAM_PREFIX, Shape, SlotKind, expression, policy_slots};

/// Stable id, and what it means in general, of every hazard.
pub const HAZARDS: &[(&str, &str)] = &[
    (
        "deploy-gap",
        "In a deployment of one step the role loses the policy before the connector's managed policy exists, so calls in between are refused.",
    ),
    (
        "policy-renamed",
        "SAM names inline policies by their position; removing one renames those behind it, and CloudFormation replaces them.",
    ),
    (
        "literal-partition",
        "A literal `arn:aws:` was read as the partition of the deployment; in another partition the old policy granted nothing.",
    ),
    ("deny-on-role", "The role also has a Deny, which keeps winning over what the connector allows."),
    (
        "opaque-policy",
        "The role has a managed policy whose content is not known here, so part of what is added may be held already.",
    ),
    (
        "permissions-boundary",
        "A permissions boundary limits what the role may do, whatever policies and connectors say.",
    ),
    (
        "alias-invoked",
        "The template refers to an alias or version of the destination; a connector grants the unqualified function only.",
    ),
    (
        "custom-resource",
        "A custom resource invokes this function during the deployment, possibly before the connector's policy is attached; give it a `DependsOn` on the connector.",
    ),
    ("serverless-repository", "The AWS Serverless Application Repository refuses templates with connectors."),
    (
        "generated-resources",
        "Macros or loops create resources that are not visible here, so a new logical id could collide with one of theirs.",
    ),
];

fn hazard(id: &'static str, message: String) -> Hazard {
    Hazard { id, message }
}

/// The hazards of one proposal.
pub(super) fn of(resolver: &Resolver<'_>, analysis: &Analysis, proposal: &Proposal) -> Vec<Hazard> {
    let mut out = Vec::new();
    let template = resolver.template;
    let owner = &template.resources()[proposal.edge.near];
    let role: &str = &proposal.edge.principal;
    if matches!(proposal.connector, Use::New { .. }) && loses(analysis, proposal) {
        out.push(hazard(
            "deploy-gap",
            format!("deploying this in one step leaves `{role}` without these permissions between the update of the role and the creation of the connector's policy"),
        ));
    }
    renamed(resolver, analysis, proposal, role, &mut out);
    let ledger = &analysis.ledger;
    let literal = |n: &usize| ledger.column(&ledger.cells[*n]).literal_partition;
    if resolver.partition == Partition::Aws && proposal.gone.iter().any(literal) {
        out.push(hazard(
            "literal-partition",
            "a literal `arn:aws:` is taken for `arn:${AWS::Partition}:`".into(),
        ));
    }
    if ledger.cells.iter().any(|cell| !cell.grant.allow && *cell.grant.principal == *role) {
        out.push(hazard(
            "deny-on-role",
            format!("`{role}` has a Deny statement, which stays and wins over the connector"),
        ));
    }
    opaque(resolver, analysis, proposal, role, &mut out);
    if template.property(resolver.doc, owner, "PermissionsBoundary").is_some() {
        out.push(hazard(
            "permissions-boundary",
            format!("`{role}` has a permissions boundary, which limits connectors too"),
        ));
    }
    for position in proposal.edge.destinations() {
        aliases(resolver, &template.resources()[position], &mut out);
    }
    let behind = template.resources().iter().find(|resource| {
        resource.properties.and_then(|p| resolver.doc.get(p, "ServiceToken")).is_some_and(
            |token| matches!(expression(resolver.doc, token), Expr::Attribute(id, _) if id == owner.id),
        )
    });
    if let Some(custom) = behind {
        out.push(hazard(
            "custom-resource",
            format!("custom resource `{}` calls `{}` during deployment and may come before the connector's policy; add a `DependsOn`", custom.id, owner.id),
        ));
    }
    if is_published(resolver) {
        out.push(hazard(
            "serverless-repository",
            "this template is published to the Serverless Application Repository, which refuses connectors"
                .into(),
        ));
    }
    if template.has_generated_resources() {
        out.push(hazard(
            "generated-resources",
            "macros or loops add resources that cannot be seen here; check that no logical id collides"
                .into(),
        ));
    }
    out
}

/// Whether a role loses the text of its permissions before a connector's policy is there: not where a permission stands on the
/// other side, nor where the connector's resource takes the place of the old one.
fn loses(analysis: &Analysis, proposal: &Proposal) -> bool {
    let units = proposal.gone.iter().map(|&n| &analysis.ledger.units[analysis.ledger.cells[n].unit]);
    proposal.in_place.is_none()
        && proposal.edge.profile.kind == GrantKind::ManagedPolicy
        && units.into_iter().any(|unit| unit.origin != Origin::ResourceSide)
}

fn renamed(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    proposal: &Proposal,
    role: &str,
    out: &mut Vec<Hazard>,
) {
    let ledger = &analysis.ledger;
    let mut first_gone: Option<usize> = None;
    let mut policies = None;
    for unit in ledger.units.iter().filter(|unit| unit.origin == Origin::Policies && unit.branches.is_empty())
    {
        if let (Some(slot), UnitOutcome::Remove) = (unit.slot, outcome(ledger, unit, &proposal.gone)) {
            first_gone = Some(first_gone.map_or(slot, |first| first.min(slot)));
            policies = Some(unit.policies);
        }
    }
    let (Some(first), Some(policies)) = (first_gone, policies) else { return };
    let later = policy_slots(resolver.doc, policies, Shape::Sam)
        .iter()
        .filter(|slot| slot.index.is_some_and(|index| index > first))
        .filter(|slot| {
            !matches!(
                slot.kind,
                SlotKind::Managed(_) | SlotKind::Empty | SlotKind::Opaque | SlotKind::Malformed(_)
            )
        })
        .count();
    if later > 0 {
        out.push(hazard(
            "policy-renamed",
            match later {
                1 => format!(
                    "the inline policy of `{role}` behind the removed one gets a new name, content unchanged"
                ),
                n => format!(
                    "{n} inline policies of `{role}` behind the removed one get new names, content unchanged"
                ),
            },
        ));
    }
}

fn opaque(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    proposal: &Proposal,
    role: &str,
    out: &mut Vec<Hazard>,
) {
    let Some(principal) = analysis.principal(&proposal.edge.principal) else { return };
    let unknown =
        analysis.named_policies(resolver, principal).into_iter().find_map(|managed| match managed {
            Managed::BySam(name) | Managed::Named(name) => {
                resolver.catalog.managed_policy(&name).is_none().then_some(name)
            }
            Managed::InTemplate(_) => None,
        });
    if let Some(name) = unknown {
        out.push(hazard(
            "opaque-policy",
            format!("`{role}` has the managed policy `{name}`, whose content is not known here; it may hold part of what is added"),
        ));
    }
}

fn aliases(resolver: &Resolver<'_>, destination: &crate::template::Resource, out: &mut Vec<Hazard>) {
    let Some(kind) = resolver.type_of(destination) else { return };
    let Some(property) = &kind.alias_property else { return };
    if resolver.template.property(resolver.doc, destination, property).is_none() {
        return;
    }
    let names: Vec<String> =
        kind.suffix_refs.keys().map(|suffix| format!("{}.{suffix}", destination.id)).collect();
    let mentioned = resolver.doc.ids().any(|node| {
        resolver.doc.scalar(node).is_some_and(|text| names.iter().any(|name| text.contains(name.as_str())))
    });
    if mentioned {
        out.push(hazard(
            "alias-invoked",
            format!(
                "the template refers to an alias of `{}`; the connector grants the unqualified function only",
                destination.id
            ),
        ));
    }
}

fn is_published(resolver: &Resolver<'_>) -> bool {
    let doc = resolver.doc;
    doc.get(doc.root(), "Metadata")
        .map(|node| doc.resolve(node))
        .is_some_and(|node| doc.get(node, &format!("{SAM_PREFIX}Repo::Application")).is_some())
}

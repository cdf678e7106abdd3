//! Resources of statements that are certainly wrong: an ARN inside of an ARN, and something that is no ARN.

use super::meaning::returned;
use super::{Scene, mends};
use crate::analysis::{Column, Origin, Rectangle};
use crate::catalog::{Meaning, ResourceType};
use crate::check::finding::Finding;
use crate::check::kinds::{DOUBLED_ARN, RESOURCE_NOT_AN_ARN};
use crate::syntax::{Fragment, NodeId};
use crate::template::{Expr, Resource};
use std::collections::BTreeSet;

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    let mut seen: BTreeSet<NodeId> = BTreeSet::new();
    let mut out = Vec::new();
    for unit in scene.analysis.ledger.units.iter().filter(|unit| unit.origin != Origin::ResourceSide) {
        for rectangle in unit.rectangles.iter().filter(|rectangle| !rectangle.is_unreadable()) {
            for column in &rectangle.resources {
                let Some(node) = column.node else { continue };
                let judged = doubled(scene, column, node).or_else(|| bare(scene, rectangle, column, node));
                // A policy of several roles is read once for each of them.
                out.extend(judged.filter(|_| seen.insert(node)));
            }
        }
    }
    out
}

/// `arn:…:table/${Table.Arn}`: the beginning of an ARN, and behind it the ARN of a resource of the same service.
fn doubled(scene: Scene<'_>, column: &Column, node: NodeId) -> Option<Finding> {
    let Expr::Concat(parts) = &column.expr else { return None };
    let mut before = String::new();
    let at = parts.iter().position(|part| match part {
        Expr::Text(text) => {
            before.push_str(text);
            false
        }
        part => {
            let arn = returned(scene.resolver, part).is_some_and(|found| found.meaning == Meaning::Arn);
            if !arn {
                before.push('?');
            }
            arn
        }
    })?;
    let service = before.strip_prefix("arn:")?.split(':').nth(1)?;
    let found = returned(scene.resolver, &parts[at])?;
    let resource = &scene.resolver.template.resources()[found.resource];
    let kind = scene.resolver.type_of(resource).filter(|kind| kind.service == service)?;
    let right = right(scene, &found, (resource, kind), parts, at).filter(|_| !column.conditional);
    let advice = match &right {
        Some((_, shown)) => format!("; write `{shown}`"),
        None => "; write the one ARN alone, or put the name in".to_owned(),
    };
    let message = format!(
        "the ARN of `{}` stands inside of another ARN, so the statement matches nothing{advice}",
        resource.id
    );
    let mut finding = scene.finding(&DOUBLED_ARN, node, &[&resource.id], message);
    if let Some((fragment, _)) = right {
        finding.mend = mends::replace(scene.resolver.doc, node, fragment);
    }
    Some(finding)
}

/// The resource's own ARN with what follows it, where the text before it is just what the ARN begins with.
fn right(
    scene: Scene<'_>,
    found: &super::meaning::Returned,
    (resource, kind): (&Resource, &ResourceType),
    parts: &[Expr],
    at: usize,
) -> Option<(Fragment, String)> {
    let name = attribute(resource, kind, &Meaning::Name)?;
    let mut meant = parts.to_vec();
    *meant.get_mut(at)? = name;
    let meant = scene.resolver.resolve(&Expr::Concat(meant));
    let target = scene.resolver.target(&meant.deployed).filter(|_| found.whole)?;
    let rest = parts.get(at + 1..)?;
    let same = target.resource == found.resource && target.kinds.is_some();
    same.then(|| arn_with(resource, kind, rest)).flatten()
}

/// `!Ref Table` or `${Bucket}/*`: a name or URL where an ARN has to be.
fn bare(scene: Scene<'_>, rectangle: &Rectangle, column: &Column, node: NodeId) -> Option<Finding> {
    let (first, rest): (&Expr, &[Expr]) = match &column.expr {
        Expr::Concat(parts) => parts.split_first()?,
        single => (single, &[]),
    };
    let found = returned(scene.resolver, first)?;
    let what = match found.meaning {
        Meaning::Name => "the name",
        Meaning::Url => "the URL",
        Meaning::Arn | Meaning::Other(_) => return None,
    };
    let resource = &scene.resolver.template.resources()[found.resource];
    let kind = scene.resolver.type_of(resource)?;
    let right =
        arn_with(resource, kind, rest).filter(|_| makes_sense(scene, rectangle, (resource, kind), rest));
    let advice = match &right {
        Some((_, shown)) => format!("write `{shown}`"),
        None => "write the ARN".to_owned(),
    };
    let message = format!("{what} of `{}` is no ARN, which IAM refuses; {advice}", resource.id);
    let mut finding = scene.finding(&RESOURCE_NOT_AN_ARN, node, &[&resource.id], message);
    if let (false, Some((fragment, _))) = (column.conditional, right) {
        finding.mend = mends::replace(scene.resolver.doc, node, fragment);
    }
    Some(finding)
}

/// Whether the ARN is something that every action of the statement which concerns the service can be about.
fn makes_sense(
    scene: Scene<'_>,
    rectangle: &Rectangle,
    (resource, kind): (&Resource, &ResourceType),
    rest: &[Expr],
) -> bool {
    let Some(arn) = attribute(resource, kind, &Meaning::Arn) else { return false };
    let meant = Expr::Concat([&[arn], rest].concat());
    let target = scene.resolver.target(&scene.resolver.resolve(&meant).deployed);
    let known = target.as_ref().is_some_and(|target| target.kinds.is_some());
    let mut actions = rectangle.actions.iter().map(|row| &row.action);
    known && actions.all(|action| !scene.analysis.is_inert(scene.resolver, action, target.as_ref()))
}

fn attribute(resource: &Resource, kind: &ResourceType, wanted: &Meaning) -> Option<Expr> {
    if kind.reference == *wanted {
        return Some(Expr::Ref(resource.id.clone()));
    }
    let (name, _) = kind.attributes.iter().find(|(_, meaning)| *meaning == wanted)?;
    Some(Expr::Attribute(resource.id.clone(), name.clone()))
}

/// The ARN of a resource with literal text behind it.
fn arn_with(resource: &Resource, kind: &ResourceType, rest: &[Expr]) -> Option<(Fragment, String)> {
    let mut text = String::new();
    for part in rest {
        let Expr::Text(part) = part else { return None };
        text.push_str(part);
    }
    if text.is_empty() {
        return mends::reference(resource, kind, &Meaning::Arn);
    }
    let placeholder = match attribute(resource, kind, &Meaning::Arn)? {
        Expr::Attribute(id, name) => format!("{id}.{name}"),
        _ => resource.id.clone(),
    };
    let text = format!("${{{placeholder}}}{text}");
    Some((Fragment::intrinsic("Sub", Fragment::scalar(&text)), format!("!Sub {text}")))
}

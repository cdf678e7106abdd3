//! Parameters of policy templates that take a name and are given an ARN or a URL. Which parameter takes what is told by the
//! catalogue: by the type that it names, and by the ARN into which its value is put.

use super::meaning::returned;
use super::{Scene, mends};
use crate::analysis::Unit;
use crate::catalog::{Meaning, ParameterKind, PolicyTemplate};
use crate::check::finding::Finding;
use crate::check::kinds::WRONG_NAME_PARAMETER;
use crate::iam::Presence;
use crate::syntax::{Fragment, NodeId};
use crate::template::Expr;

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    let doc = scene.resolver.doc;
    let mut out = Vec::new();
    for unit in &scene.analysis.ledger.units {
        let Some(template) = unit.template.as_deref().and_then(|name| scene.resolver.catalog.template(name))
        else {
            continue;
        };
        let Some(values) = doc.get(unit.node, &template.name) else { continue };
        for (parameter, kind) in &template.parameters {
            if let Some(node) = doc.get(values, parameter)
                && takes_a_name(template, parameter, kind)
            {
                out.extend(judge(scene, unit, (&template.name, parameter, kind), node));
            }
        }
    }
    out
}

/// Whether an ARN or URL is never right: the parameter names a resource, or its value always comes behind the beginning of an
/// ARN.
fn takes_a_name(template: &PolicyTemplate, parameter: &str, kind: &ParameterKind) -> bool {
    match kind {
        ParameterKind::Name(_) => true,
        ParameterKind::Arn(_) => false,
        ParameterKind::Plain => {
            let mut texts = template.statements.iter().flat_map(|statement| {
                let named = statement.variables.iter().filter(|(_, own)| own == parameter);
                named.flat_map(|(variable, _)| {
                    let placeholder = format!("${{{variable}}}");
                    let texts = statement.resources.iter();
                    texts.filter_map(move |text| text.split_once(&placeholder).map(|(before, _)| before))
                })
            });
            let mut any = false;
            texts.all(|before| {
                any = true;
                before.starts_with("arn:")
            }) && any
        }
    }
}

fn judge(
    scene: Scene<'_>,
    unit: &Unit,
    (template, parameter, kind): (&str, &str, &ParameterKind),
    node: NodeId,
) -> Option<Finding> {
    let alternatives = scene.resolver.alternatives(node);
    let whole = matches!(alternatives.as_slice(), [(Presence::Always, Expr::Ref(_) | Expr::Attribute(..))]);
    let wrong = alternatives.iter().find_map(|(_, expr)| wrong(scene, expr).map(|what| (expr, what)));
    let (expr, what) = wrong?;
    let right = match kind {
        ParameterKind::Name(name) => right(scene, expr, name),
        _ => None,
    };
    let advice = match &right {
        Some((_, shown)) => format!("write `{shown}`"),
        None => "write the name alone".to_owned(),
    };
    let message = format!(
        "`{parameter}` of `{template}` takes a name and is given {what}, so the policy matches nothing; {advice}"
    );
    let owner = &scene.resolver.template.resources()[unit.bearer].id;
    let mut finding = scene.finding(&WRONG_NAME_PARAMETER, node, &[owner, template, parameter], message);
    if let (true, Some((name, _))) = (whole, right) {
        finding.mend = mends::replace(scene.resolver.doc, node, name);
    }
    Some(finding)
}

/// What a value is, where it is certainly no name.
fn wrong(scene: Scene<'_>, expr: &Expr) -> Option<&'static str> {
    let first = match expr {
        Expr::Concat(parts) => parts.first()?,
        single => single,
    };
    if let Expr::Text(text) = first {
        return match text {
            text if text.starts_with("arn:") => Some("an ARN"),
            text if text.starts_with("https://") => Some("a URL"),
            _ => None,
        };
    }
    match returned(scene.resolver, first)?.meaning {
        Meaning::Arn => Some("an ARN"),
        Meaning::Url => Some("a URL"),
        Meaning::Name | Meaning::Other(_) => None,
    }
}

/// The expression that is meant: the name of the same resource, if it is of the type that the parameter names.
fn right(scene: Scene<'_>, expr: &Expr, type_name: &str) -> Option<(Fragment, String)> {
    let found = returned(scene.resolver, expr).filter(|found| found.whole)?;
    let resource = &scene.resolver.template.resources()[found.resource];
    let kind = scene.resolver.type_of(resource).filter(|kind| kind.canonical == type_name)?;
    mends::reference(resource, kind, &Meaning::Name)
}

//! Whether a SAM policy template says exactly what a connector grants. Compares grants, never names.

use crate::analysis::{Part, Resolver};
use crate::catalog::{Meaning, ParameterKind, PolicyTemplate, StatementEffect};
use crate::iam::{ActionPattern, ResourcePattern};
use crate::syntax::Fragment;
use std::collections::BTreeSet;

/// The policy template, its parameter and the value that together grant what a part does on a resource of the template.
pub(super) fn equal(
    resolver: &Resolver<'_>,
    part: &Part,
    destination: usize,
) -> Option<(String, String, Fragment)> {
    let resource = &resolver.template.resources()[destination];
    let kind = resolver.type_of(resource)?;
    let granted = |action: &str, resource: &ResourcePattern| {
        (ActionPattern::new(action).folded().to_owned(), resource.clone())
    };
    let wanted: Vec<_> = part.grants.iter().map(|g| granted(g.action.as_str(), &g.resource)).collect();
    let says_so = |template: &&PolicyTemplate| {
        let [(parameter, ParameterKind::Name(named))] = template.parameters.as_slice() else { return false };
        if resolver.catalog.resource_type(named).is_none_or(|named| named.canonical != kind.canonical) {
            return false;
        }
        let mut said = Vec::new();
        for statement in &template.statements {
            if statement.condition.is_some() || statement.effect != StatementEffect::Allow {
                return false;
            }
            for text in &statement.resources {
                let named = |name: &str| {
                    let mut variables = statement.variables.iter();
                    let own = variables.any(|(variable, of)| variable == name && of == parameter);
                    own.then(|| resolver.name_segments(destination))
                };
                let pattern = resolver.fill(text, named);
                said.extend(statement.actions.iter().map(|action| granted(action, &pattern)));
            }
        }
        let all = |one: &[(String, ResourcePattern)], other: &[(String, ResourcePattern)]| {
            one.iter().all(|grant| other.contains(grant))
        };
        !said.iter().any(|(action, _)| action.contains(['*', '?']))
            && all(&said, &wanted)
            && all(&wanted, &said)
    };
    let found: BTreeSet<&str> =
        resolver.catalog.templates().filter(says_so).map(|template| template.name.as_str()).collect();
    let template = resolver.catalog.template(found.first()?)?;
    let (parameter, _) = template.parameters.first()?;
    let value = match &kind.reference {
        Meaning::Name => Fragment::intrinsic("Ref", Fragment::scalar(resource.id.as_str())),
        _ => {
            let (attribute, _) = kind.attributes.iter().find(|(_, meaning)| **meaning == Meaning::Name)?;
            Fragment::intrinsic("GetAtt", Fragment::scalar(format!("{}.{attribute}", resource.id)))
        }
    };
    Some((template.name.clone(), parameter.clone(), value))
}

//! What a reference to a resource of the template returns, where that is certain: its name, its ARN or its URL.

use crate::analysis::Resolver;
use crate::catalog::Meaning;
use crate::template::Expr;

/// What a reference returns.
pub(super) struct Returned {
    /// Position of the resource.
    pub(super) resource: usize,
    /// What it is.
    pub(super) meaning: Meaning,
    /// Whether it is the whole resource that it stands for, not a version or alias or another part.
    pub(super) whole: bool,
}

/// What `Ref` or `Fn::GetAtt` returns. Attributes of other types are called `…Arn` only where they are ARNs.
pub(super) fn returned(resolver: &Resolver<'_>, expr: &Expr) -> Option<Returned> {
    let template = resolver.template;
    match expr {
        Expr::Ref(name) => {
            let (id, suffix) = name.split_once('.').map_or((name.as_str(), None), |(id, s)| (id, Some(s)));
            let resource = template.position(id)?;
            let kind = resolver.type_of(&template.resources()[resource])?;
            match suffix {
                None => Some(Returned { resource, meaning: kind.reference.clone(), whole: true }),
                Some(suffix) => {
                    let word = kind.suffix_refs.get(suffix)?;
                    let arn = ["alias", "version"].contains(&word.as_str());
                    arn.then_some(Returned { resource, meaning: Meaning::Arn, whole: false })
                }
            }
        }
        Expr::Attribute(id, attribute) => {
            let resource = template.position(id)?;
            let known = resolver.type_of(&template.resources()[resource]);
            let known = known.and_then(|kind| kind.attributes.get(attribute)).cloned();
            let plain = matches!(known, Some(Meaning::Name | Meaning::Arn | Meaning::Url));
            let arn = attribute.ends_with("Arn") && !attribute.contains('.');
            match known {
                Some(meaning) if plain => Some(Returned { resource, meaning, whole: true }),
                _ if arn => Some(Returned { resource, meaning: Meaning::Arn, whole: false }),
                _ => None,
            }
        }
        _ => None,
    }
}

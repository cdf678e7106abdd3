//! What a change means for the permissions of a role: what is added and removed after wildcard cover, what of it IAM never
//! matches, and what is no new power since earlier permissions imply it.

use super::options::Consent;
use super::shown::permission;
use crate::analysis::{Analysis, Resolver, Target};
use crate::catalog::ImplicationScope;
use crate::iam::{ActionPattern, Coverage, Effect, Grant, GrantSet, Permission, ResourcePattern};

/// How deep implications may lean on each other.
const MAX_STEPS: usize = 4;

/// The difference between two states of the same template.
#[derive(Debug, Clone)]
pub(super) struct Delta {
    /// What is new.
    pub(super) added: Vec<Permission>,
    /// What is gone.
    pub(super) removed: Vec<Permission>,
    /// Its class.
    pub(super) effect: Effect,
    /// The fewest actions to accept so that the rest of what is added is implied.
    pub(super) needs: Vec<String>,
}

/// One state of a template, by which grants are shown and judged.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Its expressions.
    pub resolver: &'a Resolver<'a>,
    /// Who holds what.
    pub analysis: &'a Analysis,
}

/// Compares `after` with `before` within one template.
pub(super) fn delta(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    consent: &Consent,
    before: &GrantSet,
    after: &GrantSet,
) -> Delta {
    let view = View { resolver, analysis };
    delta_between((view, before), (view, after), consent)
}

/// Compares `after` with `before`, which are of two templates: what is new is judged by the later one, what is gone by the
/// earlier one.
pub(super) fn delta_between(
    (old, before): (View<'_>, &GrantSet),
    (now, after): (View<'_>, &GrantSet),
    consent: &Consent,
) -> Delta {
    let View { resolver, analysis } = now;
    let (new, unknown_new) = after.beyond(before);
    let (gone, unknown_gone) = before.beyond(after);
    let accepts = |grant: &&Grant| !consent.add.is_empty() && accepts_added(consent, &grant.permission());
    let accepted: Vec<&Grant> = new.iter().filter(accepts).collect();
    let power = Power { resolver, before, accepted };
    let mut added: Vec<Permission> = Vec::new();
    for grant in &new {
        let target = resolver.target(&grant.resource);
        let mut permission = permission(resolver, analysis, grant);
        permission.inert = analysis.is_inert(resolver, &grant.action, target.as_ref());
        if !permission.inert {
            match power.implied(grant, grant.action.as_str(), target.as_ref(), 0) {
                Some(Argument::Held(actions)) => permission.implied_by = actions,
                Some(Argument::Fact(reason)) => permission.because = Some(reason),
                None => {}
            }
        }
        push_new(&mut added, permission);
    }
    let mut removed: Vec<Permission> = Vec::new();
    let View { resolver, analysis } = old;
    for grant in &gone {
        let target = resolver.target(&grant.resource);
        let mut permission = permission(resolver, analysis, grant);
        permission.inert = analysis.is_inert(resolver, &grant.action, target.as_ref());
        push_new(&mut removed, permission);
    }
    let effect = Effect::of(&added, &removed, unknown_new || unknown_gone);
    let needs = needs(&power, &new, &added);
    Delta { added, removed, effect, needs }
}

/// The fewest added actions that leave no new power among the others, once they are accepted.
fn needs(power: &Power<'_>, new: &[Grant], added: &[Permission]) -> Vec<String> {
    let open = |grant: &&Grant| {
        let shown = grant.permission();
        added
            .iter()
            .any(|p| !p.inert && !p.is_implied() && p.action == shown.action && p.resource == shown.resource)
    };
    let open: Vec<&Grant> = new.iter().filter(open).collect();
    let mut needed: Vec<&ActionPattern> = Vec::new();
    for grant in &open {
        if !needed.contains(&&grant.action) {
            needed.push(&grant.action);
        }
    }
    for candidate in needed.clone().into_iter().rev() {
        let others = open.iter().copied().filter(|g| g.action != *candidate && needed.contains(&&g.action));
        let accepted = power.accepted.iter().copied().chain(others).collect();
        let power = Power { resolver: power.resolver, before: power.before, accepted };
        let follows = open.iter().filter(|grant| grant.action == *candidate).all(|grant| {
            let target = power.resolver.target(&grant.resource);
            power.implied(grant, grant.action.as_str(), target.as_ref(), 0).is_some()
        });
        if follows {
            needed.retain(|action| *action != candidate);
        }
    }
    needed.into_iter().map(ToString::to_string).collect()
}

fn push_new(list: &mut Vec<Permission>, permission: Permission) {
    if !list.contains(&permission) {
        list.push(permission);
    }
}

/// Whether the user has named a permission as one that may come.
pub(super) fn accepts_added(consent: &Consent, permission: &Permission) -> bool {
    consent.add.iter().any(|pattern| pattern.accepts(&permission.action, &permission.resource))
}

/// Whether the user has named a permission as one that may go.
pub(super) fn accepts_removed(consent: &Consent, permission: &Permission) -> bool {
    consent.remove.iter().any(|pattern| pattern.accepts(&permission.action, &permission.resource))
}

/// Whether a delta is within consent.
pub(super) fn within(consent: &Consent, delta: &Delta) -> bool {
    match delta.effect {
        Effect::Same => true,
        Effect::Unknown => false,
        _ if consent.strict => false,
        Effect::Equivalent => true,
        _ if consent.any => true,
        Effect::Wider | Effect::Narrower | Effect::Mixed => {
            let mut added = delta.added.iter().filter(|p| !p.inert && !p.is_implied());
            let mut removed = delta.removed.iter().filter(|p| !p.inert);
            added.all(|p| accepts_added(consent, p)) && removed.all(|p| accepts_removed(consent, p))
        }
    }
}

/// What a principal can do with what it held before, and with the additions that are accepted anyway.
struct Power<'a> {
    resolver: &'a Resolver<'a>,
    before: &'a GrantSet,
    accepted: Vec<&'a Grant>,
}

/// Why an added permission is no new power.
enum Argument {
    /// Actions that are held imply it.
    Held(Vec<String>),
    /// The template shows that there is nothing to match.
    Fact(String),
}

impl Power<'_> {
    /// Why `action` on the resource of `grant` is no new power, if it is none.
    fn implied(&self, grant: &Grant, action: &str, target: Option<&Target>, step: usize) -> Option<Argument> {
        for implication in self.resolver.catalog.implications() {
            if !implication.added.iter().any(|added| added.eq_ignore_ascii_case(action)) {
                continue;
            }
            let mut needed = implication.implied_by.clone();
            if implication.same_action_on_base {
                needed.insert(0, action.to_owned());
            }
            let base = match &implication.scope {
                None => Some((grant.resource.clone(), target.cloned())),
                Some(scope) => self.base(scope, &grant.resource, target),
            };
            let Some((base, target)) = base else { continue };
            if needed.iter().all(|action| self.holds(grant, action, &base, target.as_ref(), step)) {
                return Some(match needed.is_empty() {
                    true => Argument::Fact(implication.reason.clone()),
                    false => Argument::Held(needed),
                });
            }
        }
        None
    }

    /// The resource of which a resource is the part that `scope` means, if it is that part. Of a resource from elsewhere only
    /// the spelling tells; whether it has indexes is not known.
    fn base(
        &self,
        scope: &ImplicationScope,
        resource: &ResourcePattern,
        target: Option<&Target>,
    ) -> Option<(ResourcePattern, Option<Target>)> {
        let Some(target) = target else {
            let base = resource.before(&scope.suffix).filter(|_| !scope.only_without_index)?;
            return Some((base, None));
        };
        let whole = &self.resolver.template.resources()[target.resource];
        let kind = self.resolver.type_of(whole)?;
        let declares = kind
            .index_properties
            .iter()
            .any(|property| whole.properties.is_some_and(|p| self.resolver.doc.get(p, property).is_some()));
        let named = [&kind.name, &kind.canonical].contains(&&scope.resource_type);
        if !named || scope.suffix != target.scope || (scope.only_without_index && declares) {
            return None;
        }
        let base = self.resolver.arn(target.resource)?.clone();
        let target = self.resolver.target(&base)?;
        Some((base, Some(target)))
    }

    fn holds(
        &self,
        grant: &Grant,
        action: &str,
        on: &ResourcePattern,
        target: Option<&Target>,
        step: usize,
    ) -> bool {
        let wanted = Grant {
            action: ActionPattern::new(action),
            resource: on.clone(),
            condition: None,
            ..grant.clone()
        };
        let held = || {
            self.before.covers(&wanted) == Coverage::Covered
                || self.accepted.iter().any(|held| {
                    held.reaches(&wanted) && wanted.presence.implies(&held.presence) == Some(true)
                })
        };
        (held() && !self.is_denied(&wanted, grant))
            || (step < MAX_STEPS && self.implied(&wanted, action, target, step + 1).is_some())
    }

    /// Whether a denial takes away some of what is held but leaves what is added: then nothing that was possible before implies
    /// it.
    fn is_denied(&self, held: &Grant, added: &Grant) -> bool {
        let mut denials = self.before.of(&held.principal).iter().filter(|grant| !grant.allow);
        denials.any(|denial| {
            let hits = denial.action.covers(&held.action)
                && (denial.resource.is_open()
                    || denial.resource.covers(&held.resource)
                    || held.resource.covers(&denial.resource));
            let stays = denial.condition.is_some()
                || !denial.action.covers(&added.action)
                || !denial.resource.covers(&added.resource)
                || added.presence.implies(&denial.presence) != Some(true);
            hits && stays
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::analyse;
    use crate::catalog::Catalog;
    use crate::iam::Presence;
    use crate::plan::Partition;
    use crate::syntax::Document;
    use crate::template::Template;
    use crate::text::Source;

    /// One permission, whenever as many conditions as cannot be compared hold.
    fn grant(conditions: &str) -> Grant {
        let all = (0..20).map(|n| Presence::atom(format!("{conditions}{n}")));
        Grant {
            principal: "R".into(),
            allow: true,
            action: ActionPattern::new("s3:GetObject"),
            resource: ResourcePattern::from_text("bucket"),
            condition: None,
            presence: all.fold(Presence::Always, Presence::and),
        }
    }

    #[test]
    fn what_cannot_be_compared_on_either_side_is_unknown() {
        let source = Source::new("template.yaml", b"Resources: {}\n".to_vec()).unwrap();
        let doc = Document::parse(source).unwrap();
        let template = Template::view(&doc);
        let resolver = Resolver::new(&doc, &template, Catalog::builtin(), Partition::Aws);
        let analysis = analyse(&resolver);
        let effect = |before: &[&str], after: &[&str]| {
            let set = |all: &[&str]| all.iter().map(|conditions| grant(conditions)).collect::<GrantSet>();
            delta(&resolver, &analysis, &Consent::default(), &set(before), &set(after)).effect
        };
        assert_eq!(effect(&["A"], &["A"]), Effect::Same);
        assert_eq!(effect(&["A"], &["A", "B"]), Effect::Unknown);
        assert_eq!(effect(&["A", "B"], &["A"]), Effect::Unknown);
    }
}

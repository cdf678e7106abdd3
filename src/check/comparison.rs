//! Two versions of a template compared: who gains and loses what, and what cannot be judged. Knows neither where the
//! versions come from nor how the answer looks.

use super::access::AccessIndex;
use super::holders::{GrantTable, Holder, RoleKind, grant_table};
use super::unread::{Unread, UnreadKind};
use crate::analysis::{Analysis, Partition, Resolver, analyse};
use crate::catalog::Catalog;
use crate::iam::{Effect, Permission};
use crate::plan::{Consent, HolderDelta, View, compare_holder};
use crate::syntax::Document;
use crate::template::Template;

/// What a change of a template means.
#[derive(Debug, Clone)]
pub struct TemplateComparison {
    /// Those for whom something changes: principals in the order of the later version, those that are gone, and resources
    /// that act through another role than before.
    pub changes: Vec<HolderChange>,
    /// How many principals hold what they held.
    pub unchanged: usize,
    /// What cannot be judged and is another than before.
    pub unknown: Vec<UnreadChange>,
    /// The class of all of it.
    pub effect: Effect,
    /// Whether something is wider or unknown that was not accepted.
    pub beyond_consent: bool,
}

/// For whom something changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A principal of both versions.
    Kept,
    /// A principal that the earlier version does not have. Where one is gone too, it may be the same under another name.
    New,
    /// A principal that the later version does not have.
    Gone,
    /// A resource that acts through another role than before, and the role before, if it had one.
    Moved {
        /// The role before.
        was: Option<String>,
        /// The role now.
        is: String,
    },
}

impl Subject {
    /// The word in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::New => "new",
            Self::Gone => "gone",
            Self::Moved { .. } => "moved",
        }
    }
}

/// What changes for one of them.
#[derive(Debug, Clone)]
pub struct HolderChange {
    /// The principal, or the logical id of the resource that moved.
    pub name: String,
    /// What it is.
    pub kind: RoleKind,
    /// What acts through it.
    pub acting: Vec<String>,
    /// Whether it is new, gone or moved.
    pub subject: Subject,
    /// Permissions that come, each with whether it is accepted.
    pub added: Vec<(Permission, bool)>,
    /// Permissions that go.
    pub removed: Vec<Permission>,
    /// The class of both.
    pub effect: Effect,
}

/// Something that cannot be judged and came or went.
#[derive(Debug, Clone)]
pub struct UnreadChange {
    /// What it is.
    pub unread: Unread,
    /// Whether it came; else it went.
    pub came: bool,
    /// Whether what it means for permissions is not known.
    pub matters: bool,
}

/// Compares two versions; one that is not there grants nothing.
pub fn compare_templates(
    before: Option<&Document>,
    after: Option<&Document>,
    catalog: &Catalog,
    consent: &Consent,
    partition: Partition,
) -> TemplateComparison {
    let nothing = Empty::default();
    let (old, new) = (before.unwrap_or(&nothing.doc), after.unwrap_or(&nothing.doc));
    let (old_template, new_template) = (Template::view(old), Template::view(new));
    let old_resolver = Resolver::new(old, &old_template, catalog, partition);
    let new_resolver = Resolver::new(new, &new_template, catalog, partition);
    let (old_analysis, new_analysis) = (analyse(&old_resolver), analyse(&new_resolver));
    let index = AccessIndex::of(catalog);
    let sides = Sides {
        old: View { resolver: &old_resolver, analysis: &old_analysis },
        now: View { resolver: &new_resolver, analysis: &new_analysis },
        had: grant_table(&old_resolver, &old_analysis, &index),
        has: grant_table(&new_resolver, &new_analysis, &index),
        consent,
    };
    sides.compare()
}

/// A template of nothing.
struct Empty {
    doc: Document,
}

impl Default for Empty {
    fn default() -> Self {
        let source = crate::text::Source::new("nothing.yaml", b"Resources: {}\n".to_vec());
        let source = source.expect("impossible: the text is short and ASCII");
        Self { doc: Document::parse(source).expect("impossible: the text is YAML") }
    }
}

struct Sides<'a> {
    old: View<'a>,
    now: View<'a>,
    had: GrantTable,
    has: GrantTable,
    consent: &'a Consent,
}

impl Sides<'_> {
    fn compare(&self) -> TemplateComparison {
        let named = |table: &GrantTable, name: &str| table.holders.iter().any(|holder| holder.name == name);
        let (mut changes, mut unchanged) = (Vec::new(), 0);
        let gone = self.had.holders.iter().filter(|holder| !named(&self.has, &holder.name));
        for holder in self.has.holders.iter().chain(gone) {
            let (was, is) = (named(&self.had, &holder.name), named(&self.has, &holder.name));
            let subject = match (was, is) {
                (true, true) => Subject::Kept,
                (false, _) => Subject::New,
                (true, false) => Subject::Gone,
            };
            let name = holder.name.as_str();
            let delta =
                compare_holder((self.old, was.then_some(name)), (self.now, is.then_some(name)), self.consent);
            match change(holder, subject, delta) {
                Some(change) => changes.push(change),
                None => unchanged += usize::from(is),
            }
        }
        changes.extend(self.moved());
        let unknown = self.unknown();
        let added: Vec<Permission> = changes
            .iter()
            .flat_map(|change| &change.added)
            .map(|(permission, _)| permission.clone())
            .collect();
        let removed: Vec<Permission> = changes.iter().flat_map(|change| change.removed.clone()).collect();
        let undecided = changes.iter().any(|change| change.effect == Effect::Unknown)
            || unknown.iter().any(|change| change.matters);
        let effect = Effect::of(&added, &removed, undecided);
        // What only went, and of which nothing but that is known, is less than before.
        let went = unknown.iter().any(|change| {
            !change.came
                && !change.matters
                && change.unread.kind.hides_grants()
                && change.unread.kind != UnreadKind::Event
        });
        let effect = match effect {
            Effect::Same | Effect::Equivalent if went => Effect::Narrower,
            Effect::Wider if went => Effect::Mixed,
            effect => effect,
        };
        let beyond = |change: &HolderChange| {
            let widens = |(permission, accepted): &(Permission, bool)| {
                !accepted && !permission.inert && !permission.deny && !permission.is_implied()
            };
            change.added.iter().any(widens)
                || change.removed.iter().any(|permission| permission.deny && !permission.inert)
        };
        let beyond_consent = undecided || changes.iter().any(beyond);
        TemplateComparison { changes, unchanged, unknown, effect, beyond_consent }
    }

    /// Resources that act through a role of the earlier version through which they did not act then. A role that is new is
    /// told of as such, with all that it holds.
    fn moved(&self) -> Vec<HolderChange> {
        let roles = |analysis: &Analysis, resolver: &Resolver<'_>, id: &str| -> Vec<String> {
            let of = |actor: &&crate::analysis::Actor| resolver.template.resources()[actor.resource].id == id;
            let roles = analysis.actors.iter().filter(of);
            roles.map(|actor| analysis.principals[actor.principal].name.to_string()).collect()
        };
        let mut out = Vec::new();
        for holder in &self.has.holders {
            let known = self.had.holders.iter().any(|old| old.name == holder.name);
            for acting in holder.acting.iter().filter(|_| known) {
                let before = roles(self.old.analysis, self.old.resolver, &acting.id);
                if before.contains(&holder.name) {
                    continue;
                }
                let was = before.first().map(String::as_str);
                let delta = compare_holder((self.old, was), (self.now, Some(&holder.name)), self.consent);
                let subject = Subject::Moved { was: was.map(str::to_owned), is: holder.name.clone() };
                let resource = Holder { name: acting.id.clone(), acting: Vec::new(), ..holder.clone() };
                out.extend(change(&resource, subject, delta));
            }
        }
        out
    }

    fn unknown(&self) -> Vec<UnreadChange> {
        let (old, new) = (&self.had.unread, &self.has.unread);
        let mut out = Vec::new();
        for (from, other, came) in [(new, old, true), (old, new, false)] {
            let missing = from.iter().filter(|unread| {
                let same = |other: &&Unread| {
                    (other.kind, &other.principal, &other.owner, &other.text, &other.presence)
                        == (unread.kind, &unread.principal, &unread.owner, &unread.text, &unread.presence)
                };
                // The same thing twice is there twice.
                from.iter().filter(same).count() > other.iter().filter(same).count()
            });
            for unread in missing {
                let elsewhere = if came { self.old.resolver.template } else { self.now.resolver.template };
                let on_both = elsewhere.position(&unread.owner).is_some();
                let matters = match unread.kind {
                    UnreadKind::Dead | UnreadKind::Event => false,
                    // Who is new, or gone, is told of as such.
                    UnreadKind::Trust | UnreadKind::Boundary => on_both,
                    // It may deny, so without it more may be allowed.
                    UnreadKind::Policy | UnreadKind::Document => came || on_both,
                    UnreadKind::ManagedPolicy
                    | UnreadKind::LetIn
                    | UnreadKind::Role
                    | UnreadKind::Macro
                    | UnreadKind::Connector => came,
                };
                out.push(UnreadChange { unread: unread.clone(), came, matters });
            }
        }
        out
    }
}

/// The change, if there is any.
fn change(holder: &Holder, subject: Subject, delta: HolderDelta) -> Option<HolderChange> {
    let HolderDelta { added, removed, undecided } = delta;
    let come: Vec<Permission> = added.iter().map(|(permission, _)| permission.clone()).collect();
    let live = come.iter().chain(&removed).any(|permission| !permission.inert);
    if !live && !undecided && subject == Subject::Kept {
        return None;
    }
    if !live && matches!(subject, Subject::Moved { .. }) {
        return None;
    }
    let effect = Effect::of(&come, &removed, undecided);
    Some(HolderChange {
        name: holder.name.clone(),
        kind: holder.kind,
        acting: holder.acting.iter().map(|acting| acting.id.clone()).collect(),
        subject,
        added,
        removed,
        effect,
    })
}

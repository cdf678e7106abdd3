//! The plan of one template: the one value that every verb consumes. Made by a pure function of source, catalogue and
//! options; edits are materialised for any chosen subset of its rewrites.

use super::delta::{Delta, delta};
use super::edge::{Aside, Edge, edges, reason_of};
use super::far::Far;
use super::model::{
    Decision, LeftAlone, Location, Note, PermissionDelta, Rewrite, RewriteId, RoleQuota, Skipped,
};
use super::options::Options;
use super::proposal::{Placing, Proposal, Use};
use super::side::goes;
use super::to_connectors::{Decided, decide};
use super::verify::{Promise, ToolBug, verify};
use super::work::Work;
use super::{Direction, Form, hazard, reverse};
use crate::analysis::{Analysis, Resolver, analyse};
use crate::catalog::Catalog;
use crate::iam::Permission;
use crate::syntax::{Document, NodeId, SyntaxError};
use crate::template::{SAM_TRANSFORM, Template};
use crate::text::{Edit, EditSet, Source};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What is proposed for one template. Invariant: every rewrite can be materialised, alone and together with any others.
pub struct Plan<'c> {
    doc: Document,
    template: Template,
    analysis: Analysis,
    catalog: &'c Catalog,
    options: Options,
    skipped: Option<Skipped>,
    work: Work,
    /// The edits of each rewrite alone.
    alone: Vec<EditSet>,
    rewrites: Vec<Rewrite>,
    left_alone: Vec<LeftAlone>,
    roles: Vec<RoleQuota>,
    notes: Vec<Note>,
    deployer_actions: Vec<String>,
}

/// The verified result of some rewrites.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The whole text after the edits.
    pub text: String,
    /// The edits.
    pub edits: EditSet,
}

/// Plans the rewrites of one template. Fails only where the text cannot be parsed.
pub fn plan<'c>(source: Source, catalog: &'c Catalog, options: &Options) -> Result<Plan<'c>, SyntaxError> {
    let doc = Document::parse(source)?;
    let template = Template::view(&doc);
    let resolver = Resolver::new(&doc, &template, catalog, options.partition);
    let skipped = skip(&template);
    let analysis = match skipped {
        None => analyse(&resolver),
        Some(_) => Analysis::default(),
    };
    let drawn = match options.direction {
        _ if skipped.is_some() => Drawn::default(),
        Direction::Connectors => forward(&resolver, &analysis, options),
        Direction::Policies => reverse::draw(&resolver, &analysis, options),
    };
    let notes = notes(&doc, &analysis);
    let Drawn { work, alone, rewrites, left_alone, roles, deployer_actions } = drawn;
    let options = options.clone();
    Ok(Plan {
        doc,
        template,
        analysis,
        catalog,
        options,
        skipped,
        work,
        alone,
        rewrites,
        left_alone,
        roles,
        notes,
        deployer_actions,
    })
}

/// What a direction makes of a template.
#[derive(Default)]
pub(super) struct Drawn {
    /// The rewrites, to be made.
    pub(super) work: Work,
    /// The edits of each alone.
    pub(super) alone: Vec<EditSet>,
    /// The rewrites, to be shown.
    pub(super) rewrites: Vec<Rewrite>,
    /// What stays.
    pub(super) left_alone: Vec<LeftAlone>,
    /// The roles that the rewrites touch.
    pub(super) roles: Vec<RoleQuota>,
    /// What the deploying identity needs.
    pub(super) deployer_actions: Vec<String>,
}

/// Policies → connectors.
fn forward(resolver: &Resolver<'_>, analysis: &Analysis, options: &Options) -> Drawn {
    let (edges, mut aside) = edges(resolver, analysis, options);
    let mut impossible: BTreeSet<usize> = BTreeSet::new();
    // An edge whose text cannot be edited is left alone; the others are then decided anew without it, since consent is
    // judged in order.
    let (decided, work, alone) = loop {
        let possible = edges.iter().enumerate().filter(|(number, _)| !impossible.contains(number));
        let decided = decide(resolver, analysis, options, possible.map(|(_, edge)| edge.clone()).collect());
        let proposals: Vec<Proposal> = decided.iter().map(|found| found.proposal.clone()).collect();
        let number = |at: usize| {
            let same = |edge: &Edge| edge.is_same(&decided[at].proposal.edge);
            edges.iter().position(same).expect("impossible: proposals are made of edges")
        };
        let work = Work::Connectors(proposals);
        match work.each(resolver, analysis, options.phase) {
            Ok(alone) => break (decided, work, alone),
            Err((at, reason)) => {
                let number = number(at);
                impossible.insert(number);
                aside.push(Aside { reason, cells: edges[number].cells().collect() });
            }
        }
    };
    let rewrites = decided.iter().enumerate();
    Drawn {
        work,
        alone,
        left_alone: left_alone(resolver, analysis, &aside),
        roles: roles(resolver, analysis, options, &decided),
        deployer_actions: deployer_actions(resolver.catalog, &decided),
        rewrites: rewrites.map(|(n, decided)| rewrite(resolver, analysis, RewriteId(n), decided)).collect(),
    }
}

/// What the identity that deploys needs for the connectors that are taken.
fn deployer_actions(catalog: &Catalog, decided: &[Decided]) -> Vec<String> {
    let mut actions = BTreeSet::new();
    for found in decided.iter().filter(|d| d.decision == Decision::Taken) {
        if let (Use::New { .. }, Some((_, generated))) =
            (&found.proposal.connector, catalog.generated(found.proposal.edge.profile.kind))
        {
            actions.extend(generated.deployer_actions.iter().cloned());
        }
    }
    actions.into_iter().collect()
}

impl Plan<'_> {
    /// The file.
    pub fn source(&self) -> &Source {
        self.doc.source()
    }

    /// Why the template was not looked into.
    pub fn skipped(&self) -> Option<&Skipped> {
        self.skipped.as_ref()
    }

    /// The proposed rewrites in template order.
    pub fn rewrites(&self) -> &[Rewrite] {
        &self.rewrites
    }

    /// What was seen and is not rewritten.
    pub fn left_alone(&self) -> &[LeftAlone] {
        &self.left_alone
    }

    /// Managed policies of the roles that the rewrites touch.
    pub fn roles(&self) -> &[RoleQuota] {
        &self.roles
    }

    /// What else is worth knowing about the file.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// IAM actions that the deploying identity needs for the taken rewrites.
    pub fn deployer_actions(&self) -> &[String] {
        &self.deployer_actions
    }

    /// The rewrites within consent.
    pub fn taken(&self) -> Vec<RewriteId> {
        self.rewrites.iter().filter(|r| r.decision == Decision::Taken).map(|r| r.id).collect()
    }

    /// The edits that make some rewrites, against the original text.
    pub fn edits(&self, chosen: &[RewriteId]) -> Result<EditSet, ToolBug> {
        self.work
            .edits(&self.resolver(), &self.analysis, chosen, self.options.phase)
            .map_err(|reason| ToolBug(format!("planned changes cannot be made: {}", reason.id())))
    }

    /// The edits of one rewrite alone, for reports.
    pub fn edits_of(&self, id: RewriteId) -> impl Iterator<Item = &Edit> {
        self.alone.get(id.0).into_iter().flat_map(EditSet::iter)
    }

    /// Makes some rewrites in memory and proves the result: it parses, nothing else changed, no comment is lost and the
    /// permissions are those that were stated.
    pub fn outcome(&self, chosen: &[RewriteId]) -> Result<Outcome, ToolBug> {
        if self.skipped.is_some() {
            // Nothing was analysed, so there is nothing to prove either.
            return Ok(Outcome { text: self.doc.source().text().to_owned(), edits: EditSet::new() });
        }
        let edits = self.edits(chosen)?;
        let text = edits
            .apply(self.doc.source().text())
            .map_err(|error| ToolBug(format!("planned edits cannot be applied: {error}")))?;
        let (resolver, phase) = (self.resolver(), self.options.phase);
        let promise = Promise {
            grants: self.work.grants(&self.analysis, chosen, phase),
            footprint: self.work.footprint(&resolver, &self.analysis, chosen, phase),
        };
        verify(&resolver, &self.analysis, &promise, &text, self.catalog)?;
        Ok(Outcome { text, edits })
    }

    /// What some rewrites together do to permissions. Each rewrite states its own delta against the state that those taken
    /// before it leave, so this is not the sum of them where they share a policy.
    pub fn delta(&self, chosen: &[RewriteId]) -> PermissionDelta {
        let phase = self.options.phase;
        let before = self.work.grants(&self.analysis, &[], phase);
        let after = self.work.grants(&self.analysis, chosen, phase);
        let Delta { added, removed, .. } =
            delta(&self.resolver(), &self.analysis, &self.options.consent, &before, &after);
        PermissionDelta { added, removed }
    }

    fn resolver(&self) -> Resolver<'_> {
        Resolver::new(&self.doc, &self.template, self.catalog, self.options.partition)
    }
}

fn skip(template: &Template) -> Option<Skipped> {
    (!template.is_sam()).then(|| Skipped {
        id: "no-transform",
        message: format!(
            "`Transform` does not name `{SAM_TRANSFORM}`, so connectors would mean nothing here"
        ),
    })
}

fn rewrite(resolver: &Resolver<'_>, analysis: &Analysis, id: RewriteId, decided: &Decided) -> Rewrite {
    let proposal = &decided.proposal;
    let (form, connector, existing) = match &proposal.connector {
        Use::New { id, form, .. } => {
            let form = match form {
                Placing::Embedded => Form::Embedded,
                Placing::Standalone => Form::Standalone,
            };
            (form, id.clone(), false)
        }
        Use::Existing { view, .. } => {
            let found = &analysis.connectors[*view].connector;
            let form = match found.place {
                crate::template::ConnectorPlace::Embedded { .. } => Form::Embedded,
                crate::template::ConnectorPlace::Standalone(_) => Form::Standalone,
            };
            (form, found.id.clone(), true)
        }
    };
    let cells = &analysis.ledger.cells;
    let units: BTreeSet<usize> = proposal.gone.iter().map(|&n| cells[n].unit).collect();
    let places =
        units.into_iter().map(|unit| location(resolver.doc, analysis.ledger.units[unit].node)).collect();
    let kept = distinct(decided.kept.iter().map(|&n| cells[n].grant.permission()));
    let Delta { added, removed, effect, needs } = decided.delta.clone();
    let (source, destination) = names(resolver, &proposal.edge);
    Rewrite {
        id,
        principal: proposal.edge.principal.to_string(),
        profile: proposal.edge.profile.id.clone(),
        fingerprint: fingerprint(&proposal.edge.profile.id, &source, &destination, proposal, analysis),
        source,
        destination,
        permissions: proposal.categories.clone(),
        form,
        connector,
        existing,
        places,
        effect,
        decision: decided.decision,
        added,
        removed,
        needs,
        kept,
        hazards: hazard::of(resolver, analysis, proposal),
    }
}

/// The ends of an edge in words: logical ids, the ARN for something outside.
fn names(resolver: &Resolver<'_>, edge: &Edge) -> (String, String) {
    let resources = resolver.template.resources();
    let destinations: Vec<&str> =
        edge.destinations().into_iter().map(|position| resources[position].id.as_str()).collect();
    let destination = match &edge.far {
        Far::External(_, arn) => arn.clone(),
        Far::Resource(_) | Far::Inferred(_) => destinations.join(", "),
    };
    (resources[edge.source()].id.clone(), destination)
}

fn fingerprint(
    profile: &str,
    source: &str,
    destination: &str,
    proposal: &Proposal,
    analysis: &Analysis,
) -> String {
    let grants: BTreeSet<String> = proposal
        .gone
        .iter()
        .map(|&n| &analysis.ledger.cells[n].grant)
        .map(|grant| format!("{} {} {}", grant.action.folded(), grant.resource, grant.presence))
        .collect();
    let mut digest = Sha256::new();
    for text in [profile, source, destination].into_iter().chain(grants.iter().map(String::as_str)) {
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(16).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

pub(super) fn location(doc: &Document, node: NodeId) -> Location {
    Location { route: doc.route(node).to_string(), span: doc.full_span(node) }
}

fn distinct(permissions: impl Iterator<Item = Permission>) -> Vec<Permission> {
    let mut out: Vec<Permission> = Vec::new();
    for permission in permissions {
        if !out.contains(&permission) {
            out.push(permission);
        }
    }
    out
}

fn left_alone(resolver: &Resolver<'_>, analysis: &Analysis, aside: &[Aside]) -> Vec<LeftAlone> {
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
            let grants = distinct(cells.iter().map(|&n| ledger.cells[n].grant.permission()));
            let statement = &unit.rectangles[rectangle];
            let message = match &unit.template {
                // Its cells stand for text that could not be read as grants.
                _ if statement.is_unreadable() => {
                    out.push(LeftAlone {
                        reason: *reason,
                        principal: unit.principal.to_string(),
                        owner: resources[unit.bearer].id.clone(),
                        grants: Vec::new(),
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
                location: location(resolver.doc, node),
                message,
            });
        }
    }
    for found in &ledger.unreadable {
        out.push(LeftAlone {
            reason: reason_of(found.obstacle),
            principal: found.principal.to_string(),
            owner: resources[found.bearer].id.clone(),
            grants: Vec::new(),
            location: location(resolver.doc, found.node),
            message: found.message.clone(),
        });
    }
    out.sort_by_key(|left| (left.location.span, left.reason));
    out
}

/// Actions and resources in a few words.
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
    let resources = list(grants.iter().map(|grant| grant.resource.as_str()).collect());
    format!("{actions} on {resources}")
}

fn roles(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    options: &Options,
    decided: &[Decided],
) -> Vec<RoleQuota> {
    let mut out: Vec<RoleQuota> = Vec::new();
    for found in decided {
        let Some(principal) = analysis.principal(&found.proposal.edge.principal) else { continue };
        let at = out.iter().position(|role| role.role == *principal.name).unwrap_or_else(|| {
            let before = analysis.managed_policies(resolver, principal);
            let role = principal.name.to_string();
            out.push(RoleQuota { role, before, after: before, quota: options.max_managed_policies });
            out.len() - 1
        });
        if found.decision == Decision::Taken {
            out[at].after += found.proposal.generates();
        }
    }
    let taken = decided.iter().filter(|found| found.decision == Decision::Taken).map(|found| &found.proposal);
    let gone: BTreeSet<usize> =
        taken.filter(|p| p.removes(options.phase)).flat_map(|p| &p.gone).copied().collect();
    for unit in analysis.ledger.units.iter().filter(|unit| analysis.is_managed_policy(resolver, unit)) {
        if goes(analysis, unit, &gone)
            && let Some(role) = out.iter_mut().find(|role| role.role == *unit.principal)
        {
            role.after = role.after.saturating_sub(1);
        }
    }
    out
}

fn notes(doc: &Document, analysis: &Analysis) -> Vec<Note> {
    let mut out = Vec::new();
    for duplicate in doc.duplicates() {
        let (first, last) = (duplicate.first, duplicate.last);
        let line = doc.source().position(first.start).line;
        out.push(Note {
            id: "duplicate-key",
            message: format!("key `{}` is already on line {line}; the last one counts", duplicate.key),
            location: Location { route: doc.route(duplicate.map).to_string(), span: last },
        });
    }
    for view in &analysis.connectors {
        if let Some(complaint) = &view.complaint {
            out.push(Note {
                id: "connector-malformed",
                message: format!("SAM refuses connector `{}`: {complaint}", view.connector.id),
                location: location(doc, view.connector.node),
            });
        }
    }
    out.sort_by_key(|note| note.location.span);
    out
}

//! The plan of one template: the one value that every verb consumes. Made by a pure function of source, catalogue and
//! options; edits are materialised for any chosen subset of its rewrites.

use super::delta::{Delta, delta};
use super::edge::{Aside, Edge, edges};
use super::far::Far;
use super::left_alone::left_alone;
use super::model::{
    Decision, Hazard, LeftAlone, Note, PermissionDelta, Rewrite, RewriteId, RoleQuota, Skipped, StepDelta,
};
use super::notes::notes;
use super::options::Options;
use super::proposal::{Proposal, Use};
use super::quota::roles;
use super::shown::{distinct, location, permission};
use super::state::State;
use super::to_connectors::{Decided, decide};
use super::verify::{ToolBug, verify};
use super::{Form, feasible, hazard};
use crate::analysis::{Analysis, Resolver, analyse};
use crate::catalog::{Catalog, GrantKind};
use crate::syntax::{Document, SyntaxError};
use crate::template::{SAM_TRANSFORM, Template};
use crate::text::{Edit, EditSet, Source};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What is proposed for one template. Invariant: every rewrite can be materialised, alone and together with any others.
pub struct Plan<'c> {
    doc: Document,
    template: Template,
    analysis: Analysis,
    catalog: &'c Catalog,
    options: Options,
    skipped: Option<Skipped>,
    proposals: Vec<Proposal>,
    /// The edits of each proposal alone.
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
    let (edges, mut aside) = edges(&resolver, &analysis, options);
    let mut impossible: BTreeSet<usize> = BTreeSet::new();
    // An edge whose text cannot be edited is left alone; the others are then decided anew without it, since consent is
    // judged in order.
    let (decided, alone): (Vec<Decided>, Vec<EditSet>) = loop {
        let possible = edges.iter().enumerate().filter(|(number, _)| !impossible.contains(number));
        let decided = decide(&resolver, &analysis, options, possible.map(|(_, edge)| edge.clone()).collect());
        let proposals: Vec<Proposal> = decided.iter().map(|found| found.proposal.clone()).collect();
        match feasible::each(&resolver, &analysis, &proposals, options.phase) {
            Ok(alone) => {
                // What has nothing left to do in this step had its part in the decisions, and is not shown.
                let work = decided.into_iter().zip(alone);
                break work.filter(|(found, _)| found.proposal.is_work(options.phase)).unzip();
            }
            Err((at, reason)) => {
                let same = |edge: &Edge| edge.is_same(&proposals[at].edge);
                let number = edges.iter().position(same).expect("impossible: proposals are made of edges");
                impossible.insert(number);
                aside.push(Aside { reason, cells: edges[number].cells().collect() });
            }
        }
    };
    let left_alone = left_alone(&resolver, &analysis, options, &aside);
    let roles = roles(&resolver, &analysis, options, &decided);
    let notes = notes(&resolver, &analysis);
    let deployer_actions = deployer_actions(&resolver, &analysis, &decided);
    let rewrites = decided.iter().enumerate().map(|(n, decided)| {
        let quota = roles.iter().find(|role| *role.role == *decided.proposal.edge.principal);
        let hazards = hazard::of(&resolver, &analysis, options.phase, decided, quota);
        rewrite(&resolver, &analysis, RewriteId(n), decided, hazards)
    });
    let rewrites = rewrites.collect();
    let proposals = decided.into_iter().map(|decided| decided.proposal).collect();
    let options = options.clone();
    Ok(Plan {
        doc,
        template,
        analysis,
        catalog,
        options,
        skipped,
        proposals,
        alone,
        rewrites,
        left_alone,
        roles,
        notes,
        deployer_actions,
    })
}

/// What the identity that deploys newly needs for the connectors that are taken: nothing that resources or connectors of the
/// template need already.
fn deployer_actions(resolver: &Resolver<'_>, analysis: &Analysis, decided: &[Decided]) -> Vec<String> {
    let catalog = resolver.catalog;
    let of_kind =
        |kind: GrantKind| catalog.generated(kind).into_iter().flat_map(|(_, made)| &made.deployer_actions);
    let resources = resolver.template.resources().iter();
    let own = resources.filter_map(|resource| resolver.type_of(resource)?.generated.as_ref());
    let mut known: BTreeSet<&String> = own.flat_map(|generated| &generated.deployer_actions).collect();
    if analysis.connectors.iter().any(|view| !view.holders.is_empty()) {
        known.extend(of_kind(GrantKind::ManagedPolicy));
    }
    let taken = decided.iter().filter(|found| found.decision == Decision::Taken);
    let new = taken.filter(|found| matches!(found.proposal.connector, Use::New { .. }));
    let actions: BTreeSet<&String> =
        new.flat_map(|found| of_kind(found.proposal.edge.profile.kind)).collect();
    actions.difference(&known).map(|action| (*action).clone()).collect()
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
        feasible::edits(&self.resolver(), &self.analysis, &self.proposals, chosen, self.options.phase)
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
        let chosen = self.proposals_of(chosen);
        let how = (self.options.partition, self.options.phase);
        verify(&self.resolver(), &self.analysis, &chosen, &text, self.catalog, how)?;
        Ok(Outcome { text, edits })
    }

    /// What some rewrites together do to permissions. Each rewrite states its own delta against the state that those taken
    /// before it leave, so this is not the sum of them where they share a policy.
    pub fn delta(&self, chosen: &[RewriteId]) -> PermissionDelta {
        let after = State::after(self.proposals_of(chosen), self.options.phase);
        let before = State::default();
        let (before, after) = (before.grants(&self.analysis, None), after.grants(&self.analysis, None));
        let Delta { added, removed, .. } =
            delta(&self.resolver(), &self.analysis, &self.options.consent, &before, &after);
        PermissionDelta { added, removed }
    }

    fn resolver(&self) -> Resolver<'_> {
        Resolver::new(&self.doc, &self.template, self.catalog, self.options.partition)
    }

    fn proposals_of(&self, chosen: &[RewriteId]) -> Vec<&Proposal> {
        chosen.iter().filter_map(|id| self.proposals.get(id.0)).collect()
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

fn rewrite(
    resolver: &Resolver<'_>,
    analysis: &Analysis,
    id: RewriteId,
    decided: &Decided,
    hazards: Vec<Hazard>,
) -> Rewrite {
    let proposal = &decided.proposal;
    let (form, connector, existing) = match &proposal.connector {
        Use::New { id, form, .. } => (*form, id.clone(), false),
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
    let kept = distinct(decided.kept.iter().map(|&n| permission(resolver, analysis, &cells[n].grant)));
    let Delta { added, removed, effect, needs } = decided.delta.clone();
    let step = decided.step.clone();
    let step = step.map(|Delta { effect, added, removed, .. }| StepDelta { effect, added, removed });
    let (source, destination) = names(resolver, &proposal.edge);
    Rewrite {
        id,
        principal: proposal.edge.principal.to_string(),
        shared_with: shared_with(resolver, analysis, &proposal.edge),
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
        step,
        hazards,
    }
}

/// The resources that act through the role of an edge beside the end that is known to do so.
fn shared_with(resolver: &Resolver<'_>, analysis: &Analysis, edge: &Edge) -> Vec<String> {
    if edge.profile.kind != GrantKind::ManagedPolicy {
        return Vec::new();
    }
    let others: BTreeSet<usize> = analysis
        .actors_of(&edge.principal)
        .map(|actor| actor.resource)
        .filter(|&at| at != edge.near)
        .collect();
    others.into_iter().map(|position| resolver.template.resources()[position].id.clone()).collect()
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

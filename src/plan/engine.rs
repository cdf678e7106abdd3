//! The plan of one template: the one value that every verb consumes. Made by a pure function of source, catalogue and
//! options; edits are materialised for any chosen subset of its rewrites.

use super::delta::{Delta, delta};
use super::drawn::Drawn;
use super::model::{Decision, LeftAlone, PermissionDelta, Rewrite, RewriteId, RoleQuota, Skipped};
use super::options::Options;
use super::suppress::Suppressions;
use super::verify::{Promise, ToolBug, verify};
use super::work::Work;
use super::{Direction, forward, reverse};
use crate::analysis::{Analysis, Known, Resolver, analyse};
use crate::catalog::Catalog;
use crate::syntax::{Document, SyntaxError};
use crate::template::{SAM_TRANSFORM, Template};
use crate::text::{Edit, EditSet, Source, Span};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is proposed for one template. Invariant: every rewrite can be materialised, alone and together with any others.
pub struct Plan<'c> {
    doc: Document,
    template: Template,
    analysis: Analysis,
    known: Arc<Known>,
    catalog: &'c Catalog,
    options: Options,
    skipped: Option<Skipped>,
    work: Work,
    /// The edits of each rewrite alone.
    alone: Vec<EditSet>,
    /// The edits of all together, where they are known.
    together: Option<EditSet>,
    rewrites: Vec<Rewrite>,
    left_alone: Vec<LeftAlone>,
    roles: Vec<RoleQuota>,
    suppressions: Suppressions,
    /// The numbers of the suppressions, and of their ids, that something here asks to be heeded.
    heeded: BTreeSet<(usize, usize)>,
    ignored: usize,
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
        Direction::Connectors => forward::draw(&resolver, &analysis, options),
        Direction::Policies => reverse::draw(&resolver, &analysis, options),
    };
    let Drawn { work, alone, together, rewrites, mut left_alone, roles, deployer_actions } = drawn;
    let suppressions = Suppressions::of(&doc, &options.select);
    let mut heeded = BTreeSet::new();
    let mut covered = |id: &str, span: Span| {
        let node = doc.node_at(span);
        let by = node.map_or_else(Vec::new, |node| suppressions.covering(&doc, id, node));
        heeded.extend(by.iter().copied());
        !by.is_empty()
    };
    let all = left_alone.len();
    if !suppressions.all().is_empty() {
        left_alone.retain(|left| !covered(left.reason.id(), left.location.span));
        for rewrite in &rewrites {
            for (id, place) in
                rewrite.profile.split(", ").flat_map(|id| rewrite.places.iter().map(move |place| (id, place)))
            {
                covered(id, place.span);
            }
        }
        // What keeps a connector from becoming a policy has its use on the way back.
        for view in &analysis.connectors {
            let span = doc.full_span(view.connector.node);
            for part in &view.parts {
                covered(&part.profile, span);
            }
        }
    }
    let ignored = all - left_alone.len();
    let (known, options) = (resolver.known(), options.clone());
    Ok(Plan {
        doc,
        template,
        analysis,
        known,
        catalog,
        options,
        skipped,
        work,
        alone,
        together,
        rewrites,
        left_alone,
        roles,
        suppressions,
        heeded,
        ignored,
        deployer_actions,
    })
}

impl Plan<'_> {
    /// The file.
    pub fn source(&self) -> &Source {
        self.doc.source()
    }

    /// Who holds which permissions; empty for a template that was not looked into.
    pub fn analysis(&self) -> &Analysis {
        &self.analysis
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

    /// What the template and the config file ask to leave alone.
    pub fn suppressions(&self) -> &Suppressions {
        &self.suppressions
    }

    /// Which of the suppressions concern a rewrite or something left alone: their numbers, and those of the ids by
    /// which they do.
    pub fn heeded(&self) -> &BTreeSet<(usize, usize)> {
        &self.heeded
    }

    /// How many places would be among those left alone, were they not ignored.
    pub fn ignored(&self) -> usize {
        self.ignored
    }

    /// The options of the plan.
    pub fn options(&self) -> &Options {
        &self.options
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
        if let Some(together) = &self.together
            && chosen.iter().map(|id| id.0).eq(0..self.rewrites.len())
        {
            return Ok(together.clone());
        }
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

    /// The template as its expressions are read.
    pub fn resolver(&self) -> Resolver<'_> {
        let known = Arc::clone(&self.known);
        Resolver::with(&self.doc, &self.template, self.catalog, self.options.partition, known)
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

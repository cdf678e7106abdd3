//! One file on the desk: its text, what was answered about it, and what those answers come to. Every view is planned anew
//! from the text and the answers, so what is shown is what would be written.

use super::resource;
use crate::catalog::Catalog;
use crate::config::OfFile;
use crate::iam::Permission;
use crate::plan::{
    Answer, Answers, Asks, Comparison, Decision, Direction, Form, FormChoice, Options, Plan,
    PolicyFormChoice, Rest, Rewrite, RewriteId, RoleQuota, ToolBug, Transition, Variant, asks, compare,
    ignoring_edits, plan, transition,
};
use crate::syntax::{Document, SyntaxError};
use crate::text::{EditSet, Source};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What can go wrong with a file in a session, beside what a person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The text does not parse; for a text of this session that is a bug.
    Syntax(String),
    /// The result is not what was planned.
    Bug(String),
}

impl From<SyntaxError> for Failure {
    fn from(error: SyntaxError) -> Self {
        Self::Syntax(error.to_string())
    }
}

impl From<ToolBug> for Failure {
    fn from(bug: ToolBug) -> Self {
        Self::Bug(bug.to_string())
    }
}

/// A file, its answers, and the text that they apply to.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The path as the user knows it.
    pub path: PathBuf,
    /// The file as it was read.
    original: Source,
    /// The text that is planned: the original, but for what was edited by hand and for comments that ignore a rewrite.
    base: Source,
    answers: Answers,
    /// What is ignored of the file, and what of it is known already.
    of_file: OfFile,
    /// Rewrites that are part of the base, since a person edited their result.
    edited: usize,
}

/// A rewrite that is asked about.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The rewrite as it would be made.
    pub(super) rewrite: Rewrite,
    /// The roles with every rewrite that is taken, and this one.
    pub(super) roles: Vec<RoleQuota>,
    /// The file without it, with all others that are taken.
    pub(super) before: String,
    /// The file with it.
    pub(super) after: String,
}

/// What an edit by hand comes to.
pub(super) struct Revision {
    pub(super) text: String,
    /// The rewrite as the person's text makes it.
    pub(super) rewrite: Rewrite,
    /// The roles with it and every other one that is taken.
    pub(super) roles: Vec<RoleQuota>,
}

/// What the answers about a file come to.
pub(super) struct Settled {
    pub(super) text: String,
    pub(super) rewrites: usize,
    /// Comments that ignore something, more than there were.
    pub(super) comments: usize,
    pub(super) comparison: Comparison,
    pub(super) deployer_actions: BTreeSet<String>,
    /// Whether deploying it in one step leaves a moment without permissions.
    pub(super) gap: bool,
}

impl Desk {
    /// A file as it was read, with answers that were given before and what the run is told about it.
    pub fn new(original: Source, answers: Answers, of_file: OfFile) -> Self {
        let path = original.path().to_owned();
        Self { path, base: original.clone(), original, answers, of_file, edited: 0 }
    }

    /// The file as it was read.
    pub fn original(&self) -> &Source {
        &self.original
    }

    /// What was answered.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The text changed by hand, if there is one, and how many rewrites are part of it.
    pub(super) fn draft(&self) -> Option<(&str, usize)> {
        (self.base.text() != self.original.text()).then(|| (self.base.text(), self.edited))
    }

    pub(super) fn with_draft(mut self, draft: Option<(String, usize)>) -> Self {
        if let Some((base, edited)) = draft.and_then(|(text, edited)| Some((self.source(text)?, edited))) {
            (self.base, self.edited) = (base, edited);
        }
        self
    }

    pub(super) fn edited(&self) -> usize {
        self.edited
    }

    pub(super) fn answer(&self, fingerprint: &str) -> Answer {
        self.answers.of(fingerprint)
    }

    pub(super) fn set(&mut self, fingerprint: &str, answer: Answer) {
        self.answers.set(fingerprint, answer);
    }

    /// The rewrites that are asked about, in template order: all but those that the selection or a comment filters out.
    pub(super) fn questions(&self, catalog: &Catalog, options: &Options) -> Result<Vec<Rewrite>, Failure> {
        let plan = self.planned(catalog, options, Answers::default())?;
        let asked = plan.rewrites().iter().filter(|rewrite| rewrite.decision != Decision::Skipped);
        Ok(asked.cloned().collect())
    }

    /// A rewrite on top of all that are taken; `None` if there is none of that fingerprint.
    pub(super) fn question(
        &self,
        catalog: &Catalog,
        options: &Options,
        fingerprint: &str,
        variant: Variant,
    ) -> Result<Option<Question>, Failure> {
        let mut answers = self.settled(catalog, options)?;
        answers.set(fingerprint, Answer { take: Some(true), variant });
        let plan = self.planned(catalog, options, answers)?;
        let Some(rewrite) = plan.rewrites().iter().find(|rewrite| rewrite.fingerprint == fingerprint) else {
            return Ok(None);
        };
        let taken = plan.taken();
        let others: Vec<RewriteId> = taken.iter().copied().filter(|id| *id != rewrite.id).collect();
        Ok(Some(Question {
            rewrite: rewrite.clone(),
            roles: plan.roles().to_vec(),
            before: plan.outcome(&others)?.text,
            after: plan.outcome(&taken)?.text,
        }))
    }

    /// The ways to make a rewrite that come to different texts, the one of the options first.
    pub(super) fn variants(
        &self,
        catalog: &Catalog,
        options: &Options,
        fingerprint: &str,
    ) -> Result<Vec<Variant>, Failure> {
        let mut found: Vec<(Variant, String)> = Vec::new();
        for variant in alternatives(options) {
            let question = self.question(catalog, options, fingerprint, variant)?;
            let Some(Question { after, .. }) = question else { continue };
            if found.iter().all(|(_, text)| *text != after) {
                found.push((variant, after));
            }
        }
        Ok(found.into_iter().map(|(variant, _)| variant).collect())
    }

    /// What the answers come to.
    pub(super) fn settle(&self, catalog: &Catalog, options: &Options) -> Result<Settled, Failure> {
        let plan = self.planned(catalog, options, self.settled(catalog, options)?)?;
        let taken = plan.taken();
        let text = plan.outcome(&taken)?.text;
        let mut gap = false;
        for rewrite in plan.rewrites().iter().filter(|rewrite| taken.contains(&rewrite.id)) {
            gap |= rewrite.hazards.iter().any(|hazard| hazard.id == "deploy-gap");
        }
        let after =
            self.source(text.clone()).ok_or_else(|| Failure::Bug("the result is too large".into()))?;
        let comparison = compare(&self.original, &after, catalog, options)?;
        let rewrites = taken.len() + self.edited;
        // The plan knows only what is still to come to its text.
        let by_hand = match self.draft() {
            Some(_) => transition(&self.original, &self.base, catalog, options)?,
            None => Transition::default(),
        };
        gap |= by_hand.has_gap();
        let needed = plan.deployer_actions().iter().cloned().chain(by_hand.deployer_actions);
        let deployer_actions: BTreeSet<String> = needed.collect();
        let comments = ignoring(&after)?.saturating_sub(ignoring(&self.original)?);
        Ok(Settled { text, rewrites, comments, comparison, deployer_actions, gap })
    }

    /// Puts the comment that ignores a rewrite above the first policy or connector that it would change. `None` where the
    /// text has no room for a comment.
    pub(super) fn ignored(&self, rewrite: &Rewrite, reason: &str) -> Option<Self> {
        let place = rewrite.places.first()?;
        let id = rewrite.profile.split(", ").next().unwrap_or_default();
        let (edits, _) = ignoring_edits(&self.base, &[(id, place)], reason);
        let mut set = EditSet::new();
        for edit in edits {
            set.push(edit).ok()?;
        }
        let text = set.apply(self.base.text()).ok().filter(|text| text != self.base.text())?;
        Some(Self { base: self.source(text)?, ..self.clone() })
    }

    /// The text of the resource that a person would edit for a question, and where it is in the file with the rewrite.
    pub(super) fn editable(&self, question: &Question) -> Option<resource::Excerpt> {
        resource::excerpt(&self.path, question)
    }

    /// Judges the text that came back from an editor.
    pub(super) fn revision(
        &self,
        catalog: &Catalog,
        options: &Options,
        question: &Question,
        excerpt: &resource::Excerpt,
        edited: &str,
    ) -> Result<Revision, String> {
        let text = excerpt.splice(&question.after, edited);
        resource::check(&self.path, question, excerpt, &text)?;
        let source = |text: &str| self.source(text.to_owned()).ok_or("the file cannot be read");
        let (before, after) = (source(&question.before)?, source(&text)?);
        let wrong = |error: SyntaxError| error.to_string();
        let comparison = compare(&before, &after, catalog, options).map_err(wrong)?;
        if let Some(complaint) = comparison.complaints.first() {
            return Err(format!("SAM would refuse {complaint}"));
        }
        let way = transition(&before, &after, catalog, options).map_err(wrong)?;
        let roles = question.roles.iter().map(|role| RoleQuota {
            after: way.managed_policies(&role.role).unwrap_or(role.after),
            ..role.clone()
        });
        let (roles, rewrite) = (roles.collect(), &question.rewrite);
        let Comparison { added, removed, effect, .. } = comparison;
        let same = |one: &Permission, other: &Permission| {
            (&one.principal, &one.action, &one.resource, &one.on)
                == (&other.principal, &other.action, &other.resource, &other.on)
        };
        let kept = rewrite.kept.iter().filter(|kept| !removed.iter().any(|gone| same(gone, kept)));
        let kept = kept.cloned().collect();
        let hazards = way.hazards_of(rewrite);
        let rewrite = Rewrite { effect, added, removed, kept, hazards, ..rewrite.clone() };
        Ok(Revision { text, rewrite, roles })
    }

    /// Takes a revision: what was answered so far is part of the text now.
    pub(super) fn revised(
        &self,
        catalog: &Catalog,
        options: &Options,
        fingerprint: &str,
        text: String,
    ) -> Option<Self> {
        let taken = self.answers.iter().filter(|(_, answer)| answer.take == Some(true));
        let taken: Vec<String> = taken.map(|(fingerprint, _)| fingerprint.to_owned()).collect();
        let known = self.questions(catalog, options).ok()?;
        let made = known.iter().filter(|rewrite| taken.contains(&rewrite.fingerprint)).count();
        let mut desk = Self { base: self.source(text)?, edited: self.edited + made + 1, ..self.clone() };
        taken.iter().for_each(|fingerprint| desk.answers.set(fingerprint, Answer::default()));
        // Whatever the edit left of it is wanted so.
        desk.answers.set(fingerprint, Answer { take: Some(false), variant: Variant::default() });
        Some(desk)
    }

    /// The answers with a no to every rewrite that is not taken: nothing is made that nobody asked for.
    fn settled(&self, catalog: &Catalog, options: &Options) -> Result<Answers, Failure> {
        let mut answers = Answers::default();
        for rewrite in self.questions(catalog, options)? {
            let answer = self.answers.of(&rewrite.fingerprint);
            let take = Some(answer.take == Some(true));
            answers.set(&rewrite.fingerprint, Answer { take, ..answer });
        }
        Ok(answers)
    }

    fn planned<'c>(
        &self,
        catalog: &'c Catalog,
        options: &Options,
        answers: Answers,
    ) -> Result<Plan<'c>, Failure> {
        let options = self.of_file.options(&Options { answers, ..options.clone() });
        Ok(plan(self.base.clone(), catalog, &options)?)
    }

    fn source(&self, text: String) -> Option<Source> {
        source(&self.path, text)
    }
}

/// A text under the name of a file.
pub(super) fn source(path: &Path, text: String) -> Option<Source> {
    Source::new(path, text.into_bytes()).ok()
}

/// How many comments of a text ignore something.
fn ignoring(text: &Source) -> Result<usize, SyntaxError> {
    let doc = Document::parse(text.clone())?;
    let asked = doc.comments().iter().map(|comment| asks(doc.source().slice(comment.span)));
    Ok(asked.filter(|asked| *asked == Asks::Ignore).count())
}

/// The variants of a direction; some of them can come to the same text.
fn alternatives(options: &Options) -> Vec<Variant> {
    let plain = Variant::default();
    if options.direction == Direction::Policies {
        let forms = [PolicyFormChoice::Inline, PolicyFormChoice::Resource];
        let others = forms.map(|form| Variant { policy_form: Some(form), ..plain });
        return [plain].into_iter().chain(others).collect();
    }
    let other_rest = if options.rest == Rest::Keep { Rest::Drop } else { Rest::Keep };
    let forms = [None, Some(FormChoice::Embedded), Some(FormChoice::Standalone)];
    let of_rest = |rest| forms.map(|form| Variant { rest, form, policy_form: None });
    of_rest(None).into_iter().chain(of_rest(Some(other_rest))).collect()
}

/// What is special about a variant of a rewrite, in words; empty for the one of the options.
pub(super) fn variant_in_words(variant: Variant, form: Form) -> String {
    let rest = variant.rest.map(|rest| match rest {
        Rest::Keep => "keep the rest",
        Rest::Drop => "drop the rest",
    });
    let chosen = variant.form.is_some() || variant.policy_form.is_some();
    let words: Vec<&str> = rest.into_iter().chain(chosen.then(|| form.as_str())).collect();
    words.join(", ")
}

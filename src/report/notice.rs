//! What a run has to say, place by place: the one reading of plans, findings and problems that every format of a pull
//! request is written from. Knows no format.

use super::advice::release;
use super::escape::escaped;
use super::facts::RunFacts;
use super::model::{FileReport, Planned, Status};
use super::paint::Paint;
use super::permissions::phrases;
use super::problem::Problem;
use super::text::effect_in_words;
use crate::check::{Finding, Severity};
use crate::plan::{Decision, Form, LeftAlone, Location, Rewrite, fingerprint};
use crate::text::{Edit, Position, Span};

/// How bad a notice is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// The file could not be done, or a finding of that severity.
    Error,
    /// A finding of that severity.
    Warning,
    /// Everything else: what can be rewritten is no mistake of anybody.
    Note,
}

/// As what a notice counts for the exit code, in the order in which levels of failing take them in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// A file that could not be done.
    Failure,
    /// A finding of severity error.
    Error,
    /// A warning, or a rewrite within consent.
    Finding,
    /// A rewrite that is held back.
    Held,
    /// Something left alone, or a skipped file.
    Rest,
    /// Never: worth knowing, written already, or not asked for.
    Nothing,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject<'a> {
    /// A rewrite within consent.
    Taken(&'a Rewrite),
    /// A rewrite that is held back.
    Held(&'a Rewrite),
    /// A rewrite that was filtered out, ignored or declined.
    Passed(&'a Rewrite),
    /// A finding.
    Finding(&'a Finding),
    /// Something left alone.
    LeftAlone(&'a LeftAlone),
    /// Why a file was skipped or failed.
    Problem(&'a Problem),
}

/// A piece of a file for people: lines and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    /// The first character.
    pub(super) start: Position,
    /// The character behind the last one.
    pub(super) end: Position,
    /// The bytes, where they are known.
    pub(super) span: Option<Span>,
}

/// One thing to say about one place. Invariant: every text stands on one line and steers no terminal.
#[derive(Debug)]
pub(super) struct Notice<'a> {
    /// The file that it is about.
    pub(super) file: &'a FileReport,
    /// What it is about.
    pub(super) subject: Subject<'a>,
    /// How bad it is.
    pub(super) level: Level,
    /// As what it counts.
    pub(super) standing: Standing,
    /// Where; the first of several places. Absent for a whole file.
    pub(super) region: Option<Region>,
    /// The other places.
    pub(super) elsewhere: Vec<Region>,
    /// What kind of thing it is, in a few words.
    pub(super) title: String,
    /// What there is to say, in one sentence.
    pub(super) message: String,
    /// More of it, one point each.
    pub(super) details: Vec<String>,
    /// Digest of what it is about within its file; stable while lines move.
    pub(super) fingerprint: String,
    /// What would settle it and is within consent.
    pub(super) edits: &'a [Edit],
}

impl<'a> Subject<'a> {
    /// Stable id, which `samwire explain` knows unless it is that of a problem.
    pub(super) fn id(self) -> &'a str {
        match self {
            Self::Taken(rewrite) | Self::Held(rewrite) | Self::Passed(rewrite) => &rewrite.profile,
            Self::Finding(finding) => finding.kind.id,
            Self::LeftAlone(left) => left.reason.id(),
            Self::Problem(problem) => problem.id,
        }
    }
}

/// All notices of a run, file by file, and in template order within each.
pub(super) fn notices<'a>(files: &'a [FileReport], facts: &RunFacts<'_>) -> Vec<Notice<'a>> {
    files.iter().flat_map(|file| of_file(file, facts)).collect()
}

/// The notices for formats that stand beside the code: what was not asked for is left out, what is written is done, and
/// what cannot be helped is told only where it counts or everything is told.
pub(super) fn remarks<'a>(files: &'a [FileReport], facts: &RunFacts<'_>) -> Vec<Notice<'a>> {
    let rest = facts.everything || facts.fails_to.is_some_and(|limit| Standing::Rest <= limit);
    let mut all = notices(files, facts);
    all.retain(|notice| match notice.subject {
        Subject::Taken(_) => !facts.applied,
        Subject::Passed(_) => false,
        Subject::LeftAlone(_) => rest,
        Subject::Problem(_) => rest || notice.standing == Standing::Failure,
        Subject::Held(_) | Subject::Finding(_) => true,
    });
    all
}

/// The notices of one file.
pub(super) fn of_file<'a>(file: &'a FileReport, facts: &RunFacts<'_>) -> Vec<Notice<'a>> {
    let planned = match (&file.problem, &file.planned) {
        (Some(problem), _) => return vec![of_problem(file, problem)],
        (None, None) => return Vec::new(),
        (None, Some(planned)) => planned,
    };
    let rewrites = planned.rewrites.iter().map(|rewrite| of_rewrite(file, planned, rewrite, facts));
    // What is mended with the rest is no finding any more once it is written, and until then part of the diff.
    let findings = planned.open_findings().map(|finding| of_finding(file, planned, finding));
    let left_alone = planned.left_alone.iter().map(|left| of_left_alone(file, planned, left));
    let mut all: Vec<Notice<'a>> = rewrites.chain(findings).chain(left_alone).collect();
    all.sort_by_key(|notice| notice.region.and_then(|region| region.span).map(|span| span.start));
    all
}

fn of_rewrite<'a>(
    file: &'a FileReport,
    planned: &'a Planned,
    rewrite: &'a Rewrite,
    facts: &RunFacts<'_>,
) -> Notice<'a> {
    let to_policy = matches!(rewrite.form, Form::Inline | Form::Resource);
    let what = if to_policy { "connector" } else { "policy" };
    let (subject, standing, title) = match rewrite.decision {
        Decision::Taken if facts.applied => {
            (Subject::Taken(rewrite), Standing::Nothing, format!("{what} rewritten"))
        }
        Decision::Taken => {
            (Subject::Taken(rewrite), Standing::Finding, format!("{what} that can be rewritten"))
        }
        Decision::Held(_) => {
            (Subject::Held(rewrite), Standing::Held, format!("{what} whose rewrite is held back"))
        }
        Decision::Skipped => {
            (Subject::Passed(rewrite), Standing::Nothing, format!("{what} that is not to be rewritten"))
        }
    };
    let mut places = rewrite.places.iter().map(|place| region(planned, place));
    let edits = match rewrite.decision {
        Decision::Taken if !facts.applied => planned.edits.get(rewrite.id.0).map_or(&[][..], Vec::as_slice),
        _ => &[],
    };
    Notice {
        file,
        subject,
        level: Level::Note,
        standing,
        region: places.next(),
        elsewhere: places.collect(),
        title: format!("{}: {title}", escaped(&rewrite.profile)),
        message: rewritten(rewrite, to_policy),
        details: rewrite_details(rewrite, facts),
        fingerprint: rewrite.fingerprint.clone(),
        edits,
    }
}

/// What a rewrite does, in one sentence.
fn rewritten(rewrite: &Rewrite, to_policy: bool) -> String {
    let (source, destination) = (escaped(&rewrite.source), escaped(&rewrite.destination));
    let categories = rewrite.permissions.join(", ");
    let connector = escaped(&rewrite.connector);
    let effect = effect_in_words(rewrite.effect, Paint::PLAIN);
    if to_policy {
        format!("{source} → {destination}: a policy instead of the connector {connector}; {effect}")
    } else if rewrite.existing {
        format!("{source} → {destination}: the connector {connector} with {categories}; {effect}")
    } else {
        format!("{source} → {destination}: a connector with {categories} instead of the policy; {effect}")
    }
}

fn rewrite_details(rewrite: &Rewrite, facts: &RunFacts<'_>) -> Vec<String> {
    let mut details = Vec::new();
    for (word, list) in [("adds", &rewrite.added), ("removes", &rewrite.removed), ("keeps", &rewrite.kept)] {
        details.extend(phrases(list, false).iter().map(|phrase| format!("{word} {phrase}")));
    }
    let hazards = rewrite.hazards.iter().map(|hazard| format!("{}: {}", hazard.id, escaped(&hazard.message)));
    details.extend(hazards);
    match rewrite.decision {
        Decision::Held(by) => {
            details.push(format!("released by {}", escaped(&release(rewrite, by, facts.strict))));
        }
        Decision::Taken if !facts.applied => details.push("`samwire fix` applies this".to_owned()),
        Decision::Taken | Decision::Skipped => {}
    }
    details
}

fn of_finding<'a>(file: &'a FileReport, planned: &'a Planned, finding: &'a Finding) -> Notice<'a> {
    let kind = finding.kind;
    let (level, standing) = match kind.severity {
        Severity::Error => (Level::Error, Standing::Error),
        Severity::Warning => (Level::Warning, Standing::Finding),
        Severity::Info => (Level::Note, Standing::Nothing),
    };
    Notice {
        file,
        subject: Subject::Finding(finding),
        level,
        standing,
        region: Some(region(planned, &finding.location)),
        elsewhere: Vec::new(),
        title: title(kind.id, kind.what),
        message: escaped(&finding.message).into_owned(),
        details: vec![kind.why.to_owned()],
        fingerprint: finding.fingerprint.clone(),
        edits: &finding.mend,
    }
}

fn of_left_alone<'a>(file: &'a FileReport, planned: &'a Planned, left: &'a LeftAlone) -> Notice<'a> {
    let mut texts = vec![left.reason.id(), &left.principal, &left.owner, &left.location.route];
    texts.extend(left.grants.iter().flat_map(|grant| [grant.action.as_str(), grant.resource.as_str()]));
    Notice {
        file,
        subject: Subject::LeftAlone(left),
        level: Level::Note,
        standing: Standing::Rest,
        region: Some(region(planned, &left.location)),
        elsewhere: Vec::new(),
        title: title(left.reason.id(), left.reason.what()),
        message: format!("left alone: {}: {}", escaped(&left.owner), escaped(&left.message)),
        details: vec![left.reason.why().to_owned(), left.reason.mend().to_owned()],
        fingerprint: fingerprint(&texts),
        edits: &[],
    }
}

fn of_problem<'a>(file: &'a FileReport, problem: &'a Problem) -> Notice<'a> {
    let failed = file.status == Status::Failed;
    let (level, standing, word) = match failed {
        true => (Level::Error, Standing::Failure, "file that could not be done"),
        false => (Level::Note, Standing::Rest, "file that is skipped"),
    };
    let help = problem.help.as_deref().map(|help| format!("help: {}", escaped(help)));
    let why = problem.why.map(|why| format!("why: {why}"));
    let list = problem.list.iter().map(|item| escaped(item).into_owned());
    Notice {
        file,
        subject: Subject::Problem(problem),
        level,
        standing,
        region: problem.at.map(|at| Region {
            start: at,
            end: Position { column: at.column.saturating_add(1), ..at },
            span: None,
        }),
        elsewhere: Vec::new(),
        title: format!("{}: {word}", problem.id),
        message: escaped(&problem.what).into_owned(),
        details: list.chain(why).chain(help).collect(),
        fingerprint: fingerprint(&[problem.id]),
        edits: &[],
    }
}

fn title(id: &str, what: &str) -> String {
    format!("{id}: {}", what.trim_end_matches('.'))
}

/// The place without the blanks and line ends behind it: a reader counts what is seen.
fn region(planned: &Planned, location: &Location) -> Region {
    let Span { start, end } = location.span;
    let behind = planned.source.slice(location.span);
    let blank = behind.len() - behind.trim_end().len();
    let span = Span::new(start, end - blank as u32);
    Region { span: Some(span), ..region_of(planned, span) }
}

/// A piece of the text as it is, which may be empty.
pub(super) fn region_of(planned: &Planned, span: Span) -> Region {
    Region { start: planned.position(span.start), end: planned.position(span.end), span: Some(span) }
}

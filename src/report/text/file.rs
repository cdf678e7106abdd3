//! The part of the report about each file: rewrites with their delta, what is left alone, hazards, roles and findings.

use super::hazard::write_hazards;
use super::{Detail, TextOptions};
use crate::check::{Finding, Mended, Severity};
use crate::iam::{Effect, Permission};
use crate::plan::{Decision, Form, LeftAlone, Location, Reason, Rewrite};
use crate::report::advice::release;
use crate::report::escape::{escaped, portable};
use crate::report::model::{FileReport, Planned, Status};
use crate::report::permissions::phrases;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{self, Write};

/// How near to its quota a role must come before a person is told, in managed policies.
const QUOTA_MARGIN: usize = 2;

/// How much of a message about a place is shown, in characters; `-v` shows all of it.
const MESSAGE_WIDTH: usize = 160;

/// Writes the parts of all files, a blank line between them; tells whether there was anything to say.
pub(super) fn write_files(
    out: &mut dyn Write,
    files: &[FileReport],
    options: TextOptions,
) -> io::Result<bool> {
    let mut writer = Writer { out, options, told: BTreeSet::new(), anything: false };
    for file in files {
        writer.file(file)?;
    }
    Ok(writer.anything)
}

/// Reasons that a finding at the place gives too: it is told once, as the finding.
const TOLD_AS_FINDINGS: [Reason; 3] = [Reason::DeadPolicies, Reason::UnknownPolicy, Reason::BrokenConnector];

struct Writer<'a> {
    out: &'a mut dyn Write,
    options: TextOptions,
    /// Ids of the hazards that were told in full.
    told: BTreeSet<&'static str>,
    anything: bool,
}

/// A place that gets a line of its own.
struct Remark<'p> {
    at: String,
    kind: &'static str,
    id: &'static str,
    about: Option<&'p str>,
    message: &'p str,
    /// What could be done, which is never cut.
    advice: String,
}

impl Writer<'_> {
    fn file(&mut self, file: &FileReport) -> io::Result<()> {
        let path = escaped(&portable(&file.path)).into_owned();
        if file.status == Status::Skipped {
            return self.skipped(&path, file);
        }
        let Some(planned) = file.planned.as_ref().filter(|_| file.status != Status::Failed) else {
            return Ok(());
        };
        let everything = self.options.detail == Detail::Everything;
        let shown = |rewrite: &&Rewrite| everything || rewrite.decision != Decision::Skipped;
        let rewrites: Vec<&Rewrite> = planned.rewrites.iter().filter(shown).collect();
        let remarks = self.remarks_of(&path, planned);
        if rewrites.is_empty() && remarks.is_empty() && planned.mended.is_none() {
            return Ok(());
        }
        if std::mem::replace(&mut self.anything, true) {
            writeln!(self.out)?;
        }
        self.rewrites(&path, planned, &rewrites)?;
        write_hazards(self.out, &rewrites, &mut self.told, self.options)?;
        self.roles(planned)?;
        if let Some(mended) = &planned.mended {
            self.mended(&path, mended)?;
        }
        self.remarks(&remarks)
    }

    /// What is mended beside the rewrites, and what all of that does to permissions.
    fn mended(&mut self, path: &str, mended: &Mended) -> io::Result<()> {
        let paint = self.options.paint;
        for (kind, message) in &mended.done {
            let (word, id) = (paint.added("mends"), paint.mark(kind.id));
            writeln!(self.out, "{}  {word}  {id}  {}", paint.strong(path), escaped(message))?;
        }
        self.permissions(&paint.added("+ adds   "), &mended.comparison.added)?;
        self.permissions(&paint.removed("- removes"), &mended.comparison.removed)
    }

    fn skipped(&mut self, path: &str, file: &FileReport) -> io::Result<()> {
        match &file.problem {
            Some(problem) if self.options.detail == Detail::Everything => {
                self.anything = true;
                let word = self.options.paint.faint("skipped");
                writeln!(self.out, "{path}  {word}  {}", escaped(&problem.what))
            }
            _ => Ok(()),
        }
    }

    fn rewrites(&mut self, path: &str, planned: &Planned, rewrites: &[&Rewrite]) -> io::Result<()> {
        let paint = self.options.paint;
        let rows: Vec<(String, String, &Rewrite)> = rewrites
            .iter()
            .map(|rewrite| (place(path, planned, rewrite.places.first()), connection(rewrite), *rewrite))
            .collect();
        let at_width = widest(rows.iter().map(|row| row.0.as_str()));
        let id_width = widest(rows.iter().map(|row| row.2.profile.as_str()));
        let what_width = widest(rows.iter().map(|row| row.1.as_str()));
        for (at, what, rewrite) in &rows {
            write!(self.out, "{:at_width$}  ", paint.strong(at))?;
            write!(self.out, "{:id_width$}  ", paint.mark(escaped(&rewrite.profile)))?;
            write!(self.out, "{what:what_width$}  ")?;
            let effect = rewrite.effect.as_str();
            match rewrite.effect {
                Effect::Same | Effect::Equivalent => write!(self.out, "{}", paint.added(effect))?,
                _ => write!(self.out, "{}", paint.caution(effect))?,
            }
            match rewrite.decision {
                Decision::Taken => writeln!(self.out)?,
                Decision::Held(_) => writeln!(self.out, "  {}", paint.caution("held back"))?,
                Decision::Skipped => writeln!(self.out, "  {}", paint.faint("filtered out"))?,
            }
            if !rewrite.shared_with.is_empty() {
                let others = escaped(&rewrite.shared_with.join(", ")).into_owned();
                writeln!(self.out, "    role {}, also of {others}", escaped(&rewrite.principal))?;
            }
            let connector = escaped(&rewrite.connector);
            match rewrite.form {
                Form::Inline => writeln!(
                    self.out,
                    "    from the connector {connector} into the policies of {}",
                    escaped(&rewrite.principal)
                )?,
                Form::Resource => {
                    writeln!(self.out, "    from the connector {connector} to a resource of its own")?
                }
                Form::Embedded | Form::Standalone if rewrite.existing => {
                    writeln!(self.out, "    by the connector {connector}, which is there")?;
                }
                Form::Embedded | Form::Standalone => {}
            }
            self.permissions(&paint.added("+ adds   "), &rewrite.added)?;
            self.permissions(&paint.removed("- removes"), &rewrite.removed)?;
            self.traceless(rewrite)?;
            self.permissions(&paint.faint("= keeps  "), &rewrite.kept)?;
            self.step(rewrite)?;
            if let Decision::Held(by) = rewrite.decision {
                let release = release(rewrite, by, self.options.strict);
                writeln!(self.out, "    {} {}", paint.caution("released by"), escaped(&release))?;
            }
        }
        Ok(())
    }

    /// What the step does by itself, where that is not what the whole rewrite does.
    fn step(&mut self, rewrite: &Rewrite) -> io::Result<()> {
        let Some(step) = &rewrite.step else { return Ok(()) };
        if (&step.added, &step.removed) == (&rewrite.added, &rewrite.removed) {
            return Ok(());
        }
        let label = self.options.paint.faint("this step:").to_string();
        let inert = self.options.detail == Detail::Everything;
        let (added, removed) = (phrases(&step.added, inert), phrases(&step.removed, inert));
        match (added.is_empty(), removed.is_empty()) {
            (true, true) => return writeln!(self.out, "    {label} no permission changes"),
            (false, true) if step.added == rewrite.added => {
                return writeln!(self.out, "    {label} adds the same and removes nothing");
            }
            _ => {}
        }
        for (word, list) in [("adds", added), ("removes", removed)] {
            for phrase in list {
                writeln!(self.out, "    {label} {word} {phrase}")?;
            }
        }
        Ok(())
    }

    /// What somebody has written goes, though IAM never matches it.
    fn traceless(&mut self, rewrite: &Rewrite) -> io::Result<()> {
        if self.options.detail == Detail::Everything {
            return Ok(());
        }
        let label = self.options.paint.faint("- removes");
        for phrase in phrases(&rewrite.traceless, true) {
            writeln!(self.out, "    {label} {phrase}")?;
        }
        Ok(())
    }

    fn permissions(&mut self, label: &dyn Display, list: &[Permission]) -> io::Result<()> {
        for phrase in phrases(list, self.options.detail == Detail::Everything) {
            writeln!(self.out, "    {label} {phrase}")?;
        }
        Ok(())
    }

    fn remarks_of<'p>(&self, path: &str, planned: &'p Planned) -> Vec<Remark<'p>> {
        let again = |left: &&LeftAlone| {
            let place = left.location.span.range();
            let within = |found: &Finding| {
                let span = found.location.span.range();
                found.kind.severity > Severity::Info && place.start <= span.start && span.end <= place.end
            };
            TOLD_AS_FINDINGS.contains(&left.reason) && planned.findings.iter().any(within)
        };
        let left_alone = planned.left_alone.iter().filter(|left| !again(left)).map(|left| Remark {
            at: place(path, planned, Some(&left.location)),
            kind: "left alone",
            id: left.reason.id(),
            about: Some(left.owner.as_str()),
            message: &left.message,
            advice: narrowing(left),
        });
        let findings = planned.open_findings().map(|finding| Remark {
            at: place(path, planned, Some(&finding.location)),
            kind: finding.kind.severity.as_str(),
            id: finding.kind.id,
            about: None,
            message: &finding.message,
            advice: String::new(),
        });
        let each_place = self.options.detail != Detail::Grouped;
        left_alone.filter(|_| each_place).chain(findings).collect()
    }

    fn remarks(&mut self, remarks: &[Remark<'_>]) -> io::Result<()> {
        let paint = self.options.paint;
        let at_width = widest(remarks.iter().map(|remark| remark.at.as_str()));
        let kind_width = widest(remarks.iter().map(|remark| remark.kind));
        let id_width = widest(remarks.iter().map(|remark| remark.id));
        for Remark { at, kind, id, about, message, advice } in remarks {
            write!(self.out, "{:at_width$}  ", paint.strong(at))?;
            write!(self.out, "{:kind_width$}  {:id_width$}  ", paint.faint(kind), paint.mark(id))?;
            if let Some(about) = about {
                write!(self.out, "{}: ", escaped(about))?;
            }
            let message = escaped(message);
            // A finding ends with what to do about it, which must not be cut off.
            let whole = self.options.detail == Detail::Everything || about.is_none();
            let message = if whole { message } else { shortened(&message).into() };
            writeln!(self.out, "{message}{}", escaped(advice))?;
        }
        Ok(())
    }

    fn roles(&mut self, planned: &Planned) -> io::Result<()> {
        let all = self.options.detail == Detail::Everything;
        let matters = |after: usize, quota: usize| all || after + QUOTA_MARGIN >= quota;
        for role in planned.roles.iter().filter(|r| r.after != r.before && matters(r.after, r.quota)) {
            writeln!(
                self.out,
                "    role {}: managed policies {} → {} of {}",
                escaped(&role.role),
                role.before,
                role.after,
                role.quota
            )?;
        }
        Ok(())
    }
}

/// What a grant on everything could be narrowed to.
fn narrowing(left: &LeftAlone) -> String {
    match left.refers_to.as_slice() {
        [] => String::new(),
        named => format!("; it refers to {}: `--infer-destinations` proposes that", named.join(", ")),
    }
}

/// The message without what all ARNs of the own account and region have in common, and cut where it is still long.
fn shortened(message: &str) -> String {
    const START: &str = "arn:${AWS::Partition}:";
    const OWN: &str = ":${AWS::Region}:${AWS::AccountId}:";
    let mut short = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, arn)) = rest.split_once(START) {
        short.push_str(before);
        rest = match arn.split_once(OWN) {
            Some((service, name)) if service.chars().all(|c| c.is_ascii_alphanumeric()) => name,
            _ => {
                short.push_str(START);
                arn
            }
        };
    }
    short.push_str(rest);
    match short.char_indices().nth(MESSAGE_WIDTH) {
        Some((end, _)) => format!("{}…", &short[..end]),
        None => short,
    }
}

fn widest<'t>(texts: impl Iterator<Item = &'t str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or_default()
}

/// `path:line:column`, or the path alone where there is no place.
fn place(path: &str, planned: &Planned, location: Option<&Location>) -> String {
    match location {
        Some(location) => {
            let at = planned.position(location.span.start);
            format!("{path}:{}:{}", at.line, at.column)
        }
        None => path.to_owned(),
    }
}

pub(super) fn connection(rewrite: &Rewrite) -> String {
    let destination = shortened(&rewrite.destination);
    let (source, destination) = (escaped(&rewrite.source), escaped(&destination));
    format!("{source} → {destination} [{}]", escaped(&rewrite.permissions.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_lose_what_says_nothing_and_are_cut_where_still_long() {
        let arn = "a:B on arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${N}, arn:${AWS::Partition}:s3:::b";
        assert_eq!(shortened(arn), "a:B on table/${N}, arn:${AWS::Partition}:s3:::b");
        let long = "é".repeat(MESSAGE_WIDTH + 1);
        assert_eq!(shortened(&long).chars().count(), MESSAGE_WIDTH + 1);
        assert!(shortened(&long).ends_with("é…"));
        assert_eq!(shortened(&"é".repeat(MESSAGE_WIDTH)).chars().count(), MESSAGE_WIDTH);
    }
}

//! The report for people: per file what is rewritten and what that permits, then what is held back, left alone and to
//! know before deploying. Errors are not told here; they have their own writer.

use super::advice::{release, rest_advice};
use super::escape::{escaped, portable};
use super::model::{FileReport, Planned, Status, Totals};
use super::paint::Paint;
use super::permissions::phrases;
use crate::iam::{Effect, Permission};
use crate::plan::{Decision, LeftAlone, Location, Reason, Rewrite};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// How much is told of what is left alone and skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Reasons with counts.
    Grouped,
    /// Every place that is left alone.
    EveryPlace,
    /// Every place, every skipped file, inert permissions and all role quotas too.
    Everything,
}

/// How the text is written.
#[derive(Debug, Clone, Copy)]
pub struct TextOptions {
    /// How much is told.
    pub detail: Detail,
    /// Colours.
    pub paint: Paint,
    /// Whether only rewrites without any delta are within consent.
    pub strict: bool,
    /// Whether the rewrites within consent have been written.
    pub applied: bool,
}

/// How near to its quota a role must come before a person is told, in managed policies.
const QUOTA_MARGIN: usize = 2;

/// How many resources are named before the rest is counted.
const NAMED_RESOURCES: usize = 3;

/// Writes the report on all files of a run.
pub fn write_text(out: &mut dyn Write, files: &[FileReport], options: TextOptions) -> io::Result<()> {
    let mut writer = Writer { out, options, told_hazards: BTreeSet::new(), separate: false };
    for file in files {
        writer.file(file)?;
    }
    writer.summary(files)
}

struct Writer<'a, 'f> {
    out: &'a mut dyn Write,
    options: TextOptions,
    told_hazards: BTreeSet<(&'static str, &'f str)>,
    separate: bool,
}

impl<'f> Writer<'_, 'f> {
    fn file(&mut self, file: &'f FileReport) -> io::Result<()> {
        let paint = self.options.paint;
        let everything = self.options.detail == Detail::Everything;
        let path = escaped(&portable(&file.path)).into_owned();
        if file.status == Status::Skipped {
            return match &file.problem {
                Some(problem) if everything => {
                    self.separate = true;
                    writeln!(self.out, "{path}  {}  {}", paint.faint("skipped"), escaped(&problem.what))
                }
                _ => Ok(()),
            };
        }
        let Some(planned) = &file.planned else { return Ok(()) };
        let rewrites: Vec<&Rewrite> =
            planned.rewrites.iter().filter(|r| everything || r.decision != Decision::Skipped).collect();
        let places = if self.options.detail == Detail::Grouped { &[][..] } else { &planned.left_alone };
        if rewrites.is_empty() && places.is_empty() {
            return Ok(());
        }
        if std::mem::replace(&mut self.separate, true) {
            writeln!(self.out)?;
        }
        let places: Vec<(&LeftAlone, String)> =
            places.iter().map(|left| (left, place(&path, planned, Some(&left.location)))).collect();
        self.rewrites(&path, planned, &rewrites)?;
        self.left_alone(&places)?;
        self.hazards(&rewrites)?;
        self.roles(planned)
    }

    fn rewrites(&mut self, path: &str, planned: &Planned, rewrites: &[&Rewrite]) -> io::Result<()> {
        let paint = self.options.paint;
        let rows: Vec<(String, String, &Rewrite)> = rewrites
            .iter()
            .map(|rewrite| (place(path, planned, rewrite.places.first()), connection(rewrite), *rewrite))
            .collect();
        let width = |lengths: &dyn Fn(&(String, String, &Rewrite)) -> usize| {
            rows.iter().map(lengths).max().unwrap_or_default()
        };
        let at_width = width(&|row| row.0.chars().count());
        let id_width = width(&|row| row.2.profile.len());
        let what_width = width(&|row| row.1.chars().count());
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
            self.permissions(&paint.added("+ adds   "), &rewrite.added)?;
            self.permissions(&paint.removed("- removes"), &rewrite.removed)?;
            self.permissions(&paint.faint("= keeps  "), &rewrite.kept)?;
            if let Decision::Held(by) = rewrite.decision {
                let release = release(rewrite, by, self.options.strict);
                writeln!(self.out, "    {} {}", paint.caution("released by"), escaped(&release))?;
            }
        }
        Ok(())
    }

    fn permissions(&mut self, label: &dyn std::fmt::Display, list: &[Permission]) -> io::Result<()> {
        for phrase in phrases(list, self.options.detail == Detail::Everything) {
            writeln!(self.out, "    {label} {phrase}")?;
        }
        Ok(())
    }

    fn left_alone(&mut self, places: &[(&LeftAlone, String)]) -> io::Result<()> {
        let paint = self.options.paint;
        let at_width = places.iter().map(|(_, at)| at.chars().count()).max().unwrap_or_default();
        let id_width = places.iter().map(|(left, _)| left.reason.id().len()).max().unwrap_or_default();
        for (left, at) in places {
            write!(self.out, "{:at_width$}  {}  ", paint.strong(at), paint.faint("left alone"))?;
            writeln!(
                self.out,
                "{:id_width$}  {}: {}",
                paint.mark(left.reason.id()),
                escaped(&left.owner),
                escaped(&left.message)
            )?;
        }
        Ok(())
    }

    /// A hazard is told in full once per run; where it comes back its id is enough.
    fn hazards(&mut self, rewrites: &[&'f Rewrite]) -> io::Result<()> {
        let paint = self.options.paint;
        let mut here = BTreeSet::new();
        for hazard in rewrites.iter().flat_map(|rewrite| &rewrite.hazards) {
            let key = (hazard.id, hazard.message.as_str());
            if !here.insert(key) {
                continue;
            }
            let message =
                if self.told_hazards.insert(key) { escaped(&hazard.message) } else { "see above".into() };
            writeln!(self.out, "    {} {}: {message}", paint.caution("!"), paint.caution(hazard.id))?;
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

    fn summary(&mut self, files: &[FileReport]) -> io::Result<()> {
        let paint = self.options.paint;
        let totals = Totals::of(files);
        if self.separate {
            writeln!(self.out)?;
        }
        self.reasons(files)?;
        writeln!(self.out, "{}", paint.strong(totals_line(&totals, self.options.applied)))?;
        let mut actions: Vec<&str> = Vec::new();
        for action in files.iter().filter_map(|f| f.planned.as_ref()).flat_map(|p| &p.deployer_actions) {
            if !actions.contains(&action.as_str()) {
                actions.push(action);
            }
        }
        if !actions.is_empty() {
            writeln!(self.out, "whoever deploys this also needs {}", escaped(&actions.join(", ")))?;
        }
        if totals.rewrites > 0 && !self.options.applied {
            writeln!(self.out, "apply with: samwire fix --yes")?;
        }
        if let Some(advice) = rest_advice(files) {
            let named = advice.resources.iter().take(NAMED_RESOURCES).map(String::as_str);
            let named = named.collect::<Vec<_>>().join(", ");
            let more = match advice.resources.len().saturating_sub(NAMED_RESOURCES) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            writeln!(
                self.out,
                "{} would drop {}; it gives up {} on {}{more}",
                escaped(&advice.flag),
                counted(advice.rests, "rest", "rests"),
                escaped(&advice.actions.join(", ")),
                escaped(&named)
            )?;
        }
        Ok(())
    }

    fn reasons(&mut self, files: &[FileReport]) -> io::Result<()> {
        if self.options.detail != Detail::Grouped {
            return Ok(());
        }
        let paint = self.options.paint;
        let mut counts: BTreeMap<Reason, usize> = BTreeMap::new();
        for left in files.iter().flat_map(FileReport::left_alone) {
            *counts.entry(left.reason).or_default() += 1;
        }
        if counts.is_empty() {
            return Ok(());
        }
        let mut rows: Vec<(Reason, usize)> = counts.into_iter().collect();
        rows.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
        let id_width = rows.iter().map(|(reason, _)| reason.id().len()).max().unwrap_or_default();
        writeln!(self.out, "left alone (-v shows each place, `samwire explain REASON` says why):")?;
        for (reason, count) in rows {
            writeln!(self.out, "{count:6}  {:id_width$}  {}", paint.mark(reason.id()), reason.what())?;
        }
        writeln!(self.out)
    }
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

fn connection(rewrite: &Rewrite) -> String {
    let (source, destination) = (escaped(&rewrite.source), escaped(&rewrite.destination));
    format!("{source} → {destination} [{}]", escaped(&rewrite.permissions.join(", ")))
}

fn totals_line(totals: &Totals, applied: bool) -> String {
    if totals.files == 0 {
        return "no SAM templates here".to_owned();
    }
    let looked_into = counted(totals.files - totals.skipped - totals.failed, "template", "templates");
    let rewrites = counted(totals.rewrites, "rewrite", "rewrites");
    let mut parts = vec![match (totals.rewrites, applied) {
        (0, _) if totals.held > 0 => format!("nothing within consent in {looked_into}"),
        (0, _) => format!("nothing to rewrite in {looked_into}"),
        (_, true) => format!("{rewrites} applied in {} of {looked_into}", totals.changed),
        (_, false) => format!("{rewrites} within consent in {} of {looked_into}", totals.changed),
    }];
    let counts = [(totals.held, "held back"), (totals.left_alone, "left alone")];
    parts
        .extend(counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    let files = [(totals.skipped, "skipped"), (totals.failed, "failed")];
    let files = files.iter().filter(|(count, _)| *count > 0);
    parts.extend(files.map(|(count, what)| format!("{} {what}", counted(*count, "file", "files"))));
    parts.join(", ")
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Hazard, HeldBy, RoleQuota};
    use crate::report::Problem;
    use crate::report::model::samples::{file, permission, rewrite};
    use crate::text::Span;

    const BRIEF: TextOptions =
        TextOptions { detail: Detail::Grouped, paint: Paint::PLAIN, strict: false, applied: false };

    fn text(files: &[FileReport], options: TextOptions) -> String {
        let mut out = Vec::new();
        write_text(&mut out, files, options).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn left_alone(message: &str) -> LeftAlone {
        LeftAlone {
            reason: Reason::Deny,
            principal: "ARole".into(),
            owner: "A".into(),
            grants: Vec::new(),
            location: Location { route: "Resources.A".into(), span: Span::new(0, 1) },
            message: message.into(),
        }
    }

    #[test]
    fn a_rewrite_is_told_with_place_delta_and_hazards() {
        let implied = Permission { implied_by: vec!["d:Get".into()], ..permission("d:Select", "${T.Arn}") };
        let hazard = Hazard { id: "deploy-gap", message: "the role is without it for a moment".into() };
        let taken = Rewrite {
            added: vec![implied],
            kept: vec![permission("d:Describe", "${T.Arn}")],
            hazards: vec![hazard.clone(), hazard],
            ..rewrite(Decision::Taken)
        };
        let mut files = [file(vec![taken.clone()]), file(vec![taken])];
        let planned = files[0].planned.as_mut().unwrap();
        planned.deployer_actions = vec!["iam:CreatePolicy".into()];
        planned.roles = vec![
            RoleQuota { role: "ARole".into(), before: 8, after: 9, quota: 10 },
            RoleQuota { role: "BRole".into(), before: 0, after: 1, quota: 10 },
        ];
        assert_eq!(
            text(&files, BRIEF),
            "\
t.yaml:2:1  function-to-table  A → T [Read, Write]  equivalent
    + adds    d:Select on ${T.Arn} (implied by d:Get)
    = keeps   d:Describe on ${T.Arn}
    ! deploy-gap: the role is without it for a moment
    role ARole: managed policies 8 → 9 of 10

t.yaml:2:1  function-to-table  A → T [Read, Write]  equivalent
    + adds    d:Select on ${T.Arn} (implied by d:Get)
    = keeps   d:Describe on ${T.Arn}
    ! deploy-gap: see above

2 rewrites within consent in 2 of 2 templates
whoever deploys this also needs iam:CreatePolicy
apply with: samwire fix --yes
--accept-remove d:Describe would drop 2 rests; it gives up d:Describe on ${T.Arn}
"
        );
    }

    #[test]
    fn what_is_held_back_names_its_release_and_what_is_left_alone_its_reasons() {
        let mut held = rewrite(Decision::Held(HeldBy::Consent));
        held.effect = Effect::Wider;
        held.added = vec![permission("d:Delete", "${T.Arn}")];
        let mut one = file(vec![held, rewrite(Decision::Skipped)]);
        one.planned.as_mut().unwrap().left_alone = vec![left_alone("denies"), left_alone("also denies")];
        let files = [one];
        let expected = "\
t.yaml:2:1  function-to-table  A → T [Read, Write]  wider  held back
    + adds    d:Delete on ${T.Arn}
    released by --accept-add d:Delete
";
        let grouped = "
left alone (-v shows each place, `samwire explain REASON` says why):
     2  deny  The statement denies.

nothing within consent in 1 template, 1 held back, 2 left alone
";
        assert_eq!(text(&files, BRIEF), format!("{expected}{grouped}"));
        let places = "\
t.yaml:1:1  left alone  deny  A: denies
t.yaml:1:1  left alone  deny  A: also denies

nothing within consent in 1 template, 1 held back, 2 left alone
";
        let every = TextOptions { detail: Detail::EveryPlace, ..BRIEF };
        assert_eq!(text(&files, every), format!("{expected}{places}"));
        let all = text(&files, TextOptions { detail: Detail::Everything, ..BRIEF });
        assert!(all.contains("equivalent  filtered out"), "{all}");
    }

    #[test]
    fn skipped_files_are_counted_and_told_when_everything_is() {
        let problem = Problem::new("no-transform", "no SAM transform", "nothing to do");
        let files = [FileReport::without_plan("x.yaml".into(), Status::Skipped, problem)];
        assert_eq!(text(&files, BRIEF), "nothing to rewrite in 0 templates, 1 file skipped\n");
        let all = text(&files, TextOptions { detail: Detail::Everything, ..BRIEF });
        assert!(all.starts_with("x.yaml  skipped  no SAM transform\n\n"), "{all}");
        assert_eq!(text(&[], BRIEF), "no SAM templates here\n");
    }

    #[test]
    fn text_of_the_template_cannot_steer_the_terminal() {
        let hostile = Rewrite { source: "A\u{1b}[2J\n".into(), ..rewrite(Decision::Taken) };
        let told = text(&[file(vec![hostile])], BRIEF);
        assert!(told.contains("A\\u{1b}[2J\\n → T"), "{told}");
    }
}

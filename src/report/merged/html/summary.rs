//! The head of the page: what the run was, what it comes to in a sentence and in figures, and what to do next.

use super::inert::text;
use super::words::{counted, figure};
use crate::report::merged::{Counts, Merged, RepoStatus, Row, Sum};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Values of one kind that are named before the others are counted.
const NAMED: usize = 3;

/// What all rows come to, for people.
pub(super) struct Summary<'a> {
    rows: &'a [Row],
    sum: &'a Sum,
    mixed: bool,
}

impl<'a> Summary<'a> {
    pub(super) fn of(merged: &'a Merged) -> Self {
        Self { rows: &merged.rows, sum: &merged.total, mixed: merged.is_mixed() }
    }

    fn count(&self, status: RepoStatus) -> u64 {
        self.sum.with(status)
    }

    /// The different values of a field of the rows, none of them empty.
    fn values(&self, field: fn(&Row) -> &str) -> BTreeSet<&'a str> {
        self.rows.iter().map(field).filter(|value| !value.is_empty()).collect()
    }

    /// What the page is called, as plain text.
    pub(super) fn title(&self) -> String {
        let directions = self.values(|row| &row.direction);
        let what = match directions.iter().copied().collect::<Vec<_>>()[..] {
            ["connectors"] => "Policies to connectors",
            ["policies"] => "Connectors to policies",
            _ => "Policies and connectors",
        };
        format!("{what} in {}", counted(self.rows.len() as u64, "repository", "repositories"))
    }

    /// Writes what the run was and what it comes to.
    pub(super) fn write_head(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "<header>\n<p class=\"tool\">samwire</p>\n<h1>{}</h1>\n<ul class=\"run\">",
            self.title()
        )?;
        let (done, planned) = (self.count(RepoStatus::Changed), self.count(RepoStatus::WouldChange));
        let state = match (done, planned) {
            (0, 0) => "nothing to write",
            (0, _) => "planned, nothing is written",
            (_, 0) => "written",
            (_, _) => "written in part",
        };
        writeln!(out, "<li>{state}</li>")?;
        for (name, field) in [
            ("phase", (|row| &row.phase) as fn(&Row) -> &str),
            ("version", |row| &row.version),
            ("definitions", |row| &row.transforms),
            ("options", |row| row.config_digest.get(..19).unwrap_or(&row.config_digest)),
        ] {
            let values = self.values(field);
            if !values.is_empty() {
                writeln!(out, "<li>{name} {}</li>", named(&values))?;
            }
        }
        writeln!(out, "</ul>")?;
        if self.mixed {
            writeln!(
                out,
                "<p class=\"warning\">These repositories were not all looked at with the same options. The figures below add \
                 them up all the same; each repository names its own.</p>"
            )?;
        }
        writeln!(out, "<p class=\"verdict\">{}</p>", self.verdict())?;
        self.figures(out)?;
        writeln!(out, "</header>")
    }

    /// The run in a few sentences.
    fn verdict(&self) -> String {
        let total = &self.sum.figures;
        let concerned = self.rows.iter().filter(|row| row.figures.rewrites > 0).count() as u64;
        let mut sentences = Vec::new();
        if total.rewrites == 0 {
            sentences.push("Nothing is within consent.".to_owned());
        } else {
            let (verb, where_) = match (self.count(RepoStatus::Changed), self.count(RepoStatus::WouldChange))
            {
                (0, _) => ("can be made", "within the consent given"),
                (_, 0) => ("made", "as consented"),
                _ => ("made or ready to be made", "within the consent given"),
            };
            sentences.push(format!(
                "{} {verb} in {}, {where_}.",
                counted(total.rewrites, "rewrite", "rewrites"),
                counted(concerned, "repository", "repositories")
            ));
            let calm =
                ["same", "equivalent"].iter().filter_map(|effect| total.effects.get(*effect)).sum::<u64>();
            let share = share(calm, total.rewrites);
            sentences.push(match (total.new_power, total.removed) {
                (0, 0) => "No role gains power that it did not have, and none loses any.".to_owned(),
                (new, removed) => format!(
                    "{share} of them give no role new power and take none away; the others add {} of new power and remove {}.",
                    counted(new, "permission", "permissions"),
                    counted(removed, "permission", "permissions")
                ),
            });
        }
        let bad = self.count(RepoStatus::Failed) + self.count(RepoStatus::Partial);
        if bad > 0 {
            sentences.push(format!(
                "{} could not be done completely.",
                counted(bad, "repository", "repositories")
            ));
        }
        sentences.join(" ")
    }

    fn figures(&self, out: &mut dyn Write) -> io::Result<()> {
        let total = &self.sum.figures;
        let done = self.count(RepoStatus::Changed);
        let (label, count) = match done {
            0 => ("would change", self.count(RepoStatus::WouldChange)),
            _ => ("changed", done),
        };
        let parts = |counts: &Counts, word: &str| {
            let parts: Vec<String> =
                counts.iter().map(|(id, count)| format!("{} {word}{}", figure(*count), text(id))).collect();
            if parts.len() > NAMED { String::new() } else { parts.join(", ") }
        };
        let templates = |count| counted(count, "template", "templates");
        writeln!(out, "<dl class=\"figures\">")?;
        for (label, number, note) in [
            ("repositories", self.rows.len() as u64, templates(total.files)),
            (label, count, templates(total.changed)),
            ("rewrites", total.rewrites, parts(&total.effects, "")),
            ("held back", total.held, parts(&total.held_by, "by ")),
            ("left alone", total.left_alone, counted(total.reasons.len() as u64, "reason", "reasons")),
            ("permissions added", total.added, format!("{} of new power", figure(total.new_power))),
            ("permissions removed", total.removed, String::new()),
            ("permissions kept", total.kept, "as policies beside connectors".to_owned()),
        ] {
            let note = if note.is_empty() { note } else { format!("<dd class=\"note\">{note}</dd>") };
            writeln!(out, "<div><dt>{label}</dt><dd>{}</dd>{note}</div>", figure(number))?;
        }
        writeln!(out, "</dl>")
    }

    /// Writes what follows from the figures, as a list to which the advice from the details is added.
    pub(super) fn write_steps(&self, out: &mut dyn Write) -> io::Result<()> {
        let total = &self.sum.figures;
        let mut steps: Vec<String> = Vec::new();
        let bad = self.count(RepoStatus::Failed) + self.count(RepoStatus::Partial);
        if bad > 0 {
            steps.push(format!(
                "Look at the {} first: the table names why. \
                 <code>samwire report --status failed,partial --names</code> lists them for another run.",
                counted(bad, "repository that failed", "repositories that failed")
            ));
        }
        if total.rewrites > 0 && self.count(RepoStatus::WouldChange) > 0 {
            steps.push(
                "Nothing is written in the repositories that would change; the same run with <code>--write --branch NAME</code> commits it on a branch of its own."
                    .to_owned(),
            );
        }
        let phases = self.values(|row| &row.phase);
        if total.hazards.contains_key("deploy-gap") && phases.contains("both") {
            steps.push(
                "Deployed in one step, roles lack what was rewritten until their new policies exist. Two runs avoid that: \
                 <code>--phase add</code>, deploy, then <code>--phase remove</code>."
                    .to_owned(),
            );
        }
        if total.rewrites > 0 && phases.contains("add") {
            steps.push(
                "Once this is deployed, <code>--phase remove</code> with the same options takes away the policies that it makes needless."
                    .to_owned(),
            );
        }
        if !total.deployer_actions.is_empty() {
            let actions = total.deployer_actions.iter().map(String::as_str).collect();
            steps.push(format!(
                "Whoever deploys also needs {}; <code>samwire preflight</code> checks a policy for them.",
                listed(&actions)
            ));
        }
        if total.over_quota > 0 {
            steps.push(format!(
                "{} would hold more managed policies than the quota allows.",
                counted(total.over_quota, "role", "roles")
            ));
        }
        if total.errors > 0 {
            steps.push(format!(
                "{} stand in templates as they are, whatever is rewritten: see <i>Findings</i>.",
                counted(total.errors, "error", "errors")
            ));
        }
        writeln!(
            out,
            "<section aria-labelledby=\"next\">\n<h2 id=\"next\">Next steps</h2>\n<ul class=\"steps\">"
        )?;
        for step in &steps {
            writeln!(out, "<li>{step}</li>")?;
        }
        writeln!(out, "</ul>\n</section>")
    }
}

/// A share in whole per cent that says 100 only of everything and 0 only of nothing.
fn share(part: u64, whole: u64) -> String {
    let percent = (part as f64 / whole.max(1) as f64 * 100.0).round() as u64;
    let honest = match percent {
        100 if part < whole => 99,
        0 if part > 0 => 1,
        other => other,
    };
    format!("{honest} %")
}

/// A few values by name, the others counted.
fn named(values: &BTreeSet<&str>) -> String {
    let mut words: Vec<String> = values.iter().take(NAMED).map(|value| text(value)).collect();
    if values.len() > NAMED {
        words.push(format!("{} more", figure((values.len() - NAMED) as u64)));
    }
    words.join(", ")
}

/// All values as code.
fn listed(values: &BTreeSet<&str>) -> String {
    values.iter().map(|value| format!("<code>{}</code>", text(value))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_everything_is_a_hundred_per_cent() {
        for (part, whole, expected) in
            [(0, 0, "0 %"), (1, 1000, "1 %"), (999, 1000, "99 %"), (5, 5, "100 %"), (1, 2, "50 %")]
        {
            assert_eq!(share(part, whole), expected);
        }
    }
}

//! The page about one profile, policy template, finding, reason, hazard or word of reports: what it grants, both spellings, traps.

use super::likeness::{Likeness, Open, likenesses};
use super::paint::Paint;
use super::spelling::{Spelling, reference_to};
use super::term::Term;
use super::topic::{Topic, Word};
use super::wrap::wrapped;
use crate::catalog::{
    Catalog, GrantKind, Holder, Meaning, ParameterKind, PolicyTemplate, Profile, StatementForm,
};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// The widest that prose is, in columns: longer lines are hard to read on any screen.
const WIDEST_PROSE: usize = 90;

/// Writes the pages about topics, a blank line between them.
pub fn write_explanations(
    out: &mut dyn Write,
    topics: &[Topic<'_>],
    catalog: &Catalog,
    paint: Paint,
    columns: Option<usize>,
) -> io::Result<()> {
    for (number, topic) in topics.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        write_explanation(out, *topic, catalog, paint, columns)?;
    }
    Ok(())
}

/// Writes the page about a topic, for a screen of so many columns. Where that is not known, only prose is wrapped.
pub fn write_explanation(
    out: &mut dyn Write,
    topic: Topic<'_>,
    catalog: &Catalog,
    paint: Paint,
    columns: Option<usize>,
) -> io::Result<()> {
    let mut page = Page { out, catalog, paint, columns };
    match topic {
        Topic::Profile(profile) => page.profile(profile),
        Topic::Template(template) => page.template(template),
        Topic::Word(word) => page.word(word),
        Topic::Term(term) => page.term(term),
    }
}

struct Page<'a> {
    out: &'a mut dyn Write,
    catalog: &'a Catalog,
    paint: Paint,
    columns: Option<usize>,
}

impl Page<'_> {
    fn line(&mut self, text: &str) -> io::Result<()> {
        match self.columns {
            Some(columns) => writeln!(self.out, "{}", wrapped(text, columns)),
            None => writeln!(self.out, "{text}"),
        }
    }

    fn title(&mut self, id: &str, kind: &str) -> io::Result<()> {
        self.line(&format!("{}  ({kind})", self.paint.strong(id)))
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out)?;
        self.line(&self.paint.mark(text).to_string())
    }

    fn prose(&mut self, heading: &str, text: &str) -> io::Result<()> {
        self.heading(heading)?;
        self.paragraph(text)
    }

    fn paragraph(&mut self, text: &str) -> io::Result<()> {
        let width = self.columns.map_or(WIDEST_PROSE, |columns| columns.min(WIDEST_PROSE));
        let mut column = 0;
        for word in text.split_whitespace() {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > width {
                writeln!(self.out)?;
                column = 0;
            }
            let gap = if column == 0 { "  " } else { " " };
            write!(self.out, "{gap}{word}")?;
            column += gap.len() + length;
        }
        writeln!(self.out)
    }

    /// Lines that are copied, and so stay as they are.
    fn block(&mut self, heading: &str, text: &str) -> io::Result<()> {
        self.heading(heading)?;
        text.lines().try_for_each(|line| writeln!(self.out, "  {line}"))
    }

    /// What an id means in reports, one meaning below the other.
    fn word(&mut self, word: Word) -> io::Result<()> {
        let mut first = true;
        if let Some(kind) = word.finding {
            first = false;
            self.title(kind.id, &format!("finding, {}", kind.severity.as_str()))?;
            self.prose("What is wrong", kind.what)?;
            self.prose("Why it matters", kind.why)?;
            self.prose("What you can do", kind.mend)?;
        }
        if let Some(reason) = word.reason {
            self.meaning(reason.id(), "reason for leaving something alone", &mut first)?;
            self.prose("What was seen", reason.what())?;
            self.prose("Why it stays", reason.why())?;
            self.prose("What you can do", reason.mend())?;
        }
        match word.hazard {
            Some(kind) if first => {
                self.title(kind.id, "hazard: something to know before deploying")?;
                self.prose("What may happen", kind.what)?;
                self.prose("What you can do", kind.remedy)
            }
            Some(kind) => {
                self.heading("As a hazard of a rewrite")?;
                self.paragraph(kind.what)?;
                self.paragraph(kind.remedy)
            }
            None => Ok(()),
        }
    }

    fn term(&mut self, term: &Term) -> io::Result<()> {
        self.title(term.word, term.kind)?;
        self.prose("What it means", term.what)?;
        self.prose("What follows", term.so)
    }

    /// The title of a meaning, set apart from the one before.
    fn meaning(&mut self, id: &str, kind: &str, first: &mut bool) -> io::Result<()> {
        if !std::mem::take(first) {
            writeln!(self.out)?;
        }
        self.title(id, kind)
    }

    fn profile(&mut self, profile: &Profile) -> io::Result<()> {
        self.title(&profile.id, "connector profile")?;
        self.line(&profile.title)?;
        self.line(&format!("{} → {}", profile.source, profile.destination))?;
        self.heading(&format!("Grants, {}", holder(profile)))?;
        for (category, forms) in &profile.permissions {
            self.line(&format!("  {category}"))?;
            for form in forms {
                self.form(4, &form.actions, &form.resources)?;
            }
        }
        let combinations: Vec<String> = profile.combinations.iter().map(|names| names.join(" + ")).collect();
        self.line(&format!("  accepted as Permissions: {}", combinations.join(", ")))?;
        let spelling = Spelling::new(profile, self.catalog);
        self.block("As a connector", &spelling.connector())?;
        self.block("As a policy", &spelling.policy())?;
        self.no_new_power(profile)?;
        if !profile.notes.is_empty() {
            self.prose("Traps", &profile.notes)?;
        }
        Ok(())
    }

    fn form(&mut self, indent: usize, actions: &[String], resources: &[String]) -> io::Result<()> {
        for action in actions {
            self.line(&format!("{:indent$}{action}", ""))?;
            if let Some(reason) = self.unknown_to_iam(action) {
                self.line(&format!("{:indent$}  inert: {reason}", ""))?;
            }
        }
        for resource in resources {
            self.line(&format!("{:indent$}  on {resource}", ""))?;
        }
        Ok(())
    }

    /// The actions of a profile that a policy often lacks and that are no new power beside those it has.
    fn no_new_power(&mut self, profile: &Profile) -> io::Result<()> {
        let actions: BTreeSet<&str> =
            forms(profile).flat_map(|form| &form.actions).map(String::as_str).collect();
        let implications = self.catalog.implications();
        let relevant: Vec<_> = implications
            .iter()
            .filter(|line| line.added.iter().any(|action| actions.contains(action.as_str())))
            .collect();
        if relevant.is_empty() {
            return Ok(());
        }
        self.heading("What is no new power where a policy lacks it")?;
        for line in relevant {
            let part = line.scope.as_ref().map_or_else(String::new, |scope| format!(" on {}", scope.suffix));
            let by = match line.implied_by.as_slice() {
                [] => String::new(),
                by => format!(", beside {}", by.join(" and ")),
            };
            self.line(&format!("  {}{part}{by}", line.added.join(", ")))?;
            self.line(&format!("    {}", self.paint.faint(&line.reason)))?;
        }
        Ok(())
    }

    fn template(&mut self, template: &PolicyTemplate) -> io::Result<()> {
        self.title(&template.name, "policy template")?;
        self.line(&template.title)?;
        self.heading("Grants")?;
        for statement in &template.statements {
            self.form(2, &statement.actions, &statement.resources)?;
            if let Some(condition) = &statement.condition {
                self.line(&format!("    if {condition}"))?;
            }
        }
        let mut spelled = format!("Policies:\n  - {}:", template.name);
        if template.parameters.is_empty() {
            spelled.push_str(" {}");
        }
        for (name, kind) in &template.parameters {
            spelled.push_str(&format!("\n      {name}: {}", example_value(kind, self.catalog)));
        }
        self.block("As a policy", &spelled)?;
        self.heading("As a connector")?;
        let found = likenesses(template, self.catalog);
        if found.is_empty() {
            return self.paragraph("No connector grants any of it. The policy is the right place.");
        }
        found.iter().try_for_each(|likeness| self.likeness(likeness))
    }

    fn likeness(&mut self, found: &Likeness<'_>) -> io::Result<()> {
        self.line(&format!("  {} [{}]", self.paint.mark(&found.profile.id), found.categories.join(", ")))?;
        for (word, actions) in [("also grants", &found.more), ("does not grant", &found.less)] {
            if !actions.is_empty() {
                let marked = |action: &&str| match self.unknown_to_iam(action) {
                    Some(_) => format!("{action} (inert)"),
                    None => (*action).to_owned(),
                };
                let actions: Vec<String> = actions.iter().map(marked).collect();
                self.line(&format!("    {word} {}", actions.join(", ")))?;
            }
        }
        for Open { pattern, given, known } in &found.open {
            let given = if given.is_empty() {
                "nothing".to_owned()
            } else {
                format!("{} ({} of {known} known)", given.join(", "), given.len())
            };
            self.line(&format!("    of the open pattern {pattern} grants {given}"))?;
        }
        if !found.open.is_empty() {
            self.line("    what comes to match the pattern later, only the policy grants")?;
        }
        Ok(())
    }

    /// Why IAM has no action of this name.
    fn unknown_to_iam(&self, action: &str) -> Option<String> {
        self.catalog.inert_reason(action, &[])
    }
}

fn holder(profile: &Profile) -> &'static str {
    match (profile.kind, profile.holder) {
        (GrantKind::ManagedPolicy, Holder::Source) => "by a managed policy on the role of the source",
        (GrantKind::ManagedPolicy, Holder::Destination) => {
            "by a managed policy on the role of the destination"
        }
        (GrantKind::LambdaPermission, _) => "by a permission on the function for the service of the source",
        (GrantKind::QueuePolicy, _) => "by a policy of the queue for the service of the source",
        (GrantKind::TopicPolicy, _) => "by a policy of the topic for the service of the source",
    }
}

fn forms(profile: &Profile) -> impl Iterator<Item = &StatementForm> {
    profile.permissions.iter().flat_map(|(_, forms)| forms)
}

fn example_value(kind: &ParameterKind, catalog: &Catalog) -> String {
    match kind {
        ParameterKind::Name(name) => reference_to(name, &Meaning::Name, catalog),
        ParameterKind::Arn(name) => reference_to(name, &Meaning::Arn, catalog),
        ParameterKind::Plain => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::topic;
    use crate::report::topic::groups;

    fn page(name: &str) -> String {
        let catalog = Catalog::builtin();
        let mut out = Vec::new();
        let topic = topic(name, catalog).unwrap_or_else(|unknown| panic!("{}", unknown.what));
        write_explanation(&mut out, topic, catalog, Paint::PLAIN, None).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_policy_template_says_how_a_connector_differs() {
        let text = page("DynamoDBReadPolicy");
        assert!(text.contains("function-to-table [Read]\n"), "{text}");
        assert!(text.contains("also grants dynamodb:ConditionCheckItem, dynamodb:PartiQLSelect\n"), "{text}");
        assert!(text.contains("does not grant dynamodb:DescribeTable\n"), "{text}");
        assert!(page("KMSDecryptPolicy").contains("No connector grants any of it"));
    }

    #[test]
    fn an_open_pattern_and_what_iam_does_not_know_are_told() {
        let text = page("SQSSendMessagePolicy");
        assert!(
            text.contains("of the open pattern sqs:SendMessage* grants sqs:SendMessage (1 of 1 known)\n"),
            "{text}"
        );
        let text = page("SQSPollerPolicy");
        assert!(text.contains("sqs:DeleteMessageBatch\n    inert: "), "{text}");
        assert!(text.contains("sqs:DeleteMessageBatch (inert)"), "{text}");
    }

    #[test]
    fn every_id_has_a_page_without_trailing_blanks() {
        let catalog = Catalog::builtin();
        for id in groups(catalog).iter().flat_map(|group| &group.ids).map(|(id, _)| id) {
            let text = page(id);
            assert!(text.starts_with(id) && text.lines().count() > 1, "{text}");
            assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
        }
    }
}

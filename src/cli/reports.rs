//! The reports of a finished run: which format is written by what, to which place, in which order.

use super::apply::NOT_REACHED;
use super::exit::{Exit, fails_to};
use super::run::Fatal;
use super::terminal::Terminal;
use crate::catalog::Catalog;
use crate::config::{CONFIG_NAME, Format, Settings, Sink, Verb, Verbosity};
use crate::io::{self, Surroundings};
use crate::plan::Decision;
use crate::report::{
    Detail, FileReport, Paint, Problem, RunFacts, Status, TextOptions, Unified, Whereabouts, escaped,
    write_diffs, write_github, write_gitlab, write_json, write_json_lines, write_junit, write_markdown,
    write_sarif, write_text,
};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

/// Refuses reports that would take the place of a template of the run, or of a config file: nobody has a copy of those.
pub(super) fn take_the_place_of_none(sinks: &[(Format, Sink)], files: &[FileReport]) -> Result<(), Fatal> {
    let targets = sinks.iter().filter_map(|(_, sink)| match sink {
        Sink::File(path) => Some((path, path.canonicalize().ok()?)),
        Sink::Stdout | Sink::Stderr => None,
    });
    let mut targets = targets;
    let taken = targets.find(|(_, real)| {
        let is_template = |file: &FileReport| {
            file.status != Status::Skipped && file.real.as_deref().unwrap_or(&file.path) == real
        };
        real.file_name().is_some_and(|name| name == CONFIG_NAME) || files.iter().any(is_template)
    });
    match taken {
        None => Ok(()),
        Some((path, _)) => Err(Fatal {
            problem: Box::new(
                Problem::new("usage", "the report would take the place of this file", "give it another name")
                    .because("the run reads it; nothing was written"),
            ),
            path: Some(path.clone()),
        }),
    }
}

/// The reports of a finished run.
pub(super) struct Reports<'a> {
    pub(super) verb: Verb,
    pub(super) settings: &'a Settings,
    pub(super) files: &'a [FileReport],
    pub(super) surroundings: &'a Surroundings,
    pub(super) terminal: Terminal,
    pub(super) exit: Exit,
}

impl Reports<'_> {
    /// Writes the product to standard output, then errors, then what is for people. Tells whether all of it could be
    /// written.
    pub(super) fn write(&self, print_template: bool) -> bool {
        let mut complete = true;
        if print_template {
            complete &= self.print_templates();
        }
        let (text, product): (Vec<_>, Vec<_>) =
            self.settings.sinks.iter().partition(|(format, _)| *format == Format::Text);
        for (format, sink) in product {
            complete &= self.emit(*format, sink);
        }
        self.bases();
        self.unselected();
        self.unignorable();
        for file in self.files.iter().filter(|file| file.status == Status::Failed) {
            // Files that were not reached are told of all at once.
            if let Some(problem) = file.problem.as_ref().filter(|problem| problem.id != NOT_REACHED) {
                self.terminal.problem(problem, Some(&file.path));
            }
        }
        for (format, sink) in text {
            complete &= self.emit(*format, sink);
        }
        complete
    }

    fn emit(&self, format: Format, sink: &Sink) -> bool {
        let (paint, for_terminal) = match sink {
            Sink::Stdout => (self.terminal.stdout, self.terminal.stdout_is_terminal),
            Sink::Stderr => (self.terminal.stderr, false),
            Sink::File(_) => (Paint::PLAIN, false),
        };
        let mut bytes = Vec::new();
        let rendered = match format {
            Format::Diff => {
                let form = Unified { context: self.settings.context, paint, for_terminal };
                write_diffs(&mut bytes, self.files, form)
            }
            Format::Text => write_text(&mut bytes, self.files, self.text_options(paint)),
            _ => self.render(format, &mut bytes),
        };
        let failure = match (rendered, sink) {
            (Err(error), _) => Some((error.to_string(), None)),
            (Ok(()), Sink::Stdout) => self.terminal.out(&bytes).err().map(|error| (error.to_string(), None)),
            (Ok(()), Sink::Stderr) => {
                self.terminal.err(&bytes);
                None
            }
            (Ok(()), Sink::File(path)) => {
                io::write_report(path, &bytes).err().map(|error| (error.to_string(), Some(path.as_path())))
            }
        };
        self.told(failure)
    }

    /// Writes a format that knows no terminal.
    fn render(&self, format: Format, out: &mut dyn Write) -> std::io::Result<()> {
        let root = io::work_tree_of(self.surroundings.current());
        let root = root.unwrap_or_else(|| self.surroundings.current().to_owned());
        let repo = self.repo();
        let (files, facts) = (self.files, self.facts(&repo, &root));
        match format {
            Format::Text => write_text(out, files, self.text_options(Paint::PLAIN)),
            Format::Diff => write_diffs(out, files, Unified::patch(self.settings.context)),
            Format::Json => write_json(out, files, facts),
            Format::JsonLines => write_json_lines(out, files, facts),
            Format::Sarif => write_sarif(out, files, facts),
            Format::Github => write_github(out, files, facts),
            Format::Gitlab => write_gitlab(out, files, facts),
            Format::Markdown => write_markdown(out, files, facts),
            Format::Junit => write_junit(out, files, facts),
        }
    }

    fn print_templates(&self) -> bool {
        let stdin = self.files.iter().filter(|file| file.from_stdin);
        let texts = stdin.filter_map(|file| file.planned.as_ref());
        let texts = texts.map(|planned| planned.after.as_deref().unwrap_or_else(|| planned.source.text()));
        let text: String = texts.collect();
        self.told(self.terminal.out(text.as_bytes()).err().map(|error| (error.to_string(), None)))
    }

    fn told(&self, failure: Option<(String, Option<&Path>)>) -> bool {
        let Some((what, path)) = failure else { return true };
        let problem =
            Problem::new("unwritable", what, "the report is incomplete; check the place it goes to");
        self.terminal.problem(&problem, path);
        false
    }

    /// Tells where to apply a diff that is not relative to the current directory.
    fn bases(&self) {
        if !self.settings.sinks.iter().any(|(format, _)| *format == Format::Diff) {
            return;
        }
        let changing =
            self.files.iter().filter(|file| file.planned.as_ref().is_some_and(|p| p.after.is_some()));
        let bases: BTreeSet<&Path> = changing.filter_map(|file| file.diff_base.as_deref()).collect();
        for base in bases {
            let base = base.to_string_lossy();
            let note = format!("note: the diff of files below {0} is relative to {0}\n", escaped(&base));
            self.terminal.err(note.as_bytes());
        }
    }

    /// Tells that nothing is left of what was asked for, which a mistyped name looks like.
    fn unselected(&self) {
        let select = &self.settings.choices.plan.select;
        let rewrites = self.files.iter().filter_map(|file| file.planned.as_ref()).flat_map(|p| &p.rewrites);
        let (mut filtered, mut left) = (0, false);
        for rewrite in rewrites {
            left |= rewrite.decision != Decision::Skipped;
            filtered += 1;
        }
        let asked = [("--source", &select.sources), ("--destination", &select.destinations)];
        let asked = asked.iter().filter(|(_, patterns)| !patterns.is_empty());
        let asked: Vec<String> =
            asked.map(|(name, patterns)| format!("{name} {}", patterns.join(","))).collect();
        if asked.is_empty() || left || filtered == 0 || self.settings.verbosity == Verbosity::Quiet {
            return;
        }
        let rewrites = if filtered == 1 { "rewrite is" } else { "rewrites are" };
        let note = format!(
            "note: {} leaves nothing to rewrite; {filtered} {rewrites} filtered out\n",
            escaped(&asked.join(" "))
        );
        self.terminal.err(note.as_bytes());
    }

    /// Tells how to ignore what can hold no comment.
    fn unignorable(&self) {
        let Some(reason) = &self.settings.choices.wishes.ignore_all else { return };
        let mut note = String::new();
        for file in self.files {
            for (id, route) in file.planned.iter().flat_map(|planned| &planned.unignorable) {
                let words = [&*file.path.to_string_lossy(), id, route, reason]
                    .map(|word| escaped(word).replace('\'', "''"));
                let [path, id, route, reason] = words;
                note +=
                    &format!("  - {{file: '{path}', id: '{id}', route: '{route}', reason: '{reason}'}}\n");
            }
        }
        if !note.is_empty() {
            let told =
                format!("note: these can hold no comment; list them in {CONFIG_NAME}:\nignore:\n{note}");
            self.terminal.err(told.as_bytes());
        }
    }

    fn text_options(&self, paint: Paint) -> TextOptions {
        let detail = match (self.settings.verbosity, self.verb) {
            (Verbosity::Verbose, _) => Detail::Everything,
            (_, Verb::Check) => Detail::EveryPlace,
            _ => Detail::Grouped,
        };
        let strict = self.settings.choices.plan.consent.strict;
        let phase = self.settings.choices.plan.phase;
        TextOptions { detail, paint, strict, applied: self.verb == Verb::Fix, phase }
    }

    fn facts<'b>(&'b self, repo: &'b str, root: &'b Path) -> RunFacts<'b> {
        RunFacts {
            version: super::VERSION,
            transforms: Catalog::version(),
            repo,
            direction: self.settings.choices.plan.direction.as_str(),
            phase: self.settings.choices.plan.phase.as_str(),
            config_digest: &self.settings.choices.digest,
            repository: None,
            context: self.settings.context,
            exit: self.exit as u8,
            fails_to: fails_to(self.verb, self.settings.fail_on),
            strict: self.settings.choices.plan.consent.strict,
            applied: self.verb == Verb::Fix,
            everything: self.settings.verbosity == Verbosity::Verbose,
            whereabouts: Whereabouts { current: self.surroundings.current(), root },
        }
    }

    fn repo(&self) -> String {
        let told = self.settings.repo.clone();
        told.unwrap_or_else(|| {
            io::repository_name(self.surroundings.current(), |name| std::env::var(name).ok())
        })
    }
}

//! `fix` on a terminal: looks, guards, talks, writes, and keeps what was answered. Joins the session with files; knows neither
//! keys nor questions.

use super::apply::{Applied, apply, not_written};
use super::args::RunArgs;
use super::exit::{Exit, exit_of};
use super::guard;
use super::person::Person;
use super::run::{Fatal, Looked};
use super::terminal::Terminal;
use crate::catalog::Catalog;
use crate::config::{AnswersFile, OfFiles, Verb, read_answers, write_answers};
use crate::io::{self, Journal, StateDir, WriteError};
use crate::plan::Decision;
use crate::report::{FileReport, Problem, Status, escaped};
use crate::session::{self, Console, Desk, Ended, Ending, Failure, Replacement, Setting};
use crate::syntax::Document;
use crate::text::Source;
use std::path::Path;

/// The file of the state directory that holds the answers of sessions that wrote nothing.
const KEPT: &str = "answers.json";

/// Whether there is a person to talk to: both streams are a terminal, and no CI system runs us.
pub(super) fn possible(terminal: Terminal) -> bool {
    let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    terminal.stdout_is_terminal && terminal.stdin_is_terminal && !ci
}

/// Why nothing that the session could come to may be written; asked first, since nobody wants to answer for nothing.
pub(super) fn refusal(looked: &Looked, args: &RunArgs) -> Option<Problem> {
    let state = StateDir::of(looked.surroundings.current()).ok()?;
    let runs = Journal::new(state).runs().ok()?;
    let targets: Vec<&FileReport> = looked.files.iter().filter(|file| is_asked(file)).collect();
    guard::refusal(&targets, &args.guard, &runs)
}

fn is_asked(file: &FileReport) -> bool {
    let asked = |file: &FileReport| file.rewrites().iter().any(|r| r.decision != Decision::Skipped);
    file.real.is_some() && file.status != Status::Failed && asked(file)
}

/// Talks about everything that was found, and writes what was agreed to.
pub(super) fn run(
    looked: Looked,
    args: &RunArgs,
    catalog: &Catalog,
    terminal: Terminal,
) -> Result<Exit, Fatal> {
    for file in looked.files.iter().filter(|file| file.status == Status::Failed) {
        if let Some(problem) = &file.problem {
            terminal.problem(problem, Some(&file.path));
        }
    }
    let exit = exit_of(Verb::Fix, &looked.files, looked.unsearched, looked.settings.fail_on);
    let Looked { settings, surroundings, files, .. } = looked;
    let files: Vec<FileReport> = files.into_iter().filter(is_asked).collect();
    let mut person = Person::at_terminal(terminal.stdout).map_err(|error| {
        Problem::new("usage", format!("signals cannot be listened to: {error}"), "use `samwire fix --yes`")
    })?;
    if files.is_empty() {
        let _ = person.show("nothing to rewrite here; `samwire check` lists what is left alone and why\n");
        return Ok(exit);
    }
    let state = StateDir::of(surroundings.current()).ok();
    let base = state.as_ref().map(StateDir::base);
    let names = files.iter().map(|file| name(file, base)).collect();
    let decisions = match &args.plan.decisions {
        Some(path) => decisions(path)?,
        None => AnswersFile::default(),
    };
    let setting = Setting { catalog, options: &settings.choices.plan, context: settings.context };
    let of_files = &settings.choices.of_files;
    let mut sitting = Sitting { setting, of_files, args, terminal, state, files, names, decisions, exit };
    let ended = sitting.hold(&mut person, &surroundings);
    Ok(match ended {
        Ok(exit) => exit,
        Err(failure) => {
            let (Failure::Syntax(what) | Failure::Bug(what)) = failure;
            terminal.problem(&super::engine::tool_bug(&what), None);
            Exit::ToolBug
        }
    })
}

/// The name under which answers about a file are kept: its path below the work tree.
fn name(file: &FileReport, base: Option<&Path>) -> String {
    let real = file.real.as_deref().unwrap_or(&file.path);
    let short = base.and_then(|base| real.strip_prefix(base).ok()).unwrap_or(real);
    short.to_string_lossy().replace('\\', "/")
}

/// Reads a file of decisions.
pub(super) fn decisions(path: &Path) -> Result<AnswersFile, Fatal> {
    let help = "give a file that `samwire fix --save-decisions` wrote; nothing was done";
    let fail = |what: String| Fatal {
        problem: Box::new(Problem::new("usage", what, help)),
        path: Some(path.to_owned()),
    };
    let bytes = io::read(path).map_err(|error| fail(format!("the decisions cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| fail("the decisions are no UTF-8 text".to_owned()))?;
    read_answers(&text).map_err(|error| fail(format!("these are no decisions: {error}")))
}

/// A session with everything around it.
struct Sitting<'a> {
    setting: Setting<'a>,
    of_files: &'a OfFiles,
    args: &'a RunArgs,
    terminal: Terminal,
    state: Option<StateDir>,
    files: Vec<FileReport>,
    /// The names of the files in what is kept.
    names: Vec<String>,
    decisions: AnswersFile,
    /// What the files that could not be read come to.
    exit: Exit,
}

impl Sitting<'_> {
    fn hold(&mut self, person: &mut Person, surroundings: &io::Surroundings) -> Result<Exit, Failure> {
        let plans = (self.setting.catalog, self.setting.options);
        let mut known = self.decisions.clone();
        let kept = self.kept();
        let mine = |name: &String| self.names.contains(name);
        let own = AnswersFile {
            answers: kept.answers.iter().filter(|r| r.file.as_ref().is_some_and(mine)).cloned().collect(),
            drafts: kept.drafts.iter().filter(|draft| mine(&draft.file)).cloned().collect(),
        };
        if !own.answers.is_empty() || !own.drafts.is_empty() {
            let count = own.answers.len() + own.drafts.len();
            let kept = if count == 1 { "1 answer is kept" } else { &format!("{count} answers are kept") };
            let _ = person.show(&format!("{kept} of an earlier session\n"));
            match person.confirm("Go on with what was answered?", true) {
                Ok(true) => {
                    known.answers.extend(own.answers);
                    known.drafts.extend(own.drafts);
                }
                Ok(false) => {}
                Err(_) => return Ok(self.broken_off(person, count)),
            }
        }
        loop {
            let named = self.files.iter().zip(&self.names);
            let files = named.filter_map(|(file, name)| {
                let source = file.planned.as_ref()?.source.clone();
                Some((name.clone(), source, self.of_files.of(file.real.as_deref())))
            });
            let desks = session::desks(files.collect(), &known);
            for stale in session::forgotten(&desks, &self.names, &known, plans)? {
                let _ = person.show(&format!("no longer applies: {stale}\n"));
            }
            let (ending, desks) = session::converse(self.setting, desks, person);
            let answers = session::records(&desks, &self.names, true, plans)?;
            self.save_decisions(&desks)?;
            let replacements = match ending? {
                Ending::Write(replacements) => replacements,
                Ending::Nothing => {
                    self.keep(&AnswersFile::default());
                    let _ = person.show("nothing is taken, so nothing was written\n");
                    return Ok(self.exit);
                }
                Ending::Quit => {
                    let kept = self.keep(&answers);
                    let _ = person.show(&format!("nothing was written{}\n", kept_in_words(kept)));
                    return Ok(self.exit);
                }
                Ending::Ended(ended) => {
                    let kept = self.keep(&answers);
                    if let Ended::Closed(why) = &ended {
                        let _ = person.show(&format!("{why}\n"));
                    }
                    return Ok(self.broken_off(person, kept));
                }
            };
            let (applied, unwritten) = self.write(person, replacements, surroundings);
            // What was answered stays until it is written.
            self.keep(&self.about(&unwritten, &answers));
            let exit = applied.exit(self.exit, self.args.fail_on);
            if applied.refused || !self.read_again(&unwritten) {
                if !unwritten.is_empty() {
                    let _ = person.show("your answers are kept, and the same command goes on with them\n");
                }
                return Ok(exit);
            }
            match person.confirm("Plan the changed files again, with your answers?", true) {
                Ok(true) => (known, self.exit) = (answers, Exit::Clean),
                Ok(false) => return Ok(exit),
                Err(_) => {
                    let _ = person.show("what changed was not written; your answers are kept\n");
                    return Ok(person.stopped().map_or(Exit::Interrupted, Exit::from));
                }
            }
        }
    }

    /// Writes, and tells how that went. Gives back the numbers of the files that could not be written.
    fn write(
        &mut self,
        person: &mut Person,
        replacements: Vec<Replacement>,
        surroundings: &io::Surroundings,
    ) -> (Applied, Vec<usize>) {
        let mut unwritten = Vec::new();
        let mut written: Vec<(FileReport, Replacement)> = Vec::new();
        for replacement in replacements {
            let file = &mut self.files[replacement.desk];
            if let Some(planned) = &mut file.planned {
                planned.source = replacement.before.clone();
                planned.after = Some(replacement.after.clone());
            }
            file.status = Status::WouldChange;
            match meanwhile(file, &replacement.before) {
                Some(problem) => {
                    self.terminal.problem(&problem, Some(&file.path));
                    self.exit = self.exit.max(Exit::Failed);
                    unwritten.push(replacement.desk);
                }
                None => written.push((file.clone(), replacement)),
            }
        }
        let mut reports: Vec<FileReport> = written.iter().map(|(report, _)| report.clone()).collect();
        let applied = apply(&mut reports, &self.args.guard, surroundings);
        for (file, (_, replacement)) in reports.iter().zip(&written) {
            if let Some(problem) = &file.problem {
                self.terminal.problem(problem, Some(&file.path));
                self.exit = self.exit.max(Exit::Failed);
            }
            if file.status == Status::Changed {
                let count = replacement.rewrites;
                let plural = if count == 1 { "" } else { "s" };
                let path = escaped(&file.path.to_string_lossy()).into_owned();
                let _ = person.show(&format!("wrote {path}: {count} rewrite{plural}\n"));
            } else {
                unwritten.push(replacement.desk);
            }
        }
        if applied.recorded {
            let _ = person.show("`samwire undo` takes this back\n");
        }
        if let Some((problem, _)) = &applied.problem {
            self.terminal.problem(problem, None);
        }
        unwritten.sort_unstable();
        (applied, unwritten)
    }

    /// The answers about some files.
    fn about(&self, numbers: &[usize], answers: &AnswersFile) -> AnswersFile {
        let names: Vec<&String> = numbers.iter().map(|number| &self.names[*number]).collect();
        let mut some = answers.clone();
        some.answers.retain(|record| record.file.as_ref().is_some_and(|name| names.contains(&name)));
        some.drafts.retain(|draft| names.contains(&&draft.file));
        some
    }

    /// Reads those of some files again that were changed by somebody else, and leaves only them on the table. Tells whether
    /// there are any that could be planned again and written then.
    fn read_again(&mut self, unwritten: &[usize]) -> bool {
        let (mut files, mut names) = (Vec::new(), Vec::new());
        for &number in unwritten {
            let mut file = self.files[number].clone();
            let (Some(real), Some(planned)) = (&file.real, &mut file.planned) else { continue };
            let Ok(bytes) = io::read(real) else { continue };
            if bytes == planned.source.text().as_bytes() {
                continue;
            }
            match Source::new(&file.path, bytes) {
                Ok(source) if Document::parse(source.clone()).is_ok() => {
                    (planned.source, planned.after) = (source, None);
                    file.problem = None;
                    files.push(file);
                    names.push(self.names[number].clone());
                }
                _ => {
                    let what = "is no template any more, so it cannot be planned again";
                    let problem = Problem::new("unreadable", what, "mend it, then run again");
                    self.terminal.problem(&problem, Some(&file.path));
                }
            }
        }
        // To ask again only to refuse at the end is no help.
        let runs = self.state.clone().and_then(|state| Journal::new(state).runs().ok()).unwrap_or_default();
        if let Some(problem) = guard::refusal(&files.iter().collect::<Vec<_>>(), &self.args.guard, &runs) {
            self.terminal.problem(&problem, None);
            return false;
        }
        if files.is_empty() {
            return false;
        }
        (self.files, self.names) = (files, names);
        true
    }

    fn broken_off(&self, person: &mut Person, kept: usize) -> Exit {
        let _ = person.show(&format!("nothing was written{}\n", kept_in_words(kept)));
        person.stopped().map_or(Exit::Interrupted, Exit::from)
    }

    fn kept(&self) -> AnswersFile {
        let Some(Ok(Some(bytes))) = self.state.as_ref().map(|state| state.read(KEPT)) else {
            return AnswersFile::default();
        };
        let read = String::from_utf8(bytes).ok().and_then(|text| read_answers(&text).ok());
        read.unwrap_or_else(|| {
            let problem = Problem::new(
                "answers",
                "the answers of an earlier session cannot be read",
                "answer again; they are replaced when this session ends",
            );
            self.terminal.problem(&problem, None);
            AnswersFile::default()
        })
    }

    /// Keeps the answers about these files in the place of those that were kept; those about other files stay. Tells how many
    /// are kept.
    fn keep(&self, answers: &AnswersFile) -> usize {
        let Some(state) = &self.state else { return 0 };
        let mut all = self.kept();
        all.answers.retain(|record| record.file.as_ref().is_none_or(|name| !self.names.contains(name)));
        all.drafts.retain(|draft| !self.names.contains(&draft.file));
        all.answers.extend(answers.answers.iter().cloned());
        all.drafts.extend(answers.drafts.iter().cloned());
        let done = match all == AnswersFile::default() {
            true => state.remove(KEPT),
            false => state.write(KEPT, write_answers(&all).as_bytes()),
        };
        match done {
            Ok(()) => answers.answers.len() + answers.drafts.len(),
            Err(error) => {
                let what = format!("the answers cannot be kept: {error}");
                let help = "free space, or make the git directory writable; nothing else is lost";
                self.terminal.problem(&Problem::new("answers", what, help), None);
                0
            }
        }
    }

    fn save_decisions(&self, desks: &[Desk]) -> Result<(), Failure> {
        let Some(path) = &self.args.save_decisions else { return Ok(()) };
        let plans = (self.setting.catalog, self.setting.options);
        let records = session::records(desks, &self.names, false, plans)?;
        if let Err(error) = io::write_report(path, write_answers(&records).as_bytes()) {
            let what = format!("the decisions cannot be written: {error}");
            self.terminal.problem(&Problem::new("unwritable", what, "check the place"), Some(path));
        }
        Ok(())
    }
}

/// What somebody did to a file while it was talked about.
fn meanwhile(file: &FileReport, before: &Source) -> Option<Problem> {
    let now = io::read(file.real.as_deref()?);
    match now {
        Ok(bytes) if bytes == before.text().as_bytes() => None,
        Ok(_) => Some(not_written(&WriteError::Changed)),
        Err(error) => {
            let what = format!("cannot be read any more: {error}");
            Some(Problem::new("unreadable", what, "put it back, then run again; nothing was written to it"))
        }
    }
}

fn kept_in_words(kept: usize) -> String {
    match kept {
        0 => String::new(),
        1 => "; 1 answer is kept, and the same command goes on with it".to_owned(),
        kept => format!("; {kept} answers are kept, and the same command goes on with them"),
    }
}

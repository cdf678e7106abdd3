//! `fix` on a terminal: looks, guards, talks, writes, and keeps what was answered. Joins the session with files; knows neither
//! keys nor questions.

use super::apply::{Applied, apply};
use super::args::{GuardArgs, RunArgs};
use super::exit::{Exit, exit_of};
use super::guard;
use super::meanwhile::{self, Now};
use super::person::Person;
use super::run::{Fatal, Looked};
use super::terminal::Terminal;
use crate::catalog::Catalog;
use crate::config::{AnswersFile, OfFiles, Verb, read_answers, write_answers};
use crate::io::{self, Journal, StateDir};
use crate::plan::Decision;
use crate::report::{FileReport, Problem, Status, escaped};
use crate::session::{self, Console, Desk, Ended, Ending, Failure, Replacement, Setting};
use std::collections::BTreeMap;
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
        person.say("nothing to rewrite here; `samwire check` lists what is left alone and why\n");
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
    let guard = args.guard;
    let mut sitting =
        Sitting { setting, of_files, args, terminal, state, files, names, decisions, guard, exit };
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
    let bytes = io::read(path).map_err(|error| fail(format!("the decisions {error}")))?;
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
    /// What `fix` may write over: what the arguments say, and what the person has said since.
    guard: GuardArgs,
    /// What the files that could not be read or written come to.
    exit: Exit,
}

/// The numbers of files that could not be written, each with the reason if it has one of its own.
type Unwritten = BTreeMap<usize, Option<Problem>>;

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
            person.say(&format!("{kept} of an earlier session\n"));
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
                person.say(&format!("no longer applies: {stale}\n"));
            }
            let (ending, desks) = session::converse(self.setting, desks, person);
            let answers = session::records(&desks, &self.names, true, plans)?;
            self.save_decisions(&desks)?;
            let replacements = match ending? {
                Ending::Write(replacements) => replacements,
                Ending::Nothing => {
                    self.keep(&AnswersFile::default());
                    person.say("nothing is taken, so nothing was written\n");
                    return Ok(self.exit);
                }
                Ending::Quit => {
                    let kept = self.keep(&answers);
                    person.say(&format!("nothing was written{}\n", kept_in_words(kept)));
                    return Ok(self.exit);
                }
                Ending::Ended(ended) => {
                    let kept = self.keep(&answers);
                    if let Ended::Closed(why) = &ended {
                        person.say(&format!("{why}\n"));
                    }
                    return Ok(self.broken_off(person, kept));
                }
            };
            let (applied, unwritten) = self.write(person, replacements, surroundings);
            // What was answered stays until it is written.
            self.keep(&self.about(&unwritten, &answers));
            let (files, names) = self.read_again(&unwritten);
            let exit = applied.exit(self.exit, self.args.fail_on);
            if applied.refused || files.is_empty() {
                if !unwritten.is_empty() {
                    person.say("your answers are kept, and the same command goes on with them\n");
                }
                return Ok(exit);
            }
            (self.files, self.names) = (files, names);
            match self.may_plan_again(person) {
                Ok(true) => (known, self.exit) = (answers, exit),
                Ok(false) => return Ok(exit.max(Exit::Failed)),
                Err(_) => {
                    person.say("what changed was not written; your answers are kept\n");
                    return Ok(person.stopped().map_or(Exit::Interrupted, Exit::from));
                }
            }
        }
    }

    /// Writes, and tells what was written. Gives back the numbers of the files that could not be written, each with the reason
    /// unless it is that of all.
    fn write(
        &mut self,
        person: &mut Person,
        replacements: Vec<Replacement>,
        surroundings: &io::Surroundings,
    ) -> (Applied, Unwritten) {
        let mut unwritten = Unwritten::new();
        let mut written: Vec<(FileReport, Replacement)> = Vec::new();
        for replacement in replacements {
            let file = &mut self.files[replacement.desk];
            if let Some(planned) = &mut file.planned {
                planned.source = replacement.before.clone();
                planned.after = Some(replacement.after.clone());
            }
            file.status = Status::WouldChange;
            match meanwhile::obstacle(file, &replacement.before) {
                Some(problem) => drop(unwritten.insert(replacement.desk, Some(problem))),
                None => written.push((file.clone(), replacement)),
            }
        }
        let mut reports: Vec<FileReport> = written.iter().map(|(report, _)| report.clone()).collect();
        let applied = apply(&mut reports, &self.guard, surroundings);
        for (file, (_, replacement)) in reports.iter().zip(&written) {
            if file.status == Status::Changed {
                let path = escaped(&file.path.to_string_lossy()).into_owned();
                person.say(&format!("wrote {path}: {}\n", replacement.in_words()));
            } else {
                unwritten.insert(replacement.desk, file.problem.clone());
            }
        }
        if applied.recorded {
            person.say("`samwire undo` takes this back\n");
        }
        if let Some((problem, _)) = &applied.problem {
            self.terminal.problem(problem, None);
        }
        (applied, unwritten)
    }

    /// The answers about some files.
    fn about(&self, files: &Unwritten, answers: &AnswersFile) -> AnswersFile {
        let names: Vec<&String> = files.keys().map(|number| &self.names[*number]).collect();
        let mut some = answers.clone();
        some.answers.retain(|record| record.file.as_ref().is_some_and(|name| names.contains(&name)));
        some.drafts.retain(|draft| names.contains(&&draft.file));
        some
    }

    /// Reads again what could not be written, and says of each file once why it was not. Gives back those that somebody else
    /// has changed and that can be planned again, with their names.
    fn read_again(&mut self, unwritten: &Unwritten) -> (Vec<FileReport>, Vec<String>) {
        let (mut files, mut names) = (Vec::new(), Vec::new());
        for (&number, reason) in unwritten {
            let mut file = self.files[number].clone();
            let (problem, exit) = match meanwhile::look_again(&file) {
                Now::Same => (reason.clone(), Exit::Failed),
                Now::Broken => (Some(meanwhile::broken()), Exit::Failed),
                Now::Another(source) => {
                    if let Some(planned) = &mut file.planned {
                        (planned.source, planned.after) = (source, None);
                    }
                    file.problem = None;
                    files.push(file.clone());
                    names.push(self.names[number].clone());
                    (Some(meanwhile::changed()), Exit::Clean)
                }
            };
            if let Some(problem) = problem {
                self.terminal.problem(&problem, Some(&file.path));
                self.exit = self.exit.max(exit);
            }
        }
        (files, names)
    }

    /// Asks whether the files on the table, which somebody has changed, are to be planned again. Over what git has no copy of
    /// nothing is written without a yes to just that.
    fn may_plan_again(&mut self, person: &mut Person) -> Result<bool, Ended> {
        let runs = self.state.clone().and_then(|state| Journal::new(state).runs().ok()).unwrap_or_default();
        let question = "Plan the changed files again, with your answers";
        let guarded = guard::refusal(&self.files.iter().collect::<Vec<_>>(), &self.guard, &runs).is_some();
        if !guarded {
            let yes = person.confirm(&format!("{question}?"), true)?;
            if !yes {
                person.say("your answers are kept, and the same command goes on with them\n");
            }
            return Ok(yes);
        }
        let yes = person.confirm(&format!("{question}, although git has no copy of what changed?"), false)?;
        match yes {
            true => self.guard.allow_dirty = true,
            false => person.say(
                "your answers are kept; after a commit, or with --allow-dirty, the same command goes on with them\n",
            ),
        }
        Ok(yes)
    }

    fn broken_off(&self, person: &mut Person, kept: usize) -> Exit {
        person.say(&format!("nothing was written{}\n", kept_in_words(kept)));
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

fn kept_in_words(kept: usize) -> String {
    match kept {
        0 => String::new(),
        1 => "; 1 answer is kept, and the same command goes on with it".to_owned(),
        kept => format!("; {kept} answers are kept, and the same command goes on with them"),
    }
}

//! The conversation: asks about one rewrite after the other until the person goes to the end, shows the whole, and asks whether
//! to write it.

use super::console::{Console, Edited, Ended};
use super::desk::{Desk, Failure, Question, Settled};
use super::ending::{Ending, Replacement};
use super::key::{Action, action};
use super::round::Round;
use super::screen::{self, Look, Standing};
use crate::catalog::Catalog;
use crate::iam::Effect;
use crate::plan::{Options, Rewrite, Variant};
use crate::report::{topic, wrapped, write_explanation};
use std::path::Path;

/// What a session is about.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The definitions.
    pub catalog: &'a Catalog,
    /// The choices of all plans. The answers in it are not looked at.
    pub options: &'a Options,
    /// Unchanged lines around each change.
    pub context: usize,
}

/// Why a conversation cannot go on.
enum Stop {
    Ended(Ended),
    Failure(Failure),
}

impl From<Ended> for Stop {
    fn from(ended: Ended) -> Self {
        Self::Ended(ended)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// What comes next.
enum Next {
    Question,
    End,
    Done(Ending),
}

/// Talks about all rewrites of some files. Gives back how it ended, and the desks with all answers, however it ended.
pub fn converse(
    setting: Setting<'_>,
    desks: Vec<Desk>,
    console: &mut dyn Console,
) -> (Result<Ending, Failure>, Vec<Desk>) {
    let spare = desks.clone();
    let round = match Round::new(setting.catalog, setting.options, desks) {
        Ok(round) => round,
        Err(failure) => return (Err(failure), spare),
    };
    let mut talk = Talk { setting, console, round };
    let ending = match talk.run() {
        Ok(ending) => Ok(ending),
        Err(Stop::Ended(ended)) => Ok(Ending::Ended(ended)),
        Err(Stop::Failure(failure)) => Err(failure),
    };
    (ending, talk.round.desks().to_vec())
}

/// Whether Enter takes it: nothing is gained or lost.
fn is_harmless(rewrite: &Rewrite) -> bool {
    matches!(rewrite.effect, Effect::Same | Effect::Equivalent)
}

struct Talk<'a, 'c> {
    setting: Setting<'a>,
    console: &'c mut dyn Console,
    round: Round<'a>,
}

impl Talk<'_, '_> {
    fn run(&mut self) -> Result<Ending, Stop> {
        let mut next = Next::Question;
        loop {
            next = match next {
                Next::Question if self.round.current().is_some() => self.ask()?,
                Next::Question | Next::End => self.end()?,
                Next::Done(ending) => return Ok(ending),
            };
        }
    }

    fn look(&self) -> Look {
        Look { paint: self.console.paint(), size: self.console.size(), context: self.setting.context }
    }

    /// Shows words in the width of the screen.
    fn say(&mut self, words: &str) -> Result<(), Stop> {
        let words = wrapped(words, self.look().width());
        Ok(self.console.show(&words)?)
    }

    /// Asks about the current rewrite until it is answered or left.
    fn ask(&mut self) -> Result<Next, Stop> {
        let Some(item) = self.round.current().cloned() else { return Ok(Next::End) };
        let fingerprint = item.rewrite.fingerprint.as_str();
        let was = self.round.answer_of(&item);
        let mut variant = was.variant;
        let mut variants: Option<Vec<Variant>> = None;
        let mut shown = None;
        loop {
            let desk = self.round.desks()[item.file].clone();
            let (catalog, options) = (self.setting.catalog, self.setting.options);
            let Some(question) = desk.question(catalog, options, fingerprint, variant)? else {
                // A rewrite can go with another one that does its work; nothing is left to answer then.
                self.round.answer(false, Variant::default());
                return Ok(Next::Question);
            };
            if shown != Some(variant) {
                self.show(&question, &desk.path, was, variant)?;
                shown = Some(variant);
            }
            let proposed = is_harmless(&question.rewrite);
            let key = self.console.key(&screen::prompt(proposed, self.look()))?;
            let Some(action) = action(key, proposed) else {
                self.say("no such key; ? shows all\n")?;
                continue;
            };
            match action {
                Action::Take => self.round.answer(true, variant),
                Action::Skip => self.round.answer(false, variant),
                Action::TakeFile => self.round.answer_file(true, variant),
                Action::SkipFile => self.round.answer_file(false, variant),
                Action::TakeAlike => self.round.answer_alike(true, variant),
                Action::SkipAlike => self.round.answer_alike(false, variant),
                Action::Undo if self.round.undo()? => {}
                Action::Undo => {
                    self.say("there is no answer to take back\n")?;
                    continue;
                }
                Action::Next | Action::Previous => {
                    if !self.round.step(action == Action::Next) {
                        let end = if action == Action::Next { "last" } else { "first" };
                        self.say(&format!("this is the {end} one; w goes to the end\n"))?;
                        continue;
                    }
                }
                Action::Alternative => {
                    if variants.is_none() {
                        variants = Some(desk.variants(catalog, options, fingerprint)?);
                    }
                    let all = variants.as_deref().unwrap_or_default();
                    variant = match all.iter().position(|known| *known == variant) {
                        Some(at) => all[(at + 1) % all.len()],
                        None => all.first().copied().unwrap_or_default(),
                    };
                    if shown == Some(variant) {
                        self.say("there is no other way to write it\n")?;
                    }
                    continue;
                }
                Action::Edit => match self.edit(&desk, &question)? {
                    Some(text) => {
                        if let Some(revised) = desk.revised(catalog, options, fingerprint, text) {
                            self.round.replace(revised)?;
                        }
                    }
                    None => continue,
                },
                Action::Ignore => {
                    if !self.ignore(&desk, &question)? {
                        continue;
                    }
                }
                Action::Explain => {
                    let text = self.explanation(&question);
                    self.console.page(&text)?;
                    continue;
                }
                Action::Finish => {
                    self.round.finish();
                    return Ok(Next::End);
                }
                Action::Quit => {
                    if self.leave()? {
                        return Ok(Next::Done(Ending::Quit));
                    }
                    continue;
                }
                Action::Help => {
                    self.console.show(&screen::help(self.look()))?;
                    continue;
                }
            }
            return Ok(Next::Question);
        }
    }

    fn show(
        &mut self,
        question: &Question,
        path: &Path,
        was: crate::plan::Answer,
        variant: Variant,
    ) -> Result<(), Stop> {
        let (number, of) = self.round.progress();
        let look = self.look();
        let standing = Standing { path, number, of, was, variant };
        self.console.page(&screen::hunks(question, &standing, look))?;
        self.console.show(&screen::meaning(question, &standing, look))?;
        Ok(())
    }

    /// Lets the person edit the resource. Gives the text of the file, once it is sound and wanted.
    fn edit(&mut self, desk: &Desk, question: &Question) -> Result<Option<String>, Stop> {
        let Some(excerpt) = desk.editable(question) else {
            self.say("no resource changes here, so there is nothing to edit\n")?;
            return Ok(None);
        };
        let extension = match desk.path.extension() {
            Some(extension) => format!(".{}", extension.to_string_lossy()),
            None => ".yaml".to_owned(),
        };
        let mut text = excerpt.text.clone();
        loop {
            match self.console.edit(&text, &extension)? {
                Edited::Text(edited) => text = edited,
                Edited::Unsaved => {
                    self.say("the editor was left without saving; nothing is changed\n")?;
                    return Ok(None);
                }
                Edited::Failed(why) => {
                    self.say(&format!(
                        "the editor failed: {why}\nset VISUAL or EDITOR to a working one; nothing is changed\n"
                    ))?;
                    return Ok(None);
                }
            }
            let (catalog, options) = (self.setting.catalog, self.setting.options);
            match desk.revision(catalog, options, question, &excerpt, &text) {
                Ok(revision) => {
                    let look = self.look();
                    let changes =
                        crate::report::numbered(&question.before, &revision.text, look.context, look.paint);
                    self.console.page(&changes)?;
                    self.console.show(&screen::revision(&revision, look))?;
                    if self.console.confirm("Take your text?", is_harmless(&revision.rewrite))? {
                        return Ok(Some(revision.text));
                    }
                }
                Err(why) => {
                    let what = format!("`{}` cannot be used so", excerpt.id);
                    let what = self.console.paint().removed(what).to_string();
                    self.say(&format!("{what}: {why}\n"))?;
                }
            }
            if !self.console.confirm("Edit it again?", true)? {
                self.say("your text is dropped; the proposal stands\n")?;
                return Ok(None);
            }
        }
    }

    fn ignore(&mut self, desk: &Desk, question: &Question) -> Result<bool, Stop> {
        let reason = self.console.line("Why is it ignored? (empty: go back)")?;
        if reason.trim().is_empty() {
            return Ok(false);
        }
        let (catalog, options) = (self.setting.catalog, self.setting.options);
        let asked = |desk: &Desk| -> Result<bool, Failure> {
            let questions = desk.questions(catalog, options)?;
            Ok(questions.iter().any(|rewrite| rewrite.fingerprint == question.rewrite.fingerprint))
        };
        match desk.ignored(&question.rewrite, &reason) {
            // A comment that is not heeded there would be noise.
            Some(ignored) if !asked(&ignored)? => {
                self.round.replace(ignored)?;
                Ok(true)
            }
            _ => {
                self.say("there is no room for a comment at this place; answer n to skip it this time\n")?;
                Ok(false)
            }
        }
    }

    fn explanation(&self, question: &Question) -> String {
        let hazards = question.rewrite.hazards.iter().map(|hazard| hazard.id);
        let mut out = Vec::new();
        for id in question.rewrite.profile.split(", ").chain(hazards) {
            if let Ok(found) = topic(id, self.setting.catalog) {
                let look = self.look();
                let written =
                    write_explanation(&mut out, found, self.setting.catalog, look.paint, Some(look.width()));
                written.expect("impossible: writing to memory does not fail");
                out.push(b'\n');
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Whether the person really wants to go, if that loses something.
    fn leave(&mut self) -> Result<bool, Stop> {
        let taken = self.round.items().iter().any(|item| self.round.answer_of(item).take == Some(true));
        let edited = self.round.desks().iter().any(|desk| desk.draft().is_some());
        if !taken && !edited {
            return Ok(true);
        }
        Ok(self.console.confirm("Quit, and write nothing of what was taken?", false)?)
    }

    /// Shows what all answers come to, and asks whether to write it.
    fn end(&mut self) -> Result<Next, Stop> {
        let (catalog, options) = (self.setting.catalog, self.setting.options);
        let mut settled: Vec<(usize, Settled)> = Vec::new();
        for (number, desk) in self.round.desks().iter().enumerate() {
            let result = desk.settle(catalog, options)?;
            if result.text != desk.original().text() {
                settled.push((number, result));
            }
        }
        let desks = self.round.desks().to_vec();
        let look = self.look();
        if settled.is_empty() {
            let open = self.round.open();
            if open == 0 || self.console.confirm("Nothing is taken. Leave without writing?", true)? {
                return Ok(Next::Done(Ending::Nothing));
            }
            self.round.reopen();
            return Ok(Next::Question);
        }
        let files: Vec<(&Path, &str, &Settled)> = settled
            .iter()
            .map(|(number, result)| (desks[*number].path.as_path(), desks[*number].original().text(), result))
            .collect();
        self.console.page(&screen::whole(&files, look))?;
        self.console.show(&screen::totals(&files, self.round.open(), options.phase, look))?;
        let prompt = format!("Write {}?", screen::count(files.len(), "file"));
        if self.console.confirm(&prompt, false)? {
            let replacement = |(desk, result): &(usize, Settled)| Replacement {
                desk: *desk,
                before: desks[*desk].original().clone(),
                after: result.text.clone(),
                rewrites: result.rewrites,
                comments: result.comments,
            };
            return Ok(Next::Done(Ending::Write(settled.iter().map(replacement).collect())));
        }
        if self.console.confirm("Go back to the rewrites?", true)? {
            self.round.reopen();
            return Ok(Next::Question);
        }
        Ok(Next::Done(Ending::Quit))
    }
}

//! Where the session stands: which rewrites there are to answer in all files, which is asked now, and how to go back. Knows
//! neither how a question looks nor where keys come from.

use super::desk::{Desk, Failure};
use crate::catalog::Catalog;
use crate::plan::{Answer, Options, Rewrite, Variant};
use std::collections::BTreeSet;

/// A rewrite to be answered.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Number of its file.
    pub(super) file: usize,
    /// The rewrite, as it would be made if it was the only one.
    pub(super) rewrite: Rewrite,
}

/// All files and all rewrites of a session.
pub(super) struct Round<'a> {
    catalog: &'a Catalog,
    options: &'a Options,
    desks: Vec<Desk>,
    items: Vec<Item>,
    /// Number of the item that is asked; the number of items at the end.
    at: usize,
    history: Vec<Snapshot>,
}

/// The state before an answer.
struct Snapshot {
    at: usize,
    desks: Vec<(usize, Desk)>,
}

impl<'a> Round<'a> {
    pub(super) fn new(catalog: &'a Catalog, options: &'a Options, desks: Vec<Desk>) -> Result<Self, Failure> {
        let mut round = Self { catalog, options, desks, items: Vec::new(), at: 0, history: Vec::new() };
        for file in 0..round.desks.len() {
            let items = round.items_of(file)?;
            round.items.extend(items);
        }
        round.at = round.next_open(0).unwrap_or(round.items.len());
        Ok(round)
    }

    fn items_of(&self, file: usize) -> Result<Vec<Item>, Failure> {
        let rewrites = self.desks[file].questions(self.catalog, self.options)?;
        Ok(rewrites.into_iter().map(|rewrite| Item { file, rewrite }).collect())
    }

    pub(super) fn desks(&self) -> &[Desk] {
        &self.desks
    }

    pub(super) fn items(&self) -> &[Item] {
        &self.items
    }

    /// What is asked now; `None` at the end.
    pub(super) fn current(&self) -> Option<&Item> {
        self.items.get(self.at)
    }

    /// The number of the question and of all, with those that are done by hand.
    pub(super) fn progress(&self) -> (usize, usize) {
        let edited = |desks: &[Desk]| desks.iter().map(Desk::edited).sum::<usize>();
        let file = self.current().map_or(self.desks.len(), |item| item.file + 1);
        (self.at + 1 + edited(&self.desks[..file]), self.items.len() + edited(&self.desks))
    }

    pub(super) fn answer_of(&self, item: &Item) -> Answer {
        self.desks[item.file].answer(&item.rewrite.fingerprint)
    }

    /// Questions without an answer.
    pub(super) fn open(&self) -> usize {
        self.items.iter().filter(|item| self.answer_of(item).take.is_none()).count()
    }

    /// Answers the current question, and goes to the next one that is open.
    pub(super) fn answer(&mut self, take: bool, variant: Variant) {
        let Some(item) = self.current() else { return };
        let file = item.file;
        self.remember([file]);
        self.set(self.at, Answer { take: Some(take), variant });
        self.advance();
    }

    /// Answers the current question and all open ones behind it in its file alike.
    pub(super) fn answer_file(&mut self, take: bool, variant: Variant) {
        let Some(file) = self.current().map(|item| item.file) else { return };
        self.answer_where(take, variant, |item| item.file == file);
    }

    /// Answers the current question and all open ones behind it that do the same to the same profile.
    pub(super) fn answer_alike(&mut self, take: bool, variant: Variant) {
        let Some(nature) = self.current().map(|item| nature(&item.rewrite)) else { return };
        self.answer_where(take, variant, |item| self::nature(&item.rewrite) == nature);
    }

    fn answer_where(&mut self, take: bool, variant: Variant, alike: impl Fn(&Item) -> bool) {
        let open = |round: &Self, at: usize| round.answer_of(&round.items[at]).take.is_none();
        let chosen: Vec<usize> = (self.at..self.items.len())
            .filter(|&at| at == self.at || (alike(&self.items[at]) && open(self, at)))
            .collect();
        let files: BTreeSet<usize> = chosen.iter().map(|&at| self.items[at].file).collect();
        self.remember(files);
        for at in chosen {
            let variant = if at == self.at { variant } else { Variant::default() };
            self.set(at, Answer { take: Some(take), variant });
        }
        self.advance();
    }

    /// Puts another text on the desk of the current file: something edited by hand, or a comment.
    pub(super) fn replace(&mut self, desk: Desk) -> Result<(), Failure> {
        let Some(file) = self.current().map(|item| item.file) else { return Ok(()) };
        self.remember([file]);
        self.desks[file] = desk;
        self.renew(file)?;
        self.advance();
        Ok(())
    }

    /// Takes the last answer back. Tells whether there was one.
    pub(super) fn undo(&mut self) -> Result<bool, Failure> {
        let Some(snapshot) = self.history.pop() else { return Ok(false) };
        for (file, desk) in snapshot.desks {
            self.desks[file] = desk;
            self.renew(file)?;
        }
        self.at = snapshot.at.min(self.items.len());
        Ok(true)
    }

    /// Goes to the next question, or one back. Tells whether there was one.
    pub(super) fn step(&mut self, forward: bool) -> bool {
        let there = match forward {
            true => Some(self.at + 1).filter(|&at| at < self.items.len()),
            false => self.at.checked_sub(1),
        };
        if let Some(at) = there {
            self.at = at;
        }
        there.is_some()
    }

    /// Goes to the end.
    pub(super) fn finish(&mut self) {
        self.at = self.items.len();
    }

    /// Goes back from the end: to what is open, else to the last question.
    pub(super) fn reopen(&mut self) {
        self.at = self.next_open(0).unwrap_or(self.items.len().saturating_sub(1));
    }

    /// The items of one file anew; the others stay.
    fn renew(&mut self, file: usize) -> Result<(), Failure> {
        let items = self.items_of(file)?;
        let start = self.items.iter().take_while(|item| item.file < file).count();
        let end = start + self.items[start..].iter().take_while(|item| item.file == file).count();
        self.items.splice(start..end, items);
        Ok(())
    }

    fn remember(&mut self, files: impl IntoIterator<Item = usize>) {
        let desks = files.into_iter().map(|file| (file, self.desks[file].clone())).collect();
        self.history.push(Snapshot { at: self.at, desks });
    }

    fn set(&mut self, at: usize, answer: Answer) {
        let Item { file, rewrite } = &self.items[at];
        self.desks[*file].set(&rewrite.fingerprint, answer);
    }

    fn advance(&mut self) {
        self.at = self.next_open(self.at).or_else(|| self.next_open(0)).unwrap_or(self.items.len());
    }

    fn next_open(&self, from: usize) -> Option<usize> {
        let open = |at: &usize| self.answer_of(&self.items[*at]).take.is_none();
        (from.min(self.items.len())..self.items.len()).find(open)
    }
}

/// What makes two rewrites alike: the profile, and the actions that come and go.
fn nature(rewrite: &Rewrite) -> (String, BTreeSet<String>, BTreeSet<String>) {
    let actions = |list: &[crate::iam::Permission]| {
        list.iter()
            .filter(|permission| !permission.inert)
            .map(|permission| permission.action.clone())
            .collect()
    };
    (rewrite.profile.clone(), actions(&rewrite.added), actions(&rewrite.removed))
}

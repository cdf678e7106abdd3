//! What the details of all repositories advise: the options that would release most of what is held back, and the one that
//! would drop the most rests. Holds sets of actions and numbers, never a repository.

use super::inert::text;
use super::words::{counted, figure};
use crate::iam::Permission;
use crate::report::advice::flag;
use crate::report::merged::{RewriteRecord, RunRecord};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Most different sets of actions that are kept apart. Real runs have some dozens; the rest goes uncounted.
const SETS: usize = 4096;

/// How many options are advised for what is held back.
const ADVISED: usize = 3;

/// The actions to accept so that a rewrite is within consent.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Release {
    added: BTreeSet<String>,
    removed: BTreeSet<String>,
}

impl Release {
    /// What would release a rewrite that is held back for lack of consent; none where no list of actions would.
    pub(super) fn of(rewrite: &RewriteRecord) -> Option<Self> {
        if !rewrite.is_held() || rewrite.held_by.as_deref() != Some("consent") {
            return None;
        }
        let actions = |list: &[Permission], new: fn(&Permission) -> bool| {
            list.iter().filter(|each| !each.inert && new(each)).map(|each| each.action.clone()).collect()
        };
        let release = Self {
            added: actions(&rewrite.added, |each| !each.is_implied()),
            removed: actions(&rewrite.removed, |_| true),
        };
        Some(release).filter(|release| *release != Self::default())
    }

    /// As options, ready for a shell.
    pub(super) fn flags(&self) -> String {
        let lists = [("--accept-add", &self.added), ("--accept-remove", &self.removed)];
        let lists = lists.iter().filter(|(_, list)| !list.is_empty());
        let flags: Vec<String> =
            lists.map(|(name, list)| flag(name, &list.iter().map(String::as_str).collect())).collect();
        flags.join(" ")
    }

    fn covers(&self, other: &Self) -> bool {
        other.added.is_subset(&self.added) && other.removed.is_subset(&self.removed)
    }
}

/// What is held back and what is kept, over all repositories.
#[derive(Debug, Default)]
pub(super) struct Advice {
    held: BTreeMap<Release, u64>,
    rests: BTreeMap<BTreeSet<String>, u64>,
}

impl Advice {
    /// Takes in one repository.
    pub(super) fn add(&mut self, run: &RunRecord) {
        for file in run.files.iter().filter(|file| !file.has_failed()) {
            for release in file.rewrites.iter().filter_map(Release::of) {
                bump(&mut self.held, release);
            }
            for rewrite in file.taken().filter(|rewrite| !rewrite.kept.is_empty()) {
                bump(&mut self.rests, rewrite.kept.iter().map(|kept| kept.action.clone()).collect());
            }
        }
    }

    /// Writes what follows from it, if anything does. The script of the page moves it to the other next steps.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.held.is_empty() && self.rests.is_empty() {
            return Ok(());
        }
        writeln!(out, "<section id=\"advice\">\n<h2>What would change more</h2>\n<ul class=\"steps\">")?;
        self.items(out)?;
        writeln!(out, "</ul>\n</section>")
    }

    fn items(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut held: Vec<(&Release, u64)> = self.held.iter().map(|(release, own)| (release, *own)).collect();
        held.sort_by_key(|(release, own)| (Reverse(*own), *release));
        for (release, _) in held.into_iter().take(ADVISED) {
            let freed: u64 =
                self.held.iter().filter(|(other, _)| release.covers(other)).map(|(_, own)| own).sum();
            let loses = if release.removed.is_empty() { "" } else { "; the roles lose what it names" };
            writeln!(
                out,
                "<li><code>{}</code> would allow {} of what is held back for lack of consent{loses}.</li>",
                shell(&release.flags()),
                counted(freed, "rewrite", "rewrites"),
            )?;
        }
        let Some((rest, _)) =
            self.rests.iter().max_by_key(|(rest, own)| (**own, Reverse(rest.len()), Reverse(*rest)))
        else {
            return Ok(());
        };
        let dropped: u64 =
            self.rests.iter().filter(|(other, _)| other.is_subset(rest)).map(|(_, own)| own).sum();
        let all: u64 = self.rests.values().sum();
        writeln!(
            out,
            "<li><code>{}</code> would drop {} of the {} that stay beside a connector; the roles lose these actions.</li>",
            shell(&flag("--accept-remove", &rest.iter().map(String::as_str).collect())),
            figure(dropped),
            counted(all, "policy", "policies"),
        )
    }
}

/// Options as markup. A long list of actions may break behind a comma.
fn shell(flags: &str) -> String {
    text(flags).replace(',', ",<wbr>")
}

fn bump<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    if counts.len() < SETS || counts.contains_key(&key) {
        *counts.entry(key).or_default() += 1;
    }
}

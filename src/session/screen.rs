//! What is shown: a question, the help, and the end with the whole of it. Text from values; refuses to know who reads it.

use super::console::Size;
use super::desk::{Question, Revision, Settled, variant_in_words};
use super::key::{KEYS, name};
use crate::iam::Permission;
use crate::plan::{Answer, Comparison, Phase, Variant};
use crate::report::{
    Paint, Unified, effect_in_words, escaped, numbered, wrapped, write_consequences, write_permissions,
    write_question,
};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// The widest line that is drawn, so that a wide screen stays readable.
const WIDEST: usize = 100;

/// How things look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) paint: Paint,
    pub(super) size: Size,
    pub(super) context: usize,
}

impl Look {
    /// How wide a line of words is.
    pub(super) fn width(self) -> usize {
        self.size.columns.clamp(20, WIDEST)
    }
}

/// What a question says about itself.
pub(super) struct Standing<'a> {
    pub(super) path: &'a Path,
    pub(super) number: usize,
    pub(super) of: usize,
    pub(super) was: Answer,
    pub(super) variant: Variant,
}

/// The place in the session and the changed lines.
pub(super) fn hunks(question: &Question, standing: &Standing<'_>, look: Look) -> String {
    let Look { paint, context, .. } = look;
    let path = escaped(&standing.path.to_string_lossy()).into_owned();
    let progress = format!("[{}/{}]", standing.number, standing.of);
    let was = match standing.was.take {
        Some(true) => " (was: y)",
        Some(false) => " (was: n)",
        None => "",
    };
    let rule = "─".repeat(look.width());
    let changes = numbered(&question.before, &question.after, context, paint);
    let changes = match changes.is_empty() {
        true => "no line changes: what it takes away is said elsewhere too\n".to_owned(),
        false => changes,
    };
    format!("{}\n{} {path}{}\n{changes}", paint.faint(rule), paint.strong(progress), paint.mark(was))
}

/// What the rewrite means.
pub(super) fn meaning(question: &Question, standing: &Standing<'_>, look: Look) -> String {
    let mut out = Vec::new();
    let special = variant_in_words(standing.variant, question.rewrite.form);
    let written = write_question(&mut out, &question.rewrite, &question.roles, look.paint);
    written.expect("impossible: writing to memory does not fail");
    let mut out = String::from_utf8_lossy(&out).into_owned();
    if !special.is_empty() {
        line(&mut out, &format!("  alternative: {}", look.paint.mark(special)));
    }
    wrapped(&out, look.width())
}

/// What a person is asked, with what Enter means.
pub(super) fn prompt(proposed: bool, look: Look) -> String {
    let enter = if proposed { 'y' } else { 'n' };
    let keys = match look.size.columns {
        0..70 => "y n a d u j k ? …",
        _ => "y,n,a,d,A,D,u,j,k,Tab,e,i,x,w,q,?",
    };
    format!("{} ", look.paint.strong(format!("Take it? [{keys}] Enter={enter}")))
}

/// The keys, one a line.
pub(super) fn help(look: Look) -> String {
    let mut out = String::new();
    for (key, _, meaning) in KEYS {
        line(&mut out, &format!("  {:<5} {meaning}", name(key)));
    }
    line(&mut out, "  Enter y where no new power is added and nothing is lost, else n");
    line(&mut out, "Nothing is written before the whole has been shown and confirmed.");
    wrapped(&out, look.width())
}

/// What a person's own text does.
pub(super) fn revision(revision: &Revision, look: Look) -> String {
    let Revision { rewrite, roles, .. } = revision;
    let mut out = Vec::new();
    let written = write_consequences(&mut out, rewrite, roles, look.paint);
    written.expect("impossible: writing to memory does not fail");
    let effect = effect_in_words(rewrite.effect, look.paint);
    wrapped(&format!("your text: {effect}\n{}", String::from_utf8_lossy(&out)), look.width())
}

/// The whole diff of the files that change.
pub(super) fn whole(files: &[(&Path, &str, &Settled)], look: Look) -> String {
    let form = Unified { context: look.context, paint: look.paint, for_terminal: true };
    files.iter().map(|(path, before, settled)| form.diff(before, &settled.text, path)).collect()
}

/// What all answers come to, beside the diff.
pub(super) fn totals(files: &[(&Path, &str, &Settled)], open: usize, phase: Phase, look: Look) -> String {
    let paint = look.paint;
    let sum = |of: fn(&Settled) -> usize| files.iter().map(|(.., settled)| of(settled)).sum();
    let made = made(sum(|settled| settled.rewrites), sum(|settled| settled.comments));
    let mut out = String::new();
    let text = format!("{made} in {}", count(files.len(), "file"));
    line(&mut out, &paint.strong(text).to_string());
    for (path, _, settled) in files {
        let Comparison { added, removed, effect, .. } = &settled.comparison;
        let path = escaped(&path.to_string_lossy()).into_owned();
        let (comes, goes) = (live(added), live(removed));
        line(&mut out, &format!("  {path}: {}, {comes} added, {goes} removed", effect.as_str()));
    }
    let mut phrases = Vec::new();
    for (.., settled) in files {
        let comparison = &settled.comparison;
        let written = write_permissions(&mut phrases, paint, (&comparison.added, &comparison.removed, &[]));
        written.expect("impossible: writing to memory does not fail");
    }
    out.push_str(&String::from_utf8_lossy(&phrases));
    let actions: BTreeSet<&str> =
        files.iter().flat_map(|(.., settled)| &settled.deployer_actions).map(String::as_str).collect();
    if !actions.is_empty() {
        let actions: Vec<&str> = actions.into_iter().collect();
        line(&mut out, &format!("whoever deploys this also needs {}", actions.join(", ")));
    }
    if phase == Phase::Both && files.iter().any(|(.., settled)| settled.gap) {
        let gap = "deploying this in one step leaves a moment without these permissions";
        line(&mut out, &format!("{} {gap}; two steps do not:", paint.caution("!")));
        line(&mut out, "    samwire fix --phase add      with the same options and paths; deploy; then");
        line(&mut out, "    samwire fix --phase remove   and deploy again");
    }
    if open > 0 {
        let verb = if open == 1 { "has no answer and is" } else { "have no answer and are" };
        line(&mut out, &format!("{} {verb} left as before", count(open, "rewrite")));
    }
    wrapped(&out, look.width())
}

/// What is new in some texts, counted.
pub(super) fn made(rewrites: usize, comments: usize) -> String {
    let rewritten = count(rewrites, "rewrite");
    let ignored = match comments {
        1 => "1 comment that ignores a rewrite".to_owned(),
        more => format!("{more} comments that ignore rewrites"),
    };
    match (rewrites, comments) {
        (_, 0) => rewritten,
        (0, _) => ignored,
        _ => format!("{rewritten} and {ignored}"),
    }
}

/// A number with its word.
pub(super) fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

fn live(list: &[Permission]) -> usize {
    list.iter().filter(|permission| !permission.inert).count()
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("impossible: writing to a String does not fail");
}

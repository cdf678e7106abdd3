//! What a person sees while repositories are done: on a terminal a bar with the repository at hand, counts and the time that is
//! left, elsewhere a line for each that is finished.

use crate::bulk::Listed;
use crate::cli::terminal::Terminal;
use crate::report::escaped;
use crate::report::merged::{RepoStatus, Row};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// Shows how far a run is.
pub(super) struct Watch {
    bar: Option<ProgressBar>,
    terminal: Terminal,
    quiet: bool,
    total: usize,
    done: usize,
    changed: usize,
    bad: usize,
}

/// How a run is shown.
pub(super) struct Look {
    /// Whether a bar may be drawn, if there is a terminal for it.
    pub(super) bar: bool,
    /// Whether only errors are told.
    pub(super) quiet: bool,
}

impl Watch {
    /// Begins with `total` repositories, of which `done` are finished already.
    pub(super) fn new(total: usize, done: usize, look: &Look, terminal: Terminal) -> Self {
        let bar = look.bar && !look.quiet && terminal.draws();
        let bar = bar.then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr_with_hz(10));
            let style =
                ProgressStyle::with_template("{bar:24} {pos}/{len}  {prefix}  {eta} left  {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
            // Of what was done before nobody knows how long it took.
            bar.set_position(done as u64);
            bar.reset_eta();
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        Self { bar, terminal, quiet: look.quiet, total, done, changed: 0, bad: 0 }
    }

    /// A repository is begun.
    pub(super) fn begin(&self, listed: &Listed) {
        if let Some(bar) = &self.bar {
            bar.set_message(listed.key.as_str().to_owned());
        }
    }

    /// A repository is finished.
    pub(super) fn finish(&mut self, row: &Row) {
        self.done += 1;
        self.changed += usize::from(matches!(row.status, RepoStatus::Changed | RepoStatus::WouldChange));
        self.bad += usize::from(row.status.is_bad());
        let line = line(row);
        match &self.bar {
            Some(bar) => {
                if row.status.is_bad() {
                    bar.suspend(|| self.terminal.err(format!("{line}\n").as_bytes()));
                }
                bar.set_prefix(format!("{} with changes, {} failed", self.changed, self.bad));
                bar.set_position(self.done as u64);
            }
            None if !self.quiet || row.status.is_bad() => {
                self.terminal.err(format!("[{}/{}] {line}\n", self.done, self.total).as_bytes());
            }
            None => {}
        }
    }

    /// How many are finished.
    pub(super) fn done(&self) -> usize {
        self.done
    }

    /// Clears the bar.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// What became of a repository, on one line.
fn line(row: &Row) -> String {
    let mut line = format!("{}: {}", row.key, row.status.as_str());
    let figures = &row.figures;
    if figures.rewrites > 0 {
        let plural = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        line += &format!(", {} in {}", plural(figures.rewrites, "rewrite"), plural(figures.changed, "file"));
    }
    if let Some(message) = row.message.as_ref().filter(|_| row.status.is_bad()) {
        line += &format!(" ({message})");
    }
    escaped(&line).into_owned()
}

//! Many repositories for people at a terminal: those that somebody has to look at first, then the sums and what to do next.

use super::figures::Counts;
use super::row::Row;
use super::status::RepoStatus;
use super::sum::Merged;
use super::told;
use crate::report::escape::escaped;
use crate::report::paint::Paint;
use std::io::{self, Write};
use textwrap::core::{Word, display_width};

/// Least columns of a name that is cut.
const LEAST_NAME: usize = 16;

/// Most columns of a name where the width is known: so much is left to what is beside it.
const MOST_NAME: usize = 48;

/// How many reasons and hazards are listed.
const LISTED: usize = 8;

/// A column of numbers: its head, and what stands in it.
type Column = (&'static str, fn(&Row) -> u64);

/// A list of counts: its title, the counts, and what their words mean.
type List<'a> = (&'static str, &'a Counts, fn(&str) -> &'static str);

/// The numbers of a row, with the head of each column.
const NUMBERS: [Column; 7] = [
    ("files", |row| row.figures.files),
    ("changed", |row| row.figures.changed),
    ("rewrites", |row| row.figures.rewrites),
    ("held", |row| row.figures.held),
    ("left", |row| row.figures.left_alone),
    ("new", |row| row.figures.new_power),
    ("removed", |row| row.figures.removed),
];

/// How a table is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct TableOptions {
    /// Colours.
    pub paint: Paint,
    /// Columns of the screen; without it nothing is cut.
    pub width: Option<usize>,
    /// Whether repositories in which nothing happened have a line each, instead of being counted.
    pub everything: bool,
}

/// Writes the table, in the order of the rows, and the sums.
pub fn write_merged_table(out: &mut dyn Write, merged: &Merged, options: TableOptions) -> io::Result<()> {
    let quiet = |row: &&Row| {
        matches!(row.status, RepoStatus::Skipped | RepoStatus::Nothing | RepoStatus::NoTemplates)
    };
    let shown: Vec<&Row> = merged.rows.iter().filter(|row| options.everything || !quiet(row)).collect();
    if !shown.is_empty() {
        Columns::of(&shown, options).write(out, &shown)?;
    }
    let hidden = merged.rows.len() - shown.len();
    if hidden > 0 && !shown.is_empty() {
        let rest = told::counted(hidden as u64, "repository", "repositories");
        writeln!(out, "{}", options.paint.faint(format!("and {rest} with nothing to tell (-v lists all)")))?;
    }
    if !shown.is_empty() {
        writeln!(out)?;
    }
    sums(out, merged, options)
}

/// Widths of the columns.
struct Columns {
    options: TableOptions,
    status: usize,
    name: usize,
    numbers: [usize; NUMBERS.len()],
}

impl Columns {
    fn of(rows: &[&Row], options: TableOptions) -> Self {
        let widest = |width: &dyn Fn(&Row) -> usize, least: usize| {
            rows.iter().map(|row| width(row)).max().unwrap_or_default().max(least)
        };
        let numbers = NUMBERS.map(|(head, number)| widest(&|row| number(row).to_string().len(), head.len()));
        let status = widest(&|row| row.status.as_str().len(), "status".len());
        let mut name = widest(&|row| display_width(&name(row)), "repository".len());
        if let Some(width) = options.width {
            let beside: usize = status + numbers.iter().map(|number| number + 2).sum::<usize>() + 4;
            name = name.min(width.saturating_sub(beside).clamp(LEAST_NAME, MOST_NAME));
        }
        Self { options, status, name, numbers }
    }

    fn write(&self, out: &mut dyn Write, rows: &[&Row]) -> io::Result<()> {
        let heads = NUMBERS.map(|(head, _)| head.to_owned());
        let line = self.line("repository", &heads, "");
        let head = format!("{:width$}  {line}", "status", width = self.status);
        writeln!(out, "{}", self.options.paint.strong(head.trim_end()))?;
        for row in rows {
            let status = format!("{:width$}", row.status.as_str(), width = self.status);
            let paint = self.options.paint;
            match row.status {
                RepoStatus::Failed => write!(out, "{}", paint.removed(status))?,
                RepoStatus::Partial | RepoStatus::Skipped => write!(out, "{}", paint.caution(status))?,
                RepoStatus::Changed | RepoStatus::WouldChange => write!(out, "{}", paint.added(status))?,
                RepoStatus::Nothing | RepoStatus::NoTemplates => write!(out, "{}", paint.faint(status))?,
            }
            let numbers = NUMBERS.map(|(_, number)| number(row).to_string());
            let line = self.line(&cut(&name(row), self.name), &numbers, &escaped(&told::note(row)));
            writeln!(out, "  {}", line.trim_end())?;
        }
        Ok(())
    }

    fn line(&self, name: &str, numbers: &[String], note: &str) -> String {
        let mut line = name.to_owned();
        line.push_str(&" ".repeat(self.name.saturating_sub(display_width(name))));
        for (number, width) in numbers.iter().zip(self.numbers) {
            line.push_str(&format!("  {number:>width$}"));
        }
        line.push_str("  ");
        match self.options.width {
            // The status and the gap behind it stand before the line.
            Some(width) => {
                let room = width.saturating_sub(self.status + 2 + display_width(&line));
                line.push_str(&cut(note, room));
            }
            None => line.push_str(note),
        }
        line
    }
}

/// What a repository is called here: its key, which no other one of its run has.
fn name(row: &Row) -> String {
    escaped(&row.key).into_owned()
}

/// The text, cut to so many columns.
fn cut(text: &str, columns: usize) -> String {
    if display_width(text) <= columns {
        return text.to_owned();
    }
    let kept = Word::from(text).break_apart(columns.saturating_sub(1).max(1)).next();
    kept.filter(|_| columns > 1).map_or_else(String::new, |word| format!("{}…", word.word))
}

fn sums(out: &mut dyn Write, merged: &Merged, options: TableOptions) -> io::Result<()> {
    let TableOptions { paint, width: screen, .. } = options;
    let figures = &merged.total.figures;
    let lists: [List<'_>; 3] = [
        ("left alone most often", &figures.reasons, told::reason),
        ("findings", &figures.findings, told::finding),
        ("hazards", &figures.hazards, told::hazard),
    ];
    for (title, counts, meaning) in lists {
        let ranked = told::ranked(counts);
        if ranked.is_empty() {
            continue;
        }
        writeln!(out, "{title} (`samwire explain ID` says why):")?;
        let ids: Vec<(String, &str, u64)> =
            ranked.iter().take(LISTED).map(|(id, n)| (escaped(id).into_owned(), *id, *n)).collect();
        let width = ids.iter().map(|(shown, ..)| display_width(shown)).max().unwrap_or_default();
        for (shown, id, count) in ids {
            let gap = " ".repeat(width - display_width(&shown));
            // The number, the id and the gaps stand before it.
            let room = screen.map(|screen| screen.saturating_sub(width + 10));
            let meaning = room.map_or_else(|| meaning(id).to_owned(), |room| cut(meaning(id), room));
            let line = format!("{count:6}  {}{gap}  {meaning}", paint.mark(shown));
            writeln!(out, "{}", line.trim_end())?;
        }
        if ranked.len() > LISTED {
            writeln!(out, "        and {} more kinds", ranked.len() - LISTED)?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{}", paint.strong(told::repositories(&merged.total)))?;
    let fold = |line: &str| folded(line, screen);
    writeln!(out, "{}", fold(&escaped(&told::work(figures))))?;
    for line in told::permissions(figures).into_iter().chain(told::before_deploying(figures)) {
        writeln!(out, "{}", fold(&escaped(&line)))?;
    }
    if let Some((head, lines)) = told::mixed(merged) {
        writeln!(out, "{} {}", paint.caution("note:"), escaped(&head))?;
        for line in lines {
            writeln!(out, "  {}", escaped(&line))?;
        }
    }
    for step in told::next_steps(merged) {
        writeln!(out, "{}", fold(&step))?;
    }
    Ok(())
}

/// The line, broken between words where the screen ends.
fn folded(line: &str, screen: Option<usize>) -> String {
    match screen {
        Some(screen) => textwrap::fill(line, textwrap::Options::new(screen).subsequent_indent("  ")),
        None => line.to_owned(),
    }
}

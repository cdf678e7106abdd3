//! The table for people: per principal and resource what may be done and where it comes from, and below it what the table
//! does not show.

use super::GrantsReport;
use super::words::{actions, nature, origin, place, short};
use crate::check::{GrantTable, HeldGrant, Holder, UnreadKind};
use crate::report::count::counted;
use crate::report::escape::{escaped, portable};
use crate::report::model::Status;
use crate::report::paint::Paint;
use std::collections::BTreeMap;
use std::io::{self, Write};
use textwrap::core::display_width;

/// Widest that the columns of places and of actions may get before their text pushes the next one aside, in terminal
/// columns.
const MAX_WIDTHS: [usize; 2] = [44, 64];

/// How many events are told of one by one.
const MAX_EVENTS: usize = 2;

/// Writes the tables of all files; `verbose` names every action, inert pairs and files that were not looked into, and gives
/// places.
pub fn write_grants_table(
    out: &mut dyn Write,
    files: &[GrantsReport],
    paint: Paint,
    verbose: bool,
    filtered: bool,
) -> io::Result<()> {
    let (mut principals, mut incomplete, mut tables) = (0, 0, 0);
    for file in files {
        let path = escaped(&portable(&file.path)).into_owned();
        let Some((source, table)) = &file.answer else {
            if let Some(problem) = file.problem.as_ref().filter(|_| verbose && file.status == Status::Skipped)
            {
                writeln!(out, "{path}  {}  {}\n", paint.faint("skipped"), escaped(&problem.what))?;
            }
            continue;
        };
        tables += 1;
        writeln!(out, "{}", paint.strong(&path))?;
        let at = |grant: &HeldGrant| {
            let at = source.position(grant.location.span.start);
            format!("{}:{}", at.line, at.column)
        };
        for holder in &table.holders {
            write_holder(out, holder, paint, verbose, &at)?;
            principals += 1;
        }
        write_unread(out, table, paint, verbose, |byte| source.position(byte).line)?;
        incomplete += usize::from(!table.is_complete());
        writeln!(out)?;
    }
    let mut line = format!("{}, {}", counted(tables, "template"), counted(principals, "principal"));
    if incomplete > 0 {
        line += &format!("; {} not wholly read", counted(incomplete, "template"));
    }
    if filtered {
        line += "; only what --source and --destination select";
    }
    writeln!(out, "{}", paint.strong(line))
}

/// Grants that share a row: what they are on, the words about how, and where they come from.
#[derive(PartialEq)]
struct Row {
    place: String,
    limits: String,
    origin: String,
    at: String,
    actions: Vec<String>,
}

fn write_holder(
    out: &mut dyn Write,
    holder: &Holder,
    paint: Paint,
    verbose: bool,
    at: &dyn Fn(&HeldGrant) -> String,
) -> io::Result<()> {
    writeln!(out, "  {}  {}", paint.mark(escaped(&holder.name)), paint.faint(escaped(&nature(holder))))?;
    let mut rows: Vec<Row> = Vec::new();
    let mut inert = 0;
    for grant in &holder.grants {
        if grant.permission.inert && !verbose {
            inert += 1;
            continue;
        }
        let at = if verbose { at(grant) } else { String::new() };
        let (place, limits, origin) =
            (if verbose { place(grant) } else { short(&place(grant)) }, limits(grant), origin(&grant.origin));
        let action = grant.permission.action.clone();
        let same = |row: &&mut Row| {
            row.place == place && row.limits == limits && row.origin == origin && row.at == at
        };
        match rows.iter_mut().find(same) {
            Some(row) => row.actions.push(action),
            None => rows.push(Row { place, limits, origin, at, actions: vec![action] }),
        }
    }
    if rows.is_empty() {
        let none = if inert == 0 { "nothing" } else { "nothing that IAM can match" };
        writeln!(out, "    {}", paint.faint(none))?;
    }
    let lines: Vec<[String; 3]> = rows
        .iter()
        .map(|row| {
            let names: Vec<&str> = row.actions.iter().map(String::as_str).collect();
            let tail =
                if row.at.is_empty() { row.origin.clone() } else { format!("{} {}", row.origin, row.at) };
            [
                escaped(&row.place).into_owned(),
                escaped(&actions(&names, verbose)).into_owned(),
                escaped(&tail).into_owned(),
            ]
        })
        .collect();
    let width = |column: usize| {
        lines.iter().map(|line| display_width(&line[column])).max().unwrap_or(0).min(MAX_WIDTHS[column])
    };
    let widths = [width(0), width(1)];
    for (row, line) in rows.iter().zip(&lines) {
        write!(
            out,
            "    {}  {}  {}",
            padded(&line[0], widths[0]),
            padded(&line[1], widths[1]),
            paint.faint(&line[2])
        )?;
        if !row.limits.is_empty() {
            write!(out, "  {}", paint.caution(escaped(&row.limits)))?;
        }
        writeln!(out)?;
    }
    if inert > 0 && !rows.is_empty() {
        let what = format!("and {} that IAM never matches (-v)", counted(inert, "pair"));
        writeln!(out, "    {}", paint.faint(what))?;
    }
    Ok(())
}

fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(display_width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// What limits a grant: that it is a denial, its condition, when it exists, that it is inert.
fn limits(grant: &HeldGrant) -> String {
    let permission = &grant.permission;
    let mut words = Vec::new();
    if permission.deny {
        words.push("DENY".to_owned());
    }
    words.extend(permission.condition.as_ref().map(|condition| format!("if {condition}")));
    words.extend(permission.when.as_ref().map(|when| format!("when {when}")));
    if permission.inert {
        words.push("inert: IAM never matches this".to_owned());
    }
    words.join("; ")
}

fn write_unread(
    out: &mut dyn Write,
    table: &GrantTable,
    paint: Paint,
    verbose: bool,
    line: impl Fn(u32) -> u32,
) -> io::Result<()> {
    let mut shown: BTreeMap<(UnreadKind, String), Vec<u32>> = BTreeMap::new();
    let events: Vec<_> = table.unread.iter().filter(|unread| unread.kind == UnreadKind::Event).collect();
    let gathered = !verbose && events.len() > MAX_EVENTS;
    for unread in table.unread.iter().filter(|unread| verbose || unread.kind != UnreadKind::Trust) {
        if gathered && unread.kind == UnreadKind::Event {
            continue;
        }
        let who = unread.principal.as_ref().map(|principal| format!("{principal}: ")).unwrap_or_default();
        shown
            .entry((unread.kind, format!("{who}{}", unread.message)))
            .or_default()
            .push(line(unread.location.span.start));
    }
    for ((kind, message), lines) in shown {
        let word = match kind {
            UnreadKind::Dead => paint.faint("grants nothing").to_string(),
            UnreadKind::Boundary => paint.caution("limited").to_string(),
            UnreadKind::Trust => paint.faint("not judged").to_string(),
            _ => paint.caution("not shown").to_string(),
        };
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        writeln!(out, "  {word}: {} (line {})", escaped(&message), lines.join(", "))?;
    }
    if gathered {
        let word = paint.caution("not shown");
        writeln!(out, "  {word}: what SAM generates for {} events (-v lists them)", events.len())?;
    }
    Ok(())
}

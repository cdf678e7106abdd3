//! The frame of the table of repositories, which the script fills, and the plain table for a browser without one.

use super::inert::text;
use super::words::{self, counted, figure};
use crate::report::merged::{Counts, Row, Sum};
use std::io::{self, Write};

/// Repositories in the table for browsers without a script.
const PLAIN: usize = 1000;

/// Choices of one kind in a control; what is rarer can be found by nobody's eye.
const CHOICES: usize = 200;

/// The columns: the id by which the script sorts, and the heading.
const COLUMNS: [(&str, &str); 11] = [
    ("repo", "Repository"),
    ("status", "Status"),
    ("changed", "Templates"),
    ("rewrites", "Rewrites"),
    ("held", "Held back"),
    ("left_alone", "Left alone"),
    ("added", "Added"),
    ("new_power", "New power"),
    ("removed", "Removed"),
    ("kept", "Kept"),
    ("findings", "Findings"),
];

/// The headings above those: four columns count permissions.
const GROUPS: &str = "<tr><td colspan=\"6\"></td><th class=\"group\" colspan=\"4\" scope=\"colgroup\">Permissions</th><td></td></tr>\n";

/// Writes the controls and the empty table.
pub(super) fn write_frame(out: &mut dyn Write, sum: &Sum) -> io::Result<()> {
    let total = &sum.figures;
    writeln!(
        out,
        "<section id=\"repositories\" aria-labelledby=\"repositories-title\" tabindex=\"-1\" hidden>\n\
         <h2 id=\"repositories-title\">Repositories</h2>\n\
         <form class=\"controls\" role=\"search\">\n\
         <label>Find (press / to come here)<input name=\"q\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></label>"
    )?;
    let choices =
        sum.statuses.iter().map(|(status, count)| (status.as_str(), words::status(*status), *count));
    select(out, "status", "Status", |out| choices.clone().try_for_each(|choice| option(out, "", choice)))?;
    let choices = words::EFFECTS.iter().filter_map(|(id, _)| Some((*id, *id, *total.effects.get(*id)?)));
    select(out, "effect", "Effect", |out| choices.clone().try_for_each(|choice| option(out, "", choice)))?;
    select(out, "why", "Reason, hazard or connection", |out| {
        group(out, "Left alone", "reason:", &total.reasons)?;
        group(out, "Held back by", "held:", &total.held_by)?;
        group(out, "Before deploying", "hazard:", &total.hazards)?;
        group(out, "Findings", "finding:", &total.findings)?;
        group(out, "Connections", "profile:", &total.profiles)
    })?;
    writeln!(
        out,
        "<button class=\"plain-button\" type=\"reset\">Show all</button>\n</form>\n\
         <p class=\"count\" role=\"status\"></p>\n\
         <div class=\"frame\" role=\"region\" aria-labelledby=\"repositories-title\" tabindex=\"0\">\n\
         <table class=\"repositories\" aria-labelledby=\"repositories-title\">\n<thead>{GROUPS}<tr>"
    )?;
    for (id, heading) in COLUMNS {
        writeln!(
            out,
            "<th scope=\"col\" data-column=\"{id}\" aria-sort=\"none\"><button type=\"button\">{heading}</button></th>"
        )?;
    }
    writeln!(
        out,
        "</tr></thead>\n<tbody></tbody>\n</table>\n</div>\n\
         <nav class=\"pager\" aria-label=\"Pages of the table\">\
         <button class=\"plain-button back\" type=\"button\">Back</button><span></span>\
         <button class=\"plain-button on\" type=\"button\">Next</button></nav>\n</section>"
    )
}

fn select(
    out: &mut dyn Write,
    name: &str,
    label: &str,
    options: impl Fn(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    writeln!(out, "<label>{label}<select name=\"{name}\"><option value=\"\">any</option>")?;
    options(out)?;
    writeln!(out, "</select></label>")
}

fn group(out: &mut dyn Write, label: &str, prefix: &str, counts: &Counts) -> io::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    writeln!(out, "<optgroup label=\"{label}\">")?;
    for (id, count) in counts.iter().take(CHOICES) {
        option(out, prefix, (id, id, *count))?;
    }
    writeln!(out, "</optgroup>")
}

fn option(out: &mut dyn Write, prefix: &str, (id, label, count): (&str, &str, u64)) -> io::Result<()> {
    writeln!(out, "<option value=\"{prefix}{}\">{} ({})</option>", value(id), text(label), figure(count))
}

/// An attribute that a script reads back as it was: what steers stays, what is markup is escaped.
fn value(id: &str) -> String {
    // A parser makes line feeds of plain carriage returns.
    id.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('\r', "&#13;")
}

/// Writes the table for browsers that run no script.
pub(super) fn write_plain(out: &mut dyn Write, rows: &[&Row]) -> io::Result<()> {
    writeln!(out, "<noscript><section>\n<h2 id=\"plain\">Repositories</h2>")?;
    let shown = rows.len().min(PLAIN);
    let all = counted(rows.len() as u64, "repository", "repositories");
    if shown < rows.len() {
        writeln!(out, "<p class=\"count\">The first {} of {all}. ", figure(shown as u64))?;
    } else {
        writeln!(out, "<p class=\"count\">{all}. ")?;
    }
    writeln!(out, "Filters, sorting and the changes themselves need JavaScript.</p>")?;
    writeln!(
        out,
        "<div class=\"frame\"><table class=\"repositories\" aria-labelledby=\"plain\">\n<thead>{GROUPS}<tr>"
    )?;
    for (_, heading) in COLUMNS {
        writeln!(out, "<th scope=\"col\">{heading}</th>")?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for row in rows.iter().take(PLAIN) {
        let figures = &row.figures;
        write!(
            out,
            "<tr><th scope=\"row\"><bdi>{}</bdi></th><td><span class=\"status {}\">{}</span></td>",
            text(&row.key),
            row.status.as_str(),
            words::status(row.status)
        )?;
        for number in [
            figures.changed,
            figures.rewrites,
            figures.held,
            figures.left_alone,
            figures.added,
            figures.new_power,
            figures.removed,
            figures.kept,
            figures.errors.saturating_add(figures.warnings),
        ] {
            write!(out, "<td>{}</td>", figure(number))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody>\n</table></div>\n</section></noscript>")
}

//! The charts: bars with their figures. Each is a table, so that it can be read without seeing it, and each of its lines is a
//! link that filters the repositories.

use super::inert::{query, text};
use super::words::{self, figure};
use crate::report::merged::told::ranked;
use crate::report::merged::{Counts, RepoStatus, Sum};
use std::io::{self, Write};

/// Lines of a chart before the rest is one line.
const LINES: usize = 8;

/// One line of a chart.
struct Line {
    label: String,
    /// The view of the table that it leads to; none for the rest of a chart.
    view: Option<String>,
    count: u64,
    /// The class of its bar; empty for the accent colour.
    class: &'static str,
}

/// Writes every chart that has something to show.
pub(super) fn write_charts(out: &mut dyn Write, sum: &Sum) -> io::Result<()> {
    let total = &sum.figures;
    writeln!(
        out,
        "<section aria-labelledby=\"charts\">\n<h2 id=\"charts\">Overview</h2>\n<div class=\"charts\">"
    )?;
    let lines = sum.statuses.iter().map(|(status, count)| Line {
        label: words::status(*status).to_owned(),
        view: Some(format!("status={}", status.as_str())),
        count: *count,
        class: match status {
            RepoStatus::Failed => "bad",
            RepoStatus::Partial => "care",
            RepoStatus::Changed | RepoStatus::WouldChange => "",
            RepoStatus::Skipped | RepoStatus::Nothing | RepoStatus::NoTemplates => "plain",
        },
    });
    chart(out, "Repositories by status", lines.collect())?;
    let known = words::EFFECTS.iter().filter_map(|(id, _)| Some((*id, *total.effects.get(*id)?)));
    let lines = known.map(|(id, count)| Line {
        label: id.to_owned(),
        view: Some(format!("effect={id}")),
        count,
        class: if matches!(id, "same" | "equivalent") { "" } else { "care" },
    });
    chart(out, "Rewrites by effect on permissions", lines.collect())?;
    for (title, kind, counts, class) in [
        ("Left alone, by reason", "reason", &total.reasons, "plain"),
        ("Rewrites by connection", "profile", &total.profiles, ""),
        ("Held back, by what holds them", "held", &total.held_by, "plain"),
        ("To know before deploying", "hazard", &total.hazards, "plain"),
    ] {
        chart(out, title, most_first(kind, counts, class))?;
    }
    writeln!(out, "</div>\n</section>")
}

/// The lines of counts, the largest first.
fn most_first(kind: &str, counts: &Counts, class: &'static str) -> Vec<Line> {
    let sorted = ranked(counts);
    let whole = if sorted.len() > LINES { LINES - 1 } else { LINES };
    let rest: u64 = sorted.iter().skip(whole).fold(0, |sum, (_, count)| sum.saturating_add(*count));
    let others = sorted.len().saturating_sub(whole);
    let mut lines: Vec<Line> = sorted
        .into_iter()
        .take(whole)
        .map(|(id, count)| Line {
            label: id.to_owned(),
            view: Some(format!("why={kind}%3A{}", query(id))),
            count,
            class,
        })
        .collect();
    if others > 0 {
        lines.push(Line { label: format!("{others} others"), view: None, count: rest, class });
    }
    lines
}

fn chart(out: &mut dyn Write, title: &str, lines: Vec<Line>) -> io::Result<()> {
    let Some(longest) = lines.iter().map(|line| line.count).max().filter(|longest| *longest > 0) else {
        return Ok(());
    };
    writeln!(out, "<table class=\"chart\">\n<caption>{title}</caption>")?;
    for Line { label, view, count, class } in &lines {
        let label = match view {
            Some(view) => format!("<a href=\"#{view}\">{}</a>", text(label)),
            None => text(label),
        };
        // Something is always to be seen of a bar that stands for something.
        let width = (*count as f64 / longest as f64 * 100.0).max(0.6);
        writeln!(
            out,
            "<tr><th scope=\"row\">{label}</th><td><svg class=\"bar\" aria-hidden=\"true\">\
             <rect class=\"track\" width=\"100%\" height=\"100%\" rx=\"2\"/>\
             <rect class=\"{class}\" width=\"{width:.1}%\" height=\"100%\" rx=\"2\"/></svg></td><td>{}</td></tr>",
            figure(*count)
        )?;
    }
    writeln!(out, "</table>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rare_is_one_line_and_hostile_words_stay_words() {
        let mut counts: Counts = (1..=9).map(|count| (format!("id-{count}"), count)).collect();
        counts.insert("\"><b>".into(), 99);
        let mut out = Vec::new();
        chart(&mut out, "T", most_first("reason", &counts, "")).unwrap();
        let page = String::from_utf8(out).unwrap();
        assert!(page.contains("<a href=\"#why=reason%3A%22%3E%3Cb%3E\">&quot;&gt;&lt;b&gt;</a>"), "{page}");
        assert!(page.contains("<th scope=\"row\">3 others</th>") && page.contains("<td>6</td>"), "{page}");
        assert_eq!(page.matches("<tr>").count(), LINES);
    }

    #[test]
    fn nothing_has_no_chart() {
        let mut out = Vec::new();
        chart(&mut out, "T", most_first("reason", &Counts::new(), "")).unwrap();
        assert!(out.is_empty());
    }
}

//! `report.html`: the merged report as one file that needs nothing else. Writes the rows first and the details one repository
//! at a time, so that memory is bounded by the rows; knows nothing of where either comes from.

mod advice;
mod charts;
mod detail;
mod inert;
mod summary;
mod table;
mod words;

use super::{Details, Merged, Row};
use advice::Advice;
use detail::Detail;
use std::io::{self, Write};
use summary::Summary;

/// The script of the page.
const SCRIPT: &str = include_str!("page.js");

/// The style sheet of the page.
const STYLE: &str = include_str!("page.css");

/// Writes the page. The details of each repository are asked for one after the other, behind all that the rows say.
pub fn write_merged_html(
    out: &mut dyn Write,
    merged: &Merged,
    version: &str,
    details: &mut Details<'_>,
) -> io::Result<()> {
    let mut rows: Vec<&Row> = merged.rows.iter().collect();
    rows.sort_by_key(|row| (row.status, &row.key, &row.repo));
    let summary = Summary::of(merged);
    write_top(out, &summary)?;
    summary.write_head(out)?;
    writeln!(out, "<main>")?;
    charts::write_charts(out, &merged.total)?;
    summary.write_steps(out)?;
    table::write_frame(out, &merged.total)?;
    table::write_plain(out, &rows)?;
    writeln!(out, "</main>")?;
    write_rows(out, &rows)?;
    data(out, "words", &words::glossary(&merged.total.figures))?;
    // Before the details, so that the page can be used while they are still coming in.
    writeln!(out, "<script>{SCRIPT}</script>")?;
    let mut advice = Advice::default();
    for (number, row) in rows.iter().enumerate() {
        if let Some(run) = details(row) {
            advice.add(&run);
            data(out, &format!("run-{number}"), &Detail::of(&run))?;
        }
    }
    advice.write(out)?;
    writeln!(
        out,
        "<footer>Written by samwire {}. This page is complete in itself: it loads nothing and sends nothing. \
         <code>samwire explain ID</code> says more about every reason, hazard and finding.</footer>\n</body>\n</html>",
        inert::text(version)
    )
}

fn write_top(out: &mut dyn Write, summary: &Summary<'_>) -> io::Result<()> {
    let (policy, title) = (inert::policy(SCRIPT, STYLE), summary.title());
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} · samwire</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#repositories\">Skip to the repositories</a>"
    )
}

fn write_rows(out: &mut dyn Write, rows: &[&Row]) -> io::Result<()> {
    write!(out, "<script type=\"application/json\" id=\"rows\">[")?;
    for (number, row) in rows.iter().enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        inert::write_data(out, row)?;
    }
    writeln!(out, "\n]</script>")
}

fn data(out: &mut dyn Write, id: &str, value: &impl serde::Serialize) -> io::Result<()> {
    write!(out, "<script type=\"application/json\" id=\"{id}\">")?;
    inert::write_data(out, value)?;
    writeln!(out, "</script>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_cannot_end_their_elements_and_are_small() {
        assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--"), "a script would end here");
        assert!(!STYLE.contains('<'));
        assert!(!SCRIPT.contains('\r') && !STYLE.contains('\r'), "digests are of text with plain line ends");
        assert!(SCRIPT.len() + STYLE.len() < 25_000, "{} + {}", SCRIPT.len(), STYLE.len());
        for forbidden in
            ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "http:", "https:"]
        {
            assert!(!SCRIPT.contains(forbidden), "{forbidden}");
        }
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }
}

//! Bytes as a report of an earlier run, or as a template of which everything is written: what is written can be read back, and
//! however strange what is read back is, no format of ours lets it become anything but text.

use super::input::Input;
use super::markup::{check_csv, check_html, check_json, check_lines, check_markdown};
use super::plan::options;
use super::written::{self, text};
use samwire::report::Paint;
use samwire::report::merged::{
    Found, Merged, Order, Reader, Row, RunRecord, TableOptions, Told, write_commit, write_merged_csv,
    write_merged_html, write_merged_json, write_merged_markdown, write_merged_table,
};

pub fn run(data: &[u8]) {
    let mut input = Input::of(data);
    match input.byte() % 4 {
        0 => merge(input.text, false),
        1 => merge(input.text, true),
        _ => {
            let options = options(&mut input);
            let Some((document, lines)) = input.str().and_then(|text| written::all(text, &options)) else {
                return;
            };
            let (one, other) = (whole_runs(document.as_bytes()), whole_runs(lines.as_bytes()));
            assert_eq!(one, other, "a document and lines tell the same");
            merge(document.as_bytes(), false);
        }
    }
}

fn whole_runs(bytes: &[u8]) -> Vec<RunRecord> {
    let told = |found: Found| match found.told {
        Told::Run(run) => Some(*run),
        Told::Row(_) => None,
    };
    let found = Reader::new(bytes).map(|found| found.unwrap_or_else(|flaw| panic!("{flaw}")));
    let runs: Vec<RunRecord> = found.filter_map(told).collect();
    assert_eq!(runs.len(), 1, "one run is one report");
    runs
}

/// Reads reports and writes them in every format.
fn merge(bytes: &[u8], in_lines: bool) {
    let reader = if in_lines { Reader::of_lines(bytes) } else { Reader::new(bytes) };
    let lines = bytes.split(|&byte| byte == b'\n').count() as u64;
    let (mut rows, mut runs) = (Vec::new(), Vec::new());
    for found in reader {
        match found {
            Ok(Found { told, offset }) => {
                assert!(offset <= bytes.len() as u64, "begins behind the end");
                // A reader that starts there finds it again.
                let again = Reader::new(&bytes[offset as usize..]).next();
                let again = again.and_then(Result::ok).map(|found| found.told);
                assert!(in_lines || again.as_ref() == Some(&told), "{told:?} is not found again: {again:?}");
                match told {
                    Told::Row(row) => rows.push((*row, None)),
                    Told::Run(run) => rows.push((Row::of(&run), Some(*run))),
                }
            }
            Err(flaw) => {
                assert!((1..=lines + 1).contains(&flaw.line), "line {} of {lines}", flaw.line);
                check_lines(&samwire::report::escaped(&flaw.to_string()));
            }
        }
    }
    for (row, run) in &rows {
        let mut row = row.clone();
        row.report = Some(row.key.clone());
        runs.extend(run.clone().map(|run| (row, run)));
    }
    write_merged(rows.into_iter().map(|(row, _)| row).collect(), &runs);
}

fn write_merged(mut rows: Vec<Row>, runs: &[(Row, RunRecord)]) {
    Order::default().sort(&mut rows);
    let merged = Merged::of(rows);
    let mut details = |row: &Row| runs.iter().find(|(of, _)| of.key == row.key).map(|(_, run)| run.clone());
    for width in [None, Some(0), Some(40)] {
        let options = TableOptions { paint: Paint::PLAIN, width, everything: true };
        check_lines(&text(|out| write_merged_table(out, &merged, options)));
    }
    check_csv(&text(|out| write_merged_csv(out, &merged)));
    check_json(&text(|out| write_merged_json(out, &merged, "0")), false);
    check_markdown(&text(|out| write_merged_markdown(out, &merged, &mut details)));
    check_html(&text(|out| write_merged_html(out, &merged, "0", &mut details)));
    for (_, run) in runs {
        check_lines(&text(|out| write_commit(out, run)));
    }
}

//! `docs/scenarios.md` as a test: all tricky situations are there in order, each shown by fixtures that carry its number, and
//! no fixture carries a number of which the page does not know. What the fixtures show is tested where all fixtures are.

use samwire::catalog::Catalog;
use samwire::plan::{Options, plan};
use samwire::text::Source;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How many situations there are.
const SCENARIOS: usize = 68;

/// One line of the table.
struct Row {
    number: usize,
    situation: String,
    answer: String,
    fixtures: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Row> {
    let page = fs::read_to_string(root().join("docs/scenarios.md")).expect("docs/scenarios.md is there");
    let found: Vec<Row> = page.lines().filter_map(row).collect();
    assert!(!found.is_empty(), "docs/scenarios.md has no table");
    found
}

/// A line of the table, if its first cell is a number.
fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
    let number = cells.first()?.parse().ok()?;
    let [_, situation, answer, shown] = cells[..] else { panic!("{number}: not four cells") };
    let spans = shown.split('`').skip(1).step_by(2);
    Some(Row {
        number,
        situation: situation.to_owned(),
        answer: answer.to_owned(),
        fixtures: spans.map(str::to_owned).collect(),
    })
}

/// How the name of a fixture for a situation starts.
fn prefix(number: usize) -> String {
    format!("scenario-{number:02}-")
}

/// Everything below `fixtures/` that carries a number, as paths from the root.
fn numbered() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut queue: Vec<PathBuf> = vec![root().join("fixtures")];
    while let Some(directory) = queue.pop() {
        for entry in fs::read_dir(&directory).expect("fixtures are readable") {
            let path = entry.expect("fixtures are readable").path();
            let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
            if name.starts_with("scenario-") {
                let below = path.strip_prefix(root()).expect("below the root");
                let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
                found.insert(parts.join("/"));
            } else if path.is_dir() {
                queue.push(path);
            }
        }
    }
    found
}

#[test]
fn every_situation_has_its_row_in_order() {
    let numbers: Vec<usize> = rows().iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=SCENARIOS).collect::<Vec<_>>());
    for row in rows() {
        let said = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count() > 10;
        assert!(said(&row.situation) && said(&row.answer), "{}: says too little", row.number);
    }
}

#[test]
fn every_situation_is_shown_by_fixtures_that_carry_its_number() {
    let mut wrong: Vec<String> = Vec::new();
    for row in rows() {
        if row.fixtures.is_empty() {
            wrong.push(format!("{}: shown by nothing", row.number));
        }
        for fixture in &row.fixtures {
            let name = fixture.rsplit('/').next().unwrap_or_default();
            if !root().join(fixture).exists() {
                wrong.push(format!("{}: there is no `{fixture}`", row.number));
            }
            if !name.starts_with(&prefix(row.number)) {
                wrong.push(format!("{}: `{fixture}` does not carry the number", row.number));
            }
        }
    }
    assert!(wrong.is_empty(), "docs/scenarios.md:\n{}", wrong.join("\n"));
}

#[test]
fn every_fixture_that_carries_a_number_is_in_its_row() {
    let named: BTreeSet<String> = rows().into_iter().flat_map(|row| row.fixtures).collect();
    let unknown: Vec<String> = numbered().difference(&named).cloned().collect();
    assert!(unknown.is_empty(), "docs/scenarios.md lacks\n{}", unknown.join("\n"));
}

/// A template without the transform is no case of a profile or a reason: it is not looked at.
#[test]
fn a_template_without_the_transform_is_passed_over() {
    let path = root().join("fixtures/odd/scenario-50-no-transform.yaml");
    let source = Source::new(&path, fs::read(&path).expect("readable")).expect("UTF-8");
    let plan = plan(source, Catalog::builtin(), &Options::default()).expect("it parses");
    assert_eq!(plan.skipped().map(|skipped| skipped.id), Some("no-transform"));
    assert!(plan.rewrites().is_empty() && plan.left_alone().is_empty());
}

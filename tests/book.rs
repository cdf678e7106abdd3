//! The documentation as a book: `docs/SUMMARY.md` leads to every page, and no page leads out of the folder, so that the pages
//! read the same on a code host and as a book of mdBook.

mod docs_support;

use docs_support::{Page, page, pages};
use std::collections::BTreeMap;

const SUMMARY: &str = "docs/SUMMARY.md";

/// The pages of the book, without the one that lists them.
fn chapters() -> Vec<Page> {
    let all = pages().into_iter();
    all.filter(|page| page.path.starts_with("docs/") && page.path != SUMMARY).collect()
}

#[test]
fn every_page_stands_once_in_the_summary() {
    let summary = page(SUMMARY);
    let mut listed: BTreeMap<String, usize> = BTreeMap::new();
    for target in summary.links() {
        *listed.entry(format!("docs/{target}")).or_default() += 1;
    }
    for page in chapters() {
        let times = listed.remove(&page.path).unwrap_or_default();
        assert_eq!(times, 1, "{SUMMARY} has {} {times} times", page.path);
    }
    assert!(listed.is_empty(), "{SUMMARY} has what is no page: {listed:?}");
}

#[test]
fn pages_stay_within_the_book() {
    let out: Vec<String> = chapters()
        .iter()
        .flat_map(|page| {
            page.links().into_iter().map(|target| format!("{}: {target}", page.path)).collect::<Vec<_>>()
        })
        .filter(|link| link.contains("../"))
        .collect();
    assert!(out.is_empty(), "a book has no page there; name the path instead:\n{}", out.join("\n"));
}

#[test]
fn every_page_begins_with_its_title() {
    for page in chapters() {
        let titles =
            page.text.split("```").step_by(2).flat_map(str::lines).filter(|line| line.starts_with("# "));
        assert!(page.text.starts_with("# ") && titles.count() == 1, "{} needs one title, first", page.path);
    }
}

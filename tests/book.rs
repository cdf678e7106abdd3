//! The documentation as a book: `docs/SUMMARY.md` leads to every page, and no page leads out of the folder, so that the pages
//! read the same on a code host and as a book, which mdBook builds here.

mod docs_support;
mod tool_support;

use docs_support::{Page, page, pages, root};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tool_support::tools;

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
            // Each folder of the book below its root can be left once.
            let depth = page.path.matches('/').count() - 1;
            let links = page.links().into_iter().filter(move |target| target.matches("../").count() > depth);
            links.map(|target| format!("{}: {target}", page.path)).collect::<Vec<_>>()
        })
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

/// The values of an attribute in a page of HTML.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!(" {attribute}=\"");
    html.split(opening.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// What a page of the built book leads to and is not there.
fn dead_ends(book: &Path, name: &str) -> Vec<String> {
    let read = |name: &str| fs::read_to_string(book.join(name)).ok();
    let html = read(name).unwrap_or_default();
    let folder = name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let targets = values(&html, "href").into_iter().chain(values(&html, "src"));
    let inside = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    let dead = inside.filter(|target| {
        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
        let there = if file.is_empty() { name.to_owned() } else { format!("{folder}{file}") };
        let found = book.join(&there).is_file();
        let text = if anchor.is_empty() { None } else { read(&there) };
        !found || text.is_some_and(|text| !values(&text, "id").contains(&anchor))
    });
    dead.map(|target| format!("{name}: {target}")).collect()
}

#[test]
fn a_book_is_built_in_which_every_link_leads_somewhere() {
    let Some(tools) = tools() else { return };
    let place = tempfile::tempdir().expect("a temporary directory");
    let mut mdbook = tools.binary("mdbook");
    mdbook.arg("build").arg(root().join("docs")).arg("--dest-dir").arg(place.path());
    let done = mdbook.output().expect("mdBook starts");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && !told.contains("WARN") && !told.contains("ERROR"), "{told}");
    let mut dead = Vec::new();
    for page in chapters() {
        let name =
            page.path.trim_start_matches("docs/").replace("README.md", "index.md").replace(".md", ".html");
        assert!(place.path().join(&name).is_file(), "the book lacks {name}");
        dead.extend(dead_ends(place.path(), &name));
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn dead_ends_are_seen() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let write =
        |name: &str, text: &str| fs::write(place.path().join(name), text).expect("the folder is ours");
    write("a.html", r##"<h2 id="x"></h2><a href="#x"></a><a href="b.html#y"></a><a href="https://c"></a>"##);
    write("b.html", r#"<h2 id="y"></h2><a href="a.html#z"></a><a href="c.html"></a><img src="d.svg">"#);
    fs::create_dir(place.path().join("c")).expect("the folder is ours");
    write("c/d.html", r#"<a href="../a.html#x"></a><a href="a.html"></a>"#);
    assert!(dead_ends(place.path(), "a.html").is_empty());
    assert_eq!(dead_ends(place.path(), "c/d.html"), ["c/d.html: a.html"]);
    assert_eq!(dead_ends(place.path(), "b.html"), ["b.html: a.html#z", "b.html: c.html", "b.html: d.svg"]);
}

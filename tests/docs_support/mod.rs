//! What the tests of the documentation share: the pages, and the pieces of Markdown that make a claim. Knows the notation,
//! not what is claimed.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code)]

pub(crate) mod config;
pub(crate) mod definitions;
pub(crate) mod findings;
pub(crate) mod policies;
pub(crate) mod profiles;
pub(crate) mod reasons;
pub(crate) mod report;

use std::fs;
use std::path::Path;

/// Set to write generated pages instead of comparing them.
pub(crate) const REWRITE: &str = "SAMWIRE_BLESS";

/// A page of the documentation.
pub(crate) struct Page {
    /// Path below the root of the repository.
    pub(crate) path: String,
    /// Its Markdown.
    pub(crate) text: String,
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One page.
pub(crate) fn page(path: &str) -> Page {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    Page { path: path.to_owned(), text }
}

/// Every page that people read.
pub(crate) fn pages() -> Vec<Page> {
    let mut paths: Vec<String> = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "transforms/README.md"]
        .into_iter()
        .map(str::to_owned)
        .collect();
    for folder in ["docs", "docs/bulk"] {
        for entry in fs::read_dir(root().join(folder)).expect("the folder is there") {
            let name = entry.expect("the folder is readable").file_name().to_string_lossy().into_owned();
            // Beside the pages there are files to copy.
            if name.ends_with(".md") {
                paths.push(format!("{folder}/{name}"));
            }
        }
    }
    paths.sort();
    paths.iter().map(|path| page(path)).collect()
}

impl Page {
    /// The text of every code span outside of code blocks.
    pub(crate) fn spans(&self) -> Vec<&str> {
        let prose = self.text.split("```").step_by(2);
        prose.flat_map(|prose| prose.split('`').skip(1).step_by(2)).collect()
    }

    /// The lines of every code block in these languages.
    pub(crate) fn block_lines(&self, languages: &[&str]) -> Vec<&str> {
        let blocks = self.text.split("```").skip(1).step_by(2);
        let blocks = blocks.filter_map(|block| block.split_once('\n'));
        let wanted = blocks.filter(|(language, _)| languages.contains(&language.trim()));
        wanted.flat_map(|(_, lines)| lines.lines()).collect()
    }

    /// The targets of links to files of the repository, as written.
    pub(crate) fn links(&self) -> Vec<&str> {
        let prose = self.text.split("```").step_by(2);
        let targets =
            prose.flat_map(|prose| prose.split("](").skip(1)).filter_map(|rest| rest.split_once(')'));
        targets.map(|(target, _)| target).filter(|target| !target.contains("://")).collect()
    }

    /// The anchors of its headings.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let prose = self.text.split("```").step_by(2);
        let headings = prose.flat_map(str::lines).filter(|line| line.starts_with('#'));
        let anchor = |heading: &str| -> String {
            let words = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        };
        headings.map(anchor).collect()
    }
}

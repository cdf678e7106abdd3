//! `docs/definitions.md`: the language of the definitions, which is described beside them in `transforms/`. A book cannot
//! reach out of its folder, so it has a copy.

use super::page as page_at;

/// The page.
pub(crate) fn page() -> String {
    let text = page_at("transforms/README.md").text;
    let (title, rest) = text.split_once('\n').expect("a page has a title");
    format!("{title}\n\nA copy of `transforms/README.md`; `tests/docs.rs` says when it is stale.\n{rest}")
}

//! Comments by which a template says that a rewrite is not wanted: `# samwire: ignore[ID] reason` on the text that would be
//! rewritten or on the line above, and `# samwire: ignore-file[ID]` anywhere. An id is required, `*` stands for all.

use crate::syntax::{Document, NodeId};

/// What a comment for this program starts with, behind the `#`.
const MARK: &str = "samwire:";

/// The comment that ignores a rewrite: its text with the `#`.
pub fn ignoring(id: &str, reason: &str) -> String {
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("# {MARK} ignore[{id}] {reason}").trim_end().to_owned()
}

/// The comments of a template that ignore something.
#[derive(Debug, Clone, Default)]
pub(super) struct Suppressions {
    of_file: Vec<String>,
    /// Numbers of the comments, with the ids that they ignore.
    of_place: Vec<(usize, Vec<String>)>,
}

impl Suppressions {
    /// Reads the comments of a document.
    pub(super) fn of(doc: &Document) -> Self {
        let mut out = Self::default();
        for (number, comment) in doc.comments().iter().enumerate() {
            let Some((whole, ids)) = parse(doc.source().slice(comment.span)) else { continue };
            if whole {
                out.of_file.extend(ids);
            } else {
                out.of_place.push((number, ids));
            }
        }
        out
    }

    /// Whether comments ask to leave something of the id `id` alone that is written at a node.
    pub(super) fn cover(&self, doc: &Document, id: &str, node: NodeId) -> bool {
        let named = |ids: &[String]| ids.iter().any(|known| known == id || known == "*");
        if named(&self.of_file) {
            return true;
        }
        let mut of_place = self.of_place.iter().filter(|(_, ids)| named(ids)).peekable();
        if of_place.peek().is_none() {
            return false;
        }
        let owned = match (doc.node(node).parent, doc.index_in_parent(node)) {
            (Some(parent), Some(index)) => doc.owned_comments(parent, index),
            _ => Vec::new(),
        };
        of_place.any(|(number, _)| owned.contains(number))
    }
}

/// Whether the whole file is meant, and the ids; `None` for a comment about something else.
fn parse(comment: &str) -> Option<(bool, Vec<String>)> {
    let rest = comment.trim_start_matches('#').trim_start().strip_prefix(MARK)?.trim_start();
    let rest = rest.strip_prefix("ignore")?;
    let (whole, rest) = match rest.strip_prefix("-file") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let (ids, _) = rest.strip_prefix('[')?.split_once(']')?;
    let ids: Vec<String> =
        ids.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    (!ids.is_empty()).then_some((whole, ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_names_ids_or_is_about_something_else() {
        let ids = |text| parse(text).map(|(whole, ids)| (whole, ids.join(" ")));
        assert_eq!(ids("# samwire: ignore[a-to-b] since x"), Some((false, "a-to-b".into())));
        assert_eq!(ids("#samwire:ignore[a, b]"), Some((false, "a b".into())));
        assert_eq!(ids("# samwire: ignore-file[*]"), Some((true, "*".into())));
        for other in ["# samwire: ignore", "# samwire: ignore[]", "# ignore[a]", "# samwire ignore[a]"] {
            assert_eq!(parse(other), None, "{other}");
        }
        assert_eq!(parse(&ignoring("a", "two\nlines")), Some((false, vec!["a".into()])));
        assert_eq!(ignoring("a", " "), "# samwire: ignore[a]");
    }
}

//! What a template, or the config file for it, asks to leave alone: `# samwire: ignore[ID] reason` on the text that it is
//! about or on the line above, on any entry around it, and `# samwire: ignore-file[ID]` anywhere. An id is required, `*`
//! stands for all. Refuses to know what an id is of.

use super::model::Location;
use super::options::Selection;
use crate::syntax::{Document, NodeId};
use crate::text::{Edit, Format, Source, Span};
use std::collections::BTreeMap;

/// What a comment for this program starts with, behind the `#`.
const MARK: &str = "samwire:";

/// The comment that ignores an id, or several with commas between: its text with the `#`.
fn ignoring(ids: &str, reason: &str) -> String {
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("# {MARK} ignore[{ids}] {reason}").trim_end().to_owned()
}

/// The edits that put comments above the lines of some places, so that each id is ignored at its place; places of one line
/// share a comment. Beside them the places whose text has no room for one: in JSON, and in the midst of a line.
pub fn ignoring_edits<'a>(
    source: &Source,
    places: &[(&'a str, &'a Location)],
    reason: &str,
) -> (Vec<Edit>, Vec<(&'a str, &'a Location)>) {
    let mut lines: BTreeMap<u32, (&str, Vec<&str>)> = BTreeMap::new();
    let mut left = Vec::new();
    for &(id, location) in places {
        let start = source.line_at(location.span.start).start;
        let lead = source.slice(Span::new(start, location.span.start));
        let indent = &lead[..lead.len() - lead.trim_start_matches(' ').len()];
        // Only what begins its line, behind dashes or its key, can have a comment above it.
        let begins = lead[indent.len()..].chars().all(|c| matches!(c, '-' | ' ')) || lead.ends_with(": ");
        if source.format() == Format::Json || !begins {
            left.push((id, location));
            continue;
        }
        let (_, ids) = lines.entry(start).or_insert((indent, Vec::new()));
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let edit = |(line, (indent, ids)): (u32, (&str, Vec<&str>))| Edit {
        span: Span::new(line, line),
        text: format!("{indent}{}{}", ignoring(&ids.join(", "), reason), source.newline_at(line).as_str()),
    };
    (lines.into_iter().map(edit).collect(), left)
}

/// One request to leave something alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// What is left alone: ids of profiles, reasons and findings; `*` stands for all.
    pub ids: Vec<String>,
    /// Where.
    pub scope: Scope,
}

/// Where something is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// In the whole file, by the comment of this number.
    File(usize),
    /// Where the comment of this number stands.
    Place(usize),
    /// From this route on, or in the whole file, by the config file.
    Config(Option<String>),
}

/// All requests about one template.
#[derive(Debug, Clone, Default)]
pub struct Suppressions {
    list: Vec<Suppression>,
}

impl Suppressions {
    /// Those of the comments of a document and of the config file; none where a run is told not to heed them.
    pub(super) fn of(doc: &Document, select: &Selection) -> Self {
        if select.no_ignores {
            return Self::default();
        }
        let comments = doc.comments().iter().enumerate().filter_map(|(number, comment)| {
            let (whole, ids) = parse(doc.source().slice(comment.span))?;
            let scope = if whole { Scope::File(number) } else { Scope::Place(number) };
            Some(Suppression { ids, scope })
        });
        let configured = select.ignored.iter().map(|ignored| Suppression {
            ids: vec![ignored.id.clone()],
            scope: Scope::Config(ignored.route.clone()),
        });
        Self { list: comments.chain(configured).collect() }
    }

    /// The requests, those of comments first, in their order.
    pub fn all(&self) -> &[Suppression] {
        &self.list
    }

    /// The requests to leave something of the id `id` alone that is written at a node: their numbers, and those of
    /// the ids by which they say so.
    pub fn covering(&self, doc: &Document, id: &str, node: NodeId) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        for (number, Suppression { ids, scope }) in self.list.iter().enumerate() {
            let Some(by) = ids.iter().position(|known| known == id || known == "*") else { continue };
            let here = match scope {
                Scope::File(_) | Scope::Config(None) => true,
                Scope::Place(comment) => is_on(doc, *comment, node),
                Scope::Config(Some(route)) => {
                    let of_node = doc.route(node).to_string();
                    let rest = of_node.strip_prefix(route.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
                }
            };
            if here {
                out.push((number, by));
            }
        }
        out
    }

    /// Whether there is any such request.
    pub(super) fn cover(&self, doc: &Document, id: &str, node: NodeId) -> bool {
        !self.list.is_empty() && !self.covering(doc, id, node).is_empty()
    }
}

/// Whether a comment belongs to the entry of a node, or stands above an entry around it or on that entry's first line.
fn is_on(doc: &Document, comment: usize, node: NodeId) -> bool {
    let Some(at) = doc.comments().get(comment).map(|comment| comment.span) else { return false };
    let line = |offset: u32| doc.source().position(offset).line;
    let mut own = true;
    let mut inner = node;
    while let (Some(parent), Some(index)) = (doc.node(inner).parent, doc.index_in_parent(inner)) {
        let start = doc.entry_start(parent, index).unwrap_or_else(|| doc.full_span(inner).start);
        let leads = at.end <= start || line(at.start) == line(start);
        if (own || leads) && doc.owned_comments(parent, index).contains(&comment) {
            return true;
        }
        (own, inner) = (false, parent);
    }
    false
}

/// What a comment asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// It is about something else.
    Nothing,
    /// It is for this program, and does not say what to ignore.
    Unclear,
    /// It ignores something.
    Ignore,
}

/// What a comment asks for, by its text with the `#`.
pub fn asks(comment: &str) -> Asks {
    match (parse(comment), comment.trim_start_matches('#').trim_start().starts_with(MARK)) {
        (Some(_), _) => Asks::Ignore,
        (None, true) => Asks::Unclear,
        (None, false) => Asks::Nothing,
    }
}

/// Whether the whole file is meant, and the ids; `None` for a comment that ignores nothing.
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
    use crate::plan::Ignored;

    #[test]
    fn a_comment_names_ids_or_is_about_something_else() {
        let ids = |text| parse(text).map(|(whole, ids)| (whole, ids.join(" ")));
        assert_eq!(ids("# samwire: ignore[a-to-b] since x"), Some((false, "a-to-b".into())));
        assert_eq!(ids("#samwire:ignore[a, b]"), Some((false, "a b".into())));
        assert_eq!(ids("# samwire: ignore-file[*]"), Some((true, "*".into())));
        for (other, asked) in [
            ("# samwire: ignore", Asks::Unclear),
            ("# samwire: ignore[]", Asks::Unclear),
            ("# samwire: skip[a]", Asks::Unclear),
            ("# ignore[a]", Asks::Nothing),
            ("# samwire ignore[a]", Asks::Nothing),
        ] {
            assert_eq!((parse(other), asks(other)), (None, asked), "{other}");
        }
        assert_eq!(parse(&ignoring("a", "two\nlines")), Some((false, vec!["a".into()])));
        assert_eq!(ignoring("a", " "), "# samwire: ignore[a]");
    }

    const TEXT: &str = "\
# samwire: ignore[far]
Resources:
  # samwire: ignore[resource]
  A:
    Properties: # samwire: ignore[key]
      Policies:
        # samwire: ignore[item]
        - Statement: # samwire: ignore[inside]
            Effect: Allow
        # samwire: ignore[sibling]
        - Other
";

    #[test]
    fn a_comment_holds_for_its_entry_and_for_what_is_in_it() {
        let doc = Document::parse(Source::new("t.yaml", TEXT.into()).unwrap()).unwrap();
        let node = |route: &str| doc.ids().find(|&id| doc.route(id).to_string() == route).unwrap();
        let ignored = vec![Ignored { id: "config".into(), route: Some("Resources.A.Properties".into()) }];
        let select = Selection { ignored, ..Selection::default() };
        let all = Suppressions::of(&doc, &select);
        let none = Suppressions::of(&doc, &Selection { no_ignores: true, ..select });
        assert_eq!(none.all(), []);
        let first = node("Resources.A.Properties.Policies[0]");
        let on = |id: &str| all.cover(&doc, id, first);
        let known = ["resource", "key", "item", "inside", "config"];
        assert!(known.iter().all(|id| on(id)), "{:?}", known.map(on));
        assert!(!on("sibling") && !on("other"));
        assert!(!all.cover(&doc, "item", node("Resources.A.Properties.Policies[1]")));
        assert!(all.cover(&doc, "sibling", node("Resources.A.Properties.Policies[1]")));
        assert!(!all.cover(&doc, "config", node("Resources.A")));
    }

    #[test]
    fn comments_go_above_lines_that_have_room() {
        let source = Source::new("t.yaml", b"a:\r\n  - b: {c: d}\r\n".to_vec()).unwrap();
        let at = |start, end| Location { route: String::new(), span: Span::new(start, end) };
        let (item, inner) = (at(8, 15), at(12, 13));
        let places = [("x", &item), ("y", &item), ("z", &inner)];
        let (edits, left) = ignoring_edits(&source, &places, "why");
        assert_eq!(edits, [Edit { span: Span::new(4, 4), text: "  # samwire: ignore[x, y] why\r\n".into() }]);
        assert_eq!(left, [("z", &inner)]);
        let json = Source::new("t.json", b"{\"a\": 1}".to_vec()).unwrap();
        assert_eq!(ignoring_edits(&json, &[("x", &at(0, 3))], "").0, []);
    }
}

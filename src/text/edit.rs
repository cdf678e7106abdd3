//! The only thing that touches bytes: replacements recorded against the original text and applied once.
//! Knows nothing of what the replaced text means.

use super::Span;
use thiserror::Error;

/// Replaces the bytes of `span` in the original text by `text`; an empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes, in bytes of the original.
    pub span: Span,
    /// What comes.
    pub text: String,
}

/// Why an edit is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditError {
    /// The edit shares bytes with, or inserts at the same place as, one that is already in the set.
    #[error("edit of bytes {}..{} collides with the one of {}..{}", .new.start, .new.end, .old.start, .old.end)]
    Overlap {
        /// The refused edit's span.
        new: Span,
        /// The span it collides with.
        old: Span,
    },
    /// The span lies outside the text or cuts a character in two.
    #[error("edit of bytes {}..{} does not fit the text", .0.start, .0.end)]
    OutOfRange(Span),
}

/// Edits of one text. Invariant: sorted by span, no two share a byte, and no two insert at one place, so that
/// the order in which they were added has no influence on the result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EditSet {
    edits: Vec<Edit>,
}

impl EditSet {
    /// No edits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an edit, or refuses it and leaves the set as it was. An edit equal to one in the set, as well as one
    /// that changes nothing, is taken silently.
    pub fn push(&mut self, edit: Edit) -> Result<(), EditError> {
        if edit.span.is_empty() && edit.text.is_empty() {
            return Ok(());
        }
        let at =
            self.edits.partition_point(|e| (e.span.start, e.span.end) < (edit.span.start, edit.span.end));
        for old in self.edits[at.saturating_sub(1)..].iter().take(2) {
            if *old == edit {
                return Ok(());
            }
            let same_insertion = old.span == edit.span;
            if same_insertion || old.span.overlaps(edit.span) {
                return Err(EditError::Overlap { new: edit.span, old: old.span });
            }
        }
        self.edits.insert(at, edit);
        Ok(())
    }

    /// The edits in order.
    pub fn iter(&self) -> impl Iterator<Item = &Edit> {
        self.edits.iter()
    }

    /// Number of edits.
    pub fn len(&self) -> usize {
        self.edits.len()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The text with all edits made.
    pub fn apply(&self, original: &str) -> Result<String, EditError> {
        let grown: usize = self.edits.iter().map(|e| e.text.len()).sum();
        let mut out = String::with_capacity(original.len() + grown);
        let mut done = 0;
        for edit in &self.edits {
            let range = edit.span.range();
            let fits = range.end <= original.len() && original.get(range.clone()).is_some();
            let gap = original.get(done..range.start).filter(|_| fits);
            out.push_str(gap.ok_or(EditError::OutOfRange(edit.span))?);
            out.push_str(&edit.text);
            done = range.end;
        }
        out.push_str(&original[done..]);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit { span: Span::new(start, end), text: text.into() }
    }

    #[test]
    fn no_edit_is_the_identity() {
        assert_eq!(EditSet::new().apply("é\r\n").unwrap(), "é\r\n");
    }

    #[test]
    fn order_of_adding_has_no_influence() {
        let (a, b, c) = (edit(0, 1, "x"), edit(1, 1, "y"), edit(2, 3, ""));
        let mut forwards = EditSet::new();
        let mut backwards = EditSet::new();
        for e in [&a, &b, &c] {
            forwards.push(e.clone()).unwrap();
        }
        for e in [&c, &b, &a] {
            backwards.push(e.clone()).unwrap();
        }
        assert_eq!(forwards, backwards);
        assert_eq!(forwards.apply("abcd").unwrap(), "xybd");
    }

    #[test]
    fn collisions_are_refused_and_leave_the_set_as_it_was() {
        let mut set = EditSet::new();
        set.push(edit(2, 5, "")).unwrap();
        assert!(set.push(edit(4, 6, "")).is_err());
        assert!(set.push(edit(3, 3, "x")).is_err());
        set.push(edit(2, 2, "y")).unwrap();
        assert!(set.push(edit(2, 2, "z")).is_err());
        assert_eq!(set.len(), 2);
    }

    #[test]
    fn an_edit_outside_the_text_or_inside_a_character_is_an_error() {
        for e in [edit(1, 9, ""), edit(1, 2, "")] {
            let mut set = EditSet::new();
            set.push(e).unwrap();
            assert!(set.apply("é!").is_err());
        }
    }
}

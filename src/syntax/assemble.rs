//! Puts deletions and insertions of one batch together into an edit set. Owns how whole lines meet: the line
//! breaks between them, blank lines, and a missing line break at the end of the file.

use crate::text::{Edit, EditSet, Source, Span};

/// How insertions at one offset are ordered: what ends there comes before what begins there, and what ends
/// deeper comes first.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Behind an entry in this column.
    Behind(std::cmp::Reverse<usize>),
    /// Before an entry in this column.
    Before(usize),
}

#[derive(Debug)]
enum Body {
    /// Text within a line.
    Inline(String),
    /// Whole lines, without the last line break.
    Lines { text: String, blank_before: bool },
}

#[derive(Debug)]
struct Insertion {
    at: u32,
    rank: Rank,
    body: Body,
}

/// Deletions and insertions in the making. Deletions may touch and overlap; an insertion inside one is kept.
#[derive(Debug)]
pub(super) struct Draft<'s> {
    source: &'s Source,
    deletions: Vec<Span>,
    insertions: Vec<Insertion>,
}

impl<'s> Draft<'s> {
    /// An empty draft for a source.
    pub(super) fn new(source: &'s Source) -> Self {
        Self { source, deletions: Vec::new(), insertions: Vec::new() }
    }

    /// Deletes bytes.
    pub(super) fn delete(&mut self, start: u32, end: u32) {
        if start < end {
            self.deletions.push(Span::new(start, end));
        }
    }

    /// Inserts text within a line.
    pub(super) fn inline(&mut self, at: u32, rank: Rank, text: String) {
        self.insertions.push(Insertion { at, rank, body: Body::Inline(text) });
    }

    /// Inserts whole lines at the start of a line, or behind the last byte of a text without final line break.
    pub(super) fn lines(&mut self, at: u32, rank: Rank, text: String, blank_before: bool) {
        self.insertions.push(Insertion { at, rank, body: Body::Lines { text, blank_before } });
    }

    /// The edits, or the place where two of them collide.
    pub(super) fn finish(mut self) -> Result<EditSet, Span> {
        self.insertions.sort_by_key(|insertion| (insertion.at, insertion.rank));
        let mut deletions = merge(std::mem::take(&mut self.deletions));
        let end = self.source.text().len() as u32;
        let unfinished = !self.source.text().ends_with(['\n', '\r']);
        let tail = deletions.last().filter(|d| d.end == end && unfinished).map(|d| d.start);
        let in_tail = |i: &Insertion| tail.is_some_and(|start| i.at >= start);
        let last_in_tail = self.insertions.iter().rposition(in_tail);
        if let (Some(start), None) = (tail, last_in_tail)
            && let Some(deletion) = deletions.last_mut()
        {
            // Whole lines went at the end of a text without final line break: the one before them goes instead.
            deletion.start = self.before_line_break(start);
        }
        let mut assembly = Assembly { source: self.source, deletions, inserted: Vec::new() };
        for (position, insertion) in self.insertions.iter().enumerate() {
            assembly.insert(insertion, last_in_tail == Some(position));
        }
        assembly.edits()
    }

    /// The start of the line break before `offset`, or `offset` if none is there.
    fn before_line_break(&self, offset: u32) -> u32 {
        let before = &self.source.text()[..offset as usize];
        let kept =
            before.strip_suffix("\r\n").or_else(|| before.strip_suffix(['\n', '\r'])).unwrap_or(before);
        kept.len() as u32
    }
}

/// Deletions, merged, and the insertions so far, joined by offset.
struct Assembly<'s> {
    source: &'s Source,
    deletions: Vec<Span>,
    inserted: Vec<(u32, String)>,
}

impl Assembly<'_> {
    /// Adds the next insertion. `ends_text` says that it is the last of a text without final line break.
    fn insert(&mut self, insertion: &Insertion, ends_text: bool) {
        let text = match &insertion.body {
            Body::Inline(text) => text.clone(),
            Body::Lines { text, blank_before } => self.lines(insertion.at, text, *blank_before, ends_text),
        };
        match self.inserted.last_mut().filter(|(at, _)| *at == insertion.at) {
            Some((_, before)) => before.push_str(&text),
            None => self.inserted.push((insertion.at, text)),
        }
    }

    /// Whole lines with the line breaks that their place needs.
    fn lines(&self, at: u32, text: &str, blank_before: bool, ends_text: bool) -> String {
        let newline = self.source.newline_at(at.saturating_sub(1)).as_str();
        // What stands before the place in the result: text inserted since the last byte that stays, or that byte.
        let around = self.deletions.iter().find(|d| d.start < at && at <= d.end);
        let visible = around.map_or(at, |d| d.start);
        let inserted = self.inserted.last().filter(|(place, _)| visible <= *place);
        let before = &self.source.text()[self.source.bom_len() as usize..visible as usize];
        let (on_new_line, below_blank) = match inserted {
            Some((_, text)) => (text.ends_with(['\n', '\r']), false),
            None if before.is_empty() => (true, true),
            None => (before.ends_with(['\n', '\r']), ends_in_blank_line(before)),
        };
        let mut out = String::new();
        if !on_new_line {
            out.push_str(newline);
        }
        if blank_before && !below_blank {
            out.push_str(newline);
        }
        out.push_str(text);
        if on_new_line && !ends_text {
            out.push_str(newline);
        }
        out
    }

    fn edits(self) -> Result<EditSet, Span> {
        let mut set = EditSet::new();
        for span in split(&self.deletions, self.inserted.iter().map(|(at, _)| *at)) {
            set.push(Edit { span, text: String::new() }).map_err(|_| span)?;
        }
        for (at, text) in self.inserted {
            set.push(Edit { span: Span::at(at), text }).map_err(|_| Span::at(at))?;
        }
        Ok(set)
    }
}

/// Whether a text ends in a line break with nothing but blanks on the line before it.
fn ends_in_blank_line(text: &str) -> bool {
    let Some(line) = text.strip_suffix("\r\n").or_else(|| text.strip_suffix(['\n', '\r'])) else {
        return false;
    };
    let start = line.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    line[start..].chars().all(|c| c == ' ' || c == '\t')
}

/// Sorted spans without overlap or contact.
fn merge(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match merged.last_mut().filter(|last| span.start <= last.end) {
            Some(last) => last.end = last.end.max(span.end),
            None => merged.push(span),
        }
    }
    merged
}

/// Cuts spans at the given sorted offsets.
fn split(spans: &[Span], offsets: impl Iterator<Item = u32>) -> Vec<Span> {
    let mut cuts = offsets.peekable();
    let mut pieces = Vec::new();
    for span in spans {
        let mut start = span.start;
        while let Some(cut) = cuts.next_if(|cut| *cut < span.end) {
            if start < cut {
                pieces.push(Span::new(start, cut));
                start = cut;
            }
        }
        pieces.push(Span::new(start, span.end));
    }
    pieces
}

//! Input workarounds for text that is valid and that yaml-rust2 refuses: continuation lines of flow collections and
//! quoted scalars that are not indented deeper than their parent, pairs with a flow value in flow sequences,
//! surrogate pairs in escapes, and tabs behind the colons of JSON. The parser is given a patched text of the same lines; spans still come from the
//! original bytes, whose lexer proves the result, so that a wrong guess here ends in a refusal and never in a
//! wrong tree.

use super::events::{Event, EventSource, Mark, ParseFailure};
use super::flow_scan::{FlowScan, double_quoted_end, quoted_end, region_at};
use crate::text::{Format, LineIndex};
use std::collections::BTreeMap;

/// What the parser is to see instead of a few bytes. Never holds a line break.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Patch {
    removed: usize,
    inserted: String,
}

/// Patches of one text, by byte offset.
#[derive(Debug, Default)]
pub(super) struct Adaptation {
    patches: BTreeMap<usize, Patch>,
    /// Whether each tab is shown as a blank, which moves nothing.
    tabs_as_blanks: bool,
}

impl Adaptation {
    /// Whether the parser sees the text as it is.
    pub(super) fn is_empty(&self) -> bool {
        self.patches.is_empty() && !self.tabs_as_blanks
    }

    /// Adds what the failure calls for, and says whether that was anything new. `mark` is the failure's place in the
    /// original text, `reached` the offset up to which the text was matched, and `flow` the start of the outermost
    /// flow collection that was open there.
    pub(super) fn extend(
        &mut self,
        text: &str,
        format: Format,
        failure: &ParseFailure,
        reached: usize,
        flow: Option<usize>,
    ) -> bool {
        let lines = LineIndex::new(text);
        let Some(at) = offset_of(text, &lines, failure.mark) else { return false };
        let before = (self.patches.len(), self.tabs_as_blanks);
        match failure.message.as_str() {
            // In JSON no string holds a tab, so that all of them are blank space.
            "':' must be followed by a valid YAML whitespace" if format == Format::Json => {
                self.tabs_as_blanks = true;
            }
            "invalid indentation in quoted scalar" => self.pad_quoted(text, &lines, at),
            "invalid indentation" | "invalid indentation in flow construct" => {
                if let Some(start) = flow.or_else(|| region_at(text, reached, at)) {
                    match text.as_bytes().get(start) {
                        Some(b'"' | b'\'') => self.pad_quoted(text, &lines, start),
                        _ => self.pad_flow(text, &lines, start),
                    }
                }
            }
            "while parsing a flow sequence, expected ',' or ']'"
            | "while parsing a flow mapping, did not find expected ',' or '}'"
            | "while parsing a node, did not find expected node content" => {
                if let Some(start) = flow.or_else(|| region_at(text, reached, at)) {
                    self.wrap_pairs(text, start);
                }
            }
            "while parsing a quoted scalar, found invalid Unicode character escape code" => match format {
                // In JSON every backslash is in a string, so that one pass finds all pairs.
                Format::Json => self.join_surrogates(text, 0, text.len()),
                Format::Yaml => {
                    if let Some(end) = double_quoted_end(text, at) {
                        self.join_surrogates(text, at, end);
                    }
                }
            },
            _ => {}
        }
        (self.patches.len(), self.tabs_as_blanks) != before
    }

    fn patch(&mut self, at: usize, removed: usize, inserted: String) {
        self.patches.entry(at).or_insert(Patch { removed, inserted });
    }

    /// Indents all lines of a flow collection but the first beyond the column in which it starts, which is deeper
    /// than any block around it. Blanks there mean nothing.
    fn pad_flow(&mut self, text: &str, lines: &LineIndex, start: usize) {
        if let Some(scan) = FlowScan::of(text, start) {
            self.pad(text, lines, start, scan.end);
        }
    }

    /// The same for a quoted scalar, whose continuation lines are stripped of blanks when they are read.
    fn pad_quoted(&mut self, text: &str, lines: &LineIndex, start: usize) {
        if let Some(end) = quoted_end(text, start) {
            self.pad(text, lines, start, end);
        }
    }

    fn pad(&mut self, text: &str, lines: &LineIndex, start: usize, end: usize) {
        let first = lines.line_of(start as u32);
        let column = start - lines.start_of(first).map_or(0, |at| at as usize);
        for line in first + 1.. {
            let Some(at) = lines.start_of(line).map(|at| at as usize).filter(|at| *at < end) else { break };
            if !text[at..].starts_with(['\n', '\r']) {
                self.patch(at, 0, " ".repeat(column + 1));
            }
        }
    }

    /// Adds what a wrong tree calls for that the parser made of the flow collection at `flow`, and says whether that
    /// was anything new.
    pub(super) fn extend_misread(&mut self, text: &str, flow: usize) -> bool {
        let before = self.patches.len();
        self.wrap_pairs(text, flow);
        self.patches.len() > before
    }

    /// Puts braces around the pairs in flow sequences whose value is a flow collection.
    fn wrap_pairs(&mut self, text: &str, start: usize) {
        for (from, to) in FlowScan::of(text, start).map(|scan| scan.pairs).unwrap_or_default() {
            self.patch(from, 0, "{".to_owned());
            self.patch(to, 0, "}".to_owned());
        }
    }

    /// Writes each surrogate pair in escapes as the escape of the one character it stands for.
    fn join_surrogates(&mut self, text: &str, start: usize, end: usize) {
        let mut at = start;
        while let Some(found) = text.as_bytes().get(at..end).and_then(|rest| memchr::memchr(b'\\', rest)) {
            at += found;
            match surrogate_pair(text.as_bytes().get(at..end).unwrap_or_default()) {
                Some(c) => {
                    self.patch(at, PAIR_LEN, format!("\\U{:08X}", u32::from(c)));
                    at += PAIR_LEN;
                }
                None => at += 2,
            }
        }
    }

    /// The text for the parser.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + self.patches.len() * 8);
        let mut done = 0;
        for (at, patch) in &self.patches {
            out.push_str(text.get(done..*at).unwrap_or(""));
            out.push_str(&patch.inserted);
            done = at + patch.removed;
        }
        out.push_str(text.get(done..).unwrap_or(""));
        if self.tabs_as_blanks { out.replace('\t', " ") } else { out }
    }

    /// Translates marks in the patched text of an event source back to the original.
    pub(super) fn translate<E: EventSource>(&self, text: &str, source: E) -> Translated<E> {
        let lines = LineIndex::new(text);
        let mut shifts: BTreeMap<usize, Vec<Shift>> = BTreeMap::new();
        let (mut counted, mut column, mut line) = (0, 0, 0);
        for (at, patch) in &self.patches {
            let own_line = lines.line_of(*at as u32);
            if own_line != line {
                (counted, column, line) = (lines.start_of(own_line).map_or(0, |s| s as usize), 0, own_line);
            }
            column += text.get(counted..*at).map_or(0, |between| between.chars().count());
            counted = *at;
            let earlier = shifts.entry(line).or_default();
            let (original, patched) = earlier.last().map_or((0, 0), Shift::ends);
            let patched = patched + (column - original);
            let inserted = patch.inserted.chars().count();
            earlier.push(Shift { original: column, patched, removed: patch.removed, inserted });
        }
        Translated { source, shifts }
    }
}

/// Length of `\ud83d\ude00`.
const PAIR_LEN: usize = 12;

/// The character that two escapes at the start of `bytes` stand for together.
fn surrogate_pair(bytes: &[u8]) -> Option<char> {
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let units = [unit(0)?, unit(6)?];
    if !(0xD800..0xDC00).contains(&units[0]) {
        return None;
    }
    char::decode_utf16(units).next()?.ok()
}

/// Byte offset of a mark.
fn offset_of(text: &str, lines: &LineIndex, mark: Mark) -> Option<usize> {
    let start = lines.start_of(mark.line)? as usize;
    let rest = text.get(start..)?;
    Some(start + rest.char_indices().nth(mark.column).map_or(rest.len(), |(at, _)| at))
}

/// A patch in columns, in characters: `removed` ones from `original` on became `inserted` ones from `patched` on.
#[derive(Copy, Clone, Debug)]
struct Shift {
    original: usize,
    patched: usize,
    removed: usize,
    inserted: usize,
}

impl Shift {
    /// The columns of both texts behind the patch.
    fn ends(&self) -> (usize, usize) {
        (self.original + self.removed, self.patched + self.inserted)
    }
}

/// Events of a patched text with the marks of the original.
pub(super) struct Translated<E> {
    source: E,
    /// The patches of each line, in order.
    shifts: BTreeMap<usize, Vec<Shift>>,
}

impl<E> Translated<E> {
    fn original(&self, mark: Mark) -> Mark {
        let Some(shifts) = self.shifts.get(&mark.line) else { return mark };
        let before = shifts.partition_point(|shift| shift.patched <= mark.column);
        let Some(shift) = before.checked_sub(1).and_then(|last| shifts.get(last)) else { return mark };
        let (original, patched) = shift.ends();
        let column = match mark.column.checked_sub(patched) {
            Some(behind) => original + behind,
            None => shift.original,
        };
        Mark { column, ..mark }
    }
}

impl<E: EventSource> EventSource for Translated<E> {
    fn next(&mut self) -> Result<Event, ParseFailure> {
        match self.source.next() {
            Ok(event) => Ok(Event { mark: self.original(event.mark), ..event }),
            Err(failure) => Err(ParseFailure { mark: self.original(failure.mark), ..failure }),
        }
    }
}

//! The lexer that walks the text in lockstep with the parser's events. It knows how trivia, properties and
//! scalars are spelled and proves where each ends by comparing the bytes with the decoded value; it knows
//! neither trees nor the parser. Each step only moves forward, so that a whole text costs linear time.

use super::block_scalar::Header;
use super::node::{Comment, ScalarStyle};
use crate::text::Span;

/// The text could not be matched; the name says what was looked for.
pub(super) type Mismatch = &'static str;

/// A cursor over the text that collects comments on its way.
pub(super) struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    comments: Vec<Comment>,
    /// 0-based line of the cursor and the offset at which it starts.
    line: usize,
    line_start: usize,
    /// A place on the cursor's line whose column is known, so that long lines are counted only once.
    counted: (usize, usize),
}

impl<'a> Lexer<'a> {
    /// A cursor at `start`, behind a byte order mark if there is one.
    pub(super) fn new(text: &'a str, start: usize) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            position: start,
            comments: Vec::new(),
            line: 0,
            line_start: start,
            counted: (start, 0),
        }
    }

    /// Offset of the cursor.
    pub(super) fn position(&self) -> u32 {
        self.position as u32
    }

    /// The byte under the cursor.
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    /// Whether the cursor is behind the last byte.
    pub(super) fn at_end(&self) -> bool {
        self.position >= self.bytes.len()
    }

    /// The comments met so far, in order.
    pub(super) fn into_comments(self) -> Vec<Comment> {
        self.comments
    }

    /// 0-based line and column, in characters, of the cursor: what the parser's marks count.
    pub(super) fn line_and_column(&mut self) -> (usize, usize) {
        let (from, column) = self.counted;
        let more = self.text.get(from..self.position).map_or(0, |s| s.chars().count());
        self.counted = (self.position, column + more);
        (self.line, column + more)
    }

    /// 0-based column of an offset on the cursor's line, counted in bytes.
    pub(super) fn byte_column(&self) -> usize {
        self.position - self.line_start
    }

    /// Moves over bytes without line breaks.
    fn step(&mut self, bytes: usize) {
        self.position += bytes;
    }

    /// Moves to `target`, which may be lines ahead.
    fn go_to(&mut self, target: usize) {
        while let Some(found) =
            self.bytes.get(self.position..target).and_then(|rest| memchr::memchr2(b'\n', b'\r', rest))
        {
            self.position += found;
            self.line_break();
        }
        self.position = target;
    }

    /// Moves over one line break.
    fn line_break(&mut self) {
        self.position += break_len(self.bytes, self.position);
        self.line += 1;
        self.line_start = self.position;
        self.counted = (self.position, 0);
    }

    /// Moves over blanks, line breaks and comments, and records the comments.
    pub(super) fn skip_trivia(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' => self.step(1),
                b'\n' | b'\r' => self.line_break(),
                b'#' => self.comment(),
                _ => break,
            }
        }
    }

    fn comment(&mut self) {
        let start = self.position;
        let end = line_end(self.bytes, start);
        let own_line = self.bytes[self.line_start..start].iter().all(|b| matches!(b, b' ' | b'\t'));
        let (_, column) = self.line_and_column();
        let span = Span::new(start as u32, end as u32);
        self.comments.push(Comment { span, own_line, column: column as u32 });
        self.step(end - start);
    }

    /// Moves over `byte` if it is under the cursor, and returns its offset.
    pub(super) fn take(&mut self, byte: u8) -> Option<u32> {
        let at = self.position();
        (self.peek() == Some(byte)).then(|| {
            self.step(1);
            at
        })
    }

    /// Moves over `byte` if it is under the cursor and a blank, a line break or the end follows.
    pub(super) fn take_indicator(&mut self, byte: u8) -> Option<u32> {
        is_separator(self.bytes.get(self.position + 1).copied()).then(|| self.take(byte)).flatten()
    }

    /// Moves over directives and the `---` before a document, where there are any.
    pub(super) fn document_start(&mut self) {
        self.skip_trivia();
        while self.peek() == Some(b'%') && self.byte_column() == 0 {
            self.go_to(line_end(self.bytes, self.position));
            self.skip_trivia();
        }
        self.take_marker(b"---");
    }

    /// Moves over the `...` behind a document, where there is one.
    pub(super) fn document_end(&mut self) {
        self.skip_trivia();
        while self.take_marker(b"...") {
            self.skip_trivia();
        }
    }

    fn take_marker(&mut self, marker: &[u8]) -> bool {
        let here = self.byte_column() == 0
            && self.bytes[self.position..].starts_with(marker)
            && is_separator(self.bytes.get(self.position + marker.len()).copied());
        if here {
            self.step(marker.len());
        }
        here
    }

    /// Moves over a tag, `!` under the cursor.
    pub(super) fn tag(&mut self) -> Result<Span, Mismatch> {
        if self.bytes[self.position..].starts_with(b"!<") {
            let end = memchr::memchr(b'>', &self.bytes[self.position..]).ok_or("the end of a tag")?;
            let start = self.position();
            self.step(end + 1);
            return Ok(Span::new(start, self.position()));
        }
        self.name(b'!').ok_or("a tag")
    }

    /// Moves over an anchor, `&` under the cursor.
    pub(super) fn anchor(&mut self) -> Result<Span, Mismatch> {
        self.name(b'&').ok_or("an anchor")
    }

    /// Moves over an alias, `*` under the cursor.
    pub(super) fn alias(&mut self) -> Result<Span, Mismatch> {
        self.name(b'*').ok_or("an alias")
    }

    fn name(&mut self, sigil: u8) -> Option<Span> {
        let start = self.take(sigil)?;
        while self.peek().is_some_and(|b| !is_separator(Some(b)) && !is_flow_indicator(b)) {
            self.step(1);
        }
        Some(Span::new(start, self.position()))
    }

    /// Moves over a scalar of the given style and value. A block scalar's lines of text are indented deeper than
    /// `parent_column`, which is -1 at the root.
    pub(super) fn scalar(
        &mut self,
        style: ScalarStyle,
        value: &str,
        parent_column: i64,
    ) -> Result<Span, Mismatch> {
        let start = self.position();
        match style {
            ScalarStyle::Plain => self.plain(value).ok_or("a plain scalar")?,
            ScalarStyle::SingleQuoted => self.single_quoted().ok_or("a single-quoted scalar")?,
            ScalarStyle::DoubleQuoted => self.double_quoted().ok_or("a double-quoted scalar")?,
            ScalarStyle::Literal => {
                self.block_scalar(b'|', value, parent_column).ok_or("a literal scalar")?
            }
            ScalarStyle::Folded => self.block_scalar(b'>', value, parent_column).ok_or("a folded scalar")?,
        }
        Ok(Span::new(start, self.position()))
    }

    /// Matches the text with `value`: within a line byte by byte, between lines by the folding rule that one
    /// line break is a space and `n` of them are `n - 1` line feeds.
    fn plain(&mut self, value: &str) -> Option<()> {
        // The parser lets a flow collection's plain scalar begin with what other readers take for another style.
        if self.peek().is_some_and(|first| b"|>%@`\"'#&*!{}[],".contains(&first)) {
            return None;
        }
        let value = value.as_bytes();
        let mut matched = 0;
        let mut at = self.position;
        while matched < value.len() {
            let blanks = self.bytes[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
            let broken = matches!(self.bytes.get(at + blanks), Some(b'\n' | b'\r'));
            if broken {
                let mut breaks = 0;
                at += blanks;
                while let Some(byte) = self.bytes.get(at).filter(|b| is_separator(Some(**b))) {
                    let is_break = matches!(byte, b'\n' | b'\r');
                    breaks += usize::from(is_break);
                    at += if is_break { break_len(self.bytes, at) } else { 1 };
                }
                let folded: &[u8] = if breaks == 1 { b" " } else { b"\n" };
                let length = breaks.saturating_sub(1).max(1);
                let expected = value.get(matched..matched + length)?;
                if expected.iter().any(|b| *b != folded[0]) {
                    return None;
                }
                matched += length;
                continue;
            }
            // Never looks beyond the value, since a line may hold thousands of scalars.
            let rest = self.bytes[at..].iter().take(value.len() - matched);
            let solid = rest.take_while(|b| !is_separator(Some(**b))).count();
            let run = if blanks > 0 { blanks } else { solid.max(1) };
            if value.get(matched..matched + run)? != self.bytes.get(at..at + run)? {
                return None;
            }
            matched += run;
            at += run;
        }
        self.go_to(at);
        Some(())
    }

    fn single_quoted(&mut self) -> Option<()> {
        self.take(b'\'')?;
        let mut at = self.position;
        loop {
            at += memchr::memchr(b'\'', self.bytes.get(at..)?)?;
            if self.bytes.get(at + 1) != Some(&b'\'') {
                self.go_to(at + 1);
                return Some(());
            }
            at += 2;
        }
    }

    fn double_quoted(&mut self) -> Option<()> {
        self.take(b'"')?;
        let mut at = self.position;
        loop {
            at += memchr::memchr2(b'"', b'\\', self.bytes.get(at..)?)?;
            if self.bytes[at] == b'"' {
                self.go_to(at + 1);
                return Some(());
            }
            at += 2;
        }
    }

    /// Finds the lines of a block scalar by their indentation, and compares all that is not blank with `value`.
    fn block_scalar(&mut self, sigil: u8, value: &str, parent_column: i64) -> Option<()> {
        self.take(sigil)?;
        let (header, length) = Header::read(&self.bytes[self.position..])?;
        self.step(length);
        let header_end = self.position;
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.step(1);
        }
        let commented = self.peek() == Some(b'#');
        if commented {
            self.comment();
        }
        if !matches!(self.peek(), Some(b'\n' | b'\r') | None) {
            return None;
        }
        let body = self.position + break_len(self.bytes, self.position);
        let end = header.body_end(self.bytes, body, parent_column);
        let text = self.bytes.get(body..end.unwrap_or(body)).unwrap_or(b"");
        let solid = |b: &&u8| !is_separator(Some(**b));
        if !text.iter().filter(solid).eq(value.as_bytes().iter().filter(solid)) {
            return None;
        }
        match end {
            Some(end) => self.go_to(end),
            // Without a line of text the scalar ends at its header, and a comment there follows it.
            None if !commented => self.position = header_end,
            None => {}
        }
        Some(())
    }
}

/// Whether the byte separates tokens; the end of the text does.
pub(super) fn is_separator(byte: Option<u8>) -> bool {
    matches!(byte, None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

/// Whether the byte is punctuation of flow collections.
pub(super) fn is_flow_indicator(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}

/// Offset of the line break that ends the line of `from`, or of the end of the text.
pub(super) fn line_end(bytes: &[u8], from: usize) -> usize {
    bytes.get(from..).and_then(|rest| memchr::memchr2(b'\n', b'\r', rest)).map_or(bytes.len(), |n| from + n)
}

/// Length of the line break at `at`: 2, 1, or 0 where there is none.
pub(super) fn break_len(bytes: &[u8], at: usize) -> usize {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => 2,
        (Some(b'\r' | b'\n'), _) => 1,
        _ => 0,
    }
}

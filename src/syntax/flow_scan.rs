//! A light scan of flow collections and quoted scalars, for the parts of a text that the parser refused. It knows
//! brackets, quotes, comments and commas, and decides nothing: what is made of it is checked by a full parse.

use super::lexer::{is_flow_indicator, is_separator, line_end};

/// What a flow collection looks like to the scan.
#[derive(Debug, Default)]
pub(super) struct FlowScan {
    /// Behind the closing bracket.
    pub(super) end: usize,
    /// Start and end of each `key: value` item of a flow sequence whose value holds a flow collection.
    pub(super) pairs: Vec<(usize, usize)>,
}

/// An open bracket, with the item that is being read in it.
struct Open {
    sequence: bool,
    /// First and last byte of the item so far.
    item: Option<(usize, usize)>,
    colon: bool,
    nested: bool,
}

impl FlowScan {
    /// Scans the flow collection that starts at `start`; `None` if it does not end.
    pub(super) fn of(text: &str, start: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut scan = Self::default();
        let mut open: Vec<Open> = Vec::new();
        let mut at = start;
        // Behind quotes and brackets a colon needs no blank.
        let mut adjacent = false;
        loop {
            let byte = *bytes.get(at)?;
            let next = bytes.get(at + 1).copied();
            let begins = at;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => {
                    at += 1;
                    adjacent = false;
                    continue;
                }
                b'#' if is_separator(bytes.get(at.wrapping_sub(1)).copied()) => {
                    at = line_end(bytes, at);
                    continue;
                }
                b'[' | b'{' => {
                    if let Some(around) = open.last_mut() {
                        around.grow(at, at + 1);
                        around.nested = true;
                    }
                    open.push(Open { sequence: byte == b'[', item: None, colon: false, nested: false });
                    at += 1;
                    adjacent = false;
                    continue;
                }
                b']' | b'}' => {
                    at += 1;
                    let closed = open.pop()?;
                    closed.finish(&mut scan.pairs);
                    adjacent = true;
                    match open.last_mut() {
                        Some(around) => around.grow(begins, at),
                        None => {
                            scan.end = at;
                            return Some(scan);
                        }
                    }
                    continue;
                }
                b',' => {
                    open.last_mut()?.next_item(&mut scan.pairs);
                    at += 1;
                    adjacent = false;
                    continue;
                }
                b':' if adjacent || is_separator(next) || next.is_some_and(is_flow_indicator) => {
                    open.last_mut()?.colon = true;
                    at += 1;
                    adjacent = false;
                }
                b'"' | b'\'' => {
                    at = quoted_end(text, at)?;
                    adjacent = true;
                }
                _ => {
                    at = plain_end(bytes, at);
                    adjacent = false;
                }
            }
            open.last_mut()?.grow(begins, at);
        }
    }
}

impl Open {
    fn grow(&mut self, start: usize, end: usize) {
        let first = self.item.map_or(start, |(first, _)| first);
        self.item = Some((first, end));
    }

    fn finish(&self, pairs: &mut Vec<(usize, usize)>) {
        if self.sequence && self.colon && self.nested {
            pairs.extend(self.item);
        }
    }

    fn next_item(&mut self, pairs: &mut Vec<(usize, usize)>) {
        self.finish(pairs);
        (self.item, self.colon, self.nested) = (None, false, false);
    }
}

/// Behind a run of plain text in a flow collection; at least one byte.
fn plain_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        let colon = byte == b':' && (is_separator(next) || next.is_some_and(is_flow_indicator));
        if is_separator(Some(byte)) || is_flow_indicator(byte) || colon {
            break;
        }
        at += 1;
    }
    at
}

/// Behind the closing quote of the scalar that starts at `start`.
pub(super) fn quoted_end(text: &str, start: usize) -> Option<usize> {
    match text.as_bytes().get(start)? {
        b'"' => double_quoted_end(text, start),
        b'\'' => {
            let bytes = text.as_bytes();
            let mut at = start + 1;
            loop {
                at += memchr::memchr(b'\'', bytes.get(at..)?)?;
                if bytes.get(at + 1) != Some(&b'\'') {
                    return Some(at + 1);
                }
                at += 2;
            }
        }
        _ => None,
    }
}

/// Behind the closing quote of the double-quoted scalar that starts at `start`.
pub(super) fn double_quoted_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The start of the flow collection or quoted scalar that begins behind `from`, where a token may begin, and that
/// reaches up to `target`.
pub(super) fn region_at(text: &str, from: usize, target: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at <= target {
        let byte = *bytes.get(at)?;
        let end = match byte {
            _ if is_separator(Some(byte)) => at + 1,
            b'#' => line_end(bytes, at),
            b'-' | b'?' | b':' if is_separator(bytes.get(at + 1).copied()) => at + 1,
            // Behind a block scalar's header no token begins where it seems to.
            b'|' | b'>' => return None,
            b'!' | b'&' => at + bytes[at..].iter().take_while(|b| !is_separator(Some(**b))).count(),
            b'[' | b'{' => FlowScan::of(text, at)?.end,
            b'"' | b'\'' => quoted_end(text, at)?,
            _ => key_end(bytes, at),
        };
        if matches!(byte, b'[' | b'{' | b'"' | b'\'') && target < end {
            return Some(at);
        }
        at = end;
    }
    None
}

/// Behind the colon of the plain key at `start`, or at the end of its line if it is none.
fn key_end(bytes: &[u8], start: usize) -> usize {
    let end = line_end(bytes, start);
    let colon = (start..end).find(|at| bytes[*at] == b':' && is_separator(bytes.get(at + 1).copied()));
    colon.map_or(end, |colon| colon + 1)
}

//! How the bytes of the fuzzer are taken: a text, and behind its first NUL the bytes that decide what is done with it. No text
//! of ours holds a NUL, so every file as it is makes an input, and mutations of the text leave the decisions alone.

use samwire::text::{Position, Source};

/// A text, and the decisions about it; where there are no more bytes, every decision is 0.
pub struct Input<'a> {
    pub text: &'a [u8],
    decisions: &'a [u8],
}

impl<'a> Input<'a> {
    pub fn of(data: &'a [u8]) -> Self {
        match data.iter().position(|&byte| byte == 0) {
            Some(at) => Self { text: &data[..at], decisions: &data[at + 1..] },
            None => Self { text: data, decisions: &[] },
        }
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        self.more().unwrap_or(0)
    }

    /// The next byte, if there is one.
    pub fn more(&mut self) -> Option<u8> {
        let (first, rest) = self.decisions.split_first()?;
        self.decisions = rest;
        Some(*first)
    }

    /// The next two bytes as a number.
    pub fn number(&mut self) -> usize {
        usize::from(self.byte()) | usize::from(self.byte()) << 8
    }

    /// One of several.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// The text, where it is one.
    pub fn str(&self) -> Option<&'a str> {
        std::str::from_utf8(self.text).ok()
    }
}

/// A place that is told lies in the text that it is told of: on one of its lines, and at most one column behind its end.
pub fn check_position(text: &str, at: Position) {
    // The line ends of YAML.
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let line = unified.split('\n').nth((at.line as usize).wrapping_sub(1));
    let line = line.unwrap_or_else(|| panic!("{at:?} is on no line"));
    let columns = line.trim_start_matches('\u{feff}').chars().count() + 1;
    assert!((1..=columns).contains(&(at.column as usize)), "{at:?} is beside the line {line:?}");
}

/// The source of some bytes; where there is none, the error names a place within them.
pub fn source(name: &str, bytes: &[u8]) -> Option<Source> {
    use samwire::text::SourceError::{NotUtf8, Nul, TooLarge};
    match Source::new(name, bytes.to_vec()) {
        Ok(source) => Some(source),
        Err(NotUtf8 { at } | Nul { at }) => {
            let valid = String::from_utf8_lossy(bytes);
            check_position(&valid, at);
            None
        }
        Err(TooLarge { .. }) => None,
    }
}

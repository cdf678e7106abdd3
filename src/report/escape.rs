//! Text of other people made harmless for where it goes: control characters for terminals, file names for patches.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

/// The text with every character that could steer a terminal, or reverse the order in which text is read, written as
/// `\u{…}`. Line ends and tabs count as such too: what is shown by this is meant to stand on one line.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if steers(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a character steers instead of showing: controls, and Unicode's marks of writing direction.
pub(super) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The path with `/` between its parts, as it stands in reports.
pub(super) fn portable(path: &Path) -> Cow<'_, str> {
    let text = path.to_string_lossy();
    if cfg!(windows) { Cow::Owned(text.replace('\\', "/")) } else { text }
}

/// A name in a patch as git writes it: `prefix` and the path, in C-style quotes if a byte is no printable ASCII
/// character, or a quote or backslash.
pub fn quoted_path(prefix: &str, path: &Path) -> String {
    let separators = |bytes: &[u8]| -> Vec<u8> {
        bytes.iter().map(|&b| if cfg!(windows) && b == b'\\' { b'/' } else { b }).collect()
    };
    let bytes = [prefix.as_bytes(), &separators(path.as_os_str().as_encoded_bytes())].concat();
    let plain = bytes.iter().all(|&b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\');
    let mut out = String::with_capacity(bytes.len() + 2);
    if plain {
        out.extend(bytes.iter().map(|&b| b as char));
        return out;
    }
    out.push('"');
    for &byte in &bytes {
        let letter = match byte {
            0x07 => 'a',
            0x08 => 'b',
            b'\t' => 't',
            b'\n' => 'n',
            0x0b => 'v',
            0x0c => 'f',
            b'\r' => 'r',
            b'"' => '"',
            b'\\' => '\\',
            b' '..=b'~' => {
                out.push(byte as char);
                continue;
            }
            _ => {
                write!(out, "\\{byte:03o}").expect("impossible: writing to a String does not fail");
                continue;
            }
        };
        out.push('\\');
        out.push(letter);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_spelled_out() {
        assert_eq!(escaped("Größe"), "Größe");
        assert_eq!(escaped("a\u{1b}[31mb\u{9b}\r\n\u{202e}c"), "a\\u{1b}[31mb\\u{9b}\\r\\n\\u{202e}c");
    }

    #[test]
    fn names_are_quoted_as_git_does() {
        for (name, expected) in [
            ("sub/template.yaml", "a/sub/template.yaml"),
            ("my file.yaml", "a/my file.yaml"),
            ("é.yaml", "\"a/\\303\\251.yaml\""),
            ("t\"q.yaml", "\"a/t\\\"q.yaml\""),
            ("tab\there", "\"a/tab\\there\""),
            ("bell\u{7}\u{1}", "\"a/bell\\a\\001\""),
        ] {
            assert_eq!(quoted_path("a/", Path::new(name)), expected);
        }
        #[cfg(not(windows))]
        assert_eq!(quoted_path("a/", Path::new("b\\s")), "\"a/b\\\\s\"");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_keep_their_bytes() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let name = Path::new(OsStr::from_bytes(b"\xff.yaml"));
        assert_eq!(quoted_path("b/", name), "\"b/\\377.yaml\"");
    }
}

//! What keeps the page from running or loading anything but itself: data that cannot end its own element, text that cannot
//! become markup, and the policy that names the one script and the one style sheet by their digests.

use crate::report::escape::escaped;
use crate::report::xml::xml;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// The text on one line, as content of an element or of a quoted attribute.
pub(super) fn text(text: &str) -> String {
    xml(&escaped(text))
}

/// The text as part of a query in the fragment of an address.
pub(super) fn query(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Writes a value as JSON that may stand in a `<script>` element: what HTML could take for markup is escaped inside the strings,
/// where alone it can occur.
pub(super) fn write_data(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, InScript))?)
}

struct InScript;

impl Formatter for InScript {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        let structure = |c: char| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| structure(*c)) {
            out.write_all(rest.get(..at).unwrap_or_default().as_bytes())?;
            write!(out, "\\u{:04x}", u32::from(c))?;
            rest = rest.get(at + c.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}

/// The content security policy of a page with this script and this style sheet and nothing else.
pub(super) fn policy(script: &str, style: &str) -> String {
    let digest = |text: &str| base64(&Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(script),
        digest(style)
    )
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_usize, |bits, &byte| bits << 8 | usize::from(byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS.get(bits >> (18 - 6 * place) & 63).filter(|_| place <= chunk.len());
            out.push(digit.map_or('=', |&digit| char::from(digit)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_end_its_element_and_reads_back_as_it_was() {
        let value = "</script><!-- & \u{2028}\u{2029} \"\\ größe\n]]>";
        let mut out = Vec::new();
        write_data(&mut out, &value).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert!(!written.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{written}");
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), value);
    }

    #[test]
    fn digests_are_in_base64() {
        for (bytes, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob\u{3e}?", "Zm9vYj4/")]
        {
            assert_eq!(base64(bytes.as_bytes()), expected);
        }
        // The digest of an empty text, as every browser computes it.
        assert!(policy("", "").contains("script-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"));
    }

    #[test]
    fn names_in_addresses_and_in_markup_stay_names() {
        assert_eq!(query("reason:a&b=c ü"), "reason%3Aa%26b%3Dc%20%C3%BC");
        assert_eq!(text("<b>\n\u{202e}\"x'"), "&lt;b&gt;\\n\\u{202e}&quot;x&apos;");
    }
}

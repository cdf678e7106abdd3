//! How a string is spelled as a scalar: plain where every YAML reader takes it for this string, else quoted.
//! Knows the resolution rules of YAML 1.1 and 1.2, and nothing of places.

/// Quote characters of YAML.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    Single,
    Double,
}

/// How the scalars of a place are quoted.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Quoting {
    /// Also those that could be plain.
    pub(super) throughout: bool,
    pub(super) quote: Quote,
}

/// Where a scalar is to stand.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Surroundings {
    Block,
    Flow,
    Json,
}

/// The scalar that every reader decodes to `text` and takes for a string.
pub(super) fn spell(text: &str, quoting: Quoting, surroundings: Surroundings) -> String {
    if surroundings == Surroundings::Json {
        return double_quoted(text);
    }
    if !quoting.throughout && is_plain(text, surroundings == Surroundings::Flow) {
        return text.to_owned();
    }
    match quoting.quote {
        Quote::Single if !has_escapes(text) => format!("'{}'", text.replace('\'', "''")),
        _ => double_quoted(text),
    }
}

/// In `"…"`, with the escapes that JSON and YAML have in common.
fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // All of these are below U+10000, so that four digits are enough.
            c if needs_escape(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether some character of a text needs an escape.
fn has_escapes(text: &str) -> bool {
    let ascii = |byte: u8| byte.is_ascii_control();
    if text.is_ascii() { text.bytes().any(ascii) } else { text.chars().any(needs_escape) }
}

/// Characters that YAML takes only in escapes, or that its readers take for line breaks.
fn needs_escape(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a plain scalar of this text reads back as the same string. Errs towards quotes.
pub(super) fn is_plain(text: &str, flow: bool) -> bool {
    let (Some(first), Some(last)) = (text.bytes().next(), text.bytes().last()) else { return false };
    let blank_edge = first == b' ' || last == b' ';
    let broken = last == b':' || text.as_bytes().windows(2).any(|two| two == b": " || two == b" #");
    let in_flow = flow && text.bytes().any(|byte| b",[]{}".contains(&byte));
    !blank_edge
        && !broken
        && !in_flow
        && !has_escapes(text)
        && !b"-?:,[]{}#&*!|>'\"%@`=<~".contains(&first)
        && !text.starts_with("...")
        && !is_word_of_another_type(text)
        && !looks_like_a_number(text)
}

/// The words that YAML 1.1 or 1.2 takes for booleans or null.
fn is_word_of_another_type(text: &str) -> bool {
    const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether some reader may take the text for a number or a date: it starts like one, and holds nothing but what
/// numbers, dates and times are made of.
fn looks_like_a_number(text: &str) -> bool {
    let mut rest = text.trim_start_matches(['+', '-']);
    if let Some(word) = rest.strip_prefix('.') {
        if ["inf", "nan"].iter().any(|w| word.eq_ignore_ascii_case(w)) {
            return true;
        }
        rest = word;
    }
    let numeric = |c: char| c.is_ascii_hexdigit() || "xXoO_.:+-tTzZ ".contains(c);
    rest.starts_with(|c: char| c.is_ascii_digit()) && rest.chars().all(numeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SINGLE: Quoting = Quoting { throughout: false, quote: Quote::Single };
    const DOUBLE: Quoting = Quoting { throughout: false, quote: Quote::Double };

    #[test]
    fn what_another_type_would_claim_is_quoted() {
        for text in [
            "",
            "no",
            "On",
            "Y",
            "null",
            "~",
            "1",
            "-1.5",
            "1e3",
            "0x1F",
            "0o17",
            "1_000",
            "1:30",
            ".5",
            ".inf",
            "-.INF",
            ".NaN",
            "2012-10-17",
            "2001-12-14T21:59:43.10-05:00",
            "<<",
            "=",
            "*",
            "dynamodb:",
            "a: b",
            "a #b",
            " a",
            "a ",
            "- a",
            "@x",
            "`x`",
            "%x",
            "!x",
            "&x",
            "{a}",
            "[a]",
            "'a'",
            "\"a\"",
            "# a",
            "---",
            "...",
            "|",
            ">",
            "?x",
        ] {
            assert_eq!(spell(text, SINGLE, Surroundings::Block), format!("'{}'", text.replace('\'', "''")));
        }
    }

    #[test]
    fn what_reads_back_stays_plain() {
        for text in [
            "dynamodb:GetItem",
            "arn:aws:s3:::b/*",
            "${Table.Arn}/index/*",
            "10.0.0.0/16",
            "Orders",
            "a,b",
            "x: y".replace(": ", ":").as_str(),
            "dynamodb:*",
            "it's",
        ] {
            assert_eq!(spell(text, SINGLE, Surroundings::Block), text);
        }
    }

    #[test]
    fn what_could_be_plain_is_quoted_where_all_is() {
        let throughout = Quoting { throughout: true, quote: Quote::Double };
        assert_eq!(spell("Allow", throughout, Surroundings::Block), "\"Allow\"");
        let throughout = Quoting { throughout: true, quote: Quote::Single };
        assert_eq!(spell("it's", throughout, Surroundings::Flow), "'it''s'");
    }

    #[test]
    fn quotes_follow_the_place() {
        assert_eq!(spell("a,b", SINGLE, Surroundings::Flow), "'a,b'");
        assert_eq!(spell("${A}", DOUBLE, Surroundings::Flow), "\"${A}\"");
        assert_eq!(spell("a\nb", SINGLE, Surroundings::Block), "\"a\\nb\"");
        assert_eq!(spell("plain", SINGLE, Surroundings::Json), "\"plain\"");
        assert_eq!(spell("é\u{1}", SINGLE, Surroundings::Json), "\"é\\u0001\"");
    }
}

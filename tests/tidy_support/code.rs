//! Rust source as the tidy rules see it: without comments, without what only tests compile, and with or without the
//! text of string literals. A lexer of a few states, not a parser; it knows nothing of the rules.

/// One file of Rust.
pub(crate) struct Code {
    /// Code without comments and tests; string literals are emptied.
    pub(crate) bare: String,
    /// The same with its string literals.
    pub(crate) with_strings: String,
}

impl Code {
    /// Reads a file.
    pub(crate) fn of(text: &str) -> Self {
        let pieces = lex(text);
        let join = |strings: bool| -> String {
            let kept = pieces.iter().map(|piece| match piece {
                Piece::Code(text) => (*text).to_owned(),
                Piece::String(text) if strings => format!("{text:?}"),
                Piece::String(_) => "\"\"".to_owned(),
            });
            kept.collect()
        };
        Self { bare: without_tests(&join(false)), with_strings: without_tests(&join(true)) }
    }

    /// The names of modules that only tests compile and that are files of their own.
    pub(crate) fn test_modules(text: &str) -> Vec<String> {
        let code: String = lex(text)
            .iter()
            .filter_map(|piece| if let Piece::Code(code) = piece { Some(*code) } else { None })
            .collect();
        let declared = code.split("#[cfg(test)]").skip(1).filter_map(|rest| {
            let rest = rest.trim_start();
            let rest = rest.strip_prefix("pub(crate) ").unwrap_or(rest);
            let (name, end) = rest.strip_prefix("mod ")?.split_once([';', '{'])?;
            let file = rest[..rest.len() - end.len()].ends_with(';');
            file.then(|| name.trim().to_owned())
        });
        declared.collect()
    }

    /// Every path of at least two parts (`std::fs::read`, `crate::plan`), with the trees of `use` taken apart.
    pub(crate) fn paths(&self) -> Vec<Vec<String>> {
        let words = words(&self.bare);
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            at = match words[at].as_str() {
                "use" => tree(&words, at + 1, &mut found),
                word if is_name(word) => plain(&words, at, &mut found),
                _ => at + 1,
            };
        }
        found
    }
}

enum Piece<'t> {
    Code(&'t str),
    /// What stands between the quotes.
    String(&'t str),
}

fn lex(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let bytes = text.as_bytes();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        let rest = &text[at..];
        let (skipped, string) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), None)
        } else if rest.starts_with("/*") {
            (rest.find("*/").map_or(rest.len(), |end| end + 2), None)
        } else if let Some((whole, inside)) = string(rest, at.checked_sub(1).map(|before| bytes[before])) {
            (whole, Some(inside))
        } else {
            at += character(rest);
            continue;
        };
        pieces.push(Piece::Code(&text[start..at]));
        pieces.extend(string.map(|inside| Piece::String(&rest[inside])));
        at += skipped;
        start = at;
    }
    pieces.push(Piece::Code(&text[start..]));
    pieces
}

/// The length of the string literal that `rest` starts with, and its inside.
fn string(rest: &str, before: Option<u8>) -> Option<(usize, std::ops::Range<usize>)> {
    if let Some(inside) = rest.strip_prefix('"') {
        let mut escaped = false;
        let end = inside.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        })?;
        return Some((end + 2, 1..end + 1));
    }
    if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let hashes = rest.strip_prefix('r')?.bytes().take_while(|byte| *byte == b'#').count();
    let open = 1 + hashes;
    let inside = rest.get(open..)?.strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = inside.find(&close)?;
    Some((open + 1 + end + close.len(), open + 1..open + 1 + end))
}

/// The length of the character or character literal that `rest` starts with; a quote in a literal opens no string.
fn character(rest: &str) -> usize {
    let first = rest.chars().next().map_or(1, char::len_utf8);
    let Some(inside) = rest.strip_prefix('\'') else { return first };
    let mut chars = inside.char_indices();
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some(_)) => inside[2..].find('\'').map_or(first, |end| end + 4),
        (Some(_), Some((end, '\''))) => end + 2,
        _ => first,
    }
}

/// Takes out every item behind `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut parts = code.split("#[cfg(test)]");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(&part[item(part)..]);
    }
    out
}

/// The length of the item at the start of `code`: to its semicolon, or to the brace that closes it.
fn item(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn words(code: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for c in code.chars() {
        let joins = |last: &String| {
            let part = |c: char| c.is_alphanumeric() || c == '_';
            part(c) && last.chars().all(part) || c == ':' && last == ":"
        };
        match words.last_mut() {
            Some(last) if joins(last) => last.push(c),
            _ => words.push(c.to_string()),
        }
        if c.is_whitespace() {
            // An empty word ends the one before it.
            words.pop();
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn plain(words: &[String], mut at: usize, found: &mut Vec<Vec<String>>) -> usize {
    let mut path = vec![words[at].clone()];
    while words.get(at + 1).is_some_and(|w| w == "::") && words.get(at + 2).is_some_and(|w| is_name(w)) {
        at += 2;
        path.push(words[at].clone());
    }
    if path.len() > 1 {
        found.push(path);
    }
    at + 1
}

/// Reads the tree behind `use` up to its semicolon.
fn tree(words: &[String], mut at: usize, found: &mut Vec<Vec<String>>) -> usize {
    let mut prefix: Vec<String> = Vec::new();
    let mut groups: Vec<usize> = Vec::new();
    let mut renamed = false;
    while let Some(word) = words.get(at) {
        let base = groups.last().copied().unwrap_or(0);
        match word.as_str() {
            "{" => groups.push(prefix.len()),
            "," | "}" | ";" => {
                if prefix.len() > base {
                    found.push(prefix.clone());
                }
                prefix.truncate(base);
                renamed = false;
                match word.as_str() {
                    "}" => {
                        groups.pop();
                        prefix.truncate(groups.last().copied().unwrap_or(0));
                    }
                    ";" => return at + 1,
                    _ => {}
                }
            }
            "as" => renamed = true,
            name if is_name(name) && !renamed => prefix.push(name.to_owned()),
            _ => {}
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_told_apart() {
        let code = Code::of("a /* \" */ // \"x\n\"\\\"//b\" '\"' r#\"c\"\"# 'd");
        assert_eq!(code.bare, "a  \n\"\" '\"' \"\" 'd");
        assert!(code.with_strings.contains("//b") && code.with_strings.contains('c'));
    }

    #[test]
    fn what_only_tests_compile_is_left_out() {
        let code =
            Code::of("#[cfg(test)]\nmod tests { fn f() { \"}\" } }\nfn g() {}\n#[cfg(test)] mod t;\nh");
        assert_eq!(code.bare.split_whitespace().collect::<Vec<_>>(), ["fn", "g()", "{}", "h"]);
        assert_eq!(Code::test_modules("#[cfg(test)]\nmod a;\n#[cfg(test)]\nmod b {}"), ["a"]);
    }

    #[test]
    fn trees_of_use_are_taken_apart() {
        let code = Code::of("use a::{b, c::{self, d as e}, f};\nuse g::h;\nfn i(j: k::l::M) -> n::o {}");
        let paths: Vec<String> = code.paths().iter().map(|path| path.join("::")).collect();
        assert_eq!(paths, ["a::b", "a::c::self", "a::c::d", "a::f", "g::h", "k::l::M", "n::o"]);
    }
}

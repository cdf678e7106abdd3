//! From a source to its tree: the strict gate for JSON, the parser with its input workarounds, and the telling
//! of templates of a template engine from broken YAML. Knows neither edits nor queries.

use super::adapt::Adaptation;
use super::error::{Reason, SyntaxError};
use super::events::{Mark, ParseFailure, YamlRust2};
use super::tree::{BuildError, Tree, build};
use crate::text::{Format, Position, Source, Span};
use serde::de::IgnoredAny;

/// Most attempts with patched input for one text. Real texts need one or two.
const MAX_ATTEMPTS: usize = 1000;

/// Most bytes parsed for one text in all attempts behind the first few, so that a hostile one does not take
/// quadratic time.
const MAX_ATTEMPT_BYTES: usize = 16 * 1024 * 1024;

/// Attempts that every text gets, however large.
const FREE_ATTEMPTS: usize = 4;

/// The tree of a source.
pub(super) fn tree(source: &Source) -> Result<Tree, SyntaxError> {
    if source.format() == Format::Json {
        check_json(source)?;
    }
    let error = match yaml(source) {
        Ok(tree) => return Ok(tree),
        Err(error) => error,
    };
    let placeholder =
        matches!(error.reason, Reason::NotYaml(_) | Reason::Placeholders | Reason::Unexplained(_));
    match first_placeholder(source.text()).filter(|_| placeholder) {
        Some(offset) => Err(SyntaxError { at: source.position(offset), reason: Reason::Placeholders }),
        None => Err(error),
    }
}

/// Parses, and where the parser refuses valid text, parses again with patched input. An error is that of the
/// first attempt, which saw the text as it is.
fn yaml(source: &Source) -> Result<Tree, SyntaxError> {
    let bom = source.bom_len() as usize;
    let body = source.text().get(bom..).unwrap_or("");
    let mut adaptation = Adaptation::default();
    let mut first_error = None;
    for attempt in 1..=MAX_ATTEMPTS {
        let built = if adaptation.is_empty() {
            build(source, YamlRust2::new(body))
        } else {
            let patched = adaptation.apply(body);
            build(source, adaptation.translate(body, YamlRust2::new(&patched)))
        };
        let (error, progress) = match built {
            Ok(tree) => return Ok(Tree { adapted: !adaptation.is_empty(), ..tree }),
            Err(BuildError::Refused(error)) => (error, false),
            Err(BuildError::Misread { error, flow }) => {
                (error, flow.is_some_and(|at| adaptation.extend_misread(body, at - bom)))
            }
            Err(BuildError::Parser { failure, reached, flow }) => {
                let flow = flow.map(|at| at - bom);
                let progress = adaptation.extend(body, source.format(), &failure, reached - bom, flow);
                (not_yaml(source, &failure), progress)
            }
        };
        first_error.get_or_insert(error);
        let costly = attempt >= FREE_ATTEMPTS && body.len().saturating_mul(attempt) > MAX_ATTEMPT_BYTES;
        if costly || !progress {
            break;
        }
    }
    let unexplained = || SyntaxError { at: source.position(0), reason: Reason::Unexplained("the text") };
    Err(first_error.unwrap_or_else(unexplained))
}

/// JSON is read by the YAML parser, which takes more than JSON, so that a strict parser looks first.
fn check_json(source: &Source) -> Result<(), SyntaxError> {
    let body = source.text().get(source.bom_len() as usize..).unwrap_or("");
    let Err(error) = serde_json::from_str::<IgnoredAny>(body) else { return Ok(()) };
    let line = error.line().saturating_sub(1);
    let start = source.lines().start_of(line).unwrap_or(0) as usize;
    let mut offset = (start + error.column().saturating_sub(1)).min(source.text().len());
    while !source.text().is_char_boundary(offset) {
        offset -= 1;
    }
    let full = error.to_string();
    let message = full.split(" at line ").next().unwrap_or(&full).to_owned();
    Err(SyntaxError { at: source.position(offset as u32), reason: Reason::NotJson(message) })
}

fn not_yaml(source: &Source, failure: &ParseFailure) -> SyntaxError {
    let Mark { line, column } = failure.mark;
    let (lines, end) = (source.lines(), source.text().len() as u32);
    let at = match lines.start_of(line) {
        Some(start) => {
            let text = source.slice(Span::new(start, lines.start_of(line + 1).unwrap_or(end)));
            let text = text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
            // Where the text ends too early, the parser counts on behind it.
            Position { line: line as u32 + 1, column: column.min(text.chars().count()) as u32 + 1 }
        }
        // The parser begins a line of its own behind an unfinished last one.
        None => source.position(end),
    };
    let reason = match failure.message.as_str() {
        // The parser has a limit of its own for flow collections, beyond ours.
        "recursion limit exceeded" => Reason::TooDeep,
        message => Reason::NotYaml(message.to_owned()),
    };
    SyntaxError { at, reason }
}

/// Offset of the first `{{` or `{%` outside of quotes and comments, CloudFormation's `{{resolve:…}}` apart. Lines
/// are looked at one by one, since a text that does not parse has no reliable structure.
fn first_placeholder(text: &str) -> Option<u32> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut quote = None;
        let mut before = ' ';
        for (at, c) in line.char_indices() {
            let rest = &line[at..];
            match quote {
                Some(q) if c == q => quote = None,
                Some(_) => {}
                None if c == '#' && before.is_whitespace() => break,
                None if matches!(c, '"' | '\'') && " \t[{,:-".contains(before) => quote = Some(c),
                None if rest.starts_with("{%") => return Some(start + at as u32),
                None if rest.starts_with("{{") && !rest.starts_with("{{resolve:") => {
                    return Some(start + at as u32);
                }
                None => {}
            }
            before = c;
        }
        start += line.len() as u32;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_ends_too_early_is_told_at_its_end() {
        for (text, line, column) in [("a: b\n>\r\n  c\u{feff}: !;", 3, 9), ("\u{feff}a: [b", 1, 6)] {
            let source = Source::new("t.yaml", text.as_bytes().to_vec()).unwrap();
            let error = tree(&source).unwrap_err();
            assert_eq!(error.at, Position { line, column }, "{text:?}: {error}");
        }
    }
}

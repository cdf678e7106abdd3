//! A second opinion on every tree: granit-parser reads the same files, and structure, tags, values, the spans of
//! scalars and the comments must be what it sees.

#![allow(clippy::print_stdout, reason = "the figures of a run, for those who ask with --nocapture")]

mod syntax_support;

use granit_parser::{Event, Parser, ScalarStyle as Style, StructureStyle};
use samwire::syntax::{Document, NodeId, NodeKind, ScalarStyle};
use std::path::Path;
use syntax_support::{files, parse};

/// One step of a walk over a tree, in document order.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Scalar { style: ScalarStyle, value: String, span: Option<(usize, usize)>, tagged: bool },
    Empty { tagged: bool },
    Alias { text: String },
    Sequence { flow: bool, tagged: bool },
    Mapping { flow: bool, tagged: bool },
    End,
}

fn walk(doc: &Document, id: NodeId, steps: &mut Vec<Step>) {
    let node = doc.node(id);
    let tagged = node.tag.is_some();
    let flow = node.flow;
    match node.kind {
        NodeKind::Empty => steps.push(Step::Empty { tagged }),
        NodeKind::Alias => steps.push(Step::Alias { text: doc.source().slice(node.span).to_owned() }),
        NodeKind::Scalar(style) => {
            let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
            let span = (!block).then_some((node.span.start as usize, node.span.end as usize));
            steps.push(Step::Scalar { style, value: node.value.clone(), span, tagged });
        }
        NodeKind::Sequence | NodeKind::Mapping => {
            let sequence = node.kind == NodeKind::Sequence;
            steps.push(if sequence {
                Step::Sequence { flow, tagged }
            } else {
                Step::Mapping { flow, tagged }
            });
            for entry in &node.entries {
                for child in entry.key.into_iter().chain([entry.value]) {
                    walk(doc, child, steps);
                }
            }
            steps.push(Step::End);
        }
    }
}

/// What granit-parser sees of a text: the steps, and the spans of the comments.
type Opinion = (Vec<Step>, Vec<(usize, usize)>);

fn second_opinion(text: &str, bom: usize) -> Result<Opinion, String> {
    let body = &text[bom..];
    let (mut steps, mut comments) = (Vec::new(), Vec::new());
    for event in Parser::new_from_str(body) {
        let (event, span) = event.map_err(|error| error.to_string())?;
        let range = span.byte_range().map(|range| (range.start + bom, range.end + bom));
        match event {
            Event::Comment(..) => comments.extend(range),
            Event::Alias(_) => {
                let text = range.map_or("", |(start, end)| &text[start..end]).to_owned();
                steps.push(Step::Alias { text });
            }
            // granit-parser gives a node without content the value `~` and an empty span.
            Event::Scalar(_, Style::Plain, _, tag) if range.is_none_or(|(start, end)| start == end) => {
                steps.push(Step::Empty { tagged: tag.is_some() });
            }
            Event::Scalar(value, style, _, tag) => {
                let style = match style {
                    Style::Plain => ScalarStyle::Plain,
                    Style::SingleQuoted => ScalarStyle::SingleQuoted,
                    Style::DoubleQuoted => ScalarStyle::DoubleQuoted,
                    Style::Literal => ScalarStyle::Literal,
                    Style::Folded => ScalarStyle::Folded,
                };
                let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                let span = range.filter(|_| !block);
                steps.push(Step::Scalar { style, value: value.into_owned(), span, tagged: tag.is_some() });
            }
            Event::SequenceStart(style, _, tag) => {
                steps.push(Step::Sequence { flow: style == StructureStyle::Flow, tagged: tag.is_some() });
            }
            Event::MappingStart(style, _, tag) => {
                steps.push(Step::Mapping { flow: style == StructureStyle::Flow, tagged: tag.is_some() });
            }
            Event::SequenceEnd | Event::MappingEnd => steps.push(Step::End),
            _ => {}
        }
    }
    Ok((steps, comments))
}

/// A block scalar at the end of a text without final line break has one all the same in the other parser's reading.
fn same(ours: &Step, theirs: &Step, last: bool) -> bool {
    match (ours, theirs) {
        (
            Step::Scalar { style: a, value: b, span: None, tagged: c },
            Step::Scalar { style: d, value: e, span: None, tagged: f },
        ) if last => {
            (a, c) == (d, f) && e.strip_prefix(b.as_str()).is_some_and(|rest| rest.is_empty() || rest == "\n")
        }
        _ => ours == theirs,
    }
}

/// What the other parser refuses and PyYAML and CloudFormation read.
const REFUSED_BY_THE_OTHER: &str = "invalid indentation in multiline quoted scalar";

/// A step for a message, of a long one the end.
fn shown(step: &Step) -> String {
    let text = format!("{step:?}");
    let start = (text.len().saturating_sub(300)..).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text[start..].to_owned()
}

fn compare(path: &Path, text: &str) -> Result<usize, String> {
    let Ok(doc) = parse(path, text.as_bytes().to_vec()) else { return Ok(0) };
    let mut ours = Vec::new();
    walk(&doc, doc.root(), &mut ours);
    let (theirs, their_comments) = match second_opinion(text, doc.source().bom_len() as usize) {
        Err(error) if error.starts_with(REFUSED_BY_THE_OTHER) => return Ok(0),
        opinion => opinion?,
    };
    if theirs.is_empty() {
        return Ok(0);
    }
    let last = ours.iter().rposition(|step| *step != Step::End).filter(|_| !text.ends_with(['\n', '\r']));
    for (position, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        if !same(ours, theirs, last == Some(position)) {
            return Err(format!("{} is {} to the other parser", shown(ours), shown(theirs)));
        }
    }
    if ours.len() != theirs.len() {
        return Err(format!("{} steps against {}", ours.len(), theirs.len()));
    }
    let our_comments: Vec<_> =
        doc.comments().iter().map(|c| (c.span.start as usize, c.span.end as usize)).collect();
    if our_comments != their_comments {
        let differs = our_comments.iter().zip(&their_comments).find(|(ours, theirs)| ours != theirs);
        return Err(format!(
            "comments differ: {differs:?}, {} and {}",
            our_comments.len(),
            their_comments.len()
        ));
    }
    Ok(ours.len())
}

#[test]
fn another_parser_sees_the_same_trees() {
    let (mut texts, mut steps, mut failures) = (0, 0, Vec::new());
    for path in files() {
        let text = String::from_utf8(std::fs::read(&path).expect("readable")).expect("UTF-8");
        let body = text.trim_start_matches('\u{feff}');
        let lf = body.replace("\r\n", "\n");
        for (name, variant) in [
            ("as is", text.clone()),
            ("CRLF", lf.replace('\n', "\r\n")),
            ("byte order mark", format!("\u{feff}{body}")),
            ("no final line break", body.trim_end_matches(['\n', '\r']).to_owned()),
            ("trailing blanks", lf.replace(",\n", ", \t\n")),
        ] {
            match compare(&path, &variant) {
                Ok(0) => {}
                Ok(count) => (texts, steps) = (texts + 1, steps + count),
                Err(error) => failures.push(format!("{} ({name}): {error}", path.display())),
            }
        }
    }
    println!("{texts} texts with {steps} steps are the same");
    let shown: Vec<_> = failures.iter().take(20).collect();
    assert!(failures.is_empty(), "{} differences, such as {shown:#?}", failures.len());
}

//! Properties of the document layer on mutated fixtures, and on the corpus if there is one: cut, doubled, moved, re-indented, with other line breaks
//! and characters. Whatever comes out, nothing panics, spans mean what they say, and no edit is no change.

mod syntax_support;

use proptest::prelude::*;
use samwire::text::EditSet;
use std::path::PathBuf;
use std::sync::LazyLock;
use syntax_support::files;
use syntax_support::promises::{
    Step, check_batch, check_change, check_gaps, check_routes, check_scalars, check_spans, check_writing,
    document,
};

static TEXTS: LazyLock<Vec<(PathBuf, String)>> = LazyLock::new(|| {
    let read = |path: PathBuf| {
        let text = String::from_utf8(std::fs::read(&path).expect("readable")).expect("UTF-8");
        (path, text)
    };
    files().into_iter().map(read).filter(|(_, text)| text.len() < 10_000).collect()
});

/// One way to damage or vary a text. Numbers choose places, modulo what there is.
#[derive(Clone, Debug)]
enum Mutation {
    Cut(usize, usize),
    DoubleLine(usize),
    MoveLine(usize, usize),
    Indent(usize, usize, bool),
    Insert(usize, String),
    CrLf,
    ByteOrderMark,
    Unfinished,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let bits = prop::sample::select(vec![
        "é", "日", "😀", "# c\n", " # c", "- ", ": ", "[", "]", "{", "}", ", ", "|\n", ">+\n", "\"", "'",
        "!Sub ", "&a ", "*a", "\n", "\n\n", "  ", "\t", "? ", "---\n", "...\n", "<<: ", "\\", "%", "@", "\r",
    ]);
    prop_oneof![
        (any::<usize>(), 0..40usize).prop_map(|(at, length)| Mutation::Cut(at, length)),
        any::<usize>().prop_map(Mutation::DoubleLine),
        (any::<usize>(), any::<usize>()).prop_map(|(from, to)| Mutation::MoveLine(from, to)),
        (any::<usize>(), 1..5usize, any::<bool>())
            .prop_map(|(at, by, deeper)| Mutation::Indent(at, by, deeper)),
        (any::<usize>(), bits).prop_map(|(at, text)| Mutation::Insert(at, text.to_owned())),
        Just(Mutation::CrLf),
        Just(Mutation::ByteOrderMark),
        Just(Mutation::Unfinished),
    ]
}

fn boundary(text: &str, at: usize) -> usize {
    let at = at % (text.len() + 1);
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn mutate(text: &str, mutation: &Mutation) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let count = lines.len().max(1);
    match mutation {
        Mutation::Cut(at, length) => {
            let start = boundary(text, *at);
            let end = boundary(text, (start + length).min(text.len())).max(start);
            return format!("{}{}", &text[..start], &text[end..]);
        }
        Mutation::Insert(at, bit) => {
            let at = boundary(text, *at);
            return format!("{}{bit}{}", &text[..at], &text[at..]);
        }
        Mutation::CrLf => return text.replace("\r\n", "\n").replace('\n', "\r\n"),
        Mutation::ByteOrderMark => return format!("\u{feff}{}", text.trim_start_matches('\u{feff}')),
        Mutation::Unfinished => return text.trim_end_matches(['\n', '\r']).to_owned(),
        _ if lines.is_empty() => {}
        Mutation::DoubleLine(at) => lines.insert(at % count, lines[at % count].clone()),
        Mutation::MoveLine(from, to) => {
            let line = lines.remove(from % count);
            lines.insert(to % count, line);
        }
        Mutation::Indent(at, by, true) => lines[at % count].insert_str(0, &" ".repeat(*by)),
        Mutation::Indent(at, by, false) => {
            let line = &mut lines[at % count];
            let blanks = line.len() - line.trim_start_matches(' ').len();
            line.replace_range(..blanks.min(*by), "");
        }
    }
    lines.concat()
}

fn mutated() -> impl Strategy<Value = (PathBuf, String)> {
    (0..TEXTS.len(), prop::collection::vec(mutation(), 0..4)).prop_map(|(index, mutations)| {
        let (path, text) = &TEXTS[index];
        (path.clone(), mutations.iter().fold(text.clone(), |text, mutation| mutate(&text, mutation)))
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Remove),
        1 => Just(Step::Replace),
        1 => any::<bool>().prop_map(Step::InsertBefore),
        1 => any::<bool>().prop_map(Step::InsertAfter),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(400),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn trees_explain_their_texts((path, text) in mutated()) {
        if let Some(doc) = document(&path, &text) {
            prop_assert_eq!(EditSet::new().apply(doc.source().text()).unwrap(), text);
            check_spans(&doc);
            check_gaps(&doc);
            check_scalars(&doc);
            check_routes(&doc);
        }
    }

    #[test]
    fn changes_do_what_they_say((path, text) in mutated(), choice in any::<usize>()) {
        if let Some(doc) = document(&path, &text) {
            check_change(&doc, &path, choice);
        }
    }

    #[test]
    fn written_values_read_the_same((path, text) in mutated(), from in any::<usize>(), to in any::<usize>(), kind in 0..6usize) {
        if let Some(doc) = document(&path, &text) {
            check_writing(&doc, &path, from, to, kind);
        }
    }

    #[test]
    fn batches_compose((path, text) in mutated(), steps in prop::collection::vec((any::<usize>(), step()), 1..7)) {
        if let Some(doc) = document(&path, &text) {
            check_batch(&doc, &path, &steps);
        }
    }
}

//! The session in the documentation: its keys are typed, and what comes out is what the page shows.
#![cfg(unix)]

mod place_support;
mod terminal_support;

use place_support::Place;
use std::fs;
use std::path::{Path, PathBuf};
use terminal_support::picture::{Frame, picture};
use terminal_support::{Ended, Setup, Terminal};

/// Set to write the transcript instead of comparing it.
const REWRITE: &str = "SAMWIRE_BLESS";

const OPEN: &str = "```text\n";
const CLOSE: &str = "```\n";

/// Lines and columns of the picture.
const SIZE: (u16, u16) = (44, 84);

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// The page, in three parts: before the transcript, the transcript, and behind it.
fn page() -> [String; 3] {
    let text = fs::read_to_string(docs("session.md")).expect("the page is there");
    let (head, rest) = text.split_once(OPEN).expect("the page has a transcript");
    let (transcript, tail) = rest.split_once(CLOSE).expect("it ends");
    [head, transcript, tail].map(str::to_owned)
}

/// The keys of a transcript, in their order.
fn keys(transcript: &str) -> Vec<&str> {
    transcript.split('«').skip(1).filter_map(|rest| rest.split_once('»')).map(|(key, _)| key).collect()
}

/// A session with these keys. At each question `look` sees the terminal, what came since the question before, and the key.
/// Gives how it ended, and up to where of its text somebody has looked.
fn play(keys: &[&str], setup: Setup, mut look: impl FnMut(&Terminal, &str, &str)) -> (Ended, usize) {
    let template =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/orders/template.yaml"));
    let place = Place::repository(&[("template.yaml", &template.expect("the demo is there"))]);
    let mut terminal = Terminal::start_with(&place, &["fix"], setup);
    for key in keys {
        let (shown, of_session) = terminal.prompt();
        look(&terminal, &shown, key);
        terminal.send(if *key == "Tab" { "\t" } else { key });
        // The key itself comes back, or the question with the answer in words.
        let echo = terminal.until("\n");
        assert!(!of_session || echo.trim_end() == *key, "{key} came back as {echo}");
    }
    let seen = terminal.seen();
    let ended = terminal.end();
    assert_eq!(ended.code, 0, "{}", ended.text);
    (ended, seen)
}

/// Compares what is made with what is there, or writes it.
#[track_caller]
fn hold(name: &str, made: &str) {
    if std::env::var_os(REWRITE).is_some() {
        fs::create_dir_all(docs("images")).expect("docs/ can be written");
        fs::write(docs(name), made).expect("docs/ can be written");
    }
    let there = fs::read_to_string(docs(name)).unwrap_or_default();
    assert!(there == made, "docs/{name} is stale: run this test with {REWRITE}=1, then look at it\n{made}");
}

#[test]
fn the_session_of_the_page_is_what_a_terminal_shows() {
    let [head, transcript, tail] = page();
    let mut real = String::new();
    let setup = Setup::default().size(70, 80);
    let (ended, seen) = play(&keys(&transcript), setup, |_, shown, key| {
        real.push_str(&format!("{shown}«{key}»\n"));
    });
    real.push_str(&ended.text[seen..]);
    // A blank at the end of a line is no part of what a page shows.
    let real: String = real.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    hold("session.md", &format!("{head}{OPEN}{real}{CLOSE}{tail}"));
}

#[test]
fn the_picture_of_the_session_is_what_a_terminal_shows() {
    let [_, transcript, _] = page();
    let mut frames = Vec::new();
    let (rows, columns) = SIZE;
    let setup = Setup { rows, columns, env: Vec::new() };
    play(&keys(&transcript), setup, |terminal, _, key| frames.push(Frame::of(terminal.coloured(), key)));
    hold("images/session.svg", &picture("samwire fix", SIZE, &frames));
}

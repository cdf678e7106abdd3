//! The session in the documentation: its keys are typed, and what comes out is what the page shows.
#![cfg(unix)]

mod place_support;
mod terminal_support;

use place_support::Place;
use std::fs;
use std::path::{Path, PathBuf};
use terminal_support::{Setup, Terminal};

/// Set to write the transcript instead of comparing it.
const REWRITE: &str = "SAMWIRE_BLESS";

const OPEN: &str = "```text\n";
const CLOSE: &str = "```\n";

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/session.md")
}

/// The keys of a transcript, in their order.
fn keys(transcript: &str) -> Vec<&str> {
    transcript.split('«').skip(1).filter_map(|rest| rest.split_once('»')).map(|(key, _)| key).collect()
}

/// What a session with these keys shows, with the keys in it.
fn played(keys: &[&str]) -> String {
    let template =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/orders/template.yaml"));
    let place = Place::repository(&[("template.yaml", &template.expect("the demo is there"))]);
    let setup = Setup::default().size(70, 80);
    let mut terminal = Terminal::start_with(&place, &["fix"], setup);
    let mut out = String::new();
    for key in keys {
        let (shown, of_session) = terminal.prompt();
        out.push_str(&shown);
        out.push_str(&format!("«{key}»\n"));
        terminal.send(if *key == "Tab" { "\t" } else { key });
        // The key itself comes back, or the question with the answer in words.
        let echo = terminal.until("\n");
        assert!(!of_session || echo.trim_end() == *key, "{key} came back as {echo}");
    }
    let before = terminal.seen();
    let ended = terminal.end();
    assert_eq!(ended.code, 0, "{}", ended.text);
    out + &ended.text[before..]
}

#[test]
fn the_session_of_the_page_is_what_a_terminal_shows() {
    let text = fs::read_to_string(page()).expect("the page is there");
    let (head, rest) = text.split_once(OPEN).expect("the page has a transcript");
    let (transcript, tail) = rest.split_once(CLOSE).expect("it ends");
    let real = played(&keys(transcript));
    // A blank at the end of a line is no part of what a page shows.
    let real: String = real.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    if std::env::var_os(REWRITE).is_some() {
        fs::write(page(), format!("{head}{OPEN}{real}{CLOSE}{tail}")).expect("docs/ can be written");
        return;
    }
    assert!(
        real == transcript,
        "docs/session.md is stale: run this test with {REWRITE}=1, then read it\n{real}"
    );
}

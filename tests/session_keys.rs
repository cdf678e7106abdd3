//! The keys of the session at a terminal: what each does, and what is in the files at the end.
#![cfg(unix)]

mod place_support;
mod terminal_support;

use place_support::{Place, TEMPLATE};
use terminal_support::Terminal;

#[test]
fn what_is_taken_is_written_after_the_whole_was_shown() {
    let place = Place::repository(&[("template.yaml", TEMPLATE)]);
    let mut terminal = Terminal::start(&place, &["fix"]);
    assert!(terminal.key("y").contains("[1/3] template.yaml"));
    terminal.keys("yy");
    assert!(terminal.until("Write 1 file?").contains("+++ b/template.yaml"));
    assert_eq!(place.read("template.yaml"), TEMPLATE, "not before it is confirmed");
    terminal.answer("[y/N]", "y");
    let ended = terminal.end();
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert!(ended.text.contains("wrote template.yaml: 3 rewrites\n"), "{}", ended.text);
}

//! The session and other programs at its terminal: editors that do all that editors do, and pagers.
#![cfg(unix)]

mod place_support;
mod terminal_support;

use place_support::{Place, TEMPLATE};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use terminal_support::{Setup, Terminal};

/// A place with programs of its own, outside of its work tree.
struct Desk {
    place: Place,
    programs: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let place = Place::repository(&[("template.yaml", TEMPLATE)]);
        Self { place, programs: tempfile::tempdir().expect("a temporary directory") }
    }

    /// A shell script; `$1` is what it is given.
    fn program(&self, name: &str, script: &str) -> String {
        let path = self.programs.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("the folder is ours");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
        path.to_str().expect("temporary directories are UTF-8").to_owned()
    }

    fn edited_by(&self, script: &str) -> Terminal {
        let editor = self.program("editor", script);
        Terminal::start_with(&self.place, &["fix"], Setup::default().env("EDITOR", editor))
    }

    fn template(&self) -> String {
        self.place.read("template.yaml")
    }
}

/// Replaces in the file that the editor is given.
fn replace(old: &str, new: &str) -> String {
    format!("sed 's/{old}/{new}/' \"$1\" > \"$1.new\" && mv \"$1.new\" \"$1\"")
}

#[test]
fn a_text_of_ones_own_is_judged_and_written() {
    let desk = Desk::new();
    let mut terminal = desk.edited_by(&replace("            - Write", "            # only reads"));
    terminal.key("e");
    let judged = terminal.until("Take your text? [y/N] ");
    assert!(judged.contains("# only reads") && judged.contains("- removes"), "{judged}");
    terminal.until_keys_are_read();
    terminal.send("y");
    let next = terminal.key("n");
    assert!(next.contains("Orders → Mailer"), "{next}");
    assert_eq!(desk.template(), TEMPLATE, "the editor has a copy");
    terminal.key("n");
    terminal.answer("Write 1 file?", "y");
    assert_eq!(terminal.end().code, 0);
    assert!(
        desk.template().contains("            - Read\n            # only reads\n"),
        "{}",
        desk.template()
    );
}

#[test]
fn a_broken_text_is_explained_and_mended_where_it_broke() {
    let desk = Desk::new();
    // Breaks it first, and mends what it finds broken.
    let editor = "grep -q '\\[Orders' \"$1\" && with='s/\\[Orders/Orders/' || with='s/Id: Orders/Id: [Orders/'\n\
                  sed \"$with\" \"$1\" > \"$1.new\" && mv \"$1.new\" \"$1\"";
    let mut terminal = desk.edited_by(editor);
    terminal.key("e");
    let said = terminal.until("Edit it again? [Y/n] ");
    assert!(said.contains("`Orders` cannot be used so: line "), "{said}");
    terminal.until_keys_are_read();
    terminal.send("\r");
    terminal.answer("Take your text? [Y/n] ", "n");
    terminal.answer("Edit it again? [Y/n] ", "n");
    terminal.until("your text is dropped; the proposal stands\n");
    terminal.key("q");
    assert_eq!(terminal.end().code, 0);
    assert_eq!(desk.template(), TEMPLATE);
}

#[test]
fn a_text_of_ones_own_can_be_taken_back() {
    let desk = Desk::new();
    let mut terminal = desk.edited_by(&replace("            - Write", "            # only reads"));
    terminal.key("e");
    terminal.answer("Take your text? [y/N] ", "y");
    assert!(terminal.key("u").contains("[2/3]"));
    let again = terminal.key("y");
    assert!(again.contains("[1/3]") && !again.contains("# only reads"), "{again}");
    terminal.keys("nn");
    terminal.answer("Write 1 file?", "y");
    assert_eq!(terminal.end().code, 0);
    assert!(desk.template().contains("            - Read\n            - Write\n"), "{}", desk.template());
}

#[test]
fn an_edit_stays_within_its_resource() {
    let desk = Desk::new();
    let mut terminal = desk.edited_by("printf '  Another:\\n    Type: AWS::SNS::Topic\\n' >> \"$1\"");
    terminal.key("e");
    let said = terminal.until("Edit it again? [Y/n] ");
    assert!(said.contains("reaches beyond `Orders`"), "{said}");
    terminal.until_keys_are_read();
    terminal.send("n");
    terminal.key("q");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn an_editor_that_fails_changes_nothing() {
    for (script, words) in [
        ("exit 1", "the editor failed: "),
        ("exec /no/such/editor \"$1\"", "the editor failed: "),
        (":", "the editor was left without saving; nothing is changed\n"),
        ("rm \"$1\"", "the editor failed: "),
    ] {
        let desk = Desk::new();
        let mut terminal = desk.edited_by(script);
        terminal.key("e");
        terminal.until(words);
        terminal.key("q");
        assert_eq!(terminal.end().code, 0, "{script}");
        assert_eq!(desk.template(), TEMPLATE);
    }
}

#[test]
fn an_editor_that_is_not_there_is_named() {
    let desk = Desk::new();
    let setup = Setup::default().env("EDITOR", "/no/such/editor");
    let mut terminal = Terminal::start_with(&desk.place, &["fix"], setup);
    terminal.key("e");
    let said = terminal.until("nothing is changed\n");
    assert!(said.contains("/no/such/editor") && said.contains("set VISUAL or EDITOR"), "{said}");
    terminal.key("q");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn the_visual_editor_goes_first_and_may_have_arguments() {
    let desk = Desk::new();
    let visual = desk.program("visual", "echo \"visual $1\"; [ \"$1\" = --wait ] && [ -f \"$2\" ]");
    let setup = Setup::default().env("EDITOR", "false").env("VISUAL", format!("{visual} --wait"));
    let mut terminal = Terminal::start_with(&desk.place, &["fix"], setup);
    terminal.key("e");
    terminal.until("visual --wait\n");
    terminal.until("left without saving");
    terminal.key("q");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn what_does_not_fit_goes_through_the_pager() {
    let desk = Desk::new();
    let pager = desk.program("pager", "echo '<pager>'; cat; echo '</pager>'");
    let setup = Setup::default().env("PAGER", pager.clone()).size(20, 80);
    let mut terminal = Terminal::start_with(&desk.place, &["fix"], setup);
    let shown = terminal.key("x");
    let (paged, rest) = shown.split_once("</pager>").expect("a pager was used");
    assert!(paged.contains("<pager>") && paged.contains("ToOrdersTable:"), "{paged}");
    assert!(rest.contains("Orders → OrdersTable"), "what is asked stands below it: {rest}");
    assert!(terminal.key("q").contains("</pager>"), "an explanation is long too");
    assert_eq!(terminal.end().code, 0);

    let setup = Setup::default().env("PAGER", pager).size(70, 80);
    let mut terminal = Terminal::start_with(&desk.place, &["fix"], setup);
    assert!(!terminal.key("q").contains("pager>"), "it fits");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn less_says_how_to_go_on_unless_the_user_has_told_it_something() {
    let desk = Desk::new();
    for (own, told) in [(None, "space goes on, b back, q to the question"), (Some("-R"), "<-R>")] {
        let mut setup = Setup::default().env("PAGER", "cat; echo \"<$LESS>\" #").size(20, 80);
        if let Some(own) = own {
            setup = setup.env("LESS", own);
        }
        let mut terminal = Terminal::start_with(&desk.place, &["fix"], setup);
        let shown = terminal.key("q");
        assert!(shown.contains(told), "{shown}");
        assert_eq!(terminal.end().code, 0);
    }
}

#[test]
fn without_a_pager_everything_is_shown_at_once() {
    let desk = Desk::new();
    let setup = Setup::default().env("PAGER", "/no/such/pager").size(20, 80);
    let mut terminal = Terminal::start_with(&desk.place, &["fix"], setup);
    let shown = terminal.key("q");
    assert!(shown.contains("+       ToOrdersTable:") || shown.contains("ToOrdersTable:"), "{shown}");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn a_pager_that_is_left_early_is_no_error() {
    let desk = Desk::new();
    let setup = Setup::default().env("PAGER", "head -n 3").size(20, 80);
    let mut terminal = Terminal::start_with(&desk.place, &["fix"], setup);
    terminal.keys("yq");
    terminal.answer("Quit", "y");
    assert_eq!(terminal.end().code, 0);
}

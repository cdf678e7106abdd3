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

/// Answers the question at the end, and gives what the file holds then.
#[track_caller]
fn written(place: &Place, mut terminal: Terminal) -> String {
    terminal.answer("Write 1 file? [y/N] ", "y");
    let ended = terminal.end();
    assert_eq!(ended.code, 0, "{}", ended.text);
    place.read("template.yaml")
}

/// The lines that a text has and the template has not.
fn added(text: &str) -> String {
    let old: Vec<&str> = TEMPLATE.lines().collect();
    text.lines().filter(|line| !old.contains(line)).map(|line| format!("{}\n", line.trim())).collect()
}

fn place() -> Place {
    Place::repository(&[("template.yaml", TEMPLATE)])
}

fn start(place: &Place) -> Terminal {
    Terminal::start(place, &["fix"])
}

/// What `fix --yes` writes with some profiles only.
fn fixed(args: &[&str]) -> String {
    let place = place();
    let done = place.samwire(&[&["fix", "--yes"], args].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    place.read("template.yaml")
}

#[test]
fn what_is_skipped_stays_as_it_is() {
    let place = place();
    let mut terminal = start(&place);
    terminal.keys("nyn");
    let end = terminal.until("Write 1 file?");
    assert!(end.contains("1 rewrite in 1 file\n"), "{end}");
    terminal.answer("[y/N] ", "y");
    assert_eq!(terminal.end().code, 0);
    assert_eq!(place.read("template.yaml"), fixed(&["--only", "function-to-function"]));
}

#[test]
fn enter_is_what_the_prompt_says() {
    let place = place();
    let mut terminal = start(&place);
    for _ in 0..2 {
        assert!(terminal.key("\r").ends_with("Enter=y "), "equivalent");
    }
    // The connector lets the mailer delete as well, which it could not before.
    assert!(terminal.key("\r").ends_with("Enter=n "), "wider");
    assert_eq!(written(&place, terminal), fixed(&[]));
}

#[test]
fn one_key_answers_for_the_rest_of_the_file() {
    for (key, expected) in [("a", fixed(&["--accept", "any"])), ("d", TEMPLATE.to_owned())] {
        let files = [("a.yaml", TEMPLATE), ("b.yaml", TEMPLATE)];
        let place = Place::repository(&files);
        let mut terminal = start(&place);
        terminal.key(key);
        let next = terminal.key("a");
        assert!(next.contains("[4/6] b.yaml"), "{next}");
        let files = if key == "a" { "Write 2 files?" } else { "Write 1 file?" };
        terminal.answer(files, "y");
        assert_eq!(terminal.end().code, 0);
        assert_eq!(place.read("a.yaml"), expected);
        assert_eq!(place.read("b.yaml"), fixed(&["--accept", "any"]));
    }
}

#[test]
fn one_key_answers_for_all_that_are_alike() {
    let files = [("a.yaml", TEMPLATE), ("b.yaml", TEMPLATE)];
    let place = Place::repository(&files);
    let mut terminal = start(&place);
    terminal.key("A");
    assert!(terminal.key("D").contains("[2/6] a.yaml"));
    assert!(terminal.key("n").contains("[3/6] a.yaml"));
    let last = terminal.key("n");
    assert!(last.contains("[6/6] b.yaml"), "what is alike was answered in the other file too: {last}");
    terminal.answer("Write 2 files?", "y");
    assert_eq!(terminal.end().code, 0);
    for name in ["a.yaml", "b.yaml"] {
        assert!(place.read(name).contains("ToOrdersTable:"));
        assert!(!place.read(name).contains("ToMailer:"));
    }
}

#[test]
fn an_answer_can_be_taken_back() {
    let place = place();
    let mut terminal = start(&place);
    terminal.key("u");
    terminal.until("there is no answer to take back\n");
    terminal.keys("yu");
    let again = terminal.key("n");
    assert!(again.contains("[1/3]") && !again.contains("was:"), "{again}");
    terminal.keys("yn");
    assert_eq!(written(&place, terminal), fixed(&["--only", "function-to-function"]));
}

#[test]
fn one_can_move_and_see_what_was_answered() {
    let place = place();
    let mut terminal = start(&place);
    terminal.key("k");
    terminal.until("this is the first one");
    terminal.key("y");
    terminal.key("k");
    let back = terminal.key("j");
    assert!(back.contains("[1/3] template.yaml (was: y)"), "{back}");
    assert!(terminal.key("\u{1b}[B").contains("[2/3]"), "an arrow is a move too");
    assert!(terminal.key("j").contains("[3/3]"));
    terminal.until("this is the last one; w goes to the end");
    terminal.key("\u{1b}[A");
    assert!(terminal.key("n").contains("[2/3]"));
    terminal.key("n");
    assert_eq!(written(&place, terminal), fixed(&["--only", "function-to-table", "--source", "Orders"]));
}

#[test]
fn letters_of_longer_sequences_are_no_keys() {
    let place = place();
    let mut terminal = start(&place);
    // Ctrl and an arrow, an arrow of a terminal in application mode, a function key, Alt and a letter, Escape.
    for sequence in ["\u{1b}[1;5A", "\u{1b}[1;5D", "\u{1b}OA", "\u{1b}OD", "\u{1b}[15~", "\u{1b}y", "\u{1b}"]
    {
        terminal.key(sequence);
        let said = terminal.until("no such key; ? shows all\n");
        assert!(!said.contains("[2/3]"), "{sequence:?} answered");
    }
    terminal.key("z");
    terminal.until("no such key; ? shows all\n");
    terminal.key("ä");
    terminal.until("no such key; ? shows all\n");
    terminal.key("q");
    let ended = terminal.end();
    assert!(ended.text.ends_with("nothing was written\n"), "{}", ended.text);
}

#[test]
fn help_and_explanations_come_without_an_answer() {
    let place = place();
    let mut terminal = start(&place);
    terminal.key("?");
    let help = terminal.until("Nothing is written before");
    for key in ["y", "n", "a", "d", "A", "D", "u", "j", "k", "Tab", "e", "i", "x", "w", "q", "?", "Enter"] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(key)), "no {key} in {help}");
    }
    terminal.key("x");
    let explained = terminal.key("q");
    assert!(explained.contains("function-to-table") && explained.contains("deploy-gap"), "{explained}");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn tab_goes_round_the_ways_to_write_it_and_the_one_that_is_seen_is_taken() {
    let place = place();
    let mut terminal = start(&place);
    let mut seen = Vec::new();
    loop {
        let shown = terminal.key("\t");
        let alternative = shown.lines().find_map(|line| line.strip_prefix("  alternative: "));
        match alternative {
            None if seen.is_empty() => seen.push(String::new()),
            None => break,
            Some(words) => seen.push(words.to_owned()),
        }
        assert!(seen.len() < 10, "{seen:?}");
    }
    assert_eq!(seen, ["", "standalone", "drop the rest", "drop the rest, standalone"]);
    // One was typed already where the round began anew.
    let shown = terminal.key("y");
    assert!(shown.contains("  alternative: standalone\n"), "{shown}");
    terminal.keys("nn");
    let text = written(&place, terminal);
    assert!(added(&text).contains("OrdersToOrdersTable:\nType: AWS::Serverless::Connector\n"), "{text}");
}

#[test]
fn what_is_ignored_gets_a_comment_and_is_not_asked_again() {
    let place = place();
    let mut terminal = start(&place);
    terminal.key("i");
    terminal.answer("Why is it ignored? (empty: go back): ", "\r");
    terminal.key("i");
    terminal.answer("Why is it ignored?", "the team wants it so\r");
    let next = terminal.key("n");
    assert!(next.contains("[1/2]") && next.contains("Orders → Mailer"), "{next}");
    terminal.key("n");
    let end = terminal.until("Write 1 file?");
    assert!(end.contains("\n1 comment that ignores a rewrite in 1 file\n"), "{end}");
    terminal.answer("[y/N] ", "y");
    let ended = terminal.end();
    assert!(ended.text.contains("wrote template.yaml: 1 comment that ignores a rewrite\n"), "{}", ended.text);
    let text = place.read("template.yaml");
    let comment = "        # samwire: ignore[function-to-table] the team wants it so\n";
    assert_eq!(text.replace(comment, ""), TEMPLATE);
    let at = text.find(comment).expect("it is there");
    assert!(text[at + comment.len()..].starts_with("        - DynamoDBCrudPolicy:"), "{text}");
    let done = place.samwire(&["diff"]);
    assert!(!done.out.contains("ToOrdersTable"), "{}", done.out);
}

#[test]
fn a_file_without_comments_cannot_say_why() {
    let text = r#"{"Transform": "AWS::Serverless-2016-10-31", "Resources": {
  "F": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "f/", "Handler": "f.f", "Runtime": "python3.13",
    "Policies": [{"DynamoDBReadPolicy": {"TableName": {"Ref": "T"}}}]}},
  "T": {"Type": "AWS::Serverless::SimpleTable"}}}
"#;
    let place = Place::repository(&[("template.json", text)]);
    let mut terminal = start(&place);
    terminal.key("i");
    terminal.answer("Why is it ignored?", "because\r");
    terminal.until("there is no room for a comment at this place; answer n to skip it this time\n");
    terminal.key("y");
    terminal.answer("Write 1 file?", "y");
    assert_eq!(terminal.end().code, 0);
    assert!(place.read("template.json").contains(r#""ToT""#));
}

#[test]
fn the_end_can_be_reached_early_and_left_again() {
    let place = place();
    let mut terminal = start(&place);
    terminal.keys("yw");
    let end = terminal.until("Write 1 file?");
    assert!(end.contains("1 rewrite in 1 file\n"), "{end}");
    assert!(end.contains("2 rewrites have no answer and are left as before\n"), "{end}");
    terminal.answer("[y/N] ", "n");
    terminal.answer("Go back to the rewrites? [Y/n] ", "\r");
    assert!(terminal.key("w").contains("[2/3]"));
    terminal.answer("Write 1 file? [y/N] ", "\r");
    terminal.answer("Go back to the rewrites? [Y/n] ", "n");
    let ended = terminal.end();
    assert_eq!(ended.code, 0);
    assert!(
        ended.text.ends_with("nothing was written; 1 answer is kept, and the same command goes on with it\n"),
        "{}",
        ended.text
    );
    assert_eq!(place.read("template.yaml"), TEMPLATE);
}

#[test]
fn the_end_without_anything_taken_asks_only_where_something_is_open() {
    let place = place();
    let mut terminal = start(&place);
    terminal.keys("nw");
    terminal.answer("Nothing is taken. Leave without writing? [Y/n] ", "n");
    terminal.keys("nn");
    let ended = terminal.end();
    assert_eq!(ended.code, 0);
    assert!(ended.text.ends_with("nothing is taken, so nothing was written\n"), "{}", ended.text);
    assert_eq!(place.read("template.yaml"), TEMPLATE);
}

#[test]
fn quitting_asks_only_where_something_was_taken() {
    let place = place();
    let mut terminal = start(&place);
    terminal.keys("nq");
    assert_eq!(terminal.end().code, 0);

    let mut terminal = start(&place);
    terminal.answer("Go on with what was answered?", "n");
    terminal.keys("yq");
    terminal.answer("Quit, and write nothing of what was taken? [y/N] ", "\r");
    terminal.key("q");
    terminal.answer("Quit, and write nothing of what was taken?", "y");
    let ended = terminal.end();
    assert_eq!(ended.code, 0);
    assert!(ended.text.contains("nothing was written; 1 answer is kept"), "{}", ended.text);
    assert_eq!(place.read("template.yaml"), TEMPLATE);
}

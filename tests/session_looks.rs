//! What the session looks like on terminals of several kinds: narrow and wide, with and without colours, and one that can do
//! nothing but print.
#![cfg(unix)]

mod place_support;
mod terminal_support;

use place_support::{Place, TEMPLATE};
use std::collections::BTreeSet;
use terminal_support::{Setup, Terminal};

fn place() -> Place {
    Place::repository(&[("template.yaml", TEMPLATE)])
}

/// The sequences that the program printed, without those of single keys.
fn sequences(raw: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(raw).into_owned();
    let begun = text.split("\u{1b}[").skip(1);
    begun
        .map(|rest| rest.chars().take_while(|c| !c.is_alphabetic()).collect::<String>() + &last(rest))
        .collect()
}

fn last(rest: &str) -> String {
    rest.chars().find(|c| c.is_alphabetic()).map(String::from).unwrap_or_default()
}

#[test]
fn words_fit_in_every_width() {
    for columns in [60, 80, 200] {
        let place = place();
        let setup = Setup::default().size(200, columns);
        let mut terminal = Terminal::start_with(&place, &["fix"], setup);
        let width = usize::from(columns);
        let question = terminal.key("?");
        let words = &question[question.find("Orders → OrdersTable").expect("it is asked about")..];
        let help = terminal.key("x");
        let explanation = terminal.key("a");
        let end = terminal.until("Write 1 file?");
        let totals = &end[end.find("3 rewrites in 1 file").expect("there are totals")..];
        for text in [words, &help, &explanation, totals] {
            for line in text.lines() {
                // What has no blank in it cannot be broken.
                let fits = line.chars().count() <= width || !line.trim().contains(' ');
                assert!(fits, "wider than {columns}: {line}");
            }
        }
        let rule = question.lines().find(|line| line.starts_with('─')).expect("there is a rule");
        assert_eq!(rule.chars().count(), width.min(100));
        terminal.until_keys_are_read();
        terminal.send("n");
        terminal.answer("Go back to the rewrites?", "n");
        assert_eq!(terminal.end().code, 0);
    }
}

#[test]
fn an_answered_question_leaves_one_line_behind() {
    let place = place();
    let setup = Setup::default().size(60, 60);
    let mut terminal = Terminal::start_with(&place, &["fix"], setup);
    terminal.keys("yq");
    terminal.answer("Quit, and write nothing of what was taken?", "y");
    let screen = terminal.end().screen;
    assert_eq!(screen.matches("Quit, and write").count(), 1, "{screen}");
    assert!(screen.contains("Quit, and write nothing of what was taken? yes\n"), "{screen}");
}

#[test]
fn a_long_question_is_wrapped_and_leaves_one_behind() {
    let place = place();
    let mut terminal = Terminal::start_with(&place, &["fix"], Setup::default().size(200, 40));
    terminal.key("w");
    terminal.answer("without\n  writing? [Y/n] ", "n");
    terminal.key("i");
    terminal.answer("Why is it ignored?", "of a reason that is longer than the rest of the line\r");
    terminal.key("q");
    terminal.answer("[y/N]", "y");
    let screen = terminal.end().screen;
    for (words, whole) in [
        ("Nothing is taken.", "Nothing is taken. Leave without\n  writing? no\n"),
        ("Why is it", "(empty: go\n  back): of a reason that is longer than\n"),
        ("Quit, and", "Quit, and write nothing of what\n  was taken? yes\n"),
    ] {
        assert_eq!(screen.matches(words).count(), 1, "{screen}");
        assert!(screen.contains(whole), "{screen}");
    }
}

#[test]
fn an_explanation_is_wrapped_once_at_the_width_of_the_terminal() {
    let place = place();
    let mut explained = Vec::new();
    for columns in [60, 80, 200] {
        let setup = Setup::default().size(200, columns);
        let ended = Terminal::start_with(&place, &["explain", "function-to-table"], setup).end();
        assert_eq!(ended.code, 0);
        let fits =
            |line: &str| line.chars().count() <= usize::from(columns).min(100) || !line.trim().contains(' ');
        assert!(ended.text.lines().all(fits), "{}", ended.text);
        explained.push(ended.text);
    }
    // Where nobody knows the width, only prose is wrapped, as on the widest screen.
    let prose = |text: &str| text.split_once("\nTraps\n").map(|(_, traps)| traps.to_owned());
    assert_eq!(prose(&explained[2]), prose(&place.samwire(&["explain", "function-to-table"]).out));
    let mut terminal = Terminal::start_with(&place, &["fix"], Setup::default().size(200, 80));
    terminal.key("x");
    let shown = terminal.key("q");
    assert!(shown.contains(&explained[1]), "{shown}");
}

#[test]
fn colours_are_those_that_any_background_bears() {
    let place = place();
    let setup = Setup { env: Vec::new(), ..Setup::default() };
    let mut terminal = Terminal::start_with(&place, &["fix"], setup);
    terminal.keys("xq");
    let seen = sequences(&terminal.end().raw);
    // Green, red, yellow, cyan, bold and faint, on whatever the background is; neither black nor white.
    let allowed = ["0m", "1m", "2m", "31m", "32m", "33m", "36m"];
    assert!(seen.contains("32m") && seen.contains("31m") && seen.contains("1m"), "{seen:?}");
    let other: Vec<_> = seen.iter().filter(|one| !allowed.contains(&one.as_str())).collect();
    assert!(other.is_empty(), "{other:?}");
}

#[test]
fn without_colours_there_are_none() {
    let place = place();
    let mut terminal = Terminal::start(&place, &["fix"]);
    terminal.keys("xa");
    terminal.answer("Write 1 file?", "y");
    let seen = sequences(&terminal.end().raw);
    assert!(seen.iter().all(|one| !one.ends_with('m')), "{seen:?}");
}

#[test]
fn a_terminal_that_only_prints_gets_lines_and_gives_lines() {
    let place = place();
    let setup = Setup { env: vec![("TERM", "dumb".to_owned())], ..Setup::default().size(20, 80) };
    let mut terminal = Terminal::start_with(&place, &["fix"], setup);
    for (question, answer) in [
        ("[1/3]", "tab"),
        ("alternative: standalone", "x"),
        ("deploy-gap", "i"),
        ("Why is it ignored? (empty: go back): ", ""),
        ("Enter=y ", "y"),
        ("[2/3]", ""),
        ("[3/3]", "?"),
        ("Nothing is written before", "yes"),
        ("Write 1 file? [y/N] ", "no"),
        ("Go back to the rewrites? [Y/n] ", ""),
        ("[3/3]", "w"),
        ("Write 1 file? [y/N] ", "yes"),
    ] {
        terminal.until(question);
        if !question.ends_with(' ') {
            terminal.until(" Enter=");
            terminal.until(" ");
        }
        terminal.send(&format!("{answer}\n"));
    }
    let ended = terminal.end();
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert!(!ended.raw.contains(&0x1b), "{}", ended.text);
    let text = place.read("template.yaml");
    assert!(text.contains("OrdersToOrdersTable:") && text.contains("ToMailer:"), "{text}");
}

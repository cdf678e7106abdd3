//! What outlives a session: answers that are kept for the next one, decisions that are saved for other repositories, and both
//! where they fit no more.
#![cfg(unix)]

mod place_support;
mod terminal_support;

use place_support::{Place, TEMPLATE};
use std::fs;
use terminal_support::{CTRL_C, Ended, Setup, Terminal};

/// Where answers are kept in a work tree.
const KEPT: &str = ".git/samwire/answers.json";

fn place() -> Place {
    Place::repository(&[("template.yaml", TEMPLATE)])
}

/// A session in which some keys are typed before it is broken off.
#[track_caller]
fn broken_off(place: &Place, keys: &str) -> Ended {
    let mut terminal = Terminal::start(place, &["fix"]);
    terminal.keys(keys);
    terminal.key(CTRL_C);
    let ended = terminal.end();
    assert_eq!(ended.code, 130, "{}", ended.text);
    ended
}

/// The next session, with a yes or no to what was kept.
#[track_caller]
fn resumed(place: &Place, answer: &str) -> Terminal {
    let mut terminal = Terminal::start(place, &["fix"]);
    terminal.answer("Go on with what was answered? [Y/n]", answer);
    terminal
}

#[test]
fn the_next_session_goes_on_where_the_last_one_ended() {
    let place = place();
    let ended = broken_off(&place, "yn");
    assert!(
        ended
            .text
            .ends_with("nothing was written; 2 answers are kept, and the same command goes on with them\n")
    );
    let mut terminal = Terminal::start(&place, &["fix"]);
    let offer = terminal.until("Go on with what was answered? [Y/n]");
    assert!(offer.contains("2 answers are kept of an earlier session\n"), "{offer}");
    terminal.until_keys_are_read();
    terminal.send("\r");
    assert!(terminal.key("k").contains("[3/3]"));
    assert!(terminal.key("k").contains("[2/3] template.yaml (was: n)"));
    assert!(terminal.key("j").contains("[1/3] template.yaml (was: y)"));
    terminal.keys("jn");
    terminal.answer("Write 1 file? [y/N]", "y");
    assert_eq!(terminal.end().code, 0);
    assert!(place.read("template.yaml").contains("ToOrdersTable:"));
    assert!(!place.read("template.yaml").contains("ToMailer:"));
    assert!(!place.at(KEPT).exists(), "what is written needs no answers any more");
}

#[test]
fn the_answers_of_the_last_session_can_be_dropped() {
    let place = place();
    broken_off(&place, "yy");
    let mut terminal = resumed(&place, "n");
    let first = terminal.key(CTRL_C);
    assert!(first.contains("[1/3] template.yaml\n"), "{first}");
    let ended = terminal.end();
    assert!(ended.text.ends_with("\nnothing was written\n"), "{}", ended.text);
    assert!(!place.at(KEPT).exists());
}

#[test]
fn an_answer_about_what_is_gone_is_said_and_dropped() {
    let place = place();
    broken_off(&place, "yy");
    let changed = TEMPLATE
        .replace("DynamoDBCrudPolicy:", "SQSPollerPolicy:")
        .replace("TableName: !Ref OrdersTable\n        - S", "QueueName: q\n        - S");
    assert_ne!(changed, TEMPLATE);
    place.write("template.yaml", &changed);
    place.commit();
    let mut terminal = resumed(&place, "y");
    let shown = terminal.key("q");
    assert!(
        shown.contains("no longer applies: template.yaml: function-to-table Orders → OrdersTable\n"),
        "{shown}"
    );
    assert!(shown.contains("[2/2]") && shown.contains("Mailer → OrdersTable"), "{shown}");
    terminal.answer("Quit,", "y");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn a_text_of_ones_own_is_kept_for_the_file_that_it_was_made_from() {
    let place = place();
    // Reads what stands in the editor's name behind the script as a comment.
    let editor = "f() { sed 's/- Write/# reads only/' \"$1\" > \"$1.new\" && mv \"$1.new\" \"$1\"; }; f";
    let mut terminal = Terminal::start_with(&place, &["fix"], Setup::default().env("EDITOR", editor));
    terminal.key("e");
    terminal.answer("Take your text? [y/N]", "y");
    terminal.key(CTRL_C);
    terminal.end();

    let mut terminal = resumed(&place, "y");
    let next = terminal.key("w");
    assert!(next.contains("Orders → Mailer"), "{next}");
    let end = terminal.until("Write 1 file? [y/N]");
    assert!(end.contains("# reads only"), "{end}");
    terminal.until_keys_are_read();
    terminal.send(CTRL_C);
    assert_eq!(terminal.end().code, 130);

    place.write("template.yaml", &format!("{TEMPLATE}# another end\n"));
    place.commit();
    let mut terminal = resumed(&place, "y");
    let shown = terminal.key("q");
    let said = "no longer applies: template.yaml: a text edited by hand, since the file has changed\n";
    assert!(shown.contains(said), "{shown}");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn answers_that_cannot_be_read_are_replaced() {
    let place = place();
    broken_off(&place, "y");
    fs::write(place.at(KEPT), "no answers").expect("it is there");
    let mut terminal = Terminal::start(&place, &["fix"]);
    let shown = terminal.key("y");
    assert!(shown.contains("the answers of an earlier session cannot be read"), "{shown}");
    terminal.key(CTRL_C);
    assert!(terminal.end().text.contains("1 answer is kept"));
    resumed(&place, "y").key(CTRL_C);
}

#[test]
fn outside_of_git_answers_are_kept_in_the_state_directory() {
    let place = Place::with(&[("template.yaml", TEMPLATE)]);
    let start = || Terminal::start(&place, &["fix", "--allow-no-vcs"]);
    let mut terminal = start();
    terminal.key("y");
    terminal.key(CTRL_C);
    assert_eq!(terminal.end().code, 130);
    assert_eq!(place.names("."), ["template.yaml"], "nothing lies among the templates");
    let mut terminal = start();
    terminal.answer("Go on with what was answered? [Y/n]", "y");
    assert!(terminal.key(CTRL_C).contains("[2/3]"));
    assert_eq!(terminal.end().code, 130);
}

#[test]
fn answers_about_other_files_stay() {
    let place = Place::repository(&[("a.yaml", TEMPLATE), ("b.yaml", TEMPLATE)]);
    for name in ["a.yaml", "b.yaml"] {
        let mut terminal = Terminal::start(&place, &["fix", name]);
        terminal.key("y");
        terminal.key(CTRL_C);
        assert!(terminal.end().text.contains("1 answer is kept"), "{name} was asked about alone");
    }
    let mut terminal = Terminal::start(&place, &["fix"]);
    let offer = terminal.answer("Go on with what was answered? [Y/n]", "y");
    assert!(offer.contains("2 answers are kept of an earlier session\n"), "{offer}");
    terminal.key(CTRL_C);
    assert_eq!(terminal.end().code, 130);
}

#[test]
fn decisions_are_taken_over_in_other_repositories() {
    let first = place();
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("decisions.json");
    let file = path.to_str().expect("temporary directories are UTF-8");
    let mut terminal = Terminal::start(&first, &["fix", "--save-decisions", file]);
    terminal.keys("nyy");
    terminal.answer("Write 1 file? [y/N]", "y");
    assert_eq!(terminal.end().code, 0);
    let written = first.read("template.yaml");
    assert!(written.contains("ToMailer:") && written.contains("ToOrdersTable:"), "{written}");

    let second = place();
    let done = second.samwire(&["fix", "--yes", "--decisions", file]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(second.read("template.yaml"), written);

    let third = place();
    let mut terminal = Terminal::start(&third, &["fix", "--decisions", file]);
    // Everything is answered, so only the end is asked.
    let end = terminal.answer("Write 1 file? [y/N]", "n");
    assert!(!end.contains("Take it?") && end.contains("2 rewrites in 1 file\n"), "{end}");
    terminal.answer("Go back to the rewrites? [Y/n]", "y");
    assert!(terminal.key("w").contains("[3/3] template.yaml (was: y)"));
    terminal.answer("Write 1 file? [y/N]", "y");
    assert_eq!(terminal.end().code, 0);
    assert_eq!(third.read("template.yaml"), written);
}

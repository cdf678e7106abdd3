//! The session and the files it is about: what is refused before any question, what somebody does to a file meanwhile, and
//! every kind of template and direction.
#![cfg(unix)]

mod place_support;
mod terminal_support;

use place_support::{Place, TEMPLATE};
use std::fs;
use terminal_support::{CTRL_C, Setup, Terminal};

/// Another comment in the template, which no rewrite touches.
fn changed() -> String {
    TEMPLATE.replace("Takes orders from", "Is called by")
}

fn place() -> Place {
    Place::repository(&[("template.yaml", TEMPLATE)])
}

/// A session before its last question, with everything taken.
#[track_caller]
fn at_the_end(place: &Place, args: &[&str]) -> Terminal {
    let mut terminal = Terminal::start(place, args);
    terminal.key("a");
    terminal.until("[y/N]");
    terminal.until_keys_are_read();
    terminal
}

#[test]
fn what_changed_and_is_committed_is_planned_again() {
    let place = place();
    let mut terminal = at_the_end(&place, &["fix"]);
    place.write("template.yaml", &changed());
    place.commit();
    terminal.send("y");
    let said = terminal.answer("Plan the changed files again, with your answers? [Y/n]", "y");
    assert!(said.contains("error: template.yaml: changed since it was read\n"), "{said}");
    let end = terminal.answer("Write 1 file? [y/N]", "y");
    assert!(!end.contains("Take it?") && end.contains("3 rewrites in 1 file\n"), "{end}");
    let ended = terminal.end();
    assert_eq!(ended.code, 0, "{}", ended.text);
    let text = place.read("template.yaml");
    assert!(text.contains("Is called by") && text.contains("ToMailer:"), "{text}");
}

#[test]
fn what_changed_can_be_left_with_the_answers_kept() {
    let place = place();
    let mut terminal = at_the_end(&place, &["fix", "--allow-dirty"]);
    place.write("template.yaml", &changed());
    terminal.send("y");
    terminal.answer("Plan the changed files again, with your answers? [Y/n]", "n");
    assert_eq!(terminal.end().code, 3);
    assert_eq!(place.read("template.yaml"), changed());
    let mut terminal = Terminal::start(&place, &["fix", "--allow-dirty"]);
    terminal.answer("Go on with what was answered? [Y/n]", "y");
    terminal.answer("Write 1 file? [y/N]", "y");
    assert_eq!(terminal.end().code, 0);
    assert!(place.read("template.yaml").contains("Is called by"));
}

#[test]
fn the_question_whether_to_plan_again_can_be_broken_off() {
    let place = place();
    let mut terminal = at_the_end(&place, &["fix", "--allow-dirty"]);
    place.write("template.yaml", &changed());
    terminal.send("y");
    terminal.answer("Plan the changed files again, with your answers? [Y/n]", CTRL_C);
    let ended = terminal.end();
    assert_eq!(ended.code, 130, "{}", ended.text);
    assert!(ended.text.ends_with("what changed was not written; your answers are kept\n"), "{}", ended.text);
    assert_eq!(place.read("template.yaml"), changed());
}

/// What is asked where git has no copy of a change.
const ALTHOUGH: &str =
    "Plan the changed files again, with your answers, although git has no copy of what changed? [y/N]";

#[test]
fn what_changed_and_is_not_committed_is_planned_again_with_a_yes_to_just_that() {
    let place = place();
    let mut terminal = at_the_end(&place, &["fix"]);
    place.write("template.yaml", &changed());
    terminal.send("y");
    let said = terminal.answer(ALTHOUGH, "y");
    assert_eq!(said.matches("error:").count(), 1, "{said}");
    assert!(said.contains("error: template.yaml: changed since it was read\n"), "{said}");
    let end = terminal.answer("Write 1 file? [y/N]", "y");
    assert!(!end.contains("Take it?") && end.contains("3 rewrites in 1 file\n"), "{end}");
    let ended = terminal.end();
    assert_eq!(ended.code, 0, "{}", ended.text);
    let text = place.read("template.yaml");
    assert!(text.contains("Is called by") && text.contains("ToMailer:"), "{text}");
    let undone = place.samwire(&["undo"]);
    assert_eq!((undone.code, place.read("template.yaml")), (0, changed()), "{}", undone.err);
}

#[test]
fn what_changed_and_is_not_committed_is_left_without_a_yes() {
    let place = place();
    let mut terminal = at_the_end(&place, &["fix"]);
    place.write("template.yaml", &changed());
    terminal.send("y");
    terminal.answer(ALTHOUGH, "\r");
    let ended = terminal.end();
    assert_eq!(ended.code, 3, "{}", ended.text);
    let words =
        "your answers are kept; after a commit, or with --allow-dirty, the same command goes on with them\n";
    assert!(ended.text.ends_with(words), "{}", ended.text);
    assert_eq!(place.read("template.yaml"), changed());
    place.commit();
    let mut terminal = Terminal::start(&place, &["fix"]);
    terminal.answer("Go on with what was answered? [Y/n]", "y");
    terminal.answer("Write 1 file? [y/N]", "y");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn only_what_changed_is_asked_again() {
    let place = Place::repository(&[("a.yaml", TEMPLATE), ("b.yaml", TEMPLATE)]);
    let mut terminal = Terminal::start(&place, &["fix"]);
    terminal.key("a");
    terminal.key("a");
    terminal.until("Write 2 files? [y/N]");
    terminal.until_keys_are_read();
    place.write("b.yaml", &changed());
    place.commit();
    terminal.send("y");
    let said = terminal.answer("Plan the changed files again, with your answers? [Y/n]", "y");
    assert!(said.contains("wrote a.yaml: 3 rewrites\n"), "{said}");
    let end = terminal.answer("Write 1 file? [y/N]", "y");
    assert!(!end.contains("a/a.yaml") && end.contains("a/b.yaml"), "{end}");
    assert_eq!(terminal.end().code, 0);
    assert!(place.read("a.yaml").contains("ToMailer:") && place.read("b.yaml").contains("ToMailer:"));
    assert!(place.read("b.yaml").contains("Is called by"));
}

#[test]
fn what_is_no_template_any_more_is_left_alone() {
    let place = place();
    let mut terminal = at_the_end(&place, &["fix", "--allow-dirty"]);
    place.write("template.yaml", "Resources: [\n");
    terminal.send("y");
    let ended = terminal.end();
    assert_eq!(ended.code, 3, "{}", ended.text);
    assert_eq!(ended.text.matches("error:").count(), 1, "{}", ended.text);
    assert!(ended.text.contains("is no template any more"), "{}", ended.text);
    assert_eq!(place.read("template.yaml"), "Resources: [\n");
}

#[test]
fn what_vanished_is_said_and_the_answers_are_kept() {
    let place = place();
    let mut terminal = at_the_end(&place, &["fix"]);
    fs::remove_file(place.at("template.yaml")).expect("it is there");
    terminal.send("y");
    let ended = terminal.end();
    assert_eq!(ended.code, 3, "{}", ended.text);
    assert!(ended.text.contains("error: template.yaml: cannot be read any more"), "{}", ended.text);
    assert!(ended.text.contains("your answers are kept"), "{}", ended.text);
    assert_eq!(place.names("."), [".git"]);
}

#[test]
fn what_is_read_only_stays() {
    let place = place();
    let mut terminal = at_the_end(&place, &["fix"]);
    let seal = |sealed| {
        let mut permissions = fs::metadata(place.at("template.yaml")).expect("it is there").permissions();
        permissions.set_readonly(sealed);
        fs::set_permissions(place.at("template.yaml"), permissions).expect("it is ours");
    };
    seal(true);
    terminal.send("y");
    let ended = terminal.end();
    assert_eq!(ended.code, 3, "{}", ended.text);
    assert!(ended.text.contains("error: template.yaml: is read-only\n"), "{}", ended.text);
    assert_eq!(place.read("template.yaml"), TEMPLATE);
    seal(false);
    let mut terminal = Terminal::start(&place, &["fix"]);
    terminal.answer("Go on with what was answered? [Y/n]", "y");
    terminal.answer("Write 1 file? [y/N]", "y");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn what_may_not_be_written_over_is_refused_before_any_question() {
    let place = place();
    place.write("template.yaml", &changed());
    let ended = Terminal::start(&place, &["fix"]).end();
    assert_eq!(ended.code, 2, "{}", ended.text);
    assert!(!ended.text.contains("Take it?"));
    assert!(
        ended.text.contains("--- a/template.yaml\n+++ b/template.yaml\n"),
        "the diff is shown: {}",
        ended.text
    );
    assert!(ended.text.contains("template.yaml: has changes that are not committed\n"), "{}", ended.text);
    assert!(ended.text.contains("--allow-dirty"), "{}", ended.text);
    let mut terminal = at_the_end(&place, &["fix", "--allow-dirty"]);
    terminal.send("y");
    assert_eq!(terminal.end().code, 0);
    assert!(place.read("template.yaml").contains("ToMailer:"));
}

#[test]
fn where_nobody_answers_nothing_is_asked() {
    let place = place();
    let ended = Terminal::start_with(&place, &["fix"], Setup::default().env("CI", "true")).end();
    let piped = place.samwire(&["fix"]);
    for (code, text) in [(ended.code, &ended.text), (piped.code, &piped.err)] {
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("samwire fix --yes") && text.contains("samwire diff"), "{text}");
    }
    assert_eq!(place.read("template.yaml"), TEMPLATE);
}

#[test]
fn where_there_is_nothing_to_rewrite_nothing_is_asked() {
    let place =
        Place::repository(&[("template.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: {}\n")]);
    let ended = Terminal::start(&place, &["fix"]).end();
    assert_eq!(ended.code, 0);
    assert!(ended.text.starts_with("nothing to rewrite here"), "{}", ended.text);
}

#[test]
fn one_phase_after_the_other_comes_to_the_same_as_both() {
    let (both, phases) = (place(), place());
    let mut terminal = at_the_end(&both, &["fix"]);
    terminal.send("y");
    assert_eq!(terminal.end().code, 0);
    for phase in ["add", "remove"] {
        let mut terminal = at_the_end(&phases, &["fix", "--phase", phase]);
        terminal.send("y");
        let ended = terminal.end();
        assert_eq!(ended.code, 0, "{}", ended.text);
        assert!(
            !ended.text.contains("in one step leaves a moment"),
            "there is no gap to warn of: {}",
            ended.text
        );
        phases.commit();
    }
    assert_eq!(phases.read("template.yaml"), both.read("template.yaml"));
}

#[test]
fn connectors_go_back_to_policies_in_the_form_that_is_chosen() {
    let place = place();
    let done = place.samwire(&["fix", "--yes"]);
    assert_eq!(done.code, 0, "{}", done.err);
    place.commit();
    let mut terminal = Terminal::start(&place, &["fix", "--to", "policies"]);
    let shown = terminal.key("\t");
    assert!(shown.contains("into the policies of the role") && !shown.contains("alternative:"), "{shown}");
    let other = terminal.key("y");
    assert!(
        other.contains("as a resource of its own") && other.contains("  alternative: resource\n"),
        "{other}"
    );
    terminal.key("n");
    terminal.answer("Write 1 file? [y/N]", "y");
    let ended = terminal.end();
    assert_eq!(ended.code, 0, "{}", ended.text);
    let text = place.read("template.yaml");
    assert!(text.contains("AWS::IAM::ManagedPolicy"), "{text}");
}

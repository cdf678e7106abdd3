//! What ends a session from outside, at every prompt: Ctrl-C, the end of input, signals, a closed terminal. Nothing is written,
//! the answers are kept, and the terminal is as it was. Also what must not end it: another size, and being stopped for a while.
#![cfg(unix)]

mod place_support;
mod terminal_support;

use place_support::{Place, TEMPLATE};
use rustix::process::Signal;
use std::process::Command;
use terminal_support::{CTRL_C, CTRL_D, CTRL_Q, CTRL_S, CTRL_Z, Ended, Setup, Terminal};

fn place() -> Place {
    Place::repository(&[("template.yaml", TEMPLATE)])
}

/// The places of a session at which something is read, after one rewrite was taken.
const PROMPTS: [&str; 5] = ["key", "end", "back", "reason", "quit"];

/// A session that reads at some prompt.
#[track_caller]
fn at(place: &Place, prompt: &str) -> Terminal {
    let mut terminal = Terminal::start(place, &["fix"]);
    terminal.key("y");
    match prompt {
        "key" => {}
        "end" => {
            terminal.key("w");
            terminal.until("Write 1 file? [y/N]");
        }
        "back" => {
            terminal.key("w");
            terminal.answer("Write 1 file? [y/N]", "n");
            terminal.until("Go back to the rewrites? [Y/n]");
        }
        "reason" => {
            terminal.key("i");
            terminal.until("Why is it ignored? (empty: go back):");
        }
        "quit" => {
            terminal.key("q");
            terminal.until("Quit, and write nothing of what was taken? [y/N]");
        }
        other => panic!("no prompt {other}"),
    }
    if prompt == "key" {
        terminal.until("Take it?");
        terminal.until(" Enter=");
        terminal.until(" ");
    }
    terminal.until_keys_are_read();
    terminal
}

/// Whether nothing was written and the one answer is there for the next session.
#[track_caller]
fn is_kept(place: &Place) {
    assert_eq!(place.read("template.yaml"), TEMPLATE);
    let mut next = Terminal::start(place, &["fix"]);
    next.answer("1 answer is kept of an earlier session\nGo on with what was answered? [Y/n]", "y");
    assert!(next.key("q").contains("[2/3]"));
    next.answer("Quit, and write nothing", "y");
    assert_eq!(next.end().code, 0);
}

#[track_caller]
fn says_so(ended: &Ended, code: i32) {
    assert_eq!(ended.code, code, "{}", ended.text);
    // On a line of its own, whatever was asked.
    let words = "\nnothing was written; 1 answer is kept, and the same command goes on with it\n";
    assert!(ended.text.ends_with(words), "{}", ended.text);
}

#[test]
fn ctrl_c_ends_it_at_every_prompt() {
    for prompt in PROMPTS {
        let place = place();
        let mut terminal = at(&place, prompt);
        terminal.send(CTRL_C);
        says_so(&terminal.end(), 130);
        is_kept(&place);
    }
}

#[test]
fn a_signal_ends_it_at_every_prompt() {
    for prompt in PROMPTS {
        for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
            let place = place();
            let mut terminal = at(&place, prompt);
            terminal.signal(signal);
            says_so(&terminal.end(), code);
            is_kept(&place);
        }
    }
}

#[test]
fn a_closed_terminal_ends_it_at_every_prompt() {
    for prompt in PROMPTS {
        let place = place();
        let code = at(&place, prompt).close();
        // Either the signal or the end of input is seen first.
        assert!([129, 130].contains(&code), "{prompt}: {code}");
        is_kept(&place);
    }
}

#[test]
fn the_end_of_input_ends_it() {
    let place = place();
    let mut terminal = at(&place, "key");
    terminal.send(CTRL_D);
    let ended = terminal.end();
    says_so(&ended, 130);
    assert!(ended.text.contains("the input is at its end\n"));
    is_kept(&place);
}

#[test]
fn a_question_of_yes_or_no_heeds_no_other_keys() {
    let place = place();
    let mut terminal = at(&place, "end");
    for key in [CTRL_D, CTRL_Z, "x", "\u{1b}[A", "\u{7f}"] {
        terminal.send(key);
    }
    terminal.send("y");
    assert_eq!(terminal.end().code, 0);
    assert_ne!(place.read("template.yaml"), TEMPLATE);
}

#[test]
fn the_question_about_earlier_answers_can_be_broken_off_too() {
    let place = place();
    let mut terminal = at(&place, "key");
    terminal.send(CTRL_C);
    terminal.end();
    for signal in [None, Some(Signal::TERM)] {
        let mut terminal = Terminal::start(&place, &["fix"]);
        terminal.until("Go on with what was answered? [Y/n]");
        terminal.until_keys_are_read();
        match signal {
            Some(signal) => terminal.signal(signal),
            None => terminal.send(CTRL_C),
        }
        says_so(&terminal.end(), if signal.is_some() { 143 } else { 130 });
    }
    is_kept(&place);
}

/// A session on a terminal that only prints, after one rewrite was taken.
#[track_caller]
fn plain(place: &Place) -> Terminal {
    let mut terminal = Terminal::start_with(place, &["fix"], Setup::default().env("TERM", "dumb"));
    terminal.until("Enter=y ");
    terminal.send("y\n");
    terminal.until("[2/3]");
    terminal.until("Enter=y ");
    terminal
}

#[test]
fn a_terminal_that_only_prints_is_left_as_well() {
    for (bytes, signal, code) in [
        (CTRL_C, None, 130),
        (CTRL_D, None, 130),
        ("", Some(Signal::TERM), 143),
        ("", Some(Signal::HUP), 129),
    ] {
        let place = place();
        let mut terminal = plain(&place);
        // The terminal itself shows Ctrl-C, and nothing says whether it does so before the program hears of it.
        terminal.until_at_rest();
        match signal {
            Some(signal) => terminal.signal(signal),
            None => terminal.send(bytes),
        }
        says_so(&terminal.end(), code);
        is_kept(&place);
    }
}

#[test]
fn a_signal_that_comes_before_its_question_is_seen_ends_it_on_a_terminal_that_only_prints() {
    let place = place();
    let mut terminal = plain(&place);
    // Nothing is shown any more, so the program waits with its next question in its hands.
    terminal.send(CTRL_S);
    terminal.send("j\n");
    terminal.until_all_is_read();
    terminal.signal(Signal::TERM);
    terminal.send(CTRL_Q);
    says_so(&terminal.end(), 143);
    is_kept(&place);
}

/// A session in which an editor or a pager runs, after one rewrite was taken.
#[track_caller]
fn with_program(place: &Place, variable: &'static str, script: &str) -> Terminal {
    // What follows the script on the command line is a comment.
    let program = format!("{script} #");
    let rows = if variable == "PAGER" { 14 } else { 70 };
    let setup = Setup::default().env(variable, program).size(rows, 100);
    let mut terminal = Terminal::start_with(place, &["fix"], setup);
    if variable == "EDITOR" {
        terminal.keys("ye");
    }
    terminal.until("<running>\n");
    terminal
}

#[test]
fn ctrl_c_that_ends_an_editor_ends_the_session() {
    let place = place();
    let mut terminal = with_program(&place, "EDITOR", "echo '<running>'; exec sleep 600");
    terminal.send(CTRL_C);
    says_so(&terminal.end(), 130);
    is_kept(&place);
}

#[test]
fn a_terminal_that_is_closed_on_an_editor_or_a_pager_ends_the_session_too() {
    for variable in ["EDITOR", "PAGER"] {
        let place = place();
        // As editors and pagers do, it reads keys, and ends with them.
        let code = with_program(&place, variable, "echo '<running>'; read key < /dev/tty; exit 1").close();
        assert!([129, 130].contains(&code), "{variable}: {code}");
        assert_eq!(place.read("template.yaml"), TEMPLATE);
        if variable == "EDITOR" {
            is_kept(&place);
        }
    }
}

#[test]
fn ctrl_c_that_ends_a_pager_ends_the_session() {
    let place = place();
    let mut terminal = with_program(&place, "PAGER", "cat >&2; echo '<running>'; exec sleep 600");
    terminal.send(CTRL_C);
    let ended = terminal.end();
    assert_eq!(ended.code, 130, "{}", ended.text);
    assert!(ended.text.ends_with("nothing was written\n"), "{}", ended.text);
}

#[test]
fn ctrl_c_that_another_program_takes_is_not_ours() {
    let takes = "n=0; trap 'n=$((n+1)); echo \"<caught $n>\"' INT; echo '<running>'; \
                 while [ $n -lt 3 ]; do sleep 0.05; done; true";
    for variable in ["EDITOR", "PAGER"] {
        let place = place();
        let script = if variable == "PAGER" { &format!("cat >&2; {takes}") } else { takes };
        let mut terminal = with_program(&place, variable, script);
        for number in 1..=3 {
            terminal.send(CTRL_C);
            terminal.until(&format!("<caught {number}>"));
        }
        if variable == "EDITOR" {
            terminal.until("left without saving");
        }
        terminal.key("q");
        if variable == "EDITOR" {
            terminal.answer("Quit,", "y");
        }
        assert_eq!(terminal.end().code, 0, "{variable}");
    }
}

#[test]
fn a_signal_while_an_editor_runs_is_heeded_after_it() {
    let place = place();
    let script = "echo '<running>'; read answer; echo 'Key:' >";
    // The redirection takes the name of the copy that comes behind it.
    let setup = Setup::default().env("EDITOR", script);
    let mut terminal = Terminal::start_with(&place, &["fix"], setup);
    terminal.keys("ye");
    terminal.until("<running>\n");
    terminal.signal(Signal::TERM);
    terminal.send("\n");
    says_so(&terminal.end(), 143);
    is_kept(&place);
}

#[test]
fn a_session_can_be_stopped_and_goes_on() {
    let place = place();
    let binary = place.command(".", &["fix"]);
    // A shell with jobs, such as a person has.
    let mut shell = Command::new("sh");
    shell.args(["-c", "set -m; \"$0\" fix; echo \"<stopped $?>\"; read line; fg; echo \"<over $?>\""]);
    shell.arg(binary.get_program()).current_dir(place.root());
    shell.envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut terminal = Terminal::spawn(shell, Setup::default());
    terminal.keys("y");
    for name in ["<stopped ", "<over "] {
        if name == "<stopped " {
            terminal.key(CTRL_Z);
            terminal.until("<stopped 148>\n");
            terminal.until_lines_are_read();
            terminal.send("go\n");
        } else {
            // The prompt stands there again.
            terminal.key("n");
            terminal.key("n");
            terminal.answer("Write 1 file? [y/N]", "y");
            terminal.until("<over 0>\n");
        }
    }
    assert_eq!(terminal.end().code, 0);
    assert_ne!(place.read("template.yaml"), TEMPLATE);
}

#[test]
fn another_size_is_heeded_at_the_next_question() {
    let place = place();
    let mut terminal = Terminal::start_with(&place, &["fix"], Setup::default().size(60, 90));
    let wide = terminal.until("Enter=y ");
    assert!(wide.contains(&format!("{}\n", "─".repeat(90))), "{wide}");
    terminal.until_keys_are_read();
    terminal.resize(60, 60);
    terminal.send("j");
    let narrow = terminal.key("q");
    assert!(narrow.contains(&format!("\n{}\n", "─".repeat(60))), "{narrow}");
    let end = terminal.end();
    assert_eq!(end.code, 0);
    assert!(end.screen.contains("[2/3] template.yaml\n"), "{}", end.screen);
}

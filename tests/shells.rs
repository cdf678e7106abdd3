//! What shells and `man` are given: completions, tried in a real bash, and manual pages, which tell every command and option.

mod place_support;

use place_support::Place;
use std::collections::BTreeSet;
use std::process::{Command, Output, Stdio};

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// What bash offers after these words, of which the last one is being typed.
fn offered(script: &str, words: &[&str]) -> BTreeSet<String> {
    const ASK: &str = r#"
        eval "$1"; shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        spec=$(complete -p samwire)
        [[ $spec =~ -F\ ([^ ]+) ]] || exit 3
        "${BASH_REMATCH[1]}" samwire "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}""#;
    // `complete -o nosort` came with bash 4.4; the script asks for it itself.
    let output = Command::new("bash").args(["--norc", "-c", ASK, "bash", script]).args(words).output();
    let output = output.expect("bash is there");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("completions are UTF-8");
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn bash_completes_commands_options_and_values() {
    let place = Place::empty();
    let script = place.samwire(&["completions", "bash"]).out;
    for (words, expected) in [
        (&["samwire", "che"][..], &["check"][..]),
        (&["samwire", "p"], &["preflight"]),
        (&["samwire", "--accept-"], &["--accept-add", "--accept-remove"]),
        (&["samwire", "diff", "--ph"], &["--phase"]),
        (&["samwire", "diff", "--to", ""], &["connectors", "policies"]),
        (&["samwire", "check", "--fail-on", "s"], &["skipped"]),
        (&["samwire", "check", "--format", "js"], &["json"]),
        (&["samwire", "undo", "--l"], &["--list"]),
        (&["samwire", "list", "--format", "t"], &["text"]),
        (&["samwire", "completions", "z"], &["zsh"]),
        (&["samwire", "man", "und"], &["undo"]),
    ] {
        let offered = offered(&script, words);
        for word in expected {
            assert!(offered.contains(*word), "{words:?}: {offered:?}");
        }
        let typed = words.last().copied().unwrap_or_default();
        assert!(offered.iter().all(|word| word.starts_with(typed)), "{words:?}: {offered:?}");
    }
}

#[test]
fn every_shell_is_told_every_command() {
    let place = Place::empty();
    for shell in SHELLS {
        let done = place.samwire(&["completions", shell]);
        assert_eq!((done.code, done.err.as_str()), (0, ""), "{shell}");
        for command in commands(&place) {
            assert!(done.out.contains(&command), "{shell} is not told of {command}");
        }
    }
    assert_eq!(place.samwire(&["completions", "cmd"]).code, 2);
}

/// The commands as the help lists them.
fn commands(place: &Place) -> Vec<String> {
    let help = place.samwire(&["-h"]).out;
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let named =
        lines.take_while(|line| line.starts_with("  ")).filter_map(|line| line.split_whitespace().next());
    let named: Vec<String> = named.map(str::to_owned).collect();
    assert!(named.len() > 5, "{help}");
    named
}

#[test]
fn every_command_has_a_page_that_tells_its_options() {
    let place = Place::empty();
    let done = place.samwire(&["man", "--out", "share/man1"]);
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (0, "", ""));
    let mut expected: Vec<String> =
        commands(&place).iter().map(|command| format!("samwire-{command}.1")).collect();
    expected.push("samwire.1".to_owned());
    expected.sort();
    assert_eq!(place.names("share/man1"), expected);
    for file in &expected {
        let page = place.read(&format!("share/man1/{file}"));
        let command = file.trim_end_matches(".1").strip_prefix("samwire").unwrap_or_default();
        let command = command.strip_prefix('-');
        let help = place.samwire(&command.into_iter().chain(["--help"]).collect::<Vec<_>>()).out;
        for option in help
            .lines()
            .filter_map(|line| line.trim_start().split_once("--").filter(|(short, _)| short.len() < 5))
        {
            let (name, _) = option.1.split_once([' ', '[', '\n']).unwrap_or((option.1, ""));
            assert!(page.contains(&format!("\\-\\-{}", name.replace('-', "\\-"))), "{file} lacks --{name}");
        }
        assert_eq!(place.samwire(&["man"].into_iter().chain(command).collect::<Vec<_>>()).out, page);
        // An option without a word about it would be a header right before the next.
        let bare = page.split(".TP\n").skip(1).find(|entry| entry.trim_end().lines().count() < 2);
        assert_eq!(bare, None, "{file}");
        formatted(&place, file);
    }
}

/// Formats a page as `man` would and fails on what it warns of. Machines without `man` have nobody who reads pages.
fn formatted(place: &Place, file: &str) {
    let man = Command::new("man")
        .args(["--warnings", "--encoding=UTF-8", "--local-file"])
        .arg(place.at("share/man1").join(file))
        .env("MANPAGER", "cat")
        .env("MANWIDTH", "100")
        .stdin(Stdio::null())
        .output();
    let Ok(Output { status, stdout, stderr }) = man else { return };
    let (text, warnings) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    // Slim systems have a `man` in name only, which says so and formats nothing.
    if text.contains("SYNOPSIS") {
        assert!(status.success() && warnings.is_empty(), "{file}: {warnings}");
        assert!(text.contains("SEE ALSO"), "{file}");
    }
}

#[test]
fn pages_that_cannot_be_written_are_an_error() {
    let place = Place::with(&[("taken", "")]);
    let done = place.samwire(&["man", "--out", "taken"]);
    assert_eq!(done.code, 3);
    assert!(done.err.starts_with("error: taken:"), "{}", done.err);
    assert_eq!(place.samwire(&["man", "nothing"]).code, 2);
}

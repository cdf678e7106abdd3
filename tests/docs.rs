//! The documentation as tests: generated pages are fresh, examples show what the program prints, and every path, link,
//! command and option that a page names exists.

mod docs_support;

use docs_support::{
    Page, REWRITE, config, definitions, findings, page, pages, policies, profiles, reasons, report, root,
};
use samwire::syntax::{MAX_DEPTH, MAX_NODES};
use samwire::text::MAX_BYTES;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

const COMMANDS: [&str; 14] = [
    "diff",
    "check",
    "fix",
    "undo",
    "bulk",
    "preflight",
    "grants",
    "compare",
    "report",
    "init",
    "list",
    "explain",
    "completions",
    "man",
];

#[test]
fn generated_pages_are_fresh() {
    for (path, text) in [
        ("docs/reasons.md", reasons::page()),
        ("docs/findings.md", findings::page()),
        ("docs/policies-and-connectors.md", policies::page()),
        ("docs/profiles.md", profiles::page()),
        ("docs/definitions.md", definitions::page()),
        ("docs/config.md", config::page()),
        ("docs/report.md", report::page()),
        ("docs/samwire.schema.json", config::init("--schema")),
    ] {
        if std::env::var_os(REWRITE).is_some() {
            fs::write(root().join(path), &text).expect("docs/ can be written");
        }
        assert!(
            fs::read_to_string(root().join(path)).is_ok_and(|there| there == text),
            "{path} is stale: run this test once with {REWRITE}=1, then read it"
        );
    }
}

#[test]
fn examples_show_what_the_program_prints() {
    let cases = trycmd::TestCases::new();
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
        cases.env(name, "");
    }
    let state = tempfile::tempdir().expect("a temporary directory");
    cases.env("XDG_STATE_HOME", state.path().display().to_string());
    // Walk-throughs are played by a test of their own.
    for page in pages().iter().filter(|page| !page.text.contains("<!-- walk-through: ")) {
        cases.case(root().join(&page.path));
    }
    // The cases run as this is dropped, while the directory is still there.
    drop(cases);
}

#[test]
fn pages_name_only_what_exists() {
    let options = options_of_the_program();
    let wrong: Vec<String> = pages().iter().flat_map(|page| wrong_names(page, &options)).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn what_does_not_exist_is_seen() {
    let options = options_of_the_program();
    for text in [
        "`src/nothing.rs`",
        "[a](nowhere.md)",
        "[a](#nowhere)",
        "`samwire migrate`",
        "`samwire diff --nothing`",
        "`--nothing`",
        "```sh\nsamwire mend\n```",
        "```sh\ncargo test --test nothing\n```",
    ] {
        let page = Page { path: "README.md".into(), text: text.into() };
        assert_eq!(wrong_names(&page, &options).len(), 1, "{text}");
    }
}

#[test]
fn the_usage_page_has_every_command_option_and_exit_code() {
    let usage = page("docs/usage.md");
    let named: BTreeSet<String> = usage.spans().iter().flat_map(|span| options_in(span)).collect();
    let real = options_of_the_program();
    let missing: Vec<_> = real.iter().filter(|option| !named.contains(*option)).collect();
    assert!(missing.is_empty(), "docs/usage.md lacks {missing:?}");
    let commands = COMMANDS.map(|name| format!("`samwire {name}"));
    for row in commands.iter().map(String::as_str).chain(["| 0 |", "| 1 |", "| 2 |", "| 3 |", "| 4 |"]) {
        assert!(usage.text.contains(row), "docs/usage.md lacks {row}");
    }
}

#[test]
fn limits_are_those_of_the_program() {
    let safety = page("docs/safety.md").text;
    let mebibytes = MAX_BYTES / (1024 * 1024);
    for limit in [format!("{mebibytes} MiB"), format!("{MAX_DEPTH} levels"), grouped(MAX_NODES)] {
        assert!(safety.contains(&limit), "docs/safety.md does not say {limit}");
    }
}

/// `1,000,000`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits are ASCII"))
        .collect();
    groups.join(",")
}

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_samwire")).args(arguments).arg("--help").output();
    String::from_utf8(output.expect("the program starts").stdout).expect("help is UTF-8")
}

/// Every long option of every command.
fn options_of_the_program() -> BTreeSet<String> {
    let mut options = BTreeSet::new();
    let bare = help(&[]);
    for command in COMMANDS {
        assert!(bare.contains(&format!("\n  {command} ")), "no command {command}");
        options.extend(help(&[command]).lines().flat_map(defined));
    }
    options.extend(bare.lines().flat_map(defined));
    options
}

/// The long option that a line of help defines.
fn defined(line: &str) -> Option<String> {
    let line = line.trim_start();
    line.starts_with('-').then(|| options_in(line).into_iter().next())?
}

/// The long options that a piece of text names.
fn options_in(text: &str) -> Vec<String> {
    let ends = |c: char| !(c.is_ascii_lowercase() || c == '-');
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '|' | '(' | '['));
    let options = words.filter(|word| word.starts_with("--")).map(|word| word.split(ends).next());
    options.flatten().filter(|option| option.len() > 2).map(str::to_owned).collect()
}

/// What a page names and does not exist.
fn wrong_names(page: &Page, options: &BTreeSet<String>) -> Vec<String> {
    let mut wrong: Vec<String> = Vec::new();
    let scripts = page.block_lines(&["sh"]);
    let transcripts = page.block_lines(&["console"]);
    // Of a transcript only what is typed; that the rest is so, is seen by running it.
    let typed = transcripts.iter().filter_map(|line| line.strip_prefix("$ "));
    for text in scripts.into_iter().chain(typed).chain(page.spans()) {
        wrong.extend(wrong_path(text));
        wrong.extend(wrong_command(text, options));
    }
    wrong.extend(page.links().iter().filter_map(|target| wrong_link(page, target)));
    wrong.iter().map(|what| format!("{}: {what}", page.path)).collect()
}

/// A path below a folder of the repository; parts behind a placeholder are not looked at.
fn wrong_path(text: &str) -> Option<String> {
    const FOLDERS: [&str; 10] = [
        "src/",
        "docs/",
        "tests/",
        "transforms/",
        "fixtures/",
        "benches/",
        "examples/",
        ".ci/",
        ".github/",
        ".packages/",
    ];
    let mut words = text.split_whitespace().map(|word| word.trim_end_matches([',', ';', ':']));
    let named = words.find(|word| {
        let fixed = word.split(['<', '*', '{', '…']).next().unwrap_or_default();
        let fixed = if fixed.len() < word.len() {
            fixed.rsplit_once('/').map_or("", |(folder, _)| folder)
        } else {
            fixed
        };
        FOLDERS.iter().any(|folder| word.starts_with(folder)) && !root().join(fixed).exists()
    })?;
    Some(format!("there is no `{named}`"))
}

/// A command of ours or of cargo that does not exist, or has no such option.
fn wrong_command(text: &str, options: &BTreeSet<String>) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let own = words.first() == Some(&"samwire") || text.starts_with("--");
    if own {
        let unknown = options_in(text).into_iter().find(|option| !options.contains(option));
        if let Some(option) = unknown {
            return Some(format!("no command has the option `{option}` of `{text}`"));
        }
    }
    match words.as_slice() {
        ["samwire", word, ..] if word.chars().all(|c| c.is_ascii_lowercase()) => {
            let known = COMMANDS.contains(word) || root().join(word).exists();
            (!known).then(|| format!("`samwire {word}` is no command"))
        }
        ["cargo", rest @ ..] => {
            let kinds = [("--test", "tests"), ("--example", "examples"), ("--bench", "benches")];
            let named = rest.windows(2).find_map(|pair| {
                let (_, folder) = kinds.iter().find(|(option, _)| *option == pair[0])?;
                Some(format!("{folder}/{}", pair[1]))
            })?;
            let exists = |end: &str| root().join(format!("{named}{end}")).exists();
            (!exists(".rs") && !exists("/main.rs")).then(|| format!("`{text}` needs `{named}.rs`"))
        }
        _ => None,
    }
}

fn wrong_link(from: &Page, target: &str) -> Option<String> {
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = from.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = if file.is_empty() { root().join(&from.path) } else { root().join(folder).join(file) };
    if file.is_empty() || path.exists() {
        if anchor.is_empty() {
            return None;
        }
        let text = if file.is_empty() { from.text.clone() } else { fs::read_to_string(&path).ok()? };
        let there = Page { path: file.to_owned(), text }.anchors().iter().any(|known| known == anchor);
        return (!there).then(|| format!("no heading for the link `{target}`"));
    }
    Some(format!("the link `{target}` leads nowhere"))
}

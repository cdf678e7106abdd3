//! Pages that go through something step by step: each is played in a fresh git repository, one command after the other, and
//! shows what came out. A page says where it begins: `<!-- walk-through: fixtures/… -->`.
#![cfg(unix)]

mod place_support;

use place_support::Place;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Set to write what came out instead of comparing it. Blocks that leave something out are not written.
const REWRITE: &str = "SAMWIRE_BLESS";

const MARK: &str = "<!-- walk-through: ";
const OPEN: &str = "```console\n";
const CLOSE: &str = "```\n";
/// Stands for any lines.
const LEFT_OUT: &str = "...";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages with a walk-through, each with the folder in which it begins.
fn walkthroughs() -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(root().join("docs")).expect("docs/ is there");
    let paths = entries.map(|entry| entry.expect("docs/ is readable").path());
    let mut found: Vec<(PathBuf, String)> = paths
        .filter(|path| path.extension().is_some_and(|own| own == "md"))
        .filter_map(|path| {
            let text = fs::read_to_string(&path).expect("a page is readable");
            let (_, rest) = text.split_once(MARK)?;
            let (folder, _) = rest.split_once(" -->")?;
            Some((path, folder.to_owned()))
        })
        .collect();
    found.sort();
    found
}

/// One command of a page, with what the page says of it.
struct Step<'a> {
    command: &'a str,
    code: i32,
    shown: Vec<&'a str>,
}

/// The commands of a block.
fn steps(block: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for line in block.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { command, code: 0, shown: Vec::new() });
            continue;
        }
        let step = steps.last_mut().expect("a block begins with a command");
        match line.strip_prefix("? ") {
            Some(code) if step.shown.is_empty() => step.code = code.parse().expect("a code is a number"),
            _ => step.shown.push(line),
        }
    }
    steps
}

/// Runs a command as a shell would, with samwire on the path. Gives the exit code and both streams as one.
fn run(place: &Place, command: &str) -> (i32, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_samwire"));
    let folder = program.parent().expect("the program lies in a folder").display();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
    // The environment of the program and no other, so that a page does not depend on where it is played.
    let of_program = place.command(".", &[]);
    let mut shell = Command::new("sh");
    for (name, value) in of_program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    for name in ["CI", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        shell.env_remove(name);
    }
    for (name, value) in [("GIT_AUTHOR_", "t"), ("GIT_COMMITTER_", "t")] {
        shell.env(format!("{name}NAME"), value).env(format!("{name}EMAIL"), "t@t");
    }
    shell.env("PATH", path).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    shell.args(["-c", &format!("{{ {command}\n}} 2>&1")]).current_dir(place.root()).stdin(Stdio::null());
    let done = shell.output().expect("there is a shell");
    let text = String::from_utf8(done.stdout).expect("output is UTF-8");
    (done.status.code().expect("it was not killed"), text)
}

/// Whether lines are what a page shows of them.
fn fits(shown: &[&str], real: &[&str]) -> bool {
    match shown.split_first() {
        None => real.is_empty(),
        Some((&LEFT_OUT, rest)) => (0..=real.len()).any(|skipped| fits(rest, &real[skipped..])),
        Some((line, rest)) => {
            real.split_first().is_some_and(|(first, others)| line == first && fits(rest, others))
        }
    }
}

/// A block as it really goes, and whether the page shows that.
fn played(place: &Place, block: &str) -> (String, bool) {
    let mut out = String::new();
    let mut as_shown = true;
    for step in steps(block) {
        let (code, text) = run(place, step.command);
        // An empty line at the end would be seen as space below the block.
        let text = text.trim_end();
        let real: Vec<&str> = text.lines().collect();
        let right = code == step.code && fits(&step.shown, &real);
        as_shown &= right;
        let lines = if right { step.shown.join("\n") } else { text.to_owned() };
        out += &format!("$ {}\n", step.command);
        if code != 0 {
            out += &format!("? {code}\n");
        }
        if !lines.is_empty() {
            out += &format!("{lines}\n");
        }
    }
    (out, as_shown)
}

/// The files of a folder, with their names in it.
fn files(folder: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("the folder is readable").path();
        let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("a file of a walk-through is text"))
    };
    entries.map(file).collect()
}

#[test]
fn pages_show_what_happens_step_by_step() {
    let pages = walkthroughs();
    assert!(!pages.is_empty(), "no page has {MARK}");
    let mut stale = Vec::new();
    for (path, folder) in pages {
        let text = fs::read_to_string(&path).expect("a page is readable");
        let files = files(&folder);
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
        let place = Place::with(&files);
        place.git(&["init", "-q", "-b", "main"]);
        place.commit();
        let mut parts = text.split(OPEN);
        let mut real = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (block, rest) = part.split_once(CLOSE).expect("a block ends");
            let (block, as_shown) = played(&place, block);
            if !as_shown {
                stale.push(format!("{}:\n{block}", path.display()));
            }
            real += &format!("{OPEN}{block}{CLOSE}{rest}");
        }
        if std::env::var_os(REWRITE).is_some() {
            fs::write(&path, real).expect("docs/ can be written");
            stale.clear();
        }
    }
    assert!(stale.is_empty(), "stale; set {REWRITE}=1 to write, then read it\n{}", stale.join("\n"));
}

#[test]
fn what_is_not_shown_is_seen() {
    assert!(fits(&["a", LEFT_OUT, "d"], &["a", "b", "c", "d"]));
    assert!(fits(&[LEFT_OUT], &[]));
    assert!(!fits(&["a", LEFT_OUT, "c"], &["a", "b", "c", "d"]));
    assert!(!fits(&["a"], &["a", "b"]));
    let place = Place::empty();
    assert!(played(&place, "$ true\n").1);
    assert!(!played(&place, "$ false\n").1);
    assert!(!played(&place, "$ echo a\nb\n").1);
}

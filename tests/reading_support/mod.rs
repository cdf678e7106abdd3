//! The readers of report formats, as programs that other people wrote, and what they are tried on. Knows how to ask them, and not
//! what a report has to say.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code)]

#[path = "../support/python.rs"]
mod python;

use serde::Deserialize;
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

/// Most characters of a comment on GitHub.
pub(crate) const COMMENT: usize = 65_536;

/// All that a page of Markdown may hold: tags with their attributes.
pub(crate) const TAGS: [&str; 16] = [
    "blockquote",
    "br",
    "code",
    "code class",
    "details",
    "h2",
    "h3",
    "p",
    "pre",
    "summary",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
];

/// Names that would be something else if a format took them as they are.
pub(crate) const HOSTILE: [&str; 16] = [
    "a\n::error::injected",
    "%0A::error file=x::y",
    "::warning::x",
    "</details><script>alert(1)</script>",
    "<!-- x",
    "]]>",
    "a|b|c",
    "`code` ``more`` ```",
    "[link](http://x.example) ![i](x)",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1}\u{8}\u{c}\u{7f}\u{85}\u{2028}",
    "\u{202e}txt.exe\u{2066}",
    "@everyone #1 https://x.example www.x.example",
    "größe 漢字 🦀 \u{fffe}\u{ffff}",
    "\\\" ' & \\u{1b} {0} ${X} &lt;",
    "</testsuite>\r\n# heading\r\n> quote",
];

/// What a reader made of a report.
#[derive(Debug, Deserialize)]
pub(crate) struct Reading {
    pub(crate) errors: Vec<String>,
    pub(crate) seen: Value,
}

/// What the readers make of each request, which is an object with `format` and `text`; `None` where this machine cannot run
/// them.
pub(crate) fn readings(requests: &[Value]) -> Option<Vec<Reading>> {
    let python = readers()?;
    let mut child = Command::new(python)
        .arg(scripts().join("readers.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUTF8", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the environment's Python starts");
    let mut input = child.stdin.take().expect("stdin is piped");
    input
        .write_all(&serde_json::to_vec(&requests).expect("plain JSON"))
        .expect("it reads all before it writes");
    drop(input);
    let output = child.wait_with_output().expect("its output is readable");
    assert!(output.status.success(), "the readers broke off: {}", output.status);
    Some(serde_json::from_slice(&output.stdout).expect("one reading for each"))
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

/// The Python with all readers; `None` where it cannot be had, which must not happen where proofs count.
fn readers() -> Option<PathBuf> {
    match python::environment("formats-venv", &scripts().join("requirements.txt")) {
        Ok(python) => Some(python),
        Err(reason) => {
            assert!(env::var_os("CI").is_none(), "the readers have to run in CI: {reason}");
            let note = format!("\nSKIPPED: no format was read by its readers: {reason}\n\n");
            io::stderr().write_all(note.as_bytes()).expect("stderr is open");
            None
        }
    }
}

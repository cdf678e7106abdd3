//! What integration tests share: the oracle in `tests/oracle`, as a Rust value.
//!
//! Owns the talk with the judge. It knows nothing about plans: a request is text and JSON.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code)]

mod python;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{env, fmt, thread};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The syntax of a template in a [`Request`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// YAML, with CloudFormation's short tags.
    Yaml,
    /// JSON.
    Json,
}

/// One rewrite to be judged. The three lists hold entries as in the report's `added`, `removed` and `kept`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Request {
    /// Comes back in the verdict.
    pub(crate) id: String,
    /// The template before the rewrite.
    pub(crate) before: String,
    /// The template after the rewrite.
    pub(crate) after: String,
    /// The syntax of both.
    pub(crate) format: Form,
    /// Permissions that the rewrite says it adds.
    pub(crate) added: Vec<Value>,
    /// Permissions that the rewrite says it removes.
    pub(crate) removed: Vec<Value>,
    /// Permissions that the rewrite says it keeps as a rest.
    pub(crate) kept: Vec<Value>,
    /// What the rewrite says it does not change at all, beyond granting the same.
    pub(crate) identical: Option<Identity>,
}

/// What two expansions have in common.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Identity {
    /// Everything but the mark that SAM leaves on what connectors generate.
    Expansion,
    /// The statements of every role, in whichever policies.
    Statements,
    /// What is made after what, at whatever remove.
    Order,
}

/// What the judge says about one request; `tests/oracle/README.md` lists the verdicts.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Verdict {
    /// The id of the request.
    pub(crate) id: String,
    /// `ok`, `refused-before`, or the name of a failure.
    pub(crate) verdict: String,
    /// Everything that is wrong, each with its `kind`.
    pub(crate) details: Vec<Value>,
}

impl Verdict {
    /// Whether the rewrite did what it declared, or the translator refuses the template before and after alike.
    pub(crate) fn is_good(&self) -> bool {
        matches!(self.verdict.as_str(), "ok" | "refused-before")
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.verdict)?;
        self.details.iter().try_for_each(|detail| write!(f, "\n    {detail}"))
    }
}

/// What is wrong with a template by itself.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Weaknesses {
    /// The translator's messages where it refuses the template.
    pub(crate) refused: Option<Vec<String>>,
    /// The resources that wait for each other, circle by circle.
    pub(crate) cycles: Vec<Vec<String>>,
    /// The resources that are referred to though they may be absent.
    pub(crate) dangling: Vec<String>,
}

/// The judge, ready to run.
#[derive(Debug)]
pub(crate) struct Oracle {
    python: PathBuf,
}

/// The oracle, or `None` where this machine cannot run it; the reason has then been written to stderr.
///
/// # Panics
///
/// With `CI` in the environment, where a skipped proof would pass for a proof.
pub(crate) fn oracle() -> Option<&'static Oracle> {
    static ORACLE: OnceLock<Result<Oracle, String>> = OnceLock::new();
    match ORACLE.get_or_init(Oracle::set_up) {
        Ok(oracle) => Some(oracle),
        Err(reason) => {
            assert!(env::var_os("CI").is_none(), "the oracle has to run in CI: {reason}");
            let note = format!("\nSKIPPED: nothing was judged by the SAM translator: {reason}\n\n");
            // Not `eprintln!`: the test harness hides its text where the test passes.
            io::stderr().write_all(note.as_bytes()).expect("stderr is open");
            None
        }
    }
}

impl Oracle {
    /// Judges rewrites: one verdict per request, in their order.
    ///
    /// # Panics
    ///
    /// Where the judge itself breaks off, which is a bug in it.
    pub(crate) fn judge(&self, requests: &[Request]) -> Vec<Verdict> {
        let processes = thread::available_parallelism().map_or(1, usize::from);
        // Starting the translator costs about a second, judging a template about 20 ms.
        let share = requests.len().div_ceil(processes).max(50);
        thread::scope(|scope| {
            let running: Vec<_> =
                requests.chunks(share).map(|share| scope.spawn(|| self.judge_share(share))).collect();
            running.into_iter().flat_map(|share| share.join().expect("the judge answers")).collect()
        })
    }

    /// Says what is wrong with templates by themselves, in their order.
    ///
    /// # Panics
    ///
    /// Where the script breaks off, which is a bug in it.
    pub(crate) fn weaknesses(&self, templates: &[(Form, String)]) -> Vec<Weaknesses> {
        let questions: Vec<Value> = templates
            .iter()
            .map(|(format, text)| serde_json::json!({"format": format, "text": text}))
            .collect();
        self.ask("weaknesses.py", &questions)
    }

    fn judge_share(&self, requests: &[Request]) -> Vec<Verdict> {
        self.ask("judge.py", requests)
    }

    /// One answer of a script for each question.
    fn ask<Q: Serialize + Sync, A: for<'de> Deserialize<'de>>(
        &self,
        script: &str,
        questions: &[Q],
    ) -> Vec<A> {
        let mut child = self
            .python()
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the environment's Python starts");
        let mut input = child.stdin.take().expect("stdin is piped");
        let output = thread::scope(|scope| {
            // Written from a thread of its own: the judge answers while it reads, and either pipe can fill.
            scope.spawn(move || {
                for question in questions {
                    let line = serde_json::to_string(question).expect("a question is plain JSON");
                    writeln!(input, "{line}").expect("the script reads all questions");
                }
            });
            child.wait_with_output().expect("the judge's output is readable")
        });
        assert!(output.status.success(), "{script} broke off: {}", output.status);
        let answers = String::from_utf8(output.stdout).expect("the scripts write UTF-8");
        let answers: Vec<A> = answers
            .lines()
            .map(|line| serde_json::from_str(line).expect("the scripts write answers"))
            .collect();
        assert_eq!(answers.len(), questions.len(), "one answer per question");
        answers
    }

    /// The environment's Python, in the directory of the oracle's scripts.
    pub(crate) fn python(&self) -> Command {
        let mut command = Command::new(&self.python);
        // Without bytecode: a run of the tests writes nothing into the source tree.
        command.current_dir(scripts()).env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
        command
    }

    fn set_up() -> Result<Self, String> {
        python::environment("oracle-venv", &scripts().join("requirements.txt")).map(|python| Self { python })
    }
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle")
}

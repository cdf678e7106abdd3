//! What integration tests share: the oracle in `tests/oracle`, as a Rust value.
//!
//! Owns the Python environment (made once under the target directory, from pinned requirements) and the talk
//! with the judge. It knows nothing about plans: a request is text and JSON.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code)]

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::{env, fmt, fs, thread};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

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

    /// Makes the Python environment, or finds the one that an earlier run made.
    ///
    /// It is built under a name of its own and then moved into place, so that test binaries that run at the same
    /// time never see half of one; the name in place is the digest of the requirements.
    fn set_up() -> Result<Self, String> {
        let requirements = scripts().join("requirements.txt");
        let pins = fs::read(&requirements).map_err(|error| format!("{}: {error}", requirements.display()))?;
        let home = target_directory()?.join("oracle-venv");
        let place = home.join(&format!("{:x}", Sha256::digest(&pins))[..16]);
        if !interpreter(&place).exists() {
            fs::create_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
            let draft =
                tempfile::tempdir_in(&home).map_err(|error| format!("{}: {error}", home.display()))?;
            build(draft.path(), &requirements)?;
            // Where another process was faster, its environment is as good and ours is dropped.
            if let Err(error) = fs::rename(draft.path(), &place)
                && !interpreter(&place).exists()
            {
                return Err(format!("{}: {error}", place.display()));
            }
        }
        Ok(Self { python: interpreter(&place) })
    }
}

/// Where cargo puts what it builds. Tests are told when they are compiled; an example finds it above its own place, since
/// it is built as `target/<profile>/examples/<name>`.
fn target_directory() -> Result<PathBuf, String> {
    if let Some(place) = option_env!("CARGO_TARGET_TMPDIR") {
        return Ok(Path::new(place).join(".."));
    }
    let program = env::current_exe().map_err(|error| error.to_string())?;
    program.ancestors().nth(3).map(Path::to_path_buf).ok_or_else(|| "no target directory".to_owned())
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle")
}

fn interpreter(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// Fills `place` with a Python environment that has the pinned `requirements`.
fn build(place: &Path, requirements: &Path) -> Result<(), String> {
    let recent = "import sys; sys.exit(sys.version_info < (3, 10))";
    let system = ["python3", "python"]
        .into_iter()
        .find(|name| run(name, ["-c", recent]).is_ok())
        .ok_or("no Python 3.10 or newer on the PATH")?;
    let install = ["install", "--quiet", "--disable-pip-version-check", "--requirement"].map(OsStr::new);
    let install = install.into_iter().chain([requirements.as_os_str()]);
    let pip = ["-m", "pip"].map(OsStr::new);
    let venv = [OsStr::new("-m"), OsStr::new("venv"), place.as_os_str()];
    if run(system, venv).is_ok() {
        return run(interpreter(place), pip.into_iter().chain(install)).map(|_| ());
    }
    // Some distributions ship `venv` without the part that puts pip into it; then the system's pip fills it.
    run(system, venv.into_iter().chain(["--clear", "--without-pip"].map(OsStr::new)))?;
    let python = interpreter(place);
    let into = [OsStr::new("--python"), python.as_os_str()];
    run(system, pip.into_iter().chain(into).chain(install)).map(|_| ())
}

fn run(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<Output, String> {
    let name = program.as_ref().display().to_string();
    let output =
        Command::new(program).args(arguments).output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        Ok(output)
    } else {
        Err(format!("{name}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim_end()))
    }
}

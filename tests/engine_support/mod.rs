//! Engines that run a program in many repositories, as far as a program can tell them from the real ones: where it is started,
//! what its environment says, what becomes of its output, and what of its changes is committed. Knows nothing of what runs.

use crate::place_support::{Place, git};
use crate::tool_support::path_with_the_program;
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What an engine makes of a run in one repository.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    /// What the engine shows of the run: for most of them standard output and standard error in one.
    pub(crate) log: String,
    /// What it would push, if anything.
    pub(crate) commit: Option<Commit>,
}

/// What is new on the branch that an engine pushes.
#[derive(Debug)]
pub(crate) struct Commit {
    /// The message of the first commit, from which title and body of a pull request are made.
    pub(crate) message: String,
    /// Paths that differ from where the branch starts.
    pub(crate) files: Vec<String>,
    /// The diff.
    pub(crate) diff: String,
}

/// A command line for an engine, which finds the program on the PATH.
#[derive(Clone, Debug)]
pub(crate) struct Job<'a> {
    pub(crate) words: Vec<&'a str>,
    pub(crate) variables: Vec<(&'a str, String)>,
}

impl<'a> Job<'a> {
    pub(crate) fn new(words: &[&'a str]) -> Self {
        Self { words: words.to_vec(), variables: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'a str, value: impl AsRef<Path>) -> Self {
        self.variables.push((name, value.as_ref().display().to_string()));
        self
    }

    /// The process, in `folder`, with nothing on standard input and no more of the environment than programs need.
    fn command(&self, folder: &Path, home: &Path) -> Command {
        let mut command = Command::new(self.words[0]);
        command.args(&self.words[1..]).current_dir(folder).env_clear();
        command.env("PATH", path_with_the_program()).env("HOME", home).stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }
}

/// A person's home with an identity for commits, which also keeps what temporary clones belong to.
pub(crate) fn home() -> Place {
    let home = Place::empty();
    home.write(".gitconfig", "[user]\n\tname = Someone\n\temail = someone@example.com\n");
    home
}

/// multi-gitter: a temporary clone of one commit; both outputs in one log; the changes of a run that fails are dropped; with
/// `--manual-commit` it pushes what the command has committed, otherwise it commits everything that is new.
pub(crate) fn multi_gitter(origin: &Place, job: &Job<'_>, dry_run: bool, manual: bool) -> Run {
    let home = home();
    let clone = home.at("multi-git-changer-1");
    cloned(origin, &clone);
    let base = said(&clone, &["rev-parse", "HEAD"]);
    let mut command = job.command(&clone, home.root());
    command.env("REPOSITORY", "acme/orders");
    if dry_run {
        command.env("DRY_RUN", "true");
    }
    let (code, log) = merged(command, home.root());
    if code != 0 {
        return Run { code, log, commit: None };
    }
    if !manual {
        git(&clone, &["add", "."]);
        commit(&clone, &["-q", "-m", "from the command line"]);
    }
    Run { code, log, commit: new(&clone, base.trim()) }
}

/// turbolift: clones below `work/`; both outputs in one log; changes of a run that fails are kept; tracked files are committed.
pub(crate) fn turbolift(origin: &Place, job: &Job<'_>) -> Run {
    let home = home();
    let clone = home.at("work/acme/orders");
    fs::create_dir_all(home.at("work/acme")).expect("the folder is ours");
    cloned(origin, &clone);
    let base = said(&clone, &["rev-parse", "HEAD"]);
    let (code, log) = merged(job.command(&clone, home.root()), home.root());
    commit(&clone, &["-q", "--all", "-m", "from the command line"]);
    Run { code, log, commit: new(&clone, base.trim()) }
}

/// A run of the steps of a batch spec.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Exit code, diff and log of what ran.
    pub(crate) run: Run,
    /// The changeset's title and body, with what the steps have put out.
    pub(crate) title: String,
    pub(crate) body: String,
}

/// Sourcegraph Batch Changes: an archive in a repository that was just made, without a remote; a container for each step, with
/// hardly an environment; standard output apart, for templates in later steps and in the changeset.
pub(crate) fn batch_changes(origin: &Place, spec: &Value) -> Batch {
    let home = home();
    let work = home.at("work");
    fs::create_dir(&work).expect("the folder is ours");
    let archive = home.at("archive.tar");
    git(origin.root(), &["archive", "-o", &archive.display().to_string(), "HEAD"]);
    let tar = Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&work).status();
    assert!(tar.expect("tar is there").success());
    git(&work, &["init", "-q"]);
    git(&work, &["add", "--force", "--all"]);
    let author =
        ["-c", "user.name=Sourcegraph", "-c", "user.email=batch-changes@sourcegraph.com", "commit", "-q"];
    git(&work, &[author.as_slice(), &["--no-verify", "-m", "initial commit"]].concat());
    let base = said(&work, &["rev-parse", "HEAD"]);
    let mut values = vec![("repository.name".to_owned(), Value::from("github.com/acme/orders"))];
    let (mut code, mut log) = (0, String::new());
    for step in spec["steps"].as_array().expect("steps are a list") {
        let output = container(step, &work, &home, &values);
        log += &String::from_utf8_lossy(&output.stderr);
        code = output.status.code().expect("the step was not killed");
        if code != 0 {
            break;
        }
        let text = String::from_utf8(output.stdout).expect("output is text");
        values.retain(|(name, _)| name != "step.stdout");
        values.push(("step.stdout".to_owned(), Value::from(text)));
        for (name, output) in step["outputs"].as_object().into_iter().flatten() {
            let text = filled(&output["value"], &values);
            let value = match output["format"].as_str() {
                Some("json") => serde_json::from_str(&text).expect("the output is JSON"),
                _ => Value::from(text),
            };
            values.push((format!("outputs.{name}"), value));
        }
    }
    git(&work, &["add", "--all"]);
    commit(&work, &["-q", "-m", "changes"]);
    let commit = if code == 0 { new(&work, base.trim()) } else { None };
    let template = &spec["changesetTemplate"];
    let part = |name: &str| commit.as_ref().map_or_else(String::new, |_| filled(&template[name], &values));
    let (title, body) = (part("title"), part("body"));
    Batch { run: Run { code, log, commit }, title, body }
}

/// One step of a batch spec. What is mounted there is found on the PATH here; files lie in a folder of their own.
fn container(step: &Value, work: &Path, home: &Place, values: &[(String, Value)]) -> Output {
    let mut script = filled(&step["run"], values);
    for (at, text) in step["files"].as_object().into_iter().flatten() {
        let here = home.at(&format!("files{at}"));
        fs::create_dir_all(here.parent().expect("it has a folder")).expect("the folder is ours");
        fs::write(&here, filled(text, values)).expect("the folder is ours");
        script = script.replace(at.as_str(), &here.display().to_string());
    }
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &script]).current_dir(work).env_clear().stdin(Stdio::null());
    command.env("PATH", path_with_the_program());
    for (name, value) in step["env"].as_object().into_iter().flatten() {
        command.env(name, filled(value, values));
    }
    command.output().expect("there is a shell")
}

/// A text of a batch spec with its `${{ … }}` filled in. Names are all that is understood.
fn filled(text: &Value, values: &[(String, Value)]) -> String {
    let mut rest = text.as_str().expect("it is a text");
    let mut filled = String::new();
    while let Some((before, (name, after))) =
        rest.split_once("${{").and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
    {
        let name = name.trim();
        let known = values.iter().rev().find_map(|(known, value)| {
            let rest = name.strip_prefix(known.as_str())?;
            value.pointer(&rest.replace('.', "/"))
        });
        let value = known.unwrap_or_else(|| panic!("nothing is called {name}"));
        filled.push_str(before);
        filled.push_str(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        rest = after;
    }
    filled + rest
}

/// A clone of one commit, as engines make it.
fn cloned(origin: &Place, into: &Path) {
    let from = format!("file://{}", origin.root().display());
    git(origin.root(), &["clone", "-q", "--depth=1", &from, &into.display().to_string()]);
}

/// Runs a command whose standard output and standard error go to the same place.
fn merged(mut command: Command, folder: &Path) -> (i32, String) {
    let path: PathBuf = folder.join("log");
    let log = File::create(&path).expect("the folder is ours");
    command.stdout(log.try_clone().expect("a file has handles")).stderr(log);
    let status = command.status().expect("the command starts");
    (status.code().expect("the command was not killed"), fs::read_to_string(path).expect("the log is text"))
}

/// Commits; where there is nothing to commit, nothing happens.
fn commit(clone: &Path, words: &[&str]) {
    if said(clone, &["status", "--porcelain"]).is_empty() {
        return;
    }
    let author = ["-c", "user.name=Someone", "-c", "user.email=someone@example.com", "commit", "--no-verify"];
    let mut command = Command::new("git");
    command.args(author).args(words).current_dir(clone).stdout(Stdio::null()).stderr(Stdio::null());
    // With `--all` there may be nothing to commit but files that are not tracked.
    command.status().expect("git is there");
}

/// What came after `base`.
fn new(clone: &Path, base: &str) -> Option<Commit> {
    let range = format!("{base}..HEAD");
    let first = said(clone, &["rev-list", "--reverse", &range]).lines().next()?.to_owned();
    let files = said(clone, &["diff", "--name-only", &range]);
    Some(Commit {
        message: said(clone, &["log", "-1", "--format=%B", &first]),
        files: files.lines().map(str::to_owned).collect(),
        diff: said(clone, &["diff", &range]),
    })
}

/// What git says.
pub(crate) fn said(folder: &Path, words: &[&str]) -> String {
    let output = Command::new("git").args(words).current_dir(folder).output().expect("git is there");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("git says text")
}

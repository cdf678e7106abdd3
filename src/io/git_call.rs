//! Calls of the `git` program, the only ones: each goes to a place that is told, whatever repository the environment
//! names, and starts no program that the repository names. Knows how to call, not what to ask.
//!
//! What is kept from a repository, and by what:
//!
//! | it may name | what keeps it from running |
//! |---|---|
//! | a monitor of files (`core.fsmonitor`) | switched off |
//! | hooks: as files, in another directory (`core.hooksPath`), in its configuration (git 2.54) | the directory is none, and those of the events that our commands cause are switched off |
//! | housekeeping (`gc.auto`, `maintenance.auto`), which has hooks of its own | switched off |
//! | settings of submodules, which git reads in processes that know nothing of ours | no command goes into submodules |
//! | commands for the network (`core.sshCommand`, helpers for credentials, remotes like `ext::`) by which a partial clone fetches what it lacks | nothing is fetched from a [`Whose::Anybodys`] repository: by the variable of git 2.44, and by a list of protocols without one for those before |
//! | a pager, an editor, a program to ask for passwords | no command of ours has a use for the first two, and git may not ask |
//! | external programs and conversions of `diff` | `--no-ext-diff`, and only names are asked for |
//! | filters by attribute (`filter.*.clean`) | commands that apply them are for [`Whose::Own`] repositories only, in which a person's `git status` runs them as well |
//! | aliases | git lets none stand for a command that it has |
//! | other objects in place of its own (`refs/replace`) | not heeded: a hash means its content |
//! | a split or sparse index | neither is made, so that an index outside of the repository leaves nothing in it |
//!
//! A repository that git itself does not trust (`safe.directory`) is not opened; nothing here overrides that.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::thread::{self, JoinHandle};
use thiserror::Error;

/// Git could not be asked.
#[derive(Debug, Error)]
pub enum GitError {
    /// It did not start.
    #[error("git does not start: {0}")]
    Start(#[from] io::Error),
    /// It refused.
    #[error("git says: {0}")]
    Refused(String),
}

/// Variables of git's that a call keeps: whose commits they are, where the person's own settings are, and where git's
/// own programs are. All others tell of a repository, or start programs, and a future git may know more of both.
const KEPT: [&str; 10] = [
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_DATE",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_DATE",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_EXEC_PATH",
];

/// Variables that say which repository is meant, as a hook finds them: its index is not the one on disk, and its objects
/// may still be in quarantine.
const HERE: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CEILING_DIRECTORIES",
];

/// Settings of every call.
const SETTINGS: [&str; 14] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "hook.reference-transaction.enabled=false",
    "hook.post-index-change.enabled=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "diff.ignoreSubmodules=all",
    "core.splitIndex=false",
    "core.askPass=",
    "core.pager=cat",
    "core.alternateRefsCommand=",
    "i18n.commitEncoding=UTF-8",
    "user.useConfigOnly=true",
];

/// Bytes of git's complaints that are kept.
const COMPLAINT: usize = 4096;

/// Whose repository a call goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The one that the person works in: what any git command of theirs runs in it may run, so that filters say what is
    /// changed and a partial clone gets what it lacks.
    Own,
    /// One of many, whose settings nobody has looked at.
    Anybodys,
}

/// The program, ready to be told what to do in `folder`; without one where the environment says, as in a hook.
pub(super) fn git(folder: Option<&Path>, whose: Whose) -> Command {
    let mut command = Command::new("git");
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        let kept = KEPT.contains(&text.as_str()) || folder.is_none() && HERE.contains(&text.as_str());
        if text.starts_with("GIT_") && !kept || text == "SSH_ASKPASS" {
            command.env_remove(name);
        }
    }
    command
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_LITERAL_PATHSPECS", "1")
        // Some of the answers are told apart by their words.
        .env("LC_ALL", "C")
        .env_remove("LANGUAGE");
    if whose == Whose::Anybodys {
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "");
        apart(&mut command);
    }
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    if let Some(folder) = folder {
        command.arg("-C").arg(folder);
    }
    command.stdin(Stdio::null());
    command
}

/// Keeps Ctrl-C from reaching git: it goes to the run, which ends the repository that it is at in good order.
#[cfg(unix)]
fn apart(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn apart(_: &mut Command) {}

/// What git prints when it is called in `folder`, a person's own, with these arguments.
pub(super) fn ask<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Vec<u8>, GitError> {
    let mut command = git(Some(folder), Whose::Own);
    answer(command.args(arguments))
}

/// What a call prints.
pub(super) fn answer(command: &mut Command) -> Result<Vec<u8>, GitError> {
    succeeded(command.output()?)
}

/// What a call prints that reads `input`.
pub(super) fn answer_to(command: &mut Command, input: &[u8]) -> Result<Vec<u8>, GitError> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdin = child.stdin.take();
    let output = thread::scope(|scope| {
        // Git answers while it still reads, so one side alone would wait for the other forever. One that stops reading
        // says why by its exit code.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
        child.wait_with_output()
    })?;
    succeeded(output)
}

fn succeeded(output: Output) -> Result<Vec<u8>, GitError> {
    if output.status.success() { Ok(output.stdout) } else { Err(refused(&output.stderr)) }
}

/// The error that a complaint of git's is.
pub(super) fn refused(complaint: &[u8]) -> GitError {
    GitError::Refused(first_line(complaint))
}

/// The first line of a complaint that says what is wrong.
pub(super) fn first_line(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let told = text.lines().find(|line| !line.starts_with("hint: ") && !line.starts_with("warning: "));
    let told = told.or_else(|| text.lines().next()).unwrap_or("nothing, but it failed");
    ["fatal: ", "error: "].iter().find_map(|word| told.strip_prefix(word)).unwrap_or(told).to_owned()
}

/// A call whose answer is read while it comes, so that no more than a part of it is held.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    /// What git reads; `None` once it is closed.
    pub(super) input: Option<ChildStdin>,
    /// What git prints.
    pub(super) output: BufReader<ChildStdout>,
    complaint: Option<JoinHandle<Vec<u8>>>,
}

impl Running {
    /// Starts a call.
    pub(super) fn start(command: &mut Command) -> Result<Self, GitError> {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        // Read beside the answer, since git waits when nobody reads what it complains about.
        let complaint = child.stderr.take().map(|mut stderr| {
            thread::spawn(move || {
                let mut kept = Vec::new();
                let _ = stderr.by_ref().take(COMPLAINT as u64).read_to_end(&mut kept);
                let _ = io::copy(&mut stderr, &mut io::sink());
                kept
            })
        });
        let input = child.stdin.take();
        Ok(Self { child, input, output: BufReader::new(output), complaint })
    }

    /// Waits for the end of a call whose answer has been read, and says whether it went well.
    pub(super) fn finish(mut self) -> Result<(), GitError> {
        drop(self.input.take());
        let status = self.child.wait()?;
        let complaint = self.complaint.take().and_then(|reader| reader.join().ok()).unwrap_or_default();
        if status.success() { Ok(()) } else { Err(refused(&complaint)) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Whoever leaves early wants no more of the answer. A call that has ended already is waited for only.
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The paths of a list in which each one is ended by a NUL byte.
pub(super) fn paths(answer: &[u8]) -> impl Iterator<Item = PathBuf> + '_ {
    answer.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(path_of)
}

/// The path that these bytes are the name of.
#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// The path that these bytes are the name of.
#[cfg(not(unix))]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// The bytes by which git names a path relative to a work tree.
#[cfg(unix)]
pub(super) fn name_of(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

/// The bytes by which git names a path relative to a work tree.
#[cfg(not(unix))]
pub(super) fn name_of(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

/// A variable that makes git look for a repository in `folder` and not above it.
pub(super) fn ceiling(folder: &Path) -> OsString {
    folder.parent().map_or_else(OsString::new, |above| above.as_os_str().to_owned())
}

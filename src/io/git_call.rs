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
//! | a pipe or a terminal as one of its files, which git would wait for | a call that says nothing for [`PATIENCE`] is ended |
//!
//! A repository that git itself does not trust (`safe.directory`) is not opened; nothing here overrides that. What the
//! person has said of it in the environment (`GIT_CONFIG_COUNT`, as pipelines do) is heeded.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
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

/// Variables of git's that every call keeps: whose commits they are, where the person's own settings are, and where git's
/// own programs are. The others tell of a repository or start programs, and a future git may know more of both.
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

/// Beginnings of those that a call to the person's own repository keeps: their settings, and the way to their remotes.
const OWN: [&str; 5] = ["GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_SSH", "GIT_ASKPASS"];

/// Those that say which repository is meant, as a hook finds them: its index is not the one on disk, and its objects may
/// still be in quarantine.
const HERE: [&str; 9] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
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
const COMPLAINT: u64 = 4096;

/// Bytes of an answer that is taken as a whole: more than the names of all files of any repository have.
const ANSWER: u64 = 256 * 1024 * 1024;

/// How long a call that may be stuck is waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// The same for a call that reads no more than a few small files.
const SHORT_PATIENCE: Duration = Duration::from_secs(30);

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
    let mut trusted = Vec::new();
    for (name, value) in env::vars_os() {
        // Where case counts, a variable in small letters is none of git's, and nobody misses it.
        let text = name.to_string_lossy().to_ascii_uppercase();
        let is_kept = KEPT.contains(&text.as_str())
            || whose == Whose::Own && OWN.iter().any(|start| text.starts_with(start))
            || folder.is_none() && HERE.contains(&text.as_str());
        if text.starts_with("GIT_") && !is_kept {
            command.env_remove(&name);
        }
        if let Some(number) = text.strip_prefix("GIT_CONFIG_KEY_")
            && value.eq_ignore_ascii_case("safe.directory")
            && let Some(folder) = env::var_os(format!("GIT_CONFIG_VALUE_{number}"))
        {
            trusted.push((value, folder));
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
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "").env_remove("SSH_ASKPASS");
        configure(&mut command, trusted);
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

/// Adds settings to a call to a repository of [`Whose::Anybodys`]. By variables, since a name may hold the sign that ends it
/// in an option.
pub(super) fn configure(command: &mut Command, settings: impl IntoIterator<Item = (OsString, OsString)>) {
    const COUNT: &str = "GIT_CONFIG_COUNT";
    let told = command
        .get_envs()
        .find(|(name, _)| *name == COUNT)
        .and_then(|(_, value)| value?.to_str()?.parse().ok());
    let mut count: usize = told.unwrap_or(0);
    for (key, value) in settings {
        command.env(format!("GIT_CONFIG_KEY_{count}"), key).env(format!("GIT_CONFIG_VALUE_{count}"), value);
        count += 1;
    }
    if count > 0 {
        command.env(COUNT, count.to_string());
    }
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
    succeeded(output(git(Some(folder), Whose::Own).args(arguments))?)
}

/// How a call to the person's own repository ends, which may take as long as it wants: it may fetch what is not there.
/// `Command::output` does the same and panics where a pipe cannot be read.
pub(super) fn output(command: &mut Command) -> io::Result<Output> {
    finish(Running::start_with(command, None)?, b"")
}

/// What a call to a repository of [`Whose::Anybodys`] prints.
pub(super) fn answer(command: &mut Command) -> Result<Vec<u8>, GitError> {
    answer_to(command, b"")
}

/// What a call to a repository of [`Whose::Anybodys`] prints that reads `input`.
pub(super) fn answer_to(command: &mut Command, input: &[u8]) -> Result<Vec<u8>, GitError> {
    succeeded(finish(Running::start(command)?, input)?)
}

/// What a call prints that reads settings or names only.
pub(super) fn answer_soon(command: &mut Command) -> Result<Vec<u8>, GitError> {
    succeeded(finish_soon(command)?)
}

/// Waits for a call that reads settings or names only, however it ends.
pub(super) fn finish_soon(command: &mut Command) -> io::Result<Output> {
    finish(Running::start_with(command, Some(SHORT_PATIENCE))?, b"")
}

/// Waits for the end of a call that reads `input`.
fn finish(running: Running, input: &[u8]) -> io::Result<Output> {
    let mut stdout = Vec::new();
    let running = running.talk(input, |output| {
        output.take(ANSWER).read_to_end(&mut stdout)?;
        if stdout.len() as u64 == ANSWER { Err(io::Error::other("its answer is too long")) } else { Ok(()) }
    })?;
    let (status, stderr) = running.end()?;
    Ok(Output { status, stdout, stderr })
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
    child: Arc<Mutex<Child>>,
    /// What git reads; `None` once it is closed.
    pub(super) input: Option<ChildStdin>,
    /// What git prints.
    pub(super) output: BufReader<ChildStdout>,
    complaint: Option<JoinHandle<Vec<u8>>>,
    /// Tells the watch that something was read.
    alive: Sender<()>,
}

impl Running {
    /// Starts a call.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        Self::start_with(command, Some(PATIENCE))
    }

    /// Starts a call that is ended when it says nothing for so long.
    pub(super) fn start_with(command: &mut Command, patience: Option<Duration>) -> io::Result<Self> {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        // Read beside the answer, since git waits when nobody reads what it complains about.
        let complaint = child.stderr.take().map(|mut stderr| {
            thread::spawn(move || {
                let mut kept = Vec::new();
                let _ = stderr.by_ref().take(COMPLAINT).read_to_end(&mut kept);
                let _ = io::copy(&mut stderr, &mut io::sink());
                kept
            })
        });
        let input = child.stdin.take();
        let child = Arc::new(Mutex::new(child));
        let (alive, signs) = channel();
        let watched = Arc::clone(&child);
        // Ends by itself when the other side of the channel goes.
        let watch = move |patience: Duration| {
            loop {
                match signs.recv_timeout(patience) {
                    Ok(()) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => {
                        let _ = watched.lock().unwrap_or_else(PoisonError::into_inner).kill();
                        return;
                    }
                }
            }
        };
        if let Some(patience) = patience {
            thread::spawn(move || watch(patience));
        }
        Ok(Self { child, input, output: BufReader::new(output), complaint, alive })
    }

    /// Lets git read `input` while `read` reads its answer: git answers while it still reads, so one side alone would wait
    /// for the other forever. Where `read` fails, the call is ended.
    pub(super) fn talk<E>(
        mut self,
        input: &[u8],
        read: impl FnOnce(&mut BufReader<ChildStdout>) -> Result<(), E>,
    ) -> Result<Self, E> {
        let stdin = self.input.take();
        thread::scope(move |scope| {
            // A git that stops reading says why by its exit code.
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
            // Dropped on the way out, before the writer is waited for.
            read(&mut self.output).map(|()| self)
        })
    }

    /// Says that the call is not stuck.
    pub(super) fn goes_on(&self) {
        // The watch may have ended the call already; then the next read tells.
        let _ = self.alive.send(());
    }

    /// Waits for the end of a call whose answer has been read, and says whether it went well.
    pub(super) fn finish(self) -> Result<(), GitError> {
        let (status, complaint) = self.end()?;
        if status.success() { Ok(()) } else { Err(refused(&complaint)) }
    }

    /// How a call ended whose answer has been read, and what it complained about.
    fn end(mut self) -> io::Result<(ExitStatus, Vec<u8>)> {
        drop(self.input.take());
        let complaint = self.complaint.take().and_then(|reader| reader.join().ok()).unwrap_or_default();
        let status = self.child.lock().unwrap_or_else(PoisonError::into_inner).wait()?;
        Ok((status, complaint))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.input.take());
        // Whoever leaves early wants no more of the answer; a call that has ended is not killed.
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_says_what_is_wrong_is_found() {
        for (complaint, line) in [
            ("fatal: not here\nmore", "not here"),
            ("hint: do that\nwarning: odd\nerror: bad\n", "bad"),
            ("hint: do that\n", "hint: do that"),
            ("", "nothing, but it failed"),
        ] {
            assert_eq!(first_line(complaint.as_bytes()), line, "{complaint:?}");
        }
    }

    #[test]
    fn a_call_that_is_stuck_is_ended() {
        let mut command = git(None, Whose::Anybodys);
        // It waits for an input that nobody closes.
        command.args(["hash-object", "--stdin"]);
        let mut running = Running::start_with(&mut command, Some(Duration::from_millis(50))).unwrap();
        let mut answer = Vec::new();
        running.output.read_to_end(&mut answer).unwrap();
        assert!(answer.is_empty() && running.finish().is_err());
    }

    #[test]
    fn a_call_to_anybodys_repository_takes_over_nothing_that_tells_of_another_one() {
        let mut command = git(Some(Path::new("/x")), Whose::Anybodys);
        configure(&mut command, [("a.b=c.d".into(), "1".into())]);
        configure(&mut command, [("e.f".into(), "2".into())]);
        let of = |name: &str| {
            let found = command.get_envs().find(|(key, _)| *key == name);
            found.map(|(_, value)| value.map(|value| value.to_string_lossy().into_owned()))
        };
        let told =
            ["GIT_NO_LAZY_FETCH", "GIT_ALLOW_PROTOCOL", "LC_ALL"].map(|name| of(name).flatten().unwrap());
        assert_eq!(told, ["1", "", "C"]);
        let count: usize = of("GIT_CONFIG_COUNT").flatten().unwrap().parse().unwrap();
        assert!(count >= 2);
        assert_eq!(of(&format!("GIT_CONFIG_KEY_{}", count - 2)).flatten().unwrap(), "a.b=c.d");
        assert_eq!(of(&format!("GIT_CONFIG_VALUE_{}", count - 1)).flatten().unwrap(), "2");
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("GIT_") && !KEPT.contains(&name.as_str()) {
                assert!(of(&name).is_some(), "{name} is handed on");
            }
        }
    }
}

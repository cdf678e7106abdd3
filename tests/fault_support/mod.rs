//! System calls that fail on purpose: a run under `strace`, which tells the calls and lets one of them fail. Knows which
//! errors a call can have; knows nothing of what the program does with them.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code)]

pub(crate) mod scene;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A call of the operating system, as a run makes it: its name, and how many of that name its thread has made by then.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Site {
    pub(crate) call: String,
    pub(crate) nth: usize,
    /// Whether the call names something that may be written.
    pub(crate) writes: bool,
    /// The call with its arguments, as `strace` tells it.
    pub(crate) text: String,
}

/// A call that is to fail, and how.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) site: Site,
    pub(crate) error: &'static str,
}

/// The calls that a run may make about files, with the errors that each can have. `close` of a directory and calls about
/// memory and threads are left out: there the Rust runtime ends the program, and the manual knows no such error.
const ERRORS: &[(&str, &[&str])] = &[
    ("write", &["ENOSPC", "EDQUOT", "EIO", "EINTR"]),
    ("pwrite64", &["ENOSPC", "EIO", "EINTR"]),
    ("read", &["EIO", "EINTR"]),
    ("fsync", &["EIO", "ENOSPC", "EINTR"]),
    ("fdatasync", &["EIO", "ENOSPC", "EINTR"]),
    ("rename", &["EXDEV", "EACCES", "EIO", "ENOSPC", "EROFS", "EBUSY"]),
    ("renameat", &["EXDEV", "EACCES", "EIO", "ENOSPC", "EROFS", "EBUSY"]),
    ("renameat2", &["EXDEV", "EACCES", "EIO", "ENOSPC", "EROFS", "EBUSY"]),
    ("link", &["EPERM", "EACCES", "ENOSPC", "EIO"]),
    ("linkat", &["EPERM", "EACCES", "ENOSPC", "EIO"]),
    ("unlink", &["EACCES", "EIO", "EBUSY"]),
    ("unlinkat", &["EACCES", "EIO", "EBUSY"]),
    ("rmdir", &["EACCES", "EIO", "EBUSY"]),
    ("mkdir", &["EACCES", "ENOSPC", "EROFS", "EDQUOT"]),
    ("mkdirat", &["EACCES", "ENOSPC", "EROFS", "EDQUOT"]),
    ("chmod", &["EPERM", "EIO", "EROFS"]),
    ("fchmod", &["EPERM", "EIO", "EROFS", "EINTR"]),
    ("chown", &["EPERM", "EIO"]),
    ("fchown", &["EPERM", "EIO", "EINTR"]),
    ("flock", &["ENOLCK", "EINTR", "EIO"]),
    ("ftruncate", &["EIO", "ENOSPC", "EINTR"]),
    ("lseek", &["EIO"]),
    // By POSIX, ENOENT is the end of a directory that somebody has removed, and no failure.
    ("getdents64", &["EIO"]),
    ("readlink", &["EIO", "EACCES"]),
    ("statx", &["EIO", "EACCES", "ELOOP", "ENOMEM"]),
    ("newfstatat", &["EIO", "EACCES", "ELOOP", "ENOMEM"]),
    ("getcwd", &["ENOENT", "EACCES"]),
    ("copy_file_range", &["EIO", "EXDEV"]),
    ("pipe2", &["EMFILE"]),
];
const OPEN_TO_READ: &[&str] = &["EACCES", "EIO", "EMFILE", "ENOENT", "EINTR"];
const OPEN_TO_WRITE: &[&str] = &["ENOSPC", "EACCES", "EROFS", "EDQUOT", "EMFILE", "EIO", "EINTR"];

impl Site {
    fn errors(&self) -> &'static [&'static str] {
        match self.call.as_str() {
            "openat" if self.writes => OPEN_TO_WRITE,
            "openat" => OPEN_TO_READ,
            call => ERRORS.iter().find(|(name, _)| *name == call).map_or(&[], |(_, errors)| errors),
        }
    }

    /// Every way in which the call can fail.
    pub(crate) fn faults(&self) -> impl Iterator<Item = Fault> {
        self.errors().iter().map(|error| Fault { site: self.clone(), error })
    }
}

impl Fault {
    /// The option of `strace` that lets it happen.
    fn option(&self) -> String {
        format!("inject={}:error={}:when={}", self.site.call, self.error, self.site.nth)
    }
}

/// What `strace` told of a run.
pub(crate) struct Trace(String);

/// A line of it: the thread, and the call that begins there.
fn parsed(line: &str) -> Option<(&str, &str, &str)> {
    let (thread, rest) = line.split_once(' ')?;
    let rest = rest.trim_start();
    let (call, _) = rest.split_once('(')?;
    let is_name = !call.is_empty() && call.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then_some((thread, call, rest))
}

impl Trace {
    /// The calls from the first one on that names `marker`. Calls of several threads with the same number count once.
    pub(crate) fn sites_from(&self, marker: &str) -> Vec<Site> {
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut known = BTreeSet::new();
        let mut sites = Vec::new();
        let mut begun = false;
        for (thread, call, text) in self.0.lines().filter_map(parsed) {
            let nth = counts.entry((thread, call)).or_default();
            *nth += 1;
            begun |= text.contains(marker);
            if begun && known.insert((call, *nth)) {
                let writes = ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| text.contains(flag));
                let site = Site { call: call.to_owned(), nth: *nth, writes, text: text.to_owned() };
                sites.push(site);
            }
        }
        sites
    }

    /// Whether a call has been made to fail, and only such as come behind the first that names `marker`.
    pub(crate) fn failed_only_from(&self, marker: &str) -> bool {
        let injected = |lines: &str| lines.contains("(INJECTED)");
        match self.0.find(marker) {
            // A call that fails may be the first that names it.
            Some(at) => {
                let line = self.0[..at].rfind('\n').map_or(0, |end| end + 1);
                !injected(&self.0[..line]) && injected(&self.0[line..])
            }
            None => false,
        }
    }

    /// The calls that were made to fail.
    pub(crate) fn injected(&self) -> String {
        self.0.lines().filter(|line| line.contains("(INJECTED)")).collect::<Vec<_>>().join("\n")
    }
}

/// Makes `command` a run under `strace`, in which `fault` happens if there is one. The trace goes to `log`. Other programs
/// that the run starts are left alone.
pub(crate) fn traced(command: &Command, log: &Path, fault: Option<&Fault>) -> Command {
    let mut strace = under(log, command);
    let calls = match fault {
        Some(fault) => fault.option(),
        None => "trace=all".to_owned(),
    };
    strace.args(["-e", &calls]).arg(command.get_program()).args(command.get_args());
    strace
}

/// `strace` with the surroundings of `command`, without the program yet.
pub(crate) fn under(log: &Path, command: &Command) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-b", "execve", "-o"]).arg(log).args(["-s", "0"]);
    strace.args(["-e", "signal=none"]);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => strace.env(name, value),
            None => strace.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        strace.current_dir(folder);
    }
    strace.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    strace
}

/// The trace in `log`.
pub(crate) fn trace(log: &Path) -> Trace {
    Trace(fs::read_to_string(log).expect("strace wrote its log"))
}

/// Whether calls can be made to fail here; where not, the reason has been written to stderr.
///
/// # Panics
///
/// With `CI` in the environment, where a skipped proof would pass for a proof.
pub(crate) fn possible() -> bool {
    static REASON: OnceLock<Option<String>> = OnceLock::new();
    let tried = || {
        let run = Command::new("strace")
            .args(["-f", "-b", "execve", "-e", "inject=getcwd:error=EIO", "true"])
            .output();
        match run {
            Err(error) => Some(format!("strace cannot be started: {error}")),
            Ok(done) if done.status.success() => None,
            Ok(done) => Some(format!("strace cannot trace here: {}", String::from_utf8_lossy(&done.stderr))),
        }
    };
    let Some(reason) = REASON.get_or_init(tried) else { return true };
    assert!(env::var_os("CI").is_none(), "faults have to be tried in CI: {reason}");
    // Not `eprintln!`: the test harness hides its text where the test passes.
    let note = format!("\nSKIPPED: no system call was made to fail: {reason}\n\n");
    io::stderr().write_all(note.as_bytes()).expect("stderr is open");
    false
}

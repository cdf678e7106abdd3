//! A directory with many repositories that can be had again as it was, and runs over them: undisturbed, killed at any moment, or
//! killed at a chosen call of git.

use super::random::Random;
use super::tree::{self, Expected, calm};
use crate::git_support::FalseGit;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The directory. Every state of it has the same path, so that everything that runs say of it is the same.
pub(crate) struct Lab {
    dir: tempfile::TempDir,
    pub(crate) expected: Vec<Expected>,
}

impl Lab {
    /// Makes `count` repositories.
    pub(crate) fn new(count: usize) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for name in ["lab/src", "tmp", "state"] {
            fs::create_dir_all(dir.path().join(name)).expect("the folder is ours");
        }
        let expected = tree::make(&dir.path().join("lab"), count);
        let lab = Self { dir, expected };
        copy(&lab.at("lab"), &lab.at("master"));
        lab
    }

    /// A path beside the repositories: `lab` is how they are now, `master` how they were at first, other names what was kept.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Keeps the state with what a run left under another name, and makes it again as it was at first.
    pub(crate) fn keep_as(&self, name: &str) {
        fs::rename(self.at("lab"), self.at(name)).expect("the folder is ours");
        copy(&self.at("master"), &self.at("lab"));
    }

    /// A command that runs beside the repositories, with all that it makes in our directory.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        calm(&mut command);
        for name in [
            "NO_COLOR",
            "CLICOLOR_FORCE",
            "FORCE_COLOR",
            "REPOSITORY",
            "GITHUB_REPOSITORY",
            "CI_PROJECT_PATH",
        ] {
            command.env_remove(name);
        }
        command.env("TMPDIR", self.at("tmp")).env("XDG_STATE_HOME", self.at("state"));
        command.current_dir(self.at("lab")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// The program, ready to run over all repositories.
    pub(crate) fn bulk(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_samwire"));
        command.args(["bulk", "src", "-j", "4"]).args(args);
        command
    }

    /// A run from beginning to end, in which some repositories fail as they shall.
    pub(crate) fn undisturbed(&self, args: &[&str]) -> Duration {
        let start = Instant::now();
        let done = self.bulk(args).output().expect("the program runs");
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(3), "{told}");
        start.elapsed()
    }

    /// The same run killed at `kills` random moments of its progress, and gone on with each time. Gives how often it was.
    pub(crate) fn killed(&self, args: &[&str], kills: usize, random: &mut Random) -> usize {
        let total =
            fs::read_to_string(self.at("undisturbed/out/results.jsonl")).expect("it was run").lines().count();
        let lines = || {
            fs::read(self.at("lab/out/results.jsonl"))
                .map_or(0, |text| memchr::memchr_iter(b'\n', &text).count())
        };
        let mut killed = 0;
        loop {
            let done = lines();
            // Some before it is at any repository, the others anywhere on the way that is left.
            let share = 2 * total.saturating_sub(done) / kills.saturating_sub(killed).max(1);
            let goal = if killed == kills { usize::MAX } else { done + random.below(share.max(1)) };
            let mut child =
                self.bulk(args).arg("--resume").stderr(Stdio::null()).spawn().expect("the program starts");
            let status = loop {
                if let Some(status) = child.try_wait().expect("it is ours") {
                    break status;
                }
                if lines() >= goal {
                    sleep(Duration::from_micros(random.below(40_000) as u64));
                    child.kill().expect("it is ours");
                    break child.wait().expect("it is ours");
                }
                sleep(Duration::from_millis(1));
            };
            match status.signal() {
                Some(9) => killed += 1,
                _ => {
                    assert_eq!(status.code(), Some(3));
                    return killed;
                }
            }
        }
    }

    /// The run killed before and after each of these calls of git, and gone on with each time.
    pub(crate) fn killed_at(&self, args: &[&str], calls: &[&str]) {
        for (how, call) in calls.iter().flat_map(|call| [("before", call), ("after", call)]) {
            // A new one each time: calls of the run that was killed before go on, and must not take what is meant for this one.
            let git = FalseGit::new();
            git.at(how, call);
            let mut command = self.bulk(args);
            let done = git.put_before(command.arg("--resume")).output().expect("the program runs");
            let told = String::from_utf8_lossy(&done.stderr);
            assert_eq!(done.status.signal(), Some(9), "killed {how} {call}: {:?} {told}", done.status);
        }
    }

    /// The rows that a run noted, sorted.
    pub(crate) fn rows(&self, out: &str) -> Vec<String> {
        let text = fs::read_to_string(self.at(out).join("results.jsonl")).expect("it was run");
        let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
        rows.sort();
        rows
    }
}

/// A copy to the last bit, links as links.
pub(crate) fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp is there");
    assert!(done.success());
}

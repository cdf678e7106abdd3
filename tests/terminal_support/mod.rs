//! A terminal in which the program runs: keys go in as bytes, and what comes out is kept as bytes, as plain text, and as a
//! screen. Waits for words, never for a time, and looks after every run whether the terminal is as it was before.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code)]

pub(crate) mod picture;

use crate::place_support::Place;
use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open as open_file};
use rustix::io::ioctl_fionread;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::ptsname;
use rustix::termios::{LocalModes, Termios, tcgetattr};
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::{Child, Command as Process, ExitStatus};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long to wait for something that has to come: long enough for a machine that does a lot besides.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ctrl-C, as it is typed.
pub(crate) const CTRL_C: &str = "\u{3}";
/// Ctrl-D.
pub(crate) const CTRL_D: &str = "\u{4}";
/// Ctrl-S, after which a terminal shows nothing more.
pub(crate) const CTRL_S: &str = "\u{13}";
/// Ctrl-Q, after which it does again.
pub(crate) const CTRL_Q: &str = "\u{11}";
/// Ctrl-Z.
pub(crate) const CTRL_Z: &str = "\u{1a}";

/// What a session is started with, beside its arguments.
pub(crate) struct Setup {
    pub(crate) rows: u16,
    pub(crate) columns: u16,
    pub(crate) env: Vec<(&'static str, String)>,
}

impl Default for Setup {
    /// A terminal on which a question fits as a whole, without colours.
    fn default() -> Self {
        Self { rows: 70, columns: 100, env: vec![("NO_COLOR", "1".to_owned())] }
    }
}

impl Setup {
    pub(crate) fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    pub(crate) fn size(self, rows: u16, columns: u16) -> Self {
        Self { rows, columns, ..self }
    }
}

/// A program that runs at a terminal.
pub(crate) struct Terminal {
    pty: Pty,
    child: Child,
    modes: Termios,
    screen: vt100::Parser,
    raw: Vec<u8>,
    /// Up to where of the plain text somebody has looked.
    seen: usize,
    over: bool,
}

/// A program that has ended.
pub(crate) struct Ended {
    /// The exit code, or 128 and the number of the signal that ended it.
    pub(crate) code: i32,
    /// Everything that came out, without what only moves or colours.
    pub(crate) text: String,
    /// All bytes that came out.
    pub(crate) raw: Vec<u8>,
    /// The screen at the end.
    pub(crate) screen: String,
}

impl Terminal {
    /// Starts the program in a place.
    pub(crate) fn start(place: &Place, args: &[&str]) -> Self {
        Self::start_with(place, args, Setup::default())
    }

    pub(crate) fn start_with(place: &Place, args: &[&str], setup: Setup) -> Self {
        Self::spawn(place.command(".", args), setup)
    }

    /// Starts any command.
    pub(crate) fn spawn(mut command: Process, setup: Setup) -> Self {
        for name in ["CI", "VISUAL", "EDITOR", "PAGER", "LESS", "LINES", "COLUMNS"] {
            command.env_remove(name);
        }
        // No pager of the machine comes in between.
        command.env("TERM", "xterm-256color").env("PAGER", "cat").env("LC_ALL", "C.UTF-8");
        command.envs(setup.env.iter().map(|(name, value)| (*name, value.as_str())));
        // A terminal must not leak into the program of another test, where it would stay open.
        static STARTING: Mutex<()> = Mutex::new(());
        let _alone = STARTING.lock().expect("nobody panics while starting");
        let (pty, pts) = open().expect("a terminal can be made");
        pty.resize(Size::new(setup.rows, setup.columns)).expect("it has a size");
        let modes = tcgetattr(&pty).expect("it has modes");
        let child = Command::from(command).spawn(pts).expect("the program starts");
        let screen = vt100::Parser::new(size(setup.rows), size(setup.columns), 0);
        Self { pty, child, modes, screen, raw: Vec::new(), seen: 0, over: false }
    }

    /// Takes what comes within a moment.
    fn pump(&mut self) {
        let moment = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        let mut ready = [PollFd::new(&self.pty, PollFlags::IN)];
        if !matches!(poll(&mut ready, Some(&moment)), Ok(1..)) {
            return;
        }
        let mut bytes = [0; 4096];
        match self.pty.read(&mut bytes) {
            Ok(count) if count > 0 => {
                self.screen.process(&bytes[..count]);
                self.raw.extend_from_slice(&bytes[..count]);
            }
            // Nobody holds the other side any more.
            _ => self.over = true,
        }
    }

    /// Waits until `done` says so. Fails with `what` and the screen if it never does.
    #[track_caller]
    fn wait(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            let more = !self.over && Instant::now() < end;
            assert!(more, "no {what} in:\n{}\n\nbut on the screen:\n{}", self.unseen(), self.screen());
            self.pump();
        }
    }

    /// The plain text that came since the last look.
    pub(crate) fn unseen(&self) -> String {
        plain(&self.raw)[self.seen..].to_owned()
    }

    /// Waits for some words, and gives all that came before and with them.
    #[track_caller]
    pub(crate) fn until(&mut self, words: &str) -> String {
        let mut found = String::new();
        self.wait(&format!("`{words}`"), |terminal| {
            let text = terminal.unseen();
            let Some(at) = text.find(words) else { return false };
            text[..at + words.len()].clone_into(&mut found);
            true
        });
        self.seen += found.len();
        found
    }

    /// Types.
    pub(crate) fn send(&mut self, bytes: &str) {
        self.pty.write_all(bytes.as_bytes()).expect("the terminal is there");
    }

    /// Waits until single keys are read: what is typed before would be taken in another way.
    #[track_caller]
    pub(crate) fn until_keys_are_read(&mut self) {
        self.wait("reading of keys", |terminal| !terminal.takes_lines());
    }

    /// Waits until whole lines are read, as a shell leaves it.
    #[track_caller]
    pub(crate) fn until_lines_are_read(&mut self) {
        self.wait("reading of lines", |terminal| terminal.takes_lines());
    }

    fn takes_lines(&self) -> bool {
        tcgetattr(&self.pty).expect("it has modes").local_modes.contains(LocalModes::ICANON)
    }

    /// Waits until the program asks for a key, types it, and gives what was shown before.
    #[track_caller]
    pub(crate) fn key(&mut self, key: &str) -> String {
        let shown = self.until("Take it?") + &self.until(" Enter=") + &self.until(" ");
        self.until_keys_are_read();
        self.send(key);
        shown
    }

    /// Types keys, each at its own question.
    #[track_caller]
    pub(crate) fn keys(&mut self, keys: &str) {
        for key in keys.chars() {
            self.key(&key.to_string());
        }
    }

    /// Waits for whatever is asked with a choice of keys. Gives what was shown, and whether it is a question of the session,
    /// and no yes or no.
    #[track_caller]
    pub(crate) fn prompt(&mut self) -> (String, bool) {
        let mut asked = None;
        self.wait("question", |terminal| {
            let text = terminal.unseen();
            let of_session = text.ends_with(" Enter=y ") || text.ends_with(" Enter=n ");
            let done = of_session || text.ends_with("[y/N] ") || text.ends_with("[Y/n] ");
            asked = done.then_some((text, of_session));
            done
        });
        self.until_keys_are_read();
        let asked = asked.expect("it was waited for");
        self.seen += asked.0.len();
        asked
    }

    /// Up to where of the plain text somebody has looked.
    pub(crate) fn seen(&self) -> usize {
        self.seen
    }

    /// Waits for words that ask for something, and answers. Gives what was shown before.
    #[track_caller]
    pub(crate) fn answer(&mut self, question: &str, answer: &str) -> String {
        let shown = self.until(question);
        self.until_keys_are_read();
        self.send(answer);
        shown
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&mut self, rows: u16, columns: u16) {
        self.pty.resize(Size::new(rows, columns)).expect("it has a size");
        self.screen.screen_mut().set_size(size(rows), size(columns));
    }

    /// Sends a signal to the program alone, once it waits for something: one that comes between the last look for signals and
    /// the wait is heeded only with the next key.
    #[track_caller]
    pub(crate) fn signal(&mut self, signal: Signal) {
        self.until_at_rest();
        kill_process(Pid::from_child(&self.child), signal).expect("the program is ours and runs");
    }

    /// Waits until the program waits for something. What it has shown last it has shown before that.
    #[track_caller]
    pub(crate) fn until_at_rest(&mut self) {
        self.wait("rest", |terminal| terminal.is_asleep());
    }

    /// Waits until nothing that was typed is left to be read.
    #[track_caller]
    pub(crate) fn until_all_is_read(&mut self) {
        self.wait("reading", |terminal| {
            let name = ptsname(&terminal.pty, Vec::new()).expect("the terminal has a name");
            let typed = open_file(&name, OFlags::RDONLY | OFlags::NOCTTY, Mode::empty());
            // A program that is gone reads nothing more.
            typed.is_ok_and(|typed| ioctl_fionread(&typed).is_ok_and(|count| count == 0))
        });
    }

    fn is_asleep(&self) -> bool {
        let id = self.child.id().to_string();
        let state = match fs::read_to_string(format!("/proc/{id}/stat")) {
            // Behind the name of the program, which may hold anything.
            Ok(stat) => stat.rsplit(") ").next().unwrap_or_default().to_owned(),
            Err(_) => {
                let ps = Process::new("ps").args(["-o", "state=", "-p", &id]).output();
                String::from_utf8_lossy(&ps.expect("there is a `ps` where there is no /proc").stdout)
                    .into_owned()
            }
        };
        state.starts_with('S')
    }

    /// Whether the cursor cannot be seen.
    pub(crate) fn is_cursor_hidden(&self) -> bool {
        self.screen.screen().hide_cursor()
    }

    /// The screen with its colours.
    pub(crate) fn coloured(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    pub(crate) fn screen(&self) -> String {
        self.screen.screen().contents().trim_end().to_owned()
    }

    /// Waits for the end of the program. The terminal has to be as it was.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ended {
        self.wait_for_end();
        let modes = tcgetattr(&self.pty).expect("it has modes");
        assert_eq!(spelled(&modes), spelled(&self.modes), "the modes of the terminal are not as before");
        assert!(!self.is_cursor_hidden(), "the cursor is gone");
        assert!(!self.screen.screen().alternate_screen(), "the screen is another one");
        let status = self.child.wait().expect("the program has ended");
        Ended { code: code(status), text: plain(&self.raw), raw: self.raw.clone(), screen: self.screen() }
    }

    #[track_caller]
    fn wait_for_end(&mut self) {
        let end = Instant::now() + PATIENCE;
        while !self.over {
            assert!(Instant::now() < end, "no end; on the screen:\n{}", self.screen());
            self.pump();
        }
        self.until_gone();
    }

    #[track_caller]
    fn until_gone(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("the program is ours") {
                return status;
            }
            assert!(Instant::now() < end, "the program goes on");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Closes the terminal, as a window that is closed, and gives the exit code.
    #[track_caller]
    pub(crate) fn close(mut self) -> i32 {
        let (spare, _) = open().expect("a terminal can be made");
        drop(std::mem::replace(&mut self.pty, spare));
        code(self.until_gone())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).expect("it has ended")
}

fn size(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a screen has a size")
}

/// All modes as text.
fn spelled(modes: &Termios) -> String {
    let mut out = String::new();
    let Termios { input_modes, output_modes, control_modes, local_modes, .. } = modes;
    write!(out, "{input_modes:?} {output_modes:?} {control_modes:?} {local_modes:?}")
        .expect("a String takes all");
    out
}

/// What was printed, without sequences that only move or colour, and with plain ends of lines.
pub(crate) fn plain(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' if rest.peek() == Some(&'[') => {
                rest.next();
                while rest.next().is_some_and(|c| !('@'..='~').contains(&c)) {}
            }
            '\u{1b}' => {
                rest.next();
            }
            '\r' => {}
            c => out.push(c),
        }
    }
    out
}

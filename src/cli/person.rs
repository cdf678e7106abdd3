//! A person at a terminal, to talk to: single keys, questions, the editor and the pager. Leaves the terminal as it was however
//! the conversation ends. On a terminal that can do nothing but print (`TERM=dumb`) every answer is a line.

use crate::io::{self, Signal, Stop};
use crate::report::{Paint, wrapped};
use crate::session::{Console, Edited, Ended, Key, Size};
use console::{Term, measure_text_width};
use dialoguer::{Confirm, Input};
use std::io::{BufRead, ErrorKind, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How often somebody who types a line is left alone to see whether the program was asked to stop.
const LOOK: Duration = Duration::from_millis(50);

/// The room behind a question: a blank, the choice, and another blank.
const CHOICE: usize = 7;

/// The person who started the program.
pub(super) struct Person {
    term: Term,
    paint: Paint,
    dumb: bool,
    stop: Stop,
}

impl Person {
    /// The person at the terminal of standard input and output. Signals are noted from now on instead of ending the program, so
    /// that the terminal can be put right and the answers kept.
    pub(super) fn at_terminal(paint: Paint) -> std::io::Result<Self> {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        Ok(Self { term: Term::stdout(), paint, dumb, stop: Stop::listen()? })
    }

    /// Who asked to stop, if somebody did.
    pub(super) fn stopped(&self) -> Option<Signal> {
        self.stop.asked()
    }

    /// Says something in the width of the screen. A person who is gone hears nothing, and nothing depends on it.
    pub(super) fn say(&mut self, words: &str) {
        let _ = self.print(&wrapped(words, self.size().columns));
    }

    /// Shows all lines of a question but the last, and gives that one: whoever reads the answer draws it again, and clears no
    /// more than one line for that.
    fn last_line(&mut self, question: &str) -> Result<String, Ended> {
        let lines = wrapped(question, self.size().columns.saturating_sub(CHOICE).max(1));
        match lines.rsplit_once('\n') {
            Some((head, last)) => {
                self.print(&format!("{head}\n"))?;
                Ok(last.to_owned())
            }
            None => Ok(lines),
        }
    }

    /// One key, in the terms of the session. Whoever is asked again after a break sees the prompt anew.
    fn typed(&mut self, prompt: &str) -> Result<Key, Ended> {
        loop {
            self.heed()?;
            let key = match self.term.read_key_raw() {
                Ok(key) => key,
                Err(error) if error.kind() == ErrorKind::Interrupted && self.stopped().is_none() => continue,
                Err(error) => return Err(self.ended(&error)),
            };
            // A key is no answer to somebody who was asked to stop before.
            self.heed()?;
            let (key, name) = match key {
                console::Key::CtrlC => return Err(Ended::Interrupted),
                console::Key::Char('\u{4}') => return Err(end_of_input()),
                console::Key::Char('\u{1a}') => {
                    self.print("\n")?;
                    io::suspend();
                    self.print(prompt)?;
                    continue;
                }
                console::Key::Enter => (Key::Enter, "Enter".to_owned()),
                console::Key::Tab => (Key::Tab, "Tab".to_owned()),
                console::Key::ArrowDown | console::Key::ArrowRight => (Key::Char('j'), "j".to_owned()),
                console::Key::ArrowUp | console::Key::ArrowLeft => (Key::Char('k'), "k".to_owned()),
                console::Key::Char(c) if !c.is_control() => (Key::Char(c), c.to_string()),
                console::Key::UnknownEscSeq(begun) => {
                    self.skip_rest(&begun).map_err(|error| self.ended(&error))?;
                    (Key::Other, String::new())
                }
                _ => (Key::Other, String::new()),
            };
            self.print(&format!("{name}\n"))?;
            return Ok(key);
        }
    }

    fn print(&mut self, text: &str) -> Result<(), Ended> {
        let written = self.term.write_all(text.as_bytes()).and_then(|()| self.term.flush());
        written.map_err(|error| Ended::Closed(error.to_string()))
    }

    /// A line as the terminal gives it. What is said next begins a line, however the prompt was left.
    fn cooked(&mut self, prompt: &str) -> Result<String, Ended> {
        self.heed()?;
        self.print(prompt)?;
        self.typed_line().inspect_err(|_| {
            let _ = self.print("\n");
        })
    }

    fn typed_line(&self) -> Result<String, Ended> {
        // A read goes on after a signal, so it is left to a thread while this one looks whether somebody asked to stop.
        let (sender, line) = mpsc::channel();
        thread::spawn(move || {
            let mut text = String::new();
            let read = std::io::stdin().lock().read_line(&mut text);
            // Nobody listens any more if it came too late.
            let _ = sender.send(read.map(|count| (count > 0).then_some(text)));
        });
        loop {
            self.heed()?;
            match line.recv_timeout(LOOK) {
                Ok(Ok(Some(text))) => {
                    // A line is no answer to somebody who was asked to stop before.
                    self.heed()?;
                    return Ok(text.trim_end_matches(['\n', '\r']).to_owned());
                }
                Ok(Ok(None)) | Err(RecvTimeoutError::Disconnected) => return Err(end_of_input()),
                Ok(Err(error)) => return Err(self.ended(&error)),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Ends the conversation if somebody asked for it while nobody was waiting for an answer.
    fn heed(&self) -> Result<(), Ended> {
        if self.stopped().is_some() { Err(Ended::Interrupted) } else { Ok(()) }
    }

    /// Reads what is left of a key that the terminal spells in more letters than are known, such as an arrow with Ctrl. Its
    /// letters mean nothing on their own.
    fn skip_rest(&self, begun: &[char]) -> std::io::Result<()> {
        let is_last = |c: &char| ('@'..='~').contains(c);
        let mut over = match begun {
            ['O'] | ['['] => false,
            ['[', .., last] => is_last(last),
            _ => true,
        };
        while !over {
            over = match self.term.read_key_raw()? {
                console::Key::Char(c) => is_last(&c),
                console::Key::CtrlC => return Err(ErrorKind::Interrupted.into()),
                _ => true,
            };
        }
        Ok(())
    }

    /// Another program at the terminal, or a prompt that reads Ctrl-C itself.
    fn aside<T>(&self, work: impl FnOnce() -> std::io::Result<T>) -> std::io::Result<T> {
        self.stop.without_interrupt(work)?
    }

    fn ended(&self, error: &std::io::Error) -> Ended {
        // Whatever prompt was open has hidden the cursor.
        let _ = if self.dumb { Ok(()) } else { self.term.show_cursor() };
        match error.kind() {
            ErrorKind::Interrupted => Ended::Interrupted,
            _ if self.stopped().is_some() => Ended::Interrupted,
            _ => Ended::Closed(error.to_string()),
        }
    }

    fn prompt_ended(&mut self, error: &std::io::Error) -> Ended {
        let ended = self.ended(error);
        let _ = self.print("\n");
        ended
    }
}

impl Console for Person {
    fn size(&self) -> Size {
        let (rows, columns) = self.term.size();
        Size { columns: usize::from(columns), rows: usize::from(rows) }
    }

    fn paint(&self) -> Paint {
        self.paint
    }

    fn show(&mut self, text: &str) -> Result<(), Ended> {
        self.print(text)
    }

    fn page(&mut self, text: &str) -> Result<(), Ended> {
        // Three lines are left for what is said below it.
        let fits = text.lines().count() + 3 <= self.size().rows;
        if fits || self.dumb {
            return self.print(text);
        }
        match self.aside(|| io::page(text)) {
            Ok(()) => self.heed(),
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(self.prompt_ended(&error)),
            Err(_) => self.print(text),
        }
    }

    fn key(&mut self, prompt: &str) -> Result<Key, Ended> {
        if self.dumb {
            let line = self.cooked(prompt)?;
            return Ok(match line.trim() {
                "" => Key::Enter,
                "tab" | "Tab" => Key::Tab,
                word => word.chars().next().map_or(Key::Enter, Key::Char),
            });
        }
        self.print(prompt)?;
        // What is said next begins a line, however the prompt was left.
        self.typed(prompt).inspect_err(|_| {
            let _ = self.term.write_all(b"\n");
        })
    }

    fn confirm(&mut self, prompt: &str, default: bool) -> Result<bool, Ended> {
        if self.dumb {
            let choice = if default { "[Y/n]" } else { "[y/N]" };
            return Ok(match self.cooked(&format!("{prompt} {choice} "))?.trim() {
                "" => default,
                word => word.starts_with(['y', 'Y']),
            });
        }
        self.heed()?;
        // A key that was held, or typed before the question could be read, is no answer to it.
        forget_typed_ahead();
        let confirm = Confirm::new().with_prompt(self.last_line(prompt)?).default(default);
        let told = self.aside(|| confirm.interact_on(&self.term).map_err(io_error));
        told.map_err(|error| self.prompt_ended(&error))
    }

    fn line(&mut self, prompt: &str) -> Result<String, Ended> {
        if self.dumb {
            return self.cooked(&format!("{prompt}: "));
        }
        self.heed()?;
        let prompt = self.last_line(prompt)?;
        let input = Input::<String>::new().with_prompt(&prompt).allow_empty(true).report(false);
        let told = self.aside(|| input.interact_text_on(&self.term).map_err(io_error));
        let told = told.map_err(|error| self.prompt_ended(&error))?;
        // Of an answer that is longer than a line only the end was cleared.
        let answered = format!("{prompt}: {told}");
        let columns = self.size().columns.max(1);
        let above = measure_text_width(&answered).saturating_sub(1) / columns;
        let cleared = self.term.clear_last_lines(above);
        cleared.map_err(|error| self.prompt_ended(&error))?;
        self.say(&format!("{answered}\n"));
        Ok(told)
    }

    fn edit(&mut self, text: &str, extension: &str) -> Result<Edited, Ended> {
        let edited = self.aside(|| io::edit(text, extension));
        self.heed()?;
        Ok(match edited {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(self.prompt_ended(&error)),
            Ok(edited) if edited == text => Edited::Unsaved,
            Ok(edited) => Edited::Text(edited),
            Err(error) => Edited::Failed(error.to_string()),
        })
    }
}

/// Drops what was typed and not read yet.
fn forget_typed_ahead() {
    #[cfg(unix)]
    {
        use rustix::termios::{QueueSelector, tcflush};
        // Where that cannot be done the question is asked all the same.
        let _ = tcflush(std::io::stdin(), QueueSelector::IFlush);
    }
}

fn end_of_input() -> Ended {
    Ended::Closed("the input is at its end".to_owned())
}

fn io_error(error: dialoguer::Error) -> std::io::Error {
    let dialoguer::Error::IO(error) = error;
    error
}

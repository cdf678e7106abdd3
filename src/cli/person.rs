//! A person at a terminal, to talk to: single keys, questions, the editor and the pager. Leaves the terminal as it was however
//! the conversation ends. On a terminal that can do nothing but print (`TERM=dumb`) every answer is a line.

use crate::io::{self, Signal, Stop};
use crate::report::Paint;
use crate::session::{Console, Edited, Ended, Key, Size};
use console::Term;
use dialoguer::{Confirm, Input};
use std::io::{BufRead, ErrorKind, Write};

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

    fn print(&mut self, text: &str) -> Result<(), Ended> {
        let written = self.term.write_all(text.as_bytes()).and_then(|()| self.term.flush());
        written.map_err(|error| Ended::Closed(error.to_string()))
    }

    /// A line as the terminal gives it.
    fn cooked(&mut self, prompt: &str) -> Result<String, Ended> {
        self.print(prompt)?;
        let mut line = String::new();
        loop {
            match std::io::stdin().lock().read_line(&mut line) {
                Ok(0) => return Err(Ended::Closed("the input is at its end".to_owned())),
                Ok(_) => return Ok(line.trim_end_matches(['\n', '\r']).to_owned()),
                Err(error) if error.kind() == ErrorKind::Interrupted && self.stopped().is_none() => {}
                Err(error) => return Err(self.ended(&error)),
            }
            if self.stopped().is_some() {
                return Err(Ended::Interrupted);
            }
        }
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

    fn prompt_ended(&mut self, error: dialoguer::Error) -> Ended {
        let dialoguer::Error::IO(error) = error;
        let ended = self.ended(&error);
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
        if fits || self.dumb || io::page(text).is_err() { self.print(text) } else { Ok(()) }
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
        loop {
            let key = match self.term.read_key_raw() {
                Ok(key) => key,
                Err(error) if error.kind() == ErrorKind::Interrupted && self.stopped().is_none() => continue,
                Err(error) => return Err(self.ended(&error)),
            };
            let (key, name) = match key {
                console::Key::CtrlC => {
                    self.print("\n")?;
                    return Err(Ended::Interrupted);
                }
                console::Key::Char('\u{4}') => {
                    self.print("\n")?;
                    return Err(Ended::Closed("the input is at its end".to_owned()));
                }
                console::Key::Char('\u{1a}') => {
                    self.print("\n")?;
                    io::suspend();
                    // Whatever was typed meanwhile was not for us.
                    self.print(prompt)?;
                    continue;
                }
                console::Key::Enter => (Key::Enter, "Enter".to_owned()),
                console::Key::Tab => (Key::Tab, "Tab".to_owned()),
                console::Key::ArrowDown | console::Key::ArrowRight => (Key::Char('j'), "j".to_owned()),
                console::Key::ArrowUp | console::Key::ArrowLeft => (Key::Char('k'), "k".to_owned()),
                console::Key::Char(c) if !c.is_control() => (Key::Char(c), c.to_string()),
                _ => (Key::Other, String::new()),
            };
            self.print(&format!("{name}\n"))?;
            return Ok(key);
        }
    }

    fn confirm(&mut self, prompt: &str, default: bool) -> Result<bool, Ended> {
        if self.dumb {
            let choice = if default { "[Y/n]" } else { "[y/N]" };
            return Ok(match self.cooked(&format!("{prompt} {choice} "))?.trim() {
                "" => default,
                word => word.starts_with(['y', 'Y']),
            });
        }
        let confirm = Confirm::new().with_prompt(prompt).default(default);
        confirm.interact_on(&self.term).map_err(|error| self.prompt_ended(error))
    }

    fn line(&mut self, prompt: &str) -> Result<String, Ended> {
        if self.dumb {
            return self.cooked(&format!("{prompt}: "));
        }
        let input = Input::<String>::new().with_prompt(prompt).allow_empty(true);
        input.interact_text_on(&self.term).map_err(|error| self.prompt_ended(error))
    }

    fn edit(&mut self, text: &str, extension: &str) -> Result<Edited, Ended> {
        Ok(match io::edit(text, extension) {
            Ok(edited) if edited == text => Edited::Unsaved,
            Ok(edited) => Edited::Text(edited),
            Err(error) => Edited::Failed(error.to_string()),
        })
    }
}

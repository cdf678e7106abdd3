//! The two streams of the program: whether they show colours, how wide they are, and writing to them. A reader that goes away (`| head`)
//! ends the output quietly.

use super::values::ColourWhen;
use crate::report::{Paint, Problem};
use anstream::stream::{AsLockedWrite, IsTerminal, RawStream};
use anstream::{AutoStream, ColorChoice};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// What is known of the streams.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    /// Colours of standard output.
    pub(super) stdout: Paint,
    /// Colours of standard error.
    pub(super) stderr: Paint,
    /// Whether a person reads standard output.
    pub(super) stdout_is_terminal: bool,
    /// How wide the screen is that shows standard output; `None` where it is no screen.
    pub(super) columns: Option<usize>,
    /// Whether a person may answer on standard input.
    pub(super) stdin_is_terminal: bool,
}

impl Terminal {
    /// Looks at the streams and the environment.
    pub(super) fn observe(when: ColourWhen) -> Self {
        Self {
            stdout: Paint { colour: colours(&io::stdout(), when) },
            stderr: Paint { colour: colours(&io::stderr(), when) },
            stdout_is_terminal: io::stdout().is_terminal(),
            columns: console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns)),
            stdin_is_terminal: io::IsTerminal::is_terminal(&io::stdin()),
        }
    }

    /// Whether standard error is a screen on which lines can be drawn over.
    pub(super) fn draws(self) -> bool {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let pipeline = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        io::stderr().is_terminal() && !dumb && !pipeline
    }

    /// Writes to standard output. A reader that went away is no error.
    pub(super) fn out(self, bytes: &[u8]) -> io::Result<()> {
        quiet_pipe(passed_through(io::stdout()).write_all(bytes))
    }

    /// Writes to standard error, where failing can be told to nobody.
    pub(super) fn err(self, bytes: &[u8]) {
        let _ = passed_through(io::stderr()).write_all(bytes);
    }

    /// Tells a problem on standard error.
    pub(super) fn problem(self, problem: &Problem, path: Option<&Path>) {
        let mut bytes = Vec::new();
        if problem.write(&mut bytes, self.stderr, path).is_ok() {
            self.err(&bytes);
        }
    }
}

/// The bytes as they are: what is coloured was decided when they were made, and a patch must not lose a byte to a
/// filter for terminal sequences.
fn passed_through<S: RawStream + AsLockedWrite>(stream: S) -> AutoStream<S> {
    AutoStream::new(stream, ColorChoice::AlwaysAnsi)
}

fn colours<S: RawStream>(stream: &S, when: ColourWhen) -> bool {
    match when {
        ColourWhen::Always => true,
        ColourWhen::Never => false,
        ColourWhen::Auto => {
            let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
            let forced =
                set("FORCE_COLOR") && std::env::var_os("FORCE_COLOR").is_some_and(|value| value != "0");
            AutoStream::choice(stream) != ColorChoice::Never || (forced && !set("NO_COLOR"))
        }
    }
}

/// Treats a reader that went away as content.
fn quiet_pipe(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

//! Being asked to stop while files are written: the request is noted, the file at hand is finished, and whoever asks
//! learns of it between two files. A second request ends the program at once, which tears no file either.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Who asks us to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// A person, by Ctrl-C.
    Interrupt,
    /// Another program.
    Terminate,
    /// The terminal, which was closed.
    HangUp,
}

impl Signal {
    const ALL: &[(Self, i32)] = &[
        (Self::Interrupt, SIGINT),
        (Self::Terminate, SIGTERM),
        #[cfg(unix)]
        (Self::HangUp, signal_hook::consts::SIGHUP),
    ];

    /// The name of the signal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::HangUp => "SIGHUP",
        }
    }
}

/// Listens as long as this lives. Afterwards a signal ends the program at once, as it did before.
#[derive(Debug)]
pub struct Stop(&'static Handlers);

/// What the handlers of the process share.
#[derive(Debug)]
struct Handlers {
    /// The number of the last signal; 0 before any.
    asked: Arc<AtomicUsize>,
    /// Whether the next signal ends the program.
    ends: Arc<AtomicBool>,
}

impl Stop {
    /// Begins to listen.
    pub fn listen() -> io::Result<Self> {
        // Handlers cannot be taken away again without leaving the signal ignored, so they are installed once.
        static HANDLERS: OnceLock<Handlers> = OnceLock::new();
        let handlers = match HANDLERS.get() {
            Some(handlers) => handlers,
            None => {
                let new = Handlers::install()?;
                HANDLERS.get_or_init(|| new)
            }
        };
        handlers.ends.store(false, Ordering::SeqCst);
        Ok(Self(handlers))
    }

    /// The signal that came, if one did.
    pub fn asked(&self) -> Option<Signal> {
        let number = self.0.asked.load(Ordering::SeqCst);
        let is = |known: i32| usize::try_from(known) == Ok(number);
        Signal::ALL.iter().find(|(_, known)| is(*known)).map(|(signal, _)| *signal)
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.ends.store(true, Ordering::SeqCst);
    }
}

impl Handlers {
    fn install() -> io::Result<Self> {
        let handlers = Self { asked: Arc::default(), ends: Arc::default() };
        for &(_, number) in Signal::ALL {
            // In this order: whether the program ends depends on what earlier signals have set.
            flag::register_conditional_shutdown(number, 128 + number, Arc::clone(&handlers.ends))?;
            flag::register(number, Arc::clone(&handlers.ends))?;
            flag::register_usize(
                number,
                Arc::clone(&handlers.asked),
                usize::try_from(number).unwrap_or_default(),
            )?;
        }
        Ok(handlers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_noted_while_somebody_listens() {
        let stop = Stop::listen().unwrap();
        assert_eq!(stop.asked(), None);
        signal_hook::low_level::raise(SIGTERM).unwrap();
        assert_eq!(stop.asked(), Some(Signal::Terminate));
    }
}

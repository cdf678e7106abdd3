//! Being asked to stop while files are written or somebody is talked to: the request is noted, what is at hand is finished,
//! and whoever asks learns of it afterwards. A second request ends the program at once, which tears no file either.

use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

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
    /// All with their numbers. Of several that came the first in this order counts: some prompts raise an interrupt of
    /// their own when another signal wakes them.
    const ALL: &[(Self, i32)] = &[
        #[cfg(unix)]
        (Self::HangUp, signal_hook::consts::SIGHUP),
        (Self::Terminate, SIGTERM),
        (Self::Interrupt, SIGINT),
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

/// Listens as long as this lives. When nobody listens any more a signal ends the program at once, as it did before.
#[derive(Debug)]
pub struct Stop(&'static Handlers);

/// What the handlers of the process share.
#[derive(Debug)]
struct Handlers {
    /// The signals that came, in the order of `Signal::ALL`.
    came: Vec<Arc<AtomicBool>>,
    /// Whether the next signal ends the program.
    ends: Arc<AtomicBool>,
    /// How many listen.
    listeners: AtomicUsize,
    /// What is done about Ctrl-C; nothing while another program has the terminal.
    interrupt: Mutex<Vec<SigId>>,
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
        handlers.listeners.fetch_add(1, Ordering::SeqCst);
        handlers.ends.store(handlers.asked().is_some(), Ordering::SeqCst);
        Ok(Self(handlers))
    }

    /// The signal that came, if one did.
    pub fn asked(&self) -> Option<Signal> {
        self.0.asked()
    }

    /// Leaves Ctrl-C to `work`, which is another program at the terminal, or reads the key itself: it is not noted, and two of
    /// them do not end the program under the hands of the other one.
    pub fn without_interrupt<T>(&self, work: impl FnOnce() -> T) -> io::Result<T> {
        let mut interrupt = self.0.interrupt.lock().unwrap_or_else(PoisonError::into_inner);
        for id in interrupt.drain(..) {
            low_level::unregister(id);
        }
        let done = work();
        *interrupt = self.0.heed(Signal::Interrupt, SIGINT)?;
        Ok(done)
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        if self.0.listeners.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.ends.store(true, Ordering::SeqCst);
        }
    }
}

impl Handlers {
    fn install() -> io::Result<Self> {
        let handlers = Self {
            came: Signal::ALL.iter().map(|_| Arc::default()).collect(),
            ends: Arc::default(),
            listeners: AtomicUsize::new(0),
            interrupt: Mutex::default(),
        };
        for &(signal, number) in Signal::ALL {
            let ids = handlers.heed(signal, number)?;
            if signal == Signal::Interrupt {
                *handlers.interrupt.lock().unwrap_or_else(PoisonError::into_inner) = ids;
            }
        }
        Ok(handlers)
    }

    fn asked(&self) -> Option<Signal> {
        let mut all = Signal::ALL.iter().zip(&self.came);
        all.find(|(_, came)| came.load(Ordering::SeqCst)).map(|((signal, _), _)| *signal)
    }

    /// Registers what is done about a signal.
    fn heed(&self, signal: Signal, number: i32) -> io::Result<Vec<SigId>> {
        // In this order: whether the program ends depends on what earlier signals have set.
        let mut ids = vec![
            flag::register_conditional_shutdown(number, 128 + number, Arc::clone(&self.ends))?,
            flag::register(number, Arc::clone(&self.ends))?,
        ];
        let own = Signal::ALL.iter().zip(&self.came).find(|((known, _), _)| *known == signal);
        if let Some((_, came)) = own {
            ids.push(flag::register(number, Arc::clone(came))?);
        }
        Ok(ids)
    }
}

/// Stops the program until it is continued, as Ctrl-Z does where a terminal is left to itself.
pub fn suspend() {
    #[cfg(unix)]
    {
        // Only a signal that does not exist can fail here.
        let _ = low_level::raise(signal_hook::consts::SIGTSTP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test, since all of a process share the handlers.
    #[test]
    fn a_signal_is_noted_while_somebody_listens_but_for_that_of_another_program() {
        let stop = Stop::listen().unwrap();
        let interrupt = || low_level::raise(SIGINT).unwrap();
        // Had it been heeded, the second one had ended this program.
        stop.without_interrupt(|| [(); 3].map(|()| interrupt())).unwrap();
        assert_eq!(stop.asked(), None);
        interrupt();
        assert_eq!(stop.asked(), Some(Signal::Interrupt));
        stop.0.ends.store(false, Ordering::SeqCst);
        low_level::raise(SIGTERM).unwrap();
        assert_eq!(stop.asked(), Some(Signal::Terminate), "whoever ends programs is not a person");
    }
}

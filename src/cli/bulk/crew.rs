//! Repositories done side by side, each by one worker from beginning to end, so that at any time no more are in memory than
//! there are workers.

use crate::bulk::Listed;
use crate::io::Stop;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Does `work` for one repository after the other, by `workers` threads, until all are done, somebody asks to stop, or `work`
/// answers that nothing more can be done.
pub(super) fn each(listed: &[Listed], workers: usize, stop: &Stop, work: impl Fn(&Listed) -> bool + Sync) {
    let next = Mutex::new(listed.iter());
    // A worker that panicked has taken its repository from the list, so the list is as good as before.
    let take = || next.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|scope| {
        for _ in 0..workers.min(listed.len()) {
            scope.spawn(|| {
                while stop.asked().is_none() {
                    match take() {
                        Some(one) if work(one) => {}
                        Some(_) => {
                            next.lock().unwrap_or_else(PoisonError::into_inner).by_ref().for_each(drop);
                        }
                        None => break,
                    }
                }
            });
        }
    });
}

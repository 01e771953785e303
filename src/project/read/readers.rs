//! Readers of the repository, lent and reused: making one costs more than most reads.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::git::{Reader, Repository};

/// The most readers that are kept ready; more may be in use.
const MOST_IDLE: usize = 32;

/// A reader maps packs, also ones that were deleted since, so an unused one is dropped.
const LONGEST_IDLE: Duration = Duration::from_secs(60);

/// The readers that are ready.
#[derive(Default)]
pub(crate) struct Readers {
    /// Used last, at the end.
    idle: Mutex<Vec<(Instant, Reader)>>,
}

impl Readers {
    /// Runs something with a reader of this repository.
    pub(crate) fn with<T>(&self, repository: &Repository, run: impl FnOnce(&Reader) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle().pop();
        let reader = waiting.map_or_else(|| repository.reader(), |(_, reader)| reader);
        let result = run(&reader);
        let now = Instant::now();
        let mut idle = idle();
        let used_lately = |since: &Instant| now.duration_since(*since) < LONGEST_IDLE;
        let first = idle
            .iter()
            .position(|(since, _)| used_lately(since))
            .unwrap_or(idle.len());
        let dropped: Vec<_> = idle.drain(..first).collect();
        if idle.len() < MOST_IDLE {
            idle.push((now, reader));
        }
        // Unmapping takes a while: not under the lock.
        drop(idle);
        drop(dropped);
        result
    }
}

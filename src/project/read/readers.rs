//! Readers of the repository, lent to whoever reads: making one costs more than most reads.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::git::{Reader, Repository};

/// No more wait for work than a machine has cores; more may be at work.
const MOST_IDLE: usize = 32;

/// A reader maps packs, also ones that were deleted since: one that nobody needs lets go of them.
const LONGEST_IDLE: Duration = Duration::from_secs(60);

/// The readers that wait for work.
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

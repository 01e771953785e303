//! Migrating all documents of a ref by more than one thread.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::Loaded;

/// So long one thread works alone: most refs are done by then, and to start another one takes a part of it.
const ALONE: Duration = Duration::from_micros(400);

impl Loaded {
    /// Migrates the documents that weren't yet, by all processors if it takes long; [`document`](Loaded::document) and
    /// [`documents`](Loaded::documents) find them done. For a process that looks at one ref: where many are looked at,
    /// a thread for each serves better.
    pub fn migrate_all(&self) {
        let next = AtomicUsize::new(0);
        let work = |stop: &dyn Fn() -> bool| {
            while !stop() {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= self.entries().len() {
                    return;
                }
                self.result(index);
            }
        };
        let begin = Instant::now();
        work(&|| begin.elapsed() > ALONE);
        let left = self
            .entries()
            .len()
            .saturating_sub(next.load(Ordering::Relaxed));
        if left == 0 {
            return;
        }
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        thread::scope(|scope| {
            for _ in 1..threads.min(left) {
                // Where no thread can be had, fewer do it.
                let _ = thread::Builder::new().spawn_scoped(scope, || work(&|| false));
            }
            work(&|| false);
        });
    }
}

//! Work on several threads, if it takes long.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long one thread works alone. Most refs are done by then, and starting a thread costs time.
const ALONE: Duration = Duration::from_micros(400);

/// Calls `work` for each number below `count`; on all processors, if it takes long.
pub(crate) fn for_each(count: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let take = |stop: &dyn Fn() -> bool| {
        while !stop() {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            work(index);
        }
    };
    let begin = Instant::now();
    take(&|| begin.elapsed() > ALONE);
    let left = count.saturating_sub(next.load(Ordering::Relaxed));
    if left == 0 {
        return;
    }
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        for _ in 1..threads.min(left) {
            // Where no thread can be started, fewer do the work.
            let _ = thread::Builder::new().spawn_scoped(scope, || take(&|| false));
        }
        take(&|| false);
    });
}

/// Calls `work` for each number below `count`, on so many threads, by default one for each processor. From time to time `tell` gets
/// how many are done, on this thread.
pub(crate) fn for_each_telling(
    count: usize,
    threads: Option<NonZeroUsize>,
    tell: &mut dyn FnMut(usize),
    work: impl Fn(usize) + Sync,
) {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let take = |tell: &mut dyn FnMut(usize)| {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            work(index);
            tell(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    let threads = threads.or(thread::available_parallelism().ok());
    let threads = threads.map_or(1, NonZeroUsize::get).min(count);
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where no thread can be started, fewer do the work.
            let _ = thread::Builder::new().spawn_scoped(scope, || take(&mut |_| {}));
        }
        take(tell);
    });
}

//! Getting files and folders onto the disk.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The most that are flushed at a time: with more, `ext4` gains nothing.
const MOST_AT_A_TIME: usize = 32;

/// A thread is begun for so many.
const FOR_ONE_THREAD: usize = 16;

/// Flushes many, some at a time: those that wait together share a write of the file system's journal, and one after the other
/// each waits for its own. Returns at the first error.
pub(super) fn each<T: Sync, E: Send>(
    items: &[T],
    flush: impl Fn(&T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = flush(item) {
                next.store(items.len(), Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(())
    };
    let threads = items.len().div_ceil(FOR_ONE_THREAD).min(MOST_AT_A_TIME);
    thread::scope(|scope| {
        // Where the system gives no more threads, those that there are do it.
        let others: Vec<_> = (1..threads)
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let own = work();
        let others = others.into_iter().map(|thread| match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        // All have ended before the first error is returned.
        others.fold(own, Result::and)
    })
}

/// Flushes a file's content.
pub(super) fn file(path: &Path) -> io::Result<()> {
    open(path)?.sync_all()
}

/// Flushes a folder: which files are in it. Systems other than Unix do that by themselves, or not at all.
pub(super) fn folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Windows flushes only what is open for writing.
#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::options().write(true).open(path)
}

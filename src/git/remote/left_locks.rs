//! The locks that a Git that was killed has left in a mirror, in the way of all that come later.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::folder::OWN_FOLDER;
use crate::git::error::{Error, Result};
use crate::git::repository::Repository;

/// A file that each Git that works in the mirror holds, as long as it lives: as its standard input, so it does though the program that has
/// started it is dead.
const AT_WORK: &str = "at-work";

/// Files that say that somebody packs, who holds that file no more.
const PACKING: [&str; 2] = ["gc.pid", "objects/maintenance.lock"];

/// The locks of refs that lie beside the folder `refs`.
const REFS: [&str; 2] = ["HEAD.lock", "packed-refs.lock"];

/// Whoever else works in the mirror holds a lock for less.
const LONGEST_HELD: Duration = Duration::from_secs(5);

/// How long those are waited for who are at work for a moment only: after each fetch Git looks in the background whether to pack, and a
/// program that has just been started holds the files of all threads until it runs.
const A_MOMENT: Duration = Duration::from_secs(1);

/// What a Git that is about to work in a mirror gets as its standard input: empty, and locked.
pub(super) fn at_work(folder: &Path) -> Result<File> {
    let path = folder.join(OWN_FOLDER).join(AT_WORK);
    let opened = open(&path).and_then(|file| file.lock_shared().map(|()| file));
    opened.map_err(|error| Error::io("lock", &path, error))
}

/// Removes the locks of refs that nobody holds; whether there were any. Whoever calls this keeps others from fetching.
pub(super) fn remove(repository: &Repository, folder: &Path) -> Result<bool> {
    let path = folder.join(OWN_FOLDER).join(AT_WORK);
    let failed = |error| Error::io("lock", &path, error);
    let alone = open(&path).map_err(failed)?;
    let asked = Instant::now();
    loop {
        match alone.try_lock() {
            Ok(()) if !PACKING.iter().any(|name| folder.join(name).exists()) => break,
            Ok(()) => alone.unlock().map_err(failed)?,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        if asked.elapsed() >= A_MOMENT {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(10));
    }
    let is_of_refs = |lock: &Path| {
        lock.starts_with(folder.join("refs")) || REFS.iter().any(|name| lock == folder.join(name))
    };
    let mut has_removed = false;
    for lock in repository.lock_files()? {
        if lock.age < LONGEST_HELD || !is_of_refs(&lock.path) {
            continue;
        }
        fs::remove_file(&lock.path).map_err(|error| Error::io("remove", &lock.path, error))?;
        tracing::warn!(lock = %lock.path.display(), "a lock was removed that a Git that was killed has left in the mirror");
        has_removed = true;
    }
    Ok(has_removed)
}

fn open(path: &Path) -> io::Result<File> {
    File::options()
        .create(true)
        .append(true)
        .read(true)
        .open(path)
}

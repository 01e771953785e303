//! Git's lock on a ref: the file `<ref>.lock` beside it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::error::{Error, Result};

/// The wait between two attempts to take a lock.
const PAUSE: Duration = Duration::from_millis(10);

/// As often a folder is made again that another process takes away as empty.
const ATTEMPTS_AT_FOLDERS: usize = 8;

/// A held lock. Dropping it without [`publish`](RefLock::publish) deletes the lock file and changes nothing.
pub(super) struct RefLock {
    file: File,
    lock_path: PathBuf,
    ref_path: PathBuf,
    is_published: bool,
}

impl RefLock {
    /// Takes the lock on the ref at `ref_path`. Waits no longer than `timeout` for another holder; what it left behind
    /// if it died is for a person to delete, since nothing tells it from a slow one.
    pub(super) fn acquire(ref_path: &Path, timeout: Duration) -> Result<RefLock> {
        let mut lock_path = ref_path.as_os_str().to_owned();
        lock_path.push(".lock");
        let lock_path = PathBuf::from(lock_path);
        let start = Instant::now();
        let mut attempts_at_folders = 0;
        loop {
            match OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&lock_path)
            {
                Ok(file) => {
                    return Ok(RefLock {
                        file,
                        lock_path,
                        ref_path: ref_path.to_owned(),
                        is_published: false,
                    });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    if start.elapsed() >= timeout {
                        let age = age(&lock_path);
                        return Err(Error::Locked {
                            lock_file: lock_path,
                            age,
                        });
                    }
                    std::thread::sleep(PAUSE);
                }
                Err(error)
                    if error.kind() == ErrorKind::NotFound
                        && attempts_at_folders < ATTEMPTS_AT_FOLDERS =>
                {
                    attempts_at_folders += 1;
                    let folder = ref_path.parent().unwrap_or(ref_path);
                    match fs::create_dir_all(folder) {
                        Err(error) if error.kind() != ErrorKind::NotFound => {
                            return Err(Error::io("create", folder, error));
                        }
                        _ => {}
                    }
                }
                Err(error) => return Err(Error::io("lock", &lock_path, error)),
            }
        }
    }

    pub(super) fn lock_path(&self) -> &Path {
        &self.lock_path
    }

    pub(super) fn write(&mut self, content: &[u8]) -> io::Result<()> {
        self.file.write_all(content)
    }

    pub(super) fn flush(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Makes what was written the ref's value, and gives up the lock.
    pub(super) fn publish(mut self) -> io::Result<()> {
        match fs::rename(&self.lock_path, &self.ref_path) {
            Err(_) if self.ref_path.is_dir() => {
                // Folders that refs have left behind.
                remove_empty_folders(&self.ref_path)?;
                fs::rename(&self.lock_path, &self.ref_path)?;
            }
            result => result?,
        }
        self.is_published = true;
        Ok(())
    }
}

impl Drop for RefLock {
    fn drop(&mut self) {
        if !self.is_published {
            // Nobody can be told; whoever meets the file then gets an error that says what to do.
            let _ = fs::remove_file(&self.lock_path);
        }
    }
}

/// Removes a folder in which there are no files, only folders.
pub(super) fn remove_empty_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_empty_folders(&path)?;
        }
    }
    fs::remove_dir(folder)
}

/// How long a lock file has been there.
pub(super) fn age(path: &Path) -> Duration {
    fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
        .and_then(|modified| SystemTime::now().duration_since(modified).ok())
        .unwrap_or_default()
}

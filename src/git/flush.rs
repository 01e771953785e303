//! Getting files and folders onto the disk.

use std::fs::File;
use std::io;
use std::path::Path;

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

//! Reading the files of certificates and secrets: whole, and only what a file of that kind can be.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::Read as _;
use std::path::Path;

use crate::cli::failure::Failure;

/// Reads a file of so many bytes at most. What isn't a file, such as a pipe into which nobody writes, would be waited for without end.
pub(super) fn read(path: &Path, what: &str, most: u64) -> Result<Vec<u8>, Failure> {
    bytes(path, what, open(path, what)?, most)
}

/// A text, in a file that nobody else may read or change: who can write it may do anything. One of root's may be read by its group, as
/// that is how containers get secrets.
pub(super) fn read_private(path: &Path, what: &str, most: u64) -> Result<String, Failure> {
    let (file, found) = open(path, what)?;
    if !is_its_owners(&found) {
        let path = path.display();
        return Err(Failure::Other(format!(
            "others may read or change {what} {path}, so it isn't used: chmod 600 {path}"
        )));
    }
    let bytes = bytes(path, what, (file, found), most)?;
    String::from_utf8(bytes).map_err(|_| {
        let path = path.display();
        Failure::Other(format!("{what} {path} is no text in UTF-8"))
    })
}

/// Whether nobody else may read or change it.
pub(super) fn is_private(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| is_its_owners(&found))
}

fn open(path: &Path, what: &str) -> Result<(File, Metadata), Failure> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // A pipe would be waited for already here.
        let flags = rustix::fs::OFlags::NONBLOCK.bits();
        options.custom_flags(i32::from_ne_bytes(flags.to_ne_bytes()));
    }
    let file = options
        .open(path)
        .map_err(|error| Failure::of_file(path, error))?;
    let found = file
        .metadata()
        .map_err(|error| Failure::of_file(path, error))?;
    if found.is_file() {
        return Ok((file, found));
    }
    let path = path.display();
    Err(Failure::Other(format!(
        "{what} {path} is no plain file: name one"
    )))
}

fn bytes(
    path: &Path,
    what: &str,
    (file, found): (File, Metadata),
    most: u64,
) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    // It may grow while it is read.
    let read = file.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::of_file(path, error))?;
    if bytes.len() as u64 > most {
        let (path, size) = (path.display(), found.len());
        return Err(Failure::Other(format!(
            "{what} {path} has {size} bytes, which can't be meant: at most {most} are read"
        )));
    }
    Ok(bytes)
}

#[cfg(unix)]
fn is_its_owners(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    is_closed(found.uid(), found.mode())
}

#[cfg(not(unix))]
fn is_its_owners(_: &Metadata) -> bool {
    true
}

#[cfg(unix)]
fn is_closed(owner: u32, mode: u32) -> bool {
    let others = if owner == 0 { 0o037 } else { 0o077 };
    mode & others == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_is_its_owners_alone_and_one_of_roots_its_groups_to_read() {
        for (owner, mode, private) in [
            (1000, 0o600, true),
            (1000, 0o400, true),
            (1000, 0o640, false),
            (0, 0o640, true),
            (0, 0o440, true),
            (0, 0o660, false),
            (0, 0o644, false),
            (0, 0o604, false),
        ] {
            assert_eq!(is_closed(owner, mode), private, "{owner} {mode:o}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_or_has_no_end_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for path in [&*pipe, Path::new("/dev/zero"), folder.path()] {
            let error = read(path, "the key", 10).unwrap_err().message();
            assert!(error.contains("is no plain file"), "{error}");
        }
        let large = folder.path().join("large");
        File::create(&large).unwrap().set_len(1 << 40).unwrap();
        let error = read(&large, "the key", 10).unwrap_err().message();
        assert!(error.contains("1099511627776 bytes"), "{error}");
    }
}

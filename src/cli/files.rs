//! Files that the user names on the command line.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::ocl;

use super::failure::Failure;

/// A file's bytes; `-` is the standard input. Never more than one document may have (and one more, to tell that it has
/// more).
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    try_read(path).map_err(|error| Failure::File {
        path: path.display().to_string(),
        error,
    })
}

pub(super) fn try_read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = ocl::MAX_BYTES as u64 + 1;
    if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    } else {
        fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Replaces a file atomically: a reader sees either the old content or all of the new.
pub(super) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    // A pipe or a terminal takes what is written to it, and can't be replaced.
    if fs::metadata(file).is_ok_and(|found| !found.is_file()) {
        return OpenOptions::new().write(true).open(file)?.write_all(bytes);
    }
    // In a work tree it may be one that came with the repository, and lead anywhere.
    if file.is_symlink() {
        let message = "it is a symbolic link: name the file that it leads to";
        return Err(io::Error::other(message));
    }
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    fs::metadata(folder)?;
    let temporary = temporary_file().tempfile_in(folder);
    let mut temporary = temporary.map_err(without_path)?;
    temporary.write_all(bytes).map_err(without_path)?;
    temporary.persist(file)?;
    Ok(())
}

/// The error without the name of the temporary file, which nobody knows.
fn without_path(error: io::Error) -> io::Error {
    match error.to_string().rsplit_once(" at path ") {
        Some((why, _)) => io::Error::new(error.kind(), why.to_owned()),
        None => error,
    }
}

/// With the permissions of any other new file.
fn temporary_file() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

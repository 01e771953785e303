//! Files that the user names on the command line.

use std::io::{self, Read};
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
        std::fs::File::open(path)?
            .take(limit)
            .read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

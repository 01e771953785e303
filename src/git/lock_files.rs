//! Lock files in a repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::error::{Error, Result};
use super::repository::Repository;

/// No ref's name has more parts.
const DEEPEST: usize = 64;

/// A lock file that some process made, and didn't take away yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LockFile {
    /// The file.
    pub(crate) path: PathBuf,
    /// How long it has been there.
    pub(crate) age: Duration,
}

impl Repository {
    /// The lock files of refs, the index and the configuration, of all work trees, by path.
    ///
    /// # Errors
    /// If a folder can't be listed.
    pub(crate) fn lock_files(&self) -> Result<Vec<LockFile>> {
        let mut found = Vec::new();
        let common = self.common_dir();
        look(common, 0, &mut found)?;
        look(&common.join("refs"), DEEPEST, &mut found)?;
        look(&common.join("worktrees"), 1, &mut found)?;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }
}

/// Lists a folder, and those in it as many levels down.
fn look(folder: &Path, levels: usize, found: &mut Vec<LockFile>) -> Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|error| Error::io("list", folder, error))?,
    };
    for entry in entries {
        let entry = entry.map_err(|error| Error::io("list", folder, error))?;
        let path = entry.path();
        // Another process may take it away meanwhile.
        let Ok(details) = entry.metadata() else {
            continue;
        };
        if details.is_dir() && levels > 0 {
            look(&path, levels - 1, found)?;
        } else if details.is_file() && path.extension().is_some_and(|end| end == "lock") {
            let modified = details.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let age = SystemTime::now().duration_since(modified);
            found.push(LockFile {
                path,
                age: age.unwrap_or_default(),
            });
        }
    }
    Ok(())
}

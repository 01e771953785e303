//! What a restore did.

use std::path::PathBuf;
use std::time::SystemTime;

/// What became of a store by [`SqliteStore::restore`](crate::store::SqliteStore::restore).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// Whether the store held anything else than the backup.
    pub changed: bool,
    /// Where what was in the store's place is kept; `None` if nothing was there, or the same.
    pub kept: Option<PathBuf>,
}

/// What a restore has kept beside a store: see [`SqliteStore::kept`](crate::store::SqliteStore::kept).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// The database, and what SQLite keeps with it.
    pub files: Vec<PathBuf>,
    /// When the database was last written.
    pub written: SystemTime,
}

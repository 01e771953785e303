//! What a restore did.

use std::path::PathBuf;

/// What became of a store by [`SqliteStore::restore`](crate::store::SqliteStore::restore).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// Whether the store held anything else than the backup.
    pub changed: bool,
    /// Where what was in the store's place is kept; `None` if nothing was there, or the same.
    pub kept: Option<PathBuf>,
}

//! Connections between transactions: closed, or kept where [`Options::keep_connections`] says so.
//!
//! Invariants of those that are kept:
//! - They are in no transaction, so they hold up neither writers nor checkpoints.
//! - They are used only in the process that opened them, and while the path leads to the file that they have open.
//! - SQLite finds a `-wal` by its name, and applies it to whatever file has that name, or removes it. So once the file was
//!   replaced, they are closed without that, and nothing is opened any more.
//!
//! [`Options::keep_connections`]: crate::store::Options::keep_connections

use std::fs::Metadata;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::open::{self, Reading};
use super::place::Place;
use super::schema::{self, Schema};
use crate::store::error::Error;

/// So many unused ones are kept, for reading and for writing each.
const MOST: usize = 16;

/// Where connections come from and go to. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    /// None where nothing is kept.
    shared: Option<Arc<Mutex<Idle>>>,
}

#[derive(Debug, Default)]
struct Idle {
    /// What the kept connections have open.
    file: Option<FileId>,
    was_replaced: bool,
    readers: Vec<Kept>,
    writers: Vec<Kept>,
}

#[derive(Clone, Copy, Debug)]
enum Access {
    Read,
    Write,
}

#[derive(Debug)]
struct Kept {
    connection: Connection,
    file: FileState,
    process: u32,
}

/// A connection for one transaction. It goes back when it is dropped, and what wasn't committed is rolled back.
#[derive(Debug)]
pub(super) struct Lent {
    /// None only while this is dropped.
    kept: Option<Kept>,
    access: Access,
    /// None where it isn't kept.
    pool: Option<Arc<Mutex<Idle>>>,
}

/// A file and its permissions: while both are the same, opening it again makes no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileState {
    id: FileId,
    permissions: (u32, u32, u32),
}

/// Device and inode.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId(u64, u64);

/// A file that is open can't be replaced here.
#[cfg(not(unix))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId;

impl Pool {
    /// One that keeps connections.
    pub(super) fn keeping() -> Pool {
        Pool {
            shared: Some(Arc::default()),
        }
    }

    /// A connection in a read transaction that has begun, and the version of the file's tables.
    pub(super) fn reading(&self, place: &Place, schemas: &[Schema]) -> Result<(Lent, u32), Error> {
        let file = self.look(place)?;
        if let Some(kept) = self.take(Access::Read, file) {
            match open::begin_reading(place, &kept.connection, schemas) {
                // Older tables, as after a restore, need views that this connection doesn't have.
                Ok(version) if version == schema::newest(schemas) => {
                    return Ok((self.lend(kept, Access::Read, true), version));
                }
                Err(locked @ Error::Locked { .. }) => return Err(locked),
                // A new connection tells what is wrong.
                Ok(_) | Err(_) => {}
            }
        }
        let Reading {
            connection,
            version,
            is_copy,
        } = open::for_reading(place, schemas)?;
        let is_kept = !is_copy && version == schema::newest(schemas);
        let lent = self.lend(Kept::new(connection, file), Access::Read, is_kept);
        Ok((lent, version))
    }

    /// A connection in a transaction that excludes other writers, on tables of the newest version.
    pub(super) fn writing(&self, place: &Place, schemas: &[Schema]) -> Result<Lent, Error> {
        let file = self.look(place)?;
        if let Some(kept) = self.take(Access::Write, file) {
            match open::begin_writing(place, &kept.connection, schemas) {
                Ok(()) => return Ok(self.lend(kept, Access::Write, true)),
                Err(locked @ Error::Locked { .. }) => return Err(locked),
                Err(_) => {}
            }
        }
        let connection = open::for_writing(place, schemas)?;
        Ok(self.lend(Kept::new(connection, file), Access::Write, true))
    }

    /// The file as it is now.
    fn look(&self, place: &Place) -> Result<FileState, Error> {
        let file = FileState::of(&open::ensure_present(place)?);
        let Some(shared) = &self.shared else {
            return Ok(file);
        };
        let Some(left) = locked(shared).left_by(file.id) else {
            return Ok(file);
        };
        left.into_iter().for_each(Kept::leave);
        Err(place.corrupt(
            "it was replaced while it was in use: end every program that uses it, and next time replace it with `store restore`",
        ))
    }

    /// The last used connection, if it may be used again.
    fn take(&self, access: Access, file: FileState) -> Option<Kept> {
        loop {
            // The lock is given back before a connection is closed.
            let kept = locked(self.shared.as_deref()?).of(access).pop()?;
            if !kept.is_ours() {
                std::mem::forget(kept);
            } else if kept.file == file {
                return Some(kept);
            }
        }
    }

    fn lend(&self, kept: Kept, access: Access, is_kept: bool) -> Lent {
        let pool = self.shared.clone().filter(|_| is_kept);
        if let Some(shared) = &pool {
            locked(shared).file.get_or_insert(kept.file.id);
        }
        Lent {
            kept: Some(kept),
            access,
            pool,
        }
    }
}

impl Deref for Lent {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        let kept = self.kept.as_ref();
        &kept.expect("it is there until this is dropped").connection
    }
}

impl Lent {
    /// The driver's connection.
    pub(super) fn driver(&mut self) -> &mut Connection {
        let kept = self.kept.as_mut();
        &mut kept.expect("it is there until this is dropped").connection
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let (Some(kept), Some(pool)) = (self.kept.take(), self.pool.take()) else {
            return;
        };
        let connection = &kept.connection;
        // A transaction that can't be ended ends with its connection.
        if !connection.is_autocommit() && connection.execute_batch("ROLLBACK").is_err() {
            return;
        }
        let mut idle = locked(&pool);
        let was_replaced = idle.was_replaced;
        let list = idle.of(self.access);
        if !was_replaced && list.len() < MOST {
            list.push(kept);
            return;
        }
        // The lock is given back before a connection is closed.
        drop(idle);
        if was_replaced {
            kept.leave();
        }
    }
}

impl Idle {
    fn of(&mut self, access: Access) -> &mut Vec<Kept> {
        match access {
            Access::Read => &mut self.readers,
            Access::Write => &mut self.writers,
        }
    }

    /// The connections to leave, where this isn't the file that they have open.
    fn left_by(&mut self, file: FileId) -> Option<Vec<Kept>> {
        self.was_replaced |= self.file.is_some_and(|known| known != file);
        self.was_replaced.then(|| {
            let mut left = std::mem::take(&mut self.writers);
            left.append(&mut self.readers);
            left
        })
    }
}

impl Kept {
    fn new(connection: Connection, file: FileState) -> Kept {
        Kept {
            connection,
            file,
            process: std::process::id(),
        }
    }

    /// SQLite forbids to use a connection that a fork has copied, and to close it.
    fn is_ours(&self) -> bool {
        self.process == std::process::id()
    }

    /// Closes a connection to a file that has its name no more: what is in its `-wal` goes into it, and nothing is removed by name.
    fn leave(self) {
        // A reader can't, and what fails here stays in the `-wal`.
        let _ = self
            .connection
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        // SQLite refuses only what it doesn't know.
        let _ = self
            .connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }
}

impl FileState {
    fn of(metadata: &Metadata) -> FileState {
        FileState {
            id: FileId::of(metadata),
            permissions: permissions(metadata),
        }
    }
}

impl FileId {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> FileId {
        use std::os::unix::fs::MetadataExt;
        FileId(metadata.dev(), metadata.ino())
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> FileId {
        FileId
    }
}

/// Mode and owners.
#[cfg(unix)]
fn permissions(metadata: &Metadata) -> (u32, u32, u32) {
    use std::os::unix::fs::MetadataExt;
    (metadata.mode(), metadata.uid(), metadata.gid())
}

#[cfg(not(unix))]
fn permissions(metadata: &Metadata) -> (u32, u32, u32) {
    (metadata.permissions().readonly().into(), 0, 0)
}

fn locked(idle: &Mutex<Idle>) -> MutexGuard<'_, Idle> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

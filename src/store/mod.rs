//! The server's database as the engine sees it: project versions, rows to import, snapshots, lookups, intents.
//!
//! [`Store`] is a trait, so that a server can put its own tables behind it. `SqliteStore`, with the feature `sqlite`, keeps
//! everything in one file; `ServerStore`, with the feature `postgres` or `mysql`, in a server's database; [`MemoryStore`] is for tests. The
//! commit protocol runs above: a store gives it consistent reads, and transactions that others wait for.
//!
//! Laws, which [`conformance::check`] tests:
//!
//! 1. Nothing leaves `documents` through a [`WriteTransaction`] unless a snapshot holds it in the same transaction.
//! 2. A snapshot is recorded once, and never changes.
//! 3. "There was nothing" is recorded too: it differs from "never recorded".
//! 4. A project's version never falls.
//! 5. Reading changes nothing. A read transaction sees one moment, whatever is committed meanwhile.
//! 6. A write transaction is applied whole, at its commit, or not at all.
//! 7. Only [`Store::init`] makes a project known.
//! 8. An effect's outcome is recorded once, and never changes.
//! 9. A catalog never changes: its digest says what it is.
//! 10. One write transaction per project at a time; others wait, and fail with [`Error::Locked`] in the end.
//!
//! Architecture invariant: this room knows no OCL, no Git and no clock, and uses no other room.

pub mod conformance;
mod copy;
mod error;
mod laws;
mod limits;
mod location;
mod memory;
mod model;
#[cfg(feature = "mysql")]
mod mysql;
mod options;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod read_through;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;
mod traits;

#[cfg(feature = "mysql")]
pub use ::mysql as mysql_driver;
#[cfg(feature = "postgres")]
pub use ::postgres as postgres_driver;
pub use copy::{Copied, copy};
pub use error::{Error, RowsChanged};
pub use limits::{
    MAX_CONTENT_BYTES, MAX_KIND_BYTES, MAX_NAME_BYTES, MAX_SLUG_BYTES, MAX_VALUE_BYTES,
};
pub use location::Location;
pub use memory::MemoryStore;
pub use model::{
    Intent, IntentId, IntentImport, LookupEntry, Migration, ProjectKey, ProjectStatus,
    ProjectVersion, RecordedEffect, RecordedImport, Row, Scope, ServerTables, Status,
    StoredCatalog, TablesStep,
};
#[cfg(feature = "mysql")]
pub use mysql::MysqlAddress;
pub use options::Options;
#[cfg(feature = "postgres")]
pub use postgres::PostgresAddress;
#[cfg(feature = "sqlite")]
pub use rusqlite;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub use server::ServerStore;
#[cfg(feature = "sqlite")]
pub use sqlite::{Kept, Restored, SqliteStore};
pub use traits::{Inspect, ReadTransaction, Store, WriteTransaction};

//! PostgreSQL: its addresses, its driver, and its tables.

mod address;
mod connection;
mod failure;
mod tables;
mod tls;

use std::sync::Arc;

pub use self::address::PostgresAddress;
use self::connection::Postgres;
use super::error::Error;
use super::options::Options;
use super::server::ServerStore;
use super::server::schema::Schema;

/// Every released version, oldest first.
const SCHEMAS: &[Schema] = &[Schema {
    version: 1,
    readable_by: 1,
    whole: include_str!("schema_v1.sql"),
    upgrade: &[],
}];

/// What the next release may bring: a column more, which readers of today need not know.
#[cfg(feature = "fault-injection")]
const NEXT: &[Schema] = &[
    Schema {
        version: 1,
        readable_by: 1,
        whole: include_str!("schema_v1.sql"),
        upgrade: &[],
    },
    Schema {
        version: 2,
        readable_by: 1,
        whole: concat!(
            include_str!("schema_v1.sql"),
            "ALTER TABLE oclm_projects ADD COLUMN note BYTEA"
        ),
        upgrade: &["ALTER TABLE oclm_projects ADD COLUMN IF NOT EXISTS note BYTEA"],
    },
];

impl ServerStore {
    /// The store in a PostgreSQL database, 13 or newer. Connects to nothing yet.
    ///
    /// ```no_run
    /// use ocl_migrate::store::{Options, PostgresAddress, ProjectKey, ServerStore, Store};
    ///
    /// let address = PostgresAddress::parse("postgres://ocl@db.example.org/ocl")?.password("secret");
    /// let store = ServerStore::postgres(address, Options::default())?;
    /// store.init(&ProjectKey::new(".octopus"))?;
    /// # Ok::<(), ocl_migrate::store::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Address`] where the address's root certificates can't be read.
    pub fn postgres(address: PostgresAddress, options: Options) -> Result<ServerStore, Error> {
        let shown = address.to_string();
        let dialect = Postgres::new(address, options.busy_timeout)?;
        Ok(ServerStore::new(Arc::new(dialect), shown, options))
    }
}

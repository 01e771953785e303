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

const V1: Schema = Schema {
    version: 1,
    readable_by: 1,
    whole: include_str!("schema_v1.sql"),
    upgrade: &[],
};

const V2: Schema = Schema {
    version: 2,
    readable_by: 1,
    whole: concat!(include_str!("schema_v1.sql"), include_str!("schema_v2.sql")),
    upgrade: &[include_str!("schema_v2.sql")],
};

/// Every released version, oldest first.
const SCHEMAS: &[Schema] = &[V1, V2];

/// What the next release may bring: a column more, which readers of today need not know.
#[cfg(feature = "fault-injection")]
const NEXT: &[Schema] = &[
    V1,
    V2,
    Schema {
        version: 3,
        readable_by: 1,
        whole: concat!(
            include_str!("schema_v1.sql"),
            include_str!("schema_v2.sql"),
            "ALTER TABLE oclm_projects ADD COLUMN note BYTEA"
        ),
        upgrade: &["ALTER TABLE oclm_projects ADD COLUMN IF NOT EXISTS note BYTEA"],
    },
];

impl ServerStore {
    /// The same store, seen by a next release whose tables have one column more. For tests.
    #[cfg(feature = "fault-injection")]
    #[doc(hidden)]
    #[must_use]
    pub fn of_next_release(self) -> ServerStore {
        self.with_schemas(NEXT)
    }

    /// The same store, seen by the first release. For tests.
    #[cfg(feature = "fault-injection")]
    #[doc(hidden)]
    #[must_use]
    pub fn of_first_release(self) -> ServerStore {
        self.with_schemas(&SCHEMAS[..1])
    }

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
        Ok(ServerStore::new(Arc::new(dialect), SCHEMAS, shown, options))
    }
}

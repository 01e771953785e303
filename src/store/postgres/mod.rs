//! PostgreSQL: its addresses, its driver, and its tables.

mod address;
mod connection;
mod failure;
mod tables;
mod tls;
mod versions;

use std::sync::Arc;

pub use self::address::PostgresAddress;
use self::connection::Postgres;
use super::error::Error;
use super::options::Options;
use super::server::ServerStore;

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

//! PostgreSQL: its addresses, its driver, and its tables; and CockroachDB, which speaks its protocol.

mod address;
mod cockroach;
mod connection;
mod failure;
mod tables;
mod tls;
mod versions;

use std::sync::Arc;

pub use self::address::PostgresAddress;
use self::cockroach::Cockroach;
use self::connection::Postgres;
use super::error::Error;
use super::options::Options;
use super::server::ServerStore;
use super::server::connection::Dialect;

impl ServerStore {
    /// The store in a PostgreSQL database, 13 or newer, or in a CockroachDB one, v24.1 or newer, where the address begins with
    /// `cockroach://`. Connects to nothing yet.
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
        let lock_timeout = options.busy_timeout;
        let dialect: Arc<dyn Dialect> = if address.is_cockroach {
            Arc::new(Cockroach::new(address, lock_timeout, false)?)
        } else {
            Arc::new(Postgres::new(address, lock_timeout)?)
        };
        Ok(ServerStore::new(dialect, shown, options))
    }

    /// A store that speaks to PostgreSQL as to CockroachDB. For tests where there is none.
    ///
    /// # Errors
    /// As those of [`ServerStore::postgres`].
    #[cfg(feature = "fault-injection")]
    #[doc(hidden)]
    pub fn cockroach_on_postgres(
        address: PostgresAddress,
        options: Options,
    ) -> Result<ServerStore, Error> {
        let shown = address.to_string();
        let dialect = Cockroach::new(address, options.busy_timeout, true)?;
        Ok(ServerStore::new(Arc::new(dialect), shown, options))
    }
}

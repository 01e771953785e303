//! MariaDB and MySQL: their addresses, their driver, and their tables.

mod address;
mod connection;
mod failure;
mod server;
mod tables;
mod versions;

use std::sync::Arc;

pub use self::address::MysqlAddress;
use self::connection::Mysql;
use super::error::Error;
use super::options::Options;
use super::server::ServerStore;

impl ServerStore {
    /// The store in a MariaDB database, 10.6 or newer, or a MySQL one, 8.0.16 or newer. Connects to nothing yet.
    ///
    /// ```no_run
    /// use ocl_migrate::store::{MysqlAddress, Options, ProjectKey, ServerStore, Store};
    ///
    /// let address = MysqlAddress::parse("mysql://ocl@db.example.org/ocl")?.password("secret");
    /// let store = ServerStore::mysql(address, Options::default())?;
    /// store.init(&ProjectKey::new(".octopus"))?;
    /// # Ok::<(), ocl_migrate::store::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Address`] where the address's root certificates can't be read.
    pub fn mysql(address: MysqlAddress, options: Options) -> Result<ServerStore, Error> {
        let shown = address.to_string();
        let dialect = Mysql::new(address, options.busy_timeout)?;
        Ok(ServerStore::new(Arc::new(dialect), shown, options))
    }
}

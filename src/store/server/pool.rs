//! Connections that are kept between transactions. A transaction has one for itself, so there are as many as transactions
//! are open at a time: a limit here would let threads that read while they write wait for each other.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::connection::{Connection, Dialect, Failure};

/// The most connections that are kept while nobody uses them.
const MOST_IDLE: usize = 16;
/// Firewalls forget connections that are quiet for long.
const IDLE_FOR: Duration = Duration::from_secs(300);

/// The idle connections, the one used last at the end.
#[derive(Clone, Default)]
pub(super) struct Pool {
    idle: Arc<Mutex<Vec<Idle>>>,
}

struct Idle {
    connection: Box<dyn Connection>,
    since: Instant,
}

/// A connection in a transaction. Dropping it rolls the transaction back.
pub(super) struct Lease {
    connection: Option<Box<dyn Connection>>,
    pool: Pool,
    /// Whether it was used before: it may have been cut off meanwhile.
    pub(super) is_kept: bool,
}

impl Pool {
    /// A connection, kept or new.
    pub(super) fn lend(&self, dialect: &dyn Dialect) -> Result<Lease, Failure> {
        let kept = self.take();
        let is_kept = kept.is_some();
        let connection = match kept {
            Some(connection) => connection,
            None => dialect.connect()?,
        };
        Ok(Lease {
            connection: Some(connection),
            pool: self.clone(),
            is_kept,
        })
    }

    /// Closes the idle connections.
    pub(super) fn clear(&self) {
        let idle = std::mem::take(&mut *self.lock());
        drop(idle);
    }

    fn take(&self) -> Option<Box<dyn Connection>> {
        let (kept, stale) = {
            let mut idle = self.lock();
            let now = Instant::now();
            let fresh = |idle: &Idle| now.duration_since(idle.since) < IDLE_FOR;
            let first = idle.iter().position(fresh).unwrap_or(idle.len());
            let stale: Vec<Idle> = idle.drain(..first).collect();
            (idle.pop(), stale)
        };
        // Closing talks to the server: not while others wait for the lock.
        drop(stale);
        kept.map(|idle| idle.connection)
    }

    fn keep(&self, connection: Box<dyn Connection>) {
        let mut idle = self.lock();
        if idle.len() < MOST_IDLE {
            let since = Instant::now();
            idle.push(Idle { connection, since });
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    pub(super) fn connection(&mut self) -> &mut dyn Connection {
        self.connection
            .as_deref_mut()
            .expect("it is given back only when the lease ends")
    }

    /// Ends the transaction for good, and keeps the connection.
    pub(super) fn commit(mut self) -> Result<(), Failure> {
        self.connection().batch("COMMIT")?;
        self.give_back();
        Ok(())
    }

    fn give_back(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.keep(connection);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.connection.is_some() && self.connection().batch("ROLLBACK").is_ok() {
            self.give_back();
        }
    }
}

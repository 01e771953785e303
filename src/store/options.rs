//! What the stores of this room can be told.

use std::fmt;
#[cfg(feature = "fault-injection")]
use std::sync::Arc;
use std::time::Duration;

use super::error::Error;

/// How a store behaves.
///
/// ```
/// use std::time::Duration;
/// use ocl_migrate::store::{MemoryStore, Options};
/// let options = Options::default().busy_timeout(Duration::from_secs(30));
/// let store = MemoryStore::with_options(options);
/// # let _ = store;
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// How long to wait for others before failing with [`Error::Locked`]; 5 seconds unless told.
    pub busy_timeout: Duration,
    /// Whether a store that this user may not read is an error for readers too; true unless told. Where it is false, they go on
    /// without the store and say so: right for a store that nobody named, and that just lies where one is looked for.
    pub needed: bool,
    /// Whether connections are kept between transactions; false unless told. For a server that commits often: one store, and
    /// clones of it. While it lives the store's file must not be moved, deleted or replaced, as with any database in use: that is
    /// refused with [`Error::Corrupt`] where it is noticed. `SqliteStore::restore` is how to replace what is in it.
    /// `ServerStore` keeps its connections in any case.
    pub keep_connections: bool,
    #[cfg(feature = "fault-injection")]
    on_commit: Option<Arc<dyn Fn() -> Result<(), Error> + Send + Sync>>,
}

impl Options {
    /// With another [`Options::busy_timeout`].
    #[must_use]
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// With another [`Options::needed`].
    #[must_use]
    pub fn needed(mut self, needed: bool) -> Self {
        self.needed = needed;
        self
    }

    /// With another [`Options::keep_connections`].
    #[must_use]
    pub fn keep_connections(mut self, keep: bool) -> Self {
        self.keep_connections = keep;
        self
    }

    /// Calls a hook when a write transaction is about to commit; an error makes the commit fail with it. For tests.
    #[cfg(feature = "fault-injection")]
    #[must_use]
    pub fn on_commit(
        mut self,
        hook: impl Fn() -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        self.on_commit = Some(Arc::new(hook));
        self
    }

    #[cfg(feature = "fault-injection")]
    pub(super) fn before_commit(&self) -> Result<(), Error> {
        self.on_commit.as_ref().map_or(Ok(()), |hook| hook())
    }

    #[cfg(not(feature = "fault-injection"))]
    pub(super) fn before_commit(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            busy_timeout: Duration::from_secs(5),
            needed: true,
            keep_connections: false,
            #[cfg(feature = "fault-injection")]
            on_commit: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("busy_timeout", &self.busy_timeout)
            .field("needed", &self.needed)
            .field("keep_connections", &self.keep_connections)
            .finish_non_exhaustive()
    }
}

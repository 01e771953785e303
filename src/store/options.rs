//! What the stores of this room can be told.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Error;

/// Called when a [`Write`](super::Write) is about to commit; an error makes the commit fail with it.
pub type CommitHook = Arc<dyn Fn() -> Result<(), Error> + Send + Sync>;

/// How a store behaves.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// How long to wait for others before failing with [`Error::Locked`]; 5 seconds unless told.
    pub busy_timeout: Duration,
    /// For tests of failing commits; none unless told.
    pub on_commit: Option<CommitHook>,
}

impl Options {
    /// With another [`Options::busy_timeout`].
    #[must_use]
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// With an [`Options::on_commit`].
    #[must_use]
    pub fn on_commit(
        mut self,
        hook: impl Fn() -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        self.on_commit = Some(Arc::new(hook));
        self
    }

    pub(super) fn before_commit(&self) -> Result<(), Error> {
        self.on_commit.as_ref().map_or(Ok(()), |hook| hook())
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            busy_timeout: Duration::from_secs(5),
            on_commit: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("busy_timeout", &self.busy_timeout)
            .field("on_commit", &self.on_commit.is_some())
            .finish()
    }
}

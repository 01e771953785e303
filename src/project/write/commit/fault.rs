//! Places where a test can let a commit fail or die. Without the feature `fault-injection` nothing happens there.

#![cfg_attr(not(feature = "fault-injection"), allow(unreachable_pub))]

use std::fmt;
#[cfg(feature = "fault-injection")]
use std::{io, sync::Arc};

/// A moment of the commit protocol, at which a hook is called. In the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CommitPoint {
    /// Nothing has been written.
    Begun,
    /// The objects are written and not flushed.
    ObjectsWritten,
    /// The objects are on the disk.
    ObjectsFlushed,
    /// The first store transaction has begun.
    FirstBegun,
    /// In it, the intents that others left are settled.
    Settled,
    /// In it, the intent is written.
    IntentWritten,
    /// The first store transaction is committed.
    FirstCommitted,
    /// The second store transaction has begun.
    SecondBegun,
    /// In it, the effects of its imports have run.
    EffectsRun,
    /// In it, the rows are taken and the intent is deleted; the ref is about to move.
    RowsTaken,
    /// The ref couldn't be moved and the second transaction is rolled back; the intent is still there.
    RolledBack,
    /// The ref has moved, the second transaction is not committed.
    RefMoved,
    /// All is done.
    SecondCommitted,
}

#[cfg(feature = "fault-injection")]
impl CommitPoint {
    /// Every point, in order.
    pub const ALL: [CommitPoint; 13] = [
        CommitPoint::Begun,
        CommitPoint::ObjectsWritten,
        CommitPoint::ObjectsFlushed,
        CommitPoint::FirstBegun,
        CommitPoint::Settled,
        CommitPoint::IntentWritten,
        CommitPoint::FirstCommitted,
        CommitPoint::SecondBegun,
        CommitPoint::EffectsRun,
        CommitPoint::RowsTaken,
        CommitPoint::RolledBack,
        CommitPoint::RefMoved,
        CommitPoint::SecondCommitted,
    ];
}

impl fmt::Display for CommitPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Called at every [`CommitPoint`]; its error is what the protocol sees there.
#[cfg(feature = "fault-injection")]
pub type CommitHook = Arc<dyn Fn(CommitPoint) -> io::Result<()> + Send + Sync>;

/// What a hook said at a point.
#[cfg(feature = "fault-injection")]
#[derive(Debug)]
pub(crate) struct Interrupted {
    pub(crate) point: CommitPoint,
    pub(crate) source: io::Error,
}

/// Without hooks there is none.
#[cfg(not(feature = "fault-injection"))]
#[derive(Debug)]
pub(crate) enum Interrupted {}

#[derive(Clone, Default)]
pub(crate) struct Faults {
    #[cfg(feature = "fault-injection")]
    pub(crate) hook: Option<CommitHook>,
}

impl Faults {
    #[cfg(feature = "fault-injection")]
    pub(crate) fn at(&self, point: CommitPoint) -> Result<(), Interrupted> {
        match &self.hook {
            None => Ok(()),
            Some(hook) => hook(point).map_err(|source| Interrupted { point, source }),
        }
    }

    #[cfg(not(feature = "fault-injection"))]
    pub(crate) fn at(&self, _: CommitPoint) -> Result<(), Interrupted> {
        Ok(())
    }
}

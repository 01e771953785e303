//! Places where a test can let writing fail. Without the feature `fault-injection` nothing happens there.

#![cfg_attr(not(feature = "fault-injection"), allow(unreachable_pub))]

use std::fmt;
use std::path::Path;
#[cfg(feature = "fault-injection")]
use std::{io, sync::Arc};

use super::error::Result;

/// A step of writing, before which a hook is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultPoint {
    /// Writing a loose object.
    WriteObject,
    /// Flushing a loose object to disk.
    FlushObject,
    /// Flushing a folder of loose objects to disk.
    FlushObjectDirectory,
    /// Creating a ref's lock file.
    LockRef,
    /// Reading a locked ref.
    ReadRef,
    /// Writing the new value into the lock file.
    WriteRef,
    /// Flushing the lock file to disk.
    FlushRef,
    /// Bringing the files of a work tree to the new commit.
    UpdateWorkTree,
    /// Adding to the reflog.
    AppendReflog,
    /// Renaming the lock file to the ref: the moment from which the new commit is seen.
    PublishRef,
    /// Flushing the ref's folder to disk.
    FlushRefDirectory,
}

/// Decides whether a step fails: an error of it is what the step reports.
#[cfg(feature = "fault-injection")]
pub type FaultHook = Arc<dyn Fn(FaultPoint, &Path) -> io::Result<()> + Send + Sync>;

#[derive(Clone, Default)]
pub(super) struct Faults {
    #[cfg(feature = "fault-injection")]
    pub(super) hook: Option<FaultHook>,
}

impl Faults {
    #[cfg(feature = "fault-injection")]
    pub(super) fn before(&self, point: FaultPoint, path: &Path) -> Result<()> {
        match &self.hook {
            None => Ok(()),
            Some(hook) => hook(point, path)
                .map_err(|error| super::error::Error::io(point.action(), path, error)),
        }
    }

    #[cfg(not(feature = "fault-injection"))]
    pub(super) fn before(&self, _: FaultPoint, _: &Path) -> Result<()> {
        Ok(())
    }
}

#[cfg(feature = "fault-injection")]
impl FaultPoint {
    fn action(self) -> &'static str {
        match self {
            FaultPoint::WriteObject | FaultPoint::WriteRef | FaultPoint::AppendReflog => "write",
            FaultPoint::FlushObject
            | FaultPoint::FlushObjectDirectory
            | FaultPoint::FlushRef
            | FaultPoint::FlushRefDirectory => "flush",
            FaultPoint::UpdateWorkTree => "update",
            FaultPoint::LockRef => "lock",
            FaultPoint::ReadRef => "read",
            FaultPoint::PublishRef => "rename",
        }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faults")
    }
}

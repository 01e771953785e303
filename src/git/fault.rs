//! Places where a test can let writing fail.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{Error, Result};

/// A step of writing, before which a [`FaultHook`] is called.
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
    /// Adding to the reflog.
    AppendReflog,
    /// Renaming the lock file to the ref: the moment from which the new commit is seen.
    PublishRef,
    /// Flushing the ref's folder to disk.
    FlushRefDirectory,
}

/// Decides whether a step fails: an error of it is what the step reports. For tests; production code sets none, which
/// costs a comparison for each step.
pub type FaultHook = Arc<dyn Fn(FaultPoint, &Path) -> io::Result<()> + Send + Sync>;

#[derive(Clone, Default)]
pub(super) struct Faults(pub(super) Option<FaultHook>);

impl Faults {
    pub(super) fn before(&self, point: FaultPoint, path: &Path) -> Result<()> {
        match &self.0 {
            None => Ok(()),
            Some(hook) => hook(point, path).map_err(|error| Error::io(point.action(), path, error)),
        }
    }
}

impl FaultPoint {
    fn action(self) -> &'static str {
        match self {
            FaultPoint::WriteObject | FaultPoint::WriteRef | FaultPoint::AppendReflog => "write",
            FaultPoint::FlushObject
            | FaultPoint::FlushObjectDirectory
            | FaultPoint::FlushRef
            | FaultPoint::FlushRefDirectory => "flush",
            FaultPoint::LockRef => "lock",
            FaultPoint::ReadRef => "read",
            FaultPoint::PublishRef => "rename",
        }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "Faults(set)"
        } else {
            "Faults(none)"
        })
    }
}

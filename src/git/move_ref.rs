//! The one step at which a commit becomes visible.

use super::{ObjectId, Result, Signature};

/// Moves refs: in a local repository [`LocalRefs`](super::LocalRefs); a server that works on a remote puts its push,
/// with lease, here.
pub trait MoveRef: Send + Sync {
    /// Moves a ref, only if it still is where the caller saw it, and makes that durable.
    ///
    /// # Errors
    /// [`Error::RefMoved`](super::Error::RefMoved) if it isn't; with every error but
    /// [`Error::MovedButNotFlushed`](super::Error::MovedButNotFlushed), the ref has not been moved.
    fn move_ref(&self, update: &RefUpdate) -> Result<()>;
}

/// A ref's move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    /// The full name, `refs/heads/main`.
    pub name: String,
    /// Where the ref must be; `None`: there must be no such ref.
    pub expected: Option<ObjectId>,
    /// The commit to move it to.
    pub new: ObjectId,
    /// What the reflog says, on one line: `commit: Raise the version`.
    pub message: String,
    /// Who the reflog names.
    pub committer: Signature,
}

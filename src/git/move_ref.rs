//! The one step at which a commit becomes visible.

use super::commit::Signature;
use super::error::Error;
use super::object_id::ObjectId;
use super::work_trees::WorkTrees;

/// Moves refs: in a local repository [`LocalRefs`](super::LocalRefs), at a remote [`RemoteRefs`](super::RemoteRefs), which pushes with
/// a lease. Whatever else holds a server's branches goes here too.
///
/// Moving a ref has three outcomes. The third, [`MoveOutcome::Unknown`], is what a lost connection or a killed client
/// leaves behind: the remote may have moved the ref, and may do so a moment later. A commit to a project keeps an intent
/// in the store then, and the next writer asks [`visibility`](MoveRef::visibility) what became of it.
pub trait MoveRef: Send + Sync {
    /// Moves a ref, only if it still is where the caller saw it, and makes that durable.
    fn move_ref(&self, update: &RefUpdate) -> MoveOutcome;

    /// Whether the commit of an earlier move, which this or another process began, is visible where the refs live: a branch
    /// points to it or to a descendant of it, whichever branch that is.
    ///
    /// [`Visibility::NotVisible`] is final. While the move may still happen (a remote may be running a hook for a client
    /// that died), the answer is [`Visibility::Unknown`]. Where a move happens after it was answered for as not visible,
    /// nothing is lost, but the branch is ahead of the store as a fork would be, and may hold an older state of what was
    /// imported than other branches do.
    fn visibility(&self, past: &PastMove) -> Visibility;

    /// What lets work trees follow the branches that they have checked out, where the refs are those of this machine's
    /// repository. Without it, a commit to such a branch is refused.
    fn work_trees(&self) -> Option<&dyn WorkTrees> {
        None
    }
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

/// What became of a ref's move.
#[derive(Debug)]
#[must_use = "a move that isn't known to have happened must not be taken for one that has, or for one that hasn't"]
pub enum MoveOutcome {
    /// The ref points to the new commit, and will after a power failure.
    Moved,
    /// The ref has not been moved, and this call won't move it any more.
    NotMoved(NotMoved),
    /// The ref may have been moved, or may yet be: the answer was lost, or the disk hasn't confirmed it.
    Unknown(Error),
}

/// Why a ref has not been moved.
#[derive(Debug)]
pub enum NotMoved {
    /// It isn't where the caller saw it.
    Stale {
        /// Where it is; `None`: nowhere, or that isn't known.
        found: Option<ObjectId>,
    },
    /// It can't be moved, or something refuses to.
    Failed(Error),
}

/// A move that was begun earlier, and whose outcome isn't known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastMove {
    /// The ref's full name.
    pub name: String,
    /// Where the ref had to be; `None`: there had to be no such ref.
    pub expected: Option<ObjectId>,
    /// The commit that it was to be moved to.
    pub new: ObjectId,
    /// The commit's time, in seconds since 1970 by its writer's clock: the move was begun soon after it.
    pub begun: i64,
}

/// Whether a commit is visible.
#[derive(Debug)]
pub enum Visibility {
    /// A branch leads to it.
    Visible,
    /// No branch leads to it, and the move won't happen any more.
    NotVisible,
    /// That can't be told now.
    Unknown(Error),
}

impl From<Error> for NotMoved {
    fn from(error: Error) -> NotMoved {
        NotMoved::Failed(error)
    }
}

impl From<NotMoved> for MoveOutcome {
    fn from(reason: NotMoved) -> MoveOutcome {
        MoveOutcome::NotMoved(reason)
    }
}

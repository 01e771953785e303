//! What keeps a work tree at the branch that it has checked out.

use std::fmt;

use super::checkouts::Checkout;
use super::error::Result;
use super::object_id::ObjectId;

/// Keeps the index and the files of work trees at the branches that they have checked out, for
/// [`LocalRefs`](super::LocalRefs). [`GitProgram`](super::GitProgram) does it.
///
/// The files and the index follow under the ref's lock, before the ref moves, as in a fast-forward by Git. So a process that
/// dies in between leaves the change staged, which `git status` shows as what it is, and the ref's lock file; in the other
/// order it would leave the change's reverse staged, and the user's next commit would undo it without a word.
pub trait WorkTrees: fmt::Debug + Send + Sync {
    /// Refuses unless these paths, from the work tree's top, are as the branch has them: neither staged nor changed, and
    /// nothing untracked or ignored in their way.
    ///
    /// # Errors
    /// [`Error::NotClean`](super::Error::NotClean) with the paths; and if that can't be told.
    fn check(&self, checkout: &Checkout, paths: &[&str]) -> Result<()>;

    /// Brings the index and the files from one commit (none: no files) to another. Leaves what doesn't differ between the two
    /// as it is, be it staged or changed. Checks first.
    ///
    /// # Errors
    /// As [`check`](WorkTrees::check). The index is as it was then.
    fn follow(&self, checkout: &Checkout, from: Option<ObjectId>, to: ObjectId) -> Result<()>;

    /// Undoes [`follow`](WorkTrees::follow): the branch could not be moved.
    ///
    /// # Errors
    /// If a file can't be written, or was changed meanwhile.
    fn go_back(&self, checkout: &Checkout, from: Option<ObjectId>, to: ObjectId) -> Result<()>;
}

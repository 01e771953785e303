//! What keeps a work tree at the branch that it has checked out.

use std::fmt;

use super::checkouts::Checkout;
use super::error::Result;
use super::object_id::ObjectId;
use super::tree_entries::Target;

/// Keeps the index and the files of work trees at the branches that they have checked out, for
/// [`LocalRefs`](super::LocalRefs). [`GitProgram`](super::GitProgram) does it.
///
/// The files and the index follow under the ref's lock, before the ref moves, as in a fast-forward by Git. So a process that
/// dies in between leaves the change staged, which `git status` shows as what it is, and the ref's lock file; in the other
/// order it would leave the change's reverse staged, and the user's next commit would undo it without a word.
pub trait WorkTrees: fmt::Debug + Send + Sync {
    /// Refuses unless these files, by their paths from the work tree's top, are as the branch has them, or hold already what is to
    /// be written there. What is neither may be staged, changed, untracked or ignored, and would get lost.
    ///
    /// # Errors
    /// [`Error::NotClean`](super::Error::NotClean) with the paths; and if that can't be told.
    fn check(&self, checkout: &Checkout, files: &[(&str, Target)]) -> Result<()>;

    /// Brings the index and the files from one commit (none: no files) to another. Leaves what doesn't differ between the two
    /// as it is, be it staged or changed, and doesn't touch a file that holds the new content already: those it returns.
    /// Checks first.
    ///
    /// # Errors
    /// As [`check`](WorkTrees::check). The index is as it was then, and so are the files, but for those that
    /// [`Error::NotFollowed`](super::Error::NotFollowed) names.
    fn follow(
        &self,
        checkout: &Checkout,
        from: Option<ObjectId>,
        to: ObjectId,
    ) -> Result<Vec<KeptFile>>;

    /// Undoes [`follow`](WorkTrees::follow): the branch could not be moved. The files that it kept stay, as they were then.
    ///
    /// # Errors
    /// If a file can't be written, or was changed meanwhile.
    fn go_back(
        &self,
        checkout: &Checkout,
        from: Option<ObjectId>,
        to: ObjectId,
        kept: &[KeptFile],
    ) -> Result<()>;
}

/// A file that differed from its branch, and held the new commit's content before the work tree followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// Its path from the work tree's top.
    pub path: String,
    /// Whether that content was staged too.
    pub is_staged: bool,
}

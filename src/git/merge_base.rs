//! Where the histories of two commits parted.

use super::error::{Error, Result};
use super::object_id::ObjectId;
use super::repository::Repository;

impl Repository {
    /// Every commit that is in the history of both and not behind another such commit, the best first, as `git merge-base --all`
    /// finds them. Several where branches were merged into each other; none where they have nothing in common.
    ///
    /// # Errors
    /// As for [`merge_base`](Repository::merge_base).
    pub fn merge_bases(&self, one: ObjectId, other: ObjectId) -> Result<Vec<ObjectId>> {
        self.merge_bases_of(one, &[other])
    }

    /// The same of a commit and a merge of others, as if there were one.
    pub(crate) fn merge_bases_of(
        &self,
        one: ObjectId,
        others: &[ObjectId],
    ) -> Result<Vec<ObjectId>> {
        let reader = self.reader();
        let gix = reader.gix();
        let failed = |error| Error::from_gix("find a merge base", self.git_dir(), &error);
        let others: Vec<_> = others.iter().map(|other| other.to_gix()).collect();
        let found = gix
            .merge_bases_many(one.to_gix(), &others)
            .map_err(failed)?;
        if !found.is_empty() {
            return Ok(found.iter().map(|id| ObjectId::from_gix(id)).collect());
        }
        let shallow = gix.shallow_commits().map_err(failed)?;
        match shallow.as_ref().map(|commits| commits.first()) {
            Some(end) => Err(reader.cut_off(ObjectId::from_gix(end))),
            None => Ok(Vec::new()),
        }
    }

    /// The newest commit that is in the history of both, as `git merge-base` finds it; the best of several. `None` where they have
    /// none in common.
    ///
    /// # Errors
    /// If a commit can't be read; [`Error::CutOffHistory`] where the clone is shallow and no such commit is on this side of its
    /// boundary.
    pub fn merge_base(&self, one: ObjectId, other: ObjectId) -> Result<Option<ObjectId>> {
        Ok(self.merge_bases(one, other)?.into_iter().next())
    }
}

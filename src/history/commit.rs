//! Commits, as people know them.

use crate::git::{self, ObjectId, Reader, Signature};
use crate::text::first_line;

/// A commit of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryCommit {
    /// Its id.
    pub id: ObjectId,
    /// The commits before it; several for a merge, none for a first commit.
    pub parents: Vec<ObjectId>,
    /// Who made the change, and when.
    pub author: Signature,
    /// Who made the commit, and when.
    pub committer: Signature,
    /// The first line of its message.
    pub subject: String,
}

impl HistoryCommit {
    pub(super) fn read(reader: &Reader, id: ObjectId) -> git::Result<HistoryCommit> {
        let commit = reader.commit(id)?;
        Ok(HistoryCommit {
            id,
            parents: commit.parents,
            author: commit.author,
            committer: commit.committer,
            subject: first_line(&commit.message).to_owned(),
        })
    }
}

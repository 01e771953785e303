//! Writing the objects of a commit, which nobody sees before the ref moves.

use std::collections::BTreeMap;

use super::error::CommitError;
use super::fault::CommitPoint;
use super::model::{Prepared, PreparedCommit};
use crate::git::{CommitDraft, EntryKind, ObjectId, Signer, Writer};
use crate::project::write::run_effects;

/// A commit that is written and on the disk; no ref leads to it yet.
#[must_use = "nobody sees the commit before `publish`"]
pub struct Written<'d> {
    pub(super) prepared: Prepared<'d>,
    /// The commits, parents first; never empty.
    pub(super) commits: Vec<ObjectId>,
}

impl<'d> Prepared<'d> {
    /// Writes the objects and flushes them to disk. The commits aren't signed, whatever Git's configuration says.
    ///
    /// # Errors
    /// [`CommitError::Git`]; what was written then is garbage that Git collects. [`CommitError::UnknownEffect`] before anything is
    /// written.
    pub fn write(self) -> Result<Written<'d>, CommitError> {
        self.write_with(None)
    }

    /// The same with each commit signed.
    ///
    /// # Errors
    /// As for [`write`](Prepared::write), and [`git::Error::NotSigned`](crate::git::Error::NotSigned).
    pub fn write_signed(self, signer: &dyn Signer) -> Result<Written<'d>, CommitError> {
        self.write_with(Some(signer))
    }

    fn write_with(self, signer: Option<&dyn Signer>) -> Result<Written<'d>, CommitError> {
        let loaded = &self.draft.loaded;
        for draft in self.drafts() {
            run_effects::refuse_unknown(&draft.loaded, draft.loaded.plan().target)?;
        }
        let faults = loaded.project().faults();
        faults.at(CommitPoint::Begun)?;
        let writer = loaded.project().repository().writer();
        let mut tree = loaded.tip().map(|tip| tip.tree);
        let mut parent = loaded.tip().map(|tip| tip.commit);
        // A branch that only moves forward goes to a commit that is there.
        let forward = self.draft.merged_in.as_ref().filter(|it| it.is_forward);
        let mut commits: Vec<ObjectId> = forward.map(|it| it.theirs).into_iter().collect();
        for commit in &self.commits {
            let written_tree = writer.tree(tree, &tree_changes(&writer, commit)?)?;
            let draft = CommitDraft {
                tree: written_tree,
                parents: parent.into_iter().chain(commit.merged).collect(),
                author: self.request.author.clone(),
                committer: self.request.committer.clone(),
                message: commit.message.clone(),
            };
            let written = writer.commit(&draft, signer)?;
            (tree, parent) = (Some(written_tree), Some(written));
            commits.push(written);
        }
        faults.at(CommitPoint::ObjectsWritten)?;
        writer.flush()?;
        faults.at(CommitPoint::ObjectsFlushed)?;
        Ok(Written {
            prepared: self,
            commits,
        })
    }
}

type TreeChange = (String, Option<(ObjectId, EntryKind)>);

fn tree_changes(writer: &Writer, commit: &PreparedCommit) -> Result<Vec<TreeChange>, CommitError> {
    let files = &commit.files;
    let mut changes = BTreeMap::new();
    // One document may move to where another one was: what is put somewhere wins over what leaves.
    for before in files.iter().filter_map(|file| file.before.as_ref()) {
        changes.insert(before.path.clone(), None);
    }
    for after in files.iter().filter_map(|file| file.after.as_ref()) {
        let blob = writer.blob(&after.content)?;
        changes.insert(after.path.clone(), Some((blob, after.mode)));
    }
    for file in &commit.other_files {
        if let Some(content) = &file.content {
            writer.blob(content)?;
        }
        changes.insert(file.path.clone(), file.after);
    }
    Ok(changes.into_iter().collect())
}

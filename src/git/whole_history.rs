//! Every commit of a history.

use std::collections::{BinaryHeap, HashSet};

use super::ancestry::shallow_boundary;
use super::error::Result;
use super::object_id::ObjectId;
use super::reader::Reader;

/// A commit of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PastCommit {
    pub(crate) commit: ObjectId,
    pub(crate) tree: ObjectId,
    /// The committer's time, in seconds since 1970.
    pub(crate) time: i64,
    /// None at the boundary of a shallow clone.
    pub(crate) parents: Vec<ObjectId>,
    /// Whether it has parents that the clone is without.
    pub(crate) is_cut_off: bool,
}

impl Reader {
    /// These commits and all behind them, each once, the newest first. Commits are opened no further than to their tree.
    ///
    /// # Errors
    /// Where a commit or the boundary of a shallow clone can't be read.
    pub(crate) fn whole_history(
        &self,
        tips: impl IntoIterator<Item = ObjectId>,
    ) -> Result<Vec<PastCommit>> {
        let shallow = shallow_boundary(self)?;
        let use_graph = shallow.is_empty();
        let (mut known, mut queue) = (HashSet::new(), BinaryHeap::new());
        let mut found: Vec<PastCommit> = Vec::new();
        let mut pending: Vec<Option<PastCommit>> = Vec::new();
        let mut next: Vec<ObjectId> = tips.into_iter().collect();
        loop {
            for commit in next.drain(..) {
                if !known.insert(commit) {
                    continue;
                }
                let links = self.links(commit, use_graph)?;
                let is_cut_off = !links.parents.is_empty() && shallow.contains(&commit);
                queue.push((links.time, commit, pending.len()));
                pending.push(Some(PastCommit {
                    commit,
                    tree: links.tree,
                    time: links.time,
                    parents: if is_cut_off {
                        Vec::new()
                    } else {
                        links.parents
                    },
                    is_cut_off,
                }));
            }
            let Some((_, _, at)) = queue.pop() else {
                return Ok(found);
            };
            if let Some(commit) = pending[at].take() {
                next.extend(&commit.parents);
                found.push(commit);
            }
        }
    }
}

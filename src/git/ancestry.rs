//! Which commits are ancestors of which.

use std::collections::{BinaryHeap, HashSet};

use super::commit;
use super::error::{Error, Result};
use super::object_id::{ObjectId, ObjectKind};
use super::reader::Reader;
use super::refs::{RefScope, RefTarget};

/// Parents as this repository has them: the commit-graph file where there is one, and nothing behind the boundary of a
/// shallow clone.
pub(super) struct Ancestry<'r> {
    reader: &'r Reader,
    graph: Option<gix::commitgraph::Graph>,
    shallow: Vec<gix::ObjectId>,
}

impl<'r> Ancestry<'r> {
    pub(super) fn new(reader: &'r Reader) -> Result<Ancestry<'r>> {
        let shallow = reader
            .gix()
            .shallow_commits()
            .map_err(|error| Error::from_gix("read the file 'shallow'", reader.git_dir(), &error))?
            .map(|commits| commits.iter().copied().collect::<Vec<_>>())
            .unwrap_or_default();
        // Git doesn't use a graph beside a shallow boundary either. A graph that can't be read is only a lost shortcut.
        let graph = if shallow.is_empty() {
            reader.gix().commit_graph_if_enabled().ok().flatten()
        } else {
            None
        };
        Ok(Ancestry {
            reader,
            graph,
            shallow,
        })
    }

    /// The commit's parents and its time in seconds.
    pub(super) fn parents_and_time(&self, id: ObjectId) -> Result<(Vec<ObjectId>, i64)> {
        let (parents, time) =
            self.reader
                .with_object(id, ObjectKind::Commit, commit::parents_and_time)?;
        if self.shallow.contains(&id.to_gix()) {
            return Ok((Vec::new(), time));
        }
        Ok((parents, time))
    }

    /// Whether the graph shows that `target` can't be an ancestor of `id`.
    fn is_ruled_out(&self, id: ObjectId, target: ObjectId) -> bool {
        let Some(graph) = &self.graph else {
            return false;
        };
        let Some(commit) = graph.commit_by_id(id.to_gix()) else {
            return false;
        };
        match graph.commit_by_id(target.to_gix()) {
            // With a commit, a graph holds everything behind it.
            None => true,
            // Zero: written by a Git that computed none.
            Some(target) => {
                target.generation() > 0
                    && commit.generation() > 0
                    && commit.generation() <= target.generation()
            }
        }
    }

    /// Whether `target` is one of `tips` or an ancestor of one.
    fn is_behind(&self, target: ObjectId, tips: Vec<ObjectId>) -> Result<bool> {
        if tips.contains(&target) {
            return Ok(true);
        }
        if self.reader.kind(target)?.is_none() {
            return Ok(false);
        }
        let mut seen = HashSet::new();
        let mut queue = BinaryHeap::new();
        let mut candidates = tips;
        loop {
            for id in candidates.drain(..) {
                if id == target {
                    return Ok(true);
                }
                if !self.is_ruled_out(id, target) && seen.insert(id) {
                    let (parents, time) = self.parents_and_time(id)?;
                    // Newest first finds most targets early; nothing is concluded from times.
                    queue.push((time, id, parents));
                }
            }
            match queue.pop() {
                Some((_, _, parents)) => candidates = parents,
                None => return Ok(false),
            }
        }
    }
}

impl Reader {
    /// Whether a local branch (`refs/heads/*`) points to `commit` or to a descendant of it. In a shallow clone only
    /// what is there counts; a commit that isn't in the repository is behind no branch.
    ///
    /// # Errors
    /// If a branch, or a commit on the way, can't be read: such a repository gives no answer.
    pub(crate) fn is_reachable(&self, commit: ObjectId) -> Result<bool> {
        let mut tips = Vec::new();
        let mut broken = None;
        self.for_each_ref(RefScope::Branches, |name, target| {
            match target {
                RefTarget::Commit(id) => tips.push(id),
                RefTarget::NotACommit { kind } => {
                    broken = Some(format!("it leads to a {kind}: {name}"))
                }
                RefTarget::Broken(reason) => broken = Some(format!("{name}: {reason}")),
            }
            Ok::<(), Error>(())
        })?;
        if Ancestry::new(self)?.is_behind(commit, tips)? {
            return Ok(true);
        }
        match broken {
            None => Ok(false),
            Some(reason) => Err(Error::Corrupt {
                what: "a branch".to_owned(),
                git_dir: self.git_dir().to_owned(),
                reason,
            }),
        }
    }
}

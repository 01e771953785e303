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
    shallow: HashSet<ObjectId>,
}

/// What a commit says of those before it.
pub(super) struct Parents {
    /// None at the boundary of a shallow clone.
    pub(super) ids: Vec<ObjectId>,
    /// The commit's own time in seconds.
    pub(super) time: i64,
    /// Whether it has parents that the clone is without.
    pub(super) are_cut_off: bool,
}

/// Whether a commit is another one or an ancestor of it.
enum IsBehind {
    Yes,
    No,
    /// Not as far as history is there, which ends at these commits.
    Unknown(Vec<ObjectId>),
}

/// The commits at which a shallow clone ends, though they have parents; none in a whole one.
pub(super) fn shallow_boundary(reader: &Reader) -> Result<HashSet<ObjectId>> {
    let commits = reader
        .gix()
        .shallow_commits()
        .map_err(|error| Error::from_gix("read the file 'shallow'", reader.git_dir(), &error))?;
    let commits = commits.iter().flat_map(|commits| commits.iter());
    Ok(commits.map(|id| ObjectId::from_gix(id)).collect())
}

impl<'r> Ancestry<'r> {
    pub(super) fn new(reader: &'r Reader) -> Result<Ancestry<'r>> {
        let shallow = shallow_boundary(reader)?;
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

    pub(super) fn parents(&self, id: ObjectId) -> Result<Parents> {
        let (ids, time) =
            self.reader
                .with_object(id, ObjectKind::Commit, commit::parents_and_time)?;
        let are_cut_off = !ids.is_empty() && self.shallow.contains(&id);
        Ok(Parents {
            ids: if are_cut_off { Vec::new() } else { ids },
            time,
            are_cut_off,
        })
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
    fn is_behind(&self, target: ObjectId, tips: Vec<ObjectId>) -> Result<IsBehind> {
        if tips.contains(&target) {
            return Ok(IsBehind::Yes);
        }
        if self.shallow.is_empty() && self.reader.kind(target)?.is_none() {
            return Ok(IsBehind::No);
        }
        let mut visited = HashSet::new();
        let mut queue = BinaryHeap::new();
        let mut ends = Vec::new();
        let mut candidates = tips;
        loop {
            for id in candidates.drain(..) {
                if id == target {
                    return Ok(IsBehind::Yes);
                }
                if !self.is_ruled_out(id, target) && visited.insert(id) {
                    let parents = self.parents(id)?;
                    if parents.are_cut_off {
                        ends.push(id);
                    }
                    // Newest first finds most targets early; nothing is concluded from times.
                    queue.push((parents.time, id, parents.ids));
                }
            }
            match queue.pop() {
                Some((_, _, parents)) => candidates = parents,
                None if ends.is_empty() => return Ok(IsBehind::No),
                None => return Ok(IsBehind::Unknown(ends)),
            }
        }
    }

    /// Whether a commit can't be behind any of these ends of a shallow history, because each of them is behind it.
    fn is_after_all(&self, commit: ObjectId, ends: &[ObjectId]) -> Result<bool> {
        if self.reader.kind(commit)?.is_none() {
            return Ok(false);
        }
        for end in ends {
            if !matches!(self.is_behind(*end, vec![commit])?, IsBehind::Yes) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Reader {
    /// Whether a local branch (`refs/heads/*`) points to `commit` or to a descendant of it. A commit that isn't in
    /// the repository is behind no branch, unless the clone is shallow.
    ///
    /// # Errors
    /// If a branch, or a commit on the way, can't be read, or is cut off by a shallow clone ([`Error::CutOffHistory`]): such
    /// a repository gives no answer.
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
        let ancestry = Ancestry::new(self)?;
        match ancestry.is_behind(commit, tips)? {
            IsBehind::Yes => return Ok(true),
            IsBehind::Unknown(ends) if !ancestry.is_after_all(commit, &ends)? => {
                return Err(self.cut_off(ends[0]));
            }
            IsBehind::No | IsBehind::Unknown(_) => {}
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

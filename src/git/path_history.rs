//! The commits that changed what lies at some paths.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use super::ancestry::shallow_boundary;
use super::error::{Error, Result};
use super::history::HistoryEndCause;
use super::object_id::ObjectId;
use super::reader::{Links, Reader};
use super::tree_entries::EntryKind;

/// What a history is about.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    /// The folder that they are in; the empty path is the whole tree.
    pub(crate) folder: String,
    /// Paths below the folder; the empty one is all of it.
    pub(crate) paths: Vec<String>,
    /// How many of them, from the first on, say which way of a merge is followed. The others count too, but less.
    pub(crate) own: usize,
    /// Of merges, only the first parent.
    pub(crate) first_parent: bool,
    /// Commits made before this time, in seconds since 1970, aren't looked at, nor what lies behind them.
    pub(crate) since: Option<i64>,
}

/// What lies at the watched paths in a commit.
#[derive(Debug, Clone)]
pub(crate) struct PathState {
    /// The folder's tree; `None` where there is no such folder.
    pub(crate) folder: Option<ObjectId>,
    /// What lies at each of the paths.
    pub(crate) entries: Box<[Option<(ObjectId, EntryKind)>]>,
}

/// A walk over the commits behind some, newest first, that stops at those which changed what lies at the watched paths.
///
/// A merge is no change where one of its parents has the same, and only the first such parent's history is followed then, as
/// `git log -- path` does, unless one before it has the same at the watched paths' own part: the caller decides then. Where it
/// differs from all of them, the caller [follows](PathHistory::follow) those that it wants.
/// Other commits are opened no further than to their tree, and no tree is opened that is the same as the child's.
///
/// `T` is what the caller wants to know again at the next change on the way. Where ways meet, it gets all of them.
pub(crate) struct PathHistory<T> {
    reader: Reader,
    watched: Watched,
    shallow: HashSet<ObjectId>,
    /// By time, the newest first, then in the order in which they were found. Nothing is concluded from times.
    queue: BinaryHeap<(i64, Reverse<u64>, ObjectId)>,
    pending: HashMap<ObjectId, Pending<T>>,
    found: u64,
}

struct Pending<T> {
    links: Links,
    state: Arc<PathState>,
    cargo: Vec<T>,
}

/// A commit at which a walk stops.
pub(crate) struct Stop<T> {
    pub(crate) commit: ObjectId,
    pub(crate) tree: ObjectId,
    /// The committer's time, in seconds since 1970.
    pub(crate) time: i64,
    pub(crate) state: Arc<PathState>,
    pub(crate) cargo: Vec<T>,
    pub(crate) before: Before,
}

/// What lies before a commit.
pub(crate) enum Before {
    /// These, of which one alone, or the first of several, has something else at the paths; none for a first commit.
    Parents(Vec<PathParent>),
    /// What can't be looked at, so that it isn't known whether the commit changed anything.
    Unknown(HistoryEndCause),
}

/// What the parents of a commit have at the paths.
enum Looked {
    /// One has the same.
    Same(PathParent),
    Other(Vec<PathParent>),
}

/// A parent of a commit at which a walk stops.
#[derive(Clone)]
pub(crate) struct PathParent {
    pub(crate) commit: ObjectId,
    pub(crate) state: Arc<PathState>,
    links: Links,
}

impl PathParent {
    pub(crate) fn tree(&self) -> ObjectId {
        self.links.tree
    }
}

impl<T> PathHistory<T> {
    /// A walk that begins at a commit.
    ///
    /// # Errors
    /// Where the commit or the boundary of a shallow clone can't be read.
    pub(crate) fn new(
        reader: Reader,
        watched: Watched,
        commit: ObjectId,
        cargo: T,
    ) -> Result<PathHistory<T>> {
        let shallow = shallow_boundary(&reader)?;
        let mut history = PathHistory {
            shallow,
            reader,
            watched,
            queue: BinaryHeap::new(),
            pending: HashMap::new(),
            found: 0,
        };
        let parent = history.parent(commit, None)?;
        history.follow(&parent, vec![cargo]);
        Ok(history)
    }

    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Goes on behind a parent too.
    pub(crate) fn follow(&mut self, parent: &PathParent, cargo: Vec<T>) {
        self.push(
            parent.commit,
            parent.links.clone(),
            parent.state.clone(),
            cargo,
        );
    }

    /// Ends the walk.
    pub(crate) fn end(&mut self) {
        self.queue.clear();
        self.pending.clear();
    }

    fn push(&mut self, commit: ObjectId, links: Links, state: Arc<PathState>, cargo: Vec<T>) {
        if self.watched.since.is_some_and(|since| links.time < since) {
            return;
        }
        if let Some(known) = self.pending.get_mut(&commit) {
            known.cargo.extend(cargo);
            return;
        }
        self.found += 1;
        self.queue.push((links.time, Reverse(self.found), commit));
        let pending = Pending {
            links,
            state,
            cargo,
        };
        self.pending.insert(commit, pending);
    }

    /// The next commit that changed what lies at the paths; `None` at the end.
    ///
    /// # Errors
    /// Where a commit or a tree can't be read. The walk ends then.
    pub(crate) fn next_stop(&mut self) -> Result<Option<Stop<T>>> {
        let next = self.try_next();
        if next.is_err() {
            self.end();
        }
        next
    }

    fn try_next(&mut self) -> Result<Option<Stop<T>>> {
        while let Some((_, _, commit)) = self.queue.pop() {
            let Some(at) = self.pending.remove(&commit) else {
                continue;
            };
            let before = match self.look_before(commit, &at) {
                Ok(Looked::Same(parent)) => {
                    self.push(parent.commit, parent.links, parent.state, at.cargo);
                    continue;
                }
                Ok(Looked::Other(parents))
                    if parents.is_empty() && at.state.entries.iter().all(Option::is_none) =>
                {
                    continue;
                }
                Ok(Looked::Other(parents)) => Before::Parents(parents),
                Err(Error::CutOffHistory { .. }) => Before::Unknown(HistoryEndCause::Shallow),
                Err(Error::LeftOutOfPartialClone { .. }) => {
                    Before::Unknown(HistoryEndCause::PartialClone)
                }
                Err(error) => return Err(error),
            };
            return Ok(Some(Stop {
                commit,
                tree: at.links.tree,
                time: at.links.time,
                state: at.state,
                cargo: at.cargo,
                before,
            }));
        }
        Ok(None)
    }

    fn look_before(&self, commit: ObjectId, at: &Pending<T>) -> Result<Looked> {
        let mut parents = &at.links.parents[..];
        if !parents.is_empty() && self.shallow.contains(&commit) {
            return Err(self.reader.cut_off(commit));
        }
        if self.watched.first_parent {
            parents = &parents[..parents.len().min(1)];
        }
        let own = self.watched.own;
        let mut others = Vec::with_capacity(parents.len());
        let mut has_own = false;
        for parent in parents {
            let parent = self.parent(*parent, Some(at))?;
            let (theirs, here) = (&parent.state.entries, &at.state.entries);
            if !has_own && theirs == here {
                return Ok(Looked::Same(parent));
            }
            has_own |= theirs[..own] == here[..own];
            others.push(parent);
        }
        Ok(Looked::Other(others))
    }

    /// What a commit holds, whose child is known.
    fn parent(&self, commit: ObjectId, child: Option<&Pending<T>>) -> Result<PathParent> {
        let links = self.reader.links(commit, self.shallow.is_empty())?;
        let state = match child {
            Some(child) if child.links.tree == links.tree => child.state.clone(),
            _ => self.state(links.tree, child.map(|child| &child.state))?,
        };
        Ok(PathParent {
            commit,
            state,
            links,
        })
    }

    /// What lies at the paths in a tree.
    fn state(&self, tree: ObjectId, child: Option<&Arc<PathState>>) -> Result<Arc<PathState>> {
        let Watched { folder, paths, .. } = &self.watched;
        let folder = self.reader.entry(tree, folder)?;
        let folder = folder.filter(|entry| entry.kind == EntryKind::Tree);
        let folder = folder.map(|entry| entry.id);
        if let Some(child) = child
            && child.folder == folder
        {
            return Ok(child.clone());
        }
        let entries = paths.iter().map(|path| {
            let Some(folder) = folder else {
                return Ok(None);
            };
            let entry = self.reader.entry(folder, path)?;
            Ok(entry.map(|entry| (entry.id, entry.kind)))
        });
        Ok(Arc::new(PathState {
            folder,
            entries: entries.collect::<Result<_>>()?,
        }))
    }
}

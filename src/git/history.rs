//! The commits that changed a path.

use std::collections::{BinaryHeap, HashSet};

use super::ancestry::Ancestry;
use super::error::Result;
use super::object_id::ObjectId;
use super::reader::Reader;
use super::tree::EntryKind;

/// The commits that changed a path, newest first; made by [`Reader::history`]. Ends after an error.
pub(crate) struct History<'r> {
    reader: &'r Reader,
    ancestry: Ancestry<'r>,
    path: String,
    seen: HashSet<ObjectId>,
    queue: BinaryHeap<(i64, ObjectId)>,
}

impl Reader {
    /// The commits behind `commit`, itself included, that changed what is at `path` (a file or a folder), newest first.
    ///
    /// As in `git log -- path`, a merge is left out where one of its parents has the same content, and only that
    /// parent's history is followed then.
    ///
    /// # Errors
    /// If `commit` can't be read.
    pub(crate) fn history(&self, commit: ObjectId, path: &str) -> Result<History<'_>> {
        let mut history = History {
            reader: self,
            ancestry: Ancestry::new(self)?,
            path: path.to_owned(),
            seen: HashSet::new(),
            queue: BinaryHeap::new(),
        };
        history.enqueue(commit)?;
        Ok(history)
    }
}

impl Reader {
    /// A commit and those on the way that its branch itself went: its first parent, that one's first parent, and so on.
    ///
    /// # Errors
    /// If the repository's shallow boundary can't be read. Each item may be an error too, after which it ends.
    pub(crate) fn first_parents(
        &self,
        commit: ObjectId,
    ) -> Result<impl Iterator<Item = Result<ObjectId>>> {
        let ancestry = Ancestry::new(self)?;
        let mut next = Some(commit);
        Ok(std::iter::from_fn(move || {
            let commit = next.take()?;
            match ancestry.parents_and_time(commit) {
                Ok((parents, _)) => next = parents.into_iter().next(),
                Err(error) => return Some(Err(error)),
            }
            Some(Ok(commit))
        }))
    }
}

impl History<'_> {
    fn enqueue(&mut self, commit: ObjectId) -> Result<()> {
        if self.seen.insert(commit) {
            let (_, time) = self.ancestry.parents_and_time(commit)?;
            self.queue.push((time, commit));
        }
        Ok(())
    }

    fn content(&self, commit: ObjectId) -> Result<Option<(ObjectId, EntryKind)>> {
        let tree = self.reader.tree_of(commit)?;
        let entry = self.reader.entry(tree, &self.path)?;
        Ok(entry.map(|entry| (entry.id, entry.kind)))
    }

    fn advance(&mut self) -> Result<Option<ObjectId>> {
        while let Some((_, commit)) = self.queue.pop() {
            let (parents, _) = self.ancestry.parents_and_time(commit)?;
            let content = self.content(commit)?;
            let mut same = None;
            for parent in &parents {
                if self.content(*parent)? == content {
                    same = Some(*parent);
                    break;
                }
            }
            if let Some(parent) = same {
                self.enqueue(parent)?;
                continue;
            }
            let is_root = parents.is_empty();
            for parent in parents {
                self.enqueue(parent)?;
            }
            if !is_root || content.is_some() {
                return Ok(Some(commit));
            }
        }
        Ok(None)
    }
}

impl Iterator for History<'_> {
    type Item = Result<ObjectId>;

    fn next(&mut self) -> Option<Result<ObjectId>> {
        let result = self.advance().transpose();
        if matches!(result, Some(Err(_))) {
            self.queue.clear();
        }
        result
    }
}

//! Reading trees.

use std::collections::HashSet;

use super::error::{Error, Result};
use super::object_id::ObjectId;
use super::path::GitPath;
use super::reader::Reader;
use super::tree_entries::{EntryKind, RawEntry, entries_of, raw_entries_of, with_kind};

/// One entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its name; from [`Reader::walk`] its path from the tree asked for.
    pub(crate) path: GitPath,
    /// The object: a tree, a blob, or a submodule's commit, which is in another repository.
    pub(crate) id: ObjectId,
    /// What it is.
    pub(crate) kind: EntryKind,
}

/// How to go on after an entry of [`Reader::walk`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visit {
    /// With what is inside it, if it is a folder, then with the next.
    Continue,
    /// With the next, leaving out what is inside it.
    SkipTree,
}

/// What a walk refuses to exceed, against trees made to exhaust their reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WalkLimits {
    /// Levels of folders, the tree asked for being the first.
    pub(crate) levels: usize,
    /// Entries, folders included.
    pub(crate) entries: usize,
}

impl Default for WalkLimits {
    fn default() -> WalkLimits {
        WalkLimits {
            levels: 128,
            entries: 1_000_000,
        }
    }
}

impl Reader {
    /// The entry at a `/`-separated path from `tree`; `None` if there is none. The empty path is the tree itself.
    ///
    /// Names are compared byte by byte: case counts.
    ///
    /// # Errors
    /// [`Error::InvalidPath`] for a path with an empty part, and those of reading the trees on the way.
    pub(crate) fn entry(&self, tree: ObjectId, path: &str) -> Result<Option<Entry>> {
        let mut found = Entry {
            path: GitPath::from(path),
            id: tree,
            kind: EntryKind::Tree,
        };
        if path.is_empty() {
            return Ok(Some(found));
        }
        for part in path.split('/') {
            if part.is_empty() {
                return Err(Error::InvalidPath {
                    path: path.to_owned(),
                    reason: "it has an empty part",
                });
            }
            if found.kind != EntryKind::Tree {
                return Ok(None);
            }
            let entry = self.entry_named(found.id, part.as_bytes())?;
            match entry {
                Some((id, kind)) => (found.id, found.kind) = (id, kind),
                None => return Ok(None),
            }
        }
        found.path = GitPath::from(path.rsplit('/').next().unwrap_or(path));
        Ok(Some(found))
    }

    fn entry_named(&self, tree: ObjectId, name: &[u8]) -> Result<Option<(ObjectId, EntryKind)>> {
        if let Some(known) = self.indexes().find(tree, name) {
            return Ok(known);
        }
        self.with_tree(tree, |data| {
            self.indexes().offer(tree, data);
            find_entry(data, name)
        })
    }

    /// The folder at a path, as [`entry`](Reader::entry) finds it; `None` if something else is there, or nothing.
    ///
    /// # Errors
    /// As for [`entry`](Reader::entry).
    pub(crate) fn folder(&self, tree: ObjectId, path: &str) -> Result<Option<ObjectId>> {
        let entry = self.entry(tree, path)?;
        let folder = entry.filter(|entry| entry.kind == EntryKind::Tree);
        Ok(folder.map(|entry| entry.id))
    }

    /// The entries of one tree, in Git's order.
    ///
    /// # Errors
    /// [`Error::ObjectNotFound`], [`Error::WrongKind`], [`Error::Corrupt`].
    pub(crate) fn list(&self, tree: ObjectId) -> Result<Vec<Entry>> {
        self.with_tree(tree, |data| {
            let mut entries = Vec::new();
            for entry in entries_of(data) {
                let (name, id, kind) = entry?;
                let path = GitPath::new(name);
                entries.push(Entry { path, id, kind });
            }
            Ok(entries)
        })
    }

    /// Calls `visit` with everything below `tree`, folders before what is in them, each with its path from `tree`.
    ///
    /// # Errors
    /// [`Error::TreeTooLarge`] beyond `limits`, those of `visit`, and those of [`list`](Reader::list).
    pub(crate) fn walk<E: From<Error>>(
        &self,
        tree: ObjectId,
        limits: WalkLimits,
        mut visit: impl FnMut(&Entry) -> Result<Visit, E>,
    ) -> Result<(), E> {
        let mut walk = Walk {
            reader: self,
            tree,
            limits,
            entries: 0,
            folders_only: false,
        };
        walk.below(tree, &GitPath::new([]), 1, &mut visit)
    }

    /// Calls `visit` with every folder below `tree`, each before those in it, with its path from `tree`.
    ///
    /// # Errors
    /// As for [`walk`](Reader::walk); files count towards the limits.
    pub(crate) fn walk_folders<E: From<Error>>(
        &self,
        tree: ObjectId,
        limits: WalkLimits,
        mut visit: impl FnMut(&Entry) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut walk = Walk {
            reader: self,
            tree,
            limits,
            entries: 0,
            folders_only: true,
        };
        let mut visit = |entry: &Entry| visit(entry).map(|()| Visit::Continue);
        walk.below(tree, &GitPath::new([]), 1, &mut visit)
    }

    /// The entries of a tree that another one doesn't have just so, in their order.
    ///
    /// # Errors
    /// Those of [`list`](Reader::list).
    pub(super) fn changed_entries(
        &self,
        tree: ObjectId,
        other: Option<ObjectId>,
    ) -> Result<Vec<Entry>> {
        let other = match other {
            Some(other) => self.with_tree(other, |data| Ok(data.to_vec()))?,
            None => Vec::new(),
        };
        self.with_tree(tree, |ours| changed_entries(ours, &other))
    }
}

/// Most entries of two versions of a folder are the same: those at the beginning and at the end aren't looked at closely.
fn changed_entries(ours: &[u8], theirs: &[u8]) -> Result<Vec<Entry>, String> {
    let ours: Vec<RawEntry<'_>> = raw_entries_of(ours).collect::<Result<_, _>>()?;
    let theirs: Vec<RawEntry<'_>> = raw_entries_of(theirs).collect::<Result<_, _>>()?;
    let same = |(one, other): &(&RawEntry<'_>, &RawEntry<'_>)| one == other;
    let first = ours.iter().zip(&theirs).take_while(same).count();
    let (ours, theirs) = (&ours[first..], &theirs[first..]);
    let last = ours.iter().rev().zip(theirs.iter().rev());
    let last = last.take_while(same).count();
    let (ours, theirs) = (&ours[..ours.len() - last], &theirs[..theirs.len() - last]);
    let theirs: HashSet<&RawEntry<'_>> = theirs.iter().collect();
    let changed = ours.iter().filter(|entry| !theirs.contains(entry));
    let entries = changed.map(|entry| {
        let (name, id, kind) = with_kind(*entry)?;
        let path = GitPath::new(name);
        Ok(Entry { path, id, kind })
    });
    entries.collect()
}

struct Walk<'a> {
    reader: &'a Reader,
    tree: ObjectId,
    limits: WalkLimits,
    entries: usize,
    folders_only: bool,
}

impl Walk<'_> {
    fn below<E: From<Error>>(
        &mut self,
        tree: ObjectId,
        prefix: &GitPath,
        level: usize,
        visit: &mut impl FnMut(&Entry) -> Result<Visit, E>,
    ) -> Result<(), E> {
        if level > self.limits.levels {
            return Err(self.too_large("levels", self.limits.levels, prefix).into());
        }
        for entry in self.list(tree, prefix)? {
            if visit(&entry)? == Visit::Continue && entry.kind == EntryKind::Tree {
                self.below(entry.id, &entry.path, level + 1, visit)?;
            }
        }
        Ok(())
    }

    /// The entries of a folder that are visited, with their paths from the top.
    fn list(&mut self, tree: ObjectId, prefix: &GitPath) -> Result<Vec<Entry>> {
        let (mut listed, mut first_beyond) = (Vec::new(), None);
        self.reader.with_tree(tree, |data| {
            for entry in entries_of(data) {
                let (name, id, kind) = entry?;
                self.entries += 1;
                if self.entries > self.limits.entries {
                    first_beyond = Some(prefix.join(name));
                    break;
                }
                if kind == EntryKind::Tree || !self.folders_only {
                    let path = prefix.join(name);
                    listed.push(Entry { path, id, kind });
                }
            }
            Ok(())
        })?;
        match first_beyond {
            Some(path) => Err(self.too_large("entries", self.limits.entries, &path)),
            None => Ok(listed),
        }
    }

    fn too_large(&self, what: &'static str, limit: usize, path: &GitPath) -> Error {
        Error::TreeTooLarge {
            id: self.tree,
            what,
            limit,
            path: path.to_string(),
        }
    }
}

fn find_entry(data: &[u8], wanted: &[u8]) -> Result<Option<(ObjectId, EntryKind)>, String> {
    for entry in entries_of(data) {
        let (name, id, kind) = entry?;
        if name == wanted {
            return Ok(Some((id, kind)));
        }
    }
    Ok(None)
}

//! In which files two trees differ.

use std::collections::BTreeMap;

use super::error::{Error, Result};
use super::object_id::ObjectId;
use super::path::GitPath;
use super::reader::Reader;
use super::tree::{Entry, WalkLimits};
use super::tree_entries::{EntryKind, Target};

/// A file in which two trees differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileDifference {
    /// Its path from the top of the trees.
    pub(crate) path: GitPath,
    /// In the first tree.
    pub(crate) from: Target,
    /// In the second.
    pub(crate) to: Target,
}

impl Reader {
    /// The files, links and submodules in which two trees differ (none: the empty tree), each by its path and without looking for
    /// renames. Folders that are the same in both aren't opened.
    ///
    /// # Errors
    /// [`Error::TreeTooLarge`] where folders lie too deep, and those of [`list`](Reader::list).
    pub(crate) fn differences(
        &self,
        from: Option<ObjectId>,
        to: Option<ObjectId>,
    ) -> Result<Vec<FileDifference>> {
        let mut found = Vec::new();
        self.differ_below(from, to, &GitPath::new([]), 1, &mut found)?;
        Ok(found)
    }

    fn differ_below(
        &self,
        from: Option<ObjectId>,
        to: Option<ObjectId>,
        folder: &GitPath,
        level: usize,
        found: &mut Vec<FileDifference>,
    ) -> Result<()> {
        let (Some(tree), false) = (from.or(to), from == to) else {
            return Ok(());
        };
        let limit = WalkLimits::default().levels;
        if level > limit {
            return Err(Error::TreeTooLarge {
                id: tree,
                what: "levels",
                limit,
                path: folder.to_string(),
            });
        }
        let list = |tree: Option<ObjectId>| tree.map_or(Ok(Vec::new()), |tree| self.list(tree));
        let mut names: BTreeMap<GitPath, [Target; 2]> = BTreeMap::new();
        for (at, entries) in [list(from)?, list(to)?].into_iter().enumerate() {
            for Entry { path, id, kind } in entries {
                names.entry(path).or_default()[at] = Some((id, kind));
            }
        }
        for (name, [from, to]) in names {
            if from == to {
                continue;
            }
            let path = folder.join(&name);
            self.differ_below(folder_in(from), folder_in(to), &path, level + 1, found)?;
            let (from, to) = (file_in(from), file_in(to));
            if from != to {
                found.push(FileDifference { path, from, to });
            }
        }
        Ok(())
    }
}

fn folder_in(target: Target) -> Option<ObjectId> {
    let (id, _) = target.filter(|(_, kind)| *kind == EntryKind::Tree)?;
    Some(id)
}

fn file_in(target: Target) -> Target {
    target.filter(|(_, kind)| *kind != EntryKind::Tree)
}

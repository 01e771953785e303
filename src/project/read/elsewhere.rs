//! Projects that lie outside of the base path: whoever moved one, or never had it there, is told where it is.

use std::collections::HashMap;

use super::cache::BasePaths;
use super::layout::is_project;
use crate::engine::join;
use crate::git::{EntryKind, ObjectId, Reader, Result};
use crate::project::open::Project;

/// Folders further down than this aren't looked into.
const LEVELS: u32 = 8;

/// A folder has at most this many that are told.
const MOST: usize = 20;

/// The base paths of a commit's tree: every folder with a marker of the catalog, whatever it states. Only trees are read, each once
/// however often it is there, and those of other commits are remembered. What can't be read is passed over: nobody asked for it.
pub(crate) fn projects_anywhere(project: &Project, reader: &Reader, tree: ObjectId) -> BasePaths {
    let mut search = Search {
        project,
        reader,
        seen: HashMap::new(),
        is_whole: true,
    };
    search.below(tree, 0).unwrap_or_default()
}

struct Search<'s> {
    project: &'s Project,
    reader: &'s Reader,
    /// By the tree, and by how far down it is: one may hold the same one many times.
    seen: HashMap<(ObjectId, u32), BasePaths>,
    /// Whether all could be read so far: what is missing now may be fetched later.
    is_whole: bool,
}

impl Search<'_> {
    fn below(&mut self, tree: ObjectId, level: u32) -> Result<BasePaths> {
        if let Some(known) = self.seen.get(&(tree, level)) {
            return Ok(known.clone());
        }
        let catalog = self.project.catalog();
        let remembered = &self.project.cache().base_paths;
        let key = (catalog.digest(), tree, level);
        if let Some(known) = remembered.get(&key) {
            return Ok(known);
        }
        let mut found = Vec::new();
        if is_project(self.reader, catalog, tree)? {
            found.push(String::new());
        }
        for entry in self.reader.list(tree)? {
            let (EntryKind::Tree, Some(name)) = (entry.kind, entry.path.as_str()) else {
                continue;
            };
            let room = MOST - found.len();
            if level == LEVELS || room == 0 {
                break;
            }
            match self.below(entry.id, level + 1) {
                Ok(below) => found.extend(below.iter().take(room).map(|path| match &**path {
                    "" => name.to_owned(),
                    path => join(name, path),
                })),
                Err(_) => self.is_whole = false,
            }
        }
        let found: BasePaths = found.into();
        self.seen.insert((tree, level), found.clone());
        if self.is_whole {
            remembered.insert(key, found.clone());
        }
        Ok(found)
    }
}
